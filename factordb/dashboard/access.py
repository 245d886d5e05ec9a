"""Who is at the desk: modes of access, and the person of the library that a login belongs to.

A login says who somebody is, never what they may do: roles stand in the library, and every verb reads them anew.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from factordb.errors import FileProblemError, NotFoundError, NotPermittedError, UsageError
from factordb.library import Library
from factordb.store import logins
from factordb.store import records as record_store

__all__ = ["IDLE_MINUTES", "Auth", "bind_login", "login_names", "logins_of", "oidc_host", "person_at", "persons"]

IDLE_MINUTES: Final = 30
"""After so long without a click the desk is left, and whoever comes back says again who they are. ux.md 1.5."""
ADMINISTRATOR: Final = "administrator"
NEEDED: Final = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")


class Auth(StrEnum):
    """How a person at the dashboard is known."""

    READ = "read"
    """Nobody is known; nothing can be written. The default."""
    DEV = "dev"
    """Declared development mode: whoever sits at this machine says who they are."""
    OIDC = "oidc"
    """A login at an OpenID Connect provider."""


def persons(library: Library) -> list[dict[str, Any]]:
    """Return the people of the library who have a role: id, name, organisation, roles, kinds."""
    return [one for one in library.people() if one["roles"]]


def login_names(claims: Mapping[str, Any]) -> list[str]:
    """Return the names by which a login may be bound: issuer and subject, and the e-mail where it is verified."""
    found = []
    if claims.get("iss") and claims.get("sub"):
        found.append(f"{claims['iss']}#{claims['sub']}")
    if claims.get("email") and claims.get("email_verified") is True:
        found.append(str(claims["email"]).strip().lower())
    return found


def person_at(library: Library, claims: Mapping[str, Any]) -> str:
    """Return the person whom the claims of a login belong to; empty: nobody of this library."""
    with record_store.session(library.records) as opened:
        for name in login_names(claims):
            person = logins.person_of(opened, name)
            if person:
                return person
    return ""


def bind_login(library: Library, person_id: str, login: str, *, actor: str) -> None:
    """Record that a login, an e-mail or `issuer#subject`, belongs to a person.

    Raises:
        NotFoundError: the library knows no such person.
        NotPermittedError: the actor is no administrator.
        UsageError: the login is empty.
    """
    known = {one["person_id"]: one for one in persons(library)}
    if person_id not in known:
        raise NotFoundError("person", person_id, known=", ".join(known) or "—")
    if ADMINISTRATOR not in known.get(actor, {"roles": []})["roles"]:
        raise NotPermittedError(
            problem="only an administrator says which login belongs to whom",
            remedy="ask an administrator of the library",
            problem_zh="仅管理员可登记登录账号与人员的对应关系",
            remedy_zh="请联系本库管理员办理",
        )
    name = login.strip() if "#" in login else login.strip().lower()
    if not name:
        raise UsageError(
            problem="the login is empty",
            remedy="give an e-mail, or issuer#subject",
            problem_zh="登录账号为空",
            remedy_zh="请填写电子邮箱，或“签发方#主体标识”",
        )
    with record_store.session(library.records) as opened:
        logins.bind(opened, name, person_id, actor=actor)


def logins_of(library: Library) -> dict[str, list[str]]:
    """Return person -> the logins that are bound to them."""
    with record_store.session(library.records) as opened:
        known = logins.bound(opened)
    found: dict[str, list[str]] = {}
    for login, person in sorted(known.items()):
        found.setdefault(person, []).append(login)
    return found


def oidc_host(secrets: Path) -> str:
    """Return the host by which the dashboard is reached, as the provider's settings name it.

    Raises:
        FileProblemError: the file is missing, unreadable, or lacks a setting.
    """
    try:
        auth = tomllib.loads(secrets.read_text(encoding="utf-8")).get("auth", {})
    except (OSError, ValueError) as error:
        raise FileProblemError(
            secrets,
            problem="cannot be read as settings of a login",
            remedy="write a TOML file with a table [auth], as docs/login.en.md shows",
            problem_zh="无法作为登录设置读取",
            remedy_zh="请按 docs/login.md 编写含 [auth] 表的 TOML 文件",
        ) from error
    missing = [name for name in NEEDED if not auth.get(name)]
    if missing:
        raise FileProblemError(
            secrets,
            problem=f"lacks {', '.join(missing)} in its table [auth]",
            remedy="add what is missing; the provider's administrator knows the values",
            problem_zh=f"的 [auth] 表缺少 {'、'.join(missing)}",
            remedy_zh="请补齐缺少的设置，其值由身份提供方的管理员给出",
        )
    return str(auth["redirect_uri"]).partition("://")[2].partition("/")[0].rpartition("@")[2]

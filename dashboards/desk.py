"""Who is at the desk in this session. A page only says who acts; the library says what they may."""

import os
import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import asking
from dashboards.safe import escaped, seen
from dashboards.words import language, t
from factordb.dashboard import IDLE_MINUTES, Auth, person_at, persons, route_words


def mode() -> Auth:
    """Return how people are known on this server."""
    asked = os.environ.get("FACTORDB_AUTH", Auth.READ)
    return Auth(asked) if asked in tuple(Auth) else Auth.READ


def me() -> dict[str, Any] | None:
    """Return the person at the desk with their roles, or None where nobody of the library is known to be there."""
    name = str(st.session_state.get("desk.person", ""))
    return next((one for one in persons(asking.library()) if one["person_id"] == name), None) if name else None


def acting() -> str:
    """Return the id of the person at the desk; empty: nobody."""
    one = me()
    return str(one["person_id"]) if one else ""


def settle() -> None:
    """Settle who is at the desk for this run; after half an hour without a click it is nobody."""
    now = time.monotonic()
    idle = now - st.session_state.get("desk.last", now) > IDLE_MINUTES * 60
    st.session_state["desk.last"] = now
    if idle:
        st.session_state.pop("desk.person", None)
        st.session_state.pop("desk.choice", None)
        st.toast(t("desk.idle", minutes=IDLE_MINUTES))
        if mode() is Auth.OIDC and _claims():
            st.logout()
    if mode() is Auth.OIDC:
        st.session_state["desk.person"] = person_at(asking.library(), _claims()) if _claims() else ""


def _claims() -> Mapping[str, Any]:
    """Return what the provider says of who logged in; empty before a login."""
    known = st.user.to_dict()
    return known if known.get("is_logged_in") else {}


def sit(person_id: str) -> None:
    """Let a person who was just added be the one at the desk, in development mode."""
    if mode() is Auth.DEV:
        st.session_state["desk.person"] = st.session_state["desk.next"] = person_id


def banner() -> None:
    """Draw the mode, and who is at the desk."""
    {Auth.READ: _reading, Auth.DEV: _developing, Auth.OIDC: _logged_in}[mode()]()


def _reading() -> None:
    st.markdown(f":material/visibility: **{t('desk.read')}** :gray[{t('desk.read_means')}]", width="content")


def _developing() -> None:
    st.markdown(f":material/construction: **{t('desk.dev')}** :gray[{t('desk.dev_means')}]", width="content")
    known = {one["person_id"]: one for one in persons(asking.library())}
    if not known:
        st.page_link("views/people.py", label=t("desk.nobody"), icon=":material/group_add:")
        return
    following = st.session_state.pop("desk.next", None)
    if following in known:
        st.session_state["desk.choice"] = following
    st.session_state["desk.person"] = st.selectbox(
        t("desk.choose"),
        ["", *known],
        key="desk.choice",
        format_func={"": t("desk.onlooker"), **{name: described(one) for name, one in known.items()}}.__getitem__,
        label_visibility="collapsed",
        width=300,
    )


def _logged_in() -> None:
    claims, one = _claims(), me()
    if not claims:
        st.button(t("desk.login"), icon=":material/login:", on_click=st.login, type="primary")
        return
    told = described(one) if one else t("desk.stranger", login=seen(claims.get("email") or claims.get("sub")))
    st.markdown(f":material/person: {escaped(told)}", width="content")
    st.button(t("desk.logout"), icon=":material/logout:", on_click=st.logout)


def described(one: Mapping[str, Any]) -> str:
    """Return a person in one line: name, roles, organisation."""
    words = route_words("roles")
    roles = t("desk.and").join(words.get(role, {}).get(language(), role) for role in one["roles"])
    return seen(f"{one['name'] or one['person_id']} · {roles} · {one['organisation']}")


def may(*roles: str) -> bool:
    """Whether the person at the desk holds one of the roles: what is worth showing, never what is allowed."""
    one = me()
    return bool(one and set(roles) & set(one["roles"]))

"""Who may use the API, and what its writes were: one SQLite file beside a library or a release. Rows are only inserted.

Secrets and keys are made by the machine from 256 random bits, so that a salted hash holds them as safely as a slow one
would, and a login costs nobody any time. A token is a signed statement (client, rights, end); what counts are the
client's rights in the newest row here, so that a client that was revoked is out at once.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from factordb.errors import BusyError, FileProblemError, NotFoundError, UsageError

SCOPES: Final = ("footprint:list", "footprint:read", "event:read", "event:write", "submission:read", "submission:write")
"""Every right there is; the first two are PACT's own."""
DEFAULT_SCOPES: Final = ("footprint:list", "footprint:read")
LIFE: Final = 3600
"""Seconds a token is good for."""
_NAME: Final = re.compile(r"[\w][\w .-]{0,63}")
_BYTES: Final = 32
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS signing (key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS client (n INTEGER PRIMARY KEY, client_id TEXT NOT NULL, name TEXT NOT NULL,
  salt BLOB NOT NULL, secret_hash BLOB NOT NULL, scopes TEXT NOT NULL, state TEXT NOT NULL, changed_on TEXT NOT NULL,
  changed_by TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS client_id ON client (client_id);
CREATE TABLE IF NOT EXISTS event (n INTEGER PRIMARY KEY, client_id TEXT NOT NULL, source TEXT NOT NULL,
  id TEXT NOT NULL, type TEXT NOT NULL, event TEXT NOT NULL, answer TEXT, received_on TEXT NOT NULL,
  UNIQUE (client_id, source, id));
CREATE TABLE IF NOT EXISTS done (client_id TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL,
  status INTEGER NOT NULL, body BLOB NOT NULL, done_on TEXT NOT NULL, PRIMARY KEY (client_id, key));
"""


@dataclass(frozen=True)
class ApiClient:
    """A program that may use the API.

    Attributes:
        client_id: its name at the token endpoint.
        name: who it belongs to.
        scopes: its rights; empty where it was revoked.
    """

    client_id: str
    name: str
    scopes: frozenset[str]


class TokenError(Exception):
    """A token that is not accepted: `expired`, or `bad`."""


class ApiAccess:
    """The file of clients and writes."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the file; with `create`, make it where it is not there, readable by its owner only."""
        self.path = path
        self._own = threading.local()
        if create and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            with self._writing() as opened:
                opened.executescript(_TABLES)
                opened.execute("INSERT INTO signing SELECT ? WHERE NOT EXISTS (SELECT 1 FROM signing)",
                               (secrets.token_bytes(_BYTES),))  # fmt: skip

    # ── connections ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None:
            if not self.path.exists():
                raise NotFoundError("API client", "—", known="`factordb api client add NAME`")
            found = self._own.connection = sqlite3.connect(self.path, timeout=5, isolation_level=None)
            found.execute("PRAGMA journal_mode=WAL")
            found.execute("PRAGMA synchronous=FULL")
        return found

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection within one transaction.

        Raises:
            BusyError: somebody else writes for longer than five seconds.
            FileProblemError: the file is none of ours.
        """
        with self._in_words():
            opened = self._connection
            opened.execute("BEGIN IMMEDIATE")
            try:
                yield opened
            except BaseException:
                if opened.in_transaction:
                    opened.rollback()
                raise
            if opened.in_transaction:
                opened.commit()

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault) and "busy" not in str(fault):
                raise self._broken(fault) from fault
            raise BusyError(
                problem=f"{self.path.name} is being written",
                remedy="try again in a few seconds",
                problem_zh=f"{self.path.name} 正在写入",
                remedy_zh="请数秒后重试",
            ) from fault
        except sqlite3.DatabaseError as fault:
            raise self._broken(fault) from fault

    def _broken(self, fault: Exception) -> FileProblemError:
        return FileProblemError(
            self.path,
            problem=f"is no file of API clients ({fault})",
            remedy="name another with --access, or move it away and add the clients again",
            problem_zh=f"不是 API 客户端文件（{fault}）",
            remedy_zh="请以 --access 指定其他文件，或移走后重新添加客户端",
        )

    def _rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self._in_words():
            return self._connection.execute(query, parameters).fetchall()

    # ── clients ──────────────────────────────────────────────────────────────────────────────────────────

    def add(
        self, name: str, scopes: Iterable[str] = DEFAULT_SCOPES, *, actor: str = "operator"
    ) -> tuple[ApiClient, str]:
        """Add a client; return it and its secret, which is kept nowhere.

        Raises:
            UsageError: the name cannot be one.
            NotFoundError: a right is not known.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(
                problem=f"{name!r} is no name of a client",
                remedy="use 1 to 64 letters, digits, blanks, dots and hyphens",
                problem_zh=f"{name!r} 不能作为客户端名称",
                remedy_zh="请使用 1 至 64 个字母、数字、空格、点或连字符",
            )
        rights = sorted(set(scopes))
        for one in rights:
            if one not in SCOPES:
                raise NotFoundError("scope", one, known=", ".join(SCOPES))
        client = ApiClient(f"c-{secrets.token_hex(8)}", name, frozenset(rights))
        secret, salt = secrets.token_urlsafe(_BYTES), secrets.token_bytes(16)
        self._put(client, salt, _hashed(salt, secret), "active", actor)
        return client, secret

    def _put(self, client: ApiClient, salt: bytes, hashed: bytes, state: str, actor: str) -> None:
        cells = (client.client_id, client.name, salt, hashed, json.dumps(sorted(client.scopes)), state, _now(), actor)
        with self._writing() as opened:
            opened.execute(
                "INSERT INTO client (client_id, name, salt, secret_hash, scopes, state, changed_on, changed_by) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                cells,
            )

    def revoke(self, client_id: str, *, actor: str = "operator") -> None:
        """Take all rights from a client, its tokens included.

        Raises:
            NotFoundError: there is no such client.
        """
        found = self._newest(client_id)
        if found is None:
            raise NotFoundError(
                "API client", client_id, known=", ".join(one["client_id"] for one in self.clients()) or "—"
            )
        self._put(ApiClient(client_id, found[1], frozenset()), b"", b"", "revoked", actor)

    def clients(self) -> list[dict[str, Any]]:
        """Return every client as its newest row says, without its secret."""
        rows = self._rows(
            "SELECT client_id, name, scopes, state, changed_on, changed_by FROM client WHERE n IN "
            "(SELECT max(n) FROM client GROUP BY client_id) ORDER BY n"
        )
        names = ("client_id", "name", "scopes", "state", "changed_on", "changed_by")
        return [{**dict(zip(names, row, strict=True)), "scopes": json.loads(row[2])} for row in rows]

    def _newest(self, client_id: str) -> tuple[Any, ...] | None:
        if not self.path.exists():
            return None
        rows = self._rows(
            "SELECT client_id, name, salt, secret_hash, scopes, state FROM client WHERE client_id = ? "
            "ORDER BY n DESC LIMIT 1",
            client_id,
        )
        return rows[0] if rows else None

    def login(self, client_id: str, secret: str) -> ApiClient | None:
        """Return the client where its secret is right; None otherwise, and nobody learns which of the two was wrong."""
        found = self._newest(client_id)
        salt, kept = (found[2], found[3]) if found and found[5] == "active" else (b"", b"-" * _BYTES)
        if not hmac.compare_digest(_hashed(salt, secret), kept) or found is None:
            return None
        return ApiClient(found[0], found[1], frozenset(json.loads(found[4])))

    # ── tokens ───────────────────────────────────────────────────────────────────────────────────────────

    def token(self, client: ApiClient, scopes: Iterable[str], *, now: float, life: int = LIFE) -> str:
        """Return a token for some rights of a client, good for `life` seconds."""
        said = {"c": client.client_id, "s": sorted(scopes), "e": int(now) + life, "n": secrets.token_hex(4)}
        body = _text(json.dumps(said, separators=(",", ":")).encode())
        return f"{body}.{_text(self._signature(body))}"

    def bearer(self, token: str, *, now: float) -> ApiClient:
        """Return the client of a token with the rights that both the token and its newest row give it.

        Raises:
            TokenError: `bad`: it is none of ours or its client is out; `expired`.
        """
        body, _, signature = token.partition(".")
        try:
            good = hmac.compare_digest(_bytes(signature), self._signature(body))
            said = json.loads(_bytes(body)) if good else None
        except (ValueError, NotFoundError):
            said = None
        if said is None:
            raise TokenError("bad")
        if now >= said["e"]:
            raise TokenError("expired")
        found = self._newest(said["c"])
        if found is None or found[5] != "active":
            raise TokenError("bad")
        return ApiClient(found[0], found[1], frozenset(json.loads(found[4])) & frozenset(said["s"]))

    def _signature(self, body: str) -> bytes:
        key = self._rows("SELECT key FROM signing LIMIT 1")[0][0]
        return hmac.new(key, body.encode("utf-8", "replace"), hashlib.sha256).digest()

    # ── what was written ─────────────────────────────────────────────────────────────────────────────────

    def done(self, client_id: str, key: str) -> tuple[str, int, bytes] | None:
        """Return (hash of the request, status, body) of what a client did under an idempotency key; None: nothing."""
        rows = self._rows("SELECT request, status, body FROM done WHERE client_id = ? AND key = ?", client_id, key)
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    def keep(self, client_id: str, key: str, request: str, status: int, body: bytes) -> None:
        """Keep the answer to a write under its idempotency key; the first one stands."""
        with self._writing() as opened:
            cells = (client_id, key, request, status, body, _now())
            opened.execute("INSERT OR IGNORE INTO done VALUES (?, ?, ?, ?, ?, ?)", cells)

    def take_event(self, client_id: str, event: dict[str, Any], answer: dict[str, Any] | None) -> bool:
        """Keep an event with its answer; return False where this source has sent it before: source and id name it."""
        with self._writing() as opened:
            cells = (client_id, event["source"], event["id"], event["type"], json.dumps(event, ensure_ascii=False),
                     json.dumps(answer, ensure_ascii=False) if answer else None, _now())  # fmt: skip
            made = opened.execute(
                "INSERT OR IGNORE INTO event (client_id, source, id, type, event, answer, received_on) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                cells,
            )
            return made.rowcount == 1

    def event(self, client_id: str, event_id: str) -> dict[str, Any] | None:
        """Return an event that a client sent, with its answer; None where it sent none of that id."""
        rows = self._rows(
            "SELECT event, answer, received_on FROM event WHERE client_id = ? AND id = ? ORDER BY n DESC LIMIT 1",
            client_id, event_id,
        )  # fmt: skip
        if not rows:
            return None
        event, answer, received = rows[0]
        return {"event": json.loads(event), "answer": json.loads(answer) if answer else None, "received_on": received}


def _hashed(salt: bytes, secret: str) -> bytes:
    return hashlib.sha256(salt + secret.encode("utf-8", "replace")).digest()


def _now() -> str:
    return datetime.now(tz=UTC).replace(microsecond=0).isoformat()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)

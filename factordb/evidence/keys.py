"""Ed25519 keys: encrypted private key files, and the list of public keys that an outsider trusts.

A key's id is the first 16 hex digits of the sha256 of its 32 raw public bytes: a name to find it by, never a proof.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from factordb.errors import ConflictError, FileProblemError, UsageError
from factordb.evidence.canonical import canonical, parsed

__all__ = [
    "FORMAT",
    "KeyFact",
    "PrivateKey",
    "key_id_of",
    "key_list",
    "key_rows",
    "make_key",
    "read_key_file",
    "read_key_list",
    "read_passphrase",
    "read_public_key",
]

FORMAT = "factordb-keys/1"
RAW_BYTES = 32
_ID_DIGITS = 16
_SHORTEST_PASSPHRASE = 8
_OTHERS = 0o077


@dataclass(frozen=True)
class KeyFact:
    """A public key: whose it is, and when it holds. `revoked` None: it is still valid.

    `roles` are all that its person has held since the key was added; which they held at a moment the ledger says.
    """

    key_id: str
    public_key: bytes
    person_id: str
    organisation: str
    roles: frozenset[str]
    valid_from: datetime
    revoked: datetime | None = None
    name: str = ""

    def holds(self, moment: datetime) -> bool:
        """Return whether the key was valid at a moment."""
        return self.valid_from <= moment and (self.revoked is None or moment <= self.revoked)

    def verifies(self, signature: bytes, content: bytes) -> bool:
        """Return whether the signature over the content is by this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, content)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class PrivateKey:
    """A private key in memory; its text shows the id only."""

    key_id: str
    public_key: bytes
    _secret: Ed25519PrivateKey

    def sign(self, content: bytes) -> bytes:
        """Return the signature over the content, 64 bytes."""
        return self._secret.sign(content)

    def __repr__(self) -> str:
        return f"PrivateKey({self.key_id})"


def key_id_of(public_key: bytes) -> str:
    """Return the id of a key, 16 hex digits."""
    return hashlib.sha256(public_key).hexdigest()[:_ID_DIGITS]


def _private(secret: Ed25519PrivateKey) -> PrivateKey:
    raw = secret.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return PrivateKey(key_id_of(raw), raw, secret)


def make_key(path: Path, passphrase: str) -> PrivateKey:
    """Make a key, write it to `path` (PKCS8 PEM, encrypted, mode 0600) and its public half to `path` + ".pub".

    Raises:
        UsageError: the passphrase has fewer than 8 characters.
        ConflictError: a file stands there already; keys are never overwritten.
    """
    if len(passphrase) < _SHORTEST_PASSPHRASE:
        raise UsageError(
            problem=f"the passphrase has fewer than {_SHORTEST_PASSPHRASE} characters",
            remedy="choose a longer one",
            problem_zh=f"口令不足 {_SHORTEST_PASSPHRASE} 个字符",
            remedy_zh="请使用更长的口令",
        )
    secret = Ed25519PrivateKey.generate()
    pem = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    made = _private(secret)
    _write_new(path, pem, 0o600)
    _write_new(path.with_name(f"{path.name}.pub"), f"{made.public_key.hex()}\n".encode(), 0o644)
    return made


def _write_new(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise ConflictError(
            problem=f"{path} exists already",
            remedy="name another file; a key is never overwritten",
            problem_zh=f"{path} 已存在",
            remedy_zh="请换用其他文件名；密钥文件绝不覆盖",
        ) from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def read_key_file(path: Path, passphrase: str) -> PrivateKey:
    """Return the private key in a file.

    Raises:
        FileProblemError: the file is missing, open to others, no Ed25519 key, or the passphrase is wrong.
    """
    pem = _bytes_of(path)
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise FileProblemError(
            path,
            problem="others may read this private key",
            remedy=f"keep it to yourself: chmod 600 {path}; revoke the key if somebody may have read it",
            problem_zh="他人可读取该私钥",
            remedy_zh=f"请收紧权限：chmod 600 {path}；如可能已被他人读取，请吊销该密钥",
        )
    try:
        secret = serialization.load_pem_private_key(pem, passphrase.encode())
    except (ValueError, TypeError) as error:
        raise _no_key(path) from error
    if not isinstance(secret, Ed25519PrivateKey):
        raise _no_key(path)
    return _private(secret)


def _no_key(path: Path) -> FileProblemError:
    return FileProblemError(
        path,
        problem="this is no encrypted Ed25519 key, or the passphrase is wrong",
        remedy="check the file and the passphrase; `factordb key new` makes a key",
        problem_zh="该文件并非加密的 Ed25519 密钥，或口令有误",
        remedy_zh="请检查文件与口令；`factordb key new` 可新建密钥",
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileProblemError(
            path,
            problem=f"the file cannot be read ({error.strerror})",
            remedy="check the path and the rights",
            problem_zh=f"无法读取该文件（{error.strerror}）",
            remedy_zh="请检查路径与权限",
        ) from error


def read_passphrase(path: Path) -> str:
    """Return the passphrase that stands in a file, without the end of its line.

    Raises:
        FileProblemError: the file cannot be read or is no text.
    """
    try:
        return _bytes_of(path).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise FileProblemError(
            path,
            problem="the passphrase file is not UTF-8 text",
            remedy="write the passphrase as plain text on one line",
            problem_zh="口令文件不是 UTF-8 文本",
            remedy_zh="请将口令写成一行纯文本",
        ) from error


def read_public_key(text: str) -> bytes:
    """Return the 32 raw bytes of a public key given as hex, or as the path of a file that holds it.

    Raises:
        UsageError: it is neither.
    """
    given = text.strip()
    if len(given) != 2 * RAW_BYTES:
        given = _bytes_of(Path(given)).decode("utf-8", errors="replace").strip()
    try:
        raw = bytes.fromhex(given)
        Ed25519PublicKey.from_public_bytes(raw)  # refuses what has not 32 bytes
    except ValueError as error:
        raise UsageError(
            problem="that is no Ed25519 public key (64 hex digits)",
            remedy="give the .pub file that `factordb key new` wrote",
            problem_zh="这不是 Ed25519 公钥（64 位十六进制）",
            remedy_zh="请提供 `factordb key new` 所写的 .pub 文件",
        ) from error
    return raw


def key_list(facts: Iterable[KeyFact]) -> bytes:
    """Return `keys.json`: the public keys in the order of their ids, canonical JSON on one line."""
    return canonical({"format": FORMAT, "keys": key_rows(facts)}) + b"\n"


def key_rows(facts: Iterable[KeyFact]) -> list[dict[str, Any]]:
    """Return the public keys as plain facts, in the order of their ids."""
    return [
        {
            "key_id": one.key_id,
            "public_key": one.public_key.hex(),
            "person_id": one.person_id,
            "name": one.name,
            "organisation": one.organisation,
            "roles": sorted(one.roles),
            "valid_from": one.valid_from.isoformat(),
            "revoked": one.revoked.isoformat() if one.revoked else None,
        }
        for one in sorted(facts, key=lambda one: one.key_id)
    ]


def read_key_list(path: Path) -> dict[str, KeyFact]:
    """Return key id -> key of a `keys.json`; ids are worked out from the keys, not believed.

    Raises:
        FileProblemError: the file is no key list.
    """
    content = _bytes_of(path)
    try:
        found = _facts(parsed(content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileProblemError(
            path,
            problem=f"this is no list of public keys ({error})",
            remedy="get keys.json from the publisher: `factordb key list --export keys.json`",
            problem_zh=f"该文件不是公钥清单（{error}）",
            remedy_zh="请向发布方索取 keys.json：`factordb key list --export keys.json`",
        ) from error
    return {one.key_id: one for one in found}


def _facts(document: Mapping[str, Any]) -> list[KeyFact]:
    if document["format"] != FORMAT:
        raise ValueError(document["format"])
    found = [_fact(row) for row in document["keys"]]
    if any(row["key_id"] != one.key_id for row, one in zip(document["keys"], found, strict=True)):
        raise ValueError("an id is not that of its key")
    return found


def _fact(row: Mapping[str, Any]) -> KeyFact:
    raw = bytes.fromhex(row["public_key"])
    Ed25519PublicKey.from_public_bytes(raw)
    moments = [datetime.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "revoked")]
    begin, end = moments
    if begin is None or any(moment and moment.tzinfo is None for moment in moments):
        raise ValueError("a time without its zone")
    return KeyFact(
        key_id=key_id_of(raw),
        public_key=raw,
        person_id=str(row["person_id"]),
        organisation=str(row["organisation"]),
        roles=frozenset(row["roles"]),
        valid_from=begin,
        revoked=end,
        name=str(row.get("name", "")),
    )

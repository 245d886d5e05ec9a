"""DSSE v1 envelopes: exact bytes signed together with their type, by t of n keys of t different persons.

The content of an envelope is had from `verified` only, as the very bytes whose signatures were checked. A key id helps
a person to find the key; it never decides which key a signature is checked with.

Source: DSSE protocol v1.0.0 (PAE, envelope, verification).
"""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from factordb.errors import IntegrityError, UsageError
from factordb.evidence.canonical import canonical, parsed
from factordb.evidence.keys import KeyFact, PrivateKey

__all__ = ["Signed", "add_signature", "pae", "sealed", "signed_by", "verified"]


@dataclass(frozen=True)
class Signed:
    """What an envelope says once enough signatures hold: the bytes, and the keys that signed them."""

    payload: bytes
    payload_type: str
    keys: tuple[KeyFact, ...]
    strange: int
    """Signatures that no given key verifies, or whose id names another key than the one that signed."""
    exact: bool
    """Whether the envelope is byte for byte as this room writes it."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed: the pre-authentication encoding of type and payload."""
    named = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(named), named, len(payload), payload)


def sealed(payload_type: str, payload: bytes, signers: Collection[PrivateKey]) -> bytes:
    """Return an envelope as canonical JSON on one line, signed by every one of `signers`."""
    content = pae(payload_type, payload)
    signatures = [_signature(one, content) for one in signers]
    return _written(payload_type, payload, signatures)


def add_signature(envelope: bytes, signer: PrivateKey) -> bytes:
    """Return the envelope with one more signature over the same bytes; unchanged where the signer's stands there.

    Raises:
        IntegrityError: the envelope cannot be read.
    """
    payload_type, payload, signatures = _opened(envelope)
    mine = _signature(signer, pae(payload_type, payload))
    if any(one["sig"] == mine["sig"] for one in signatures):
        return envelope
    return _written(payload_type, payload, [*signatures, mine])


def _signature(signer: PrivateKey, content: bytes) -> dict[str, str]:
    return {"keyid": signer.key_id, "sig": base64.b64encode(signer.sign(content)).decode("ascii")}


def _written(payload_type: str, payload: bytes, signatures: list[dict[str, str]]) -> bytes:
    text = base64.b64encode(payload).decode("ascii")
    return canonical({"payload": text, "payloadType": payload_type, "signatures": signatures}) + b"\n"


def signed_by(envelope: bytes, keys: Collection[KeyFact]) -> Signed:
    """Return the keys, of the given ones, whose signatures hold; no threshold is judged.

    Raises:
        IntegrityError: the envelope cannot be read.
    """
    payload_type, payload, signatures = _opened(envelope)
    content = pae(payload_type, payload)
    found: dict[bytes, KeyFact] = {}
    strange, names = 0, []
    for one in signatures:
        raw = _decoded(one["sig"])
        holder = next((key for key in keys if key.verifies(raw, content)), None)
        if holder is None or one.get("keyid") not in (None, "", holder.key_id):
            strange += 1
        names.append(holder.key_id if holder else "")
        if holder is not None:
            strange += holder.public_key in found
            found[holder.public_key] = holder
    expected = [{"keyid": name, "sig": one["sig"]} for name, one in zip(names, signatures, strict=True)]
    exact = _written(payload_type, payload, expected) == envelope
    return Signed(payload, payload_type, tuple(found.values()), strange, exact)


def verified(envelope: bytes, keys: Collection[KeyFact], *, payload_type: str, threshold: int) -> Signed:
    """Return what the envelope says, after `threshold` different keys of as many different persons were verified.

    Raises:
        IntegrityError: too few signatures hold, the type is another, or the envelope cannot be read.
        UsageError: the threshold is below 1, or the given keys belong to fewer persons.
    """
    if threshold < 1 or len({key.person_id for key in keys}) < threshold:
        raise UsageError(
            problem=f"{threshold} signature(s) are asked for, and the keys given belong to fewer persons",
            remedy="give the full list of public keys",
            problem_zh=f"要求 {threshold} 个签名，而所给公钥所属人员不足",
            remedy_zh="请提供完整的公钥清单",
        )
    said = signed_by(envelope, keys)
    if said.payload_type != payload_type:
        raise _unreadable(said.payload_type)
    persons = {key.person_id for key in said.keys}
    if len(said.keys) < threshold or len(persons) < threshold:
        raise IntegrityError(
            problem=f"{len(persons)} of {threshold} required persons have signed with a key that is known",
            remedy="do not use this content; ask its publisher for a signed copy",
            problem_zh=f"须 {threshold} 人以已知密钥签名，实有 {len(persons)} 人",
            remedy_zh="请勿使用该内容，并向发布方索取已签名的副本",
        )
    return said


def _opened(envelope: bytes) -> tuple[str, bytes, list[dict[str, Any]]]:
    try:
        document = parsed(envelope)
        signatures = [{"sig": one["sig"], "keyid": one.get("keyid")} for one in document["signatures"]]
        payload_type, payload = document["payloadType"], _decoded(document["payload"])
        texts = [payload_type, *(one["sig"] for one in signatures)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(str(error)) from error
    if not all(isinstance(text, str) for text in texts):
        raise _unreadable("members of wrong type")
    return payload_type, payload, signatures


def _decoded(text: str) -> bytes:
    """Return the bytes of standard or URL-safe base64; empty where the text is not the one form of its bytes."""
    try:
        plain = text.translate(_URL_SAFE)
        content = base64.b64decode(plain, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return content if base64.b64encode(content).decode("ascii") == plain else b""


_URL_SAFE = str.maketrans("-_", "+/")


def _unreadable(what: str) -> IntegrityError:
    return IntegrityError(
        problem=f"this is no signed envelope of the expected kind ({what})",
        remedy="get the signature file again from the publisher",
        problem_zh=f"这不是所期望的签名信封（{what}）",
        remedy_zh="请向发布方重新索取签名文件",
    )

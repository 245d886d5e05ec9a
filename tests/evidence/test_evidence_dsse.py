"""DSSE: what is accepted, and everything that must not be."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from factordb.errors import IntegrityError, UsageError
from factordb.evidence import dsse
from factordb.evidence.keys import KeyFact, PrivateKey, _private

TYPE = "application/vnd.in-toto+json"
PAYLOAD = b'{"hello":"world"}'
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def _key(seed: int) -> PrivateKey:
    return _private(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def _fact(key: PrivateKey, person: str) -> KeyFact:
    return KeyFact(key.key_id, key.public_key, person, "org", frozenset({"curator"}), BEGIN)


ANN, BOB, EVE, ANN_TWO = _key(1), _key(2), _key(3), _key(4)
KEYS = [_fact(ANN, "ann"), _fact(BOB, "bob"), _fact(ANN_TWO, "ann")]


def _verified(envelope: bytes, threshold: int = 2, payload_type: str = TYPE) -> dsse.Signed:
    return dsse.verified(envelope, KEYS, payload_type=payload_type, threshold=threshold)


def _edited(envelope: bytes, **members: object) -> bytes:
    return json.dumps({**json.loads(envelope), **members}).encode()


def test_the_encoding_is_that_of_the_protocol() -> None:
    """DSSE v1.0.0, "PAE": the published example."""
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_two_of_two_are_accepted_and_give_the_signed_bytes() -> None:
    said = _verified(dsse.sealed(TYPE, PAYLOAD, [ANN, BOB]))
    assert said.payload == PAYLOAD
    assert {key.person_id for key in said.keys} == {"ann", "bob"}
    assert said.strange == 0


def test_a_second_person_signs_the_same_bytes() -> None:
    one = dsse.sealed(TYPE, PAYLOAD, [ANN])
    both = dsse.add_signature(one, BOB)
    assert both == dsse.sealed(TYPE, PAYLOAD, [ANN, BOB])
    assert dsse.add_signature(both, BOB) == both


@pytest.mark.parametrize(
    "signers",
    [[ANN], [ANN, ANN], [ANN, ANN_TWO], [EVE, EVE], [ANN, EVE], []],
    ids=["one", "one key twice", "one person with two keys", "strangers", "one and a stranger", "nobody"],
)
def test_too_few_persons_are_refused(signers: list[PrivateKey]) -> None:
    with pytest.raises(IntegrityError):
        _verified(dsse.sealed(TYPE, PAYLOAD, signers))


def test_a_signature_copied_under_another_name_counts_once() -> None:
    envelope = json.loads(dsse.sealed(TYPE, PAYLOAD, [ANN]))
    copied = {**envelope["signatures"][0], "keyid": BOB.key_id}
    with pytest.raises(IntegrityError):
        _verified(json.dumps({**envelope, "signatures": [*envelope["signatures"], copied]}).encode())


def test_a_changed_payload_or_type_is_refused() -> None:
    envelope = dsse.sealed(TYPE, PAYLOAD, [ANN, BOB])
    other = base64.b64encode(b'{"hello":"World"}').decode()
    for forged in (_edited(envelope, payload=other), _edited(envelope, payloadType="text/plain")):
        with pytest.raises(IntegrityError):
            _verified(forged)
    with pytest.raises(IntegrityError):
        _verified(envelope, payload_type="text/plain")
    # type and payload are told apart: moving bytes from one to the other is no way round
    with pytest.raises(IntegrityError):
        _verified(_edited(envelope, payloadType=TYPE + " 1"), payload_type=TYPE + " 1")


def test_the_key_id_never_decides() -> None:
    """A wrong or missing id changes nothing but the remark; a right id on a wrong signature is worth nothing."""
    envelope = json.loads(dsse.sealed(TYPE, PAYLOAD, [ANN, BOB]))
    bare = [{"sig": one["sig"]} for one in envelope["signatures"]]
    assert _verified(json.dumps({**envelope, "signatures": bare}).encode()).strange == 0
    swapped = [{**one, "keyid": EVE.key_id} for one in envelope["signatures"]]
    assert _verified(json.dumps({**envelope, "signatures": swapped}).encode()).strange == 2
    forged = json.loads(dsse.sealed(TYPE, PAYLOAD, [EVE, ANN]))
    forged["signatures"][0]["keyid"] = BOB.key_id
    with pytest.raises(IntegrityError):
        _verified(json.dumps(forged).encode())


@pytest.mark.parametrize("threshold", [0, -1, 3])
def test_a_threshold_that_cannot_be_judged_is_refused(threshold: int) -> None:
    """Below one nothing would be asked; above the number of persons nothing could be met."""
    with pytest.raises(UsageError):
        _verified(dsse.sealed(TYPE, PAYLOAD, [ANN, BOB]), threshold)


@pytest.mark.parametrize(
    "text",
    [b"", b"{}", b"[]", b"null", b'{"payload":1,"payloadType":"a","signatures":[]}', b"\xff",
     b'{"payload":"","payload":"","payloadType":"a","signatures":[]}',
     b'{"payload":"","payloadType":"a","signatures":[1]}',
     b'{"payload":"","payloadType":"a","signatures":[{"sig":1}]}'],
)  # fmt: skip
def test_what_is_no_envelope_is_a_sentence(text: bytes) -> None:
    with pytest.raises(IntegrityError):
        _verified(text)


def test_base64_has_one_form() -> None:
    """The unused bits of the last digit are not a place to hide a change in; the URL-safe alphabet is read."""
    envelope = json.loads(dsse.sealed(TYPE, PAYLOAD, [ANN, BOB]))
    loose = envelope["payload"][:-2] + chr(ord(envelope["payload"][-2]) + 1) + "="
    with pytest.raises(IntegrityError):
        _verified(_edited(json.dumps(envelope).encode(), payload=loose))
    for one in envelope["signatures"]:
        one["sig"] = one["sig"].replace("+", "-").replace("/", "_")
    assert _verified(json.dumps(envelope).encode()).payload == PAYLOAD

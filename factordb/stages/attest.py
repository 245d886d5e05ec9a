"""The evidence beside a release: its checkpoint, the proof that the ledger went on, the ledger itself, signatures.

What is signed is an in-toto statement about the hash of the manifest, which names every other file. The evidence reads
no clock: a checkpoint's time is that of the last event in it.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from factordb.errors import ConflictError, IntegrityError
from factordb.evidence import dsse, ledger, merkle
from factordb.evidence.anchor import write_file
from factordb.evidence.canonical import canonical, parsed
from factordb.evidence.keys import KeyFact, PrivateKey
from factordb.formats.manifest import ATTESTATION, MANIFEST
from factordb.stages.four_eyes import required_signatures
from factordb.store.ledger_rows import stored_events
from factordb.store.records import Engine

__all__ = ["CHECKPOINT", "CONSISTENCY", "ENVELOPE", "FILES", "LEDGER", "PAYLOAD_TYPE", "Live", "attest", "live", "sign",
           "statement"]  # fmt: skip

CHECKPOINT: Final = f"{ATTESTATION}/checkpoint.json"
CONSISTENCY: Final = f"{ATTESTATION}/consistency.json"
LEDGER: Final = f"{ATTESTATION}/ledger.jsonl"
ENVELOPE: Final = f"{ATTESTATION}/release.dsse.json"
FILES: Final = (CHECKPOINT, CONSISTENCY, LEDGER, ENVELOPE)

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:factordb:release:v1"


@dataclass(frozen=True)
class Live:
    """The whole ledger as the records hold it: canonical lines, parsed events, the tree."""

    lines: Sequence[bytes]
    tree: merkle.Tree

    def continues(self, size: int, root: str) -> bool:
        """Return whether the first `size` events have this root."""
        return 0 <= size <= self.tree.size and self.tree.root(size).hex() == root

    @property
    def events(self) -> list[Mapping[str, Any]]:
        """The events, oldest first."""
        return [parsed(line) for line in self.lines]

    @property
    def time(self) -> str:
        """Time of the last event, ISO 8601; empty before the first."""
        return str(parsed(self.lines[-1])["happened_on"]) if self.lines else ""


def live(records: Engine) -> Live:
    """Return the whole ledger, recomputed from the stored events.

    Raises:
        IntegrityError: an event has no canonical form.
    """
    try:
        lines = [ledger.event_bytes(one) for batch in stored_events(records) for one in batch]
    except ValueError as error:
        raise IntegrityError(
            problem=f"an event of the ledger cannot be read ({error})",
            remedy="restore records.sqlite from a backup",
            problem_zh=f"账本中有无法读取的事件（{error}）",
            remedy_zh="请由备份恢复 records.sqlite",
        ) from error
    return Live(lines, merkle.Tree(merkle.leaf_hash(line) for line in lines))


def attest(folder: Path, base: Path | None, now: Live, *, again: bool = False) -> dict[str, Any]:
    """Write checkpoint, consistency proof and ledger beside a release, once; return its checkpoint.

    Args:
        folder: the release folder.
        base: folder of the release it is compared with.
        now: the ledger, which holds the event that released it.
        again: put a newer checkpoint in the place of one that nobody has signed and no release continues.
    """
    place = folder / CHECKPOINT
    if again:
        place.unlink(missing_ok=True)
    if place.exists():
        return dict(parsed(place.read_bytes()))
    made = ledger.checkpoint(now.tree, now.time)
    proof = ledger.consistency_proof(now.tree, base_checkpoint(base)["size"])
    place.parent.mkdir(exist_ok=True)
    write_file(folder / LEDGER, ledger.exported(now.lines))
    write_file(folder / CONSISTENCY, document(proof))
    write_file(place, document(made))  # last: it says that the others are there
    return made


def base_checkpoint(base: Path | None) -> dict[str, Any]:
    """Return size and root of the base release's checkpoint; those of the empty ledger where there is none."""
    place = base / CHECKPOINT if base else None
    if place is None or not place.exists():
        return {"size": 0, "root": merkle.EMPTY.hex()}
    found = parsed(place.read_bytes())
    return {"size": found["size"], "root": found["root"]}


def document(content: Mapping[str, Any]) -> bytes:
    """Return a document as it stands in a file: canonical JSON on one line."""
    return canonical(dict(content)) + b"\n"


def statement(folder: Path, events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what curators sign: an in-toto statement about the manifest of the release in `folder`.

    Args:
        folder: the release folder, attested.
        events: the ledger up to its checkpoint.
    """
    content = (folder / MANIFEST).read_bytes()
    facts = parsed(content)
    proof = parsed((folder / CONSISTENCY).read_bytes())
    known = list(events)
    decided = decision_of(known, facts["release"])
    return {
        "_type": STATEMENT,
        "subject": [{"name": MANIFEST, "digest": {"sha256": hashlib.sha256(content).hexdigest()}}],
        "predicateType": PREDICATE,
        "predicate": {
            "release": facts["release"],
            "mode": facts["approval"]["mode"],
            "threshold": required_signatures(facts["approval"]["mode"]),
            "decision": decided["subject"] if decided else None,
            "approvals": _approvals(known, decided),
            "checkpoint": parsed((folder / CHECKPOINT).read_bytes()),
            "base": {"release": facts["base_release"], "checkpoint": proof["first"]},
        },
    }


def decision_of(events: Sequence[Mapping[str, Any]], release_id: str) -> Mapping[str, Any] | None:
    """Return the event of the decision that a release stands on, or None."""
    released = [one for one in events if one["kind"] == "released" and one["subject"] == release_id]
    name = released[-1]["facts"].get("decision_id") if released else None
    decided = [one for one in events if one["kind"] == "decided" and one["subject"] == name]
    return decided[-1] if decided else None


def _approvals(events: Iterable[Mapping[str, Any]], decided: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return who approved and adopted what was decided."""
    if decided is None:
        return {"cases": 0, "approved_by": [], "adopted_by": []}
    held = frozenset(decided["facts"].get("cases", ()))
    by: dict[str, set[str]] = {"approve": set(), "adopt": set()}
    for one in events:
        action = one["facts"].get("action") if one["kind"] == "case_acted" else None
        if action in by and any(case[0] in held for case in one["facts"]["cases"]):
            by[str(action)].add(one["actor"])
    adopters = by["adopt"] | {decided["actor"]}
    return {"cases": len(held), "approved_by": sorted(by["approve"]), "adopted_by": sorted(adopters)}


def unmatched(
    folder: Path, keys: Mapping[str, KeyFact], recorded: Collection[str], say: Callable[[str, str, str], dict[str, str]]
) -> list[dict[str, str]]:
    """Return where the signatures in the envelope are not those that the ledger records."""
    try:
        present = {one.key_id for one in dsse.signed_by((folder / ENVELOPE).read_bytes(), list(keys.values())).keys}
    except IntegrityError:
        return []  # said already where the envelope was judged
    lost = [say("lost_signature", ENVELOPE, name) for name in sorted(set(recorded) - present)]
    return lost + [say("unrecorded_signature", ENVELOPE, name) for name in sorted(present - set(recorded))]


def sign(folder: Path, said: Mapping[str, Any], key: PrivateKey, keys: Mapping[str, KeyFact]) -> list[str]:
    """Sign the statement about a release and return the ids of the keys that have signed it by now.

    Raises:
        IntegrityError: signatures are there already, but over another statement, or by unknown keys.
        ConflictError: the same person has signed with another key.
    """
    place, payload = folder / ENVELOPE, canonical(dict(said))
    if not place.exists():
        write_file(place, dsse.sealed(PAYLOAD_TYPE, payload, [key]))
        return [key.key_id]
    envelope = place.read_bytes()
    known = dsse.signed_by(envelope, list(keys.values()))
    if known.payload != payload or known.payload_type != PAYLOAD_TYPE or known.strange:
        raise IntegrityError(
            problem=f"{ENVELOPE} is signed over something else than this release",
            remedy="find out who changed it; `factordb release verify` names every difference",
            problem_zh=f"{ENVELOPE} 所签的不是本发布",
            remedy_zh="请查明何人改动；`factordb release verify` 列出全部差异",
        )
    mine = keys[key.key_id].person_id
    if any(one.person_id == mine and one.key_id != key.key_id for one in known.keys):
        raise ConflictError(
            problem=f"{mine} has signed this release already, with another key",
            remedy="a second person must sign",
            problem_zh=f"{mine} 已用另一密钥签署本发布",
            remedy_zh="须由另一人签署",
        )
    write_file(place, dsse.add_signature(envelope, key))
    return sorted({one.key_id for one in known.keys} | {key.key_id})

"""The ledger: the Merkle tree over events in canonical JSON, its checkpoints and proofs as documents, its export.

An event is the object {actor, event_id, facts, happened_on, kind, subject}; its canonical bytes are its leaf. An
exported ledger is one such object a line, so that anybody can recompute the root without any database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from factordb.errors import FileProblemError, IntegrityError
from factordb.evidence import merkle
from factordb.evidence.canonical import canonical, parsed, recanonical

__all__ = [
    "CHECKPOINT",
    "CONSISTENCY",
    "INCLUSION",
    "Export",
    "StoredEvent",
    "checkpoint",
    "consistency_proof",
    "event_bytes",
    "inclusion_proof",
    "moment_text",
    "proof_holds",
    "read_export",
    "same_head",
]

CHECKPOINT = "factordb-checkpoint/1"
INCLUSION = "factordb-inclusion/1"
CONSISTENCY = "factordb-consistency/1"

StoredEvent = tuple[int, str, str, str, str, str | datetime]
"""event_id, kind, subject, actor, facts (JSON text), happened_on, as the records hold them."""

_MEMBERS = {"actor", "event_id", "facts", "happened_on", "kind", "subject"}
_SECONDS = len("2026-11-26T00:00:00")


def event_bytes(stored: StoredEvent) -> bytes:
    """Return the canonical bytes of an event.

    Raises:
        ValueError: its facts are no JSON, or have no canonical form.
    """
    event_id, kind, subject, actor, facts, happened_on = stored
    words = (actor, moment_text(happened_on), kind, subject)
    who, when, what, whom = (canonical(word).decode() for word in words)
    return (
        f'{{"actor":{who},"event_id":{int(event_id)},"facts":{recanonical(facts)},"happened_on":{when},'
        f'"kind":{what},"subject":{whom}}}'
    ).encode()


def moment_text(moment: str | datetime) -> str:
    """Return a stored time as ISO 8601 in UTC, "2026-11-26T09:30:00Z"; fractions only where there are some."""
    if isinstance(moment, datetime):
        aware = moment.astimezone(UTC) if moment.tzinfo else moment
        return moment_text(aware.replace(tzinfo=None).isoformat())
    day = moment[:_SECONDS].replace(" ", "T")
    return f"{day}{moment[_SECONDS:].rstrip('0').rstrip('.')}Z"


def checkpoint(tree: merkle.Tree, time: str, size: int | None = None) -> dict[str, Any]:
    """Return the checkpoint of the first `size` leaves: size, root, and the time of the last event in it."""
    count = tree.size if size is None else size
    return {"format": CHECKPOINT, "size": count, "root": tree.root(count).hex(), "time": time}


def inclusion_proof(tree: merkle.Tree, index: int, event_id: int, size: int | None = None) -> dict[str, Any]:
    """Return the proof that the event at `index` is among the first `size` events, as a document."""
    count = tree.size if size is None else size
    return {
        "format": INCLUSION,
        "event_id": event_id,
        "index": index,
        "leaf": tree.leaf(index).hex(),
        "size": count,
        "root": tree.root(count).hex(),
        "proof": [one.hex() for one in tree.inclusion(index, count)],
    }


def consistency_proof(tree: merkle.Tree, first: int, second: int | None = None) -> dict[str, Any]:
    """Return the proof that the ledger of `second` events continues that of `first`, as a document."""
    count = tree.size if second is None else second
    return {
        "format": CONSISTENCY,
        "first": {"size": first, "root": tree.root(first).hex()},
        "second": {"size": count, "root": tree.root(count).hex()},
        "proof": [one.hex() for one in tree.consistency(first, count)],
    }


def proof_holds(document: Mapping[str, Any]) -> bool:
    """Return whether a proof document proves what it says; a malformed one does not."""
    try:
        path = [bytes.fromhex(one) for one in document["proof"]]
        if document["format"] == INCLUSION:
            leaf, root = bytes.fromhex(document["leaf"]), bytes.fromhex(document["root"])
            return merkle.verify_inclusion(leaf, document["index"], document["size"], path, root)
        if document["format"] == CONSISTENCY:
            first, second = document["first"], document["second"]
            old, new = bytes.fromhex(first["root"]), bytes.fromhex(second["root"])
            return merkle.verify_consistency(first["size"], second["size"], old, new, path)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return False


def same_head(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two heads (size, root) are the same."""
    return (one.get("size"), one.get("root")) == (other.get("size"), other.get("root"))


@dataclass(frozen=True)
class Export:
    """An exported ledger: its events in order and the tree over their lines."""

    events: Sequence[Mapping[str, Any]]
    tree: merkle.Tree

    @property
    def checkpoint(self) -> dict[str, Any]:
        """Checkpoint over all of it."""
        return checkpoint(self.tree, str(self.events[-1]["happened_on"]) if self.events else "")


def exported(stored: Iterable[bytes]) -> bytes:
    """Return the export of canonical events: one a line."""
    return b"".join(line + b"\n" for line in stored)


def read_export(path: Path) -> Export:
    """Return the ledger in a file, after checking that every line is a canonical event and ids rise.

    Raises:
        FileProblemError: the file cannot be read.
        IntegrityError: some line is no canonical event, or stands out of order.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileProblemError(
            path,
            problem=f"the file cannot be read ({error.strerror})",
            remedy="check the path and the rights",
            problem_zh=f"无法读取该文件（{error.strerror}）",
            remedy_zh="请检查路径与权限",
        ) from error
    lines = content.split(b"\n")
    if lines.pop():
        raise _broken_line(path, len(lines) + 1)
    events: list[Mapping[str, Any]] = []
    last = 0
    for number, line in enumerate(lines, 1):
        event = _event_in(line)
        if event is None or event["event_id"] <= last:
            raise _broken_line(path, number)
        last = event["event_id"]
        events.append(event)
    return Export(events, merkle.Tree(merkle.leaf_hash(line) for line in lines))


def _event_in(line: bytes) -> Mapping[str, Any] | None:
    try:
        text = line.decode("utf-8")
        event = parsed(text)
        good = recanonical(text) == text and set(event) == _MEMBERS and isinstance(event["facts"], dict)
        good = good and type(event["event_id"]) is int
        good = good and all(isinstance(event[name], str) for name in ("actor", "happened_on", "kind", "subject"))
        datetime.fromisoformat(event["happened_on"])
    except (ValueError, TypeError):
        return None
    return event if good else None


def _broken_line(path: Path, number: int) -> IntegrityError:
    return IntegrityError(
        problem=f"{path.name}, line {number}, is no event of a ledger in its order",
        remedy="get the exported ledger again from the publisher",
        problem_zh=f"{path.name} 第 {number} 行不是按序的账本事件",
        remedy_zh="请向发布方重新索取导出的账本",
    )

"""Is the ledger in the records still the one that was anchored outside them? Asked at every open and every question.

The database ahead of the anchor is what an interrupted run leaves: the anchor follows, after the events it knows were
found unchanged. The database behind it, or other than it, is a loss or a forgery.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from factordb.errors import BusyError, IntegrityError
from factordb.evidence import anchor as anchoring
from factordb.evidence.anchor import Anchor, Rows
from factordb.evidence.canonical import parsed
from factordb.evidence.ledger import StoredEvent
from factordb.paths import Workspace
from factordb.store.ledger_rows import stored_events
from factordb.store.records import Engine

__all__ = ["Seen", "guard", "heads", "refuse_lost", "released_sizes", "start"]

Seen = tuple[tuple[int, int, int], ...]
"""Inode, size and time of the files that were looked at: as long as they stay the same, nothing is read again."""

_WAIT_S = 10


def guard(workspace: Workspace, records: Engine, seen: Seen | None = None) -> Seen:
    """Compare the records with the anchor, move the anchor forward, and return what was looked at.

    Args:
        workspace: the library's files.
        records: its transactional records.
        seen: what the last call returned; unchanged files are not read again.

    Raises:
        IntegrityError: events are missing, changed, added in between or reordered; or the anchor is gone.
    """
    now = _signature(workspace)
    if now == seen:
        return now
    known = anchoring.read(workspace.anchor)
    found = _followed(known or anchoring.EMPTY, stored_events(records))
    if known is None and found.size:
        raise _gone()
    released = (one for one in released_sizes(workspace) if one[0] not in found.given_up)
    behind = [(name, size) for name, size in released if size > found.size]
    if behind:
        raise _lost(found.size, behind[0][1], behind[0][0])
    if found != known:
        _move(workspace, found)
        now = _signature(workspace)
    return now


def start(workspace: Workspace, records: Engine, given_up: Iterable[str]) -> None:
    """Write the anchor of what is in the records now, whatever an older anchor said.

    Args:
        workspace: the library's files.
        records: its transactional records.
        given_up: releases whose checkpoint the ledger does not hold any more.
    """
    found = replace(_followed(anchoring.EMPTY, stored_events(records)), given_up=tuple(given_up))
    with FileLock(workspace.anchor.with_suffix(".lock"), timeout=_WAIT_S):
        anchoring.write(workspace.anchor, found)


def refuse_lost(workspace: Workspace) -> None:
    """Refuse a library whose records file is gone while its anchor says that there were events.

    Raises:
        IntegrityError: so it is.
    """
    known = anchoring.read(workspace.anchor)
    if known is not None and known.size:
        raise _lost(0, known.size, "anchor.json")


def _followed(known: Anchor, batches: Iterable[list[StoredEvent]]) -> Anchor:
    """Return the anchor of all stored events, after those that `known` covers were found unchanged."""
    rows, newer = Rows(), []
    try:
        for batch in batches:
            covered = max(known.size - rows.size, 0)
            rows.take(batch[:covered])
            newer += batch[covered:]
    except ValueError as error:
        raise _unreadable(known.size, error) from error
    if rows.size < known.size:
        raise _lost(rows.size, known.size, "anchor.json")
    if rows.digest != known.rows:
        raise IntegrityError(
            problem=f"the first {known.size} events of the ledger are not those that were anchored",
            remedy="restore records.sqlite from a backup; `factordb ledger verify` says more",
            problem_zh=f"账本的前 {known.size} 个事件与锚定时不同",
            remedy_zh="请由备份恢复 records.sqlite；`factordb ledger verify` 给出详情",
        )
    try:
        rows.take(newer)
        return anchoring.advanced(known, newer, rows)
    except ValueError as error:
        raise _unreadable(known.size, error) from error


def _unreadable(size: int, error: ValueError) -> IntegrityError:
    return IntegrityError(
        problem=f"the ledger ({size} events anchored) holds an event that cannot be read: {error}",
        remedy="restore records.sqlite from a backup",
        problem_zh=f"账本（已锚定 {size} 个事件）含有无法读取的事件：{error}",
        remedy_zh="请由备份恢复 records.sqlite",
    )


def _move(workspace: Workspace, found: Anchor) -> None:
    """Write a newer anchor; of several processes that do so at once the one that saw most has the last word."""
    lock = FileLock(workspace.anchor.with_suffix(".lock"), timeout=_WAIT_S)
    try:
        with lock:
            now = anchoring.read(workspace.anchor)
            if now is None or now.size < found.size:
                anchoring.write(workspace.anchor, found)
    except Timeout as error:
        raise BusyError(
            problem="another process keeps the ledger's anchor locked",
            remedy="run the command again in a moment",
            problem_zh="另一进程持续占用账本锚点",
            remedy_zh="请稍后重新运行本命令",
        ) from error


def released_sizes(workspace: Workspace) -> list[tuple[str, int]]:
    """Return (release, size of its checkpoint) of the attested releases on disk; unreadable ones are passed over."""
    found = []
    for path in sorted(workspace.releases.glob("*/attestation/checkpoint.json")):
        try:
            found.append((path.parts[-3], int(parsed(path.read_bytes())["size"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # `release verify` names it
    return found


def heads(workspace: Workspace, *, damaged: str = "") -> list[tuple[str, int, str]]:
    """Return (where it stands, size, root) of every head outside the records: the anchor, then attested releases.

    Releases that were given up when the ledger was anchored anew are left out.

    Args:
        workspace: the library's files.
        damaged: what to say for the root of an anchor that cannot be read; empty: raise.

    Raises:
        IntegrityError: the anchor cannot be read.
    """
    try:
        known = anchoring.read(workspace.anchor)
        found = [("anchor.json", known.size, known.root.hex())] if known else []
    except IntegrityError:
        if not damaged:
            raise
        known, found = None, [("anchor.json", 0, damaged)]
    given_up = known.given_up if known else ()
    for name in (name for name, _ in released_sizes(workspace) if name not in given_up):
        content = parsed((workspace.releases / name / "attestation" / "checkpoint.json").read_bytes())
        found.append((name, int(content["size"]), str(content.get("root", ""))))
    return found


def _signature(workspace: Workspace) -> Seen:
    wal = workspace.records.with_name(f"{workspace.records.name}-wal")
    return tuple(_stat(path) for path in (workspace.records, wal, workspace.anchor))


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return (0, 0, 0)
    return (facts.st_ino, facts.st_size, facts.st_mtime_ns)


def _lost(found: int, expected: int, where: str) -> IntegrityError:
    return IntegrityError(
        problem=f"the ledger holds {found} events, and {expected} were anchored ({where}): later ones are lost",
        remedy="restore records.sqlite together with its -wal file from a newer backup",
        problem_zh=f"账本现有 {found} 个事件，而已锚定 {expected} 个（{where}）：其后的事件已丢失",
        remedy_zh="请由较新的备份恢复 records.sqlite 及其 -wal 文件",
    )


def _gone() -> IntegrityError:
    return IntegrityError(
        problem="the ledger has events, but the file that anchors it, anchor.json, is missing",
        remedy="restore it from a backup; `factordb ledger anchor` makes it anew and records that",
        problem_zh="账本已有事件，但其锚定文件 anchor.json 缺失",
        remedy_zh="请由备份恢复；`factordb ledger anchor` 可重新建立并予以记录",
    )

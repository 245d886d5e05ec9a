"""What can go wrong with the stores, how it is seen, and how it is mended."""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from factordb.errors import FactorDBError, IntegrityError
from factordb.paths import Workspace
from factordb.store import library_file
from factordb.store.duck import opened


@dataclass(frozen=True)
class Symptom:
    """One thing that is wrong, in both languages, with its remedy."""

    code: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


def holder_words(holder: Path) -> str:
    """Return who holds the writer's lock: the process and since when."""
    try:
        facts = json.loads(holder.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "another process"
    return f"process {facts['pid']}, since {facts['since']}"


def remove_orphans(library: Path, visible: Iterable[str]) -> list[str]:
    """Delete batches that no recorded event makes visible; return them."""
    with opened(library) as connection:
        library_file.create(connection)
        found = library_file.orphans(connection, visible)
        if found:
            connection.execute("BEGIN")
            library_file.remove_batches(connection, found)
            connection.execute("COMMIT")
            library_file.checkpoint(connection)
    return found


def refuse_lost(library: Path, recorded: Mapping[str, tuple[int, int]], appraised: Mapping[str, int]) -> None:
    """Compare what the data file holds with what was recorded, by counts: cheap enough for every write.

    A lost write-ahead file and a data file restored from an older copy are seen here, before anything is built on
    them; `examine` compares the contents by their hashes.

    Args:
        library: the DuckDB file.
        recorded: batch id -> candidates and refused records, as recorded when it was merged.
        appraised: appraisal id -> candidates as recorded, of the appraisals in use.

    Raises:
        IntegrityError: something recorded is not there.
    """
    present: dict[str, tuple[int, int]] = {}
    assessed: dict[str, int] = {}
    if library.exists():
        with opened(library, read_only=True) as connection:
            present, assessed = library_file.batch_counts(connection), library_file.assessed(connection)
    # one refused record may break several rules, each a row: there are at least as many rows as records
    held = {batch: present.get(batch, (0, 0)) for batch in recorded}
    batches = sorted(
        batch for batch, (rows, refused) in recorded.items() if held[batch][0] != rows or held[batch][1] < refused
    )
    lost = batches or sorted(name for name, count in appraised.items() if assessed.get(name, 0) < count)
    if lost:
        named = ", ".join(lost[:3])
        raise IntegrityError(
            problem=f"the data file is older than the records: {named} is recorded and not (wholly) in {library.name}",
            remedy="restore the newer file, or run `factordb doctor --rebuild` and appraise again",
            problem_zh=f"数据文件比记录旧：{named} 有记录，但 {library.name} 中没有或不全",
            remedy_zh="请恢复较新的文件，或运行 `factordb doctor --rebuild` 后重新评估",
        )


def drop_old_versions(published: Path, *, keep: int) -> None:
    """Remove all but the newest published versions; readers of an older one keep their open files."""
    folders = sorted(path for path in published.glob("v*") if path.is_dir())
    for path in folders[:-keep]:
        shutil.rmtree(path, ignore_errors=True)


def examine(
    workspace: Workspace, recorded: Mapping[str, str], appraised: Mapping[str, int], *, deep: bool
) -> list[Symptom]:
    """Return what is wrong: unreadable files, lost or changed batches, unrecorded batches.

    Args:
        workspace: the library's files.
        recorded: batch id -> content hash as recorded when it was merged.
        appraised: appraisal id -> candidates as recorded, of the appraisals in use.
        deep: also read every block, so that every checksum is tested.
    """
    if not workspace.factors.exists():
        return _lost(sorted(recorded)) if recorded else []
    try:
        if deep:
            library_file.scan_everything(workspace.factors)
        with opened(workspace.factors, read_only=True) as connection:
            present = library_file.batch_hashes(connection)
            assessed = library_file.assessed(connection)
    except FactorDBError as fault:
        return [Symptom("STORE", fault.problem_zh, fault.problem, fault.remedy_zh, fault.remedy)]
    lost = [batch for batch in recorded if batch not in present]
    changed = [batch for batch, digest in recorded.items() if batch in present and present[batch] != digest]
    strange = [batch for batch in present if batch not in recorded]
    unassessed = [name for name, count in appraised.items() if assessed.get(name, 0) < count]
    return [
        *_lost(lost),
        *(
            Symptom(
                "UNASSESSED",
                f"评估 {name} 有记录，但数据文件中的评估结果不全",
                f"appraisal {name} is recorded, but its results in the data file are not complete",
                "请运行 `factordb appraise --again`",
                "run `factordb appraise --again`",
            )
            for name in unassessed
        ),
        *(
            Symptom(
                "CHANGED",
                f"批次 {batch} 的内容与记录的哈希不符",
                f"batch {batch} differs from its recorded hash",
                "请运行 `factordb doctor --rebuild`",
                "run `factordb doctor --rebuild`",
            )
            for batch in changed
        ),
        *(
            Symptom(
                "ORPHAN",
                f"批次 {batch} 未被记录（中断的运行所留），不可见",
                f"batch {batch} was never recorded (left by an interrupted run); nobody sees it",
                "下一次写入时自动清除",
                "the next write removes it",
            )
            for batch in strange
        ),
    ]


def _lost(batches: Iterable[str]) -> list[Symptom]:
    return [
        Symptom(
            "LOST",
            f"批次 {batch} 有记录，但数据文件中没有",
            f"batch {batch} is recorded but missing from the data file",
            "请运行 `factordb doctor --rebuild`，由原始文件重建",
            "run `factordb doctor --rebuild`: it is made again from the raw files",
        )
        for batch in batches
    ]

"""`manifest.json`: the hash and size of every file of a release and what it was made with; and the check of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa
import xlsxwriter

from factordb.formats.words import LANGUAGES, word
from factordb.model.release import FileEntry, ReleaseFacts

MANIFEST: Final = "manifest.json"
ATTESTATION: Final = "attestation"
"""Folder of checkpoint, ledger and signatures beside the files: it vouches for the manifest and is not listed in it."""
FORMAT: Final = "factordb-release-manifest/1"


class ProblemKind(StrEnum):
    """What may be wrong with a release on disk; the words stand in `[problems]`."""

    NO_MANIFEST = "no_manifest"
    MANIFEST = "manifest"
    UNSAFE = "unsafe"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    SIZE = "size"
    CHANGED = "changed"
    EXTRA = "extra"


@dataclass(frozen=True)
class ReleaseProblem:
    """One fault of a release on disk: which file, what its manifest says, what was found."""

    kind: ProblemKind
    path: str
    expected: str = ""
    found: str = ""

    def words(self, lang: str) -> str:
        """Return one sentence in `lang`, "zh" or "en"."""
        return word(lang, "problems", self.kind, path=self.path, expected=self.expected, found=self.found)


def sha256_of(path: Path) -> str:
    """Return the sha256 of the file at `path`, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_entries(directory: Path, counts: Mapping[str, int] = MappingProxyType({})) -> tuple[FileEntry, ...]:
    """Return an entry for every file below `directory` but the manifest, sorted by path.

    Args:
        directory: the release folder.
        counts: table -> rows; a file is taken to hold the table whose name it bears.
    """
    entries = []
    for path in sorted(_files(directory)):
        table = PurePosixPath(path).stem
        known = table in counts and path.endswith((".csv", ".parquet", ".json"))
        entries.append(
            FileEntry(
                path=path,
                sha256=sha256_of(directory / path),
                size=(directory / path).stat().st_size,
                table=table if known else "",
                rows=counts[table] if known else None,
            )
        )
    return tuple(entries)


def _files(directory: Path) -> Iterator[str]:
    for path in directory.rglob("*"):
        name = path.relative_to(directory).as_posix()
        listed = name != MANIFEST and not name.startswith(f"{ATTESTATION}/")
        # a link is listed even where it leads nowhere: nothing in a release is a link
        if listed and (path.is_file() or path.is_symlink()):
            yield name


def write_manifest(
    directory: Path,
    facts: ReleaseFacts,
    *,
    counts: Mapping[str, int],
    changes: Mapping[str, int] = MappingProxyType({}),
) -> str:
    """Write `manifest.json` over all files below `directory`, as the last file, and return its sha256.

    Keep the returned hash outside of the release: with it `verify` also sees an altered manifest.

    Args:
        directory: the release folder, complete but for the manifest.
        facts: cover of the release.
        counts: table -> rows.
        changes: added, changed, withdrawn since the base release.
    """
    approval = word_of_approval(facts)
    content = {
        "format": FORMAT,
        "release": facts.release_id,
        "title_zh": facts.title_zh,
        "title_en": facts.title_en,
        "as_of": facts.as_of.isoformat(),
        "base_release": facts.base_release,
        "rule_set": facts.rule_set,
        "engine": {"factordb": facts.engine_version, "pyarrow": pa.__version__, "xlsxwriter": xlsxwriter.__version__},
        "seed": facts.seed,
        "erratum": {"corrects": facts.corrects, "reason": facts.erratum} if facts.corrects else None,
        "licence": facts.licence,
        "publisher": facts.publisher,
        "approval": {"mode": facts.approval_mode, "by": facts.approved_by, **approval},
        "counts": dict(facts.counts) | dict(counts),
        "changes": dict(changes),
        "files": [_listed(entry) for entry in file_entries(directory, counts)],
    }
    path = directory / MANIFEST
    path.write_bytes(json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n")
    return sha256_of(path)


def word_of_approval(facts: ReleaseFacts) -> dict[str, str]:
    """Return the approval statement in both languages: keys statement_zh and statement_en."""
    key = str(facts.approval_mode).replace("-", "_")
    return {f"statement_{lang}": word(lang, "approval", key) for lang in LANGUAGES}


def _listed(entry: FileEntry) -> dict[str, Any]:
    listed: dict[str, Any] = {"path": entry.path, "sha256": entry.sha256, "bytes": entry.size}
    return listed | ({"table": entry.table, "rows": entry.rows} if entry.table else {})


def verify(directory: Path, *, manifest_sha256: str | None = None) -> list[ReleaseProblem]:
    """Return everything in which the release at `directory` differs from its manifest; empty when all is well.

    Args:
        directory: the release folder.
        manifest_sha256: what `write_manifest` returned; without it only the files are checked, not the list itself.
    """
    path = directory / MANIFEST
    try:
        listed = _read_manifest(path)
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        return [ReleaseProblem(ProblemKind.NO_MANIFEST, MANIFEST, found=type(error).__name__)]
    problems = []
    if manifest_sha256 is not None and (found := sha256_of(path)) != manifest_sha256:
        problems.append(ReleaseProblem(ProblemKind.MANIFEST, MANIFEST, expected=manifest_sha256, found=found))
    for entry in listed:
        problems += _problems_of(directory, entry)
    expected = {entry.path for entry in listed}
    problems += [ReleaseProblem(ProblemKind.EXTRA, name) for name in sorted(_files(directory)) if name not in expected]
    return problems


def _read_manifest(path: Path) -> list[FileEntry]:
    content = json.loads(path.read_bytes())
    if content["format"] != FORMAT:
        raise ValueError(content["format"])
    return [FileEntry(str(file["path"]), str(file["sha256"]), int(file["bytes"])) for file in content["files"]]


def _problems_of(directory: Path, entry: FileEntry) -> list[ReleaseProblem]:
    if not _stays_inside(directory, entry.path):
        return [ReleaseProblem(ProblemKind.UNSAFE, entry.path)]
    try:
        return _differences(directory / entry.path, entry)
    except OSError as error:
        return [ReleaseProblem(ProblemKind.UNREADABLE, entry.path, found=type(error).__name__)]


def _differences(path: Path, entry: FileEntry) -> list[ReleaseProblem]:
    if not path.is_file():
        return [ReleaseProblem(ProblemKind.MISSING, entry.path)]
    if (size := path.stat().st_size) != entry.size:
        return [ReleaseProblem(ProblemKind.SIZE, entry.path, str(entry.size), str(size))]
    if (found := sha256_of(path)) != entry.sha256:
        return [ReleaseProblem(ProblemKind.CHANGED, entry.path, entry.sha256, found)]
    return []


def _stays_inside(directory: Path, name: str) -> bool:
    """Return whether `name` is a plain path below `directory`, on every system, also through links."""
    if "\\" in name or PureWindowsPath(name).drive or PurePosixPath(name).is_absolute():
        return False
    if ".." in PurePosixPath(name).parts:
        return False
    try:
        return (directory / name).resolve().is_relative_to(directory.resolve())
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name no system takes
        return False

"""Publish (发布读模型): a release becomes files to look up and search without any lock, under a versioned name.

`<root>/<release_id>-<first 12 of the manifest's sha256>.<form>/` holds factors.parquet, factors.sqlite and search/;
`<root>/current` names the newest. A folder appears by one rename and never changes afterwards; whoever reads an old one
goes on reading it. All of it can be made again from the release alone.
"""

import json
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from factordb.errors import IntegrityError, NotFoundError
from factordb.formats import manifest
from factordb.formats.citation import cite_factor
from factordb.formats.inventories.datasheet import stable_uuid
from factordb.formats.rows import release_schema
from factordb.model.release import TABLES, ReleaseFacts
from factordb.selection import index
from factordb.selection.asking import Index
from factordb.selection.released import in_order
from factordb.store import read_model

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is."""

POINTER: Final = "current"
PARQUET: Final = "factors.parquet"
SEARCH: Final = "search"
GASES: Final = "gas_amounts"
"""Table of a release with the amounts of gas behind its CO2e values; older releases have none."""
_GASES: Final = pa.schema([("version_id", pa.string()), ("gas", pa.string()), ("amount_kg", pa.float64()),
                          ("is_co2e", pa.bool_())])  # fmt: skip
_DIGITS: Final = 12
_OPENED: Final = 8
"""Read models a process keeps open."""


@dataclass(frozen=True)
class Model:
    """An opened read model of one release."""

    folder: Path
    rows: read_model.ReadModel
    index: Index
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        """Its versioned name: cursors and citations are bound to it."""
        return self.folder.name

    @property
    def parquet(self) -> Path:
        """The same rows for analysis."""
        return self.folder / PARQUET


def model_name(release: Path) -> str:
    """Return the versioned name of the read model of a release folder.

    Raises:
        NotFoundError: the folder is no release.
    """
    path = release / manifest.MANIFEST
    if not path.is_file():
        raise NotFoundError("release folder", str(release), known="a folder with manifest.json")
    release_id = json.loads(path.read_text(encoding="utf-8"))["release"]
    return f"{release_id}-{manifest.sha256_of(path)[:_DIGITS]}.{index.FORM}"


def publish(release: Path, root: Path, *, newest: bool = True, progress: Progress | None = None) -> Path:
    """Return the read model of a release folder below `root`, built where it is missing.

    Args:
        release: the release folder; it is verified against its manifest before anything is built.
        root: where read models stand.
        newest: move the pointer to it.
        progress: told of each step.

    Raises:
        IntegrityError: the release differs from its manifest.
    """
    told = progress or (lambda _step, _done, _total: None)
    final = root / model_name(release)
    if not final.is_dir():
        _build(release, final, told)
    if newest:
        _point(root, final.name)
    return final


def current(root: Path) -> str:
    """Return the name the pointer holds; "" before the first read model."""
    pointer = root / POINTER
    return pointer.read_text(encoding="utf-8").strip() if pointer.exists() else ""


@lru_cache(maxsize=_OPENED)
def opened(folder: Path) -> Model:
    """Return the read model in `folder`, ready to be asked; opened once a process."""
    rows = read_model.ReadModel(folder / read_model.FILE)
    return Model(folder, rows, Index(folder / SEARCH), rows.facts())


def _build(release: Path, final: Path, told: Progress) -> None:
    problems = manifest.verify(release)
    if problems:
        raise IntegrityError(
            problem=f"{release} differs from its manifest: {problems[0].words('en')}",
            remedy="fetch the release again; no read model was made",
            problem_zh=f"{release} 与其清单不一致：{problems[0].words('zh')}",
            remedy_zh="请重新获取该发布版本；未生成读模型",
        )
    told("read_model", 0, 3)
    facts = _facts(release)
    rows = in_order(_rows(release), date.fromisoformat(facts["as_of"]))
    building = final.parent / f".{final.name}.{uuid.uuid4().hex[:8]}.building"
    (building / SEARCH).mkdir(parents=True)
    try:
        pq.write_table(rows, building / PARQUET, compression="zstd")
        told("read_model", 1, 3)
        sources, gases = _sources(release), _gases(release)
        read_model.write(building / read_model.FILE, rows, facts=facts, sources=sources, gases=gases)
        told("read_model", 2, 3)
        index.build(rows, building / SEARCH)
        if not final.is_dir():  # somebody else may have built the same meanwhile: theirs is as good
            building.replace(final)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    told("read_model", 3, 3)


def _rows(release: Path) -> pa.Table:
    """Return the rows of every table; a column that an older release does not have yet is empty."""
    files = [release / "data" / f"{name}.parquet" for name in TABLES]
    tables = [pq.read_table(file) for file in files if file.exists()]
    return pa.concat_tables([release_schema().empty_table(), *tables], promote_options="default")


def _facts(release: Path) -> dict[str, Any]:
    path = release / manifest.MANIFEST
    told = json.loads(path.read_text(encoding="utf-8"))
    return {**{name: cell for name, cell in told.items() if name != "files"},
            "manifest_sha256": manifest.sha256_of(path)}  # fmt: skip


def _sources(release: Path) -> pa.Table:
    path = release / "sources.csv"
    if not path.exists():
        return pa.table({"source_id": pa.array([], pa.string())})
    header = path.read_text(encoding="utf-8").partition("\n")[0].strip().lstrip("\ufeff").split(",")
    names = [one.strip('"') for one in header]
    options = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
    return pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(newlines_in_values=True), convert_options=options)


def _gases(release: Path) -> pa.Table:
    path = release / "data" / f"{GASES}.parquet"
    return pq.read_table(path, columns=_GASES.names).cast(_GASES) if path.exists() else _GASES.empty_table()


def _point(root: Path, name: str) -> None:
    if current(root) == name:
        return
    pointer = root / f".{POINTER}.{uuid.uuid4().hex[:8]}.building"
    pointer.write_text(name, encoding="utf-8")
    os.replace(pointer, root / POINTER)  # noqa: PTH105 - atomic on every system


def versions_only_in(rows: Path, other: Path) -> frozenset[str]:
    """Return the versions that the rows of one read model hold and those of another do not."""
    own, known = (pq.read_table(one, columns=["version_id"])["version_id"] for one in (rows, other))
    missing = pc.invert(pc.is_in(own, value_set=known.combine_chunks()))
    return frozenset(own.filter(missing).to_pylist())


def products_of(rows: Path) -> dict[str, str]:
    """Return product as footprints identify it -> factor, for every row of a read model."""
    ids = pq.read_table(rows, columns=["factor_id"])["factor_id"].to_pylist()
    return {stable_uuid("factor", one): one for one in ids}


def releases(folder: Path) -> list[str]:
    """Return the ids of the releases in a folder, oldest first: 2026.2 before 2026.10."""
    found = [path.parent.name for path in folder.glob(f"*/{manifest.MANIFEST}") if not path.parent.name.startswith(".")]
    return sorted(found, key=lambda name: [(not part.isdigit(), int(part) if part.isdigit() else 0, part)
                                           for part in name.split(".")])  # fmt: skip


def citation(model: Model, row: Mapping[str, Any]) -> dict[str, str]:
    """Return one line that cites a factor of a release, in zh (GB/T 7714) and en."""
    facts = model.facts
    cover = ReleaseFacts(
        release_id=facts["release"],
        title_zh=facts["title_zh"],
        title_en=facts["title_en"],
        as_of=date.fromisoformat(facts["as_of"]),
        rule_set=facts["rule_set"],
        engine_version=facts["engine"]["factordb"],
        seed=facts["seed"],
        approved_by=facts["approval"]["by"],
        publisher=facts["publisher"],
        licence=facts["licence"],
    )
    names = {"zh": row["name_zh"] or row["name_en"], "en": row["name_en"] or row["name_zh"]}
    ids = {"factor_id": row["factor_id"], "version_id": row["version_id"]}
    return {lang: cite_factor(cover, name=name or row["factor_id"], lang=lang, **ids) for lang, name in names.items()}

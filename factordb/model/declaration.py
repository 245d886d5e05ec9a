"""Reads a pipeline that a curator wrote without programming: TOML in, `Pipeline` and its source out.

Every mistake is found in one go; each says where it stands (`record[2].columns.valeu`) and how to mend it. Conditions
are built from quoted names and texts only: no SQL is taken from the file.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from factordb.errors import FileProblemError
from factordb.model.declared_record import correction, record, setting
from factordb.model.mistakes import DeclarationError, Desk
from factordb.model.pipeline import Correction, Pipeline, Record
from factordb.model.source import Source
from factordb.model.vocabulary import Tier

MAX_BYTES = 1 << 20

_TIERS = tuple(tier.value for tier in Tier)
LAST_ROW = 1_048_576

_MADE_NAME = re.compile(r"column_[A-Z]{1,3}|.+ \(\d+\)")
"""Names the reader gives to columns without a name or with the name of another; no header word to expect."""

_PIPELINE_KEYS = (
    *("name", "title_zh", "title_en", "source", "files", "sheet", "header_row", "decimal", "member", "expect_columns"),
)
_SOURCE_KEYS = ("title", *(name for name in Source.model_fields if name != "source_id"))
_DATES = ("published_on", "valid_from", "valid_until")


@dataclass(frozen=True)
class Declaration:
    """A pipeline and, where the file states it, its source."""

    pipeline: Pipeline
    source: Source | None = None


def _source(desk: Desk, value: Any, name: str) -> Source | None:
    """Return the source that the file states, under the pipeline's name."""
    facts = desk.table("source", value, _SOURCE_KEYS, ("publisher", "tier"))
    title = facts.pop("title", None)
    for key in ("title_zh", "title_en"):
        if title is not None:
            facts.setdefault(key, title)
        if key not in facts:
            desk.wrong(f"source.{key}", "is missing", f"add {key} = …", "缺失", f"请补充 {key} = …")
    for key, one in facts.items():
        if key == "tier":
            desk.choice("source.tier", one, _TIERS)
        elif key in _DATES:
            _day(desk, f"source.{key}", one)
        elif key == "demonstration":
            desk.flag("source.demonstration", one)
        elif key == "te":
            desk.whole("source.te", one, least=1, most=5)
        else:
            facts[key] = desk.cell(f"source.{key}", one)
    return None if desk.mistakes else Source.from_register(name, facts)


def _day(desk: Desk, path: str, value: Any) -> None:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        desk.wrong(path, f"is {value!r}, no date", "write 2023-11-01", f"{value!r} 不是日期", "请写成 2023-11-01")


def _used_columns(records: Collection[Record], corrections: Collection[Correction]) -> list[str]:
    """Return the raw columns that records and corrections name, in order, without names the reader makes."""
    used: dict[str, None] = {}
    for holder in records:
        parts = [part for one in holder.inputs for part in (one.column, one.unit_column, one.cv_column) if part]
        maps = [column for column, _ in holder.maps.values()]
        gases = [gas.column for gas in holder.gases]
        used.update(dict.fromkeys([*holder.key, *holder.columns.values(), *maps, *gases, *parts]))
    for repair in corrections:
        used.update(dict.fromkeys([*repair.match, repair.column]))
    return [column for column in used if not _MADE_NAME.fullmatch(column)]


def _asked_columns(top: Mapping[str, Any]) -> list[str]:
    """Return the raw columns that conditions ask, without names the reader makes."""
    holders = [*top.get("record", []), *top.get("setting", [])]
    columns = [condition["column"] for holder in holders for condition in holder.get("where", [])]
    return [column for column in columns if not _MADE_NAME.fullmatch(column)]


def _pipeline_facts(desk: Desk, top: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain facts of [pipeline]."""
    required = ("name", "title_zh", "title_en", *(() if "source" in top else ("source",)))
    facts = desk.table("pipeline", top.get("pipeline", {}), _PIPELINE_KEYS, required if "pipeline" in top else ())
    found: dict[str, Any] = {}
    for key, one in facts.items():
        place = f"pipeline.{key}"
        if key == "header_row":
            found[key] = desk.whole(place, one, least=1, most=LAST_ROW)
        elif key == "decimal":
            found[key] = desk.choice(place, one, (".", ","))
        elif key in {"files", "expect_columns"}:
            found[key] = desk.texts(place, one)
        else:
            found[key] = desk.text(place, one)
    name = found.get("name", "")
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        desk.wrong(
            "pipeline.name",
            f"is {name!r}, no name for the command line",
            "use a-z, 0-9 and hyphens",
            f"为 {name!r}，不能用作命令行名称",
            "请使用小写字母、数字和连字符",
        )
    if "source" in top and "source" in found:
        desk.wrong("pipeline.source", "stands beside [source]", "keep one of them", "与 [source] 重复", "只保留其一")
    return found


def _records(desk: Desk, value: Any) -> tuple[Record, ...]:
    """Return the records; at least one, each under a name of its own."""
    found = [record(desk, *one) for one in desk.tables("record", value)]
    names = [one.name for one in found if one]
    for twin in sorted({name for name in names if names.count(name) > 1}):
        remedy, remedy_zh = "give each its own name", "请使用不同的名称"
        desk.wrong("record", f"two are called {twin!r}", remedy, f"有两条名为 {twin!r}", remedy_zh)
    if not found and isinstance(value, list):
        desk.wrong("record", "holds nothing", "add a [[record]]", "没有内容", "请添加 [[record]]")
    return tuple(one for one in found if one)


def _assembled(desk: Desk, whole: Mapping[str, Any]) -> Declaration | None:
    """Return the declaration, or None if it has mistakes."""
    top = desk.table("", whole, ("pipeline", "source", "record", "setting", "correction"), ("pipeline", "record"))
    facts = _pipeline_facts(desk, top)
    records = _records(desk, top["record"]) if "record" in top else ()
    settings = tuple(setting(desk, *one) for one in desk.tables("setting", top.get("setting", [])))
    corrections = tuple(correction(desk, *one) for one in desk.tables("correction", top.get("correction", [])))
    name = facts.get("name", "?")
    source = _source(desk, top["source"], name) if "source" in top else None
    if desk.mistakes:
        return None
    facts.setdefault("source", name)
    told = facts.pop("expect_columns", ())
    expected = dict.fromkeys([*told, *_used_columns(records, corrections), *_asked_columns(top)])
    pipeline = Pipeline(
        **facts, records=records, settings=settings, corrections=corrections, expect_columns=tuple(expected)
    )
    return Declaration(pipeline, source)


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ValueError("larger than 1 MiB")  # noqa: TRY301 - told with the other ways it cannot be read
        return file.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as fault:
        raise FileProblemError(
            file,
            problem=f"cannot be read as a mapping file ({fault})",
            remedy="name a TOML file saved as UTF-8",
            problem_zh=f"无法作为映射文件读取（{fault}）",
            remedy_zh="请指定以 UTF-8 保存的 TOML 文件",
        ) from fault


def from_toml(text_or_path: str | Path) -> Declaration:
    """Return the pipeline, and the source if stated, of a mapping file.

    Columns that the mapping uses are added to the columns the table must have.

    Args:
        text_or_path: a path; or a text, which is taken for TOML if it has more than one line.

    Raises:
        DeclarationError: the mapping has mistakes; all of them are told.
        FileProblemError: the file cannot be read.
    """
    inline = isinstance(text_or_path, str) and "\n" in text_or_path
    name = "TOML" if inline else Path(text_or_path).name
    text = str(text_or_path) if inline else _text_of(Path(text_or_path))
    desk = Desk()
    try:
        whole = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        remedy, remedy_zh = "correct this line: key = value, texts in quotes", "请更正该行：键 = 值，文字加引号"
        desk.wrong("TOML", f"{fault}", remedy, f"语法错误：{fault}", remedy_zh)
        raise DeclarationError(name, desk.mistakes) from fault
    declaration = _assembled(desk, whole)
    if declaration is None:
        raise DeclarationError(name, desk.mistakes)
    return declaration


def to_template() -> str:
    """Return a commented mapping file, zh and en, to be filled in; it is a valid one as it stands."""
    return files("factordb.model").joinpath("mapping_template.toml").read_text("utf-8")

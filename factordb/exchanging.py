"""The exchange formats as verbs: which there are, export of a release, conversion of a file."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from factordb.errors import FileProblemError, UsageError
from factordb.formats.csv_table import CsvTable
from factordb.formats.exchange_registry import exchange_format, names
from factordb.formats.interchange import Content, ExchangeFormat, FormatFault, Loss, ReadBack, WrittenOut
from factordb.formats.release_content import content_of_reading, content_of_release, is_release
from factordb.formats.row_spread import without_impossible
from factordb.model import declaration
from factordb.reference import tables
from factordb.stages import sources as register
from factordb.stages.table_reading import FORMS, SUFFIXES, form_of, read_table
from factordb.stages.words import reason_text

__all__ = ["ExchangeReport", "content_of_release", "convert", "exchange_formats", "export_release"]

NARROWER = {"ilcd": "ilcd_epd"}
"""Format -> one that looks like it and says more: EPDs are ILCD."""

RELEASE = "release"
"""Name of the house's own form among the formats that `convert` reads."""

BY_MAPPING = ("csv", "xlsx")
"""Tables of any columns: read where a mapping says what they mean."""


@dataclass(frozen=True)
class ExchangeReport:
    """What became of the factors of one file.

    Attributes:
        source: what was read.
        target: what was written.
        read_as: format of the source.
        written_as: format of the target.
        datasets: data sets seen in the source; = `rows` + `refused`.
        rows: those that gave a row.
        refused: those that gave none, each with a fault of severity block.
        left_out: rows without a value or a kind, which no factor can be made of.
        written: data sets of factors written.
        losses: what the target cannot hold at its proper place.
        assumed: column -> rows whose file says nothing there, where a factor must say something.
        faults: everything found in the source.
    """

    source: str
    target: str
    read_as: str
    written_as: str
    datasets: int
    rows: int
    refused: int
    left_out: int
    written: int
    losses: tuple[Loss, ...]
    assumed: dict[str, int] = field(default_factory=dict)
    faults: tuple[FormatFault, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, faults with their words, and counted by code."""
        plain = {name: value for name, value in vars(self).items() if name not in {"losses", "faults"}}
        return {
            **plain,
            "losses": [asdict(loss) for loss in self.losses],
            "faults_by_code": dict(sorted(Counter(fault.code for fault in self.faults).items())),
            "faults": [fault_words(fault) for fault in self.faults],
        }


def exchange_formats() -> list[dict[str, Any]]:
    """Return every exchange format: name, endings, whether it is written and read, its titles in both languages."""
    words = {lang: tables.toml(f"words/cli_exchange_{lang}")["format"] for lang in ("zh", "en")}
    listed = {name: (one.can_write, one.can_read, one.suffixes) for name in names() for one in [exchange_format(name)]}
    for name in (*BY_MAPPING, *FORMS):
        written, _, suffixes = listed.get(name, (False, True, (".csv",) if name in BY_MAPPING else SUFFIXES))
        listed[name] = written, True, suffixes
    return [
        {
            "name": name,
            "writes": writes,
            "reads": reads,
            "suffixes": list(suffixes),
            **{f"title_{lang}": found.get(name, name) for lang, found in words.items()},
        }
        for name, (writes, reads, suffixes) in sorted(listed.items())
    ]


def export_release(folder: Path, name: str, target: Path, lang: str = "zh") -> ExchangeReport:
    """Write the release in `folder` in the exchange format `name` and return what became of it.

    Args:
        folder: a release, such as library/releases/2026.1.
        name: an exchange format that is written.
        target: file, or folder where the format is one of several files.
        lang: language of what is written for people, where the format has one.

    Raises:
        NotFoundError: there is no such format.
        UsageError: the format is only read.
        FileProblemError: the folder is no release, or the target cannot be written.
    """
    chosen = _writer(name)
    content = content_of_release(folder)
    done = _written(chosen, content, target, lang)
    count = content.rows.num_rows
    return ExchangeReport(str(folder), str(done.path), RELEASE, name, count, count, 0, 0, done.datasets, done.losses)


def export_version(folder: Path, version_id: str, name: str, target: Path, lang: str = "zh") -> Path:
    """Write one version of the release in `folder` and return the file.

    Args:
        folder: a release.
        version_id: the version.
        name: csv, or an exchange format that is written as one file.
        target: folder of the file, which is named after the version.
        lang: language of what is written for people, where the format has one.

    Raises:
        NotFoundError: there is no such format; UsageError: it has no place for this factor.
    """
    content = content_of_release(folder, version_id=version_id)
    if name == "csv":
        file = target / f"{version_id}.csv"
        with CsvTable(file) as table:
            for block in content.rows.to_batches():
                table.write(block)
        return file
    chosen = _writer(name)
    done = _written(chosen, content, target / f"{version_id}{chosen.suffixes[0]}", lang)
    if not done.datasets:
        raise UsageError(
            problem=f"{name} has no place for this factor",
            remedy="take json or csv, which hold every factor",
            problem_zh=f"{name} 格式无法容纳该因子",
            remedy_zh="请改用 json 或 csv，二者可容纳任何因子",
        )
    return done.path


def convert(
    source: Path, target: Path, from_: str = "", to: str = "", lang: str = "zh", mapping: Path | None = None
) -> ExchangeReport:
    """Read `source` in one exchange format and write it to `target` in another.

    Args:
        source: file or folder; a release folder as well.
        target: what is written.
        from_: format of the source; found out where empty.
        to: format of the target; by the ending of `target` where empty and only one format has it.
        lang: language of what is written for people, where the format has one.
        mapping: what the columns of a table (CSV, XLSX) mean, as for `intake`.

    Raises:
        NotFoundError: there is no such format.
        UsageError: the format of source or target is not clear, or it is not read, or not written; a table comes
            without a mapping, or the mapping has a mistake.
        FileProblemError: the source does not exist, is no table with the mapping's columns, or the target cannot be
            written.
    """
    for path in (source, mapping):
        if path is not None and not path.exists():
            raise FileProblemError(
                path,
                problem="does not exist",
                remedy="check the path",
                problem_zh="不存在",
                remedy_zh="请检查路径",
            )
    chosen = _writer(to or _by_ending(target))
    if from_ == RELEASE or (not from_ and mapping is None and is_release(source)):
        return export_release(source, chosen.name, target, lang)
    read_as, found = _read(source, from_, mapping)
    read = without_impossible(found)
    content, assumed, left_out = content_of_reading(read, source.name)
    done = _written(chosen, content, target, lang) if content.rows.num_rows else WrittenOut(target, 0)
    return ExchangeReport(
        str(source), str(done.path), read_as, chosen.name, read.datasets, read.rows.num_rows, read.refused,
        left_out, done.datasets, done.losses, assumed, read.faults,
    )  # fmt: skip


def _read(source: Path, from_: str, mapping: Path | None) -> tuple[str, ReadBack]:
    """Return (format, what was read): by a mapping, by a form of the IPCC, or by the format's own reader."""
    form = from_ if from_ in FORMS else "" if from_ or mapping is not None else form_of(source) or ""
    if form:
        return form, read_table(register.pipeline(FORMS[form]), [source])
    if mapping is not None:
        declared = declaration.from_toml(mapping)
        further = (declared.source,) if declared.source else ()
        return from_ or source.suffix.lower().removeprefix(".") or "csv", read_table(
            declared.pipeline, [source], further
        )
    if from_ in BY_MAPPING:
        raise UsageError(
            problem=f"the columns of {source.name} mean nothing by themselves",
            remedy="say what they mean: --mapping FILE.toml; `factordb pipelines --template` prints one to fill in",
            problem_zh=f"{source.name} 的各列含义未说明",
            remedy_zh="请用 --mapping 文件.toml 说明各列含义；`factordb pipelines --template` 可打印模板",
        )
    reader = _reader(from_) if from_ else _sniffed(source)
    return reader.name, reader.read(source)


@cache
def _sentences(lang: str) -> dict[str, Any]:
    """Return the words of faults by code; read once, a file may have thousands of faults."""
    return tables.toml(f"words/exchange_{lang}")


def fault_words(fault: FormatFault) -> dict[str, str]:
    """Return a fault as plain data with its sentences, zh and en."""
    told = {"code": fault.code, "severity": fault.severity, "place": fault.place, "found": fault.found}
    told["expected"] = fault.expected
    facts = {**fault.facts, "place": fault.place, "found": fault.found or "—", "expected": fault.expected or "—"}
    known = fault.code in _sentences("en")
    reason = {} if known else reason_text(fault.code, found=fault.found)
    for lang in ("zh", "en"):
        words = _sentences(lang).get(fault.code) or {
            "says": "{place}: " + reason.get(lang, "{found}").replace("{", "{{").replace("}", "}}"),
            "mend": reason.get(f"fix_{lang}", ""),
        }
        told[lang] = str(words.get("says", "{place}: {found}")).format(**facts)
        told[f"mend_{lang}"] = str(words.get("mend", ""))
    return told


def _written(chosen: ExchangeFormat, content: Content, target: Path, lang: str) -> WrittenOut:
    """Write by the format; one that writes for people in one language has `write_in`."""
    in_language = getattr(chosen, "write_in", None)
    done: WrittenOut = in_language(content, target, lang) if in_language else chosen.write(content, target)
    return done


def _writer(name: str) -> ExchangeFormat:
    chosen = exchange_format(name)
    if not chosen.can_write:
        raise UsageError(
            problem=f"the format {name} is only read",
            remedy="see `factordb formats` for those that are written",
            problem_zh=f"格式 {name} 只能读取",
            remedy_zh="可写出的格式见 `factordb formats`",
        )
    return chosen


def _reader(name: str) -> ExchangeFormat:
    chosen = exchange_format(name)
    if not chosen.can_read:
        raise UsageError(
            problem=f"the format {name} is only written",
            remedy="see `factordb formats` for those that are read",
            problem_zh=f"格式 {name} 只能写出",
            remedy_zh="可读取的格式见 `factordb formats`",
        )
    return chosen


def _sniffed(source: Path) -> ExchangeFormat:
    """Return the one format the file looks like; where two do, the narrower one."""
    found = [name for name in names() if exchange_format(name).can_read and exchange_format(name).sniff(source)]
    found = [name for name in found if NARROWER.get(name) not in found]
    if len(found) != 1:
        raise UsageError(
            problem=f"{source} looks like {' and '.join(found) or 'no format that is known'}",
            remedy="name its format with --from; see `factordb formats`",
            problem_zh=f"{source} 像是：{'、'.join(found) or '没有已知的格式'}",
            remedy_zh="请用 --from 指明其格式；见 `factordb formats`",
        )
    return exchange_format(found[0])


def _by_ending(target: Path) -> str:
    ending = target.suffix.lower()
    written = [one for one in map(exchange_format, names()) if one.can_write]
    fitting = [one.name for one in written if ending in one.suffixes]
    if len(fitting) != 1:
        raise UsageError(
            problem=f"the ending of {target.name} is that of {len(fitting)} formats that are written",
            remedy=f"name the format with --to: {', '.join(fitting or names())}",
            problem_zh=f"{target.name} 的扩展名对应 {len(fitting)} 种可写出的格式",
            remedy_zh=f"请用 --to 指明格式：{', '.join(fitting or names())}",
        )
    return fitting[0]

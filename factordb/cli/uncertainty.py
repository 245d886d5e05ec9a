"""`factordb uncertainty`: evaluate a model, combine laboratories, assess readings, inventory and trend.

The result alone goes to stdout, everything else to stderr. The text is fitted to what the console can write.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

# the door hands these on as `factordb.…`; until then the face takes them from their rooms
from factordb.errors import FactorDBError, FileProblemError, UsageError
from factordb.uncertainty.drawing import page
from factordb.uncertainty.evaluation_report import evaluation_report
from factordb.uncertainty.report import Report, said, word
from factordb.uncertainty.reports import combine_report, trend_report
from factordb.uncertainty.sample_report import sample_report

PIPE_WIDTH = 200
"""Columns of a table that goes into a pipe or a file: wide enough that no number is cut."""
PLAIN = str.maketrans({"✓": "[OK]", "✗": "[X]", "⚠": "[!]", "µ": "u", "⁻": "-", "−": "-", "½": "1/2", "ȳ": "y"})

app = typer.Typer(
    name="uncertainty",
    help="Uncertainty of measured and modelled quantities / 测量结果与模型的不确定度",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
)


class Lang(StrEnum):
    """Language of the report."""

    ZH = "zh"
    EN = "en"


FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="the file, - for stdin / 文件,- 表示标准输入")]
LangOption = Annotated[Lang, typer.Option("--lang", envvar="FACTORDB_LANG", help="zh | en")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object / 输出一个 JSON 对象")]
PlotOption = Annotated[Path | None, typer.Option("--plot", help="write a plot, .svg or .html / 绘图文件")]
ProbabilityOption = Annotated[float, typer.Option("--probability", "-p", help="coverage probability / 包含概率")]
SeedOption = Annotated[int, typer.Option("--seed", help="seed of the random numbers / 随机种子")]


@app.command()
def evaluate(
    file: FileArgument,
    *,
    lang: LangOption = Lang.ZH,
    as_json: JsonOption = False,
    plot: PlotOption = None,
) -> None:
    """Evaluate a measurement model in TOML: GUM, JCGM 101, clause 8, budget / 评定测量模型的不确定度.

    The grammar stands in docs/uncertainty.md, with the examples of JCGM 101 as files.
    """
    with spoken(lang):
        finish(evaluation_report(read_text(file)), lang, plot, as_json=as_json)


@app.command()
def combine(
    file: FileArgument,
    *,
    lang: LangOption = Lang.ZH,
    as_json: JsonOption = False,
    plot: PlotOption = None,
    probability: ProbabilityOption = 0.95,
) -> None:
    """Combine results of several laboratories by every method / 以各种方法合成多家实验室的结果.

    The table has the columns value and u (or U and k), and laboratory.
    """
    with spoken(lang):
        finish(combine_report(read_text(file), probability=probability), lang, plot, as_json=as_json)


@app.command()
def sample(
    file: FileArgument,
    *,
    lang: LangOption = Lang.ZH,
    as_json: JsonOption = False,
    plot: PlotOption = None,
    probability: ProbabilityOption = 0.95,
    resolution: Annotated[float | None, typer.Option(help="step of the last digit / 末位步长")] = None,
    series: Annotated[bool, typer.Option("--series", help="readings in the order of time / 按时间排列")] = False,
    seed: SeedOption = 1,
) -> None:
    """Assess readings: Type A, outliers, ISO 5725-2, non-detects / 评定读数:A 类评定、离群值、精密度、未检出值.

    The table has the column value ("<0.5" is below the limit 0.5), and laboratory where there are several.
    """
    with spoken(lang):
        report = sample_report(
            read_text(file), probability=probability, resolution=resolution, series=series, seed=seed
        )
        finish(report, lang, plot, as_json=as_json)


@app.command()
def trend(
    file: FileArgument,
    *,
    lang: LangOption = Lang.ZH,
    as_json: JsonOption = False,
    plot: PlotOption = None,
    seed: SeedOption = 1,
) -> None:
    """Uncertainty of an inventory and its trend by IPCC approaches 1 and 2 / 清单与趋势的不确定度.

    The table has the columns category, base, year, activity_u and factor_u (per cent).
    """
    with spoken(lang):
        finish(trend_report(read_text(file), seed=seed), lang, plot, as_json=as_json)


def finish(report: Report, lang: Lang, plot: Path | None, *, as_json: bool) -> None:
    """Write the plot if one is asked for, then the report to stdout."""
    if plot is not None:
        write_plot(report, lang, plot)
    if as_json:
        # outside UTF-8 an escape loses nothing, a replaced character would
        plain = not encoding().startswith("utf")
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=plain, allow_nan=False, indent=2) + "\n")
    else:
        show(report, lang)


def show(report: Report, lang: Lang) -> None:
    """Print the report as tables, in the characters the console has."""
    console = Console(
        highlight=False,
        markup=False,
        emoji=False,
        width=None if sys.stdout.isatty() else PIPE_WIDTH,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )
    console.print(fitted(word("title", report.command, lang)), style="bold")
    facts = _table(word("block", "facts", lang), [])
    for name, cell in report.facts.items():
        if cell is not None:
            facts.add_row(fitted(word("name", name, lang)), fitted(said(cell, lang)))
    console.print(facts)
    for block, rows in report.tables.items():
        if rows:
            shown = _table(word("block", block, lang), [word("name", name, lang) for name in rows[0]])
            for row in rows:
                shown.add_row(*(fitted(said(cell, lang)) for cell in row.values()))
            console.print(shown)
    for note in report.notes:
        console.print(fitted(f"- {note.words(lang)}"))


def write_plot(report: Report, lang: Lang, path: Path) -> None:
    """Write the report's plot as .svg or as a self-contained .html.

    Raises:
        UsageError: another suffix, or there is nothing to draw.
        FileProblemError: the file cannot be written.
    """
    svg = report.plots.get(lang, "")
    if path.suffix not in {".svg", ".html"} or not svg:
        raise UsageError(
            problem=f"no plot can be written to {path.name}" if svg else "this result has nothing to draw",
            remedy="name a file that ends in .svg or .html" if svg else "leave out --plot",
            problem_zh=f"无法将图写入 {path.name}" if svg else "该结果没有可绘制的内容",
            remedy_zh="文件名请以 .svg 或 .html 结尾" if svg else "请去掉 --plot",
        )
    title = word("title", report.command, lang)
    try:
        path.write_text(page(svg, title=title, lang=lang) if path.suffix == ".html" else svg, encoding="utf-8")
    except OSError as fault:
        raise FileProblemError(
            path,
            problem=f"cannot be written ({fault.strerror})",
            remedy="choose a folder that exists and may be written to",
            problem_zh=f"无法写入({fault.strerror})",
            remedy_zh="请选择存在且可写的文件夹",
        ) from fault


def read_text(file: str) -> str:
    """Return a file's text, or stdin's for "-": UTF-8 with or without a mark, else GB18030.

    Raises:
        FileProblemError: there is no such file, or it is text in neither encoding.
    """
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as fault:
        raise FileProblemError(
            file,
            problem=f"cannot be read ({fault.strerror})",
            remedy="check the name, or give - to read from stdin",
            problem_zh=f"无法读取({fault.strerror})",
            remedy_zh="请检查文件名,或以 - 从标准输入读取",
        ) from fault
    for name in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    raise FileProblemError(
        file,
        problem="is text in neither UTF-8 nor GB18030",
        remedy="save it as UTF-8",
        problem_zh="既不是 UTF-8 也不是 GB18030 文本",
        remedy_zh="请另存为 UTF-8",
    )


@contextmanager
def spoken(lang: Lang) -> Iterator[None]:
    """Say a fault of use in one sentence with its remedy, on stderr, and end with its exit code."""
    try:
        yield
    except FactorDBError as fault:
        problem, remedy = fault.words(lang)
        error, mend = ("错误:", "处理:") if lang is Lang.ZH else ("error: ", "mend: ")
        sys.stderr.write(f"{fitted(error + problem, sys.stderr.encoding)}\n")
        sys.stderr.write(f"{fitted(mend + remedy, sys.stderr.encoding)}\n")
        raise typer.Exit(int(fault.exit_code)) from fault


def fitted(text: str, into: str | None = None) -> str:
    """Return the text in characters that the encoding has: CO2e, [OK], u where it lacks the better ones."""
    target = into or encoding()
    if _fits(text, target):
        return text
    return "".join(char if _fits(char, target) else _plain(char, target) for char in text)


def encoding() -> str:
    """Return the encoding of stdout in lower case."""
    return (sys.stdout.encoding or "utf-8").lower()


def _plain(char: str, target: str) -> str:
    changed = unicodedata.normalize("NFKD", char.translate(PLAIN))
    return changed if _fits(changed, target) else "?"


def _fits(text: str, target: str) -> bool:
    try:
        text.encode(target)
    except UnicodeEncodeError:
        return False
    return True


def _table(title: str, columns: list[str]) -> Table:
    """Return an empty table; without column names it holds pairs of name and value."""
    made = Table(title=fitted(title), title_justify="left", box=box.SIMPLE, show_header=bool(columns))
    for column in columns or ("", ""):
        made.add_column(fitted(column), overflow="fold")
    return made

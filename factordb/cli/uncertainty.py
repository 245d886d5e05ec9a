"""`factordb uncertainty`: evaluate a model, combine laboratories, assess readings, inventory and trend."""

import sys
import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from factordb.cli.console import out, out_json, printable, speech, table, write_text

if TYPE_CHECKING:
    from factordb.uncertainty.report import Report

# the rooms are imported on use: a command that needs none of them starts without numpy
# until the door hands the reports on as `factordb.…`, this face takes them from their rooms


def _help(key: str) -> str:
    words = resources.files("factordb") / "reference" / "words" / f"uncertainty_{speech.lang}.toml"
    return str(tomllib.loads(words.read_text(encoding="utf-8"))["help"][key])


app = typer.Typer(help=_help("uncertainty"), no_args_is_help=True, rich_markup_mode=None)

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help=_help("file"))]
JsonOption = Annotated[bool, typer.Option("--json", help=_help("json"))]
PlotOption = Annotated[Path | None, typer.Option("--plot", help=_help("plot"))]
ProbabilityOption = Annotated[float, typer.Option("--probability", "-p", help=_help("probability"))]
SeedOption = Annotated[int, typer.Option("--seed", help=_help("seed"))]


@app.command(help=_help("evaluate"))
def evaluate(file: FileArgument, *, as_json: JsonOption = False, plot: PlotOption = None) -> None:
    """Evaluate a measurement model in TOML."""
    from factordb.uncertainty.evaluation_report import evaluation_report

    finish(evaluation_report(read_text(file)), plot, as_json=as_json)


@app.command(help=_help("combine"))
def combine(
    file: FileArgument,
    *,
    as_json: JsonOption = False,
    plot: PlotOption = None,
    probability: ProbabilityOption = 0.95,
) -> None:
    """Combine results of several laboratories by every method."""
    from factordb.uncertainty.reports import combine_report

    finish(combine_report(read_text(file), probability=probability), plot, as_json=as_json)


@app.command(help=_help("sample"))
def sample(
    file: FileArgument,
    *,
    as_json: JsonOption = False,
    plot: PlotOption = None,
    probability: ProbabilityOption = 0.95,
    resolution: Annotated[float | None, typer.Option(help=_help("resolution"))] = None,
    series: Annotated[bool, typer.Option("--series", help=_help("series"))] = False,
    seed: SeedOption = 1,
) -> None:
    """Assess readings of one quantity."""
    from factordb.uncertainty.sample_report import sample_report

    report = sample_report(read_text(file), probability=probability, resolution=resolution, series=series, seed=seed)
    finish(report, plot, as_json=as_json)


@app.command(help=_help("trend"))
def trend(file: FileArgument, *, as_json: JsonOption = False, plot: PlotOption = None, seed: SeedOption = 1) -> None:
    """Uncertainty of an inventory and its trend."""
    from factordb.uncertainty.reports import trend_report

    finish(trend_report(read_text(file), seed=seed), plot, as_json=as_json)


@app.command(help=_help("proof"))
def proof(*, as_json: JsonOption = False) -> None:
    """Compute every published figure on this machine and compare."""
    from factordb.errors import ExitCode
    from factordb.paths import workshop
    from factordb.uncertainty.proof import proof_report

    report = proof_report(workshop())
    finish(report, None, as_json=as_json)
    if report.facts["kept"] != report.facts["asked"]:
        raise typer.Exit(int(ExitCode.INTEGRITY))


def finish(report: "Report", plot: Path | None, *, as_json: bool) -> None:
    """Write the plot if one is asked for, then the report to stdout."""
    speech.json = as_json
    if plot is not None:
        write_plot(report, plot)
    if as_json:
        out_json(report.as_json())
    else:
        show(report)


def show(report: "Report") -> None:
    """Print the report as tables, numbers at the right."""
    from factordb.uncertainty.report import said, word

    lang = speech.lang
    out(word("title", report.command, lang))
    facts = [(word("name", name, lang), said(cell, lang)) for name, cell in report.facts.items() if cell is not None]
    table(word("block", "facts", lang), ["", ""], facts)
    for block, rows in report.tables.items():
        numeric = {name for row in rows for name, cell in row.items() if isinstance(cell, float)}
        columns = [word("name", name, lang) + ("#" if name in numeric else "") for name in rows[0]] if rows else []
        if rows:
            table(word("block", block, lang), columns, [[said(cell, lang) for cell in row.values()] for row in rows])
    for remark in report.notes:
        out(printable(f"- {remark.words(lang)}"))


def write_plot(report: "Report", path: Path) -> None:
    """Write the report's plot as .svg or as a self-contained .html.

    Raises:
        UsageError: another suffix, or there is nothing to draw.
        FileProblemError: the file cannot be written.
    """
    from factordb.errors import UsageError
    from factordb.uncertainty.drawing import page
    from factordb.uncertainty.report import word

    svg = report.plots.get(speech.lang, "")
    if path.suffix not in {".svg", ".html"} or not svg:
        raise UsageError(
            problem=f"no plot can be written to {path.name}" if svg else "this result has nothing to draw",
            remedy="name a file that ends in .svg or .html" if svg else "leave out --plot",
            problem_zh=f"无法将图写入 {path.name}" if svg else "该结果没有可绘制的内容",
            remedy_zh="文件名请以 .svg 或 .html 结尾" if svg else "请去掉 --plot",
        )
    title = word("title", report.command, speech.lang)
    write_text(path, page(svg, title=title, lang=speech.lang) if path.suffix == ".html" else svg)


def read_text(file: str) -> str:
    """Return a file's text, or stdin's for "-": UTF-8 with or without a mark, else GB18030.

    Raises:
        FileProblemError: there is no such file, or it is text in neither encoding.
    """
    from factordb.errors import FileProblemError

    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as fault:
        raise FileProblemError(
            file,
            problem=f"cannot be read ({fault.strerror})",
            remedy="check the name, or give - to read from stdin",
            problem_zh=f"无法读取（{fault.strerror}）",
            remedy_zh="请检查文件名，或以 - 从标准输入读取",
        ) from fault
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileProblemError(
        file,
        problem="is text in neither UTF-8 nor GB18030",
        remedy="save it as UTF-8",
        problem_zh="既不是 UTF-8 也不是 GB18030 文本",
        remedy_zh="请另存为 UTF-8",
    )

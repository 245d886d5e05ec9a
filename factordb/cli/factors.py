"""`factordb factor`: search, show, explain, cite."""

from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli import search as released_search
from factordb.cli.console import note, out, out_json, speech, t, table, word, write_text

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
released_search.add_to(app)
LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
NameArgument = Annotated[str, typer.Argument(help=t("help.factor_id"))]
DEFAULT_LIBRARY = Path("library")


@app.command(help=t("help.factor_search_both"))
def search(
    text: Annotated[str, typer.Argument(help=t("help.text"))] = "",
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help=t("help.limit"))] = 50,
    released: Annotated[bool, typer.Option("--released", help=t("help.released"))] = False,
    release: released_search.ReleaseOption = "",
    release_folder: released_search.FolderOption = None,
    where: Annotated[list[str] | None, typer.Option("--where", help=t("help.where"))] = None,
    cursor: Annotated[str, typer.Option("--cursor", help=t("help.cursor"))] = "",
    as_json: JsonOption = False,
) -> None:
    """Search candidates, or the factors of a published release."""
    from factordb import Library

    if released or release or release_folder or where or cursor:
        asked = released_search.asked_of(library, release, release_folder)
        released_search.say_released(asked, text, where or [], limit, cursor, as_json=as_json)
        return
    rows = Library.open(library).queue(text=text, limit=limit).to_pylist()
    if as_json:
        out_json(rows)
        return
    table(
        t("table.found", n=rows[0]["total"] if rows else 0),
        [t("column.id"), t("column.name"), t("column.value") + "#", t("column.unit"), t("column.region"),
         t("column.year") + "#", t("column.verdict"), t("column.dqr") + "#"],
        [[row["candidate_id"][:10], row[f"name_{speech.lang}"] or row["name_zh"], row["value_text"], row["unit"],
          row["region"], row["reference_year"], word("verdict", row["verdict"]),
          "" if row["dqr"] is None else f"{row['dqr']:.2f}"] for row in rows],
    )  # fmt: skip


@app.command(help=t("help.factor_show"))
def show(name: NameArgument, *, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Show everything held about one factor."""
    from factordb import Library

    parts = Library.open(library).factor(name)
    if as_json:
        out_json(parts)
        return
    for section, rows in parts.items():
        if section == "outcome" or not rows:
            continue
        out(f"\n[{section}]")
        for row in rows:
            _fields(row)


def _fields(row: dict[str, Any]) -> None:
    for key, value in row.items():
        if value is not None and value != "":
            out(f"  {key:<18} {value}")


@app.command(help=t("help.factor_explain"))
def explain(
    name: NameArgument,
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    plot: Annotated[Path | None, typer.Option("--plot", help=t("help.plot"))] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help=t("help.explain_evidence"))] = False,
    prov: Annotated[Path | None, typer.Option("--prov", help=t("help.explain_prov"))] = None,
    timeline: Annotated[Path | None, typer.Option("--timeline", help=t("help.explain_timeline"))] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain how one factor's number, interval, rating and verdict came about, or what a measured one stands on."""
    from factordb import Library, factor_page

    opened = Library.open(library)
    told = opened.explain_evidence(name) if evidence else opened.explain(name)
    if prov is not None:
        write_text(prov, opened.provenance(name).decode())
        note(t("said.evidence_written", path=prov))
    if timeline is not None:
        write_text(timeline, opened.evidence_picture(name, speech.lang))
        note(t("said.evidence_written", path=timeline))
    if plot is not None:
        write_text(plot, factor_page(opened.factor(name), told, speech.lang))
        note(t("said.plot", path=plot))
    if as_json:
        out_json(told)
        return
    for section in told["sections"]:
        out(f"\n{section[f'title_{speech.lang}']}")
        for line in section["lines"]:
            out(f"  {line[speech.lang]}")


@app.command(help=t("help.factor_cite"))
def cite(
    name: NameArgument,
    *,
    release: Annotated[str, typer.Option("--release", help=t("help.cite_release"))] = "",
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Say how to cite a factor as published in a release, by GB/T 7714 and in English."""
    from factordb import Library

    found = Library.open(library).cite_factor(name, release)
    if as_json:
        out_json(found)
        return
    out(found["zh"])
    out(found["en"])

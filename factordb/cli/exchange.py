"""`factordb formats`, `factordb convert`, `factordb release export`: factors to and from other people's programs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli import releases
from factordb.cli.console import note, out, out_json, speech, t, table

JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Add the commands of this room to the program, and `export` to `factordb release`."""
    app.command("formats", help=t("help.formats"))(list_formats)
    app.command("convert", help=t("help.convert"))(convert)
    releases.app.command("export", help=t("help.release_export"))(export)


def list_formats(*, as_json: JsonOption = False) -> None:
    """List the exchange formats."""
    from factordb import exchange_formats

    rows = exchange_formats()
    if as_json:
        out_json(rows)
        return
    table(
        t("table.formats"),
        [t("column.format"), t("column.format_title"), t("column.writes"), t("column.reads"), t("column.endings")],
        [[row["name"], row[f"title_{speech.lang}"], _mark(row["writes"]), _mark(row["reads"]),
          " ".join(row["suffixes"])] for row in rows],
    )  # fmt: skip


def _mark(yes: bool) -> str:
    return t("said.can") if yes else "—"


def convert(
    source: Annotated[Path, typer.Argument(help=t("help.convert_in"))],
    target: Annotated[Path, typer.Argument(help=t("help.convert_out"))],
    *,
    from_: Annotated[str, typer.Option("--from", help=t("help.convert_from"))] = "",
    to: Annotated[str, typer.Option("--to", help=t("help.convert_to"))] = "",
    mapping: Annotated[Path | None, typer.Option("--mapping", help=t("help.convert_mapping"))] = None,
    as_json: JsonOption = False,
) -> None:
    """Read a file of one format and write it in another."""
    from factordb import convert as converted
    from factordb.errors import ExitCode

    report = converted(source, target, from_, to, speech.lang, mapping)
    _show(report.as_dict(), as_json=as_json)
    if report.refused or not report.written:
        raise typer.Exit(int(ExitCode.BLOCKING))


def export(
    release: Annotated[str, typer.Argument(help=t("help.release_id"))],
    *,
    form: Annotated[str, typer.Option("--format", help=t("help.export_format"))],
    target: Annotated[Path | None, typer.Option("--to", help=t("help.export_to"))] = None,
    library: releases.LibraryOption = releases.DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Write a release in an exchange format."""
    from factordb import exchange_formats, export_release

    folder = Path(release)
    if not folder.is_dir():
        folder = library / "releases" / release
    if target is None:
        known = {one["name"]: one["suffixes"] for one in exchange_formats()}
        target = Path(f"{folder.name}-{form}{(known.get(form) or [''])[0]}")
    _show(export_release(folder, form, target, speech.lang).as_dict(), as_json=as_json)


def _show(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        out_json(report)
        return
    facts = {name: report[name] for name in ("source", "target", "datasets", "rows", "refused", "left_out", "written")}
    out(t("said.exchanged", **facts))
    if report["assumed"]:
        note(t("said.assumed", columns=", ".join(f"{name} ({count})" for name, count in report["assumed"].items())))
    if report["losses"]:
        table(
            t("table.losses"),
            [t("column.field"), t("column.loss"), t("column.factors") + "#"],
            [[loss["field"], t(f"loss.{loss['how']}"), loss["rows"]] for loss in report["losses"]],
        )
    if report["faults"]:
        counts = report["faults_by_code"]
        examples = {fault["code"]: fault for fault in reversed(report["faults"])}
        table(
            t("table.exchange_faults"),
            [t("column.code"), t("column.times") + "#", t("column.example")],
            [[code, counts[code], examples[code][speech.lang]] for code in list(counts)[:_SHOWN]],
        )

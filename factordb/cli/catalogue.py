"""Catalogues: checks and pipelines."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from factordb.cli.console import out, out_json, speech, t, table, word

JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]


def add_to(app: typer.Typer) -> None:
    """Add the catalogue commands to the program."""
    app.command("checks", help=t("help.checks"))(checks)
    app.command("pipelines", help=t("help.pipelines"))(pipelines)


def checks(
    code: Annotated[str, typer.Argument(help=t("help.code"))] = "",
    *,
    export: Annotated[Path | None, typer.Option("--export", help=t("help.export"))] = None,
    package: Annotated[bool, typer.Option("--package", help=t("help.checks_package"))] = False,
    as_json: JsonOption = False,
) -> None:
    """List the checks or a package's checklist, show one of them whole, or write a Great Expectations suite."""
    from factordb import describe_checks, export_checks

    if export is not None:
        files = [str(path) for path in export_checks(export, datetime.now(tz=UTC).date())]
        if as_json:
            out_json(files)
        else:
            out(t("said.exported", n=len(files), path=export))
        return
    rows = describe_checks(code, package=package)
    if as_json:
        out_json(rows)
        return
    lang = speech.lang
    if code:
        one = rows[0]
        out(f"{one['code']}  {word('severity', one['severity'])}  {one[f'title_{lang}']}")
        for key in ("clause", f"why_{lang}", f"fix_{lang}", "requires", "when", "sql"):
            if one[key]:
                out(f"\n{t('column.' + key.removesuffix('_' + lang))}: {one[key]}")
        return
    table(
        t("table.checklist" if package else "table.checks", n=len(rows)),
        [t("column.code"), t("column.severity"), t("column.rule")],
        [[row["code"], word("severity", row["severity"]), row[f"title_{lang}"]] for row in rows],
    )


def pipelines(
    *,
    as_json: JsonOption = False,
    template: Annotated[bool, typer.Option("--template", help=t("help.template"))] = False,
    fields: Annotated[bool, typer.Option("--fields", help=t("help.fields"))] = False,
) -> None:
    """List the pipelines; or print a mapping to fill in; or the canonical fields."""
    from factordb import describe_pipelines, mapping_fields, mapping_template

    if template:
        out(mapping_template())
        return
    if fields:
        known = mapping_fields()
        if as_json:
            out_json(known)
        else:
            table("", [t("column.field"), t("column.meaning")], known.items())
        return
    rows = describe_pipelines()
    if as_json:
        out_json(rows)
        return
    table(
        t("table.pipelines"),
        [t("column.pipeline"), t("column.title"), t("column.files")],
        [[row["name"], row[f"title_{speech.lang}"], "\n".join(row["files"]) or t("said.own_file")] for row in rows],
    )

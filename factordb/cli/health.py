"""`factordb doctor` and `factordb dashboard`."""

from pathlib import Path
from typing import Annotated

import typer

from factordb.cli.console import Bar, note, out, out_json, speech, t, table, word
from factordb.cli.reviewing_words import warn_of_due

LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
DEFAULT_LIBRARY = Path("library")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("doctor", help=t("help.doctor"))(doctor)
    app.command("dashboard", help=t("help.dashboard"))(dashboard)


def doctor(
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    deep: Annotated[bool, typer.Option("--deep", help=t("help.deep"))] = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help=t("help.rebuild"))] = False,
    pace: Annotated[bool, typer.Option("--pace", help=t("help.pace"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Examine both stores; rebuild the data file; or show how long candidates have waited, and for what."""
    from factordb import Library
    from factordb.cli.app import who
    from factordb.errors import ExitCode

    speech.json = as_json
    opened = Library.open(library)
    if pace:
        rows = opened.pace()
        if as_json:
            out_json(rows)
        else:
            table(
                t("table.pace"),
                [t("column.verdict"), t("column.waits_for"), t("column.candidates") + "#",
                 t("column.median_days") + "#", t("column.longest_days") + "#"],
                [[word("verdict", row["verdict"]), row["waits_for"], row["candidates"], row["median_days"],
                  row["longest_days"]] for row in rows],
            )  # fmt: skip
        return
    if rebuild:
        with Bar() as bar:
            opened.rebuild(actor=who(), progress=bar)
    symptoms = opened.health(deep=deep or rebuild)
    if as_json:
        out_json([vars(one) for one in symptoms])
    elif not symptoms:
        out(t("said.healthy"))
        warn_of_due(opened)
    for one in symptoms if not as_json else []:
        out(f"{one.code}: {one.zh if speech.lang == 'zh' else one.en}")
        out(f"  {one.remedy_zh if speech.lang == 'zh' else one.remedy_en}")
    if symptoms:
        raise typer.Exit(int(ExitCode.INTEGRITY))


def _of_shipped_data(folder: Path) -> None:
    """Do the main job on the shipped sources in a folder that is not there yet."""
    from factordb import Library
    from factordb.cli.app import who

    note(t("said.dashboard_makes", library=folder))
    with Bar() as bar:
        Library.open(folder, create=True).run(actor=who(), progress=bar)


def dashboard(
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    port: Annotated[int, typer.Option("--port", min=1024, max=65535, help=t("help.port"))] = 8501,
    auth: Annotated[str, typer.Option("--auth", help=t("help.auth"))] = "read",
    oidc: Annotated[Path | None, typer.Option("--oidc", help=t("help.oidc"))] = None,
) -> None:
    """Serve the dashboard on this machine; where no library was named and none is here, of the shipped sources."""
    from factordb import serve_dashboard

    if library == DEFAULT_LIBRARY and not library.exists():
        _of_shipped_data(library)
    out(t("said.dashboard", port=port))
    out(t(f"said.auth_{auth}" if auth in {"read", "dev", "oidc"} else "said.auth_read"))
    serve_dashboard(library, port=port, lang=speech.lang, auth=auth, oidc=oidc)

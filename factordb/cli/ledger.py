"""`factordb ledger`: verify, show, proof, export, checkpoint, anchor."""

from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli.console import out, out_json, speech, t, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
DEFAULT_LIBRARY = Path("library")
_PAGE = 20


@app.command(help=t("help.ledger_verify"))
def verify(
    file: Annotated[Path | None, typer.Argument(help=t("help.ledger_file"))] = None,
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Recompute a ledger, a library's or an exported one, or check a proof."""
    from factordb import Library, verify_ledger_file
    from factordb.errors import ExitCode

    found = verify_ledger_file(file) if file else Library.open(library, anchored=False).verify_ledger()
    if as_json:
        out_json(found)
    else:
        _say(found)
    if found.get("breaches") or found.get("holds") is False:
        raise typer.Exit(int(ExitCode.INTEGRITY))


def _say(found: dict[str, Any]) -> None:
    if "holds" in found:
        out(t("said.proof_holds" if found["holds"] else "said.proof_fails"))
        return
    out(t("said.ledger_ok", **_head(found["checkpoint"])))
    if found.get("compared"):
        out(t("said.ledger_compared", names=", ".join(found["compared"])))
    for one in found["breaches"]:
        out(f"{one['code']}: {one[speech.lang]}")
    if not found["breaches"]:
        out(t("said.four_eyes_ok"))


def _head(checkpoint: dict[str, Any]) -> dict[str, Any]:
    return {"size": checkpoint["size"], "root": checkpoint["root"], "time": checkpoint["time"] or "—"}


@app.command(help=t("help.ledger_show"))
def show(
    start: Annotated[int, typer.Option("--from", min=0, help=t("help.ledger_from"))] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, help=t("help.limit"))] = _PAGE,
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Show events with their leaf hashes, oldest first."""
    from factordb import Library

    rows = Library.open(library).ledger(start, limit)
    if as_json:
        out_json(rows)
        return
    columns = [t(f"column.event_{name}") for name in ("time", "kind", "subject", "actor", "leaf")]
    table(
        t("table.ledger"),
        [t("column.event_no") + "#", *columns],
        [[row["event_id"], row["happened_on"], row["kind"], row["subject"], row["actor"], row["leaf"][:16]]
         for row in rows],
    )  # fmt: skip


@app.command(help=t("help.ledger_proof"))
def proof(
    event: Annotated[int | None, typer.Argument(help=t("help.ledger_event"))] = None,
    *,
    since: Annotated[int | None, typer.Option("--since", min=0, help=t("help.ledger_since"))] = None,
    size: Annotated[int | None, typer.Option("--size", min=0, help=t("help.ledger_size"))] = None,
    library: LibraryOption = DEFAULT_LIBRARY,
) -> None:
    """Print a proof as JSON: that an event is in the ledger, or that the ledger continues an earlier one."""
    from factordb import Library
    from factordb.errors import UsageError

    if (event is None) == (since is None):
        raise UsageError(
            problem="name an event, or an earlier size with --since, one of the two",
            remedy="`factordb ledger show` lists the events",
            problem_zh="请指定事件，或以 --since 指定较早的大小，二者择一",
            remedy_zh="`factordb ledger show` 列出事件",
        )
    opened = Library.open(library)
    out_json(opened.inclusion_proof(event, size) if event is not None else opened.consistency_proof(since or 0, size))


@app.command(help=t("help.ledger_export"))
def export(
    file: Annotated[Path, typer.Argument(help=t("help.ledger_export_file"))],
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Write the ledger, one canonical event a line."""
    from factordb import Library

    made = Library.open(library).export_ledger(file)
    out_json({"path": str(file), **made}) if as_json else out(t("said.ledger_export", path=file, **_head(made)))


@app.command(help=t("help.ledger_checkpoint"))
def checkpoint(*, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Show size and root of the ledger now."""
    from factordb import Library

    made = Library.open(library).checkpoint()
    out_json(made) if as_json else out(t("said.checkpoint", **_head(made)))


@app.command(help=t("help.ledger_anchor"))
def anchor(
    *,
    reason: Annotated[str, typer.Option("--reason", help=t("help.ledger_reason"))],
    library: LibraryOption = DEFAULT_LIBRARY,
    actor: Annotated[str, typer.Option("--actor", help=t("help.actor"))] = "",
    as_json: JsonOption = False,
) -> None:
    """Take the ledger as it is for the true one, after a backup was restored on purpose."""
    from factordb import Library
    from factordb.cli.app import who

    made = Library.open(library, anchored=False).anchor_anew(actor=actor or who(), reason=reason)
    out_json(made) if as_json else out(t("said.ledger_anchor", **_head(made)))

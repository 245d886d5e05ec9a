"""`factordb release`: build, verify, sign, diff, list."""

from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli.console import Bar, note, out, out_json, speech, t, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
DEFAULT_LIBRARY = Path("library")


@app.command(help=t("help.release_build"))
def build(
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    actor: Annotated[str, typer.Option("--actor", help=t("help.actor"))] = "",
    reason: Annotated[str, typer.Option("--reason", help=t("help.reason"))] = "",
    erratum: Annotated[str, typer.Option("--erratum", help=t("help.erratum"))] = "",
    as_json: JsonOption = False,
) -> None:
    """Adopt what is eligible by a declared single-operator decision and build the release of it."""
    from factordb import Library
    from factordb.cli.app import who

    speech.json = as_json
    opened = Library.open(library)
    reviewed = opened.mode() == "reviewed"
    if not reviewed:  # in a reviewed library the curator named by --actor releases what cases adopted
        opened.adopt(actor=actor or who(), reason=reason or t("said.default_reason"))
    with Bar() as bar:
        made = opened.release(actor=actor or who(), erratum=erratum, progress=bar)
    if as_json:
        out_json(
            {"release": made.release_id, "path": str(made.path), "counts": dict(made.counts), "already": made.already}
        )
        return
    out(t("said.release_same" if made.already else "said.release_new", id=made.release_id, path=made.path))
    out(t("said.approved_by_route" if reviewed else "said.approval", actor=actor or who()))


@app.command(help=t("help.release_verify"))
def verify(
    release: Annotated[str, typer.Argument(help=t("help.verify_target"))],
    *,
    keys: Annotated[Path | None, typer.Option("--keys", help=t("help.verify_keys"))] = None,
    signatures: Annotated[int, typer.Option("--signatures", min=0, help=t("help.verify_signatures"))] = 0,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Examine a release: a library's own by its name, anybody's by its folder."""
    from factordb import Library, verify_release
    from factordb.errors import ExitCode

    folder = Path(release) if Path(release).is_dir() else library / "releases" / release
    outside = keys is not None or Path(release).is_dir()
    found = (
        verify_release(folder, keys, signatures=signatures) if outside else Library.open(library).check_release(release)
    )
    if as_json:
        out_json({"release": release, **vars(found)})
    else:
        for problem in found.problems:
            out(problem[speech.lang])
        if found.sound:
            out(t("said.release_ok", id=release))
            judged = "said.release_signers" if found.signers else "said.release_unjudged"
            out(t(judged, names=", ".join(found.signers), mode=found.mode))
    if not found.sound:
        raise typer.Exit(int(ExitCode.INTEGRITY))


@app.command(help=t("help.release_sign"))
def sign(
    release: Annotated[str, typer.Argument(help=t("help.release_id"))],
    key: Annotated[Path, typer.Option("--key", help=t("help.sign_key"))],
    *,
    passphrase_file: Annotated[Path | None, typer.Option("--passphrase-file", help=t("help.passphrase_file"))] = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Sign a release with a curator's key."""
    from factordb import Library
    from factordb.cli.keys import passphrase

    signed = Library.open(library).sign_release(release, key, passphrase(passphrase_file))
    if as_json:
        out_json({"release": release, "keys": signed})
    else:
        out(t("said.release_signed", id=release, n=len(signed), keys=", ".join(signed)))


@app.command(help=t("help.release_diff"))
def diff(
    old: Annotated[str, typer.Argument(help=t("help.diff_old"))],
    new: Annotated[str, typer.Argument(help=t("help.diff_new"))],
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    csv_file: Annotated[Path | None, typer.Option("--csv", help=t("help.diff_csv"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help=t("help.limit"))] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show what differs between two releases, by name or by folder."""
    from factordb import Library, diff_releases

    speech.json = as_json
    if Path(old).is_dir() and Path(new).is_dir():
        found = diff_releases(Path(old), Path(new))
    else:
        found = Library.open(library).diff_releases(old, new)
    if csv_file is not None:
        found.write_csv(csv_file)
        note(t("said.diff_csv", path=csv_file, n=found.rows.num_rows))
    if as_json:
        out_json(found.as_dict())
        return
    if found.new.corrects:
        out(t("said.diff_erratum", id=found.new.release_id, corrects=found.new.corrects, why=found.new.erratum))
    counted = "  ".join(f"{t(f'status.{name}')} {n}" for name, n in found.counts.items())
    out(t("said.diff_counts", old=found.old.release_id, new=found.new.release_id, counts=counted))
    if found.rows.num_rows:
        _show(found.rows.slice(0, limit).to_pylist(), found.rows.num_rows)


def _show(rows: list[dict[str, Any]], total: int) -> None:
    table(
        t("table.diff", shown=len(rows), total=total),
        [t("column.diff_status"), t("column.name"), t("column.region"), t("column.diff_value"),
         t("column.diff_relative") + "#", t("column.diff_interval"), t("column.diff_rating"), t("column.diff_reason")],
        [[t(f"status.{row['status']}"), row[f"name_{speech.lang}"] or row["name_zh"] or row["factor_id"][:10],
          row["region"] or "", _both(row, "value_text", "unit"), _relative(row), _intervals(row),
          _both(row, "dqr", "band"), row["note"] or t(f"why.{row['reason']}")] for row in rows],
    )  # fmt: skip


def _both(row: dict[str, Any], first: str, second: str) -> str:
    """Return old → new of a value with its unit or its band; one side where only one is there or both are equal."""
    sides = []
    for side in ("old", "new"):
        value = row[f"{side}_{first}"]
        shown = f"{value:.2f}" if isinstance(value, float) else value
        sides.append("" if value is None else f"{shown} {row[f'{side}_{second}'] or ''}".strip())
    return " → ".join(dict.fromkeys(one for one in sides if one))


def _intervals(row: dict[str, Any]) -> str:
    sides = [
        "" if row[f"{side}_shortest_low95"] is None
        else f"[{row[f'{side}_shortest_low95']:.4g}, {row[f'{side}_shortest_high95']:.4g}]"
        for side in ("old", "new")
    ]  # fmt: skip
    return " → ".join(dict.fromkeys(one for one in sides if one))


def _relative(row: dict[str, Any]) -> str:
    if row["relative_change"] is None:
        return ""
    mark = " " + t("said.diff_beyond") if row["beyond_old_interval"] else ""
    return f"{row['relative_change'] * 100:+.2f} %{mark}"


@app.command("list", help=t("help.release_list"))
def list_releases(*, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """List the releases."""
    from factordb import Library

    rows = Library.open(library).releases()
    if as_json:
        out_json(rows)
        return
    table(
        t("table.releases"),
        [t("column.release"), t("column.as_of"), t("column.factors") + "#", t("column.base"), t("column.manifest")],
        [[row["release_id"], row["as_of"], row["factors"], row["base_release"] or "—", row["manifest_sha256"][:16]]
         for row in rows],
    )  # fmt: skip

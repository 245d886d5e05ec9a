"""`factordb release`: build, verify, list."""

from pathlib import Path
from typing import Annotated

import typer

from factordb.cli.console import Bar, out, out_json, speech, t, table

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
    as_json: JsonOption = False,
) -> None:
    """Adopt what is eligible by a declared single-operator decision and build the release of it."""
    from factordb import Library
    from factordb.cli.app import who

    speech.json = as_json
    opened = Library.open(library)
    opened.adopt(actor=actor or who(), reason=reason or t("said.default_reason"))
    with Bar() as bar:
        made = opened.release(actor=actor or who(), progress=bar)
    if as_json:
        out_json(
            {"release": made.release_id, "path": str(made.path), "counts": dict(made.counts), "already": made.already}
        )
        return
    out(t("said.release_same" if made.already else "said.release_new", id=made.release_id, path=made.path))
    out(t("said.approval", actor=actor or who()))


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

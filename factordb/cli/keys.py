"""`factordb key`: new, add, revoke, list. A passphrase is asked for, or read from a file; it never stands in a flag."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from factordb.cli.console import out, out_json, speech, t, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
PassphraseOption = Annotated[Path | None, typer.Option("--passphrase-file", help=t("help.passphrase_file"))]
DEFAULT_LIBRARY = Path("library")


def passphrase(file: Path | None, *, new: bool = False) -> str:
    """Return the passphrase from a file, or as the person types it; a new one is typed twice."""
    from factordb import read_passphrase
    from factordb.errors import UsageError

    if file is not None:
        return read_passphrase(file)
    typed: str = typer.prompt(t("said.passphrase"), hide_input=True, err=True)
    if new and typer.prompt(t("frame.repeat"), hide_input=True, err=True) != typed:
        raise UsageError(
            problem="the two passphrases differ",
            remedy="type the same passphrase twice, or keep it in a file and name it with --passphrase-file",
            problem_zh="两次输入的口令不一致",
            remedy_zh="请两次输入同一口令，或把口令存入文件并用 --passphrase-file 指明",
        )
    return typed


@app.command("new", help=t("help.key_new"))
def new_key(
    file: Annotated[Path, typer.Argument(help=t("help.key_file"))],
    *,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key: the private half encrypted into a file, the public half beside it."""
    from factordb import make_key

    key_id = make_key(file, passphrase(passphrase_file, new=True)).key_id
    public = file.with_name(f"{file.name}.pub")
    if as_json:
        out_json({"key_id": key_id, "private": str(file), "public": str(public)})
    else:
        out(t("said.key_new", id=key_id, private=file, public=public))


@app.command(help=t("help.key_add"))
def add(
    person: Annotated[str, typer.Argument(help=t("help.key_person"))],
    public_key: Annotated[str, typer.Argument(help=t("help.key_public"))],
    *,
    valid_from: Annotated[
        datetime | None, typer.Option("--valid-from", formats=["%Y-%m-%d"], help=t("help.key_valid_from"))
    ] = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    actor: Annotated[str, typer.Option("--actor", help=t("help.actor"))] = "",
    as_json: JsonOption = False,
) -> None:
    """Record the public key of a person."""
    from factordb import Library
    from factordb.cli.app import who

    begin = valid_from.replace(tzinfo=UTC) if valid_from else None
    key_id = Library.open(library).add_key(person, public_key, actor=actor or who(), valid_from=begin)
    out_json({"key_id": key_id, "person": person}) if as_json else out(t("said.key_add", id=key_id, person=person))


@app.command(help=t("help.key_revoke"))
def revoke(
    key_id: Annotated[str, typer.Argument(help=t("help.key_id"))],
    *,
    reason: Annotated[str, typer.Option("--reason", help=t("help.key_reason"))],
    library: LibraryOption = DEFAULT_LIBRARY,
    actor: Annotated[str, typer.Option("--actor", help=t("help.actor"))] = "",
    as_json: JsonOption = False,
) -> None:
    """Record that a key signs no more."""
    from factordb import Library
    from factordb.cli.app import who

    Library.open(library).revoke_key(key_id, actor=actor or who(), reason=reason)
    out_json({"revoked": key_id}) if as_json else out(t("said.key_revoke", id=key_id))


@app.command("list", help=t("help.key_list"))
def list_keys(
    *,
    export: Annotated[Path | None, typer.Option("--export", help=t("help.key_export"))] = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """List the public keys, or write the list that outsiders verify releases with."""
    from factordb import Library

    speech.json = as_json
    opened = Library.open(library)
    if export is not None:
        count = opened.export_keys(export)
        out_json({"path": str(export), "keys": count}) if as_json else out(t("said.key_export", n=count, path=export))
        return
    rows = opened.keys()
    if as_json:
        out_json(rows)
        return
    table(
        t("table.keys"),
        [t(f"column.{name}") for name in ("key", "key_holder", "key_organisation", "key_from", "key_revoked")],
        [[row["key_id"], row["name"] or row["person_id"], row["organisation"], row["valid_from"],
          row["revoked"] or "—"] for row in rows],
    )  # fmt: skip

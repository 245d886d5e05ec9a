"""`factordb api`: serve released factors over HTTP, its clients, its description."""

import os
from pathlib import Path
from typing import Annotated

import typer

from factordb.cli.console import note, out, out_json, t, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
client = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(client, name="client", help=t("help.api_client"))
LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
FolderOption = Annotated[Path | None, typer.Option("--release-folder", help=t("help.release_folder"))]
AccessOption = Annotated[Path | None, typer.Option("--access", help=t("help.api_access"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
DEFAULT_LIBRARY = Path("library")
DEFAULT_PORT = 8468
HERE = ("127.0.0.1", "localhost", "::1")


def _who() -> str:
    return os.environ.get("USER") or os.environ.get("USERNAME") or "operator"


@app.command(help=t("help.api_serve"))
def serve(
    library: LibraryOption = DEFAULT_LIBRARY,
    *,
    release_folder: FolderOption = None,
    access: AccessOption = None,
    host: Annotated[str, typer.Option("--host", help=t("help.api_host"))] = HERE[0],
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help=t("help.api_port"))] = DEFAULT_PORT,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help=t("help.api_workers"))] = 1,
    write: Annotated[bool, typer.Option("--write", help=t("help.api_write"))] = False,
    rate: Annotated[int | None, typer.Option("--rate", min=0, help=t("help.api_rate"))] = None,
) -> None:
    """Serve the API."""
    from factordb import serve_api

    note(t("said.api_serving", host=host, port=port))
    if host not in HERE:
        note(t("said.api_open_to_others"))
    if write:
        note(t("said.api_writing"))
    serve_api(
        None if release_folder else library,
        release_folder=release_folder, access=access, host=host, port=port, workers=workers, write=write, rate=rate,
    )  # fmt: skip


@app.command(help=t("help.api_openapi"))
def openapi() -> None:
    """Print the OpenAPI document."""
    from factordb import describe_api

    out_json(describe_api())


@client.command(help=t("help.api_client_add"))
def add(
    name: Annotated[str, typer.Argument(help=t("help.api_client_name"))],
    *,
    scope: Annotated[list[str] | None, typer.Option("--scope", help=t("help.api_scope"))] = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    release_folder: FolderOption = None,
    access: AccessOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a client and show its secret once."""
    from factordb import add_api_client

    made = add_api_client(
        name, scopes=tuple(scope or ()), library=library, release_folder=release_folder, access=access, actor=_who()
    )
    if as_json:
        out_json(made)
        return
    out(t("said.api_client_added", name=made["name"], client_id=made["client_id"], scopes=", ".join(made["scopes"])))
    out(t("said.api_secret", secret=made["secret"]))


@client.command("list", help=t("help.api_client_list"))
def list_clients(
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    release_folder: FolderOption = None,
    access: AccessOption = None,
    as_json: JsonOption = False,
) -> None:
    """List clients, without their secrets."""
    from factordb import api_clients

    rows = api_clients(library=library, release_folder=release_folder, access=access)
    if as_json:
        out_json(rows)
        return
    table(
        t("table.api_clients"),
        [t("column.api_client"), t("column.name"), t("column.api_scopes"), t("column.api_state"),
         t("column.api_changed")],
        [[row["client_id"], row["name"], ", ".join(row["scopes"]), row["state"], row["changed_on"]] for row in rows],
    )  # fmt: skip


@client.command(help=t("help.api_client_revoke"))
def revoke(
    client_id: Annotated[str, typer.Argument(help=t("help.api_client_id"))],
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    release_folder: FolderOption = None,
    access: AccessOption = None,
) -> None:
    """Take all rights from a client."""
    from factordb import revoke_api_client

    revoke_api_client(client_id, library=library, release_folder=release_folder, access=access, actor=_who())
    out(t("said.api_client_revoked", client_id=client_id))

"""`factordb review person`: who may act in a reviewed library."""

from typing import Annotated, Any

import typer

from factordb.cli.console import out, out_json, t, table
from factordb.cli.reviewing_words import DEFAULT_LIBRARY as HERE
from factordb.cli.reviewing_words import AsOption, JsonOption, LibraryOption, named

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
PersonArgument = Annotated[str, typer.Argument(help=t("help.person_id"))]
NameOption = Annotated[str | None, typer.Option("--name", help=t("help.person_name"))]
RolesOption = Annotated[list[str] | None, typer.Option("--role", help=t("help.role"))]
KindsOption = Annotated[list[str] | None, typer.Option("--kind", help=t("help.kind"))]


@app.command(help=t("help.person_add"))
def add(
    person: PersonArgument,
    *,
    organisation: Annotated[str, typer.Option("--organisation", "-o", help=t("help.organisation"))],
    role: RolesOption = None,
    kind: KindsOption = None,
    name: NameOption = None,
    actor: AsOption = "",
    library: LibraryOption = HERE,
) -> None:
    """Add a person."""
    from factordb import Library

    opened = Library.open(library)
    opened.add_person(
        person, name=name or "", organisation=organisation, roles=role or [], kinds=kind or [], actor=actor
    )
    _told(opened, person)


@app.command(help=t("help.person_change"))
def change(
    person: PersonArgument,
    *,
    organisation: Annotated[str | None, typer.Option("--organisation", "-o", help=t("help.organisation"))] = None,
    role: RolesOption = None,
    kind: KindsOption = None,
    name: NameOption = None,
    actor: AsOption,
    library: LibraryOption = HERE,
) -> None:
    """Change a person; without any --role they have left."""
    from factordb import Library

    opened = Library.open(library)
    opened.change_person(
        person, name=name, organisation=organisation, roles=role or [], kinds=kind or None, actor=actor
    )
    _told(opened, person)


@app.command("list", help=t("help.person_list"))
def list_people(*, library: LibraryOption = HERE, as_json: JsonOption = False) -> None:
    """List people."""
    from factordb import Library

    rows = Library.open(library).people()
    if as_json:
        out_json(rows)
        return
    table(
        t("table.people"),
        [t("column.person"), t("column.name"), t("column.organisation"), t("column.roles"), t("column.kinds")],
        [[row["person_id"], row["name"], row["organisation"], named("roles", row["roles"]),
          named("kinds", row["kinds"])] for row in rows],
    )  # fmt: skip


def _told(opened: Any, person: str) -> None:
    rows = opened.people()
    row = next(one for one in rows if one["person_id"] == person)
    roles = named("roles", row["roles"]) or "—"
    out(t("said.person_put", id=person, organisation=row["organisation"], roles=roles))

"""`factordb lineage`: propose, check, show, impact, stale, repropose."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli.console import Bar, out, out_json, speech, t, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
DefinitionArgument = Annotated[Path, typer.Argument(help=t("help.lineage_definition"))]
NameArgument = Annotated[str, typer.Argument(help=t("help.factor_id"))]
ActorOption = Annotated[str, typer.Option("--actor", help=t("help.actor"))]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=100_000, help=t("help.limit"))]
DEFAULT_LIBRARY = Path("library")
SHORT = 10


@app.command(help=t("help.lineage_check"))
def check(
    definition: DefinitionArgument, *, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False
) -> None:
    """Show what a definition comes to, without writing."""
    from factordb import Library

    speech.json = as_json
    _say(Library.open(library).check_aggregate(definition), as_json=as_json)


@app.command(help=t("help.lineage_propose"))
def propose(
    definition: DefinitionArgument,
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take an aggregate in as a candidate."""
    from factordb import Library
    from factordb.cli.app import who

    speech.json = as_json
    with Bar() as bar:
        made = Library.open(library).propose_aggregate(definition, actor=actor or who(), progress=bar)
    _say(made, as_json=as_json)


@app.command(help=t("help.lineage_repropose"))
def repropose(
    factor: NameArgument,
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=t("help.lineage_dry_run"))] = False,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make an aggregate anew from the samples that are accepted now."""
    from factordb import Library
    from factordb.cli.app import who

    speech.json = as_json
    with Bar() as bar:
        made = Library.open(library).repropose(factor, dry_run=dry_run, actor=actor or who(), progress=bar)
    _say(made, as_json=as_json)


@app.command(help=t("help.lineage_show"))
def show(
    factor: NameArgument,
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """Show what a factor is built on, and what is built on it."""
    from factordb import Library

    found = Library.open(library).lineage(factor, limit=limit)
    if as_json:
        out_json(found)
        return
    if not any(found.values()):
        out(t("said.lineage_none"))
    for part in ("inputs", "used_by"):
        if found[part]:
            table(
                t(f"table.lineage_{part}"),
                [t("column.child"), t("column.parent"), t("column.role"), t("column.amount") + "#",
                 t("column.share") + "#", t("column.version")],
                [[row[f"child_{speech.lang}"] or row["child"][:SHORT], _parent(row), row["role"],
                  "—" if row["amount"] is None else f"{row['amount']:.6g}",
                  "—" if row["share"] is None else f"{row['share']:.1%}", (row["version"] or "—")[:SHORT]]
                 for row in found[part]],
            )  # fmt: skip


@app.command(help=t("help.lineage_impact"))
def impact(
    factor: NameArgument,
    new_value: Annotated[float, typer.Argument(help=t("help.new_value"))],
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """Show what would move if a factor took a new value."""
    from factordb import Library

    moves = Library.open(library).impact(factor, new_value)
    rows: list[dict[str, Any]] = moves.slice(0, limit).to_pylist()
    beyond = sum(1 for one in moves["beyond"].to_pylist() if one)
    if as_json:
        out_json({"moved": moves.num_rows, "beyond": beyond, "rows": rows})
        return
    out(t("said.impact", n=moves.num_rows, beyond=beyond))
    if rows:
        table(
            t("table.impact"),
            [t("column.id"), t("column.name"), t("column.old") + "#", t("column.new") + "#", t("column.unit"),
             t("column.change") + "#", t("column.interval"), t("column.beyond"), t("column.exact")],
            [[row["factor_id"][:SHORT], row[f"name_{speech.lang}"] or row["name_zh"], f"{row['old']:.6g}",
              f"{row['new']:.6g}", row["unit"], f"{row['change_percent']:+.2f} %", _interval(row),
              t("said.yes") if row["beyond"] else t("said.no"),
              t("said.exact") if row["exact"] else t("said.first_order")] for row in rows],
        )  # fmt: skip


@app.command(help=t("help.lineage_stale"))
def stale(
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help=t("help.lineage_as_of"))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List factors whose inputs have changed since they were made."""
    from factordb import Library

    found = Library.open(library).stale(as_of=as_of.date() if as_of else None)
    if as_json:
        out_json(found)
        return
    if not found:
        out(t("said.none_stale"))
        return
    table(
        t("table.stale"),
        [t("column.id"), t("column.name"), t("column.why")],
        [[one["factor_id"][:SHORT], one[f"name_{speech.lang}"] or one["name_zh"], reason[speech.lang]]
         for one in found for reason in one["reasons"]],
    )  # fmt: skip
    out(t("said.stale_next"))


def _parent(row: dict[str, Any]) -> str:
    if row["restricted"]:
        return f"{row['parent'][:SHORT]} {t('said.restricted')}"
    return str(row[f"parent_{speech.lang}"] or row["parent"][:SHORT])


def _interval(row: dict[str, Any]) -> str:
    low, high = row["low95"], row["high95"]
    return "—" if low is None or low != low else f"[{low:.5g}, {high:.5g}]"  # noqa: PLR0124 - NaN


def _say(made: Any, *, as_json: bool) -> None:
    if as_json:
        out_json(vars(made))
        return
    name = made.name_zh if speech.lang == "zh" else made.name_en
    out(t("said.aggregate", name=name, value=f"{made.value:.6g}", unit=made.unit, low=f"{made.low:.5g}",
          high=f"{made.high:.5g}"))  # fmt: skip
    out(t("said.variances", within=f"{made.u_within:.3g}", between=f"{made.u_between:.3g}", tau=f"{made.tau:.3g}",
          effective=f"{made.effective:.3g}", k=len(made.samples)))  # fmt: skip
    out(
        t("said.coverage_unknown")
        if made.coverage is None
        else t("said.coverage", percent=f"{100 * made.coverage:.3g}")
    )
    scores = ", ".join(f"{key} {value:.2f}" for key, value in made.scores.items())
    out(t("said.representativeness", scores=scores))
    table(
        t("table.samples"),
        [t("column.id"), t("column.name"), t("column.value") + "#", t("column.weight") + "#", t("column.share") + "#"],
        [[one["factor_id"][:SHORT], t("said.restricted") if one["restricted"] else one[f"name_{speech.lang}"],
          *("—" if one[key] is None else f"{one[key]:{form}}" for key, form in (("value", ".6g"), ("weight", "g"),
                                                                            ("share", ".1%")))]
         for one in made.samples],
    )  # fmt: skip
    for one in made.cautions:
        out(f"- {one[speech.lang]}")
    if made.demonstration:
        out(f"- {t('said.demonstration')}")
    if made.old:
        old = made.old
        change = "—" if old["change_percent"] is None else f"{old['change_percent']:+.2f}"
        where = "no_interval" if old["beyond"] is None else "beyond_interval" if old["beyond"] else "within_interval"
        facts = {"old": f"{old['value']:.6g}", "new": f"{made.value:.6g}", "change": change}
        out(t("said.difference", **facts, interval=_interval(old), beyond=t(f"said.{where}")))
    if made.batch_id:
        key = "said.proposed_again" if made.already else "said.proposed"
        out(t(key, factor=made.factor_id[:SHORT], batch=made.batch_id))
    else:
        out(t("said.not_written"))

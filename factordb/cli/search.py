"""`factordb factor search --released`, `choose`, `compare`: what drafters ask of a published release."""

from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli.console import note, out, out_json, speech, t, table, word

LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
ReleaseOption = Annotated[str, typer.Option("--release", help=t("help.which_release"))]
FolderOption = Annotated[Path | None, typer.Option("--release-folder", help=t("help.release_folder"))]
DEFAULT_LIBRARY = Path("library")
_SHOWN_FACETS = 8
_HIT_COLUMNS = ("id", "name", "value", "unit", "region", "year", "tier", "dqr")
_NUMBERS = frozenset({"value", "year", "dqr"})


def add_to(app: typer.Typer) -> None:
    """Add `choose` and `compare` to the commands of `factordb factor`."""
    app.command(help=t("help.factor_choose"))(choose)
    app.command(help=t("help.factor_compare"))(compare)


def asked_of(library: Path, release: str, folder: Path | None) -> Any:
    """Return the factors of the release that was named, of the newest, or of a downloaded folder."""
    from factordb import Library, open_release

    return open_release(folder) if folder is not None else Library.open(library).released_factors(release)


def criteria_of(pairs: list[str]) -> dict[str, list[str]]:
    """Return criterion -> values of `name=value` words; one given twice holds alternatives.

    Raises:
        UsageError: a word has no `=`.
    """
    from factordb.errors import UsageError

    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, given, value = pair.partition("=")
        if not given or name in {"text", "limit", "cursor", "facets"}:
            raise UsageError(
                problem=f"{pair!r} is no criterion",
                remedy="write it as in --where region=CN --where tier=official",
                problem_zh=f"{pair!r} 不是筛选条件",
                remedy_zh="请按 --where region=CN --where tier=official 的形式书写",
            )
        found.setdefault(name, []).append(value)
    return found


def say_released(asked: Any, text: str, where: list[str], limit: int, cursor: str, *, as_json: bool) -> None:
    """Write one page of released factors, with the filters that would still find something."""
    page = asked.search(text, limit=limit, cursor=cursor, **criteria_of(where))
    if as_json:
        out_json(page)
        return
    if page["corrected"]:
        note(t("said.corrected", text=page["corrected"]))
    _hits(t("table.released", n=page["total"], release=page["release"]["release_id"]), page["hits"])
    for name, values in page["facets"].items():
        if len(values) > 1:
            shown = ", ".join(f"{value} ({count})" for value, count in list(values.items())[:_SHOWN_FACETS])
            out(f"  --where {name}=…  {shown}{' …' if len(values) > _SHOWN_FACETS else ''}")
    if page["next"]:
        note(t("said.next_page", cursor=page["next"]))


def _hits(title: str, rows: list[dict[str, Any]]) -> None:
    table(
        title,
        [t(f"column.{name}") + ("#" if name in _NUMBERS else "") for name in _HIT_COLUMNS],
        [[row["factor_id"][:10], row[f"name_{speech.lang}"] or row["name_zh"] or row["name_en"], row["value_text"],
          row["unit"], row["region"], row["reference_year"], word("tier", row["tier"]),
          "" if row["dqr"] is None else f"{row['dqr']:.2f}"] for row in rows],
    )  # fmt: skip


def choose(
    product: Annotated[str, typer.Argument(help=t("help.product"))] = "",
    *,
    factor: Annotated[str, typer.Option("--factor", help=t("help.factor_id"))] = "",
    amount: Annotated[float, typer.Option("--amount", help=t("help.amount"))] = 1.0,
    unit: Annotated[str, typer.Option("--unit", help=t("help.amount_unit"))] = "",
    region: Annotated[str, typer.Option("--region", help=t("help.place_of_use"))] = "",
    year: Annotated[int | None, typer.Option("--year", help=t("help.year_of_use"))] = None,
    boundary: Annotated[str, typer.Option("--boundary", help=t("help.asked_boundary"))] = "",
    gwp_set: Annotated[str, typer.Option("--gwp-set", help=t("help.asked_gwp_set"))] = "",
    technology: Annotated[str, typer.Option("--technology", help=t("help.asked_technology"))] = "",
    gas: Annotated[str, typer.Option("--gas", help=t("help.asked_gas"))] = "CO2e",
    allow: Annotated[list[str] | None, typer.Option("--allow", help=t("help.allow_flags"))] = None,
    release: ReleaseOption = "",
    release_folder: FolderOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Choose the best factor for a product by clause (五) and say why; 4 where none is usable or several fit."""
    from factordb.errors import ExitCode

    answer = asked_of(library, release, release_folder).choose(
        product, factor=factor, amount=amount, unit=unit, region=region, year=year, boundary=boundary, gwp_set=gwp_set,
        technology=technology, gas=gas, allow_flags=tuple(allow or ()),
    )  # fmt: skip
    if as_json:
        out_json(answer)
    else:
        _say_choice(answer)
    if answer["outcome"] != "chosen":
        raise typer.Exit(int(ExitCode.GAPS))


def _say_choice(answer: dict[str, Any]) -> None:
    out(answer[speech.lang])
    if answer["factor"]:
        row, emission = answer["factor"], answer["emission"]
        _hits("", [row])
        out(t("said.emission", interval=_interval(emission), **emission))
        for line in (*answer["steps"], *answer["why"]):
            out(f"  {line[speech.lang]}")
        for line in answer["trail"]:
            out(f"  {line}")
        if answer["flags"]:
            words = "；" if speech.lang == "zh" else "; "
            out(
                t("said.flags", flags=words.join(f"{one[speech.lang]} ({one['flag']})" for one in answer["flags_said"]))
            )
        _briefs(t("table.alternatives"), answer["alternatives"])
        _say_source(answer["source"], row["place"])
        out(answer["citation"][speech.lang])
    _briefs(t("table.candidates_to_name"), answer["candidates"])
    if not answer["factor"]:
        _briefs(t("table.rejected"), answer["rejected"])


def _say_source(source: dict[str, Any], place: str | None) -> None:
    """Write who published the original, what, when, and where in it the value stands; what is unknown is left out."""
    title = source.get(f"title_{speech.lang}") or source.get("title_zh") or source.get("title_en")
    facts = (source.get("publisher"), title, source.get("document_no"), source.get("published_on"), place)
    told = list(dict.fromkeys(str(one) for one in facts if one))
    if told:
        out(t("said.original", source=("，" if speech.lang == "zh" else ", ").join(told)))


def _interval(emission: dict[str, Any]) -> str:
    if emission["low95"] is None:
        return t("said.without_interval")
    return t("said.interval95", low=f"{emission['low95']:.6g}", high=f"{emission['high95']:.6g}")


def _briefs(title: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table(
        title,
        [t("column.id"), t("column.name"), t("column.value") + "#", t("column.unit"), t("column.region"),
         t("column.year") + "#", t("column.why")],
        [[row["factor_id"][:10], row[f"name_{speech.lang}"] or row["name_zh"] or row["name_en"], row["value_text"],
          row["unit"], row["region"], row["reference_year"], (row["reason"] or row["why"] or {}).get(speech.lang, "")]
         for row in rows],
    )  # fmt: skip


def compare(
    first: Annotated[str, typer.Argument(help=t("help.factor_id"))],
    second: Annotated[str, typer.Argument(help=t("help.compared_with"))] = "",
    *,
    gwp_set: Annotated[str, typer.Option("--gwp-set", help=t("help.asked_gwp_set"))] = "",
    release: ReleaseOption = "",
    release_folder: FolderOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Compare a released factor with another, or with its like abroad: like with like, or say why not."""
    answer = asked_of(library, release, release_folder).compare(first, second, gwp_set=gwp_set)
    if as_json:
        out_json(answer)
        return
    for line in answer["words"]:
        out(line[speech.lang])
    for one in answer["comparisons"]:
        _hits("", [answer["factor"]])
        out(f"{one['second'][f'name_{speech.lang}'] or one['second']['name_zh']}  [{one['second']['factor_id'][:10]}]")
        for line in (*one["axes"], *one["notes"], *one["words"]):
            out(f"  {line[speech.lang]}")

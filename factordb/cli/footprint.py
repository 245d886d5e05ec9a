"""`factordb footprint`: trial footprints from an inventory: init, run, compare, batch, report."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli.console import note, out, out_json, speech, t, table, word

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
InventoryArgument = Annotated[Path, typer.Argument(help=t("help.fp_inventory"))]
LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
ReleaseOption = Annotated[str, typer.Option("--release", help=t("help.which_release"))]
FolderOption = Annotated[Path | None, typer.Option("--release-folder", help=t("help.release_folder"))]
DEFAULT_LIBRARY = Path("library")
_SHOWN_INPUTS = 6


def _asked(library: Path, release: str, folder: Path | None, *inventories: Path) -> Any:
    """Return the factors of the release named: on the line, in the first inventory, or the newest."""
    from factordb import Library, open_release, read_inventory

    if folder is not None:
        return open_release(folder)
    named = release or str(read_inventory(inventories[0]).study["release"] or "")
    return Library.open(library).released_factors(named)


@app.command(help=t("help.fp_init"))
def init(
    target: Annotated[Path, typer.Argument(help=t("help.fp_target"))],
    *,
    force: Annotated[bool, typer.Option("--force", help=t("help.fp_force"))] = False,
) -> None:
    """Write a commented example inventory, TOML or XLSX by its ending."""
    from factordb import footprint_template

    footprint_template(target, speech.lang, force=force)
    out(str(target))
    note(t("said.fp_next", path=target))


@app.command(help=t("help.fp_run"))
def run(
    inventory: InventoryArgument,
    *,
    release: ReleaseOption = "",
    release_folder: FolderOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Calculate a trial footprint; 3 where the inventory must be repaired, 4 where only information is missing."""
    from factordb import trial_of

    found = trial_of(_asked(library, release, release_folder, inventory), inventory)
    _answer(found, as_json, _say if found["usable"] else None)


@app.command(help=t("help.fp_compare"))
def compare(
    scenarios: Annotated[list[Path], typer.Argument(help=t("help.fp_scenarios"))],
    *,
    release: ReleaseOption = "",
    release_folder: FolderOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Compare scenarios: difference, its interval, P(first < other)."""
    from factordb import compare_of

    found = compare_of(_asked(library, release, release_folder, *scenarios), scenarios)
    _answer(found, as_json, _say_comparisons if found["comparable"] else None)


def _say_comparisons(found: dict[str, Any]) -> None:
    table(
        t("table.fp_scenarios"),
        [t("column.fp_scenario"), t("column.fp_value") + "#", t("column.interval"), "DQR#"],
        [[name, f"{one['result']['value']:.6g}", _ends(one["result"]), f"{one['quality']['dqr']:.2f}"]
         for name, one in found["scenarios"].items()],
    )  # fmt: skip
    for one in found["comparisons"]:
        gap = one["difference"]
        out(t("said.fp_below", first=one["first"], second=one["second"], probability=f"{one['first_below']:.3f}",
              difference=f"{gap['value']:+.6g}", low=f"{gap['low95']:.6g}", high=f"{gap['high95']:.6g}",
              shared=one["shared"]))  # fmt: skip
    out(t("said.fp_drawn", samples=found["samples"], seed=found["seed"]))


@app.command(help=t("help.fp_batch"))
def batch(
    inventory: InventoryArgument,
    plants: Annotated[Path, typer.Argument(help=t("help.fp_plants"))],
    *,
    release: ReleaseOption = "",
    release_folder: FolderOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Calculate many plants and give benchmark values."""
    from factordb import batch_of

    found = batch_of(_asked(library, release, release_folder, inventory), inventory, plants)
    _answer(found, as_json, _say_plants if found["usable"] else None)


def _say_plants(found: dict[str, Any]) -> None:
    """Write plants, quantiles and mean in every way of counting electricity that was counted."""
    ways = found["ways"]
    heads = [head for way in ways for head in (f"{t(f'way.{way}')} kgCO2e#", t("column.interval"))]
    table(
        t("table.fp_plants"),
        [t("column.fp_plant"), t("column.fp_production") + "#", *heads],
        [[one["plant"], f"{one['production']:g}", *(cell for way in ways.values() for cell in _told(way["plants"][at]))]
         for at, one in enumerate(found["plants"])],
    )  # fmt: skip
    table(
        t("table.fp_quantiles"),
        [t("column.fp_quantile") + "#", *heads],
        [[f"{one['quantile']:.0%}", *(cell for way in ways.values() for cell in _told(way["quantiles"][at]))]
         for at, one in enumerate(found["quantiles"])],
    )  # fmt: skip
    for way, told in ways.items():
        mean, main = told["mean"], t("said.fp_main") if way == found["method"] else ""
        value, low, high = (f"{mean[one]:.6g}" for one in ("value", "low95", "high95"))
        out(t("said.fp_benchmark", way=t(f"way.{way}"), value=value, low=low, high=high, plants=len(found["plants"]),
              samples=found["samples"], main=main))  # fmt: skip
    if len(ways) == 1:
        out(t("said.fp_one_way"))


def _told(one: dict[str, Any]) -> tuple[str, str]:
    return f"{one['value']:.6g}", _ends(one)


def _ends(one: dict[str, Any]) -> str:
    return f"[{one['low95']:.6g}, {one['high95']:.6g}]"


@app.command(help=t("help.fp_report"))
def report(
    inventory: InventoryArgument,
    target: Annotated[Path, typer.Argument(help=t("help.fp_to"))],
    *,
    release: ReleaseOption = "",
    release_folder: FolderOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
) -> None:
    """Write the report of a trial footprint as HTML or DOCX."""
    from factordb import trial_of, trial_report

    found = trial_of(_asked(library, release, release_folder, inventory), inventory)
    if found["usable"]:
        trial_report(found, target, speech.lang)
        out(t("said.fp_written", path=target))
    else:
        say_findings(found["findings"])
        leave(found["findings"])


def _answer(found: dict[str, Any], as_json: bool, say: Callable[[dict[str, Any]], None] | None) -> None:
    """Write what a command found, in words where there is a result to `say`, and end with its code."""
    if as_json:
        out_json(found)
    else:
        say_findings(found["findings"])
        if say is not None:
            say(found)
    leave(found["findings"])


def leave(findings: list[dict[str, Any]]) -> None:
    """End with 3 on a finding that blocks, 4 on missing information."""
    from factordb.errors import ExitCode

    found = {one["severity"] for one in findings}
    if "block" in found:
        note(t("said.fp_blocked"))
        raise typer.Exit(int(ExitCode.BLOCKING))
    if "gap" in found:
        raise typer.Exit(int(ExitCode.GAPS))


def say_findings(findings: list[dict[str, Any]]) -> None:
    """Write the findings: code, severity, what, remedy."""
    if not findings:
        out(t("said.fp_no_findings"))
        return
    table(
        t("table.fp_findings", n=len(findings)),
        [t("column.code"), t("column.severity"), t("column.clause"), t("column.said"), t("column.fix")],
        [[one["code"], word("severity", one["severity"]), one["clause"], one[f"said_{speech.lang}"],
          one[f"fix_{speech.lang}"]] for one in findings],
    )  # fmt: skip


def _say(found: dict[str, Any]) -> None:
    lang = speech.lang
    study = found["study"]
    out(t("said.fp_head", name=study["name"], amount=f"{study['amount']:g}", unit=study["unit"],
          release=found["release"]["release_id"], gwp_set=study["gwp_set"]))  # fmt: skip
    for way, result in found["results"].items():
        main = t("said.fp_main") if way == found["method"] else ""
        out(t("said.fp_result", way=t(f"way.{way}"), value=f"{result['value']:.6g}", low=f"{result['low95']:.6g}",
              high=f"{result['high95']:.6g}", cv=f"{100 * (result['cv'] or 0):.3g}", main=main))  # fmt: skip
    out(t("said.fp_drawn", samples=found["samples"], seed=found["seed"]))
    _say_electricity(found)
    names = {line["id"]: line["name"] for line in found["lines"]}
    for key, title in (("stages", "fp_stages"), ("contributions", "fp_lines")):
        table(
            t(f"table.{title}"),
            [t("column.name"), t("column.fp_value") + "#", t("column.fp_share") + "#", t("column.fp_variance") + "#"],
            [[t(f"stage.{row['name']}") if key == "stages" else names[row["name"]], f"{row['value']:.6g}",
              f"{row['share']:.1%}", f"{row['variance_share']:.1%}"] for row in found[key]],
        )  # fmt: skip
    table(
        t("table.fp_sensitivity"),
        [t("column.fp_input"), t("column.name"), t("column.fp_variance") + "#", t("column.interval")],
        [[t(f"input.{row['kind']}"), row[f"name_{lang}"], f"{row['total']:.1%}",
          f"[{row['low']:.6g}, {row['high']:.6g}]"] for row in found["sensitivity"][:_SHOWN_INPUTS]],
    )  # fmt: skip
    quality = found["quality"]
    out(t("said.fp_quality", **{name: f"{quality[name]:.2f}" for name in ("dqr", "te", "gr", "ti", "p")},
          primary=f"{quality['primary_activity']:.0%}"))  # fmt: skip
    for factor in found["factors"]:
        out(f"[{factor['number']}] {(factor['citation'] or {}).get(lang) or '—'}")


def _say_electricity(found: dict[str, Any]) -> None:
    """Write how purchased electricity was counted in both ways: items of each line, and what the lines add up to."""
    told = found["electricity"]
    if told is None:
        return
    heads = [t("column.name"), t("column.fp_way"), t("column.fp_item"), t("column.fp_numbers"),
             t("column.fp_amount") + "#", t("column.fp_share") + "#", t("column.fp_factor"),
             t("column.fp_value") + "#"]  # fmt: skip
    rows = [
        [line["name"], t(f"way.{way}"), f"{t('fpitem.' + one['kind'])} {one['part']}".strip(),
         ", ".join(one["numbers"]) or "—", f"{one['amount']:.6g} {line['unit']}", f"{one['share']:.1%}",
         _factor(found, one["factor"]), f"{one['value']:.6g}"]
        for line in told["lines"] for way, items in line["items"].items() for one in items
    ]  # fmt: skip
    table(t("table.fp_electricity"), heads, rows)
    for line in told["lines"]:
        losses = line["grid_losses"]
        out(t("said.fp_electricity", name=line["name"], losses="—" if losses is None else f"{100 * losses:g} %",
              **_both(line), unit=line["unit"]))  # fmt: skip
    if told["total"] is not None and len(told["lines"]) > 1:
        out(t("said.fp_electricity_total", **_both(told["total"]), unit=told["total"]["unit"]))
    out(t("said.fp_counted_once", count=told["numbers"]))


def _both(one: dict[str, Any]) -> dict[str, str]:
    """Return amount, what is covered, and both results of a line or of all lines, as they are written."""
    return {"amount": f"{one['amount']:.6g}", "covered": f"{one['covered']:.6g}",
            **{way: f"{value:.6g}" for way, value in one["results"].items()}}  # fmt: skip


def _factor(found: dict[str, Any], number: int) -> str:
    """Return the number of a factor among those cited below, and its value as published."""
    factor = found["factors"][number - 1]
    return f"[{number}] {factor['value_text']} {factor['unit']}"

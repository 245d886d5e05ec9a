"""What the page of trial footprints asks beyond the door: uploads of inventories and plants, pictures, reports."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from factordb.footprinting import footprint_template, read_inventory, trial_report
from factordb.formats.plots import Interval, interval_plot
from factordb.library import Library
from factordb.uncertainty.drawing import bar_plot

__all__ = [
    "DRAWN_PLANTS", "ENDINGS", "TABLES", "batch_uploaded", "benchmarks_plot", "compared_uploaded", "contributions_plot",
    "differences_plot", "number_in_words", "plants_bytes", "plants_plot", "report_bytes", "scenarios_plot",
    "template_bytes", "trial_uploaded",
]  # fmt: skip

Upload = tuple[str, bytes]
"""Name and content of a file that was sent."""
ENDINGS: Final = ("toml", "xlsx")
"""Inventories that can be uploaded."""
TABLES: Final = ("csv", "xlsx")
"""Tables of plants that can be uploaded."""
DRAWN_PLANTS: Final = 30
"""Plants of a picture, the largest ones; the table below it has all."""
UNIT: Final = "kgCO2e"


def _kept(folder: str, stem: str, sent: Upload, endings: Sequence[str]) -> Path:
    """Return the path of an upload in a folder that lasts as long as the question; its own name is no path."""
    ending = next((one for one in endings if sent[0].lower().endswith(f".{one}")), endings[0])
    path = Path(folder) / f"{stem}.{ending}"
    path.write_bytes(sent[1])
    return path


def trial_uploaded(library: Library, name: str, content: bytes, release: str = "") -> dict[str, Any]:
    """Return the trial footprint of an uploaded inventory, as `Library.trial_footprint`; nothing is kept.

    Raises:
        FileProblemError: it is no inventory.
        UsageError: a key is not known, or a number cannot be used.
    """
    with TemporaryDirectory(prefix="factordb-trial-") as folder:
        return library.trial_footprint(_kept(folder, "inventory", (name, content), ENDINGS), release=release)


def compared_uploaded(library: Library, sent: Sequence[Upload]) -> dict[str, Any]:
    """Return uploaded inventories beside the first of them, as `Library.compare_scenarios`; nothing is kept.

    A scenario is called by the name of its file; of equal names the later ones are numbered.

    Raises:
        FileProblemError: one is no inventory.
        UsageError: there are fewer than two, or one cannot be used.
    """
    with TemporaryDirectory(prefix="factordb-trial-") as folder:
        named: dict[str, Path] = {}
        for at, one in enumerate(sent, start=1):
            name = one[0].rpartition(".")[0] or one[0]
            label = name if name not in named else f"{name} ({at})"
            named[label] = _kept(folder, f"scenario{at}", one, ENDINGS)
        # all of them with the factors of the release that the first one names
        release = str(read_inventory(next(iter(named.values()))).study["release"] or "") if named else ""
        return library.compare_scenarios(named, release=release)


def batch_uploaded(library: Library, inventory: Upload, plants: Upload) -> dict[str, Any]:
    """Return the footprints of an uploaded table of plants, as `Library.batch_trial`; nothing is kept.

    Raises:
        FileProblemError: one of them cannot be read.
        UsageError: a column is no line or contract, or a cell holds no number.
    """
    with TemporaryDirectory(prefix="factordb-trial-") as folder:
        path = _kept(folder, "inventory", inventory, ENDINGS)
        return library.batch_trial(path, _kept(folder, "plants", plants, TABLES))


def plants_bytes(inventory: Upload) -> bytes:
    """Return a table of plants to fill in: the lines and contracts of an inventory as columns, its own as a row.

    Raises:
        FileProblemError: it is no inventory.
        UsageError: a key is not known.
    """
    with TemporaryDirectory(prefix="factordb-trial-") as folder:
        stated = read_inventory(_kept(folder, "inventory", inventory, ENDINGS))
    held = [one for one in stated.contracts if one["amount"] is not None]
    row = [stated.study["reference_amount"] or stated.study["amount"],
           *(one["amount"] for one in (*stated.lines, *held))]  # fmt: skip
    page = io.StringIO()
    table = csv.writer(page)
    table.writerow(["plant", "production", *(one["id"] for one in (*stated.lines, *held))])
    table.writerow(["A", *(f"{one:.12g}" for one in row)])
    return page.getvalue().encode("utf-8-sig")


def template_bytes(ending: str, lang: str) -> bytes:
    """Return the commented example inventory, `ending` one of `ENDINGS`."""
    with TemporaryDirectory(prefix="factordb-trial-") as folder:
        return footprint_template(Path(folder) / f"inventory.{ending}", lang).read_bytes()


def report_bytes(found: Mapping[str, Any], ending: str, lang: str) -> bytes:
    """Return the report of a usable trial footprint, `ending` html or docx."""
    with TemporaryDirectory(prefix="factordb-trial-") as folder:
        return trial_report(found, Path(folder) / f"report.{ending}", lang).read_bytes()


def contributions_plot(found: Mapping[str, Any], title: str) -> str:
    """Return the picture of what each line contributes to the result."""
    names = {line["id"]: str(line["name"]) for line in found["lines"]}
    shares = [(names[one["name"]], float(one["share"])) for one in found["contributions"]]
    return bar_plot(shares, title=title, description=title)


def scenarios_plot(found: Mapping[str, Any], lang: str, title: str) -> str:
    """Return the picture of the scenarios' results with their intervals, kg CO2e per functional unit."""
    told = {name: one for name, one in found["scenarios"].items() if one["usable"]}
    unit = next((str(one["unit"]) for one in told.values()), UNIT)
    rows = [_row(name, one["result"]) for name, one in told.items()]
    return interval_plot(rows, lang=lang, unit=unit, title=title)


def differences_plot(found: Mapping[str, Any], lang: str, title: str) -> str:
    """Return the picture of what each scenario differs from the first, with its interval, kg CO2e."""
    rows = [_row(f"{one['second']} − {one['first']}", one["difference"]) for one in found["comparisons"]]
    unit = next((str(one["unit"]) for one in found["scenarios"].values() if one["usable"]), UNIT)
    return interval_plot(rows, lang=lang, unit=unit, title=title)


def benchmarks_plot(found: Mapping[str, Any], way: str, lang: str, title: str, mean: str) -> str:
    """Return the picture of mean and quantiles of a batch in one way of counting electricity.

    Args:
        found: the batch.
        way: of counting electricity.
        lang: zh or en.
        title: of the picture.
        mean: what the weighted mean is called.
    """
    told = found["ways"][way]
    # the plot puts the largest first and leaves equal ones as they come: the highest quantile first
    named = [(mean, told["mean"]), *((f"{100 * one['quantile']:g} %", one) for one in told["quantiles"])][::-1]
    return interval_plot([_row(*one) for one in named], lang=lang, unit=unit_of(found), title=title)


def plants_plot(found: Mapping[str, Any], lang: str, title: str) -> str:
    """Return the picture of the plants of a batch, of many the `DRAWN_PLANTS` largest, in the way of its result."""
    largest = sorted(found["plants"], key=lambda one: -one["production"])[:DRAWN_PLANTS]
    return interval_plot([_row(str(one["plant"]), one) for one in largest], lang=lang, unit=unit_of(found), title=title)


def unit_of(found: Mapping[str, Any]) -> str:
    """Return the unit of a batch, such as kgCO2e / 1 t."""
    study = found["study"]
    return f"{UNIT} / {study['amount']:g} {study['unit']}"


def _row(label: str, one: Mapping[str, Any]) -> Interval:
    value, low, high = (number_in_words(one[key]) for key in ("value", "low95", "high95"))
    return Interval(label, one["value"], one["low95"], one["high95"], "derived", value, printed_ends=f"[{low}, {high}]")


def number_in_words(value: float, *, signed: bool = False) -> str:
    """Return a result with five digits and a true minus sign, in tables, sentences and plots alike."""
    text = f"{value:{'+' if signed else ''},.5g}"
    return f"−{text[1:]}" if text.startswith("-") else text

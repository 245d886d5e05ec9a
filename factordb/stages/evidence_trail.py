"""The trail of a measured factor: from the number through the recipe to raw records, certificates and the verifier.

`trail_of` reads a package that was loaded and what its recipe came to, and returns plain facts; nothing is judged anew.
The words are in `evidence_words`, the chain as nodes and edges in `evidence_prov`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np

from factordb.checks.package.calibration import covered_days, use_of
from factordb.checks.package.reading import day, group, holes, period_of, text, yes
from factordb.derivation.measure import CELSIUS, measure
from factordb.derivation.node import Node
from factordb.derivation.recipe import Column, Recipe, Step, read_recipe
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_run import Outcome, Tables, run_recipe
from factordb.errors import FileProblemError, NotFoundError
from factordb.model.evidence_trail import (
    Calibrated,
    Certified,
    Claim,
    EvidenceTrail,
    Figure,
    RawRead,
    Reported,
    Verified,
)
from factordb.model.submission import Package, Row
from factordb.stages.submission import RECIPE, Loaded, recipe_tables

__all__ = ["base_unit", "trail_of"]

DRAWS: Final = 2_000
"""Draws of the uncertainty from the records: 1.6 % on it, enough to be read."""
_BASE: Final = {"[mass]": "g", "[length]": "m", "[time]": "s", "[temperature]": "K", "[substance]": "mol",
                "[current]": "A", "[luminosity]": "cd"}  # fmt: skip
"""Dimensions of a step -> the base unit its values are held in."""


def trail_of(loaded: Loaded, factor_key: str, *, draws: int = DRAWS) -> EvidenceTrail:
    """Return the trail of one factor of a package, its value computed once more from the raw records.

    Raises:
        NotFoundError: the package claims no such factor.
    """
    package = loaded.package
    row = next((one for one in package.table("factors") if text(one, "factor_key") == factor_key), None)
    if row is None:
        raise NotFoundError(
            "factor", factor_key, known=", ".join(cell.text for cell in package.cells("factors", "factor_key"))
        )
    recipe, tables, outcome, fault = _computed(loaded, row, draws)
    cover = package.cover
    return EvidenceTrail(
        submission=text(cover, "submission_id") or package.root,
        claim=_claim(row, outcome, fault),
        demonstration=package.demonstration,
        submitter=text(cover, "submitter"),
        organisation=text(cover, "organisation"),
        time_zone=text(cover, "time_zone"),
        period=period_of(package),
        figures=tuple(_figures(recipe, outcome)) if recipe and outcome else (),
        recipe_sha256=_sha256(package, RECIPE),
        raws=tuple(_raws(package, recipe, tables)),
        instruments=tuple(_instruments(package)),
        reports=tuple(sorted(_reports(package), key=lambda one: (one.issued_on or date.min, one.number))),
        verifications=tuple(_verifications(package)),
    )


def _computed(loaded: Loaded, row: Row, draws: int) -> tuple[Recipe | None, Tables, Outcome | None, RecipeError | None]:
    tables: Tables = {}
    try:
        recipe = read_recipe((loaded.payload / RECIPE).read_text(encoding="utf-8"))
        tables = recipe_tables(loaded)
    except RecipeError as fault:
        return None, tables, None, fault
    except (OSError, UnicodeDecodeError, FileProblemError):
        return None, tables, None, None
    wanted = replace(recipe, result=text(row, "result") or recipe.result, unit=text(row, "unit") or recipe.unit)
    try:
        return wanted, tables, run_recipe(wanted, tables, draws=draws), None
    except RecipeError as fault:
        return wanted, tables, None, fault


def _claim(row: Row, outcome: Outcome | None, fault: RecipeError | None) -> Claim:
    return Claim(
        text(row, "factor_key"), text(row, "name_zh"), text(row, "name_en"), text(row, "value"), text(row, "unit"),
        text(row, "expanded_u"), text(row, "coverage_k"), row["value"].place if "value" in row else "",
        outcome.value if outcome else None, outcome.u if outcome and np.isfinite(outcome.u) else None,
        (fault.words("zh"), fault.words("en")) if fault else ("", ""),
    )  # fmt: skip


def _figures(recipe: Recipe, outcome: Outcome) -> Iterator[Figure]:
    for one in recipe.constants.values():
        yield Figure(one.name, "constant", one.text, one.source, 1, one.value, one.value, one.unit)
    for column in recipe.columns.values():
        if not column.text and not column.time:
            yield _column(column, outcome.steps[column.name], outcome.units[column.name])
    for step in recipe.steps:
        low, high, rows = _span(outcome.steps[step.name])
        unit = base_unit(outcome.units[step.name])
        if step.name == recipe.result:
            low, high, unit = outcome.value, outcome.value, recipe.unit
        yield Figure(step.name, "step", _made_by(step), "", rows, low, high, unit)


def _column(column: Column, node: Node, dimensions: str) -> Figure:
    low, high, rows = _span(node)
    place = f"{column.table}.{column.column}"
    if column.where:
        place += f" ({', '.join(f'{name} = {wanted}' for name, wanted in column.where.items())})"
    if not column.unit or column.times:
        return Figure(column.name, "column", place, "", rows, low, high, base_unit(dimensions))
    if column.unit in CELSIUS:
        return Figure(column.name, "column", place, "", rows, low, high, "K")
    size = measure(column.unit).size
    return Figure(column.name, "column", place, "", rows, low / size, high / size, column.unit)


def _span(node: Node) -> tuple[float, float, int]:
    values = node.values[0]
    told = values[np.isfinite(values)]
    return (float(told.min()), float(told.max()), values.size) if told.size else (np.nan, np.nan, values.size)


def _made_by(step: Step) -> str:
    if step.operation == "method":
        return f"{step.method}({', '.join(step.arguments.values())})"
    said = str(step.expression)
    if step.operation == "expression":
        return said
    more = "".join(f", {name} {value}" for name, value in (("weight", step.weight), ("against", step.against),
                                                           ("by", step.by)) if value)  # fmt: skip
    return f"{step.operation}({said}{more})"


def base_unit(dimensions: str) -> str:
    """Return the unit in which a value of these dimensions is held, such as `g·CH4·m^-2·s^-1`; `1` for none."""
    words = []
    for part in dimensions.split("·"):
        name, _, power = part.partition("^")
        words.append(_BASE.get(name, name.strip("[]")) + (f"^{power}" if power else ""))
    return "·".join(words)


def _raws(package: Package, recipe: Recipe | None, tables: Tables) -> Iterator[RawRead]:
    read: dict[str, list[str]] = {}
    for column in recipe.columns.values() if recipe else ():
        read.setdefault(column.table, []).append(column.column)
    for row in package.table("raw"):
        name, path = text(row, "table_id"), text(row, "file")
        columns: Mapping[str, object] = tables.get(name, {})
        rows = max((len(tables[name][one]) for one in columns), default=0)
        pairs = [part.partition("=")[2].strip() or part.strip() for part in
                 text(row, "instrument_ids").replace("；", ";").split(";") if part.strip()]  # fmt: skip
        file = package.files.get(path)
        yield RawRead(
            name, path, file.sha256 if file else text(row, "sha256"), file.size if file else 0,
            yes(row, "outside") is True, rows, tuple(dict.fromkeys(read.get(name, []))), tuple(dict.fromkeys(pairs)),
        )  # fmt: skip


def _instruments(package: Package) -> Iterator[Calibrated]:
    certificates = group(package.table("certificates"), "instrument_id")
    for row in package.table("instruments"):
        key, used = text(row, "instrument_id"), use_of(package, row)
        mine = certificates.get((key,), [])
        yield Calibrated(
            key, text(row, "type_zh"), text(row, "model"), text(row, "serial"), text(row, "place"),
            text(row, "quantity"), used,
            tuple(sorted((_certified(package, one) for one in mine), key=lambda one: one.calibrated_on or date.min)),
            tuple(holes(used, covered_days(mine))) if used else (),
        )  # fmt: skip


def _certified(package: Package, row: Row) -> Certified:
    laboratory, accreditation = _laboratory(package, text(row, "lab_id"))
    return Certified(
        text(row, "certificate_no"), laboratory, accreditation, day(row, "calibrated_on"), day(row, "due_on"),
        text(row, "expanded_u"), text(row, "file"), _sha256(package, text(row, "file")),
    )  # fmt: skip


def _laboratory(package: Package, key: str) -> tuple[str, str]:
    """Return the name of a laboratory and its accreditation; the key itself where the package does not list it."""
    for row in package.table("labs"):
        if text(row, "lab_id") == key:
            return text(row, "name_zh"), f"{text(row, 'accreditation')} {text(row, 'accreditation_no')}".strip()
    return key, ""


def _reports(package: Package) -> Iterator[Reported]:
    sampled = {text(row, "sample_id"): day(row, "sampled_on") for row in package.table("samples")}
    for (number, key), rows in group(package.table("tests"), "report_no", "lab_id").items():
        laboratory, accreditation = _laboratory(package, key)
        one = rows[0]
        quantities = dict.fromkeys(f"{text(row, 'quantity')}_{text(row, 'basis')}" for row in rows)
        yield Reported(
            number, laboratory, accreditation, sampled.get(text(one, "sample_id")), day(one, "received_on"),
            day(one, "issued_on"), tuple(quantities),
            text(one, "file"), _sha256(package, text(one, "file")),
        )  # fmt: skip


def _verifications(package: Package) -> Iterator[Verified]:
    names = {text(row, "person"): text(row, "name") for row in package.table("people")}
    for row in package.table("verification"):
        key = text(row, "verifier")
        yield Verified(
            names.get(key, key), text(row, "organisation"), text(row, "accreditation_no"), text(row, "level"),
            day(row, "statement_on"), text(row, "site_days"), text(row, "samples_checked"), text(row, "file"),
            _sha256(package, text(row, "file")),
        )  # fmt: skip


def _sha256(package: Package, path: str) -> str:
    file = package.files.get(path)
    return file.sha256 if file else ""

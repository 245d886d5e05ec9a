"""Clean synthetic packages of all five kinds from seeds. Everything in them is invented and named demonstration.

`made(kind, seed)` is a package in memory, with its context as the receiving side would have it; `write` puts
it on disk as a submitter would: form, files, raw tables, recipe.
"""

import csv
import hashlib
import io
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from factordb.checks.package.context import CertificateFacts, Columns, Context, LibraryFacts, PdfFacts, SignatureFacts
from factordb.checks.package.form import ALPHABET, WEIGHTS
from factordb.derivation.recipe import Recipe, read_recipe
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_run import Outcome, run_recipe
from factordb.formats.submission_form import write_form
from factordb.model.submission import Cell, FileFact, Kind, Package, sheets
from factordb.reference import tables
from tests.package.small_pdf import small_pdf

TODAY = date(2026, 3, 2)
DRAWS = 400
FEW = {Kind.FUEL: 400, Kind.CEMS: 60, Kind.CHAMBER: 100, Kind.PROCESS: 100, Kind.PEMS: 60}
"""Draws of the small packages: those whose budget states sensitivities need more."""
Rows = list[dict[str, str]]


@dataclass
class Made:
    """A package under construction: sheets, raw tables, texts of PDFs, recipe, and what the context knows besides."""

    kind: Kind
    seed: int
    sheets: dict[str, Rows] = field(default_factory=dict)
    raw: dict[str, dict[str, list[str | None]]] = field(default_factory=dict)
    pdfs: dict[str, PdfFacts] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    recipe: str = ""
    certificates: dict[str, CertificateFacts] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    bagged: bool = False
    signature: SignatureFacts | None = None
    library: LibraryFacts | None = None
    outcome: Outcome | None = None
    draws: int = DRAWS

    @property
    def cover(self) -> dict[str, str]:
        return self.sheets["submission"][0]

    def copy(self) -> "Made":
        """Return a copy that may be changed."""
        return replace(
            self, sheets=deepcopy(self.sheets), raw=deepcopy(self.raw), pdfs=dict(self.pdfs), files=dict(self.files),
            certificates=dict(self.certificates), extra=dict(self.extra),
        )  # fmt: skip

    def bytes_of(self) -> dict[str, bytes]:
        found = dict(self.files)
        for path, facts in self.pdfs.items():
            found.setdefault(path, small_pdf(facts.text, produced=date(2024, 1, 2)))
        for row in self.sheets["raw"]:
            table = self.raw.get(row["table_id"])
            if table is not None and row.get("outside") != "yes":
                found.setdefault(row["file"], _csv(table))
        if self.recipe:
            found["calc/recipe.toml"] = self.recipe.encode()
        return found

    def package(self) -> Package:
        rows = {
            name: tuple(
                MappingProxyType({key: Cell(text, f"{name}.csv:{number}:{key}") for key, text in row.items() if text})
                for number, row in enumerate(lines, 2)
            )
            for name, lines in self.sheets.items()
        }
        files = {
            path: FileFact(path, hashlib.sha256(data).hexdigest(), len(data))
            for path, data in sorted(self.bytes_of().items())
        }
        return Package(self.cover.get("submission_id", ""), MappingProxyType(rows), MappingProxyType(files))

    def tables(self) -> dict[str, Columns]:
        found: dict[str, Columns] = dict(self.raw)
        for name, lines in self.sheets.items():
            if lines:
                found[name] = {one.name: [row.get(one.name) or None for row in lines] for one in sheets()[name].fields}
        return found

    def context(self) -> Context:
        recipe = self.read()
        recomputed: dict[str, Outcome | RecipeError] = {}
        if isinstance(recipe, Recipe):
            for row in self.sheets["factors"]:
                try:
                    recomputed[row.get("factor_key", "")] = run_recipe(
                        replace(recipe, unit=row["unit"]), self.tables(), draws=self.draws
                    )
                except RecipeError as fault:
                    recomputed[row.get("factor_key", "")] = fault
        raw = dict(self.raw)
        return Context(
            today=TODAY, bagged=self.bagged, recipe=recipe, recomputed=recomputed,
            table=lambda name: raw.get(name, {}), pdf=self.pdfs.get, certificate=self.certificates.get,
            signature=self.signature, library=self.library, **self.extra,
        )  # fmt: skip

    def read(self) -> Recipe | RecipeError | None:
        if not self.recipe:
            return None
        try:
            return read_recipe(self.recipe)
        except RecipeError as fault:
            return fault

    def claim(self) -> None:
        """Write the factor's value and U from its own records, and the budget's part of it."""
        recipe = self.read()
        assert isinstance(recipe, Recipe), recipe
        factor = self.sheets["factors"][0]
        recipe = replace(recipe, unit=factor["unit"])
        self.outcome = found = run_recipe(recipe, self.tables(), draws=self.draws)
        factor["value"] = f"{found.value:.4g}"
        factor["expanded_u"], factor["coverage_k"] = f"{2 * found.u:.3g}", "2"

    def write(self, folder: Path) -> Path:
        for path, data in self.bytes_of().items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        write_form(folder / "submission.xlsx", self.kind, self.sheets)
        return folder


def _csv(table: dict[str, list[str | None]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*([cell or "" for cell in column] for column in table.values()), strict=True))
    return out.getvalue().encode()


def credit_code(rng: np.random.Generator) -> str:
    places = [9, 1, *rng.integers(0, 10, 6).tolist(), *rng.integers(0, len(ALPHABET), 9).tolist()]
    total = sum(place * weight for place, weight in zip(places, WEIGHTS, strict=True))
    return "".join(ALPHABET[one] for one in [*places, -total % len(ALPHABET)])


def workday(one: date) -> date:
    return one + timedelta(days=max(0, 7 - one.weekday()) if one.weekday() > 4 else 0)


def pdf(made: Made, path: str, *lines: str) -> str:
    made.pdfs[path] = PdfFacts(1, producer="demonstration", text="\n".join(("DEMONSTRATION", path, *lines)))
    return path


def made(kind: Kind, seed: int, *, draws: int = 0) -> Made:
    """Return a clean package of a kind; as many draws as its kind needs, or `draws`."""
    rng = np.random.default_rng([seed, list(Kind).index(kind)])
    one = Made(kind, seed, draws=draws or FEW[kind])
    _MAKERS[kind](one, rng)
    one.claim()
    return one


# ── what all kinds share ─────────────────────────────────────────────────────────────────────────────────────


def _common(
    one: Made, rng: np.random.Generator, start: date, end: date, factor: dict[str, str], quantities: list[str]
) -> None:
    owner = f"示范单位{one.seed}"
    one.sheets = {name: [] for name in sheets()}
    one.sheets["submission"] = [{
        "submission_id": f"SUB-DEMO00-20260210-{one.seed:02d}", "kind": one.kind.value, "submitter": "zhang-san",
        "organisation": owner, "credit_code": credit_code(rng), "created_on": "2026-02-10",
        "period_from": start.isoformat(), "period_to": end.isoformat(), "time_zone": "+08:00", "demonstration": "yes",
        "retention_years": "10", "custodian": "示范档案室",
    }]  # fmt: skip
    one.sheets["factors"] = [{
        "factor_key": "f1", "name_zh": f"{owner}演示因子", "name_en": f"Demonstration factor {one.seed}",
        "flow": "演示",
        "code_system": "GB/T 4754", "product_code": "D4411", "boundary": "direct", "region": "CN-JS", "plant": owner,
        "unit_no": "1", "technology": "演示技术", "period_from": start.isoformat(), "period_to": end.isoformat(),
        "result": "factor", "allocation": "无", "cut_off": "无", "te": "1", "geo": "1", **factor,
    }]  # fmt: skip
    one.sheets["people"] = [
        {"person": person, "name": name, "role": role, "organisation": where}
        for person, name, role, where in (
            ("zhang-san", "示范张三", "author", owner), ("li-si", "示范李四", "operator", owner),
            ("wang-wu", "示范王五", "sampler", owner), ("zhao-liu", "示范赵六", "witness", owner),
            ("qian-qi", "示范钱七", "verifier", "示范认证公司"),
        )
    ]  # fmt: skip
    one.sheets["labs"] = [
        {"lab_id": "lab1", "name_zh": "示范计量院", "credit_code": credit_code(rng), "accreditation": "legal_metrology",
         "accreditation_no": "DEMO-L1", "valid_from": "2020-01-01", "valid_to": "2028-12-31",
         "founded_on": "1985-06-01",
         "scope": ";".join(quantities), "file": pdf(one, "labs/accreditation/lab1.pdf", "DEMO-L1")},
        {"lab_id": "lab2", "name_zh": "示范检测公司", "credit_code": credit_code(rng), "accreditation": "CMA",
         "accreditation_no": "DEMO-C2", "valid_from": "2021-01-01", "valid_to": "2027-12-31",
         "founded_on": "2010-03-01",
         "scope": "GB/T 476;GB/T 211;GB/T 212;GB/T 213;GB/T 214",
         "file": pdf(one, "labs/accreditation/lab2.pdf", "DEMO-C2")},
    ]  # fmt: skip
    one.sheets["verification"] = [{
        "verifier": "qian-qi", "organisation": "示范认证公司", "accreditation_no": "DEMO-V1", "scope": "示范行业",
        "valid_from": "2024-01-01", "valid_to": "2027-12-31", "level": "reasonable", "materiality_percent": "5",
        "statement_on": "2026-02-05", "site_days": "2", "samples_checked": "3",
        "file": pdf(one, "verification/statement.pdf", "statement"),
    }]  # fmt: skip
    one.sheets["rights"] = [{"file": "*", "access": "restricted", "publication": "yes", "authorised_by": owner,
                             "authorisation": pdf(one, "rights/authorisation.pdf", "authorised")}]  # fmt: skip
    one.recipe = tables.text(f"submission/recipe_{one.kind.value}")


def _plan(one: Made, start: date, quantity: str, count: int) -> None:
    one.sheets["plan"] = [{
        "document": pdf(one, "method/monitoring_plan.pdf", "plan"), "dated": (start - timedelta(45)).isoformat(),
        "quantity": quantity, "planned_count": str(count), "frequency": "按计划",
    }]  # fmt: skip


def _standards(one: Made, **standards: str) -> None:
    one.sheets["standards"] = [
        {"quantity": quantity, "standard_no": standard, "title": "演示", "deviation": "无",
         "used_from": one.cover["period_from"]}
        for quantity, standard in standards.items()
    ]  # fmt: skip


def _instrument(
    one: Made,
    rng: np.random.Generator,
    key: str,
    quantity: str,
    type_zh: str,
    grade: float,
    low: str,
    high: str,
    unit: str,
    *,
    twice: bool = True,
) -> None:
    """Add an instrument with one certificate over the period, or two that overlap."""
    serial, start, end = f"DEMO-{rng.integers(10_000, 99_999)}-{key}", _day(one, "period_from"), _day(one, "period_to")
    one.sheets["instruments"].append({
        "instrument_id": key, "quantity": quantity, "type_zh": type_zh, "model": "DEMO-1", "serial": serial,
        "manufacturer": "示范厂", "place": f"示范位置 {key}", "accuracy_class": f"{grade:g}", "mpe": f"{grade:g}",
        "mpe_unit": "%", "range_low": low, "range_high": high, "range_unit": unit, "interval_months": "12",
        "status": "qualified",
    })  # fmt: skip
    middle = start + (end - start) / 2
    spans = [(start - timedelta(int(rng.integers(20, 90))), middle), (middle - timedelta(10), end + timedelta(60))]
    error = 0.0
    for number, (begin, due) in enumerate(spans if twice else [(spans[0][0], end + timedelta(90))]):
        begun = workday(begin)
        name = f"DEMO-{key}-{number}-{begun:%Y%m%d}"
        error, found = float(rng.uniform(-0.4, 0.4)) * grade, error + float(rng.uniform(-0.3, 0.3)) * grade
        path = f"instruments/certificates/{name}.pdf"
        one.sheets["certificates"].append({
            "certificate_no": name, "instrument_id": key, "serial": serial, "lab_id": "lab1", "kind": "verification",
            "calibrated_on": begun.isoformat(), "issued_on": (begun + timedelta(2)).isoformat(),
            "due_on": due.isoformat(), "due_basis": "verification", "error_found": f"{error:.3f}",
            "as_found": f"{found:.3f}", "expanded_u": f"{grade * float(rng.uniform(0.2, 0.32)):.4f}",
            "coverage_k": "2", "corrected": "no", "file": pdf(one, path, name, serial),
        })  # fmt: skip


def _day(one: Made, name: str) -> date:
    return date.fromisoformat(one.cover[name])


def _budget(one: Made, **rows: tuple[float, str, float]) -> None:
    """Add rows of the budget: quantity -> standard uncertainty, unit, sensitivity (0: none stated)."""
    one.sheets["budget"] = [
        {"quantity": quantity, "origin": "演示", "type": "B", "distribution": "normal", "standard_u": f"{u:.4g}",
         "unit": unit, "evidence": "certificates", **({"sensitivity": f"{share:.4g}"} if share else {})}
        for quantity, (u, unit, share) in rows.items()
    ]  # fmt: skip


def _raw(one: Made, name: str, path: str, table: dict[str, list[str | None]], **facts: str) -> None:
    one.raw[name] = table
    one.sheets["raw"].append({"table_id": name, "file": path, **facts})


def _stamps(start: date, count: int, seconds: int) -> list[str | None]:
    moments = np.datetime64(start, "s") + np.arange(count) * np.timedelta64(seconds, "s")
    return [f"{one}+08:00" for one in moments.astype(str).tolist()]


def _texts(values: Any, decimals: int) -> list[str | None]:
    return [f"{one:.{decimals}f}" for one in np.asarray(values, float).tolist()]


# ── the five kinds ───────────────────────────────────────────────────────────────────────────────────────────

_ANALYSES = (
    ("carbon", "ad", "GB/T 476-2008", 2, "0.50"), ("hydrogen", "ad", "GB/T 476-2008", 2, "0.15"),
    ("sulphur", "ad", "GB/T 214-2007", 2, "0.05"), ("ash", "ad", "GB/T 212-2008", 2, "0.20"),
    ("moisture_total", "ar", "GB/T 211-2017", 1, "0.40"), ("moisture_ad", "ad", "GB/T 212-2008", 2, "0.20"),
    ("q_gr", "ad", "GB/T 213-2008", 0, "120"), ("carbon", "ar", "GB/T 476-2008", 2, "0.50"),
    ("lhv", "ar", "GB/T 213-2008", 0, "150"),
)  # fmt: skip


def fuel_results(rng: np.random.Generator) -> dict[tuple[str, str], float]:
    carbon, hydrogen, sulphur = rng.normal(58.5, 1.2), rng.normal(3.7, 0.15), rng.normal(0.8, 0.12)
    found = {("carbon", "ad"): round(carbon, 2), ("hydrogen", "ad"): round(hydrogen, 2),
             ("sulphur", "ad"): round(max(sulphur, 0.3), 2), ("ash", "ad"): round(rng.normal(18.0, 0.8), 2),
             ("moisture_total", "ar"): round(rng.normal(9.5, 0.8), 1),
             ("moisture_ad", "ad"): round(rng.normal(2.8, 0.25), 2)}  # fmt: skip
    gross = 338.2 * found["carbon", "ad"] + 1442.8 * found["hydrogen", "ad"] + 94.2 * found["sulphur", "ad"] - 1440
    found["q_gr", "ad"] = round(gross + rng.normal(0, 60))
    return with_as_received(found)


def with_as_received(found: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    scale = (100 - found["moisture_total", "ar"]) / (100 - found["moisture_ad", "ad"])
    net = (found["q_gr", "ad"] - 206 * found["hydrogen", "ad"]) * scale - 23 * found["moisture_total", "ar"]
    return {**found, ("carbon", "ar"): round(found["carbon", "ad"] * scale, 2), ("lhv", "ar"): round(net)}


def _fuel(one: Made, rng: np.random.Generator) -> None:
    start, end = date(2025, 1, 1), date(2025, 12, 31)
    _common(one, rng, start, end, {"unit": "tCO2/t", "gas": "CO2"}, ["coal_mass"])
    one.recipe = one.recipe.replace(
        "to be replaced by the plant's own value with its source", "GB/T 32151.1-2015, demo"
    )
    _plan(one, start, "carbon_ad", 12)
    _standards(one, coal_mass="JJG 195-2019", **{f"{quantity}_{basis}": standard
                                                for quantity, basis, standard, _, _ in _ANALYSES})  # fmt: skip
    _instrument(one, rng, "scale1", "coal_mass", "皮带秤", 0.5, "20", "600", "t/h")
    stock = 12_000.0
    for month in range(1, 13):
        stock = _month(one, rng, month, stock)
    rates = rng.uniform(45, 80, 365)
    _raw(one, "daily", "raw/daily.csv", {"time": _stamps(start, 365, 86_400), "rate_t_h": _texts(rates, 2)},
         time_column="time", step_seconds="86400", instrument_ids="rate_t_h=scale1")  # fmt: skip
    carbon = 1.9 / 58.5
    _budget(one, carbon_ad=(0.25, "%", 0.9 * carbon / 12**0.5), coal_mass=(0.25, "%", 0),
            moisture_total=(0.2, "%", 0.9 * 1.9 / 90 / 12**0.5))  # fmt: skip


def _month(one: Made, rng: np.random.Generator, month: int, stock: float) -> float:
    first = date(2025, month, 1)
    last = (first + timedelta(32)).replace(day=1) - timedelta(1)
    mass = round(float(rng.uniform(36_000, 46_000)), 1)
    received = round(float(rng.uniform(36_000, 46_000)), 1)
    closing = round(stock + received - mass, 1)
    name = f"2025-{month:02d}"
    one.sheets["samples"].append({
        "sample_id": f"S{name}", "lot_id": name, "lot_mass": f"{mass:.1f}", "lot_mass_unit": "t",
        "sampled_on": last.isoformat(), "prepared_on": workday(last + timedelta(1)).isoformat(),
        "standard_no": "GB/T 475-2008", "increments": "60", "planned": "yes", "selected_later": "no",
        "composite_rule": "mass_weighted", "sampler": "wang-wu", "witness": "zhao-liu",
        "seal_no": f"DEMO-{month:04d}", "retained_until": (last + timedelta(400)).isoformat(), "load_percent": "74",
    })  # fmt: skip
    received_on = workday(last + timedelta(2))
    tested_on = workday(received_on + timedelta(int(rng.integers(1, 4))))
    issued_on = workday(tested_on + timedelta(int(rng.integers(1, 4))))
    report = f"MJ{received_on:%y%m}{rng.integers(10, 90)}"
    path = f"tests/reports/{report}.pdf"
    results = fuel_results(rng)
    told = {
        (quantity, basis): f"{results[quantity, basis]:.{decimals}f}" for quantity, basis, _, decimals, _ in _ANALYSES
    }
    pdf(one, path, report, *(f"{quantity} {basis} {text}" for (quantity, basis), text in told.items()))
    one.sheets["tests"] += [
        {"test_id": f"T{name}-{quantity}-{basis}", "sample_id": f"S{name}", "lab_id": "lab2", "report_no": report,
         "standard_no": standard, "quantity": quantity, "basis": basis, "value": told[quantity, basis],
         "unit": "J/g" if quantity in {"q_gr", "lhv"} else "%", "expanded_u": u, "coverage_k": "2",
         "received_on": received_on.isoformat(), "tested_on": tested_on.isoformat(), "issued_on": issued_on.isoformat(),
         "file": path}
        for quantity, basis, standard, _, u in _ANALYSES
    ]  # fmt: skip
    invoice = pdf(one, f"activity/invoices/{name}.pdf", f"{received:.1f} t")
    for quantity, value in (("opening", stock), ("received", received), ("closing", closing), ("use", mass),
                            ("daily_sum", mass * float(rng.uniform(0.99, 1.01)))):  # fmt: skip
        one.sheets["activity"].append({
            "record_id": f"{name}-{quantity}", "period_from": first.isoformat(), "period_to": last.isoformat(),
            "quantity": quantity, "value": f"{value:.1f}", "unit": "t",
            **({"instrument_id": "scale1"} if quantity == "use" else {}),
            **({"invoice": invoice} if quantity == "received" else {}),
        })  # fmt: skip
    return closing


def _cems(
    one: Made, rng: np.random.Generator, start: date = date(2025, 4, 1), end: date = date(2025, 4, 30), more: int = 0
) -> None:
    """Make a package of a monitor; `more` columns of the analyser beside its own."""
    days = (end - start).days + 1
    monitors = ("co2", "flow")
    _common(one, rng, start, end, {"unit": "kgCO2/kWh", "gas": "CO2"}, [*monitors, "electricity"])
    _plan(one, start, "zero", 8)
    _standards(one, co2="HJ 76-2017", flow="HJ 75-2017", electricity="JJG 596-2012")
    _instrument(one, rng, "co2", "co2", "CO2 分析仪", 1.5, "0", "20", "%")
    _instrument(one, rng, "flow", "flow", "烟气流量计", 2.0, "0", "2000000", "m3/h")
    _instrument(one, rng, "meter1", "electricity", "电能表", 0.5, "0", "700", "MW")
    gas = dict(
        one.sheets["certificates"][0], certificate_no="DEMO-GAS-1", kind="reference_material",
        calibrated_on=(start - timedelta(40)).isoformat(), issued_on=(start - timedelta(36)).isoformat(),
        due_on=(end + timedelta(20)).isoformat(),
        file=pdf(one, "instruments/certificates/DEMO-GAS-1.pdf", "DEMO-GAS-1"),
    )  # fmt: skip
    one.sheets["certificates"].append(gas)
    one.sheets["qa_log"] = [
        {"instrument_id": key, "done_on": (start + timedelta(after)).isoformat(), "kind": kind, "expected": expected,
         "found": f"{float(expected) + rng.uniform(-1, 1):.2f}", "limit": "2.5"}
        for key in monitors for after in range(0, days, 7) for kind, expected in (("zero", "0"), ("span", "100"))
    ]  # fmt: skip
    compared = start - timedelta(20) if days < 60 else end - timedelta(90)
    one.sheets["qa_log"].append({"instrument_id": "co2", "done_on": compared.isoformat(), "kind": "rata",
                                 "expected": "12.4", "found": "12.6", "limit": "0.8"})  # fmt: skip
    one.sheets["activity"] = [{
        "record_id": "2025-04", "period_from": start.isoformat(), "period_to": end.isoformat(),
        "quantity": "electricity_out", "value": f"{days * rng.uniform(6_700, 7_300):.1f}", "unit": "MWh",
        "instrument_id": "meter1"}]  # fmt: skip
    hours = 24 * days
    co2, wet = rng.normal(12.5, 0.6, hours), rng.normal(8.0, 0.4, hours)
    flow, celsius, pascal = rng.normal(1.45e6, 5e4, hours), rng.normal(52, 2, hours), rng.normal(100_900, 200, hours)
    minutes = np.full(hours, 60)
    for begin in rng.choice(np.arange(200, hours - 20), 4, replace=False):
        minutes[begin : begin + int(rng.integers(1, 8))] = 20
    wet, celsius, pascal = np.round(wet, 2), np.round(celsius, 1), np.round(pascal)
    standard = np.round(flow) * 273.15 / (celsius + 273.15) * pascal / 101_325 * (1 - wet / 100)
    table = {"time": _stamps(start, hours, 3600), "co2_percent": _texts(co2, 3), "flow_nm3_h": _texts(standard, 0),
             "flow_m3_h": _texts(flow, 0), "temperature_c": _texts(celsius, 1), "pressure_pa": _texts(pascal, 0),
             "moisture_percent": _texts(wet, 2), "o2_percent": _texts(rng.normal(6, 0.3, hours), 2),
             "valid_minutes": _texts(minutes, 0)}  # fmt: skip
    table |= {f"spare_{number}": _texts(rng.normal(50, 5, hours), 2) for number in range(more)}
    for name in ("co2_percent", "flow_nm3_h"):
        table[name] = [cell if minute >= 45 else None for cell, minute in zip(table[name], minutes, strict=True)]
    _raw(one, "hourly", "cems/hourly.csv", table, time_column="time", step_seconds="3600",
         instrument_ids="co2_percent=co2;flow_nm3_h=flow")  # fmt: skip
    _budget(one, co2=(1.0, "%", 0), flow=(2.0, "%", 0), electricity=(0.25, "%", 0))


def _chamber(one: Made, rng: np.random.Generator) -> None:
    start = end = date(2025, 6, 10)
    _common(one, rng, start, end, {"unit": "mgCH4/(m2·h)", "gas": "CH4"}, ["ch4"])
    _plan(one, start, "ch4_ppm", 60)
    _standards(one, ch4="Hutchinson and Mosier, 1981")
    _instrument(one, rng, "analyser", "ch4", "激光 CH4 分析仪", 1.0, "0", "100", "ppm", twice=False)
    chambers = [f"C{number}" for number in range(1, 7)]
    seconds = np.arange(0, 600, 50)
    rates = rng.uniform(0.0015, 0.006, len(chambers))
    ppm = 2.0 + rates[:, None] * seconds[None, :] + rng.normal(0, 0.01, (len(chambers), seconds.size))
    _raw(one, "readings", "raw/readings.csv", {
        "chamber": [name for name in chambers for _ in seconds], "seconds": _texts(np.tile(seconds, len(chambers)), 0),
        "ch4_ppm": _texts(ppm.ravel(), 4)}, instrument_ids="ch4_ppm=analyser")  # fmt: skip
    _raw(one, "chambers", "raw/chambers.csv", {
        "chamber": list(chambers), "volume_l": _texts(rng.uniform(38, 41, 6), 3), "area_m2": ["0.2"] * 6,
        "temperature_c": _texts(rng.uniform(18, 26, 6), 1), "pressure_pa": ["101325"] * 6})  # fmt: skip
    _budget(one, ch4=(0.5, "%", 0))


def _process(one: Made, rng: np.random.Generator) -> None:
    start, end = date(2025, 1, 1), date(2025, 12, 31)
    _common(one, rng, start, end, {"unit": "kgCO2e/kg", "gas": "CO2e", "gwp_set": "AR5", "boundary": "cradle_to_gate",
                                   "cut_off": "1 %"}, ["lime_mass"])  # fmt: skip
    _plan(one, start, "lime_t", 365)
    _standards(one, lime_mass="JJG 195-2019")
    _instrument(one, rng, "scale2", "lime_mass", "皮带秤", 0.5, "100", "4000", "t")
    stone, coal = round(rng.uniform(900_000, 1_100_000), 1), round(rng.uniform(110_000, 140_000), 1)
    co2, oxygen = stone * 0.97 * 0.44 + coal * 0.6 * 44 / 12, coal * 0.6 * 32 / 12
    lime, rest = stone * 0.97 * 0.56, stone * 0.03 + coal * 0.4
    factor = {"limestone": "2.5", "coal": "95.0", "oxygen": "0"}
    for flow, name, what, amount, carbon in (
        ("limestone", "石灰石", "raw_material", stone, "0.1164"), ("coal", "煤", "energy", coal, "0.6"),
        ("oxygen", "空气中的氧", "raw_material", oxygen, "0"),
    ):  # fmt: skip
        one.sheets["unit_process"].append({
            "flow_id": flow, "name_zh": name, "name_en": flow, "direction": "in", "flow_class": what,
            "amount": f"{amount:.1f}", "unit": "t", "u_percent": "1", "carbon_share": carbon,
            "library_factor": "demo", "library_value": factor[flow], "library_unit": "kgCO2e/t",
        })  # fmt: skip
    for flow, name, what, amount, unit, more in (
        ("lime", "石灰", "product", lime, "t", {"share": "1", "carbon_share": "0"}),
        ("co2", "二氧化碳", "emission", co2 * 1000, "kg", {"carbon_share": "0.272727"}),
        ("rest", "灰渣", "waste", rest, "t", {"carbon_share": "0"}),
    ):  # fmt: skip
        one.sheets["unit_process"].append({
            "flow_id": flow, "name_zh": name, "name_en": flow, "direction": "out", "flow_class": what,
            "amount": f"{amount:.1f}", "unit": unit, "u_percent": "1", **more,
        })  # fmt: skip
    one.recipe = one.recipe.replace(
        'where = {direction = "in"}\n', 'where = {direction = "in"}\nu = {relative = 0.02}\n'
    )
    one.recipe = one.recipe.replace('where = {flow_class = "emission"}\n',
                                    'where = {flow_class = "emission"}\nu = {relative = 0.015}\n')  # fmt: skip
    one.sheets["activity"] = [{"record_id": "2025", "period_from": "2025-01-01", "period_to": "2025-12-31",
                               "quantity": "production", "value": f"{lime:.1f}", "unit": "t",
                               "instrument_id": "scale2"}]  # fmt: skip
    daily = {"time": _stamps(start, 365, 86_400), "lime_t": _texts(rng.uniform(1200, 1800, 365), 1)}
    _raw(one, "daily", "raw/daily.csv", daily,
         time_column="time", step_seconds="86400", instrument_ids="lime_t=scale2")  # fmt: skip
    _budget(one, lime_mass=(0.25, "%", 0))


def _pems(one: Made, rng: np.random.Generator) -> None:
    start = end = date(2025, 9, 16)
    _common(one, rng, start, end, {"unit": "gCO2/km", "gas": "CO2"}, ["co2", "exhaust", "speed"])
    _plan(one, start, "co2_percent", 600)
    _standards(one, co2="GB 18352.6-2016", exhaust="GB 18352.6-2016", speed="GB 18352.6-2016")
    for key, type_zh, high, unit in (("co2", "CO2 分析仪", "20", "%"), ("exhaust", "排气流量计", "6000", "L/min"),
                                     ("speed", "卫星定位", "250", "km/h")):  # fmt: skip
        _instrument(one, rng, key, key, type_zh, 2.0, "0", high, unit, twice=False)
    _raw(one, "run", "raw/run.csv", {
        "time": _stamps(start, 600, 1), "co2_percent": _texts(rng.normal(11, 1, 600), 2),
        "exhaust_l_min": _texts(rng.normal(1500, 200, 600), 1), "speed_km_h": _texts(rng.uniform(20, 90, 600), 1)},
         time_column="time", step_seconds="1",
         instrument_ids="co2_percent=co2;exhaust_l_min=exhaust;speed_km_h=speed")  # fmt: skip
    _budget(one, co2=(2.0, "%", 0), exhaust=(3.0, "%", 0), speed=(1.0, "%", 0))


_MAKERS: dict[Kind, Callable[[Made, np.random.Generator], None]] = {
    Kind.FUEL: _fuel, Kind.CEMS: _cems, Kind.CHAMBER: _chamber, Kind.PROCESS: _process, Kind.PEMS: _pems,
}  # fmt: skip


def year_of_monitoring(seed: int, *, draws: int) -> Made:
    """Return a package with a year of hourly records in twenty columns."""
    one = Made(Kind.CEMS, seed, draws=draws)
    _cems(one, np.random.default_rng(seed), date(2025, 1, 1), date(2025, 12, 31), more=11)
    one.claim()
    return one


@cache
def clean(kind: Kind, seed: int) -> Made:
    """Return a clean package made once; it is not to be changed: copy it."""
    return made(kind, seed)

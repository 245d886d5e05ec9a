"""Submissions made of real measurements: a reservoir's floating chambers and an on-road run.

Raw logs go in unchanged. Nothing of the shared input is kept in the project: the folders are made where a test or a
tutorial wants them. Evidence that the data sets lack (certificates, a verifier) is not made up here: what these
packages earn is what their evidence earns.
"""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import python_calamine

from factordb.formats.submission_form import write_form
from factordb.model.submission import Kind

LAKE: Final = 148
LOGS: Final = {1: "micro_2021-08-16_f0000.txt", 2: "micro-2023-08-24-f0000_visit2.txt"}
FIELD_SHEETS: Final = {1: "surgeData148.xlsx", 2: "surgeData148_visit2.xlsx"}
ADJUSTMENTS: Final = "chamberAdjustmentsAda.xls"
FIRST_FIELD_ROW: Final = 2
ISO: Final = "%Y-%m-%dT%H:%M:%S.%f"

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Reading:
    """How a chamber's log is read; the default is what the evidence supports.

    Attributes:
        volume_at_zero: litres in the chamber at graduation 0.
        volume_per_graduation: litres less for each graduation the chamber sits deeper.
        volume_source: who says so.
        gas: column of the analyser's mole fraction.
        temperature: column of the temperature of the gas.
        clock: column of the log that the windows are written in.
        molar_mass: g/mol, as an expression.
    """

    volume_at_zero: str = "39.26"
    volume_per_graduation: str = "5.0239"
    volume_source: str = (
        "US EPA, SuRGE, chamber volumes of the Ada laboratory (calculateChamberVolume.R): 39.26 - 5.0239 g"
    )
    gas: str = "[CH4]d_ppm"
    temperature: str = "GasT_C"
    clock: str = "SysTime"
    molar_mass: str = "16.043"


ADA: Final = Reading()
"""The chamber of the laboratory that visited this lake: its adjustments are in the file of the Ada laboratory."""
CINCINNATI: Final = replace(
    ADA, volume_at_zero="42.057", volume_per_graduation="0.2189",
    volume_source="US EPA, SuRGE, chamber volumes of the Cincinnati laboratory: 42.057 - 0.2189 g",
)  # fmt: skip
"""The chamber of another laboratory of the survey, graduated in centimetres."""


@dataclass(frozen=True)
class Deployment:
    """One deployment whose CH4 window was marked by the survey."""

    visit: int
    site: int
    start: datetime
    end: datetime
    graduation_a: float
    graduation_b: float

    @property
    def name(self) -> str:
        """What the chamber is called in the package."""
        return f"v{self.visit}-s{self.site:02d}"


def deployments(source: Path) -> list[Deployment]:
    """Return the deployments of the lake that have a CH4 window, by visit and time."""
    book = python_calamine.CalamineWorkbook.from_path(str(source / ADJUSTMENTS))
    header, *rows = book.get_sheet_by_name("DATA").to_python()
    graduations = {visit: _graduations(source / FIELD_SHEETS[visit]) for visit in FIELD_SHEETS}
    found = []
    for row in rows:
        said = dict(zip(header, row, strict=True))
        if said["lake_id"] == LAKE and isinstance(said["ch4DeplyDtTm"], datetime):
            visit, site = int(said["visit"]), int(said["site_id"])
            found.append(Deployment(visit, site, said["ch4DeplyDtTm"], said["ch4RetDtTm"], *graduations[visit][site]))
    return sorted(found, key=lambda one: one.start)


def _graduations(path: Path) -> dict[int, tuple[float, float]]:
    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name("data").to_python()
    names = rows[FIRST_FIELD_ROW - 1]
    found = {}
    for row in rows[FIRST_FIELD_ROW:]:
        said = dict(zip(names, row, strict=True))
        site = int(str(said["site.id"]).rpartition("-")[2].split(".")[0])
        found[site] = (float(said["chamb.grad.a"]), float(said["chamb.grad.b"]))
    return found


def chamber_recipe(reading: Reading = ADA, *, curve: bool = False) -> str:
    """Return the recipe that makes one flux a chamber of the raw logs of both visits, and their mean."""
    visits = "\n".join(_visit(visit, reading, curve=curve) for visit in LOGS)
    return f"""# CH4 flux of floating chambers on one lake: readings between deployment and retrieval, a line each.
schema = "factordb-recipe/1"
result = "factor"
unit = "mgCH4/(m2·h)"

[constants.molar_mass]
value = "{reading.molar_mass}"
unit = "gCH4/mol"
source = "IUPAC standard atomic weights 2021: C 12.011, H 1.008"

[constants.volume_at_zero]
value = "{reading.volume_at_zero}"
unit = "L"
source = "{reading.volume_source}"

[constants.volume_per_graduation]
value = "{reading.volume_per_graduation}"
unit = "L"
source = "{reading.volume_source}"

[constants.area]
value = "0.2"
unit = "m2"
source = "US EPA, SuRGE: area of the floating chamber"

[constants.pressure]
value = "101325"
unit = "Pa"
source = "US EPA, SuRGE: fluxes are computed at 1 atm"
{visits}
[steps.total]
expression = "sum_1 + sum_2"

[steps.chambers]
expression = "count_1 + count_2"

[steps.mean_flux]
expression = "total / chambers"

[steps.factor]
expression = "mean_flux * molar_mass"
"""


def _visit(visit: int, reading: Reading, *, curve: bool) -> str:
    windows = "".join(
        f"""
[columns.{name}_{visit}]
table = "chambers"
column = "{name}"
time = "iso"
key = "chamber"
where = {{visit = "{visit}"}}
"""
        for name in ("start", "end")
    )
    graduations = "".join(
        f"""
[columns.{name}_{visit}]
table = "chambers"
column = "{name}"
unit = "1"
key = "chamber"
where = {{visit = "{visit}"}}
"""
        for name in ("graduation_a", "graduation_b")
    )
    return f"""
[columns.clock_{visit}]
table = "log_{visit}"
column = "{reading.clock}"
time = "%m/%d/%Y %H:%M:%S.%f"

[columns.ch4_{visit}]
table = "log_{visit}"
column = "{reading.gas}"
unit = "ppm"

[columns.gas_temperature_{visit}]
table = "log_{visit}"
column = "{reading.temperature}"
unit = "°C"
{windows}{graduations}
[steps.volume_{visit}]
expression = "volume_at_zero - volume_per_graduation * (graduation_a_{visit} + graduation_b_{visit}) / 2"

[steps.temperature_{visit}]
method = "window_mean"
arguments = {{values = "gas_temperature_{visit}", time = "clock_{visit}", start = "start_{visit}", end = "end_{visit}"}}

[steps.flux_{visit}]
method = "chamber"
options = {{curve = {int(curve)}}}

[steps.flux_{visit}.arguments]
concentration = "ch4_{visit}"
time = "clock_{visit}"
start = "start_{visit}"
end = "end_{visit}"
volume = "volume_{visit}"
area = "area"
temperature = "temperature_{visit}"
pressure = "pressure"

[steps.sum_{visit}]
sum = "flux_{visit}"

[steps.count_{visit}]
count = "flux_{visit}"
"""


def keystone_lake(source: Path, folder: Path, *, value: str, expanded_u: str, reading: Reading = ADA) -> Path:
    """Write the submission of Keystone Lake, EPA's logs unchanged in it, and return its folder.

    Args:
        source: folder of the lake in the shared input.
        folder: new, of the package.
        value: the flux that is claimed, mg CH4 m-2 h-1.
        expanded_u: its expanded uncertainty, k = 2.
        reading: how the logs are read.
    """
    raw = folder / "raw"
    raw.mkdir(parents=True)
    for name in (*LOGS.values(), *FIELD_SHEETS.values(), ADJUSTMENTS):
        shutil.copyfile(source / name, raw / name)
    found = deployments(source)
    _write_csv(raw / "chambers.csv", (
        {"chamber": one.name, "visit": str(one.visit), "site": str(one.site), "start": one.start.strftime(ISO),
         "end": one.end.strftime(ISO), "graduation_a": f"{one.graduation_a:g}", "graduation_b": f"{one.graduation_b:g}"}
        for one in found
    ))  # fmt: skip
    _write_text(folder / "calc/recipe.toml", chamber_recipe(reading))
    _write_text(folder / "method/protocol.txt", PROTOCOL)
    _write_text(folder / "rights/licence.txt", "MIT, US EPA: github.com/USEPA/SuRGE\n")
    write_form(folder / "submission.xlsx", Kind.CHAMBER, _lake_sheets(found, value, expanded_u))
    return folder


PROTOCOL: Final = """Floating chamber on open water, portable analyser (laser absorption), a reading every five seconds.
chambers.csv is derived from chamberAdjustmentsAda.xls (windows ch4DeplyDtTm, ch4RetDtTm of lake 148; rows marked NA,
bubbles, left out) and from the field sheets (chamb.grad.a, chamb.grad.b). Windows are in the log's SysTime.
"""


def _lake_sheets(found: list[Deployment], value: str, expanded_u: str) -> dict[str, Rows]:
    first, last = found[0].start.date().isoformat(), found[-1].start.date().isoformat()
    epa = "US EPA, SuRGE"
    return {
        "submission": [{
            "submission_id": "SUB-KEYSTN-20260901-01", "kind": "chamber", "submitter": "surge-team",
            "organisation": epa, "credit_code": "—", "created_on": "2026-09-01", "period_from": first,
            "period_to": last, "time_zone": "-04:00", "demonstration": "no", "retention_years": "10", "custodian": epa,
        }],
        "factors": [{
            "factor_key": "f1", "name_zh": "基斯通湖水面甲烷扩散通量（漂浮箱，20 次投放均值）",
            "name_en": "Diffusive CH4 flux of Keystone Lake: mean of 20 chamber deployments", "flow": "水库水面",
            "code_system": "CPC", "product_code": "8998", "value": value, "unit": "mgCH4/(m2·h)", "gas": "CH4",
            "boundary": "direct", "region": "US", "plant": "Keystone Lake", "unit_no": "148",
            "technology": "漂浮静态箱", "period_from": first, "period_to": last, "expanded_u": expanded_u,
            "coverage_k": "2", "result": "factor", "allocation": "无", "cut_off": "无",
        }],
        "standards": [{"quantity": "ch4", "standard_no": "US EPA SuRGE, floating chamber protocol, 2021",
                       "title": "floating chamber", "used_from": first, "deviation": "无"}],
        # the serial is the log's own; class and range are those of the maker's data sheet, from memory
        "instruments": [{
            "instrument_id": "analyser", "quantity": "ch4", "type_zh": "激光温室气体分析仪", "model": "Los Gatos micro",
            "serial": "3K430000005895", "manufacturer": "ABB LGR", "place": "船上", "accuracy_class": "1", "mpe": "1",
            "mpe_unit": "%", "range_low": "0", "range_high": "100", "range_unit": "ppm",
        }],
        "raw": [
            {"table_id": "log_1", "file": f"raw/{LOGS[1]}", "header_row": "2", "instrument_ids": "[CH4]d_ppm=analyser"},
            {"table_id": "log_2", "file": f"raw/{LOGS[2]}", "header_row": "2", "instrument_ids": "[CH4]d_ppm=analyser"},
            {"table_id": "chambers", "file": "raw/chambers.csv"},
        ],
        "people": [{"person": "surge-team", "name": "SuRGE field crew", "role": "author", "organisation": epa}],
        "rights": [{"file": "*", "access": "public", "publication": "yes", "authorised_by": epa,
                    "authorisation": "rights/licence.txt", "licence": "MIT"}],
    }  # fmt: skip


def _write_csv(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    lines = list(rows)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# ── one on-road run ──────────────────────────────────────────────────────────────────────────────────────────

RUN: Final = "pems.1.csv"
RUN_RECIPE: Final = """# CO2 of one on-road run over the distance driven; every second as the instruments logged it.
schema = "factordb-recipe/1"
result = "factor"
unit = "gCO2/km"

[constants.step]
value = "1"
unit = "s"
source = "1 Hz log"

[constants.co2_density]
value = "44.01/22.414"
unit = "kgCO2/m3"
source = "molar mass over molar volume of an ideal gas at 0 °C and 101.325 kPa (CODATA 2018)"

[columns.co2]
table = "run"
column = "conc.co2"
unit = "%"
u = {shared = 0.02}

[columns.flow]
table = "run"
column = "exh.flow.rate"
unit = "L/min"
u = {shared = 0.03}

[columns.speed]
table = "run"
column = "velocity"
unit = "km/h"
u = {shared = 0.01}

[steps.mass]
sum = "co2 * flow * co2_density * step"

[steps.distance]
sum = "speed * step"

[steps.factor]
expression = "mass / distance"
"""


def road_run(source: Path, folder: Path, *, value: str, expanded_u: str) -> Path:
    """Write the submission of the run, its log unchanged in it, and return its folder.

    The log says nothing of its instruments: their uncertainties are taken as 2, 3 and 1 %, and neither certificates nor
    serial numbers are made up.
    """
    (folder / "raw").mkdir(parents=True)
    shutil.copyfile(source / RUN, folder / "raw" / RUN)
    _write_text(folder / "calc/recipe.toml", RUN_RECIPE)
    _write_text(folder / "rights/licence.txt", "GPL >= 2: used as input only\n")
    owner = "Institute for Transport Studies, Leeds"
    write_form(folder / "submission.xlsx", Kind.PEMS, {
        "submission": [{
            "submission_id": "SUB-PEMS01-20260901-01", "kind": "pems", "submitter": "crew", "organisation": owner,
            "credit_code": "—", "created_on": "2026-09-01", "period_from": "2005-09-08", "period_to": "2005-09-08",
            "time_zone": "+01:00", "demonstration": "no", "retention_years": "10", "custodian": owner,
        }],
        "factors": [{
            "factor_key": "f1", "name_zh": "轻型车实际道路 CO2 排放（单次行程）",
            "name_en": "CO2 of a light vehicle on the road, one run", "flow": "车辆行驶", "code_system": "CPC",
            "product_code": "6422", "value": value, "unit": "gCO2/km", "gas": "CO2", "boundary": "direct",
            "region": "GB", "plant": "instrumented car", "technology": "汽油车", "period_from": "2005-09-08",
            "period_to": "2005-09-08", "expanded_u": expanded_u, "coverage_k": "2", "result": "factor",
            "allocation": "无", "cut_off": "无",
        }],
        "standards": [{"quantity": "co2", "standard_no": "on-road test practice, 2005", "deviation": "无"}],
        "raw": [{"table_id": "run", "file": f"raw/{RUN}", "time_column": "time.stamp", "step_seconds": "1"}],
        "people": [{"person": "crew", "name": "crew", "role": "author", "organisation": owner}],
        "rights": [{"file": "*", "access": "restricted", "publication": "no", "authorised_by": owner,
                    "authorisation": "rights/licence.txt", "licence": "GPL-2.0-or-later"}],
    })  # fmt: skip
    return folder

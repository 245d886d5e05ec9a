# ruff: noqa: ARG001 - every forgery is given the generator of its seed
"""The forgery corpus: what a forger, or a tired clerk, does to a clean package, and the code that must tell.

A forgery changes a package after its claim was made from its records; what it changes is drawn from a seed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from factordb.checks.package.context import (
    CertificateFacts,
    LibraryFacts,
    LoadFact,
    PublishedFactor,
    ReportSeen,
    SignatureFacts,
)
from factordb.model.evidence_facts import SignedResult, SignedResults
from factordb.model.submission import Kind
from tests.package.clean_packages import Made, clean, pdf

Rng = np.random.Generator
Change = Callable[[Made, Rng], None]


@dataclass(frozen=True)
class Forgery:
    name: str
    kind: Kind
    code: str
    change: Change


FORGERIES: list[Forgery] = []


def forgery(kind: Kind, code: str) -> Callable[[Change], Change]:
    def keep(change: Change) -> Change:
        FORGERIES.append(Forgery(change.__name__, kind, code, change))
        return change

    return keep


def forged(one: Forgery, seed: int) -> Made:
    """Return a clean package of the seed with the forgery done to it."""
    package = clean(one.kind, seed % 8).copy()
    one.change(package, np.random.default_rng([seed, 77]))
    return package


def some(rows: list[dict[str, str]], rng: Rng) -> dict[str, str]:
    return rows[int(rng.integers(len(rows)))]


def tests_of(one: Made, quantity: str, basis: str) -> list[dict[str, str]]:
    return [row for row in one.sheets["tests"] if (row["quantity"], row["basis"]) == (quantity, basis)]


def moved(row: dict[str, str], name: str, days: int) -> None:
    row[name] = (date.fromisoformat(row[name]) + timedelta(days)).isoformat()


def scaled(row: dict[str, str], name: str, by: float) -> None:
    decimals = len(row[name].partition(".")[2])
    row[name] = f"{float(row[name]) * by:.{max(decimals, 2)}f}"


F, C, CH, P, PE = Kind.FUEL, Kind.CEMS, Kind.CHAMBER, Kind.PROCESS, Kind.PEMS

# ── the package ──────────────────────────────────────────────────────────────────────────────────────────────


@forgery(F, "PKG001")
def a_file_was_changed_after_packing(one: Made, rng: Rng) -> None:
    one.bagged = True
    one.extra["faults"] = (LoadFact("PKG001", some(one.sheets["tests"], rng)["file"], "changed", "a1b2"),)


@forgery(F, "PKG002")
def somebody_else_signed(one: Made, rng: Rng) -> None:
    one.signature = SignatureFacts("nobody", holds=bool(rng.integers(2)), key_valid=False)


@forgery(F, "PKG009")
def the_form_names_no_factor(one: Made, rng: Rng) -> None:
    one.sheets["factors"] = []


@forgery(F, "PKG003")
def a_table_says_other_than_the_form(one: Made, rng: Rng) -> None:
    one.extra["faults"] = (LoadFact("PKG003", "tests.csv", "tests", "submission.xlsx"),)


@forgery(F, "PKG004")
def a_report_carries_a_script(one: Made, rng: Rng) -> None:
    path = some(one.sheets["tests"], rng)["file"]
    one.pdfs[path] = replace(one.pdfs[path], scripts=("/JavaScript",))


@forgery(P, "PKG004")
def a_program_lies_among_the_evidence(one: Made, rng: Rng) -> None:
    one.files[("raw/update.exe", "raw/data.xlsm", "view.html")[int(rng.integers(3))]] = b"MZ"


@forgery(F, "PKG005")
def a_lot_has_no_mass_unit(one: Made, rng: Rng) -> None:
    some(one.sheets["samples"], rng)["lot_mass_unit"] = ""


@forgery(F, "PKG006")
def a_value_is_about_so_much(one: Made, rng: Rng) -> None:
    row = some(one.sheets["tests"], rng)
    row["value"] = f"约{row['value']}"


@forgery(F, "PKG006")
def a_day_of_the_thirteenth_month(one: Made, rng: Rng) -> None:
    some(one.sheets["tests"], rng)["issued_on"] = "2025-13-01"


@forgery(F, "PKG007")
def a_test_names_no_sample(one: Made, rng: Rng) -> None:
    some(one.sheets["tests"], rng)["sample_id"] = "S1999-01"


@forgery(F, "PKG008")
def a_report_was_left_out(one: Made, rng: Rng) -> None:
    del one.pdfs[some(one.sheets["tests"], rng)["file"]]


@forgery(P, "IDN001")
def the_product_code_is_missing(one: Made, rng: Rng) -> None:
    one.sheets["factors"][0]["product_code"] = ""


@forgery(C, "IDN001")
def the_factor_is_for_a_longer_period(one: Made, rng: Rng) -> None:
    moved(one.sheets["factors"][0], "period_to", int(rng.integers(30, 300)))


def published(one: Made, value: float, **facts: object) -> PublishedFactor:
    row = one.sheets["factors"][0]
    told = {name: row[name] for name in ("flow", "product_code", "region", "boundary", "gas", "plant", "unit")}
    return PublishedFactor("F-0001", value=value, period_from=date(2025, 1, 1), period_to=date(2025, 12, 31),
                           **{**told, **facts})  # fmt: skip


@forgery(F, "IDN002")
def a_published_factor_is_sold_again(one: Made, rng: Rng) -> None:
    one.library = LibraryFacts(factors=(published(one, 2.0),))


@forgery(F, "IDN003")
def the_credit_code_was_made_up(one: Made, rng: Rng) -> None:
    code = one.cover["credit_code"]
    place = int(rng.integers(2, 8))
    one.cover["credit_code"] = f"{code[:place]}{(int(code[place]) + int(rng.integers(1, 9))) % 10}{code[place + 1 :]}"


# ── method, plan, instruments ────────────────────────────────────────────────────────────────────────────────


@forgery(F, "MTH001")
def the_method_is_the_national_standard(one: Made, rng: Rng) -> None:
    some(one.sheets["standards"], rng)["standard_no"] = "国标"


@forgery(F, "MTH002")
def a_withdrawn_standard_is_named(one: Made, rng: Rng) -> None:
    for row in one.sheets["standards"]:
        row["standard_no"] = row["standard_no"].replace("GB/T 476-2008", "GB/T 476-2001")


@forgery(P, "MTH002")
def a_standard_of_the_future_is_named(one: Made, rng: Rng) -> None:
    one.sheets["standards"][0]["standard_no"] = "JJG 195-2027"


@forgery(F, "MTH003")
def a_deviation_is_declared(one: Made, rng: Rng) -> None:
    some(one.sheets["standards"], rng)["deviation"] = "样品粒度较粗"


@forgery(F, "PLN001")
def the_plan_was_written_afterwards(one: Made, rng: Rng) -> None:
    one.sheets["plan"][0]["dated"] = "2025-12-20"


@forgery(C, "PLN001")
def there_is_no_plan(one: Made, rng: Rng) -> None:
    one.sheets["plan"] = []


@forgery(F, "PLN002")
def months_were_skipped(one: Made, rng: Rng) -> None:
    gone = some(one.sheets["samples"], rng)["sample_id"]
    for sheet in ("samples", "tests"):
        one.sheets[sheet] = [row for row in one.sheets[sheet] if row["sample_id"] != gone]


@forgery(F, "INS001")
def the_serial_number_is_none(one: Made, rng: Rng) -> None:
    one.sheets["instruments"][0]["serial"] = "无"


@forgery(C, "INS002")
def the_span_is_far_too_wide(one: Made, rng: Rng) -> None:
    one.sheets["instruments"][0]["range_high"] = "100"


@forgery(PE, "INS002")
def readings_exceed_the_range(one: Made, rng: Rng) -> None:
    one.sheets["instruments"][2]["range_high"] = "60"


@forgery(F, "INS003")
def a_coarse_scale(one: Made, rng: Rng) -> None:
    one.sheets["instruments"][0]["accuracy_class"] = "2.0"


@forgery(F, "INS004")
def a_scale_was_changed_with_a_gap(one: Made, rng: Rng) -> None:
    old = one.sheets["instruments"][0]
    new = dict(old, instrument_id="scale9", serial="DEMO-99999-new", used_from="2025-07-15", used_to="")
    old["used_to"] = "2025-06-30"
    one.sheets["instruments"].append(new)


# ── certificates ─────────────────────────────────────────────────────────────────────────────────────────────


@forgery(F, "CAL001")
def a_certificate_is_only_a_number(one: Made, rng: Rng) -> None:
    del one.pdfs[some(one.sheets["certificates"], rng)["file"]]


@forgery(F, "CAL002")
def a_hole_between_two_certificates(one: Made, rng: Rng) -> None:
    moved(one.sheets["certificates"][0], "due_on", -int(rng.integers(30, 100)))


@forgery(PE, "CAL002")
def a_certificate_that_ran_out(one: Made, rng: Rng) -> None:
    row = some(one.sheets["certificates"], rng)
    row["due_on"] = (date.fromisoformat(one.cover["period_from"]) - timedelta(1)).isoformat()


@forgery(CH, "CAL002")
def no_certificate_at_all(one: Made, rng: Rng) -> None:
    one.sheets["certificates"] = []


@forgery(F, "CAL003")
def a_certificate_issued_before_the_work(one: Made, rng: Rng) -> None:
    moved(some(one.sheets["certificates"], rng), "issued_on", -int(rng.integers(3, 40)))


@forgery(F, "CAL004")
def calibrated_by_nobody(one: Made, rng: Rng) -> None:
    one.sheets["labs"][0]["accreditation_no"] = "—"


@forgery(PE, "CAL004")
def calibrated_outside_the_scope(one: Made, rng: Rng) -> None:
    one.sheets["labs"][0]["scope"] = "weighing"


@forgery(P, "CAL004")
def calibrated_after_the_accreditation_ended(one: Made, rng: Rng) -> None:
    one.sheets["labs"][0]["valid_to"] = "2024-01-31"


@forgery(F, "CAL005")
def a_calibration_coarser_than_the_scale(one: Made, rng: Rng) -> None:
    some(one.sheets["certificates"], rng)["expanded_u"] = "0.8"


@forgery(F, "CAL005")
def a_calibration_of_half_the_error(one: Made, rng: Rng) -> None:
    some(one.sheets["certificates"], rng)["expanded_u"] = "0.25"


@forgery(PE, "CAL006")
def serial_numbers_swapped(one: Made, rng: Rng) -> None:
    first, second = one.sheets["instruments"][:2]
    first["serial"], second["serial"] = second["serial"], first["serial"]


@forgery(F, "CAL006")
def the_form_follows_the_wrong_plate(one: Made, rng: Rng) -> None:
    for row in (*one.sheets["instruments"], *one.sheets["certificates"]):
        row["serial"] = "DEMO-00000-scale1"  # the certificate's own text says another


@forgery(F, "CAL007")
def an_error_beyond_the_permissible(one: Made, rng: Rng) -> None:
    some(one.sheets["certificates"], rng)["error_found"] = f"{rng.choice([-1, 1]) * 0.9:.2f}"


@forgery(F, "CAL008")
def a_scale_that_drifts(one: Made, rng: Rng) -> None:
    one.sheets["certificates"][1]["as_found"] = "1.9"


@forgery(F, "CAL009")
def late_and_not_treated(one: Made, rng: Rng) -> None:
    moved(one.sheets["certificates"][0], "due_on", -40)


@forgery(F, "CAL010")
def nobody_set_the_due_date(one: Made, rng: Rng) -> None:
    some(one.sheets["certificates"], rng)["due_basis"] = ""


def digital(one: Made, **facts: object) -> None:
    row = one.sheets["certificates"][0]
    path = row["file"].replace(".pdf", ".xml")
    one.pdfs.pop(row["file"])
    one.files[path] = b"<demonstration/>"
    row.update(file=path, kind="dcc")
    done = date.fromisoformat(row["calibrated_on"])
    told = {"schema": "3.3.0", "certificate_no": row["certificate_no"], "began_on": done, "ended_on": done,
            "identifications": (row["serial"],), "signed": True}  # fmt: skip
    one.certificates[path] = CertificateFacts(**{**told, **facts})


@forgery(CH, "CAL011")
def a_digital_certificate_without_signature(one: Made, rng: Rng) -> None:
    digital(one, signed=False)


@forgery(CH, "CAL006")
def a_digital_certificate_of_another_instrument(one: Made, rng: Rng) -> None:
    digital(one, identifications=("DEMO-OTHER",))


@forgery(C, "CAL012")
def the_reference_gas_expired(one: Made, rng: Rng) -> None:
    one.sheets["certificates"][-1]["due_on"] = "2025-04-10"


# ── laboratories and samples ─────────────────────────────────────────────────────────────────────────────────


@forgery(F, "LAB001")
def a_laboratory_without_licence(one: Made, rng: Rng) -> None:
    one.sheets["labs"][1]["accreditation_no"] = ""


@forgery(F, "LAB002")
def a_licence_that_had_expired(one: Made, rng: Rng) -> None:
    one.sheets["labs"][1]["valid_to"] = f"2025-{rng.integers(2, 11):02d}-01"


@forgery(F, "LAB003")
def a_method_outside_the_scope(one: Made, rng: Rng) -> None:
    one.sheets["labs"][1]["scope"] = "GB/T 211;GB/T 212;GB/T 213;GB/T 214"


@forgery(F, "LAB004")
def the_owner_tests_itself(one: Made, rng: Rng) -> None:
    one.sheets["labs"][1]["name_zh"] = one.cover["organisation"]


def signed_by_the_laboratory(one: Made, **facts: object) -> None:
    """Add the laboratory's own signature over every result, as it stands now."""
    names = ("sample_id", "report_no", "quantity", "basis", "value", "unit")
    results = tuple(SignedResult(*(row.get(name, "") for name in names)) for row in one.sheets["tests"])
    tester = one.sheets["tests"][0]["lab_id"]
    laboratory = next(row["name_zh"] for row in one.sheets["labs"] if row["lab_id"] == tester)
    told = {"laboratory": laboratory, "results": results, "organisation": laboratory, "key_valid": True,
            "looked_at": True}  # fmt: skip
    one.extra["signed_results"] = (SignedResults("tests/lab_results/r.dsse.json", **{**told, **facts}),)


@forgery(F, "LAB005")
def somebody_else_signs_for_the_laboratory(one: Made, rng: Rng) -> None:
    signed_by_the_laboratory(one, organisation="another laboratory")


@forgery(F, "LAB006")
def carbon_is_lowered_on_both_bases_after_the_laboratory_signed(one: Made, rng: Rng) -> None:
    signed_by_the_laboratory(one)
    lower_consistently(one, float(rng.uniform(0.5, 4)), rng)


@forgery(F, "SMP001")
def no_increments(one: Made, rng: Rng) -> None:
    some(one.sheets["samples"], rng)["increments"] = "0"


@forgery(F, "SMP002")
def samples_picked_afterwards(one: Made, rng: Rng) -> None:
    some(one.sheets["samples"], rng)["selected_later"] = "yes"


@forgery(F, "SMP003")
def composites_in_equal_parts(one: Made, rng: Rng) -> None:
    some(one.sheets["samples"], rng)["composite_rule"] = "equal"


@forgery(F, "SMP004")
def samples_thrown_away(one: Made, rng: Rng) -> None:
    moved(some(one.sheets["samples"], rng), "retained_until", -300)


@forgery(F, "SMP005")
def sampler_and_witness_are_one(one: Made, rng: Rng) -> None:
    some(one.sheets["samples"], rng)["witness"] = "wang-wu"


@forgery(F, "SMP006")
def a_season_is_missing(one: Made, rng: Rng) -> None:
    quarter = int(rng.integers(4))
    gone = {f"S2025-{month:02d}" for month in range(quarter * 3 + 1, quarter * 3 + 4)}
    for sheet in ("samples", "tests"):
        one.sheets[sheet] = [row for row in one.sheets[sheet] if row["sample_id"] not in gone]


# ── dates, numbers, documents ────────────────────────────────────────────────────────────────────────────────


@forgery(F, "DAT001")
def dates_rewritten(one: Made, rng: Rng) -> None:
    report = some(one.sheets["tests"], rng)["report_no"]
    for row in one.sheets["tests"]:
        if row["report_no"] == report:
            moved(row, "received_on", int(rng.integers(20, 60)))


@forgery(F, "DAT002")
def a_report_made_months_later(one: Made, rng: Rng) -> None:
    report = one.sheets["tests"][0]["report_no"]
    for row in one.sheets["tests"]:
        if row["report_no"] == report:
            row["issued_on"] = "2025-06-16"


@forgery(F, "DAT003")
def report_numbers_out_of_order(one: Made, rng: Rng) -> None:
    numbers = list(dict.fromkeys(row["report_no"] for row in one.sheets["tests"]))
    early, late = int(rng.integers(0, 5)), int(rng.integers(6, 11))
    swap = {numbers[early]: numbers[late], numbers[late]: numbers[early]}
    for row in one.sheets["tests"]:
        row["report_no"] = swap.get(row["report_no"], row["report_no"])


@forgery(F, "DAT003")
def a_number_that_another_plant_has(one: Made, rng: Rng) -> None:
    row = some(one.sheets["tests"], rng)
    one.library = LibraryFacts(reports=(ReportSeen("示范检测公司", row["report_no"], date(2025, 3, 3), "SUB-OTHER"),))


@forgery(F, "DAT004")
def one_batch_sold_as_twelve_months(one: Made, rng: Rng) -> None:
    for row in one.sheets["tests"]:
        row["received_on"], row["tested_on"], row["issued_on"] = "2026-01-05", "2026-01-07", "2026-01-09"


@forgery(F, "DAT005")
def twelve_months_numbered_through(one: Made, rng: Rng) -> None:
    numbers = {name: f"MJ2512{place + 30}" for place, name in
               enumerate(dict.fromkeys(row["report_no"] for row in one.sheets["tests"]))}  # fmt: skip
    for row in one.sheets["tests"]:
        row["report_no"] = numbers[row["report_no"]]


@forgery(F, "DAT006")
def tested_in_the_future(one: Made, rng: Rng) -> None:
    some(one.sheets["tests"], rng)["tested_on"] = "2026-08-03"


@forgery(F, "DOC001")
def a_report_opened_in_an_editor(one: Made, rng: Rng) -> None:
    path = some(one.sheets["tests"], rng)["file"]
    change = ({"ends": 2}, {"producer": "PDF-XChange Editor 10"}, {"modified_on": date(2026, 2, 1)})
    one.pdfs[path] = replace(one.pdfs[path], **change[int(rng.integers(3))])


@forgery(F, "DOC002")
def the_code_decodes_to_another_report(one: Made, rng: Rng) -> None:
    for row in one.sheets["tests"]:
        one.pdfs[row["file"]] = replace(one.pdfs[row["file"]], codes=(row["report_no"],))
    path = some(one.sheets["tests"], rng)["file"]
    one.pdfs[path] = replace(one.pdfs[path], codes=() if rng.integers(2) else ("MJ240101",))


@forgery(F, "DOC003")
def one_scan_under_two_numbers(one: Made, rng: Rng) -> None:
    paths = list(dict.fromkeys(row["file"] for row in one.sheets["tests"]))
    one.files[paths[3]] = one.files[paths[7]] = b"%PDF-1.4 demonstration scan"


@forgery(F, "DOC003")
def a_scan_of_another_submission(one: Made, rng: Rng) -> None:
    path = some(one.sheets["tests"], rng)["file"]
    one.library = LibraryFacts(files={one.package().files[path].sha256: "SUB-OTHER"})


@forgery(F, "DOC005")
def a_value_typed_other_than_reported(one: Made, rng: Rng) -> None:
    scaled(some(tests_of(one, "sulphur", "ad"), rng), "value", 0.7)


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────


@forgery(P, "RAW001")
def raw_records_are_withheld(one: Made, rng: Rng) -> None:
    one.raw.clear()


@forgery(F, "RAW001")
def a_raw_record_with_another_hash(one: Made, rng: Rng) -> None:
    one.sheets["raw"][0]["sha256"] = "0" * 64


@forgery(C, "RAW002")
def hours_deleted(one: Made, rng: Rng) -> None:
    begin = int(rng.integers(50, 600))
    for column in one.raw["hourly"].values():
        del column[begin : begin + 5]


@forgery(PE, "RAW002")
def seconds_repeated(one: Made, rng: Rng) -> None:
    begin = int(rng.integers(50, 500))
    for column in one.raw["run"].values():
        column[begin:begin] = column[begin : begin + 20]


@forgery(P, "RAW002")
def a_log_from_another_zone(one: Made, rng: Rng) -> None:
    one.raw["daily"]["time"] = [str(cell).replace("+08:00", "+00:00") for cell in one.raw["daily"]["time"]]


@forgery(P, "RAW003")
def readings_rounded_by_hand(one: Made, rng: Rng) -> None:
    one.raw["daily"]["lime_t"] = [f"{round(float(str(cell)) * 2) / 2:.1f}" for cell in one.raw["daily"]["lime_t"]]


@forgery(C, "RAW004")
def records_edited_afterwards(one: Made, rng: Rng) -> None:
    one.sheets["edits"] = [{"file": "cems/hourly.csv", "edited_on": "2025-06-02", "editor": "li-si", "reason": "修正"}]


@forgery(C, "CEM001")
def fragments_of_hours_used(one: Made, rng: Rng) -> None:
    column = one.raw["hourly"]["co2_percent"]
    one.raw["hourly"]["co2_percent"] = [cell or "9.111" for cell in column]


@forgery(C, "CEM002")
def a_monitor_that_was_mostly_off(one: Made, rng: Rng) -> None:
    for name in ("co2_percent", "flow_nm3_h"):
        one.raw["hourly"][name][300:600] = [None] * 300


@forgery(C, "CEM003")
def gaps_are_not_substituted(one: Made, rng: Rng) -> None:
    one.recipe = one.recipe.replace('[steps.filled]\nmethod = "substitute"\narguments = {values = "mass_flow"}\n', "")
    one.recipe = one.recipe.replace("filled * step", "mass_flow * step")


@forgery(C, "CEM003")
def gaps_are_filled_with_low_values(one: Made, rng: Rng) -> None:
    column = one.raw["hourly"]["co2_percent"]
    one.raw["hourly"]["co2_percent_filled"] = [cell or "8.000" for cell in column]


@forgery(C, "CEM004")
def drift_checks_skipped(one: Made, rng: Rng) -> None:
    one.sheets["qa_log"] = [row for row in one.sheets["qa_log"] if row["done_on"] != "2025-04-15"]


@forgery(C, "CEM004")
def a_drift_beyond_its_limit(one: Made, rng: Rng) -> None:
    some([row for row in one.sheets["qa_log"] if row["kind"] == "span"], rng)["found"] = "94.0"


@forgery(C, "CEM005")
def the_reference_method_disagrees(one: Made, rng: Rng) -> None:
    one.sheets["qa_log"][-1]["found"] = "14.9"


@forgery(C, "CEM005")
def never_compared(one: Made, rng: Rng) -> None:
    one.sheets["qa_log"] = one.sheets["qa_log"][:-1]


@forgery(C, "CEM006")
def wet_flow_sold_as_dry(one: Made, rng: Rng) -> None:
    table = one.raw["hourly"]
    table["flow_nm3_h"] = [
        cell and f"{float(cell) / (1 - float(str(wet)) / 100):.0f}"
        for cell, wet in zip(table["flow_nm3_h"], table["moisture_percent"], strict=True)
    ]


@forgery(C, "CEM007")
def monitor_and_coal_differ(one: Made, rng: Rng) -> None:
    with_coal(one, 0.6)


def with_coal(one: Made, share: float) -> None:
    """Add the coal whose carbon makes this share of the monitored CO2."""
    assert one.outcome is not None
    monitored = float(one.outcome.steps["emission"].values[0, 0]) / 1e6
    use = monitored * share / (0.55 * 44 / 12)
    one.sheets["activity"].append({"record_id": "coal", "period_from": "2025-04-01", "period_to": "2025-04-30",
                                   "quantity": "use", "value": f"{use:.1f}", "unit": "t",
                                   "instrument_id": "meter1"})  # fmt: skip
    coal = clean(Kind.FUEL, 0)
    sample = dict(coal.sheets["samples"][3], lot_mass=f"{use:.1f}")
    rows = [dict(row) for row in coal.sheets["tests"] if row["sample_id"] == sample["sample_id"]]
    row = next(one for one in rows if (one["quantity"], one["basis"]) == ("carbon", "ar"))
    row["value"] = "55.00"
    one.sheets["samples"], one.sheets["tests"] = [sample], [row]
    one.sheets["verification"][0]["samples_checked"] = "1"
    one.sheets["standards"].append({"quantity": "carbon_ar", "standard_no": "GB/T 476-2008", "deviation": "无"})
    pdf(one, row["file"], row["report_no"], "55.00")


@forgery(F, "ACT001")
def coal_bought_without_invoice(one: Made, rng: Rng) -> None:
    some([row for row in one.sheets["activity"] if row["quantity"] == "received"], rng)["invoice"] = ""


@forgery(F, "ACT002")
def coal_that_stocks_do_not_know(one: Made, rng: Rng) -> None:
    scaled(some([row for row in one.sheets["activity"] if row["quantity"] == "closing"], rng), "value", 1.3)


@forgery(F, "ACT003")
def days_that_do_not_make_a_month(one: Made, rng: Rng) -> None:
    scaled(some([row for row in one.sheets["activity"] if row["quantity"] == "daily_sum"], rng), "value", 0.8)


# ── calculation: the classical slips ─────────────────────────────────────────────────────────────────────────


def slip(kind: Kind, name: str, by: float) -> None:
    def change(one: Made, rng: Rng) -> None:
        scaled(one.sheets["factors"][0], "value", by)

    change.__name__ = f"the_claim_is_off_by_{name}"
    forgery(kind, "CALC001")(change)


for _kind, _name, _by in ((F, "a_thousand", 1000.0), (C, "3_6", 3.6), (P, "4_1868", 4.1868), (F, "44_12", 12 / 44),
                          (PE, "a_percent", 1.01), (CH, "a_tenth", 0.9), (F, "a_permille", 0.998)):  # fmt: skip
    slip(_kind, _name, _by)


@forgery(C, "CALC001")
def readings_lowered_in_the_record(one: Made, rng: Rng) -> None:
    one.raw["hourly"]["co2_percent"] = [
        cell and f"{float(cell) * 0.9:.3f}" for cell in one.raw["hourly"]["co2_percent"]
    ]


@forgery(F, "CALC001")
def carbon_lowered_in_one_month(one: Made, rng: Rng) -> None:
    scaled(some(tests_of(one, "carbon", "ad"), rng), "value", 0.95)


@forgery(F, "CALC001")
def there_is_no_recipe(one: Made, rng: Rng) -> None:
    one.recipe = ""


@forgery(F, "CALC002")
def carbon_taken_for_carbon_dioxide(one: Made, rng: Rng) -> None:
    one.recipe = one.recipe.replace("carbon * oxidation * co2_per_c", "carbon * oxidation")


@forgery(F, "CALC003")
def months_weigh_the_same(one: Made, rng: Rng) -> None:
    one.recipe = one.recipe.replace('weighted_mean = "carbon_ar"\nweight = "lot_mass"', 'mean = "carbon_ar"')


@forgery(F, "CALC004")
def a_constant_of_the_house(one: Made, rng: Rng) -> None:
    one.recipe = one.recipe.replace('value = "44/12"', 'value = "3.3"')


@forgery(F, "CALC004")
def a_constant_without_source(one: Made, rng: Rng) -> None:
    one.recipe = one.recipe.replace('source = "IPCC 2006, volume 2, chapter 1: ratio of molar masses"\n', "")


@forgery(P, "CALC005")
def nine_digits(one: Made, rng: Rng) -> None:
    assert one.outcome is not None
    one.sheets["factors"][0]["value"] = f"{one.outcome.value:.9g}"


@forgery(P, "CALC006")
def shares_of_more_than_one(one: Made, rng: Rng) -> None:
    next(row for row in one.sheets["unit_process"] if row["flow_class"] == "product")["share"] = "0.8"


# ── physics, balances, statistics ────────────────────────────────────────────────────────────────────────────


@forgery(F, "PHY001")
def carbon_as_received_edited(one: Made, rng: Rng) -> None:
    scaled(some(tests_of(one, "carbon", "ar"), rng), "value", float(rng.uniform(0.9, 0.998)))


@forgery(F, "PHY001")
def carbon_air_dried_edited(one: Made, rng: Rng) -> None:
    scaled(some(tests_of(one, "carbon", "ad"), rng), "value", float(rng.uniform(0.9, 0.99)))


@forgery(F, "PHY001")
def moisture_invented(one: Made, rng: Rng) -> None:
    scaled(some(tests_of(one, "moisture_total", "ar"), rng), "value", 1.4)


@forgery(F, "PHY002")
def heating_value_raised(one: Made, rng: Rng) -> None:
    row = some(tests_of(one, "lhv", "ar"), rng)
    row["value"] = f"{float(row['value']) * 1.04:.0f}"


@forgery(F, "PHY003")
def carbon_too_low_for_its_heat(one: Made, rng: Rng) -> None:
    lower_consistently(one, 9.0, rng)


def lower_consistently(one: Made, points: float, rng: Rng) -> None:
    """Lower one month's carbon on both bases, in its report too, and make the claim anew: nothing contradicts it."""
    row = some(tests_of(one, "carbon", "ad"), rng)
    sample, text = row["sample_id"], one.pdfs[row["file"]].text
    other = next(each for each in tests_of(one, "carbon", "ar") if each["sample_id"] == sample)
    ratio = (float(row["value"]) - points) / float(row["value"])
    for each in (row, other):
        old = each["value"]
        each["value"] = f"{float(old) * ratio:.2f}"
        text = text.replace(old, each["value"])
    one.pdfs[row["file"]] = replace(one.pdfs[row["file"]], text=text)
    one.claim()


@forgery(F, "PHY004")
def more_than_a_hundred_percent(one: Made, rng: Rng) -> None:
    some(tests_of(one, "ash", "ad"), rng)["value"] = "38.00"


@forgery(F, "PHY004")
def more_carbon_dioxide_than_carbon_gives(one: Made, rng: Rng) -> None:
    one.sheets["factors"][0]["value"] = "3.9"


@forgery(F, "PHY005")
def heat_that_its_elements_do_not_give(one: Made, rng: Rng) -> None:
    row = some(tests_of(one, "q_gr", "ad"), rng)
    row["value"] = f"{float(row['value']) + 2500:.0f}"


@forgery(P, "BAL001")
def a_flow_left_out(one: Made, rng: Rng) -> None:
    one.sheets["unit_process"] = [row for row in one.sheets["unit_process"] if row["flow_id"] != "coal"]


@forgery(P, "BAL001")
def tonnes_taken_for_kilograms(one: Made, rng: Rng) -> None:
    next(row for row in one.sheets["unit_process"] if row["flow_id"] == "limestone")["unit"] = "kg"


@forgery(F, "CMP101")
def far_from_all_others(one: Made, rng: Rng) -> None:
    one.library = LibraryFacts(factors=(published(one, 0.9, plant="x"), published(one, 1.0, plant="y")))


@forgery(F, "STA001")
def one_result_for_many_months(one: Made, rng: Rng) -> None:
    for row in tests_of(one, "carbon", "ad")[:8]:
        row["value"] = "58.31"


@forgery(F, "STA001")
def one_result_far_from_the_others(one: Made, rng: Rng) -> None:
    some(tests_of(one, "ash", "ad"), rng)["value"] = "28.40"


@forgery(F, "UNC101")
def no_budget(one: Made, rng: Rng) -> None:
    one.sheets["budget"] = []


@forgery(F, "UNC102")
def an_uncertainty_below_the_records(one: Made, rng: Rng) -> None:
    scaled(one.sheets["factors"][0], "expanded_u", 0.4)
    one.sheets["factors"][0]["expanded_u"] = f"{float(one.sheets['factors'][0]['expanded_u']) / 4:.4f}"


@forgery(F, "UNC102")
def a_budget_below_the_certificate(one: Made, rng: Rng) -> None:
    next(row for row in one.sheets["budget"] if row["quantity"] == "coal_mass")["standard_u"] = "0.01"


@forgery(C, "UNC103")
def an_uncertainty_out_of_the_air(one: Made, rng: Rng) -> None:
    row = one.sheets["factors"][0]
    row["expanded_u"] = f"{float(row['expanded_u']) * 1.5:.3g}"


# ── people and rights ────────────────────────────────────────────────────────────────────────────────────────


@forgery(F, "IND001")
def the_verifier_works_for_the_owner(one: Made, rng: Rng) -> None:
    one.sheets["verification"][0]["organisation"] = one.cover["organisation"]


@forgery(C, "IND001")
def the_author_verifies(one: Made, rng: Rng) -> None:
    one.sheets["verification"][0]["verifier"] = str(rng.choice(["zhang-san", "li-si"]))


@forgery(F, "IND001")
def the_laboratory_verifies(one: Made, rng: Rng) -> None:
    one.sheets["people"][4]["organisation"] = "示范检测公司"


@forgery(F, "VRF001")
def a_statement_older_than_the_reports(one: Made, rng: Rng) -> None:
    one.sheets["verification"][0]["statement_on"] = "2025-11-03"


@forgery(PE, "VRF001")
def a_verifier_whose_accreditation_ended(one: Made, rng: Rng) -> None:
    one.sheets["verification"][0]["valid_to"] = "2025-12-31"


@forgery(F, "VRF002")
def a_verifier_who_saw_nothing(one: Made, rng: Rng) -> None:
    one.sheets["verification"][0].update(site_days="0", samples_checked="0")


@forgery(CH, "VRF002")
def a_verifier_who_signs_by_the_dozen(one: Made, rng: Rng) -> None:
    one.library = LibraryFacts(statements=(date(2026, 2, 5),) * 3)


@forgery(F, "RGT001")
def publication_is_not_allowed(one: Made, rng: Rng) -> None:
    one.sheets["rights"][0]["publication"] = "no"


@forgery(F, "RGT002")
def a_file_without_access_level(one: Made, rng: Rng) -> None:
    one.sheets["rights"][0]["file"] = "tests/*"


@forgery(P, "RET001")
def originals_kept_for_a_year(one: Made, rng: Rng) -> None:
    one.cover["retention_years"] = "1"

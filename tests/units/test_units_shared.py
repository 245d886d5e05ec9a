"""Every unit and value string of the shared real input: what is read is pinned, what is refused is printed."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from factordb import units, values

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data beside the project")


def records(*parts: str) -> list[dict[str, str]]:
    with SHARED.joinpath(*parts).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def forc() -> list[dict[str, str]]:
    return [row for path in sorted((SHARED / "forc_efdb" / "approved").glob("*.csv")) for row in records(str(path))]


def accepted_units(name: str, counts: Counter[str]) -> tuple[int, dict[str, int]]:
    """Return (rows read, {refused fragment: rows}) and print the refused, most frequent first."""
    refused = units.unknown_words(counts)
    print(f"\n{name}: {len(counts)} spellings, {counts.total()} rows, refused {sum(word.count for word in refused)}")  # noqa: T201 - the list is for the next editor of the alias table
    for word in refused:
        print(f"  {word.count:6d}  {word.code}  {word.found!r}  in {list(word.texts[:3])}")  # noqa: T201 - as above
    return counts.total() - sum(word.count for word in refused), {word.found: word.count for word in refused}


def accepted_values(name: str, counts: Counter[str]) -> dict[str, int]:
    """Return {form or code: rows} and print the refused strings, most frequent first."""
    table = values.parse_many(list(counts)).to_pylist()
    forms: Counter[str] = Counter()
    for row in table:
        forms[row["form"] or row["code"]] += counts[row["text"]]
    print(f"\n{name}: {dict(forms)}")  # noqa: T201 - as above
    for row in sorted((row for row in table if row["code"]), key=lambda row: -counts[row["text"]]):
        print(f"  {counts[row['text']]:6d}  {row['code']}  {row['text']!r}")  # noqa: T201 - as above
    return dict(forms)


def test_cpcd_cells_come_apart_and_every_unit_is_read() -> None:
    cells = Counter(row["碳足迹"] for row in records("cpcd", "cpcd_core_copy.csv"))
    parted = {row["text"]: row for row in values.split_many(list(cells)).to_pylist()}
    assert [text for text, row in parted.items() if row["code"]] == []
    counts: Counter[str] = Counter()
    for text, count in cells.items():
        counts[parted[text]["unit_text"]] += count
    assert accepted_units("cpcd", counts) == (558, {})
    assert len(counts) == 54
    assert accepted_values("cpcd", Counter(parted[text]["value_text"] for text in cells.elements())) == {"plain": 558}


def test_cn_national_database() -> None:
    rows = records("cn_national_db", "cn_national_ghg_factor_db_v2_source_view.csv")
    read, refused = accepted_units("cn_national_db unit", Counter(row["unit"] for row in rows))
    assert (read, refused) == (381, {"head·year)": 112, "": 4, "kgNH3-N+NOx-N)": 2})
    read, refused = accepted_units("cn_national_db unit_desc", Counter(row["unit_desc"] for row in rows))
    assert (read, refused) == (20, {"": 479})
    assert accepted_values("cn_national_db factor", Counter(row["emission_factor"] for row in rows)) == {
        "plain": 492,
        "empty": 6,
        "range": 1,
    }
    for column, plain in (("emission_factor_cv", 3), ("net_calorific_value", 10), ("net_calorific_cv", 50)):
        assert accepted_values(column, Counter(row[column] for row in rows)) == {"plain": plain, "empty": 499 - plain}


def test_defra_flat_file() -> None:
    rows = records("defra_uk_2022", "ghg-conversion-factors-2022-flat-format.csv")
    pairs = Counter(f"{row['GHG_Unit']}/{row['UOM']}" for row in rows)
    assert accepted_units("defra", pairs) == (8029, {"/km": 4, "/miles": 4, "/": 2})
    assert accepted_values("defra", Counter(row["GHG_Conversion_Factor_2022"] for row in rows)) == {
        "plain": 6895,
        "empty": 1140,
        "below": 4,
    }


def test_open_emission_factors_database() -> None:
    rows = records("oefdb", "OpenEmissionFactorsDB_677c3be.csv")
    assert accepted_units("oefdb", Counter(row["activity_unit"] for row in rows)) == (6169, {"ton": 12})
    glued = accepted_units("oefdb as factors", Counter(f"kgCO2e/{row['activity_unit']}" for row in rows))
    assert glued == (6169, {"ton": 12})
    for column in ("kgCO2e-AR5", "kgCO2e-AR4", "kgCO2", "kgCH4", "kgN2O", "uncertainty"):
        forms = accepted_values(column, Counter(row[column] for row in rows))
        assert set(forms) <= {"plain", "empty", "scientific"}


def test_forc_submissions_to_the_efdb() -> None:
    rows = forc()
    assert len(rows) == 1435
    read, refused = accepted_units("forc", Counter(row["Unit..ID."] for row in rows))
    assert refused == {}
    assert read == 1435
    forms = accepted_values("forc value", Counter(row["Value"] for row in rows))
    assert forms == {"plain": 1435}
    limits = Counter(row[f"{side}.Confidence.Limit"] for row in rows for side in ("Lower", "Upper"))
    forms = accepted_values("forc limits", limits)
    assert forms == {"plain": 776, "empty": 2094}


def test_facts_tables() -> None:
    rows = records("facts", "cn_electricity_factors_2021_2024.csv")
    assert accepted_units("cn electricity", Counter(row["unit"] for row in rows)) == (141, {})
    assert accepted_values("cn electricity", Counter(row["value"] for row in rows)) == {"plain": 141}
    for name in ("table1_2_ncv", "table1_3_carbon_content", "table2_2_co2", "tables2_2_to_2_5_ch4_n2o"):
        table = records("facts", f"ipcc2006_v2_{name}.csv")
        numbers = [c for c in table[0] if c.startswith(("default_", "lower", "upper"))]
        forms = accepted_values(name, Counter(row[column] for row in table for column in numbers))
        assert set(forms) <= {"plain", "empty"}


def test_ncv_of_natural_gas_from_the_national_database_agrees_with_the_guideline() -> None:
    """57.2 tCO2/TJ × 3561.1 TJ/10⁸Nm³ = 20.37 tCO2/10⁴Nm³ (domain.md, section 7)."""
    co2 = units.convert(57.2, "tCO₂/TJ", "kgCO2/MJ")
    ncv = units.convert(3561.1, "TJ/10⁸ Nm³", "MJ/Nm3")
    assert isinstance(co2, tuple)
    assert isinstance(ncv, tuple)
    factor = units.convert(co2[0] * ncv[0], "kgCO2/Nm3", "tCO2/10⁴Nm3")
    assert isinstance(factor, tuple)
    assert factor[0] == pytest.approx(20.37, abs=0.005)

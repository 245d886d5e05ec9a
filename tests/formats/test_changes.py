from datetime import date

import pyarrow as pa
import pytest

from factordb.formats.changes import CHANGE_SCHEMA, CHANGES, change_counts, release_changes
from factordb.formats.departed import Grounds
from factordb.formats.release_diff import diff_counts, release_diff
from tests.formats.made_release import made_table, row, table_of

NONE = dict.fromkeys(CHANGES, 0)
OLD = [row("stays"), row("dearer"), row("gone"), row("rerated"), row("moved"), row("hidden"), row("reread")]
NEW = [
    row("fresh"),
    row("dearer", value_text="0.5450", value=0.545, version_id="version-2"),
    row("stays"),
    row("rerated", te=3, band="good"),
    row("moved", place="made.csv!C9", seed=99),
    row("hidden", version_id="version-2"),
    row("reread", canonical_value=0.2),
]


def test_added_changed_and_withdrawn_with_old_new_and_reason() -> None:
    found = release_changes(table_of(OLD), table_of(NEW))
    assert found.schema == CHANGE_SCHEMA
    columns = ("factor_id", "change", "field", "old", "new", "reason")
    assert [tuple(line[name] for name in columns) for line in found.to_pylist()] == [
        ("fresh", "added", None, None, "0.5440 kgCO₂e/kWh", "new"),
        ("dearer", "changed", "value_text", "0.5440", "0.5450", "published_facts_differ"),
        ("dearer", "changed", "value", "0.544", "0.545", "published_facts_differ"),
        ("rerated", "changed", "te", "1", "3", "appraisal_differs"),
        ("rerated", "changed", "band", "excellent", "good", "appraisal_differs"),
        ("hidden", "changed", "version_id", "version-hidden", "version-2", "published_facts_differ"),
        ("reread", "changed", "canonical_value", "0.1511111111111111", "0.2", "read_anew"),
        ("gone", "withdrawn", None, "0.5440 kgCO₂e/kWh", None, "no_longer_released"),
    ]
    assert change_counts(found) == NONE | {"added": 1, "changed": 4, "withdrawn": 1}


def test_the_publisher_may_say_why() -> None:
    found = release_changes(table_of(OLD), table_of(NEW), {"gone": "来源已废止", "fresh": "new notice"})
    said = {line["factor_id"]: (line["reason"], line["note"]) for line in found.to_pylist()}
    assert said["gone"] == ("no_longer_released", "来源已废止")
    assert said["fresh"] == ("new", "new notice")
    assert said["rerated"] == ("appraisal_differs", None)


def test_an_erratum_is_the_note_of_every_correction_and_of_no_addition() -> None:
    found = release_changes(table_of(OLD), table_of(NEW), {"gone": "own words"}, erratum="decimal point")
    notes = {line["factor_id"]: line["note"] for line in found.to_pylist()}
    assert (notes["dearer"], notes["gone"], notes["fresh"]) == ("decimal point", "own words", None)


def test_a_first_release_adds_everything_and_the_same_rows_change_nothing() -> None:
    assert change_counts(release_changes(None, made_table())) == NONE | {"added": 8}
    assert release_changes(made_table(), made_table()).num_rows == 0
    assert change_counts(release_changes(made_table(), made_table().slice(0, 0)))["withdrawn"] == 8


def test_a_cell_that_appears_or_vanishes_is_a_change() -> None:
    found = release_changes(table_of([row("a", technology=None)]), table_of([row("a", technology="CHP", cv=None)]))
    assert [(line["field"], line["old"], line["new"]) for line in found.to_pylist()] == [
        ("technology", None, "CHP"),
        ("cv", "0.05", None),
    ]


def _by_id(table: pa.Table) -> dict[str, dict[str, object]]:
    return {line["factor_id"]: line for line in table.to_pylist()}


def test_a_factor_leaves_as_superseded_expired_demoted_or_withdrawn() -> None:
    old = [
        row("y2023", reference_year=2023, flow="grid"),
        row("old", flow="x", valid_until=date(2026, 6, 30)),
        row("poor", flow="y"),
        row("gone", flow="z"),
        row("decided", flow="w"),
    ]
    new = [row("y2024", reference_year=2024, flow="grid")]
    grounds = Grounds(date(2026, 11, 1), pa.array(["poor", "decided"]), {"decided": "withdrawn"})
    lines = _by_id(release_changes(table_of(old), table_of(new), grounds=grounds))
    assert {key: line["change"] for key, line in lines.items()} == {
        "y2024": "added", "y2023": "superseded", "old": "expired", "poor": "demoted", "gone": "withdrawn",
        "decided": "withdrawn",
    }  # fmt: skip
    assert lines["y2023"]["successor"] == "y2024"
    assert lines["poor"]["reason"] == "no_longer_eligible"


def test_an_older_row_of_the_same_thing_supersedes_nothing() -> None:
    lines = _by_id(
        release_changes(table_of([row("a", reference_year=2024)]), table_of([row("b", reference_year=2023)]))
    )
    assert lines["a"]["change"] == "withdrawn"


def test_a_diff_tells_values_in_one_unit_and_what_left_its_interval() -> None:
    old = [row("near"), row("far"), row("unit"), row("none", shortest_low95=None, shortest_high95=None), row("out")]
    new = [
        row("near", value_text="0.5500", value=0.55),
        row("far", value_text="0.6500", value=0.65, dqr=3.0, band="fair"),
        row("unit", value_text="544", value=544.0, unit="kgCO2e/MWh", unit_text="kgCO2e/MWh"),
        row("none", value_text="9", value=9.0),
        row("in"),
    ]
    found = release_diff(table_of(old), table_of(new), {"far": "measured anew"})
    lines = _by_id(found)
    assert lines["near"]["relative_change"] == pytest.approx(0.006 / 0.544)
    assert (lines["near"]["beyond_old_interval"], lines["far"]["beyond_old_interval"]) == (False, True)
    assert (lines["far"]["old_dqr"], lines["far"]["new_band"], lines["far"]["note"]) == (1.25, "fair", "measured anew")
    assert lines["unit"]["new_in_old_unit"] == pytest.approx(0.544)
    assert lines["unit"]["relative_change"] == pytest.approx(0)
    assert lines["none"]["beyond_old_interval"] is None
    assert (lines["out"]["status"], lines["out"]["new_value"]) == ("withdrawn", None)
    assert (lines["in"]["status"], lines["in"]["old_value"]) == ("added", None)
    assert lines["far"]["fields"] == "value_text value dqr band"
    assert diff_counts(found) == NONE | {"changed": 4, "added": 1, "withdrawn": 1, "beyond_old_interval": 1}


def test_a_diff_of_equal_releases_is_empty() -> None:
    assert release_diff(table_of(OLD), table_of(OLD)).num_rows == 0

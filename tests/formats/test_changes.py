from factordb.formats.changes import CHANGE_SCHEMA, change_counts, release_changes
from tests.formats.made_release import made_table, row, table_of

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
    assert change_counts(found) == {"added": 1, "changed": 4, "withdrawn": 1}


def test_the_publisher_may_say_why() -> None:
    found = release_changes(table_of(OLD), table_of(NEW), {"gone": "来源已废止", "fresh": "new notice"})
    reasons = {line["factor_id"]: line["reason"] for line in found.to_pylist()}
    assert (reasons["gone"], reasons["fresh"], reasons["rerated"]) == ("来源已废止", "new notice", "appraisal_differs")


def test_a_first_release_adds_everything_and_the_same_rows_change_nothing() -> None:
    assert change_counts(release_changes(None, made_table())) == {"added": 8, "changed": 0, "withdrawn": 0}
    assert release_changes(made_table(), made_table()).num_rows == 0
    assert change_counts(release_changes(made_table(), made_table().slice(0, 0)))["withdrawn"] == 8


def test_a_cell_that_appears_or_vanishes_is_a_change() -> None:
    found = release_changes(table_of([row("a", technology=None)]), table_of([row("a", technology="CHP", cv=None)]))
    assert [(line["field"], line["old"], line["new"]) for line in found.to_pylist()] == [
        ("technology", None, "CHP"),
        ("cv", "0.05", None),
    ]

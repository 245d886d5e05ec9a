"""Rows through `prepare`, settings and corrections: each is staged or refused, and each refusal names its cell."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from factordb.errors import UsageError
from factordb.model.pipeline import Correction, GasColumn, Pipeline, Record, Setting
from factordb.paths import Workspace
from factordb.stages.intake import Intake, take_in
from factordb.stages.sources import as_table, register

TABLE = """\
id,what,unit,amount,note
a,total,kgCO2e/kg,3.0,x
a,part,kgCO2e of CH4,0.5,x
a,part,kgCO2e of N2O,0.25,x
b,total,kgCO2e/kg,,y
b,part,kgCO2e of CH4,0.5,y
c,total,kgCO2e/kg,2.0,z
d,remark,,,nobody asks for this row
"""
PREPARE = """
    SELECT t.*, p.ch4, list_concat([t._row], coalesce(p.part_rows, [])) AS _rows FROM raw t LEFT JOIN (
        SELECT id, list(_row) AS part_rows, max(amount) FILTER (unit LIKE '%CH4') AS ch4
        FROM raw WHERE what = 'part' GROUP BY id
    ) p USING (id) WHERE t.what = 'total'
"""
PIPELINE = Pipeline(
    name="rows",
    title_zh="行",
    title_en="rows",
    source="demo_planted",
    prepare=PREPARE,
    records=(
        Record(
            name="factor",
            key=("id",),
            columns={"value": "amount", "unit": "unit", "flow": "id"},
            gases=(GasColumn("CH4", "ch4", "kgCO2e", is_co2e=True),),
        ),
    ),
)


def _taken(folder: Path, pipeline: Pipeline, text: str = TABLE) -> tuple[Intake, duckdb.DuckDBPyConnection]:
    file = folder / "rows.csv"
    file.write_text(text, encoding="utf-8")
    workspace = Workspace(folder / "library")
    for below in (workspace.objects, workspace.staging):
        below.mkdir(parents=True, exist_ok=True)
    taken = take_in(workspace, pipeline, [file], as_table(register().values()), lambda _step: None)
    return taken, duckdb.connect(str(taken.staged), read_only=True)


def test_rows_that_become_one_are_all_counted(tmp_path: Path) -> None:
    taken, staged = _taken(tmp_path, PIPELINE)

    counts = taken.counts
    # a: three rows staged; b: two refused with their total; c staged; d is left out by `prepare`
    assert (counts.rows, counts.rows_staged, counts.rows_refused) == (7, 4, 3)
    assert (counts.records, counts.candidates, counts.refused) == (3, 2, 1)
    assert staged.execute("SELECT code, row_no FROM refused ORDER BY row_no").fetchall() == [
        ("VAL001", 4),
        ("FMT002", 7),
    ]
    assert staged.execute("SELECT gas, amount, is_co2e FROM gas_amount").fetchall() == [("CH4", 0.5, True)]


def test_a_row_that_prepare_leaves_out_is_kept_whole(tmp_path: Path) -> None:
    _, staged = _taken(tmp_path, PIPELINE)

    (raw,) = staged.execute("SELECT raw FROM refused WHERE code = 'FMT002'").fetchall()[0]
    assert "nobody asks for this row" in raw


def test_without_rows_each_prepared_row_stands_for_itself(tmp_path: Path) -> None:
    taken, _ = _taken(tmp_path, replace(PIPELINE, prepare=f"SELECT * EXCLUDE (_rows) FROM ({PREPARE})"))  # noqa: S608 - SQL of this test

    assert (taken.counts.rows_staged, taken.counts.rows_refused) == (2, 5)


def test_a_setting_names_the_cell_at_fault(tmp_path: Path) -> None:
    setting = Setting(where="id = 'c'", code="UNI109", detail="MJ", column="unit")

    taken, staged = _taken(tmp_path, replace(PIPELINE, settings=(setting,)))

    assert staged.execute("SELECT place, field, found, detail FROM refused WHERE code = 'UNI109'").fetchall() == [
        ("rows.csv!C7", "unit", "kgCO2e/kg", "MJ")
    ]
    assert taken.counts.rows == taken.counts.rows_staged + taken.counts.rows_refused


def test_columns_of_prepare_and_those_not_carried_travel_in_attributes(tmp_path: Path) -> None:
    carried = replace(PIPELINE.records[0], carried=("note",))

    _, plain = _taken(tmp_path, PIPELINE)
    (with_note,) = plain.execute("SELECT attributes FROM candidate WHERE flow = 'c'").fetchall()[0]
    plain.close()
    _, without = _taken(tmp_path, replace(PIPELINE, records=(carried,)))
    (without_note,) = without.execute("SELECT attributes FROM candidate WHERE flow = 'c'").fetchall()[0]

    assert '"note":"z"' in with_note
    assert "note" not in without_note
    assert '"what":"total"' in without_note


def test_a_declaration_comes_back_as_it_was_written_down() -> None:
    declared = replace(
        PIPELINE,
        records=(replace(PIPELINE.records[0], carried=("note",)),),
        settings=(Setting(where="id = 'c'", code="UNI109", column="unit"),),
    )

    assert Pipeline.from_declared(declared.declared()).declared() == declared.declared()


def test_a_correction_repairs_one_cell_and_says_so(tmp_path: Path) -> None:
    repair = Correction(match={"id": "c"}, column="amount", expect="2.0", replace="2.5", reason="misprint")

    _, staged = _taken(tmp_path, replace(PIPELINE, corrections=(repair,)))

    value, flags = staged.execute("SELECT value, flags FROM candidate WHERE flow = 'c'").fetchall()[0]
    assert value == 2.5
    assert "misprint" in flags


def test_a_correction_of_a_repaired_source_fails_loudly(tmp_path: Path) -> None:
    repair = Correction(match={"id": "c"}, column="amount", expect="2.0", replace="2.5", reason="misprint")

    with pytest.raises(UsageError, match=r"finds no '2\.0'"):
        _taken(tmp_path, replace(PIPELINE, corrections=(repair,)), TABLE.replace("2.0", "2.5"))


def test_the_same_table_gives_the_same_content(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()

    first, _ = _taken(tmp_path / "one", PIPELINE)
    second, _ = _taken(tmp_path / "two", PIPELINE)
    changed, _ = _taken(tmp_path / "two", PIPELINE, TABLE.replace("2.0", "2.00"))

    assert first.content_hash == second.content_hash
    assert changed.content_hash != first.content_hash


@pytest.mark.parametrize(("text", "half"), [("3", 0.5), ("3.00", 0.005), ("1e-5", 5e-06), ("1.20E3", 5.0)])
def test_the_last_digit_is_counted_with_and_without_exponent(tmp_path: Path, text: str, half: float) -> None:
    _, staged = _taken(tmp_path, PIPELINE, TABLE.replace("2.0", text))

    assert staged.execute("SELECT half_digit FROM candidate WHERE flow = 'c'").fetchall()[0][0] == pytest.approx(half)

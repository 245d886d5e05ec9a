from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import IntegrityError, UsageError
from factordb.formats.csv_table import without_formulas, write_csv, write_people_csv
from factordb.formats.rows import BLOCK_ROWS, Blocks, release_schema
from factordb.formats.words import table_of_words
from tests.formats.made_release import BACKSLASH, FORMULA, HOSTILE, made_table, row, table_of


def test_programs_read_back_what_was_released(tmp_path: Path) -> None:
    assert write_csv(made_table(), tmp_path / "a.csv") == 8
    text = (tmp_path / "a.csv").read_bytes()
    assert text.startswith(b"factor_id,version_id,name_zh,")
    assert b"\r" not in text
    found = pd.read_csv(tmp_path / "a.csv", dtype={"value_text": str}).set_index("factor_id")
    assert found.loc["plain", "value_text"] == "0.5440"
    assert found.loc["hostile", "name_en"] == FORMULA
    assert found.loc["hostile", "name_zh"] == HOSTILE
    assert found.loc["long", "statement_text"] == BACKSLASH
    assert found.loc["long", "value"] == 1.2e-7
    assert found.loc["sink", "shortest_low95"] == -6.3
    assert pd.isna(found.loc["unknown", "mean"])


def test_people_get_a_bom_crlf_and_one_bilingual_header(tmp_path: Path) -> None:
    write_people_csv(made_table(), tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_bytes()
    assert text.startswith('\ufeff"因子标识 | factor id | factor_id",'.encode())
    assert text.count(b"\r\n") == 9
    found = pd.read_csv(tmp_path / "a.csv", encoding="utf-8-sig")
    found.columns = [name.rsplit(" | ", 1)[-1] for name in found.columns]
    assert list(found.columns) == release_schema().names
    assert found["value"].dtype == float
    assert found.set_index("factor_id").loc["sink", "value"] == -5.3


def test_people_never_open_a_formula() -> None:
    cases = {
        "=1+1": "'=1+1",
        "@SUM(A1)": "'@SUM(A1)",
        "+1 or so": "'+1 or so",
        "-cmd": "'-cmd",
        "-5.3": "-5.3",
        "+1.2e-7": "+1.2e-7",
        "\t=1": "'\t=1",
        "＝1+1": "'＝1+1",
        "a=b": "a=b",
        "": "",
        None: None,
    }
    block = pa.RecordBatch.from_pydict({"text": pa.array(cases, pa.string())})
    assert without_formulas(block).column(0).to_pylist() == list(cases.values())


@given(st.lists(st.integers(1, 6), max_size=8))
@settings(max_examples=20, deadline=None)
def test_the_cut_of_the_batches_does_not_show(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    folder = tmp_path_factory.mktemp("cut")
    table = made_table()
    batches, start = [], 0
    for length in cuts:
        batches += table.slice(start, length).to_batches()
        start += length
    batches += table.slice(start).to_batches()
    write_csv(pa.RecordBatchReader.from_batches(table.schema, batches), folder / "cut.csv")
    write_csv(table, folder / "whole.csv")
    assert (folder / "cut.csv").read_bytes() == (folder / "whole.csv").read_bytes()


def test_blocks_have_one_size() -> None:
    gathered = Blocks()
    batch = pa.RecordBatch.from_pydict({"a": list(range(BLOCK_ROWS - 1))})
    sizes = [block.num_rows for _ in range(3) for block in gathered.push(batch)]
    sizes += [block.num_rows for block in gathered.rest()]
    assert sizes == [BLOCK_ROWS, BLOCK_ROWS, BLOCK_ROWS - 3]


def test_narrow_and_dictionary_columns_are_cast(tmp_path: Path) -> None:
    table = made_table()
    at = table.schema.get_field_index("tier")
    table = table.set_column(at, "tier", table.column("tier").dictionary_encode())
    at = table.schema.get_field_index("te")
    table = table.set_column(at, "te", table.column("te").cast(pa.int8()))
    write_csv(table, tmp_path / "a.csv")
    write_csv(made_table(), tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize("spoiled", [{"value": float("nan")}, {"sd": float("inf")}, {"tier": None}, {"kind": "other"}])
def test_a_row_that_no_release_may_hold_is_refused(tmp_path: Path, spoiled: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match=next(iter(spoiled))):
        write_csv(table_of([row("spoiled", **spoiled)]), tmp_path / "a.csv")


def test_other_columns_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing \['tier'\].*unknown \['extra'\]"):
        write_csv(made_table().drop_columns(["tier"]).append_column("extra", [["x"] * 8]), tmp_path / "a.csv")
    bad = made_table().set_column(release_schema().get_field_index("value"), "value", [["~0.5"] * 8])
    with pytest.raises(UsageError, match="column value does not fit"):
        write_csv(bad, tmp_path / "a.csv")


def test_both_languages_have_the_same_words_for_every_column() -> None:
    zh, en = table_of_words("zh"), table_of_words("en")
    assert {name: set(section) for name, section in zh.items()} == {name: set(part) for name, part in en.items()}
    assert list(zh["columns"]) == release_schema().names
    for words in (zh, en):
        for section in ("columns", "change_columns", "source_columns", "held_back_columns"):
            assert all(column["title"] and column["description"] for column in words[section].values())

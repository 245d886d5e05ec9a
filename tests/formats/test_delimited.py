"""CSV and its kin: row numbers as a spreadsheet shows them, damaged rows kept, delimiters, real files."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from factordb.errors import FileProblemError
from factordb.formats import delimited, raw_table, tabular


def walked(
    folder: Path, text: str | bytes, name: str = "t.csv", **how: object
) -> tuple[tabular.RawTable, list[dict[str, object]]]:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    table = tabular.read(path, **how)  # type: ignore[arg-type]  # options of a test
    return table, table.reader().read_all().to_pylist()


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    text = 'title\n"a","b"\r\n1,2\r\n\r\n"two\nlines",3\r\n,\r\n5,6\r\n\r\n'
    read, rows = walked(tmp_path, text, header_row=2)
    assert [(row["a"], row["_row"]) for row in rows] == [("1", 1), ("two\nlines", 3), ("5", 5)]
    assert read.cell(1, 5) == "t.csv!B7"
    assert any("3 blank" in note.en for note in read.notes)


def test_empty_cells_are_null_and_others_are_kept_as_read(tmp_path: Path) -> None:
    _, rows = walked(tmp_path, 'a,b,c\n 1 ,"",\u3000\n/,NaN,0.40~0.48\n')
    assert [(row["a"], row["b"], row["c"]) for row in rows] == [(" 1 ", None, None), ("/", "NaN", "0.40~0.48")]


def test_damaged_rows_are_kept_with_their_text_and_never_padded(tmp_path: Path) -> None:
    """Long, short, spare empty cell, open quote, text after a quote, NUL."""
    text = 'a,b\n1,2,3\n1\n7,8,\n"open,5\n9,"x"y\n6,\x006\n4,4\n'
    read, rows = walked(tmp_path, text)
    assert [(row["a"], row["_row"]) for row in rows] == [("7", 3), ("4", 7)]
    assert [(damage.row, damage.code, damage.line) for damage in read.damaged] == [
        (1, "FMT010", 2),
        (2, "FMT011", 3),
        (4, "FMT014", 5),
        (5, "FMT014", 6),
        (6, "FMT013", 7),
    ]
    assert json.loads(read.damaged[0].text) == ["1", "2", "3"]
    assert json.loads(read.damaged[4].text) == {"a": "6", "b": "\x006"}
    assert read.damaged[4].place == "t.csv!B7"
    assert read.damaged[0].zh.startswith("t.csv!2：该行有 3 个单元格，表头只有 2 列；")
    assert read.damaged[0].en.startswith("t.csv!2: the row has 3 cells, the header has 2;")


def test_one_open_quote_costs_one_row_even_at_the_end_of_a_long_file(tmp_path: Path) -> None:
    body = "".join(f"{number},x\n" for number in range(3000))
    read, rows = walked(tmp_path, f'a,b\n{body}"3000,x\n{body}', batch_rows=512)
    assert len(rows) == 6000
    assert [(damage.row, damage.code) for damage in read.damaged] == [(3001, "FMT014")]
    assert [row["_row"] for row in rows] == [*range(1, 3001), *range(3002, 6002)]


def test_a_line_without_end_is_one_damaged_row(tmp_path: Path) -> None:
    read, rows = walked(tmp_path, f"a,b\n1,{'x' * (3 << 20)}\n2,y\n")
    assert [row["a"] for row in rows] == ["2"]
    assert [(damage.row, damage.code) for damage in read.damaged] == [(1, "FMT015")]
    assert len(read.damaged[0].text) < 40_000


def test_undecodable_bytes_cost_their_row_only(tmp_path: Path) -> None:
    lines = ["名称,值", *(f"煤{number},{number}" for number in range(5))]
    text = "\n".join(lines).encode().replace("煤3".encode(), b"\xe7\x85,3"[:2])
    read, rows = walked(tmp_path, text)
    assert [row["值"] for row in rows] == ["0", "1", "2", "4"]
    assert [(damage.place, damage.code) for damage in read.damaged] == [("t.csv!A5", "FMT012")]
    assert "\\xe7\\x85" in json.loads(read.damaged[0].text)["名称"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_fits_header_and_rows(tmp_path: Path, delimiter: str) -> None:
    rows = [["name", "unit (kg,t)", "value"], ["coal", "kg;t|x", "1,5"], ["gas, natural", "m3", "2,5"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    read, found = walked(tmp_path, out.getvalue())
    assert read.columns == ("name", "unit (kg,t)", "value")
    assert [row["value"] for row in found] == ["1,5", "2,5"]


def test_expected_columns_settle_the_delimiter_and_guard_the_file(tmp_path: Path) -> None:
    text = "a;b,c\n1;2,3\n"
    assert walked(tmp_path, text, expect_columns=["b,c"])[0].columns == ("a", "b,c")
    assert walked(tmp_path, text, expect_columns=["a;b"])[0].columns == ("a;b", "c")
    with pytest.raises(FileProblemError, match=r"lacks the column\(s\) value; found: a, b"):
        walked(tmp_path, "a,b\n1,2\n", expect_columns=["a", "value"])
    with pytest.raises(FileProblemError, match="set header_row = 3"):
        walked(tmp_path, "t\n\nname,value\nx,1\ny,2\n", expect_columns=["name", "value"])


def test_a_title_above_the_header_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileProblemError, match="perhaps 2") as told:
        walked(tmp_path, "Factors of 2023\nname,value\nx,1\ny,2\n")
    assert "header_row" in told.value.remedy_zh
    with pytest.raises(FileProblemError, match="row 9 is no readable header"):
        walked(tmp_path, "a,b\n1,2\n", header_row=9)


def test_too_many_damaged_rows_stop_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_table, "MAX_DAMAGED", 10)
    with pytest.raises(FileProblemError, match="more than 10 rows"):
        walked(tmp_path, "a,b\n" + "1,2\n1\n" * 20)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=8)
TABLE = st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=6))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=TABLE, batch=st.integers(1, 4))
def test_what_a_csv_writer_wrote_is_what_is_read(tmp_path: Path, rows: list[list[str]], batch: int) -> None:
    width = len(rows[0]) if rows else 2
    header = [f"h{index}" for index in range(width)]
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    read, found = walked(tmp_path, out.getvalue(), batch_rows=batch, expect_columns=header)
    want = [[cell if cell.strip() else None for cell in row] for row in rows]
    assert [[row[name] for name in header] for row in found] == [row for row in want if any(row)]
    assert [row["_row"] for row in found] == [number for number, row in enumerate(want, 1) if any(row)]
    assert not read.damaged


LINE = st.text(st.sampled_from('a1,;"\n\r\0 é煤'), max_size=60)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=LINE, batch=st.integers(1, 3))
def test_every_row_is_read_or_damaged_and_none_twice(tmp_path: Path, body: str, batch: int) -> None:
    assume(body.count("\0") < 2)  # more of them are taken for UTF-16
    read, rows = walked(tmp_path, f"h1,h2\n{body}", batch_rows=batch, expect_columns=["h1", "h2"])
    numbers = [row["_row"] for row in rows] + [damage.row for damage in read.damaged]
    assert len(numbers) == len(set(numbers))
    letters = [sign for sign in body if sign in "a1é煤"]
    kept = "".join(str(row[name] or "") for row in rows for name in ("h1", "h2"))
    kept += "".join(
        "".join(cells.values() if isinstance(cells, dict) else cells)
        for cells in map(json.loads, (d.text for d in read.damaged))
    )
    assert sorted(sign for sign in kept if sign in "a1é煤") == sorted(letters)


def test_blocks_and_single_rows_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a,b\n" + "".join(f'"{number}","x,{number}"\n' for number in range(50)) + ",\n" + "51,y\n"
    _, in_blocks = walked(tmp_path, text, batch_rows=7)
    monkeypatch.setattr(delimited, "CELL_LIMIT", 8)
    monkeypatch.setattr(delimited._Lines, "_read", lambda lines: lines.stream.readline())
    _, one_by_one = walked(tmp_path, text, batch_rows=7)
    assert in_blocks == one_by_one
    assert len(in_blocks) == 51


def test_real_files_give_the_rows_their_readme_states() -> None:
    """The last two rows of the UK flat file are one of bare separators and one that says END."""
    shared = Path(__file__).parents[2] / ".." / "shared" / "data"
    if not shared.is_dir():
        pytest.skip("the shared folder with real files is absent")
    stated = {
        "cn_national_db/cn_national_ghg_factor_db_v2_source_view.csv": (499, 12),
        "cpcd/cpcd_core_copy.csv": (558, 8),
        "oefdb/OpenEmissionFactorsDB_677c3be.csv": (6181, 25),
        "defra_uk_2022/ghg-conversion-factors-2022-flat-format.csv": (8039 - 1, 9),
        "facts/cn_electricity_factors_2021_2024.csv": (141, 8),
        "gasfluxes_n2o/fluxmeas.csv": (5300, 5),
    }
    for name, (rows, columns) in stated.items():
        read = tabular.read(shared / name)
        assert (sum(block.num_rows for block in read.batches), len(read.columns), read.damaged) == (rows, columns, [])
    assert tabular.read(shared / "cpcd/cpcd_core_copy.csv").columns[0] == "产品ID"

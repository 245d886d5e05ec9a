"""The door to the readers: kinds of files, archives, folders, faults, and bytes of no kind at all."""

import contextlib
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factordb.errors import FactorDBError, FileProblemError, UsageError
from factordb.formats import tabular
from factordb.formats.raw_table import FAULTS, column_letters, tidy_header

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def shared() -> Path:
    folder = Path(__file__).parents[2] / ".." / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared folder with real files is absent")
    return folder


def walked(path: Path, **how: object) -> tuple[tabular.RawTable, list[dict[str, object]]]:
    table = tabular.read(path, **how)  # type: ignore[arg-type]  # options of a test
    return table, table.reader().read_all().to_pylist()


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def fault_of(path: Path, **how: object) -> FileProblemError:
    with pytest.raises(FileProblemError) as told:
        walked(path, **how)
    assert told.value.problem_zh
    assert told.value.remedy_zh
    return told.value


def test_every_fault_code_has_its_words_in_both_languages() -> None:
    for code, fault in FAULTS.items():
        assert code.startswith("FMT01")
        assert all((fault.zh, fault.fix_zh, fault.en, fault.fix_en))
        assert not fault.en.isascii() or fault.en != fault.zh


def test_letters_of_columns() -> None:
    found = [column_letters(index) for index in (0, 25, 26, 701, 702, 16383)]
    assert found == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_header_words_are_tidied_and_made_unique_without_regard_to_case() -> None:
    words = ["\ufeff 名称 ", "Value", "value", "", "单\n位", "value (2)", "_row", "cafe\u0301"]
    columns, notes = tidy_header(words)
    assert columns == ("名称", "Value", "value (3)", "column_D", "单 位", "value (2)", "_row (2)", "café")
    assert len(notes) == 2
    assert len({name.casefold() for name in columns}) == len(columns)


def test_parquet_keeps_its_types_and_the_text_of_nested_values(tmp_path: Path) -> None:
    table = pa.table(
        {
            "name": pa.array(["煤", "", None]).dictionary_encode(),
            "value": [1.5, 2.0, None],
            "year": [2021, 2022, 2023],
            "list": [["a"], [], None],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    read, rows = walked(tmp_path / "t.parquet", expect_columns=["value"], batch_rows=2)
    assert read.typed == ("value", "year")
    assert [row["name"] for row in rows] == ["煤", None, None]
    assert [row["list"] for row in rows] == ['["a"]', "[]", None]
    assert [(row["_file"], row["_row"], row["value"]) for row in rows[:2]] == [
        ("t.parquet", 1, 1.5),
        ("t.parquet", 2, 2.0),
    ]
    assert read.cell(1, 2) == "t.parquet!B3"


def test_the_million_real_rows_stream(shared: Path) -> None:
    read = tabular.read(shared / "scale" / "scale_1m_real_bus_factors.parquet", expect_columns=["pollutant", "value"])
    last = rows = 0
    for block in read.batches:
        assert block["_row"][0].as_py() == last + 1
        rows, last = rows + block.num_rows, block["_row"][-1].as_py()
    assert (rows, last) == (1_052_970, 1_052_970)
    assert read.typed == ("reference_year", "model_year", "value")


def test_real_submissions_of_a_folder_are_one_table(shared: Path) -> None:
    read, rows = walked(shared / "forc_efdb" / "approved")
    assert (len(rows), len(read.columns), len({row["_file"] for row in rows})) == (1435, 45, 38)
    assert "Value" in read.columns
    assert not read.damaged


def test_several_files_make_one_table_with_the_union_of_columns(tmp_path: Path) -> None:
    one = write(tmp_path, "a.csv", "name,value\nx,1\n")
    two = write(tmp_path, "b.csv", "unit,name\nkg,y\nbad\n")
    pq.write_table(pa.table({"name": ["z"], "value": [2.5]}), tmp_path / "c.parquet")
    read = tabular.read_many([one, two, tmp_path / "c.parquet"])
    rows = read.reader().read_all().to_pylist()
    assert read.columns == ("name", "value", "unit")
    assert [(row["name"], row["value"], row["unit"]) for row in rows] == [
        ("x", "1", None),
        ("y", None, "kg"),
        ("z", "2.5", None),
    ]
    assert [damage.place for damage in read.damaged] == ["b.csv!3"]
    assert read.cell(0, 1, "b.csv") == "b.csv!B2"
    assert any("lacks" in note.en and "b.csv" in note.en for note in read.notes)


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    paths = []
    for folder in ("y1", "y2"):
        (tmp_path / folder).mkdir()
        paths.append(write(tmp_path / folder, "t.csv", f"a,b\n{folder},1\n"))
    rows = tabular.read_many(paths).reader().read_all().to_pylist()
    assert [row["_file"] for row in rows] == ["y1/t.csv", "y2/t.csv"]
    with pytest.raises(UsageError, match="twice"):
        tabular.read_many([paths[0], paths[0]])


def test_members_of_an_archive_with_chinese_names_from_windows(tmp_path: Path) -> None:
    path = legacy_zip(tmp_path / "旧.zip", {"因子1.csv": b"a,b\n1,2\n", "因子2.csv": b"a,c\n3,4\n", "说明.md": b"x"})
    _, rows = walked(path, member="因子*.csv")
    assert [(row["_file"], row["a"], row["c"]) for row in rows] == [("因子1.csv", "1", None), ("因子2.csv", "3", "4")]
    assert "因子1.csv" in fault_of(path).remedy
    assert "没有名为" in fault_of(path, member="*.xls").problem_zh


def legacy_zip(path: Path, files: dict[str, bytes]) -> Path:
    """Write an archive whose names are GB18030 without the UTF-8 mark, as Chinese Windows does."""
    stand_ins = {f"m{index}{'_' * (len(name.encode('gb18030')) - 2)}": name for index, name in enumerate(files)}
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for stand_in, name in stand_ins.items():
            archive.writestr(stand_in, files[name])
    raw = stored.getvalue()
    for stand_in, name in stand_ins.items():
        raw = raw.replace(stand_in.encode(), name.encode("gb18030"))
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../evil.csv", "ZIP-PATH"),
        ("/abs.csv", "ZIP-PATH"),
        ("C:/win.csv", "ZIP-PATH"),
        ("a/" * 9 + "b.csv", "ZIP-PATH"),
        ("a\u200bb.csv", "ZIP-NAME"),
        ("A.csv", "ZIP-DUP"),
    ],
)
def test_archives_with_hostile_names_are_refused(tmp_path: Path, name: str, code: str) -> None:
    with zipfile.ZipFile(tmp_path / "h.zip", "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
        archive.writestr(name, "a,b\n1,2\n")
    assert code in fault_of(tmp_path / "h.zip", member="a.csv").problem


def test_bombs_links_and_crowds_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (64 << 20))
    assert "ZIP-BOMB" in fault_of(tmp_path / "bomb.zip").problem
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "ZIP-LINK" in fault_of(tmp_path / "link.zip").problem
    with zipfile.ZipFile(tmp_path / "crowd.zip", "w") as archive:
        for number in range(2001):
            archive.writestr(f"{number}.csv", "a")
    assert "ZIP-TOTAL" in fault_of(tmp_path / "crowd.zip").problem


def test_json_keeps_published_digits_and_nested_text(tmp_path: Path) -> None:
    records = '[{"name": "煤", "value": 0.8310, "more": {"a": [1.50, null]}, "ok": true}, {"value": 1e3, "new": ""}]'
    read, rows = walked(write(tmp_path, "t.json", records))
    assert read.columns == ("name", "value", "more", "ok", "new")
    assert [row["value"] for row in rows] == ["0.8310", "1e3"]
    assert rows[0]["more"] == '{"a": [1.50, null]}'
    assert (rows[0]["ok"], rows[1]["name"], rows[1]["new"]) == ("true", None, None)
    wrapped, again = walked(write(tmp_path, "w.json", f'{{"meta": 1, "data": {records}}}'))
    assert [row["value"] for row in again] == ["0.8310", "1e3"]
    assert "meta" in wrapped.notes[-1].en


def test_ndjson_reports_the_lines_it_cannot_read(tmp_path: Path) -> None:
    lines = [
        '{"a": 1}',
        "",
        '{"a": 2, "a": 3}',
        "{oops",
        "[1]",
        '{"a": "x\\u0000"}',
        '{"a": "\\ud800"}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": 9}',
    ]
    read, rows = walked(write(tmp_path, "t.ndjson", "\n".join(lines)))
    assert [(row["a"], row["_row"]) for row in rows] == [("1", 1), ("9", 9)]
    assert [(damage.row, damage.code, damage.line) for damage in read.damaged] == [
        (number, "FMT018", number) for number in (3, 4, 5, 6, 7, 8)
    ]
    assert all(json.loads(damage.text) for damage in read.damaged)


@pytest.mark.parametrize("text", ["", "[]", "[1, 2]", "{}", '{"data": 5}', "nope", "[" * 100_000, '"x"', "[{}]"])
def test_json_that_is_no_table_ends_in_a_sentence(tmp_path: Path, text: str) -> None:
    fault_of(write(tmp_path, "t.json", text))


@pytest.mark.parametrize(
    ("name", "head", "words"),
    [
        ("a.csv", b"%PDF-1.7\n", "PDF"),
        ("a.csv", b"PK\x03\x04rest", "zip"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1", "old Office"),
        ("a.xls", b"<html><table>", "web page"),
        ("a.xlsx", b"a,b\n1,2\n", "named .xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1", "password"),
        ("a.parquet", b"a,b\n", "named .parquet"),
        ("a.pdf", b"%PDF-1.7", "not read"),
        ("a", b"a,b\n", "no ending"),
        ("a.csv", b"", "empty"),
        ("a.zip", b"", "empty"),
        ("a.zip", b"PK\x03\x04 cut", "damaged"),
    ],
)
def test_files_that_are_not_what_their_name_says(tmp_path: Path, name: str, head: bytes, words: str) -> None:
    assert words in fault_of(write(tmp_path, name, head)).problem


def test_absent_files_and_mixed_folders(tmp_path: Path) -> None:
    assert "found" in fault_of(tmp_path / "none.csv").problem
    assert "one kind" in fault_of(tmp_path).problem
    write(tmp_path, "a.csv", "a,b\n1,2\n")
    write(tmp_path, "~$a.xlsx", "lock")
    assert len(walked(tmp_path)[1]) == 1
    write(tmp_path, "b.json", "[]")
    assert ".json" in fault_of(tmp_path).problem
    with pytest.raises(UsageError):
        tabular.read(tmp_path / "a.csv", header_row=0)


def test_the_damaged_table_is_what_the_staging_file_asks_for(tmp_path: Path) -> None:
    read, rows = walked(write(tmp_path, "a.csv", "a,b\n1,2\n3\n"))
    assert len(rows) == 1
    table = read.damaged_table()
    assert table.column_names == ["file", "row", "place", "code", "found", "expected", "detail", "raw"]
    assert table.to_pylist() == [
        {"file": "a.csv", "row": 2, "place": "a.csv!3", "code": "FMT011", "found": "1", "expected": "2",
         "detail": "line 3", "raw": '["3"]'}
    ]  # fmt: skip


def test_a_fault_met_on_the_way_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": list(range(50_000))}), path, compression="NONE", use_dictionary=False)
    raw = bytearray(path.read_bytes())
    read = tabular.read(path)
    raw[4:40] = b"\xff" * 36
    path.write_bytes(raw)
    with pytest.raises(FactorDBError):
        for _ in read.reader():
            pass
    with pytest.raises(FileProblemError, match="damaged"):
        read.raise_failure()


@QUIET
@given(data=st.binary(max_size=400), ending=st.sampled_from(tabular.TABLES + tabular.ARCHIVES))
def test_random_bytes_end_in_a_table_or_a_sentence(tmp_path: Path, data: bytes, ending: str) -> None:
    with contextlib.suppress(FactorDBError):
        walked(write(tmp_path, f"f{ending}", data))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("samples")
    book = openpyxl.Workbook()
    for row in (["name", "value"], ["煤", 1.5], ["气", "=1+1"]):
        book.active.append(row)
    book.save(folder / "s.xlsx")
    pq.write_table(pa.table({"name": ["煤", "气"], "value": [1.5, None]}), folder / "s.parquet")
    with zipfile.ZipFile(folder / "s.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("s.csv", "name,value\n煤,1.5\n")
    return {ending: (folder / f"s{ending}").read_bytes() for ending in (".xlsx", ".parquet", ".zip")}


@QUIET
@given(data=st.data())
def test_cut_and_altered_files_end_in_a_table_or_a_sentence(
    tmp_path: Path, samples: dict[str, bytes], data: st.DataObject
) -> None:
    whole = samples
    ending = data.draw(st.sampled_from(sorted(whole)))
    raw = bytearray(whole[ending])
    for _ in range(data.draw(st.integers(0, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    for content in (bytes(raw), bytes(raw[:cut])):
        with contextlib.suppress(FactorDBError):
            walked(write(tmp_path, f"f{ending}", content))

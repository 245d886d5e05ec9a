"""Inventory files, reports and commands: both forms say the same, reports are whole, equal bytes, cited, in words."""

import hashlib
import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree

from factordb import batch_of, footprint_template, read_inventory, trial_of, trial_report
from factordb.cli.app import run
from factordb.errors import ConflictError, FileProblemError, NotFoundError, UsageError
from factordb.formats.trial_docx import NAMESPACE
from factordb.reference import toml
from factordb.searching import ReleasedFactors

PAIRS = [(lang, kind) for lang in ("zh", "en") for kind in ("html", "docx")]


@pytest.fixture(scope="module")
def found(trial_release: ReleasedFactors, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = footprint_template(tmp_path_factory.mktemp("inventory") / "a.toml", "zh")
    told = trial_of(trial_release, path)
    assert told["inventory_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    return told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_forms_of_the_template_hold_the_example(tmp_path: Path, lang: str) -> None:
    read = [read_inventory(footprint_template(tmp_path / f"a.{kind}", lang)) for kind in ("toml", "xlsx")]
    assert read[0] == read[1] == read_inventory(toml(f"trial/example_{lang}"))
    text = (tmp_path / "a.toml").read_text(encoding="utf-8")
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert all(facts[lang] in text for sheet in toml("trial/schema").values() for facts in sheet["keys"].values())
    assert len(comments) > 80


def test_a_template_is_not_written_over_a_file_and_only_in_its_two_forms(tmp_path: Path) -> None:
    path = footprint_template(tmp_path / "a.toml")
    with pytest.raises(ConflictError):
        footprint_template(path)
    footprint_template(path, force=True)
    with pytest.raises(UsageError, match="neither"):
        footprint_template(tmp_path / "a.csv")


def test_the_same_template_is_the_same_bytes(tmp_path: Path) -> None:
    first, again = (footprint_template(tmp_path / f"{name}.xlsx").read_bytes() for name in "ab")
    assert first == again


def test_a_column_nobody_knows_in_a_workbook_is_refused_with_the_nearest(tmp_path: Path) -> None:
    path = footprint_template(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    page = book["清单"]
    cell = next(cell for cell in page[2] if cell.value == "amount")
    cell.value = "amuont"
    book.save(path)
    with pytest.raises(UsageError, match="amount"):
        read_inventory(path)


def test_a_formula_in_a_workbook_is_never_taken_as_empty(tmp_path: Path) -> None:
    path = footprint_template(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    page = book["清单"]
    column = next(cell.column for cell in page[2] if cell.value == "amount")
    page.cell(3, column).value = "=1+1"
    book.save(path)
    with pytest.raises((FileProblemError, UsageError)):
        read_inventory(path)


@pytest.mark.parametrize(("name", "text"), [("none.toml", None), ("bad.toml", "[study"), ("bad.xlsx", "no workbook")])
def test_what_is_no_inventory_is_told_with_its_name(tmp_path: Path, name: str, text: str | None) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(FileProblemError, match=re.escape(name)):
        read_inventory(tmp_path / name)


def test_a_place_nobody_knows_is_refused_once() -> None:
    told = toml("trial/example_zh")
    with pytest.raises(NotFoundError, match="亚特兰蒂斯"):
        read_inventory({**told, "study": {**told["study"], "region": "亚特兰蒂斯"}})
    assert read_inventory({**told, "study": {**told["study"], "region": "江苏"}}).study["region"] == "江苏"


def test_every_factor_of_the_example_is_cited_and_says_why(found: dict[str, Any]) -> None:
    assert found["usable"]
    assert [one["code"] for one in found["findings"] if one["severity"] in {"block", "gap"}] == []
    for one in found["factors"]:
        assert one["citation"]["zh"]
        assert one["citation"]["en"]
        assert one["own"] or (one["why"] and one["release"] == "2026.1")
    assert sorted({line for one in found["factors"] for line in one["lines"]}) == [
        "alumina", "anode", "c2f6", "cf4", "freight", "power",
    ]  # fmt: skip
    json.dumps(found, allow_nan=False)


def _text(path: Path) -> str:
    if path.suffix == ".html":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        tree = etree.fromstring(package.read("word/document.xml"))
    return "\n".join("".join(one.itertext()) for one in tree.iter(f"{{{NAMESPACE}}}p"))


@pytest.mark.parametrize(("lang", "kind"), PAIRS)
def test_a_report_is_whole_and_the_same_bytes(found: dict[str, Any], tmp_path: Path, lang: str, kind: str) -> None:
    first, again = (trial_report(found, tmp_path / f"{name}.{kind}", lang) for name in "ab")
    assert first.read_bytes() == again.read_bytes()
    text = _text(first)
    words = toml("trial/report")
    headings = [one[lang] for key, one in words.items() if key not in {"words", "stages", "values", "items", "title"}]
    places = [text.index(heading) for heading in headings if heading != words["memory"][lang]]
    assert places == sorted(places)
    assert words["memory"][lang] in text
    assert found["inventory_sha256"] in text
    for key in ("mean", "inventory_file", "manifest"):
        assert words["words"][key][lang] in text
    for one in found["factors"]:
        assert f"[{one['number']}] " in text
        assert one["citation"][lang] in text
        if not one["own"]:
            source = one["source"]
            assert source[f"title_{lang}"] in text
            assert source[f"publisher_{lang}"] in text
    assert text.count({"zh": "原始来源：", "en": "Original source: "}[lang]) == sum(
        not one["own"] for one in found["factors"]
    )
    for name in ("氧化铝", "GEC-2024-000001", "2026.1", "20260101", "TRL023"):
        assert name in text
    value = f"{found['result']['value']:.5g}"
    assert value in text
    raw = re.findall(r">(raw_materials|green_certificate|cradle_to_gate|official|location)<", text)
    assert raw == []


def test_a_page_fetches_nothing_and_shows_text_as_text(found: dict[str, Any], tmp_path: Path) -> None:
    hostile = {**found, "study": {**found["study"], "name": "<script>alert(1)</script>"}}
    text = trial_report(hostile, tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert "Noto Sans CJK" in text
    assert "@page{size:A4" in text
    assert text.count("<svg") == 4
    assert "<script>alert(1)</script>" in _text(trial_report(hostile, tmp_path / "a.docx"))


def test_without_a_result_there_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        trial_report({"usable": False}, tmp_path / "a.html")
    with pytest.raises(UsageError, match="neither"):
        trial_report({"usable": True}, tmp_path / "a.pdf")


def _run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = run([str(word) for word in words])
    return code, capsys.readouterr().out


@pytest.fixture
def folder(trial_release: ReleasedFactors, tmp_path: Path) -> tuple[Path, list[str]]:
    """Return a folder with two scenarios and a table of plants, and where the release is."""
    a = footprint_template(tmp_path / "a.toml", "zh")
    text = a.read_text(encoding="utf-8")
    (tmp_path / "b.toml").write_text(text.replace("amount = 13500", "amount = 12800"), encoding="utf-8")
    (tmp_path / "plants.csv").write_text(
        "plant,production,power\n甲,100,1350000\n乙,300,4000000\n", encoding="utf-8-sig"
    )
    release = trial_release.parquet.parents[1]
    return tmp_path, [str(release)]


def test_the_commands_lead_from_an_inventory_to_its_report(
    main_job: Path, folder: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    here, where = folder[0], ["--release-folder", str(main_job / "releases" / "2026.1")]
    code, said = _run(capsys, "footprint", "run", here / "a.toml", *where, "--json")
    told = json.loads(said)
    assert (code, told["usable"]) == (0, True)
    code, said = _run(capsys, "footprint", "run", here / "a.toml", *where)
    assert code == 0
    assert f"{told['result']['value']:.6g}" in said
    code, said = _run(capsys, "footprint", "compare", here / "a.toml", here / "b.toml", *where, "--json")
    [one] = json.loads(said)["comparisons"]
    assert code == 0
    assert one["first_below"] < 0.05
    assert one["difference"]["value"] == pytest.approx(-700 / 0.96 * 0.5777, rel=1e-6)
    assert "P(a < b)" in _run(capsys, "footprint", "compare", here / "a.toml", here / "b.toml", *where)[1]
    code, said = _run(capsys, "footprint", "batch", here / "a.toml", here / "plants.csv", *where)
    assert code == 0
    assert "甲" in said
    for name in ("r.html", "r.docx"):
        assert _run(capsys, "footprint", "report", here / "a.toml", here / name, *where)[0] == 0
        assert (here / name).stat().st_size > 5000


def test_a_blocked_inventory_ends_with_3_and_a_gap_with_4(
    main_job: Path, folder: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    here, where = folder[0], ["--release-folder", str(main_job / "releases" / "2026.1")]
    text = (here / "a.toml").read_text(encoding="utf-8")
    (here / "block.toml").write_text(text.replace('"GEC-2024-000002"', '"GEC-2024-000001"'), encoding="utf-8")
    (here / "gap.toml").write_text(text.replace("grid_losses = 0.04", ""), encoding="utf-8")
    assert _run(capsys, "footprint", "run", here / "block.toml", *where)[0] == 3
    assert _run(capsys, "footprint", "report", here / "block.toml", here / "x.html", *where)[0] == 3
    assert not (here / "x.html").exists()
    assert _run(capsys, "footprint", "run", here / "gap.toml", *where)[0] == 4
    (here / "wrong.toml").write_text(text.replace("grid_losses", "grid_loses"), encoding="utf-8")
    assert _run(capsys, "footprint", "run", here / "wrong.toml", *where)[0] == 2


@pytest.mark.parametrize(
    "text", ["plant,production,powr\n甲,1,1\n", "plant,power\n甲,1\n", "plant,production\n甲,0\n",
             "plant,production\n甲,1\n甲,2\n", "plant,production,power\n甲,1,约2\n"]
)  # fmt: skip
def test_a_table_of_plants_that_cannot_be_read_is_refused(
    trial_release: ReleasedFactors, tmp_path: Path, text: str
) -> None:
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        batch_of(trial_release, toml("trial/example_zh"), tmp_path / "p.csv")


def test_the_example_is_read_by_plain_toml_too(tmp_path: Path) -> None:
    path = footprint_template(tmp_path / "a.toml", "en")
    assert tomllib.loads(path.read_text(encoding="utf-8")) == toml("trial/example_en")

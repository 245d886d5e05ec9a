"""Releases side by side: differences, errata, citations; the tables a release gained; equal inputs, equal bytes."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from factordb import Library, diff_releases, read_mapping
from factordb.errors import IntegrityError, NotFoundError, UsageError
from tests.conftest import SMALL_MAPPING, SMALL_TABLE

AS_OF = date(2026, 11, 26)
REFUSED = "名称,地区,年份,数值,单位,变异系数,位置\n戊产品,全国,2024,大约半吨,kgCO2e/kg,5,表1\n"


def _release(library: Library, mapping: Path, table: Path, text: str, *, erratum: str = "") -> str:
    table.write_text(text, encoding="utf-8")
    pipeline, sources = read_mapping(mapping)
    library.intake(pipeline, [table], sources=sources, actor="tester")
    library.appraise(as_of=AS_OF, actor="tester")
    library.adopt(actor="tester", reason="test")
    return library.release(actor="tester", erratum=erratum).release_id


@pytest.fixture
def corrected(small_table: tuple[Path, Path]) -> Library:
    """Return a library with a release and its erratum: 1.25 had to be 12.5 (invented), one factor came with it."""
    mapping, table = small_table
    library = Library.open(mapping.parent / "library", create=True)
    _release(library, mapping, table, SMALL_TABLE)
    text = SMALL_TABLE.replace("2024,1.25,", "2024,1.75,").replace("丙产品,全国,2024,大约半吨", "丙产品,全国,2024,0.9")
    _release(library, mapping, table, text, erratum="小数点错位 <b>misplaced point</b>")
    return library


def _cli(library: Library, *words: str, lang: str = "zh", code: int = 0) -> str:
    done = subprocess.run(
        [Path(sys.executable).parent / "factordb", *words, "--library", library.workspace.root],
        capture_output=True, encoding="utf-8", check=False, env={**os.environ, "FACTORDB_LANG": lang, "COLUMNS": "220"},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_diff_tells_the_value_the_interval_the_status_and_the_reason(corrected: Library) -> None:
    found = corrected.diff_releases("2026.1", "2026.2")
    lines = {line["name_zh"]: line for line in found.rows.to_pylist()}
    assert {name for name, line in lines.items() if line["reason"] != "appraisal_differs"} == {"甲产品", "丙产品"}
    assert lines["甲产品"]["status"] == "changed"
    assert lines["甲产品"]["relative_change"] == pytest.approx(0.4)
    assert lines["甲产品"]["beyond_old_interval"] is True
    assert lines["甲产品"]["reason"] == "published_facts_differ"
    assert lines["甲产品"]["note"] == "小数点错位 <b>misplaced point</b>"
    assert lines["丙产品"]["status"] == "added"
    assert found.counts["beyond_old_interval"] == 1


def test_a_diff_needs_only_the_two_folders(corrected: Library, tmp_path: Path) -> None:
    folders = [corrected.workspace.releases / name for name in ("2026.1", "2026.2")]
    assert diff_releases(*folders).as_dict() == corrected.diff_releases("2026.1", "2026.2").as_dict()
    with pytest.raises(IntegrityError):
        diff_releases(folders[0], tmp_path)
    with pytest.raises(NotFoundError):
        corrected.diff_releases("2026.1", "2026.9")


def test_a_diff_backwards_tells_what_is_gone(corrected: Library) -> None:
    found = corrected.diff_releases("2026.2", "2026.1")
    gone = [line["name_zh"] for line in found.rows.to_pylist() if line["status"] == "withdrawn"]
    assert gone == ["丙产品"]
    assert found.counts["withdrawn"] == 1


@pytest.mark.parametrize(
    ("lang", "marks"), [("zh", ("超出原区间", "更正")), ("en", ("beyond the old interval", "erratum"))]
)
def test_the_command_shows_it_in_both_languages(
    corrected: Library, tmp_path: Path, lang: str, marks: tuple[str]
) -> None:
    said = _cli(corrected, "release", "diff", "2026.1", "2026.2", "--csv", str(tmp_path / "diff.csv"), lang=lang)
    assert all(mark in said for mark in marks)
    assert "1.25 kgCO2e/kg → 1.75" in said
    assert "+40.00 %" in said
    rows = _csv(tmp_path / "diff.csv")
    assert [row["beyond_old_interval"] for row in rows if row["name_zh"] == "甲产品"] == ["true"]
    told = json.loads(_cli(corrected, "release", "diff", "2026.1", "2026.2", "--json", lang=lang))
    assert told["erratum"]["corrects"] == "2026.1"
    assert {row["factor_id"] for row in told["rows"]} == {row["factor_id"] for row in rows}
    assert "2026.9" in _cli(corrected, "release", "diff", "2026.1", "2026.9", lang=lang, code=2)


def test_changes_carries_the_same_codes_as_the_diff(corrected: Library) -> None:
    lines = _csv(corrected.workspace.releases / "2026.2" / "changes.csv")
    diff = {row["factor_id"]: row for row in corrected.diff_releases("2026.1", "2026.2").rows.to_pylist()}
    assert {line["factor_id"]: line["change"] for line in lines} == {key: row["status"] for key, row in diff.items()}
    value = next(line for line in lines if line["field"] == "value")
    assert float(value["relative_change"]) == pytest.approx(0.4)
    assert value["beyond_old_interval"] == "true"
    assert {line["reason"] for line in lines} <= {"new", "published_facts_differ", "appraisal_differs"}


def test_an_erratum_says_on_every_cover_what_it_corrects_and_why(corrected: Library) -> None:
    folder = corrected.workspace.releases / "2026.2"
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["erratum"] == {"corrects": "2026.1", "reason": "小数点错位 <b>misplaced point</b>"}
    assert (folder / "README.md").read_text(encoding="utf-8").count("misplaced point") >= 4
    assert "misplaced point" in (folder / "datacite.json").read_text(encoding="utf-8")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;misplaced point" in page
    assert "<b>misplaced" not in page
    assert not [path for path in folder.rglob("*") if path.suffix in {".sql", ".py", ".sh"}]
    assert corrected.verify_release("2026.1") == corrected.verify_release("2026.2") == []


def test_an_erratum_of_nothing_is_refused(corrected: Library) -> None:
    with pytest.raises(UsageError, match=r"nothing differs from release 2026\.2"):
        corrected.release(actor="tester", erratum="again")
    assert [row["release_id"] for row in corrected.releases()] == ["2026.1", "2026.2"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_factor_is_cited_by_fixed_ids(corrected: Library, lang: str) -> None:
    row = pq.read_table(corrected.workspace.releases / "2026.1" / "data" / "factors.parquet").to_pylist()[0]
    said = _cli(corrected, "factor", "cite", row["factor_id"], "--release", "2026.1", lang=lang)
    told = corrected.cite_factor(row["factor_id"][:12], "2026.1")
    assert said.splitlines() == [told["zh"], told["en"]]
    for line in said.splitlines():
        assert all(part in line for part in ("2026.1", row["factor_id"], row["version_id"], "2026-11-26"))
    assert "[DS]//" in told["zh"]
    written = {line["factor_id"]: line for line in _csv(corrected.workspace.releases / "2026.1" / "cite.csv")}
    assert (written[row["factor_id"]]["cite_zh"], written[row["factor_id"]]["cite_en"]) == (told["zh"], told["en"])
    assert corrected.cite_factor(row["factor_id"])["release"] == "2026.2"
    with pytest.raises(NotFoundError):
        corrected.cite_factor("no such factor")


def test_datacite_says_what_datacite_asks_for(corrected: Library, shared: Path) -> None:
    schema45 = pytest.importorskip("datacite.schema45")
    said = json.loads((corrected.workspace.releases / "2026.2" / "datacite.json").read_bytes())
    sample = json.loads((shared / "formats" / "examples" / "datacite.json").read_bytes())
    example = {"doi": "10.5072/example", "prefix": "10.5072", "suffix": "example"}  # 10.5072 is for tests
    for one in (said | example, sample):
        schema45.validator.validate(one)
    assert {one["relationType"] for one in said["relatedItems"]} == {"IsNewVersionOf", "Obsoletes", "IsDerivedFrom"}
    assert "doi" not in said


GASES = """
[[record.gases]]
gas = "CH4-fossil"
column = "甲烷"
unit = "gCH4/kg"
is_co2e = false
"""


def test_the_gases_behind_released_factors_stand_beside_them(small_table: tuple[Path, Path]) -> None:
    mapping, table = small_table
    library = Library.open(mapping.parent / "library", create=True)
    mapping.write_text(SMALL_MAPPING.replace("[record.columns]", f"{GASES}\n[record.columns]"), encoding="utf-8")
    lines = SMALL_TABLE.splitlines()
    text = "\n".join(f"{line},{gas}" for line, gas in zip(lines, ("甲烷", "41.95", "", "", ""), strict=True)) + "\n"
    _release(library, mapping, table, text)
    folder = library.workspace.releases / "2026.1"
    rows = pq.read_table(folder / "data" / "gas_amounts.parquet").to_pylist()
    factors = {row["name_zh"]: row for row in pq.read_table(folder / "data" / "factors.parquet").to_pylist()}
    assert [(row["version_id"], row["gas"], row["amount_text"], row["is_co2e"]) for row in rows] == [
        (factors["甲产品"]["version_id"], "CH4-fossil", "41.95", False)
    ]
    assert rows[0]["amount_kg"] == pytest.approx(0.04195)
    assert [row["amount_text"] for row in _csv(folder / "gas_amounts.csv")] == ["41.95"]


def test_a_batch_whose_every_row_was_refused_keeps_its_name_in_the_report(small_table: tuple[Path, Path]) -> None:
    mapping, table = small_table
    library = Library.open(mapping.parent / "library", create=True)
    refused = mapping.with_name("refused.toml")
    refused.write_text(SMALL_MAPPING.replace('"small-table"', '"all-refused"'), encoding="utf-8")
    table.write_text(REFUSED, encoding="utf-8")
    pipeline, sources = read_mapping(refused)
    library.intake(pipeline, [table], sources=sources, actor="tester")
    _release(library, mapping, table, SMALL_TABLE)
    page = (library.workspace.releases / "2026.1" / "report.html").read_text(encoding="utf-8")
    row = next(one for one in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "all-refused" in one)
    assert [int(cell) for cell in re.findall(r'class="number">(\d+)<', row)] == [1, 0, 1, 0, 0]
    assert {line["pipeline"] for line in library.refused().to_pylist()} == {"all-refused", "small-table"}
    assert {line["pipeline"] for line in library.summary().to_pylist()} == {"all-refused", "small-table"}


def _tree(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "attestation" not in path.parts)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_equal_inputs_give_equal_bytes_in_every_table(tmp_path: Path) -> None:
    trees: list[dict[str, Any]] = []
    for name in ("here", "elsewhere"):
        folder = tmp_path / name
        folder.mkdir()
        mapping, table = folder / "small.toml", folder / "small.csv"
        mapping.write_text(SMALL_MAPPING, encoding="utf-8")
        library = Library.open(folder / "library", create=True)
        _release(library, mapping, table, SMALL_TABLE)
        _release(library, mapping, table, SMALL_TABLE.replace(",1.25,", ",1.75,"), erratum="wrong digit")
        trees.append(_tree(folder / "library" / "releases"))
    assert trees[0] == trees[1]
    assert {"2026.2/cite.csv", "2026.2/datacite.json", "2026.2/withheld.csv", "2026.2/data/gas_amounts.parquet",
            "2026.2/manifest.json"} <= set(trees[0])  # fmt: skip

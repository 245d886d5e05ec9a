"""What may not leave the library does not: no byte of an export, report, read model or message holds it."""

import gzip
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from factordb import Library, read_mapping
from factordb.model.source import Access, LicenceClass, Source
from factordb.model.vocabulary import Tier
from factordb.stages import publish
from factordb.stages.licence import NOT_REGISTERED, WITHHELD, ExportPolicy, reason_words
from factordb.stages.sources import register

AS_OF = date(2026, 11, 26)
CANARY = "金丝雀canary"
"""Begins every planted string; what follows says where it was planted."""

TABLE = f"""\
名称,地区,年份,数值,单位,变异系数,位置,备注,技术
{CANARY}name甲,全国,2024,1.25,kgCO2e/kg,8,{CANARY}page,{CANARY}attribute,{CANARY}technology
{CANARY}name乙,全国,2024,大约{CANARY}value,kgCO2e/kg,5,{CANARY}page,{CANARY}attribute,
{CANARY}name丙,全国,2024,3.1,tCO2e/gj{CANARY}unit,5,{CANARY}page,{CANARY}attribute,
{CANARY}name丁,{CANARY}region,,99999,kgCO2e/kg,5,{CANARY}page,{CANARY}attribute,
"""
PUBLIC = """\
名称,地区,年份,数值,单位,变异系数,位置,备注,技术
公开甲,全国,2024,1.25,kgCO2e/kg,8,表1第1行,无,甲法
公开乙,全国,2024,0.80,kgCO2e/kg,5,表1第2行,无,乙法
"""
MAPPING = """\
[pipeline]
name = "{name}"
title_zh = "{title}"
title_en = "{title}"

[source]
title_zh = "{title}"
title_en = "{title}"
publisher = "{publisher}"
tier = "industry"
published_on = 2025-06-01
licence = "{words}"
licence_class = "{licence}"
access = "{access}"
obtain = "{words}"
region = "CN"
gwp_set = "AR6"
te = 1

[[record]]
name = "factor"
key = ["名称"]

[record.columns]
name_zh = "名称"
name_en = "名称"
flow = "名称"
technology = "技术"
region_text = "地区"
reference_year = "年份"
value = "数值"
unit = "单位"
cv_percent = "变异系数"
source_place = "位置"
source_value = "数值"

[record.constants]
boundary = "cradle_to_gate"
"""


def _take_in(library: Library, folder: Path, name: str, table: str, **facts: str) -> None:
    said = {
        "title": "公开来源",
        "publisher": "公开机构",
        "words": "CC BY 4.0",
        "licence": "attribution",
        "access": "public",
    }
    mapping, file = folder / f"{name}.toml", folder / f"{name}.csv"
    mapping.write_text(MAPPING.format(name=name, **(said | facts)), encoding="utf-8")
    file.write_text(table, encoding="utf-8")
    pipeline, sources = read_mapping(mapping)
    library.intake(pipeline, [file], sources=sources, actor="tester")


def _released(folder: Path, **facts: str) -> Library:
    library = Library.open(folder / "library", create=True)
    _take_in(library, folder, "open-table", PUBLIC)
    _take_in(library, folder, "zz-undercover", TABLE, **facts)
    library.appraise(as_of=AS_OF, actor="tester")
    return library


def _pieces(path: Path, data: bytes) -> Iterator[bytes]:
    """Yield a file's bytes, and what is in it once it is unpacked."""
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for member in packed.infolist():
                yield member.filename.encode()
                yield from _pieces(Path(member.filename), packed.read(member))
    if data[:2] == b"\x1f\x8b":
        yield from _pieces(path.with_suffix(""), gzip.decompress(data))
    if path.suffix == ".parquet":
        table = pq.read_table(io.BytesIO(data))
        yield str(table.schema).encode() + str(table.to_pydict()).encode()
        yield str(pq.read_metadata(io.BytesIO(data)).to_dict()).encode()


def _leaks(folder: Path, wanted: str) -> list[str]:
    forms = [wanted.encode(form) for form in ("utf-8", "utf-16-le", "gb18030")]
    forms += [wanted.encode("unicode_escape"), "".join(f"&#{ord(c)};" if ord(c) > 127 else c for c in wanted).encode()]
    return [
        f"{path.relative_to(folder)}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(form in piece for piece in _pieces(path, path.read_bytes()) for form in forms)
    ]


def _cli(library: Path, *words: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).parent / "factordb", *words, "--library", library],
        capture_output=True, encoding="utf-8", check=False, env={**os.environ, "FACTORDB_LANG": "zh"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_nothing_of_a_confidential_source_leaves_not_even_its_name(tmp_path: Path) -> None:
    facts = {"title": f"{CANARY}title", "publisher": f"{CANARY}publisher", "words": f"{CANARY}words"}
    library = _released(tmp_path, access="confidential", **facts)
    said = _cli(tmp_path / "library", "release", "build", "--json") + _cli(tmp_path / "library", "release", "list")
    release = tmp_path / "library" / "releases" / "2026.1"
    publish.publish(release, tmp_path / "models")
    assert CANARY not in said
    assert _leaks(release, CANARY) == []
    assert _leaks(tmp_path / "models", CANARY) == []
    assert _leaks(release, "zz-undercover") == []
    factors = pq.read_table(release / "data" / "factors.parquet").column("name_zh").to_pylist()
    assert sorted(factors) == ["公开乙", "公开甲"]
    lines = arrow_csv.read_csv(release / "withheld.csv").to_pylist()
    assert {(line["table"], line["withheld"], line["reason"]) for line in lines} == {
        ("factors", "row", "access_confidential"),
        ("held_back", "row", "access_confidential"),
    }
    report = (release / "report.html").read_text(encoding="utf-8")
    assert "保密来源" in report
    assert reason_words("access_confidential")["zh"] in report
    assert library.verify_release("2026.1") == []


def test_the_canaries_are_there_to_be_found(tmp_path: Path) -> None:
    _released(tmp_path, title=f"{CANARY}title").adopt(actor="tester", reason="test")
    Library.open(tmp_path / "library").release(actor="tester")
    leaks = _leaks(tmp_path / "library" / "releases" / "2026.1", CANARY)
    kinds = {Path(name).suffix for name in leaks}
    assert kinds >= {".csv", ".parquet", ".xlsx", ".html", ".json"}


def test_of_a_restricted_source_the_value_leaves_and_who_where_and_in_which_words_does_not(tmp_path: Path) -> None:
    table = TABLE.replace(f"{CANARY}name", "甲").replace(f"{CANARY}region", "全国")
    library = Library.open(tmp_path / "library", create=True)
    _take_in(library, tmp_path, "open-table", PUBLIC)
    _take_in(
        library, tmp_path, "zz-undercover", table, access="restricted", title="受限来源", publisher=f"{CANARY}publisher"
    )
    library.appraise(as_of=AS_OF, actor="tester")
    library.adopt(actor="tester", reason="test")
    library.release(actor="tester")
    release = tmp_path / "library" / "releases" / "2026.1"
    assert _leaks(release, CANARY) == []
    rows = {row["name_zh"]: row for row in pq.read_table(release / "data" / "factors.parquet").to_pylist()}
    assert rows["甲甲"]["value_text"] == "1.25"
    assert rows["甲甲"]["shortest_low95"] is not None
    assert (rows["甲甲"]["place"], rows["甲甲"]["source_place"], rows["甲甲"]["technology"]) == (WITHHELD, None, None)
    assert rows["公开甲"]["technology"] == "甲法"
    lines = [one for one in arrow_csv.read_csv(release / "withheld.csv").to_pylist() if one["table"] == "factors"]
    assert [(one["id"], one["reason"]) for one in lines] == [(rows["甲甲"]["factor_id"], "access_restricted")]
    assert "place" in lines[0]["withheld"].split()


def test_a_source_that_becomes_confidential_takes_its_factors_back_by_identifier_alone(tmp_path: Path) -> None:
    library = _released(tmp_path, title=f"{CANARY}title")
    library.adopt(actor="tester", reason="test")
    library.release(actor="tester")
    before = {"zz-undercover": library.sources()["zz-undercover"]}
    secret = Source.model_validate(before["zz-undercover"].model_dump() | {"access": "confidential"})
    library.sources = lambda: (
        register([secret]) | {"open-table": Library.open(library.workspace.root).sources()["open-table"]}
    )  # type: ignore[method-assign] # planted for the test
    library.release(actor="tester")
    release = tmp_path / "library" / "releases" / "2026.2"
    assert _leaks(release, CANARY) == []
    lines = [one for one in arrow_csv.read_csv(release / "changes.csv").to_pylist() if one["change"] != "changed"]
    assert [(one["reason"], one["name_zh"], one["old"]) for one in lines] == [("access_confidential", None, None)]


def _source(name: str, **facts: object) -> Source:
    return Source(source_id=name, title_zh=name, title_en=name, publisher="p", tier=Tier.INDUSTRY, **facts)


ROWS = pa.table(
    {
        "factor_id": ["a", "b", "c", "d", "e"],
        "source_id": ["open", "forbidden", "secret", "limited", "stranger"],
        "place": ["x", "x", "x", None, "x"],
        "publisher": ["p", "p", "p", "p", "p"],
    }
)
SOURCES = {
    "open": _source("open"),
    "forbidden": _source("forbidden", licence_class=LicenceClass.RESTRICTED),
    "secret": _source("secret", access=Access.CONFIDENTIAL),
    "limited": _source("limited", access=Access.RESTRICTED),
}


def test_each_row_goes_by_the_stricter_of_licence_and_access() -> None:
    allowed = ExportPolicy(SOURCES).leave(ROWS, table="t", key="factor_id")
    assert allowed.rows.to_pylist() == [
        {"factor_id": "a", "source_id": "open", "place": "x", "publisher": "p"},
        {"factor_id": "d", "source_id": "limited", "place": WITHHELD, "publisher": None},
    ]
    assert [tuple(line.values()) for line in allowed.withheld.to_pylist()] == [
        ("t", "b", "row", "licence_restricted"),
        ("t", "c", "row", "access_confidential"),
        ("t", "e", "row", NOT_REGISTERED),
        ("t", "d", "publisher", "access_restricted"),
    ]


def test_no_row_is_lost_between_leaving_and_staying() -> None:
    allowed = ExportPolicy(SOURCES).leave(ROWS, table="t", key="factor_id")
    stays = [line["id"] for line in allowed.withheld.to_pylist() if line["withheld"] == "row"]
    assert sorted(stays + allowed.rows.column("factor_id").to_pylist()) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("code", ["access_confidential", "licence_restricted", "access_restricted", NOT_REGISTERED])
def test_every_reason_has_words(code: str) -> None:
    assert all(re.search(r"\w", text) for text in reason_words(code).values())


def test_the_classes_of_the_register_are_what_the_words_of_the_licences_say() -> None:
    sources = register()
    assert {one.access for one in sources.values()} == {Access.PUBLIC}
    barred = {name for name in sources if not ExportPolicy(sources).terms(name).rows}
    assert barred == {"ipcc_efdb"}  # "no redistribution" in its own words; no data of it are shipped
    for one in sources.values():
        words = one.licence or ""
        assert ("CC BY" in words or "Open Government" in words) <= (one.licence_class is LicenceClass.ATTRIBUTION)


def test_a_policy_is_of_its_sources_only() -> None:
    policy = ExportPolicy({"a": replace_access(SOURCES["open"], Access.RESTRICTED)})
    assert policy.not_quoted() == ["a"]
    assert policy.nameless() == []


def replace_access(source: Source, access: Access) -> Source:
    return Source.model_validate(source.model_dump() | {"access": access})

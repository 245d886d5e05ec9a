"""Product codes as a factor carries them: GB/T 4754, the NBS catalogue, CPC, ISIC and HS, searched and counted."""

from pathlib import Path

import pytest

from factordb import open_release
from factordb.errors import UsageError
from factordb.searching import ReleasedFactors
from tests.selection.conftest import row, write_release

CODED = {
    "gbt": ("GB/T 4754", "C3216", "测试铝甲"),
    "nbs": ("NBS", "32.16.01.01", "测试铝乙"),
    "cpc": ("CPC", "41431", "测试铝丙"),
    "isic": ("ISIC", "C2420", "测试铝丁"),
    "hs": ("HS", "7601.10", "测试铝戊"),
    "wide": ("HS", "7604", "测试铝己"),
    "bare": (None, None, "测试铝庚"),
}
"""Invented factors; the codes are shaped as in their classifications."""


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> ReleasedFactors:
    """Return a release of factors that carry a code of each classification."""
    root = tmp_path_factory.mktemp("coded")
    rows = [row(name, name_zh=title, flow=title, code_system=system, product_code=code)
            for name, (system, code, title) in CODED.items()]  # fmt: skip
    return open_release(write_release(root / "releases" / "2026.1", rows), root / "models")


def found(asked: ReleasedFactors, text: str = "", **criteria: str | list[str]) -> set[str]:
    """Return the names, without their prefix, of what is found."""
    return {hit["factor_id"].removeprefix("f-") for hit in asked.search(text, **criteria)["hits"]}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("C3216", "gbt"), ("c3216", "gbt"), ("3216", "gbt"), ("GB/T 4754 C3216", "gbt"), ("GB/T4754-3216", "gbt"),
        ("32.16.01.01", "nbs"), ("32160101", "nbs"), ("NBS 32160101", "nbs"), ("41431", "cpc"), ("CPC 41431", "cpc"),
        ("C2420", "isic"), ("ISIC 2420", "isic"), ("7601.10", "hs"), ("760110", "hs"), ("HS 7601.10", "hs"),
        ("ＨＳ：７６０１１０", "hs"),
    ],
)  # fmt: skip
def test_a_code_is_found_as_people_write_it(coded: ReleasedFactors, text: str, name: str) -> None:
    page = coded.search(text)
    assert [hit["factor_id"] for hit in page["hits"][:1]] == [f"f-{name}"]
    assert page["hits"][0]["match"] == "exact"


def test_a_code_as_criterion_is_exact_and_its_beginning_is_a_wider_class(coded: ReleasedFactors) -> None:
    assert found(coded, code="7601.10") == found(coded, code="760110") == {"hs"}
    assert found(coded, code="7601") == set()
    assert found(coded, code_within="76") == {"hs", "wide"}
    assert found(coded, code_within="7601") == {"hs"}
    assert found(coded, code_within="C32") == {"gbt"}
    assert found(coded, code_within="32") == {"gbt", "nbs"}
    assert found(coded, code_within="32", code_system="NBS") == {"nbs"}
    assert found(coded, "测试铝", code="none") == {"bare"}


def test_classifications_and_codes_are_counted(coded: ReleasedFactors) -> None:
    facets = coded.search("测试铝", limit=1)["facets"]
    assert facets["code_system"] == {"HS": 2, "CPC": 1, "GB/T 4754": 1, "ISIC": 1, "NBS": 1, "none": 1}
    assert facets["code"] == {f"{system} {code}" if code else "none": 1 for system, code, _ in CODED.values()}
    for value, count in facets["code"].items():
        assert coded.search("测试铝", limit=1, code=value)["total"] == count


def test_a_number_that_is_no_code_is_only_a_word(coded: ReleasedFactors) -> None:
    assert found(coded, "99999") == set()
    assert found(coded, "760110 41431") == set()


def test_a_misspelt_criterion_of_codes_is_refused(coded: ReleasedFactors) -> None:
    with pytest.raises(UsageError, match="no criterion called 'hs_code'"):
        coded.search("", hs_code="7601")


def test_words_in_a_row_come_before_words_apart(tmp_path: Path) -> None:
    rows = [
        row("apart", name_zh="钢测试平均", flow="钢测试", name_en="Steel for a test"),
        row("together", name_zh="测试钢另种", flow="测试钢另种", name_en="Another test steel", dqr=4.0),
    ]
    asked = open_release(write_release(tmp_path / "releases" / "2026.1", rows), tmp_path / "models")
    assert [(hit["factor_id"], hit["match"]) for hit in asked.search("test steel")["hits"]] == [
        ("f-together", "phrase"), ("f-apart", "name"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> ReleasedFactors:
    """Return a release of factors whose products are in the table of codes, one with a code of its source."""
    root = tmp_path_factory.mktemp("joined")
    rows = [
        row("grid", name_zh="电网电力", flow="electricity"),
        row("own", name_zh="自带代码的电力", flow="electricity", code_system="UN CPC 2.1", product_code="171"),
        row("gas", name_zh="管道气", flow="天然气"),
        row("truck", name_zh="卡车", flow="天然气车"),
    ]
    return open_release(write_release(root / "releases" / "2026.1", rows), root / "models")


def test_a_code_of_the_source_stands_alone_and_a_joined_one_says_where_it_comes_from(joined: ReleasedFactors) -> None:
    rows = {hit["factor_id"].removeprefix("f-"): hit for hit in joined.search("")["hits"]}
    assert rows["grid"]["codes"] == "HS 271600; CPC 17100; GB/T 4754 D441; ISIC 351"
    assert rows["grid"]["codes_from"] == "codes/product_codes 2026-11-27: electricity"
    assert rows["grid"]["product_code"] is None
    assert (rows["own"]["codes"], rows["own"]["codes_from"], rows["own"]["product_code"]) == (None, None, "171")
    assert (rows["truck"]["codes"], rows["truck"]["codes_from"]) == (None, None)
    assert found(joined, "HS 271600") == found(joined, code="271600") == {"grid"}
    assert found(joined, "CPC 171") == {"own", "grid"}
    assert [hit["factor_id"] for hit in joined.search("CPC 171")["hits"]] == ["f-own", "f-grid"]


def test_a_code_that_names_its_classification_is_sought_in_that_one_alone(joined: ReleasedFactors) -> None:
    assert found(joined, "HS 17100") == found(joined, code="hs:17100") == set()
    assert found(joined, code="17100") == found(joined, code="CPC 17100") == {"grid"}
    assert found(joined, code="urn:pact:productclassification:un-cpc:17100") == {"grid"}
    assert found(joined, code="17100", code_system="HS") == set()
    assert found(joined, code_within="27", code_system="HS") == found(joined, code_within="HS 27") == {"grid", "gas"}
    assert found(joined, code=["HS 271121", "CPC 171"]) == {"gas", "own"}

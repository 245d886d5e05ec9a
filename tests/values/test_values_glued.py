"""Value and unit in one cell, as the CPCD catalogue prints them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.values import SPLIT_SCHEMA, Refused, parse, split_many, split_value_unit


def test_cells_are_parted_at_the_first_letter_of_the_unit() -> None:
    for text, value, unit in (
        ("11.746kgCO2e / 千克", "11.746", "kgCO2e / 千克"),
        ("23322tCO2e / 个", "23322", "tCO2e / 个"),
        ("0.40~0.48 tCH4/t", "0.40~0.48", "tCH4/t"),
        ("9 x 10-5 kg/TJ", "9 x 10-5", "kg/TJ"),
        ("1.2E-3kg", "1.2E-3", "kg"),
        ("12±3 g/km", "12±3", "g/km"),
        ("<5 mg/m3", "<5", "mg/m3"),
        ("96 000 kg/TJ", "96 000", "kg/TJ"),
        ("5%", "5", "%"),
        ("0.5", "0.5", ""),
        ("/", "/", ""),
        ("3 千克/吨", "3", "千克/吨"),
    ):
        assert split_value_unit(text) == (value, unit), text
        assert not isinstance(parse(value), Refused)


def test_cells_that_cannot_be_parted_are_refused() -> None:
    for text, code in (("abc", "VAL101"), ("5 10^4t", "VAL103"), ("1,234kg", "VAL102"), ("9" * 200 + "kg", "VAL105")):
        refused = split_value_unit(text)
        assert isinstance(refused, Refused), text
        assert (refused.code, refused.text) == (code, text)


def test_split_many_keeps_every_distinct_cell() -> None:
    table = split_many(["1kg", "abc", "1kg", None])
    assert table.schema == SPLIT_SCHEMA
    rows = {row["text"]: row for row in table.to_pylist()}
    assert set(rows) == {"1kg", "abc", None}
    assert (rows["1kg"]["value_text"], rows["1kg"]["unit_text"]) == ("1", "kg")
    assert rows["abc"]["code"] == "VAL101"
    assert rows[None]["value_text"] == ""


@given(
    st.decimals(min_value=0, max_value=10**6, places=3),
    st.sampled_from(["kgCO2e / 千克", "gCO2e / 人·千米", "tCO2e/t"]),
)
@settings(max_examples=60)
def test_what_is_glued_comes_apart(value: object, unit: str) -> None:
    assert split_value_unit(f"{value}{unit}") == (str(value), unit)

"""Canonical JSON: the numbers and the order of RFC 8785, NFC text, one form for one meaning."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factordb.evidence.canonical import canonical, parsed, recanonical

NUMBERS = [
    (0.0, "0"), (-0.0, "0"), (5e-324, "5e-324"), (-5e-324, "-5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (9007199254740992.0, "9007199254740992"), (295147905179352830000.0, "295147905179352830000"), (1e23, "1e+23"),
    (9.999999999999997e22, "9.999999999999997e+22"), (0.000001, "0.000001"), (333333333.3333332, "333333333.3333332"),
    (9.999999999999997e-7, "9.999999999999997e-7"), (-1424953923781206.2, "-1424953923781206.2"), (1e21, "1e+21"),
    (999999999999999900000.0, "999999999999999900000"), (4.35, "4.35"), (1.0, "1"),
]  # fmt: skip
"""RFC 8785, appendix B, and neighbours of the bounds."""

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(("value", "text"), NUMBERS)
def test_numbers_are_written_as_ecmascript_writes_them(value: float, text: str) -> None:
    assert canonical(value) == text.encode()


def test_members_stand_in_the_order_of_utf_16() -> None:
    """RFC 8785, 3.2.3."""
    value = {
        "\u20ac": "Euro",
        "\r": "CR",
        "\ufb01": "fi",
        "1": "One",
        "\U0001f600": "Smile",
        "\u0080": "C",
        "ö": "O",
    }
    names = list(json.loads(canonical(value)))
    assert names == ["\r", "1", "\u0080", "ö", "\u20ac", "\U0001f600", "\ufb01"]


def test_text_is_brought_to_nfc() -> None:
    assert canonical({"e\u0301": "A\u030a"}) == '{"é":"Å"}'.encode()


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53 + 1, -(2**53) - 1, {1: "a"}, {"é": 1, "e\u0301": 2}, "\ud800", object()]
)
def test_what_has_no_single_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - UnicodeEncodeError is one, with words of its own
        canonical(value)


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', "NaN", "[Infinity]", "1e400", "9007199254740993", "{", "", "[" * 100_000, '{"a":1}x']
)
def test_text_with_two_meanings_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSONDecodeError is one, with words of its own
        parsed(text)


@given(PLAIN | st.floats(allow_nan=False, allow_infinity=False) | st.lists(st.floats(-1e9, 1e9), max_size=3))
def test_the_short_way_gives_what_the_long_way_gives(value: object) -> None:
    try:
        expected = canonical(value)
    except ValueError:  # two names that NFC makes one
        return
    assert recanonical(json.dumps(value)).encode() == expected
    assert recanonical(json.dumps(value, ensure_ascii=False, indent=1)).encode() == expected
    assert recanonical(expected.decode()).encode() == expected

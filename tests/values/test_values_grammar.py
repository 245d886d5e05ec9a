"""The value grammar, on the forms of the shared design (domain.md, section 7) and of the IPCC EFDB."""

import csv
import inspect
import math
from collections.abc import Callable, Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.values import Form, Refused, Value, parse, refusal_words
from factordb.values.number import read_number


def table(test: Callable[..., None]) -> Iterator[dict[str, str]]:
    """Return the rows of a test's docstring: cells part at |, ␠ stands for an outer space, . for nothing."""
    lines = inspect.cleandoc(test.__doc__ or "").splitlines()
    for row in csv.DictReader(lines, delimiter="|"):
        cells = {str(name).strip(): str(cell).strip().replace("␠", " ") for name, cell in row.items()}
        yield {name: "" if cell == "." else cell for name, cell in cells.items()}


def number(text: str) -> float | None:
    return float(text) if text else None


def test_one_number() -> None:
    """
    text          | form          | value    | half_digit | decimals
    0.5440        | plain         | 0.544    | 0.00005    | 4
    ␠0.5500␠      | plain         | 0.55     | 0.00005    | 4
    96000         | plain         | 96000    | 0.5        | 0
    .5            | plain         | 0.5      | 0.05       | 1
    5.            | plain         | 5        | 0.5        | 0
    +5            | plain         | 5        | 0.5        | 0
    −5            | plain         | -5       | 0.5        | 0
    –5            | plain         | -5       | 0.5        | 0
    １２．５      | plain         | 12.5     | 0.05       | 1
    96 000        | thousands     | 96000    | 0.5        | 0
    96 000.25     | thousands     | 96000.25 | 0.005      | 2
    1'234         | thousands     | 1234     | 0.5        | 0
    1,234.5       | thousands     | 1234.5   | 0.05       | 1
    1,234,567     | thousands     | 1234567  | 0.5        | 0
    0,85          | decimal_comma | 0.85     | 0.005      | 2
    0,123         | decimal_comma | 0.123    | 0.0005     | 3
    1,2345        | decimal_comma | 1.2345   | 0.00005    | 4
    1.2E-3        | scientific    | 0.0012   | 0.00005    | 4
    1.2e+03       | scientific    | 1200     | 50         | -2
    9 x 10-5      | scientific    | 9e-5     | 0.000005   | 5
    9×10^-5       | scientific    | 9e-5     | 0.000005   | 5
    4.5·10⁻³      | scientific    | 0.0045   | 0.00005    | 4
    -3.0×10⁵      | scientific    | -300000  | 5000       | -4
    18.3 %        | percent       | 18.3     | 0.05       | 1
    100％         | percent       | 100      | 0.5        | 0
    约0.8         | approximate   | 0.8      | 0.05       | 1
    ~0.8          | approximate   | 0.8      | 0.05       | 1
    ca. 0.8       | approximate   | 0.8      | 0.05       | 1
    0.8左右       | approximate   | 0.8      | 0.05       | 1
    18.79 (GCV)   | labelled      | 18.79    | 0.005      | 2
    ±7%           | half_width_percent | 7   | 0.5        | 0
    +/- 0.3       | half_width    | 0.3      | 0.05       | 1
    """
    for row in table(test_one_number):
        read = parse(row["text"])
        assert isinstance(read, Value), row
        assert (read.text, read.form.value, read.value) == (row["text"], row["form"], float(row["value"]))
        assert (read.half_digit, read.decimals) == (float(row["half_digit"]), int(row["decimals"])), row
        assert read.low is None
        assert read.high is None


def test_numbers_with_ends() -> None:
    """
    text                | form               | value  | low  | high | qualifier
    0.40~0.48           | range              | 0.44   | 0.40 | 0.48 | .
    0.40～0.48          | range              | 0.44   | 0.40 | 0.48 | .
    0.40—0.48           | range              | 0.44   | 0.40 | 0.48 | .
    0.40至0.48          | range              | 0.44   | 0.40 | 0.48 | .
    10 to 20            | range              | 15     | 10   | 20   | .
    5-10                | range              | 7.5    | 5    | 10   | .
    -5 - -3             | range              | -4     | -5   | -3   | .
    (10–15)             | range              | 12.5   | 10   | 15   | .
    [10, 15]            | range              | 12.5   | 10   | 15   | .
    5–10%               | range              | 7.5    | 5    | 10   | %
    1E-3–2E-3           | range              | 0.0015 | 1e-3 | 2e-3 | .
    12 (10–15)          | interval           | 12     | 10   | 15   | .
    12 [10, 15]         | interval           | 12     | 10   | 15   | .
    12 (95% CI: 10–15)  | interval           | 12     | 10   | 15   | 95% CI
    0.6 (range 0.3-1.0) | interval           | 0.6    | 0.3  | 1.0  | range
    12±3                | plus_minus         | 12     | 9    | 15   | ±
    12 +/- 3            | plus_minus         | 12     | 9    | 15   | ±
    -12 ± 3             | plus_minus         | -12    | -15  | -9   | ±
    0.3±0.1             | plus_minus         | 0.3    | 0.2  | 0.4  | ±
    12 ± 5%             | plus_minus_percent | 12     | 11.4 | 12.6 | ±
    -10 ± 5%            | plus_minus_percent | -10    | -10.5 | -9.5 | ±
    <5                  | below              | .      | .    | 5    | <
    < 1                 | below              | .      | .    | 1    | <
    ≤0.1%               | below              | .      | .    | 0.1  | ≤ %
    小于5               | below              | .      | .    | 5    | 小于
    > 3                 | above              | .      | 3    | .    | >
    不低于3             | above              | .      | 3    | .    | 不低于
    """
    for row in table(test_numbers_with_ends):
        read = parse(row["text"])
        assert isinstance(read, Value), row
        assert read.text == row["text"]
        found = (read.form.value, read.value, read.low, read.high, read.qualifier)
        assert found == (
            row["form"], number(row["value"]), number(row["low"]), number(row["high"]), row["qualifier"]
        )  # fmt: skip


def test_several_bases_are_listed_for_the_pipeline_to_choose() -> None:
    read = parse("18.79 (GCV) 19.99 (NCV)")
    assert isinstance(read, Value)
    assert (read.form, read.value, read.parts) == (Form.LISTED, None, (("GCV", 18.79), ("NCV", 19.99)))
    assert (read.part("ncv"), read.part("dry")) == (19.99, None)


def test_empty_marks_are_read_as_empty_and_not_refused() -> None:
    """
    text         | meaning
    .            | blank
    /            | blank
    -            | blank
    —            | blank
    N/A          | not_applicable
    NA␠          | not_applicable
    NO           | not_occurring
    NE           | not_estimated
    IE           | included_elsewhere
    C            | confidential
    not-supplied | not_supplied
    Unknown      | unknown
    暂无         | unknown
    """
    for row in table(test_empty_marks_are_read_as_empty_and_not_refused):
        read = parse(row["text"])
        assert isinstance(read, Value), row
        assert (read.form, read.qualifier, read.value) == (Form.EMPTY, row["meaning"], None), row


def test_refused_rather_than_guessed() -> None:
    """
    text            | code
    tropical        | VAL101
    abc             | VAL101
    1,234           | VAL102
    12,345          | VAL102
    1.234,5         | VAL102
    1/2             | VAL103
    10/15           | VAL103
    3 4             | VAL103
    2024-01-05      | VAL103
    12 ± 3 ± 4      | VAL103
    -50% +100%      | VAL103
    12 (5%–10%)     | VAL103
    5%-10           | VAL103
    1 (a) 2 (A)     | VAL103
    9 ± 1 x 10-5    | VAL103
    1-3E2           | VAL103
    9E-5 (8–10)     | VAL103
    nan             | VAL104
    inf             | VAL104
    -Infinity       | VAL104
    1e999           | VAL104
    1e-999          | VAL104
    1e-400          | VAL104
    10-5            | VAL106
    0.48~0.40       | VAL106
    12 (15–10)      | VAL106
    0.5 kg          | VAL107
    0.0003*         | VAL107
    (5)             | VAL107
    12,34,567       | VAL108
    1.2.3           | VAL108
    1 234 567,8     | VAL108
    =A1*2           | VAL109
    #DIV/0!         | VAL109
    9x105           | VAL110
    9×105           | VAL110
    """
    for row in table(test_refused_rather_than_guessed):
        read = parse(row["text"])
        assert isinstance(read, Refused), (row, read)
        assert (read.code, read.text) == (row["code"], row["text"])
        assert read.problem_zh
        assert read.problem_en
        assert read.expected


def test_a_declared_decimal_comma_turns_the_marks_over() -> None:
    """
    text      | value  | code
    1,234     | 1.234  | .
    1.234,5   | 1234.5 | .
    1.234.567 | 1234567 | .
    0.5       | 0.5    | .
    1.234     | .      | VAL102
    1,234.5   | .      | VAL102
    """
    for row in table(test_a_declared_decimal_comma_turns_the_marks_over):
        read = parse(row["text"], decimal=",")
        if row["code"]:
            assert isinstance(read, Refused)
            assert read.code == row["code"]
        else:
            assert isinstance(read, Value)
            assert read.value == float(row["value"]), row


def test_an_absurdly_long_cell_is_refused_at_once() -> None:
    for text in ("9" * 100_000, "1." * 60, "(1" * 60, "1-" * 60, "9x10" * 30):
        assert isinstance(parse(text), Refused)
    refused = parse("1" * 121)
    assert isinstance(refused, Refused)
    assert refused.code == "VAL105"


def test_every_refusal_has_its_words_in_both_languages() -> None:
    for code, words in refusal_words().items():
        assert set(words) == {"zh", "fix_zh", "en", "fix_en", "expected"}, code
        assert all(words.values()), code


def test_braces_in_a_cell_do_not_break_the_words() -> None:
    read = parse("{found} {0}")
    assert isinstance(read, Refused)
    assert "{found}" in read.problem_en


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=200)
def test_what_is_written_is_read_back(value: float) -> None:
    for written in (repr(value), f"{value:.16e}", f"{value:.16e}".replace("e", " × 10^")):
        read = parse(written)
        assert isinstance(read, Value), written
        assert read.value == value, written


@given(st.decimals(min_value=0, max_value=10**9, places=3), st.decimals(min_value=0, max_value=10**9, places=3))
@settings(max_examples=100)
def test_two_numbers_are_never_read_as_one(one: object, other: object) -> None:
    for joint in (" ", "/", "; ", ", ", " and ", "\n", "|", "_", "±", "~", " - "):
        read = parse(f"{one}{joint}{other}")
        if isinstance(read, Value):
            assert read.form in (Form.RANGE, Form.PLUS_MINUS, Form.THOUSANDS), (read, joint)
            assert read.form is not Form.THOUSANDS


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_any_text_is_read_or_refused_and_kept(text: str) -> None:
    read = parse(text)
    assert read.text == text
    if isinstance(read, Value):
        numbers = [number for number in (read.value, read.low, read.high) if number is not None]
        assert all(math.isfinite(number) for number in numbers)
        assert numbers or read.parts or read.form is Form.EMPTY


def test_every_kind_of_space_groups_thousands() -> None:
    for space in ("\u0020", "\u00a0", "\u2009", "\u202f", "\u2007"):
        read = parse(f"96{space}000")
        assert isinstance(read, Value)
        assert (read.value, read.form) == (96000, Form.THOUSANDS)


def test_grouping_needs_three_digits() -> None:
    assert isinstance(parse("96 00"), Refused)
    assert isinstance(parse("1234 567"), Refused)
    assert read_number("1 23") == "VAL101"

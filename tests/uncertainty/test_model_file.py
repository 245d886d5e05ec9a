"""The grammar of model files: what is read, and every refusal with its place."""

from pathlib import Path

import pytest

from factordb.errors import UsageError
from factordb.expression import ExpressionError
from factordb.uncertainty.model_file import FAMILIES, Reference, read_model

EXAMPLES = sorted((Path(__file__).parents[2] / "data" / "uncertainty_examples").glob("*.toml"))
GOOD = """
title = { zh = "题", en = "title" }
expression = "a * b"
unit = "kg"
probability = 0.9
seed = 7
[inputs.a]
family = "normal"
mean = 1
sd = 0.1
unit = "t"
[inputs.b]
readings = [1.0, 2.0, 3.0, 2.0]
resolution = 0.5
[[correlation]]
inputs = ["a", "b"]
coefficient = -0.5
[[reference]]
source = "s"
method = "gum"
quantity = "u"
value = "0.12"
"""


def test_a_model_is_read() -> None:
    model = read_model(GOOD)
    assert (model.title("zh"), model.title("en"), model.unit) == ("题", "title", "kg")
    assert (model.probability, model.seed, model.digits) == (0.9, 7, 2)
    a, b = model.inputs
    assert (a.family, dict(a.parameters), a.unit) == ("normal", {"mean": 1, "sd": 0.1}, "t")
    assert (b.family, b.readings, b.resolution) == ("readings", (1, 2, 3, 2), 0.5)
    assert model.correlation == (("a", "b", -0.5),)
    assert model.references[0].allowed == pytest.approx(0.005)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_a_model_in_both_languages(path: Path) -> None:
    model = read_model(path.read_text(encoding="utf-8"))
    assert model.title_zh
    assert model.title_en
    assert model.references
    assert path.read_text(encoding="utf-8").startswith("# JCGM 10")


def test_all_asked_examples_are_there() -> None:
    names = {path.stem for path in EXAMPLES}
    asked = {"jcgm101_9_2_2", "jcgm101_9_2_3", "jcgm101_9_2_4", "jcgm101_9_3", "jcgm101_9_5", "gum_h1"}
    assert asked | {f"gum_h2_{one}" for one in "rxz"} <= names
    assert len([name for name in names if name.startswith("jcgm101_9_4_")]) == 6


@pytest.mark.parametrize(
    ("change", "by", "said_so"),
    [
        ('unit = "kg"', "unit = ", "no TOML"),
        ('unit = "kg"', 'units = "kg"', "unknown keys: units"),
        ('expression = "a * b"', "", "lacks expression"),
        ('expression = "a * b"', 'expression = "a * b * c"', "not declared: c"),
        ('expression = "a * b"', 'expression = "a * 2"', "not used: b"),
        ("sd = 0.1", "", "parameters mean do not fit"),
        ("sd = 0.1", "sd = 0.1\nlow = 0", "do not fit"),
        ("sd = 0.1", 'sd = "0.1"', "a.sd: '0.1' is no finite number"),
        ("sd = 0.1", "sd = nan", "no finite number"),
        ('family = "normal"', 'family = "gaussian"', "a.family: 'gaussian' is not known"),
        ("probability = 0.9", "probability = 95", "out of range"),
        ("coefficient = -0.5", "coefficient = -1.5", "impossible"),
        ('inputs = ["a", "b"]', 'inputs = ["a", "z"]', "impossible"),
        ("seed = 7", 'seed = 7\nsimultaneous = ["a", "b"]', "have no readings"),
        ("seed = 7", 'seed = 7\nmethod = "magic"', "method: 'magic'"),
        ('quantity = "u"', "", "reference lacks quantity"),
        ('quantity = "u"', 'quantity = "U"', "reference.quantity: 'U'"),
        ("seed = 7", "seed = 7\ntolerance = 0", "out of range"),
        ("seed = 7", "seed = 7\ndigits = 3", "out of range"),
        ("resolution = 0.5", "resolution = 0.5\nsd = 1", "unknown keys: sd"),
    ],
)
def test_every_refusal_names_its_place(change: str, by: str, said_so: str) -> None:
    assert change in GOOD
    with pytest.raises(UsageError) as refused:
        read_model(GOOD.replace(change, by, 1))
    assert said_so in refused.value.problem
    assert refused.value.problem_zh
    assert refused.value.remedy_zh


def test_a_bad_expression_is_the_grammars_to_refuse() -> None:
    with pytest.raises(ExpressionError):
        read_model(GOOD.replace("a * b", "__import__('os')"))


@pytest.mark.parametrize(
    ("printed", "half"),
    [("0.0754", 5e-5), ("838", 0.5), ("-3.92", 0.005), ("1.50e-3", 5e-6), ("2.0", 0.05)],
)
def test_printed_digits_say_how_exact_a_figure_is(printed: str, half: float) -> None:
    assert Reference("s", "gum", "u", printed).half_digit == pytest.approx(half)


def test_families_have_distinct_ways() -> None:
    for ways in FAMILIES.values():
        assert len({frozenset(way) for way in ways}) == len(ways)

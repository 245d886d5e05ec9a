"""The reference tables of the grammars: consistent with each other, with pint, and with their own words."""

from collections import Counter
from fractions import Fraction
from importlib import resources

import pytest

from factordb.units import dimensions, parse
from factordb.units.canonical import size
from factordb.units.tables import Ambiguous, UnitWord, _spelled, composites, lexicon
from factordb.units.unit import Unit
from factordb.values.marks import normalise

UNITS = {entry.symbol: entry for _, entry in _spelled() if isinstance(entry, UnitWord)}


def test_no_spelling_means_two_things() -> None:
    meanings: dict[str, set[object]] = {}
    for spelling, entry in _spelled():
        meanings.setdefault(normalise(spelling), set()).add(entry)
    assert {spelling: found for spelling, found in meanings.items() if len(found) > 1} == {}


def test_no_spelling_is_listed_twice_on_purpose() -> None:
    counts = Counter((normalise(spelling), entry) for spelling, entry in _spelled() if not isinstance(entry, UnitWord))
    assert [pair for pair, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("symbol", sorted(UNITS))
def test_every_unit_has_a_positive_size_and_reads_as_itself(symbol: str) -> None:
    one, canonical = size(UNITS[symbol])
    assert one > 0
    assert isinstance(one, Fraction)
    unit = parse(symbol)
    assert isinstance(unit, Unit), unit
    assert unit.exact == one
    assert unit.canonical_unit == canonical


def test_every_dimension_is_known_and_its_canonical_unit_has_size_one() -> None:
    assert {unit.dimension for unit in UNITS.values()} <= set(dimensions())
    for dimension in dimensions().values():
        assert dimension.zh
        assert dimension.en
        if dimension.canonical and dimension.name != "dimensionless":
            unit = parse(dimension.canonical)
            assert isinstance(unit, Unit)
            assert unit.exact == 1
            assert unit.numerator_dimension == dimension.name


def test_composites_lead_to_known_dimensions() -> None:
    assert {name for name, _ in composites().values()} <= set(dimensions())


def test_ambiguous_words_are_refused_wherever_they_stand() -> None:
    words = [entry.word for entry in lexicon().exact.values() if isinstance(entry, Ambiguous)]
    assert words
    for word in words:
        assert not isinstance(parse(f"kgCO2e/{word}"), Unit), word


def test_every_table_says_where_it_comes_from() -> None:
    for table in resources.files("factordb").joinpath("reference", "units").iterdir():
        if table.name.endswith((".csv", ".toml")):
            first = table.read_text(encoding="utf-8").splitlines()[0]
            assert first.startswith("# "), table.name
            assert "Edition" in first, table.name

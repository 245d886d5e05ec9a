"""The example of the package's docstring is run as it stands."""

import doctest

import factordb.uncertainty


def test_the_example_is_true() -> None:
    found = doctest.testmod(factordb.uncertainty)
    assert found.attempted >= 10
    assert found.failed == 0

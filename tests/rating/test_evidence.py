"""Evidence columns: missing stays missing, codes come from closed vocabularies, years by the calendar."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from factordb.errors import StatementError
from factordb.model.vocabulary import Basis, Tier
from factordb.rating import TIERS, Found, Known, Place, Technology, begun_years_after, codes_of, gathered


def test_a_column_that_is_not_given_is_missing_everywhere() -> None:
    evidence = gathered(2)

    assert len(evidence) == 2
    assert np.isnan(evidence.age_years).all()
    assert np.isnan(evidence.relative_sd).all()
    assert evidence.technology.tolist() == [Technology.UNKNOWN] * 2
    assert evidence.verified.tolist() == [Known.UNKNOWN] * 2
    assert evidence.tier.tolist() == [-1, -1]
    assert evidence.basis.tolist() == [list(Basis).index(Basis.NONE)] * 2


def test_masked_entries_are_missing_and_columns_are_read_only_copies() -> None:
    years = np.ma.masked_array([1.0, 2.0], mask=[False, True])
    verified = np.ma.masked_array([1, 1], mask=[True, False])
    evidence = gathered(2, age_years=years, verified=verified)
    years[0] = 9

    assert evidence.age_years[0] == 1
    assert np.isnan(evidence.age_years[1])
    assert evidence.verified.tolist() == [Known.UNKNOWN, Known.YES]
    with pytest.raises(ValueError, match="read-only"):
        evidence.age_years[0] = 3


def test_rows_are_chosen_by_position_or_mask() -> None:
    evidence = gathered(3, age_years=[1, 2, 3])

    assert evidence.rows(2).age_years.tolist() == [3]
    assert evidence.rows(np.array([True, False, True])).age_years.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"technology": [1, 9]}, "technology of row 2"),
        ({"place": [1.5, 1]}, "place of row 1"),
        ({"verified": [1, 7]}, "verified of row 2"),
        ({"tier": [np.nan, 1]}, "tier of row 1"),
        ({"age_years": [1, 2, 3]}, "age_years has shape"),
        ({"quality": [1, 2]}, "quality"),
    ],
)
def test_what_no_vocabulary_has_is_refused_with_the_row(columns: dict[str, list[float]], named: str) -> None:
    with pytest.raises(StatementError) as caught:
        gathered(2, **columns)

    assert named in caught.value.problem
    assert caught.value.problem_zh
    assert caught.value.remedy_zh


def test_words_become_codes_and_unknown_words_stay_unknown() -> None:
    assert codes_of(Tier, ["official", None, "hearsay"]).tolist() == [TIERS.index(Tier.OFFICIAL), -1, -1]
    assert codes_of(Found, ["matched", "ambiguous", None]).tolist() == [Found.MATCHED, Found.UNKNOWN, Found.UNKNOWN]
    assert codes_of(Place, ["world", "same"]).tolist() == [Place.WORLD, Place.SAME]
    assert codes_of(Known, ["yes", "no", None]).tolist() == [1, 0, -1]
    assert codes_of(Basis, [None, "reported"]).tolist() == [list(Basis).index(Basis.NONE), 0]
    assert codes_of(Tier, pa.chunked_array([["estimated"], ["official"]])).tolist() == [5, 1]
    assert codes_of(Tier, []).tolist() == []


@pytest.mark.parametrize(
    ("last_day", "years"),
    [
        ("2026-11-26", 0),
        ("2026-11-25", 1),
        ("2025-11-26", 1),
        ("2025-11-25", 2),
        ("2024-12-31", 2),
        ("2024-11-26", 2),
        ("2024-02-29", 3),
        ("2027-01-01", 0),
        ("2028-01-01", -1),
        ("NaT", np.nan),
    ],
)
def test_years_begin_the_day_after_and_on_each_anniversary(last_day: str, years: float) -> None:
    found = begun_years_after(np.array([last_day], "datetime64[D]"), date(2026, 11, 26))

    np.testing.assert_array_equal(found, [years])

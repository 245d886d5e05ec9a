"""Classes, precision and completeness on their published limits (ILCD Handbook, annex on data quality)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.rating import completeness_score, precision_score, scheme


@pytest.mark.parametrize(
    ("cv_percent", "score"),
    [
        (2.98, 1),  # clinker
        (7, 1),
        (7.0001, 2),
        (8.9, 2),  # primary aluminium
        (10, 2),
        (12.2258225324028, 3),  # BOF steel
        (15, 3),
        (18.6, 4),  # power coal
        (25, 4),
        (25.01, 5),
        (376.9, 5),  # valve CH4
    ],
)
def test_official_cvs_on_the_precision_scale(cv_percent: float, score: int) -> None:
    assert precision_score([cv_percent / 100]).tolist() == [score]


def test_a_limit_counts_as_met_however_the_fraction_was_reached() -> None:
    """0.07 × 100 is 7.000000000000001 in binary; 2.1 / 30 is 0.07."""
    assert precision_score([0.07, 2.1 / 30, 0.1, 0.3 / 3, 0.15, 0.25]).tolist() == [1, 1, 2, 2, 3, 4]


@pytest.mark.parametrize("nothing", [np.nan, 0.0, -0.1, np.inf])
def test_a_degenerate_spread_has_no_precision(nothing: float) -> None:
    assert np.isnan(precision_score([nothing])).all()


@pytest.mark.parametrize(
    ("percent", "score"), [(100, 1), (95, 1), (94.9, 2), (85, 2), (75, 3), (74.9, 4), (50, 4), (49.9, 5), (0, 5)]
)
def test_completeness_classes(percent: float, score: int) -> None:
    assert completeness_score([percent / 100]).tolist() == [score]


@pytest.mark.parametrize("nothing", [np.nan, -0.01, 1.01, 95.0])
def test_a_share_outside_0_to_1_has_no_completeness(nothing: float) -> None:
    assert np.isnan(completeness_score([nothing])).all()


@settings(max_examples=60)
@given(st.lists(st.floats(1e-6, 10), min_size=2, max_size=2))
def test_wider_is_never_more_precise_and_fuller_never_less_complete(pair: list[float]) -> None:
    low, high = sorted(pair)

    assert precision_score(low) <= precision_score(high)
    assert completeness_score(low / 10) >= completeness_score(high / 10)


def test_scores_of_a_criterion_by_name() -> None:
    scores = scheme("ilcd").given([[1, 2, 3, 4, 5, 1]])

    assert scores.of("c").tolist() == [4]
    with pytest.raises(StatementError, match="no criterion"):
        scores.of("beauty")

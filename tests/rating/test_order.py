"""Order of sources of clause (五) and the choice between candidates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.model.vocabulary import Tier
from factordb.rating import TIERS, Known, prefer, proven_tier, tier_rank
from factordb.rating.order import with_signatures

T = {tier: position for position, tier in enumerate(TIERS)}


def _ranks(verified: int, levels: list[str | None] | None = None) -> dict[Tier, int]:
    tiers = list(T.values())
    found = tier_rank(tiers, [verified] * len(tiers), levels)
    return {tier: int(rank) for tier, rank in zip(TIERS, found, strict=True)}


def test_order_of_clause_5() -> None:
    rank = _ranks(Known.YES)

    assert rank[Tier.MEASURED_VERIFIED] < rank[Tier.OFFICIAL] < rank[Tier.INDUSTRY] < rank[Tier.LITERATURE]
    assert rank[Tier.LITERATURE] < rank[Tier.ESTIMATED]
    assert rank[Tier.MEASURED_VERIFIED] == 1


@pytest.mark.parametrize("verified", [Known.NO, Known.UNKNOWN])
def test_measured_does_not_win_by_its_label(verified: int) -> None:
    """Domain notes, section 3; below T3 a measured claim counts as industry experience."""
    rank = _ranks(verified)

    assert rank[Tier.MEASURED_VERIFIED] == rank[Tier.MEASURED_UNVERIFIED] == rank[Tier.INDUSTRY]
    assert rank[Tier.OFFICIAL] < rank[Tier.MEASURED_VERIFIED]
    assert proven_tier([T[Tier.MEASURED_VERIFIED]], [verified]).tolist() == [T[Tier.MEASURED_UNVERIFIED]]


@pytest.mark.parametrize(
    ("level", "verified", "rank"),
    [
        ("T0", Known.NO, 4),
        ("T2", Known.NO, 4),
        ("T3", Known.NO, 3),  # below official (2), above industry (4)
        ("T4", Known.YES, 1),
        ("T4", Known.NO, 4),  # a level without its verification is no first place
        (None, Known.NO, 4),
        ("T9", Known.NO, 4),
    ],
)
def test_unverified_measurement_ranks_where_its_evidence_puts_it(level: str | None, verified: int, rank: int) -> None:
    rows = [T[Tier.MEASURED_UNVERIFIED], T[Tier.OFFICIAL]]

    assert tier_rank(rows, [verified] * 2, [level] * 2).tolist() == [rank, 2]


def test_a_verified_label_with_a_lower_level_ranks_by_the_level() -> None:
    assert tier_rank([T[Tier.MEASURED_VERIFIED]] * 2, [Known.YES] * 2, ["T1", "T4"]).tolist() == [4, 1]


def test_an_unknown_kind_of_source_comes_last() -> None:
    assert tier_rank([-1, T[Tier.ESTIMATED]], [Known.YES] * 2)[0] > 6


def test_the_rank_decides_before_everything_else() -> None:
    """One key: literature, excellent and new, against an official value, fair and old."""
    chosen = prefer(["k", "k"], [5, 2], [1.0, 3.0], [0.01, 0.9], [2026, 2010])

    assert chosen.winner.tolist() == [1]
    assert chosen.of_row.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("dqr", "width", "year", "winner"),
    [
        ([2.0, 1.5], [0.1, 0.9], [2026, 2010], 1),
        ([2.0, np.nan], [0.9, 0.1], [2010, 2026], 0),  # missing comes after everything known
        ([2.0, 2.0], [0.2, 0.1], [2026, 2010], 1),
        ([2.0, 2.0], [np.nan, 0.9], [2026, 2010], 1),
        ([2.0, 2.0], [0.1, 0.1], [2023, 2024], 1),
        ([2.0, 2.0], [0.1, 0.1], [np.nan, 1990], 1),
        ([2.0, 2.0], [0.1, 0.1], [2024, 2024], 0),
    ],
)
def test_ties_of_rank(dqr: list[float], width: list[float], year: list[float], winner: int) -> None:
    assert prefer(["k", "k"], [2, 2], dqr, width, year).winner.tolist() == [winner]


def test_keys_are_apart_and_in_order_of_first_appearance() -> None:
    chosen = prefer(["b", "a", "b", "a", "c"], [2, 4, 1, 2, 9], [1.0] * 5, [0.1] * 5, [2024] * 5)

    assert chosen.winner.tolist() == [2, 3, 4]
    assert chosen.of_row.tolist() == [2, 3, 2, 3, 4]


def test_nothing_competes_for_nothing() -> None:
    chosen = prefer(np.array([], dtype=np.int64), [], [], [], [])

    assert chosen.winner.shape == chosen.of_row.shape == (0,)


def test_columns_of_one_length() -> None:
    with pytest.raises(StatementError, match="differ in length"):
        prefer(["k", "k"], [1], [1.0, 1.0], [0.1, 0.1], [2024, 2024])


@settings(max_examples=50)
@given(st.permutations(range(8)))
def test_with_names_the_choice_does_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    names = np.array([f"id-{i}" for i in range(8)])
    keys = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    rank = np.array([2, 2, 2, 4, 1, 1, 2, 2])
    flat = np.full(8, 2.0)
    at = np.array(order)
    chosen = prefer(keys[at], rank[at], flat, flat, flat, names[at])

    assert {str(names[at][row]) for row in chosen.winner} == {"id-0", "id-4"}


def test_results_signed_by_their_laboratory_stand_higher_among_equals_and_cross_no_rank() -> None:
    ranks = with_signatures([1, 1, 2], [0.2, 1.0, 1.0])

    assert list(np.argsort(ranks)) == [1, 0, 2]
    assert list(with_signatures([1, 3], [np.nan, np.nan])) == [1.0, 3.0]


def test_measured_data_rank_by_their_level_below_official_data_at_t3_and_as_industry_below() -> None:
    tiers = [T[Tier.OFFICIAL], T[Tier.MEASURED_UNVERIFIED], T[Tier.MEASURED_UNVERIFIED], T[Tier.INDUSTRY]]
    ranks = tier_rank(tiers, [Known.NO] * 4, [None, "T3", "T2", None])

    assert list(ranks) == [2, 3, 4, 4]

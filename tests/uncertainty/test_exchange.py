"""Round trips through stats_arrays' flat records and ILCD's columns; stats_arrays itself as the reader."""

import numpy as np
import pytest

from factordb.uncertainty import making
from factordb.uncertainty.assumptions import Reason
from factordb.uncertainty.distributions import concatenate
from factordb.uncertainty.exchange import from_ilcd, from_stats_arrays, to_ilcd, to_stats_arrays

HELD = concatenate(
    [
        making.constant(3.0), making.lognormal(0.4, 0.3), making.lognormal(0.4, 0.3, 0.0, -1.0),
        making.normal(2.0, 0.3),
        making.truncated_normal(1.0, 0.5), making.uniform(-1.0, 3.0), making.triangular(0.8, 1.0, 1.5),
        making.weibull(1.7, 2.0, 0.5), making.gamma(2.5, 0.4, 1.0), making.beta(2.0, 3.0, 1.0, 4.0),
        making.student_t(5.0, 2.0, 6.0),
    ]
)  # fmt: skip
NOT_HELD = concatenate(
    [making.lognormal(0.4, 0.3, 1.0), making.trapezoid(1.0, 2.0, 2.5, 5.0), making.empirical([[1.0, 2.0]])]
)


def test_stats_arrays_round_trip() -> None:
    written = to_stats_arrays(HELD)
    assert not written.lost.any()
    again = from_stats_arrays(written.records)
    assert again.reasons.tolist() == ["none"] * len(HELD)
    assert np.array_equal(again.distributions.codes, HELD.codes)
    assert np.array_equal(again.distributions.parameters, HELD.parameters)


def test_what_stats_arrays_cannot_hold_is_lost_as_a_value() -> None:
    written = to_stats_arrays(NOT_HELD)
    assert written.lost.all()
    assert written.records["uncertainty_type"].tolist() == [0, 0, 0]
    assert from_stats_arrays(written.records).reasons.tolist() == [Reason.NO_STATEMENT.value] * 3


def test_stats_arrays_reads_the_same_quantiles() -> None:
    """Their quantile functions of our records are our quantiles; they exchange the tails of a negative log-normal."""
    stats_arrays = pytest.importorskip("stats_arrays")
    records = to_stats_arrays(HELD).records
    u = np.array([0.025, 0.5, 0.975])
    ours = HELD.ppf(u[None, :])
    types = {one.id: one for one in stats_arrays.uncertainty_choices}
    wanted = stats_arrays.UncertaintyBase.from_dicts({"uncertainty_type": 1, "loc": 1.0}).dtype
    for row in (1, 2, 3, 5, 6, 9):  # the cut normal is read as a whole one, three types have no quantiles there
        theirs = types[int(records["uncertainty_type"][row])].ppf(records[[row]].astype(wanted), u.reshape(1, -1))
        expected = ours[row][::-1] if records["negative"][row] else ours[row]
        assert theirs.ravel() == pytest.approx(expected, rel=1e-6), row


def test_pert_records_are_read_as_beta() -> None:
    records = to_stats_arrays(making.uniform(0.0, 10.0)).records
    records["uncertainty_type"], records["loc"] = 13, 3.0
    found = from_stats_arrays(records).distributions
    assert np.array_equal(found.parameters, making.pert(0.0, 3.0, 10.0).parameters)


def test_impossible_and_unknown_records_are_refused() -> None:
    records = to_stats_arrays(concatenate([making.uniform(0.0, 1.0)] * 3)).records
    records["maximum"][0], records["uncertainty_type"][1], records["uncertainty_type"][2] = -1.0, 11, 200
    found = from_stats_arrays(records)
    assert found.reasons.tolist() == [Reason.OUT_OF_ORDER.value, Reason.UNKNOWN_KIND.value, Reason.UNKNOWN_KIND.value]
    assert np.isnan(found.distributions.mean()).all()


def test_ilcd_round_trip() -> None:
    """Domain notes 5: GSD² for log-normal, 2·SD for normal, empty for triangular and uniform."""
    given = concatenate(
        [
            making.lognormal_from_cv(96.2, 0.12226),
            making.normal(5.0, 0.25),
            making.triangular(1.0, 2.0, 6.0),
            making.uniform(1.0, 3.0),
        ]
    )
    names, spread = to_ilcd(given)
    assert names.tolist() == ["log-normal", "normal", "triangular", "uniform"]
    assert spread == pytest.approx([1.276, 0.5, np.nan, np.nan], nan_ok=True)
    low, high = given.support()
    again = from_ilcd(names, given.mean(), spread, low, high)
    assert again.reasons.tolist() == ["none"] * 4
    assert np.array_equal(again.distributions.codes, given.codes)
    assert again.distributions.mean() == pytest.approx(given.mean(), rel=1e-12)
    assert again.distributions.sd() == pytest.approx(given.sd(), rel=2e-3)  # three decimals of GSD²
    assert to_ilcd(again.distributions)[1] == pytest.approx(spread, nan_ok=True)


def test_ilcd_has_no_name_for_the_others() -> None:
    names, spread = to_ilcd(NOT_HELD)
    assert names.tolist() == ["undefined"] * 3
    assert np.isnan(spread).all()
    refused = from_ilcd(["undefined", "log-normal"], [1.0, 1.0], [np.nan, 0.9])
    assert refused.reasons.tolist() == [Reason.NO_STATEMENT.value, Reason.GSD_NOT_ABOVE_ONE.value]

"""Non-detects against Helsel's Oahu arsenic data and by hand."""

from math import exp, isnan, sqrt

import numpy as np
import pytest

from factordb.errors import StatementError
from factordb.uncertainty.nondetects import kaplan_meier, mle, ros, substitution

# Helsel 2012, arsenic in Manoa stream, Oahu, micrograms per litre: (reading or limit, below)
OAHU = (
    *[(1.0, True)] * 4,
    *[(2.0, True)] * 8,
    (0.9, True),
    *[(value, False) for value in (1.7, 3.2, 2.8, 0.7, 0.9, 0.5, 0.5, 0.5, 0.7, 0.6, 1.5)],
)
VALUES = np.array([value for value, _ in OAHU])
BELOW = np.array([below for _, below in OAHU])


def test_oahu_has_thirteen_of_twenty_four_below() -> None:
    assert (VALUES.size, int(BELOW.sum())) == (24, 13)


def test_oahu_ros() -> None:
    """Published with NADA: mean 0.972, standard deviation 0.718."""
    found = ros(VALUES, BELOW)
    assert round(found.mean, 3) == 0.972
    assert round(found.sd, 3) == 0.718
    assert found.nondetects == 13
    assert not found.substituted


def test_oahu_maximum_likelihood() -> None:
    """Published with NADA: mean 0.945, standard deviation 0.656."""
    found = mle(VALUES, BELOW)
    assert round(found.mean, 3) == 0.945
    assert round(found.sd, 3) == 0.656


def test_kaplan_meier_by_hand() -> None:
    """Readings 5, 3, <4, 2, 1, 6 (one below 4).

    P(X<6) = 5/6, P(X<5) = 4/6; <4 leaves; P(X<3) = 4/6·2/3 = 4/9, P(X<2) = 2/9, P(X<1) = 0.
    Masses: 6: 1/6, 5: 1/6, 3: 2/9, 2: 2/9, 1: 2/9. Mean = 11/6 + 6·2/9 = 19/6.
    """
    found = kaplan_meier([5, 3, 4, 2, 1, 6], [False, False, True, False, False, False])
    assert found.mean == pytest.approx(19 / 6)
    assert found.sd == pytest.approx(sqrt((25 + 36) / 6 + 14 * 2 / 9 - (19 / 6) ** 2))


def test_without_nondetects_every_method_is_the_plain_one() -> None:
    values = [1.0, 2.0, 4.0, 7.0]
    nothing = [False] * 4
    mean, n = 3.5, 4
    sd = sqrt((2.5**2 + 1.5**2 + 0.5**2 + 3.5**2) / 3)
    assert substitution(values, nothing).mean == pytest.approx(mean)
    assert not substitution(values, nothing).substituted
    assert ros(values, nothing).mean == pytest.approx(mean)
    assert ros(values, nothing).sd == pytest.approx(sd)
    km = kaplan_meier(values, nothing)
    assert km.mean == pytest.approx(mean)
    assert km.u_mean == pytest.approx(sd / sqrt(n))  # Greenwood's formula then is s/√n
    fitted = mle(values, nothing)
    logs = np.log(values)
    assert fitted.log_mean == pytest.approx(logs.mean(), rel=1e-9)
    assert fitted.log_sd == pytest.approx(logs.std(), rel=1e-9)
    # Cox: variance of ln of the mean is σ²/n + σ⁴/(2n)
    cox = sqrt(logs.var() / n + logs.var() ** 2 / (2 * n))
    assert fitted.u_mean == pytest.approx(fitted.mean * cox, rel=1e-8)


def test_methods_recover_a_censored_lognormal() -> None:
    """2,000 readings of a log-normal (0, 0.8), limit at its 40 % quantile; mean exp(0.32)."""
    rng = np.random.Generator(np.random.PCG64DXSM(9))
    values = np.exp(0.8 * rng.standard_normal(2000))
    limit = float(np.quantile(values, 0.4))
    below = values < limit
    readings = np.where(below, limit, values)
    truth = exp(0.32)
    by_ros, by_mle = ros(readings, below, resamples=50), mle(readings, below)
    assert by_ros.mean == pytest.approx(truth, rel=0.05)
    assert by_mle.mean == pytest.approx(truth, rel=0.05)
    assert by_mle.log_sd == pytest.approx(0.8, rel=0.06)
    assert by_mle.u_mean == pytest.approx(truth * sqrt(0.64 / 2000 + 0.64**2 / 4000), rel=0.3)
    assert by_ros.u_mean == pytest.approx(values.std() / sqrt(2000), rel=0.4)


def test_substitution_is_flagged_and_resampling_is_reproducible() -> None:
    values, below = [1.0, 2, 3, 4, 5, 6, 7, 8], [True] + [False] * 7
    assert substitution(values, below).substituted
    assert substitution(values, below).mean == pytest.approx(35.5 / 8)
    assert substitution(values, below, fraction=0).mean == pytest.approx(35 / 8)
    assert ros(VALUES, BELOW, seed=3).u_mean == ros(VALUES, BELOW, seed=3).u_mean
    assert isnan(ros(VALUES, BELOW, resamples=0).u_mean)


@pytest.mark.parametrize(("method", "share"), [(substitution, 0.2), (kaplan_meier, 0.6), (ros, 0.85), (mle, 0.85)])
def test_too_many_nondetects_are_refused(method: object, share: float) -> None:
    n = 20
    below = np.arange(n) < share * n
    with pytest.raises(StatementError, match="non-detects"):
        method(np.linspace(1, 2, n), below)  # type: ignore[operator]  # parametrised over functions


@pytest.mark.parametrize("method", [ros, mle])
def test_lognormal_methods_refuse_zero_limits(method: object) -> None:
    with pytest.raises(StatementError, match="log-normal"):
        method([0.0, 1, 2, 3], [True, False, False, False])  # type: ignore[operator]  # as above


def test_too_few_detected_are_refused() -> None:
    with pytest.raises(StatementError, match="different values"):
        mle([1.0, 2, 2, 2], [True, False, False, False])
    with pytest.raises(StatementError):
        ros([1.0, 2, 3], [True, False])
    with pytest.raises(StatementError):
        substitution([1.0, 2, 3], [False] * 3, fraction=2)

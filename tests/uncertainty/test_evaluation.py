"""Evaluation of model files against the figures they carry, and what it promises."""

from pathlib import Path

import numpy as np
import pytest

from factordb.errors import StatementError
from factordb.uncertainty.evaluation import evaluate
from factordb.uncertainty.evaluation_report import evaluation_report, report_on
from factordb.uncertainty.model_file import read_model

EXAMPLES = Path(__file__).parents[2] / "data" / "uncertainty_examples"
SUM = """
expression = "a + b"
[inputs.a]
family = "uniform"
low = 0
high = 1
[inputs.b]
family = "uniform"
low = 0
high = 1
"""


def example(name: str) -> str:
    return (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")


def test_mass_calibration_is_judged_as_in_jcgm_101() -> None:
    """9.3: the law of propagation fails at first order and is validated at second."""
    found = evaluate(read_model(example("jcgm101_9_3")))
    assert found.verdict is not None
    assert found.verdict2 is not None
    assert not found.verdict.validated
    assert found.verdict2.validated
    assert found.audit.delta == 0.005
    assert found.tolerance < 0.01
    total = {index.name: index.total for index in found.sobol}
    assert total["m_Rc"] == pytest.approx(0.0025 / 0.07547974**2, rel=0.01)
    # the product term of rho_a and rho_W: its share is what neither the sum nor first order sees
    assert total["rho_a"] == pytest.approx((0.07547974**2 - 0.0029) / 0.07547974**2, rel=0.02)


def test_sum_of_two_rectangulars_is_the_triangle() -> None:
    found = evaluate(read_model(SUM))
    half = 1 - np.sqrt(0.05)
    assert found.symmetric[0].value == pytest.approx(1 - half, abs=2e-3)
    assert found.shortest[1].value == pytest.approx(1 + half, abs=0.01)
    assert found.u.value == pytest.approx(np.sqrt(1 / 6), rel=1e-4)
    assert [round(index.first, 2) for index in found.sobol] == [0.5, 0.5]
    assert found.audit.converged


def test_the_stated_tolerance_covers_the_error() -> None:
    """Four standard normals, exact ends ±3.9199: the error of the ends within three stated standard errors."""
    found = evaluate(read_model(example("jcgm101_9_2_2")))
    for low, high in (found.symmetric, found.shortest):
        for end, exact in ((low, -3.9199279690801085), (high, 3.9199279690801085)):
            assert abs(end.value - exact) < 3 * end.error


def test_same_seed_same_result() -> None:
    first, again = evaluate(read_model(SUM)), evaluate(read_model(SUM))
    assert (first.u, first.shortest, first.audit.y) == (again.u, again.shortest, again.audit.y)
    other = evaluate(read_model(f"seed = 2\n{SUM}"))
    assert other.symmetric != first.symmetric


def test_correlation_reaches_both_calculations() -> None:
    """a + b, uniform, r = 0.9: u² = (2 + 1.8)/12."""
    tied = SUM + '[[correlation]]\ninputs = ["a", "b"]\ncoefficient = 0.9\n'
    found = evaluate(read_model(tied))
    assert found.gum is not None
    assert found.gum.u == pytest.approx(np.sqrt(3.8 / 12))
    assert found.u.value == pytest.approx(np.sqrt(3.8 / 12), rel=2e-3)
    assert found.sobol == ()
    assert "correlated" in {note.key for note in report_on(found).notes}


def test_an_undefined_derivative_leaves_the_distributions() -> None:
    report = evaluation_report('expression = "abs(a)"\n[inputs.a]\nfamily = "normal"\nmean = 0\nsd = 1\n')
    assert {row["method"] for row in report.tables["methods"]} == {"audit"}
    assert "no_derivative" in {note.key for note in report.notes}
    assert report.facts["value"] == pytest.approx(np.sqrt(2 / np.pi), rel=1e-4)


def test_undefined_values_are_refused_not_dropped() -> None:
    with pytest.raises(StatementError, match="undefined at"):
        evaluate(read_model('expression = "log(a)"\n[inputs.a]\nfamily = "normal"\nmean = 1\nsd = 1\n'))


def test_a_report_has_a_budget_and_a_plot_in_both_languages() -> None:
    report = evaluation_report(example("jcgm101_9_3"))
    budget = {row["input"]: row for row in report.tables["budget"]}
    assert budget["m_Rc"]["share"] == pytest.approx(0.0025 / 0.0029)
    assert budget["rho_W"]["unit"] == "kg/m3"
    assert "质量校准" in report.plots["zh"]
    assert "mass calibration" in report.plots["en"]
    assert [row["clause8"] for row in report.tables["methods"]] == [False, True, None]


def test_a_finer_tolerance_takes_more_nets() -> None:
    normals = example("jcgm101_9_2_2")
    coarse, fine = evaluate(read_model(normals)), evaluate(read_model(f"tolerance = 0.003\n{normals}"))
    assert fine.tolerance <= 0.003 < coarse.tolerance
    assert fine.shortest[0].error < coarse.shortest[0].error


def test_plain_draws_agree_with_nets_within_their_tolerances() -> None:
    nets, plain = (evaluate(read_model(f'method = "{method}"\n{SUM}')) for method in ("nets", "plain"))
    assert plain.symmetric != nets.symmetric
    for one, other in zip(plain.symmetric, nets.symmetric, strict=True):
        assert abs(one.value - other.value) < 4 * np.hypot(one.error, other.error)


def test_what_could_not_be_settled_is_said() -> None:
    report = evaluation_report(f"tolerance = 1e-6\n{SUM}")
    assert "unsettled_result" in {note.key for note in report.notes}
    assert report.facts["tolerance"] > 1e-6

"""The uncertainty of candidates: which statement counts, what is derived, and that no row is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from factordb.model.vocabulary import Basis
from factordb.stages import uncertain
from factordb.stages.uncertain import default_sigmas, simulate_candidates
from factordb.store.appraisal import AppraisalFile, appraisal_file
from factordb.store.ddl import create_table
from factordb.store.library_file import APPRAISAL_TABLES
from factordb.store.staging import TABLES

SEED = 20260101
Candidate = dict[str, Any]
Outcome = dict[str, dict[str, Any]]


@pytest.fixture
def work(tmp_path: Path) -> Iterator[AppraisalFile]:
    """Yield an appraisal's file with empty tables; only the columns of the stage need be filled."""
    with appraisal_file(tmp_path / "appraisal.duckdb") as file:
        made = {**TABLES, **APPRAISAL_TABLES}
        file.execute(create_table(model, name).replace(" NOT NULL", "") for name, model in made.items())
        yield file


@pytest.fixture
def appraised(work: AppraisalFile) -> Callable[..., Outcome]:
    """Return a function from candidates by name, and inputs, to their rows of uncertainty by name."""

    def run(candidates: dict[str, Candidate], inputs: list[Candidate] | None = None) -> Outcome:
        rows = [
            {"candidate_id": name, "batch_id": "b", "kind": "factor", "tier": "industry", "statement": "none", **one}
            for name, one in candidates.items()
        ]
        names = dict.fromkeys(key for row in rows for key in row)
        work.append("candidate", pa.table({name: [row.get(name) for row in rows] for name in names}))
        if inputs:
            work.append("recipe_input", pa.Table.from_pylist(inputs))
        simulate_candidates(work, SEED, lambda _step, _done, _total: None)
        return {row["candidate_id"]: row for row in work.table("SELECT * FROM uncertainty").to_pylist()}

    return run


def recipe(candidate: str, **inputs: tuple[float | None, float | None]) -> list[Candidate]:
    """Return rows of recipe inputs by name: value and CV in per cent."""
    return [
        {"candidate_id": candidate, "name": name, "value_text": str(value), "value": value, "cv_percent": cv}
        for name, (value, cv) in inputs.items()
    ]


def test_golden_case_of_coal(work: AppraisalFile, appraised: Callable[..., Outcome]) -> None:
    """Domain notes 5: 96.2 tCO2/TJ (CV 3.4 %) × 176.4 TJ/10⁴ t (CV 18.3 %) has CV 18.62 %."""
    found = appraised(
        {"coal": {"value": 96.2 * 176.4, "expression": "ef * ncv"}},
        recipe("coal", ef=(96.2, 3.4), ncv=(176.4, 18.3)),
    )["coal"]
    assert found["cv"] == pytest.approx(0.18624, abs=5e-6)
    assert (found["basis"], found["family"], found["method"], found["seed"]) == ("derived", "lognormal", "closed", None)
    assert found["sigma"] == pytest.approx(np.sqrt(np.log1p(found["cv"] ** 2)))
    shares = {row["input"]: row["share"] for row in work.table("SELECT * FROM contribution").to_pylist()}
    assert shares == {"ef": pytest.approx(0.0333, abs=1e-4), "ncv": pytest.approx(0.9656, abs=1e-4)}


def test_what_is_stated_counts_before_the_default(appraised: Callable[..., Outcome]) -> None:
    """Reported spreads keep their kind; the default is labelled; a refused statement is named beside it."""
    found = appraised({
        "cv": {"value": 2.0, "statement": "cv_percent", "cv_percent": 12.226},
        "bounds": {"value": 3.0, "statement": "bounds95", "bound_low": 1.0, "bound_high": 10.0},
        "range": {"value": 15.0, "statement": "range", "value_low": 10.0, "value_high": 20.0},
        "silent": {"value": 2.0},
        "wrong": {"value": 2.0, "statement": "cv_percent", "cv_percent": 0.0},
    })  # fmt: skip
    assert {name: row["basis"] for name, row in found.items()} == {
        "cv": "reported", "bounds": "reported", "range": "reported", "silent": "default", "wrong": "default",
    }  # fmt: skip
    assert found["cv"]["sigma"] == pytest.approx(np.log(1.276) / 2, rel=3e-3)
    assert (found["bounds"]["low95"], found["bounds"]["high95"]) == (pytest.approx(1.0), pytest.approx(10.0))
    assert (found["range"]["family"], found["range"]["assumption"]) == ("uniform", "range_uniform")
    assert found["wrong"]["assumption"] == "pedigree_mean; refused cv_percent not_positive"
    assert found["silent"]["sigma"] == found["wrong"]["sigma"]
    sigmas = default_sigmas().to_pylist()
    assert found["silent"]["sigma"] in {row["default_sigma"] for row in sigmas if row["tier"] == "industry"}


def test_rows_without_a_result_carry_a_reason_and_no_number(appraised: Callable[..., Outcome]) -> None:
    """Zero, a tier without a default, a recipe that is not read, lacks an input or gives another value."""
    found = appraised(
        {
            "zero": {"value": 0.0},
            "no_default": {"value": 1.0, "tier": "nobody"},
            "unread": {"value": 2.0, "expression": "a *"},
            "lacking": {"value": 2.0, "expression": "a * c"},
            "other": {"value": 9.0, "expression": "a * b"},
        },
        [row for name in ("unread", "lacking", "other") for row in recipe(name, a=(2.0, 5.0), b=(1.0, 5.0))],
    )
    assert {name: row["reason"] for name, row in found.items()} == {
        "zero": "value_zero", "no_default": "no_statement", "unread": "bad_expression",
        "lacking": "input_missing", "other": "value_differs",
    }  # fmt: skip
    for row in found.values():
        assert row["basis"] == Basis.NONE
        assert [row[name] for name in ("mean", "sd", "low95", "shortest_high95", "method", "precision")] == [None] * 6


def test_a_recipe_with_an_unstated_input_is_not_derived(appraised: Callable[..., Outcome]) -> None:
    """Leaving a spread out would make the interval too narrow: the declared default stands instead."""
    found = appraised(
        {"half": {"value": 2.0, "expression": "a * b"}, "exact": {"value": 2.0, "expression": "a * b"}},
        [*recipe("half", a=(2.0, 5.0), b=(1.0, None)), *recipe("exact", a=(2.0, 5.0), b=(1.0, 0.0))],
    )
    assert (found["half"]["basis"], found["exact"]["basis"]) == ("default", "derived")
    assert found["exact"]["cv"] == pytest.approx(0.05)


def test_sums_are_propagated_by_a_method_that_says_its_error(appraised: Callable[..., Outcome]) -> None:
    """A sum of log-normals has no closed form; the published value stays the mean."""
    found = appraised(
        {"sum": {"value": 3.01, "expression": "a + b"}}, recipe("sum", a=(2.0, 20.0), b=(1.0, 40.0))
    )["sum"]  # fmt: skip
    assert found["mean"] == pytest.approx(3.01)
    assert found["cv"] == pytest.approx(np.sqrt(2) * 0.4 / 3)
    assert 0 < found["tolerance"] <= uncertain.TOLERANCE
    assert (found["method"], found["family"], found["seed"]) == ("fourier", "propagated", None)
    assert found["low95"] < found["shortest_high95"] < found["high95"]


def test_no_row_is_lost_and_blocks_change_nothing(
    work: AppraisalFile, appraised: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand candidates in blocks of 64: as many rows, alike to one block's."""
    candidates = {
        f"c{i:04}": {"value": 1.0 + i % 7, "statement": "cv_percent" if i % 3 else "none", "cv_percent": 5.0 + i % 20}
        for i in range(1000)
    }
    whole = appraised(candidates)
    monkeypatch.setattr(uncertain, "BLOCK", 64)
    work.execute(["DELETE FROM uncertainty"])
    told: list[int] = []
    simulate_candidates(work, SEED, lambda _step, done, _total: told.append(done))
    assert {row["candidate_id"]: row for row in work.table("SELECT * FROM uncertainty").to_pylist()} == whole
    assert (len(whole), told[-1], len(told)) == (1000, 1000, 16)

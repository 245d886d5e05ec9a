"""Lineage through the library: factors that state their inputs, impact of a change, older read models."""

import json
from datetime import date
from pathlib import Path

import pytest

from factordb import Library, read_mapping
from factordb.errors import NotFoundError, UsageError
from tests.stages.test_stages_aggregate import AS_OF, MAPPING, _decide, _ids, _table, _take_in

AMOUNT = 0.25


@pytest.fixture
def chain(tmp_path: Path) -> tuple[Library, str, str, str]:
    """Return a library in which 丙 takes 0.25 of 乙, which takes 0.5 of 甲, and their factors."""
    opened = Library.open(tmp_path / "library", create=True)
    _take_in(opened, _table(tmp_path / "one.csv", {"甲": "2.0"}), tmp_path)
    first = _ids(opened)["甲"]
    _take_in(opened, _table(tmp_path / "two.csv", {"乙": "4.0"}, _uses(opened, first, 0.5)), tmp_path)
    second = _ids(opened)["乙"]
    _take_in(opened, _table(tmp_path / "three.csv", {"丙": "3.0"}, _uses(opened, second, AMOUNT)), tmp_path)
    return opened, first, second, _ids(opened)["丙"]


def _uses(library: Library, factor_id: str, amount: float) -> str:
    version = library.factor(factor_id)["candidate"][0]["version_id"]
    return json.dumps([{"factor_id": factor_id, "version_id": version, "role": "electricity", "amount": amount}])


def test_a_change_moves_everything_downstream(chain: tuple[Library, str, str, str]) -> None:
    library, first, second, third = chain
    rows = {row["factor_id"]: row for row in library.impact(first, 3.0).to_pylist()}
    assert set(rows) == {second, third}
    assert rows[second]["new"] == pytest.approx(4.5)
    assert rows[third]["new"] == pytest.approx(3.125)
    assert rows[second]["beyond"]  # CV 5 %: 4 ± 0.4
    assert not rows[third]["beyond"]
    assert all(row["exact"] and row["adopted"] for row in rows.values())
    assert library.impact(third, 9.0).num_rows == 0
    assert [row["role"] for row in library.lineage(third)["inputs"]] == ["electricity", "electricity"]
    with pytest.raises(NotFoundError):
        library.impact("nobody", 1.0)


def test_a_factor_that_states_its_inputs_is_stale_when_they_change(
    chain: tuple[Library, str, str, str], tmp_path: Path
) -> None:
    library, first, second, _ = chain
    assert library.stale(as_of=AS_OF) == []
    mapping = tmp_path / "plants.toml"
    pipeline, sources = read_mapping(mapping)
    library.intake(pipeline, [_table(tmp_path / "new.csv", {"甲": "2.2"})], sources=sources)
    (waits,) = library.stale(as_of=AS_OF)
    assert (waits["factor_id"], waits["reasons"][0]["code"]) == (second, "newer_waits")
    _decide(library)
    (found,) = library.stale(as_of=AS_OF)
    assert (found["factor_id"], found["reasons"][0]["code"]) == (second, "new_version")
    assert found["reasons"][0]["input_factor_id"] == first
    with pytest.raises(UsageError, match="no aggregate"):
        library.repropose(second)


def test_a_cycle_with_a_finite_solution_is_solved_and_one_without_is_named(tmp_path: Path) -> None:
    for amount, solved in ((0.5, True), (2.0, False)):
        folder = tmp_path / str(amount)
        folder.mkdir()
        library = Library.open(folder / "library", create=True)
        _take_in(library, _table(folder / "root.csv", {"根": "1.0"}), folder)
        _take_in(library, _table(folder / "one.csv", {"甲": "2.0", "乙": "2.0"}), folder)
        ids = _ids(library)
        both = [{"factor_id": ids["乙"], "amount": amount}, {"factor_id": ids["根"], "amount": 1.0}]
        _take_in(library, _table(folder / "two.csv", {"甲": "2.0"}, json.dumps(both)), folder)
        back = json.dumps([{"factor_id": ids["甲"], "amount": amount}])
        _take_in(library, _table(folder / "three.csv", {"乙": "2.0"}, back), folder)
        if solved:
            rows = {row["factor_id"]: row for row in library.impact(ids["根"], 1.75).to_pylist()}
            assert rows[ids["甲"]]["new"] == pytest.approx(3.0)  # 0.75 / (1 − 0.25)
            assert rows[ids["乙"]]["new"] == pytest.approx(2.5)
        else:
            with pytest.raises(UsageError) as fault:
                library.impact(ids["根"], 1.75)
            assert ids["甲"] in fault.value.problem
            assert ids["乙"] in fault.value.problem_zh


@pytest.mark.parametrize(
    "text", ["{}", "[{]", '[{"amount": 1}]', '[{"factor_id": "x"}]', '[{"factor_id":"x","amount":"n"}]']
)
def test_a_lineage_nobody_can_read_is_refused_at_its_cell(tmp_path: Path, text: str) -> None:
    library = Library.open(tmp_path / "library", create=True)
    mapping = tmp_path / "plants.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    pipeline, sources = read_mapping(mapping)
    path = _table(tmp_path / "bad.csv", {"甲": "1.0"}, text)
    report = library.intake(pipeline, [path], sources=sources)
    assert (report.candidates, report.refused) == (0, 1)
    (refused,) = library.refused().to_pylist()
    assert (refused["code"], refused["field"], refused["found"]) == ("FMT004", "lineage", text)


def test_another_lineage_is_another_version_of_the_same_factor(
    chain: tuple[Library, str, str, str], tmp_path: Path
) -> None:
    library, first, second, _ = chain
    before = library.factor(second)["candidate"][0]["version_id"]
    mapping = tmp_path / "plants.toml"
    pipeline, sources = read_mapping(mapping)
    path = _table(tmp_path / "again.csv", {"乙": "4.0"}, _uses(library, first, 0.6))
    library.intake(pipeline, [path], sources=sources)
    versions = {row["version_id"] for row in library.queue(text=second).to_pylist()}
    assert len(versions) == 2
    assert before in versions


def test_a_read_model_of_an_older_program_opens_without_lineage(small_library_copy: Path) -> None:
    library = Library.open(small_library_copy)
    for folder in (small_library_copy / "published").glob("v*"):
        (folder / "factor_input.parquet").unlink()
    row = library.queue().to_pylist()[0]
    assert library.factor(row["candidate_id"])["factor_input"] == []
    assert library.lineage(row["candidate_id"]) == {"inputs": [], "used_by": []}
    assert library.impact(row["candidate_id"], 9.9).num_rows == 0
    assert library.stale(as_of=AS_OF) == []
    done = library.appraise(as_of=date(2026, 11, 27), actor="tester")
    assert done is not None
    assert all((folder / "factor_input.parquet").exists() for folder in [library._published().folder])

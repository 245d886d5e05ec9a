"""The Great Expectations gate: the same rows as the SQL, on the main job's real data and on dirt."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from factordb.checks.base import Check, Registry, check, rows_that
from factordb.checks.expectations import (
    Counts,
    GateError,
    GateResult,
    as_expectation_query,
    failing_rows,
    run_gate,
    suite_of,
)
from factordb.checks.gate_page import gate_page
from factordb.checks.suite_export import export_suite
from factordb.model.vocabulary import Severity
from factordb.stages.relations import FLOWS, reference_relations
from factordb.stages.sources import as_table, register
from factordb.store.appraisal import COMPARABLE, AppraisalFile
from factordb.store.duck import opened
from factordb.store.library_file import Published
from tests.checks.asking_checks import AS_OF, REGISTRY, appraisal, ask_all, candidate
from tests.checks.test_checks_engine import dirty_rows

COUNTS = Counts(rows=60, rows_staged=55, rows_refused=5)


def findings_of(work: AppraisalFile) -> set[tuple[str, str]]:
    return set(work.connection.execute("SELECT DISTINCT code, candidate_id FROM finding").fetchall())


def keys_of(work: AppraisalFile) -> set[tuple[str, str]]:
    return set(work.connection.execute("SELECT DISTINCT code, candidate_id FROM gate_failure").fetchall())


def _keys(work: AppraisalFile, query: str) -> list[str]:
    return [row[0] for row in work.connection.execute(query).fetchall()]


def faulty(sql: str) -> Check:
    """Return a check whose SQL is as given."""

    def rule() -> str:
        """A rule made for a test."""
        return sql

    return check("VAL010", clause="test", severity=Severity.BLOCK)(rule)


def test_braces_and_colons_reach_the_database_as_written() -> None:
    asked = as_expectation_query("SELECT format('{:.6g}', 1), x::TEXT FROM t WHERE y ~ 'b{2}'")

    assert asked == (
        "SELECT f.* FROM (SELECT format('{{:.6g}}', 1), x::TEXT FROM t WHERE y ~ 'b{{2}}') f "
        "SEMI JOIN {batch} c USING (candidate_id)"
    )
    assert as_expectation_query("'(?:10)' ':name'").startswith(r"SELECT f.* FROM ('(?\:10)' '\:name'")


def test_failing_rows_need_no_findings_and_are_those_of_the_engine(tmp_path: Path) -> None:
    with appraisal(tmp_path, dirty_rows(11)) as work:
        before = {(code, key) for code in REGISTRY.codes for key in _keys(work, failing_rows(REGISTRY, code))}
        ask_all(work, REGISTRY)
        assert before == findings_of(work)
        assert len({code for code, _ in before}) > 15, "the dirt breaks many rules"


def test_the_room_imports_great_expectations_on_use_only() -> None:
    told = (
        "import sys, factordb.checks.expectations, factordb.checks.suite_export, factordb.checks.gate_page; "
        "print('great_expectations' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


@pytest.mark.slow
def test_gate_finds_the_same_rows_on_dirt(tmp_path: Path) -> None:
    with appraisal(tmp_path, dirty_rows(7)) as work:
        ask_all(work, REGISTRY)
        result = run_gate(work.connection, REGISTRY, counts=COUNTS, phase=2)

        assert keys_of(work) == findings_of(work)
        assert not result.passed
        failed = {line.code for line in result.lines if not line.success}
        assert failed == {code for code, _ in findings_of(work)}
        assert {line.code for line in result.lines} == {*REGISTRY.codes, "TABLE_ROWS", "TABLE_COLUMNS", "TABLE_BALANCE"}


@pytest.mark.slow
def test_gate_finds_the_same_rows_on_real_data(official: tuple[Published, list[str]]) -> None:
    published, batches = official
    with opened(":memory:") as connection:
        work = AppraisalFile(connection)
        work.load(published, batches)
        sources = as_table(register().values())
        work.load_reference(reference_relations(sources, AS_OF, work.table(FLOWS)["flow"].to_pylist()))
        ask_all(work, REGISTRY)
        result = run_gate(connection, REGISTRY)

        assert result.candidates > 1000
        assert keys_of(work) == {one for one in findings_of(work) if REGISTRY[one[0]].phase == 1}
        most = max(result.lines, key=lambda line: line.rows)
        assert most.rows > 200 >= len(most.examples), "keys are complete where Great Expectations shows 200"


@pytest.mark.slow
def test_a_swallowed_exception_is_an_error_of_the_gate(tmp_path: Path) -> None:
    wrong = Registry([faulty("SELECT no_such_column FROM candidate c")])
    with appraisal(tmp_path, [candidate(0, {})]) as work, pytest.raises(GateError, match=r"VAL010: .*no_such_column"):
        run_gate(work.connection, wrong, agree=False)


@pytest.mark.slow
def test_rows_that_differ_from_the_findings_are_an_error_of_the_gate(tmp_path: Path) -> None:
    with appraisal(tmp_path, [candidate(0, {"value_text": "-1"})]) as work:
        ask_all(work, REGISTRY)
        work.connection.execute("DELETE FROM finding WHERE code = 'VAL013'")
        with pytest.raises(GateError, match="VAL013: 1 candidates differ") as raised:
            run_gate(work.connection, REGISTRY)
    assert raised.value.words("zh")[0].startswith("Great Expectations 关口未能作出判断")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "counts", "broken"),
    [
        ([], Counts(0, 0, 0), {"TABLE_ROWS"}),
        ([candidate(0, {"cv_percent": 3.0, "statement": "cv_percent"})], Counts(10, 8, 1), {"TABLE_BALANCE"}),
        ([candidate(0, {"cv_percent": 3.0, "statement": "cv_percent"})], Counts(10, 9, 1), set()),
    ],
)
def test_tables_are_held_to_their_contract(
    rows: list[dict[str, Any]], counts: Counts, broken: set[str], tmp_path: Path
) -> None:
    with appraisal(tmp_path, rows) as work:
        ask_all(work, REGISTRY)
        result = run_gate(work.connection, REGISTRY, counts=counts)

    assert {line.code for line in result.lines if not line.success} == broken
    assert result.passed is not broken


@pytest.mark.slow
def test_the_suite_carries_severity_words_and_code() -> None:
    expectations = {one.meta["code"]: one for one in suite_of(REGISTRY, offline=True).expectations}

    assert set(REGISTRY.codes) - set(expectations) == {
        one.code for one in REGISTRY if one.needs_library or one.phase > 1
    }
    assert expectations["GAS003"].severity.value == "critical"
    assert expectations["TRA002"].severity.value == "warning"
    assert expectations["TIM007"].severity.value == "info"
    assert expectations["GAS003"].description.startswith("GAS003 标称 CO2e 须等于")


@pytest.mark.slow
def test_exported_suite_runs_at_the_submitters_desk(tmp_path: Path) -> None:
    sources = as_table(register().values())
    relations = reference_relations(sources, AS_OF, ["diesel"])
    written = export_suite(tmp_path / "suite", REGISTRY, relations=relations, views={"comparable": COMPARABLE})
    suite = json.loads((tmp_path / "suite" / "factordb-candidates.json").read_text(encoding="utf-8"))
    read_me = (tmp_path / "suite" / "README.md").read_text(encoding="utf-8")

    assert {path.name for path in written} == {path.name for path in (tmp_path / "suite").iterdir()}
    assert {f"{name}.parquet" for name in relations} <= {path.name for path in written}
    assert len(suite["expectations"]) == 2 + len([one for one in REGISTRY if one.phase == 1 and not one.needs_library])
    assert "FullyBufferedCursorFetchStrategy" in read_me
    assert "@" not in re.sub(r"@event", "", read_me), "no mark is left unfilled"


def stored(examples: list[Mapping[str, Any]]) -> str:
    """Return a gate result as a caller stores it."""
    from factordb.checks.expectations import GateLine  # noqa: PLC0415 - one use

    lines = (
        GateLine("TABLE_ROWS", "critical", success=True, rows=0),
        GateLine("VAL013", "critical", success=False, rows=1234, examples=tuple(examples)),
        GateLine("TRA007", "info", success=True, rows=0),
    )
    return GateResult(candidates=5000, lines=lines, raw={}).to_json()


@pytest.mark.parametrize(("lang", "words"), [("zh", "负值须声明为吸收或抵扣"), ("en", "A negative value is declared")])
def test_the_page_stands_alone_and_lets_no_text_of_the_data_through(lang: str, words: str) -> None:
    row = {"place": "t.csv!B7", "found": "<script>alert(1)</script>", "expected": "", "detail": "emission"}
    page = gate_page(stored([row] * 9), lang)

    assert words in page
    assert "1,234" in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"https?://|<script|<link|<img|url\(", page)
    assert page.count("<li>") == 5
    assert page.index("VAL013") < page.index("TABLE_ROWS"), "what failed stands first"


def test_a_result_passes_when_nothing_critical_fails() -> None:
    assert not json.loads(stored([]))["passed"]
    assert GateResult(1, (), {}).passed


def test_made_checks_differ_only_in_sql() -> None:
    assert faulty("SELECT 1").row is None
    assert rows_that("true", field="value").sql.endswith("WHERE coalesce((true), false)")

"""The Great Expectations room: the same rules as a suite, run on the staged batch through DuckDB.

The suite is the reviewable contract of a batch and its gate at the level of tables. It is made from the declarations
of the checks, asks the same SQL, and must find the same rows; where it does not, or where it fails to ask, that is
an error of the gate and never a verdict on data. Great Expectations is imported on use: it takes five seconds.
"""

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from factordb.checks.base import Check, Registry
from factordb.checks.catalogue import words_of
from factordb.errors import ExitCode, FactorDBError
from factordb.model.factor import Factor
from factordb.model.vocabulary import Severity

Connection: TypeAlias = Any
"""A DuckDB connection: it is handed in, this room makes none and does not import the library."""

SUITE = "factordb-candidates"
SHOWN = 200
"""Rows of each expectation that a result shows: what Great Expectations itself allows."""

_GRADES = {Severity.BLOCK: "critical", Severity.GAP: "warning", Severity.REVIEW: "warning", Severity.ADVISE: "info"}
_BIND = re.compile(r"(?<![:\w\\]):(?=\w)")


class GateError(FactorDBError):
    """The gate could not ask, or does not agree with the checks: no verdict follows from it."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, faults: Mapping[str, str]) -> None:
        told = "; ".join(f"{code}: {fault}" for code, fault in faults.items())
        super().__init__(
            problem=f"the Great Expectations gate failed to judge: {told}",
            remedy="the verdicts of the checks stand; run `factordb doctor` and report this with the message above",
            problem_zh=f"Great Expectations 关口未能作出判断：{told}",
            remedy_zh="各项检查的结论仍然有效；请运行 `factordb doctor`，并附上述信息报告此问题",
        )
        self.faults = dict(faults)


@dataclass(frozen=True)
class Counts:
    """Raw rows of what was taken in; in = staged + refused, always."""

    rows: int
    rows_staged: int
    rows_refused: int


@dataclass(frozen=True)
class GateLine:
    """What one expectation came to. `rows` are all failing rows, of which `examples` shows some."""

    code: str
    severity: str
    success: bool
    rows: int
    examples: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class GateResult:
    """What the gate found. Failing keys, complete, stand in the table `gate_failure` (code, candidate_id)."""

    candidates: int
    lines: tuple[GateLine, ...]
    raw: Mapping[str, Any]
    """The result of Great Expectations as it stands, JSON-ready."""

    @property
    def passed(self) -> bool:
        """Return whether nothing critical failed."""
        return all(line.success for line in self.lines if line.severity == "critical")

    def to_json(self) -> str:
        """Return everything as one JSON document, for the caller to store and for `gate_page`."""
        lines = [{**vars(line), "examples": [dict(row) for row in line.examples]} for line in self.lines]
        facts = {"suite": SUITE, "candidates": self.candidates, "passed": self.passed, "lines": lines}
        return json.dumps({**facts, "great_expectations": self.raw}, ensure_ascii=False, default=str, sort_keys=True)


def failing_rows(registry: Registry, code: str) -> str:
    """Return SQL of the rows that break one check where it is asked; needs no findings of the engine.

    The rows of what the check requires are found first, as the engine does, so that both ask the same candidates.
    """
    chain = {code, *registry.closure(code)}
    parts = []
    for one in registry.in_asking_order():
        if one.code in chain:
            stops = "".join(
                f" AND c.candidate_id NOT IN (SELECT candidate_id FROM rows_of_{stop})"
                for stop in registry.closure(one.code)
            )
            parts.append(
                f"rows_of_{one.code} AS (SELECT b.candidate_id, c.place, b.field, b.found, b.expected, b.detail "
                f"FROM ({one.sql}) b JOIN candidate c USING (candidate_id) WHERE {registry.ground(one.code)}{stops})"
            )
    return f"WITH {', '.join(parts)} SELECT * FROM rows_of_{code}"


def as_expectation_query(sql: str) -> str:
    """Return SQL as Great Expectations wants it: bound to its batch, with literal braces and colons escaped."""
    escaped = _BIND.sub(r"\\:", sql.replace("{", "{{").replace("}", "}}"))
    return f"SELECT f.* FROM ({escaped}) f SEMI JOIN {{batch}} c USING (candidate_id)"


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the warnings of Great Expectations about itself."""
    # its imports and runs warn of their own dependencies; nothing of that concerns the user's data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def asked_by_gate(registry: Registry, phase: int, *, offline: bool) -> list[Check]:
    """Return the checks that stand in the suite."""
    return [one for one in registry if one.phase <= phase and not (offline and one.needs_library)]


def _table(code: str, words: str) -> dict[str, Any]:
    return {"severity": "critical", "description": words, "meta": {"code": code}}


def suite_of(registry: Registry, phase: int = 1, *, offline: bool = False, counts: Counts | None = None) -> Any:
    """Return the suite: expectations on the table, then one for every check."""
    from great_expectations import ExpectationSuite  # noqa: PLC0415 - on use, five seconds
    from great_expectations import expectations as typed  # noqa: PLC0415 - as above

    gxe: Any = typed  # its names are not exported for type checkers
    tables = [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, **_table("TABLE_ROWS", "候选不为空 / there are candidates")),
        gxe.ExpectTableColumnsToMatchSet(
            column_set=list(Factor.model_fields),
            exact_match=False,
            **_table("TABLE_COLUMNS", "具备统一格式的全部列 / every column of the unified format is there"),
        ),
    ]
    if counts:
        tables.append(
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query=f"SELECT * FROM (SELECT {counts.rows} AS rows_in, "
                f"{counts.rows_staged} AS staged, {counts.rows_refused} AS refused, "
                "(SELECT count(*) FROM {batch}) AS candidates) WHERE rows_in <> staged + refused",
                **_table("TABLE_BALANCE", "读入行数 = 入库行数 + 拒收行数 / rows in = rows staged + rows refused"),
            )
        )
    rules = [
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query=as_expectation_query(failing_rows(registry, one.code)),
            severity=_GRADES[one.severity],
            description=f"{one.code} {words_of(one.code)['title_zh']} / {one.rule}",
            meta={"code": one.code, "severity": one.severity.value, "clause": one.clause},
        )
        for one in asked_by_gate(registry, phase, offline=offline)
    ]
    return ExpectationSuite(name=SUITE, expectations=[*tables, *rules])


def run_gate(
    connection: Connection,
    registry: Registry,
    *,
    counts: Counts | None = None,
    phase: int = 1,
    offline: bool = False,
    agree: bool = True,
) -> GateResult:
    """Run the suite on the candidates behind `connection` and return what it found.

    Args:
        connection: holds `candidate` and the relations the checks name; gets the table `gate_failure`.
        registry: the checks.
        counts: raw rows in, staged and refused; None leaves that expectation out.
        phase: 2 includes the rules on uncertainty results.
        offline: leaves out rules that need the library.
        agree: compare the failing keys with the engine's table `finding`.

    Raises:
        GateError: an expectation could not be asked, or rows differ from those of the checks.
    """
    with quiet():
        raw = _validated(connection, suite_of(registry, phase, offline=offline, counts=counts))
    faults = {_code(result): _fault(result) for result in raw["results"] if _fault(result)}
    if faults:
        raise GateError(faults)
    lines = {_code(result): _line(result) for result in raw["results"]}
    asked = [one.code for one in asked_by_gate(registry, phase, offline=offline)]
    _keep_keys(connection, registry, [code for code in asked if not lines[code].success])
    faults = _disagreements(connection, {code: lines[code].rows for code in asked}, engine=agree)
    if faults:
        raise GateError(faults)
    (candidates,) = connection.execute("SELECT count(*) FROM candidate").fetchall()[0]
    tables = [code for code in lines if code not in asked]
    return GateResult(candidates=candidates, lines=tuple(lines[code] for code in (*tables, *asked)), raw=raw)


def _validated(connection: Connection, suite: Any) -> dict[str, Any]:
    import duckdb_sqlalchemy  # noqa: PLC0415 - on use, with Great Expectations
    from great_expectations import get_context  # noqa: PLC0415 - as above
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415 - as above

    context: Any = get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_sql(
        "staged",
        connection_string="duckdb:///:memory:",
        kwargs={"creator": lambda: duckdb_sqlalchemy.ConnectionWrapper(connection.cursor())},
    )
    _buffer_results(source.get_execution_engine().engine)
    batch = source.add_table_asset("candidate", table_name="candidate").add_batch_definition_whole_table("all")
    result = batch.get_batch().validate(context.suites.add(suite), result_format="COMPLETE")
    found: dict[str, Any] = json.loads(json.dumps(result.to_json_dict(), default=str))
    return found


def _buffer_results(engine: Any) -> None:
    """Make the engine read results at once.

    Great Expectations closes the connection before it reads, and DuckDB then drops the open result, so that every
    expectation would fail with an exception. More rows than any expectation shows are not read.
    """
    from great_expectations.compatibility import sqlalchemy as shim  # noqa: PLC0415 - on use; its own engine's library

    theirs: Any = shim  # its names are not exported for type checkers
    sqlalchemy = theirs.sqlalchemy

    def read_at_once(_connection: Any, cursor: Any, *arguments: Any) -> None:
        context = arguments[2]
        if context is not None and cursor.description:
            rows = cursor.fetchmany(SHOWN * 5)
            buffered = sqlalchemy.engine.cursor.FullyBufferedCursorFetchStrategy(cursor, initial_buffer=rows)
            context.cursor_fetch_strategy = buffered

    sqlalchemy.event.listen(engine, "after_cursor_execute", read_at_once)


def _code(result: Mapping[str, Any]) -> str:
    return str(result["expectation_config"]["meta"]["code"])


def _fault(result: Mapping[str, Any]) -> str:
    """Return the message of an exception that Great Expectations swallowed, or nothing."""
    info = result.get("exception_info") or {}
    nested = [one for one in info.values() if isinstance(one, Mapping)] or [info]
    return next((str(one.get("exception_message")) for one in nested if one.get("raised_exception")), "")


def _line(result: Mapping[str, Any]) -> GateLine:
    config, found = result["expectation_config"], result["result"]
    rows = found.get("details", {}).get("unexpected_rows") or []
    failed = (
        found.get("observed_value") if config["type"] == "unexpected_rows_expectation" else int(not result["success"])
    )
    return GateLine(
        code=_code(result),
        severity=config["severity"],
        success=result["success"],
        rows=int(failed or 0),
        examples=tuple(rows[:SHOWN]),
    )


def _keep_keys(connection: Connection, registry: Registry, failed: list[str]) -> None:
    connection.execute("CREATE OR REPLACE TABLE gate_failure (code VARCHAR, candidate_id VARCHAR)")
    for code in failed:
        connection.execute(
            f"INSERT INTO gate_failure SELECT '{code}', candidate_id FROM ({failing_rows(registry, code)})"
        )


def _disagreements(connection: Connection, rows: Mapping[str, int], *, engine: bool) -> dict[str, str]:
    kept = dict(connection.execute("SELECT code, count(*) FROM gate_failure GROUP BY code").fetchall())
    faults = {
        code: f"{count} rows found, {kept.get(code, 0)} when asked again"
        for code, count in rows.items()
        if count != kept.get(code, 0)
    }
    if engine:
        differ = connection.execute(
            "WITH g AS (SELECT DISTINCT code, candidate_id FROM gate_failure), "
            f"f AS (SELECT DISTINCT code, candidate_id FROM finding WHERE code IN ({_quoted(rows)})) "
            "SELECT code, count(*) FROM ((FROM g EXCEPT FROM f) UNION ALL (FROM f EXCEPT FROM g)) GROUP BY code"
        ).fetchall()
        faults |= {code: f"{count} candidates differ from the checks' findings" for code, count in differ}
    return faults


def _quoted(codes: Mapping[str, int]) -> str:
    return ", ".join(f"'{code}'" for code in codes) or "''"

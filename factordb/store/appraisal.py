"""The working file of one appraisal: candidates of some batches beside the pool, checks asked, results written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from factordb.model.factor import Factor
from factordb.model.vocabulary import Severity, Verdict
from factordb.store.ddl import columns, contract_violations, create_table
from factordb.store.duck import opened, quote
from factordb.store.library_file import APPRAISAL_TABLES, Published
from factordb.store.staging import TABLES

_SAME = (
    "lower(coalesce(c.flow, c.name_en, c.name_zh, ''))", "lower(coalesce(c.quantity, ''))",
    "lower(coalesce(c.technology, ''))", "c.boundary", "lower(coalesce(c.region, c.region_text, ''))",
    "coalesce(c.gas, '')",
    "coalesce(c.canonical_unit, '')", "coalesce(c.unit_basis, '')", "c.direction", "coalesce(c.gwp_set, '')",
)  # fmt: skip
"""What two values must share to be values of one thing: the key of competing and of comparing."""

SERIES_KEY = f"md5(concat_ws(chr(31), {', '.join(_SAME)}))"
"""SQL of the key of a series over candidate c."""

COMPARABLE = (
    f"SELECT c.*, {SERIES_KEY} AS series_key, "
    f"md5(concat_ws(chr(31), {', '.join(_SAME)}, coalesce(c.category, ''), c.source_id)) AS own_series_key "
    "FROM (SELECT *, 'batch' AS origin FROM candidate UNION ALL BY NAME "
    "SELECT *, 'pool' AS origin FROM pool) c"
)


_SAID = {
    "assessment": "candidate_id, version_id, verdict, scheme, dqr, eligible, reasons, beaten_by",
    "contribution": "candidate_id, input, share",
    "finding": "candidate_id, code, field, found, expected",
    "rating_evidence": "candidate_id, age_years, technology, place, plausible, relative_sd",
    "rule_count": "code, kept, broken, not_asked",
    "uncertainty": "candidate_id, basis, family, mean, sd, shortest_low95, shortest_high95, method, reason",
}
"""Columns that say what an appraisal found, table by table; the rest follows from them and from the batch."""


def violations() -> str:
    """Return SQL of the candidates that break the contract of the model, a row a field."""
    rules = contract_violations(Factor).items()
    return " UNION ALL ".join(
        f"SELECT c.candidate_id, '{field}' AS field, CAST(c.{field} AS VARCHAR) AS found, {quote(rule)} AS detail "
        f"FROM candidate c WHERE coalesce(({rule}), false)"
        for field, rule in rules
    )


class AppraisalFile:
    """Candidates under appraisal and what is found of them. Every method works on whole tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def load(self, published: Published, batches: Sequence[str]) -> None:
        """Bring in the candidates of `batches`; everything else that is published is the pool."""
        chosen = ", ".join(quote(batch) for batch in batches) or "''"
        for name, model in TABLES.items():
            self.connection.execute(create_table(model, name))
            picks = ", ".join(columns(model))
            self.connection.execute(
                f"INSERT INTO {name} SELECT {picks} FROM ({published.relation(name)}) WHERE batch_id IN ({chosen})"
            )
        names = ", ".join(columns(Factor))
        pool = quote(str(published.table("candidate")))
        self.connection.execute(
            f"CREATE VIEW pool AS SELECT {names} FROM read_parquet({pool}) WHERE batch_id NOT IN ({chosen})"
        )
        self.connection.execute(f"CREATE TABLE comparable AS {COMPARABLE}")
        self.connection.execute("CREATE TABLE contract_violation AS " + violations())
        for name, model in APPRAISAL_TABLES.items():
            self.connection.execute(create_table(model, name))

    def load_reference(self, tables: Mapping[str, pa.Table]) -> None:
        """Write the reference relations that checks name: gwp, source, region, plausible_range and the like."""
        for name, table in tables.items():
            self.connection.register("incoming", table)
            self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
            self.connection.unregister("incoming")

    def execute(self, statements: Iterable[str], tick: Callable[[], None] | None = None) -> None:
        """Run statements one after another, calling `tick` after each."""
        for statement in statements:
            self.connection.execute(statement)
            if tick:
                tick()

    def table(self, query: str) -> pa.Table:
        """Return the answer of a query as Arrow."""
        return self.connection.sql(query).to_arrow_table()

    def append(self, name: str, rows: pa.Table) -> None:
        """Append computed rows to a result table, by column name."""
        self.connection.register("incoming", rows)
        self.connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def verdicts(self, core_gaps: Iterable[str]) -> None:
        """Write the table `verdict`: the contract's order block, core gap, review, pass."""
        core = ", ".join(quote(code) for code in core_gaps) or "''"
        self.connection.execute(
            # most findings are advice, or gaps that are not core: they decide nothing and are left out first
            "CREATE OR REPLACE TABLE verdict AS WITH told AS ("
            "SELECT DISTINCT candidate_id, code, severity FROM finding "
            f"WHERE severity IN ('{Severity.BLOCK}', '{Severity.REVIEW}') "
            f"OR (severity = '{Severity.GAP}' AND code IN ({core}))), "
            "held AS (SELECT candidate_id, string_agg(code, ' ' ORDER BY code) AS codes, "
            f"bool_or(severity = '{Severity.BLOCK}') AS block, bool_or(severity = '{Severity.GAP}') AS gap "
            "FROM told GROUP BY candidate_id) "
            f"SELECT c.candidate_id, CASE WHEN h.block THEN '{Verdict.FAIL}' WHEN h.gap THEN '{Verdict.INSUFFICIENT}' "
            f"WHEN h.candidate_id IS NOT NULL THEN '{Verdict.NEEDS_PERSON}' ELSE '{Verdict.PASS}' END AS verdict, "
            "h.codes FROM candidate c LEFT JOIN held h USING (candidate_id)"
        )

    def count(self, name: str, where: str = "true") -> int:
        """Return how many rows of a table meet a condition."""
        return int(self.connection.execute(f"SELECT count(*) FROM {name} WHERE {where}").fetchall()[0][0])

    def content_hash(self) -> str:
        """Return the order-independent sha256 of findings, uncertainty and assessments.

        What a row says is hashed and added up: adding needs no order, so millions of rows are not sorted.
        """
        parts = " UNION ALL ".join(
            f"SELECT '{name}' AS name, count(*) AS n, "
            f"coalesce(sum(md5_number_lower(concat_ws('|', {said}))), 0) AS total FROM {name}"
            for name, said in _SAID.items()
        )
        return str(
            self.connection.execute(
                f"SELECT sha256(string_agg(concat_ws('|', name, n, total), ';' ORDER BY name)) FROM ({parts})"
            ).fetchall()[0][0]
        )


@contextmanager
def appraisal_file(path: Path) -> Iterator[AppraisalFile]:
    """Yield the working file of a new appraisal, made from nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with opened(path) as connection:
        yield AppraisalFile(connection)

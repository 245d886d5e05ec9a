"""The staging file of one batch: raw table in, candidates and refused records out, each row counted."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlmodel import SQLModel

from factordb.errors import UsageError
from factordb.model.factor import Factor, FactorInput, GasAmount, RecipeInput, Refused
from factordb.model.pipeline import NUMBER_FIELDS, Pipeline, Record
from factordb.store import intake_sql as sql
from factordb.store import staging_sql as steps
from factordb.store.ddl import create_table
from factordb.store.duck import identifier, opened, quote

TABLES: dict[str, type[SQLModel]] = {
    "candidate": Factor,
    "gas_amount": GasAmount,
    "recipe_input": RecipeInput,
    "factor_input": FactorInput,
    "refused": Refused,
}
"""What a batch leaves behind; the same tables stand in the library's own file."""


@dataclass(frozen=True)
class BatchCounts:
    """Rows and records of a batch: rows = rows_staged + rows_refused, records = candidates + refused."""

    rows: int
    rows_staged: int
    rows_refused: int
    records: int
    candidates: int
    refused: int


class Staging:
    """One batch on its way through intake. Every method works on whole tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, pipeline: Pipeline, batch_id: str) -> None:
        self.connection = connection
        self.pipeline = pipeline
        self.batch_id = batch_id
        self._tidy = ""
        for name, model in TABLES.items():
            connection.execute(create_table(model, name))

    def _arrow(self, query: str) -> pa.Table:
        return self.connection.sql(query).to_arrow_table()

    def _create(self, name: str, table: pa.Table) -> None:
        self.connection.register("incoming", table)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def load_raw(self, reader: pa.RecordBatchReader) -> None:
        """Write the raw table; `_file` and `_row` name each row."""
        self.connection.register("incoming", reader)
        self.connection.execute("CREATE TABLE raw AS SELECT *, CAST(NULL AS VARCHAR) AS _corrected FROM incoming")
        self.connection.unregister("incoming")
        self.connection.execute("CREATE TEMP TABLE bad (_file VARCHAR, _row BIGINT, record VARCHAR)")

    def load_damaged(self, damaged: pa.Table) -> None:
        """Refuse rows that could not be read at all: columns file, row, place, code, found, detail, raw."""
        self._create("damaged", damaged)
        self.connection.execute(
            "INSERT INTO refused SELECT $1, row, '', place, code, 'row', found, expected, detail, raw FROM damaged",
            [self.batch_id],
        )
        self.connection.execute("INSERT INTO bad SELECT file, row, '' FROM damaged")

    def correct(self) -> int:
        """Apply the declared corrections; return how many cells they repaired.

        Raises:
            UsageError: a correction finds nothing to repair: the source was mended, or the file is another.
        """
        repaired = 0
        for repair in self.pipeline.corrections:
            hits = len(self.connection.execute(sql.correction(repair)).fetchall())
            if not hits:
                where = ", ".join(f"{column}={text}" for column, text in repair.match.items())
                raise UsageError(
                    problem=f"the correction of {repair.column} at {where} finds no {repair.expect!r}",
                    remedy="the source was repaired or replaced: remove or renew the correction",
                    problem_zh=f"对 {where} 的 {repair.column} 的更正未找到 {repair.expect!r}",
                    remedy_zh="来源可能已自行更正或已更换：请删除或更新该条更正",
                )
            repaired += hits
        return repaired

    def tidy(self, header: Sequence[str], layout: Mapping[str, Sequence[str]], header_row: int) -> None:
        """Make `prepared` and `tidy`; rows of the declared settings are refused here under their codes."""
        if self.pipeline.prepare:
            self.connection.execute(f"CREATE TEMP TABLE prepared_all AS {self.pipeline.prepare}")
        else:
            self.connection.execute("CREATE TEMP VIEW prepared_all AS FROM raw")
        known = [name for name, *_ in self.connection.execute("DESCRIBE prepared_all").fetchall()]
        self._cover("_rows" in known, header_row)
        conditions = [f"coalesce(({setting.where}), false)" for setting in self.pipeline.settings]
        anything = " OR ".join(conditions) or "false"
        self.connection.execute(f"CREATE TEMP VIEW prepared AS FROM prepared_all WHERE NOT ({anything})")
        for index, setting in enumerate(self.pipeline.settings):
            earlier = " OR ".join(conditions[:index]) or "false"
            rows = f"FROM prepared_all p WHERE {conditions[index]} AND NOT ({earlier})"
            self.connection.execute(
                f"INSERT INTO refused {steps.set_aside(setting, layout, header_row)} {rows}", {"batch": self.batch_id}
            )
            self.connection.execute(f"INSERT INTO bad SELECT _file, _row, '' {rows}")
        columns = [name for name in (known if self.pipeline.prepare else header) if not name.startswith("_")]
        used = sql.used_columns(self.pipeline)
        parts = [sql.tidy_select(record, columns, layout, header_row, used) for record in self.pipeline.records]
        self._tidy = " UNION ALL ".join(parts)
        self.connection.execute(f"CREATE TEMP VIEW tidy AS {self._tidy}")

    def _cover(self, several: bool, header_row: int) -> None:
        """Note which raw rows each prepared row stands for; raw rows that `prepare` left out are refused."""
        if not self.pipeline.prepare:
            return
        rows = "unnest(_rows)" if several else "_row"
        self.connection.execute(
            f"CREATE TEMP TABLE cover AS SELECT DISTINCT _file, _row, {rows} AS raw_row FROM prepared_all"
        )
        left_out = "FROM raw r WHERE NOT EXISTS (FROM cover c WHERE c._file = r._file AND c.raw_row = r._row)"
        self.connection.execute(
            f"INSERT INTO refused SELECT $1, _row, '', _file || '!' || CAST(_row + {header_row} AS VARCHAR), "
            f"'FMT002', 'row', NULL, NULL, NULL, CAST(to_json(r) AS VARCHAR) {left_out}",
            [self.batch_id],
        )
        self.connection.execute(f"INSERT INTO bad SELECT _file, _row, '' {left_out}")
        self.connection.execute(f"INSERT INTO cover SELECT _file, _row, _row {left_out}")

    def glued(self) -> list[str]:
        """Return the distinct cells that hold value and unit in one string."""
        if not self._fed("value_and_unit"):
            return []
        rows = self.connection.execute(
            "SELECT DISTINCT value_and_unit_t FROM tidy WHERE value_and_unit_t IS NOT NULL ORDER BY 1"
        ).fetchall()
        return [text for (text,) in rows]

    def _fed(self, name: str) -> bool:
        return any(name in record.fed_fields() for record in self.pipeline.records)

    def unglue(self, parts: pa.Table) -> None:
        """Write value and unit of glued cells: columns text, value_text, unit_text."""
        self._create("glued", parts)
        replaced = ", ".join(
            f"CASE WHEN g.text IS NULL THEN t.{name}_t ELSE g.{name}_text END AS {name}_t" for name in ("value", "unit")
        )
        self.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW tidy AS SELECT t.* REPLACE ({replaced}) FROM ({self._tidy}) t "
            "LEFT JOIN glued g ON g.text = t.value_and_unit_t"
        )

    def inputs(self, layout: Mapping[str, Sequence[str]], header_row: int) -> None:
        """Write the inputs and gas amounts of records that declare them, as text, keyed like `tidy`."""
        gases = [part for record in self.pipeline.records for part in self._gas_selects(record)]
        inputs = [part for record in self.pipeline.records for part in self._input_selects(record, layout, header_row)]
        empty_gas = (
            "SELECT '' AS _file, 0 AS _row, '' AS record, '' AS gas, '' AS amount_t, '' AS unit_text, "
            "false AS is_co2e WHERE false"
        )
        empty_input = (
            "SELECT '' AS _file, 0 AS _row, '' AS record, '' AS name, '' AS value_t, '' AS unit_text, "
            "'' AS cv_t, '' AS place WHERE false"
        )
        self.connection.execute("CREATE TEMP TABLE gas_text AS " + " UNION ALL ".join([empty_gas, *gases]))
        self.connection.execute("CREATE TEMP TABLE input_text AS " + " UNION ALL ".join([empty_input, *inputs]))

    def _gas_selects(self, record: Record) -> Iterator[str]:
        for gas in record.gases:
            yield (
                f"SELECT _file, _row, {quote(record.name)}, {quote(gas.gas)}, {sql.text_of(gas.column)}, "
                f"{quote(gas.unit)}, {gas.is_co2e} FROM prepared "
                f"WHERE ({record.where or 'true'}) AND {sql.text_of(gas.column)} IS NOT NULL"
            )

    def _input_selects(self, record: Record, layout: Mapping[str, Sequence[str]], header_row: int) -> Iterator[str]:
        for part in record.inputs:
            unit = sql.text_of(part.unit_column) if part.unit_column else quote(part.unit)
            cv = sql.text_of(part.cv_column) if part.cv_column else "NULL"
            yield (
                f"SELECT _file, _row, {quote(record.name)}, {quote(part.name)}, {sql.text_of(part.column)}, "
                f"{unit}, {cv}, {sql.cell_of(part.column, layout, header_row)} "
                f"FROM prepared WHERE ({record.where or 'true'})"
            )

    def number_texts(self) -> list[str]:
        """Return the distinct number strings that are not plain: those the value grammar must read."""
        selects = [f"SELECT {name}_t AS text FROM tidy" for name in self._numbers() if not self._is_number(name)]
        selects += [
            "SELECT amount_t AS text FROM gas_text",
            "SELECT value_t FROM input_text",
            "SELECT cv_t FROM input_text",
        ]
        rows = self.connection.execute(
            f"SELECT DISTINCT text FROM ({' UNION ALL '.join(selects)}) "
            f"WHERE text IS NOT NULL AND NOT regexp_full_match(text, {quote(sql.PLAIN_NUMBER)}) ORDER BY 1"
        ).fetchall()
        return [text for (text,) in rows]

    def _numbers(self) -> list[str]:
        """Return the number fields that some record feeds."""
        glued = self._fed("value_and_unit")
        return [name for name in NUMBER_FIELDS if self._fed(name) or (name == "value" and glued)]

    def _is_number(self, field: str) -> bool:
        """Return whether every record feeds the field from a raw column of finite numbers of ordinary size."""
        columns = {record.columns.get(field) for record in self.pipeline.records if field in record.fed_fields()}
        kinds = {name: kind for name, kind, *_ in self.connection.execute("DESCRIBE prepared").fetchall()}
        if not columns or not all(column and kinds[column] in sql.NUMBERS for column in columns):
            return False
        odd = " OR ".join(
            f"NOT isfinite({one}) OR ({one} <> 0 AND abs({one}) NOT BETWEEN 1e-90 AND 1e90)"
            for one in map(identifier, filter(None, columns))
        )
        return not self.connection.execute(f"SELECT 1 FROM prepared WHERE {odd} LIMIT 1").fetchall()

    def unit_texts(self) -> list[tuple[str, str | None]]:
        """Return the distinct (unit string, named gas) pairs."""
        return self.connection.execute(
            "SELECT DISTINCT unit_t, gas_t FROM tidy WHERE unit_t IS NOT NULL ORDER BY 1, 2"
        ).fetchall()

    def expressions(self) -> list[str]:
        """Return the distinct recipes of derived records."""
        if not any(record.expression for record in self.pipeline.records):
            return []
        rows = self.connection.execute(
            "SELECT DISTINCT expression FROM tidy WHERE expression IS NOT NULL ORDER BY 1"
        ).fetchall()
        return [text for (text,) in rows]

    def recipe_table(self, expression: str) -> pa.Table:
        """Return the inputs of one recipe, wide: _file, _row, record and one number column an input."""
        names = self.connection.execute(
            "SELECT DISTINCT name FROM input_text SEMI JOIN tidy USING (_file, _row, record) "
            "WHERE record IN (SELECT record FROM tidy WHERE expression = $1) ORDER BY 1",
            [expression],
        ).fetchall()
        picks = ", ".join(f"max(number) FILTER (name = {quote(name)}) AS {identifier(name)}" for (name,) in names)
        return self._arrow(
            "SELECT i._file, i._row, i.record, "
            f"{picks} FROM (SELECT *, coalesce(TRY_CAST(value_t AS DOUBLE), g.value) AS number "
            "FROM input_text LEFT JOIN number g ON g.text = value_t) i "
            f"JOIN tidy t USING (_file, _row, record) WHERE t.expression = {quote(expression)} GROUP BY ALL "
            "ORDER BY ALL"
        )

    def load_numbers(self, numbers: pa.Table) -> None:
        """Write what the value grammar read: text, value, low, high, half_digit, form, code, detail."""
        self._create("number", numbers)

    def load_grammar(
        self, *, units: pa.Table, gas_units: pa.Table, derived: pa.Table, tables: Mapping[str, pa.Table]
    ) -> None:
        """Write what the unit grammar read, the derived values, and the reference tables intake joins with.

        Args:
            units: the columns of `factordb.units.parse_many`.
            gas_units: the same for the units of gas columns.
            derived: _file, _row, record, value of derived records.
            tables: `source` (the register) and `region` (alias, code).
        """
        self._create("unit_read", units)
        self.connection.execute("CREATE OR REPLACE TEMP TABLE unit AS " + steps.UNIT_COLUMNS)
        self._create("gas_unit_read", gas_units)
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE gas_unit AS SELECT unit_text, to_canonical AS unit_to_kg FROM gas_unit_read"
        )
        self._create("derived", derived)
        for name, table in tables.items():
            self._create(name, table)

    def fill(self) -> BatchCounts:
        """Make candidates and refused records; return the counts, which must balance.

        Raises:
            AssertionError: a row or record is neither staged nor refused: a fault of ours, never of the data.
        """
        run = self.connection.execute
        grammar = bool(run("SELECT 1 FROM number LIMIT 1").fetchall())
        fed = self._numbers()
        derived = any(record.expression for record in self.pipeline.records)
        view = steps.joined(fed, source=self.pipeline.source, grammar=grammar, derived=derived)
        run(f"CREATE TEMP VIEW joined AS {view}")
        # first the keys, which need few columns: most batches have few records in trouble
        run(f"CREATE TEMP TABLE in_trouble AS SELECT _file, _row, record FROM joined j WHERE {steps.any_fault(fed)}")
        any_trouble = run("SELECT 1 FROM in_trouble LIMIT 1").fetchall()
        chosen = "SEMI JOIN in_trouble USING (_file, _row, record)" if any_trouble else "LIMIT 0"
        run(f"CREATE TEMP TABLE troubled AS FROM joined {chosen}")
        run("CREATE TEMP TABLE troubled_row AS " + steps.TROUBLED_ROWS)
        for statement in steps.refusals(self.pipeline, fed):
            run(statement, {"batch": self.batch_id})
        run("INSERT INTO bad SELECT DISTINCT _file, _row, record FROM troubled")
        run("INSERT INTO bad SELECT _file, _row, '' FROM prepared ANTI JOIN tidy USING (_file, _row)")
        run(steps.candidates(self.pipeline, self.batch_id))
        run(steps.gas_amounts(self.batch_id))
        run(steps.recipe_inputs(self.batch_id))
        if self._fed("lineage"):
            run(steps.factor_inputs(self.batch_id))
        return self.counts()

    def counts(self) -> BatchCounts:
        """Return rows and records in, staged and refused.

        Raises:
            AssertionError: they do not balance.
        """
        staged = "SELECT DISTINCT split_part(place, '!', 1) AS _file, row_no AS _row FROM candidate"
        refused = "SELECT DISTINCT _file, _row FROM bad"
        if self.pipeline.prepare:
            staged = f"SELECT DISTINCT _file, raw_row AS _row FROM cover SEMI JOIN ({staged}) USING (_file, _row)"
            unread = "SELECT file, row FROM damaged"
            refused = f"SELECT _file, raw_row AS _row FROM cover SEMI JOIN bad USING (_file, _row) UNION {unread}"
        rows, records, candidates, rows_staged, refused_records, rows_refused = self.connection.execute(
            f"WITH staged AS ({staged}), refused_rows AS ({refused}) "
            "SELECT (SELECT count(*) FROM raw) + (SELECT count(*) FROM damaged), "
            "(SELECT count(*) FROM tidy), (SELECT count(*) FROM candidate), (SELECT count(*) FROM staged), "
            "(SELECT count(*) FROM troubled), "
            "(SELECT count(*) FROM refused_rows ANTI JOIN staged USING (_file, _row))"
        ).fetchall()[0]
        counts = BatchCounts(
            rows=rows,
            rows_staged=rows_staged,
            rows_refused=rows_refused,
            records=records,
            candidates=candidates,
            refused=refused_records,
        )
        balanced = counts.rows == counts.rows_staged + counts.rows_refused
        if not balanced or counts.records != counts.candidates + counts.refused:
            raise AssertionError(f"intake lost or made rows: {counts}")
        return counts


@contextmanager
def staging(path: Path, pipeline: Pipeline, batch_id: str) -> Iterator[Staging]:
    """Yield the staging file of a new batch, made from nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with opened(path) as connection:
        yield Staging(connection, pipeline, batch_id)

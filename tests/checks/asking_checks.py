"""Candidates out of small tables: only the columns a test is about are written, the rest comes from a default row."""

import csv
import inspect
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from factordb import units
from factordb.checks.base import Registry, asking, counting, outcomes_of
from factordb.checks.catalogue import all_checks
from factordb.model.factor import Factor
from factordb.model.finding import Uncertainty
from factordb.model.source import Source
from factordb.stages.relations import FLOWS, reference_relations
from factordb.stages.sources import as_table
from factordb.store.appraisal import AppraisalFile
from factordb.store.ddl import columns
from factordb.store.duck import opened
from factordb.store.library_file import Published
from factordb.store.staging import TABLES

AS_OF = date(2026, 1, 1)
REGISTRY = all_checks()
BATCH = "batch-1"
DEFAULT: Mapping[str, Any] = {
    "batch_id": BATCH, "pipeline": "test", "place": "t.csv!A1", "boundary": "direct", "direction": "emission",
    "name_zh": "柴油", "name_en": "diesel", "flow": "diesel", "value_text": "3.10", "value_form": "plain",
    "unit_text": "kgCO2e/kg", "gwp_set": "AR5", "region_text": "中国", "region": "CN", "reference_year": 2024,
    "published_on": date(2025, 6, 30), "source_id": "source-1", "tier": "literature", "verified": False,
    "source_place": "p. 1, table 1", "statement": "none", "publisher": "somebody",
}  # fmt: skip
"""A sound record of a literature value; no rule of the first phase but advice is broken by it."""

_ARROW = {str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_(), date: pa.date32()}
_GASES = {"co2_kg": "CO2", "ch4_kg": "CH4", "n2o_kg": "N2O", "hfc_kg": "HFC-unheard-of"}
_PARTS = {"co2_part": "CO2", "ch4_part": "CH4", "n2o_part": "N2O"}


def _arrow(kind: type) -> pa.DataType:
    return _ARROW.get(kind, pa.string())


def _schema(model: type) -> pa.Schema:
    return pa.schema([(name, _arrow(kind)) for name, kind in columns(model).items()])


def _cast(text: str, kind: type) -> Any:
    if kind is bool:
        return text == "true"
    if kind is date:
        return date.fromisoformat(text)
    return float(text) if kind is float else int(text) if kind is int else text


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _half_digit(text: str) -> float:
    mantissa, _, exponent = text.lower().partition("e")
    if int(exponent or 0) > 300:
        return 0.0
    return 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def candidate(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return one row of `candidate`: default, then what the unit grammar reads, then what is given."""
    row = {**dict.fromkeys(Factor.model_fields), **DEFAULT, **given}
    row["candidate_id"] = given.get("candidate_id", f"c{number}")
    for name in ("factor_id", "version_id"):
        row[name] = given.get(name, row["candidate_id"])
    row["row_no"] = given.get("row_no", number + 1)
    value = _number(row["value_text"] or "")
    read = units.parse_many([row["unit_text"]]).to_pylist()[0] if row["unit_text"] else {}
    scale = read.get("to_canonical")
    worked_out = {
        "value": value,
        "half_digit": None if value is None else _half_digit(row["value_text"]),
        "source_value": row["value_text"],
        "unit": read.get("unit"), "gas": read.get("gas"), "per_unit": read.get("denominator_unit"),
        "dimension": read.get("denominator_dimension"), "unit_basis": read.get("basis") or None,
        "canonical_unit": read.get("canonical_unit"), "to_canonical": scale,
        "canonical_value": None if value is None or scale is None else value * scale,
        "kind": {"CO2e": "factor", None: "parameter"}.get(read.get("gas"), "gas_factor"),
    }  # fmt: skip
    if read.get("quantity") not in {"emission_factor", "gas_factor"} and read.get("gas") != "CO2e":
        worked_out["kind"] = "parameter"
    return {**row, **{name: fact for name, fact in worked_out.items() if name not in given}}


def gas_amounts(row: Mapping[str, Any], extra: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the gas amounts of a row: columns such as co2_kg hold masses, co2_part holds CO2e."""
    for names, is_co2e in ((_GASES, False), (_PARTS, True)):
        for name, gas in names.items():
            if extra.get(name):
                amount = float(extra[name])
                yield {
                    "candidate_id": row["candidate_id"], "gas": gas, "amount_text": extra[name], "amount": amount,
                    "unit_text": "kgCO2e" if is_co2e else f"kg{gas}", "is_co2e": is_co2e, "amount_kg": amount,
                    "batch_id": row["batch_id"],
                }  # fmt: skip


@contextmanager
def appraisal(
    folder: Path,
    rows: Sequence[Mapping[str, Any]],
    gases: Sequence[Mapping[str, Any]] = (),
    uncertainty: Sequence[Mapping[str, Any]] = (),
    batches: Sequence[str] = (BATCH,),
) -> Iterator[AppraisalFile]:
    """Yield the working file of an appraisal over these rows; batches not named are the pool."""
    tables = {"candidate": rows, "gas_amount": gases}
    for name, model in TABLES.items():
        schema = _schema(model)
        if "batch_id" not in schema.names:
            schema = schema.append(pa.field("batch_id", pa.string()))
        pq.write_table(pa.Table.from_pylist(list(tables.get(name, ())), schema=schema), folder / f"{name}.parquet")
    sources = as_table(_source(name) for name in sorted({row["source_id"] for row in rows if row["source_id"]}))
    with opened(":memory:") as connection:
        work = AppraisalFile(connection)
        work.load(Published(folder), batches)
        flows = work.table(FLOWS)["flow"].to_pylist()
        work.load_reference(reference_relations(sources, AS_OF, flows))
        if uncertainty:
            work.append("uncertainty", pa.Table.from_pylist(list(uncertainty), schema=_schema(Uncertainty)))
        yield work


def _source(name: str) -> Source:
    """Return a registered source; one whose name begins with "bare" states neither rights nor original."""
    stated = None if name.startswith("bare") else "CC BY 4.0"
    return Source(source_id=name, title_zh=name, title_en=name, publisher="?", tier="literature", licence=stated,
                  obtain=stated)  # fmt: skip


def subset(codes: Iterable[str]) -> Registry:
    """Return a registry of these checks and all they require."""
    wanted = {one for code in codes for one in (code, *REGISTRY.closure(code))}
    return Registry([REGISTRY[code] for code in wanted])


def ask_all(work: AppraisalFile, registry: Registry, *, offline: bool = False) -> None:
    """Ask every check in order and count."""
    asked = [one for one in registry.in_asking_order() if not (offline and one.needs_library)]
    work.execute([asking(registry, one) for one in sorted(asked, key=lambda one: one.phase)])
    work.execute([counting(registry, offline=offline)])


class Ask:
    """Asks one check of the table in a test's docstring and compares every outcome.

    The table is the docstring's last paragraph. The first column names the candidate. An empty cell takes the default,
    "-" is NULL, `origin` pool puts the row into the library, `outcome` is kept, broken or not asked; an empty outcome
    is not looked at. Columns co2_kg … are gas amounts, u_… results of the uncertainty stage; `says` must stand in what
    the finding found, expected and details.
    """

    def __init__(self, table: str, folder: Path) -> None:
        self.table = inspect.cleandoc(table).rpartition("\n\n")[2]
        self.folder = folder

    def __call__(self, code: str) -> None:
        given = list(csv.DictReader(io.StringIO(self.table), skipinitialspace=True))
        names = [name.strip() for name in given[0]]
        lines = [dict(zip(names, [(cell or "").strip() for cell in line.values()], strict=True)) for line in given]
        kinds = columns(Factor)
        rows, gases, uncertain = [], [], []
        for number, line in enumerate(lines):
            facts = {
                name: None if text == "-" else _cast(text, kinds[name])
                for name, text in line.items()
                if text and name in kinds
            }
            facts["candidate_id"] = line[names[0]]
            if line.get("origin") == "pool":
                facts["batch_id"] = "pool"
            rows.append(candidate(number, facts))
            gases.extend(gas_amounts(rows[-1], line))
            told = {name[2:]: text for name, text in line.items() if name.startswith("u_") and text}
            if told:
                typed = {name: _cast(text, columns(Uncertainty)[name]) for name, text in told.items()}
                uncertain.append({"batch_id": BATCH, "basis": "default", "candidate_id": line[names[0]], **typed})
        registry = subset([code])
        with appraisal(self.folder, rows, gases, uncertain) as work:
            ask_all(work, registry)
            self._compare(work, registry, code, lines, names[0])

    def _compare(
        self, work: AppraisalFile, registry: Registry, code: str, lines: list[dict[str, str]], name: str
    ) -> None:
        outcomes = {}
        for line in lines:
            found = dict(work.connection.execute(outcomes_of(registry, f"'{line[name]}'")).fetchall())
            if found:
                outcomes[line[name]] = found[code].replace("_", " ")
        expected = {line[name]: line["outcome"] for line in lines if line.get("outcome")}
        assert {one: outcomes[one] for one in expected} == expected
        assert {"kept", "broken"} <= set(expected.values()), "a test shows a rule kept and broken"
        counted = work.connection.execute("SELECT kept, broken, not_asked FROM rule_count WHERE code = $1", [code])
        tally = tuple(list(outcomes.values()).count(one) for one in ("kept", "broken", "not asked"))
        assert counted.fetchall() == [tally]
        for line in lines:
            if line.get("says"):
                told = work.connection.execute(
                    "SELECT concat_ws(' | ', found, expected, detail) FROM finding "
                    "WHERE code = $1 AND candidate_id = $2",
                    [code, line[name]],
                ).fetchall()
                assert any(line["says"] in words for (words,) in told), (line[name], told)

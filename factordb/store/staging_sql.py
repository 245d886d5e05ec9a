"""SQL of the last step of intake: tidy text and what the grammars read become candidates or refusals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from factordb.model.factor import Factor
from factordb.model.pipeline import NUMBER_FIELDS, Pipeline, Setting
from factordb.model.vocabulary import Boundary, Direction, StatementKind, Tier
from factordb.store.duck import identifier, quote
from factordb.store.intake_sql import cell_of, content_hash, half_digit_sql, text_of

_YEAR = r"(1[89]|20|21)\d\d(\.0)?"
"""Years as text; spreadsheets hand whole numbers over as 2023.0."""

_STATED = (
    ("cv_percent", StatementKind.CV_PERCENT),
    ("gsd2", StatementKind.GSD2),
    ("sd", StatementKind.SD),
    ("bound_low", StatementKind.BOUNDS95),
    ("bound_high", StatementKind.BOUNDS95),
)


UNIT_COLUMNS = (
    "SELECT unit_text, gas_given AS gas_text, unit AS unit_name, quantity AS unit_quantity, gas AS unit_gas, "
    "denominator_unit AS unit_per, denominator_dimension AS unit_dimension, nullif(basis, '') AS unit_basis_read, "
    "to_canonical AS unit_to_canonical, canonical_unit AS unit_canonical, trail AS unit_trail, code AS unit_code, "
    "detail AS unit_detail FROM unit_read"
)
"""What the unit grammar read, under names that do not meet those of a record."""


def joined(fed: Sequence[str], *, source: str, grammar: bool, derived: bool) -> str:
    """Return SELECT of `tidy` beside numbers, unit, region, source and derived value of each record.

    Args:
        fed: number fields that some record feeds.
        source: source that applies where a record names none.
        grammar: whether the value grammar read any string; the table `number` is joined only then.
        derived: whether any record is derived.
    """
    numbers = ", ".join(_number(name, grammar=grammar) if name in fed else _nothing(name) for name in NUMBER_FIELDS)
    joins = " ".join(f"LEFT JOIN number {name}_g ON {name}_g.text = t.{name}_t" for name in fed if grammar)
    return (
        f"SELECT t.*, {numbers}, u.* EXCLUDE (unit_text, gas_text), r.code AS region_code, "
        f"{'d.value' if derived else 'CAST(NULL AS DOUBLE)'} AS derived_value, "
        "s.source_id AS s_source_id, s.tier AS s_tier, s.publisher AS s_publisher, s.read_from AS s_read_from, "
        "s.published_on AS s_published_on, s.valid_from AS s_valid_from, s.valid_until AS s_valid_until, "
        "s.gwp_set AS s_gwp_set, s.te AS s_te "
        f"FROM tidy t {joins} "
        "LEFT JOIN unit u ON u.unit_text = t.unit_t AND u.gas_text IS NOT DISTINCT FROM t.gas_t "
        f"LEFT JOIN source s ON s.source_id = coalesce(t.source_id_t, {quote(source)}) "
        "LEFT JOIN region r ON r.alias = lower(coalesce(t.region_text_t, s.region)) "
        + ("LEFT JOIN derived d USING (_file, _row, record)" if derived else "")
    )


def _nothing(name: str) -> str:
    """Return the columns of a number field that no record feeds."""
    numbers = ", ".join(f"CAST(NULL AS DOUBLE) AS {name}_{part}" for part in ("v", "lo", "hi", "h"))
    return numbers + ", " + ", ".join(f"CAST(NULL AS VARCHAR) AS {name}_{part}" for part in ("f", "code", "detail"))


def _number(name: str, *, grammar: bool) -> str:
    text, plain = f"t.{name}_t", f"TRY_CAST(t.{name}_t AS DOUBLE)"
    if not grammar:
        form = f"CASE WHEN {text} IS NULL THEN NULL ELSE 'plain' END"
        nothing = "CAST(NULL AS VARCHAR)"
        return (
            f"{plain} AS {name}_v, CAST(NULL AS DOUBLE) AS {name}_lo, CAST(NULL AS DOUBLE) AS {name}_hi, "
            f"{form} AS {name}_f, {half_digit_sql(text)} AS {name}_h, {nothing} AS {name}_code, "
            f"{nothing} AS {name}_detail"
        )
    # strings the cast reads but the plain grammar does not ("1_000", "inf", "1e999") are in `number`
    read = f"{name}_g.text IS NULL"
    return (
        f"CASE WHEN {read} THEN {plain} ELSE {name}_g.value END AS {name}_v, "
        f"{name}_g.low AS {name}_lo, {name}_g.high AS {name}_hi, "
        f"CASE WHEN {text} IS NULL THEN NULL WHEN {read} THEN 'plain' ELSE {name}_g.form END AS {name}_f, "
        f"CASE WHEN {read} THEN {half_digit_sql(text)} ELSE {name}_g.half_digit END AS {name}_h, "
        f"{name}_g.code AS {name}_code, {name}_g.detail AS {name}_detail"
    )


def set_aside(setting: Setting, layout: Mapping[str, Sequence[str]], header_row: int) -> str:
    """Return SELECT of the refusal of prepared rows p that a setting knows to hold no record, without its FROM."""
    field, found = (quote(setting.column), text_of(setting.column)) if setting.column else ("'row'", "NULL")
    return (
        f"SELECT $batch, _row, '', {cell_of(setting.column, layout, header_row)}, {quote(setting.code)}, {field}, "
        f"{found}, NULL, {quote(setting.detail)}, CAST(to_json(p) AS VARCHAR)"
    )


TROUBLED_ROWS = (
    "SELECT p._file, p._row, any_value(CAST(to_json(p) AS VARCHAR)) AS raw FROM prepared p "
    "SEMI JOIN troubled USING (_file, _row) GROUP BY ALL"
)
"""The whole rows of refused records: they are kept with the refusal."""


@dataclass(frozen=True)
class _Fault:
    """A reason to refuse a record j of `joined`: SQL of its code, of what it says, and of when it holds."""

    code: str
    field: str
    found: str
    detail: str
    where: str
    expected: str = "NULL"


def _faults(fed: Sequence[str]) -> Iterator[_Fault]:
    empty = "j.expression IS NULL AND (j.value_t IS NULL OR j.value_f = 'empty')"
    underived = "j.expression IS NOT NULL AND j.derived_value IS NULL"
    yield _Fault("'VAL001'", "value", "j.value_t", "NULL", empty)
    yield _Fault("'VAL001'", "value", "NULL", "j.expression", underived)
    for name in fed:
        yield _Fault(f"j.{name}_code", name, f"j.{name}_t", f"j.{name}_detail", f"j.{name}_code IS NOT NULL")
    yield _Fault("'UNI001'", "unit", "NULL", "NULL", f"j.unit_t IS NULL AND NOT ({empty})")
    yield _Fault("j.unit_code", "unit", "j.unit_t", "j.unit_detail", "j.unit_code IS NOT NULL")
    for name in ("reference_year", "valid_from", "valid_until", "published_on"):
        test = (
            f"NOT regexp_full_match(j.{name}_t, {quote(_YEAR)})"
            if name == "reference_year"
            else f"TRY_CAST(j.{name}_t AS DATE) IS NULL"
        )
        yield _Fault("'FMT005'", name, f"j.{name}_t", "NULL", f"j.{name}_t IS NOT NULL AND {test}")
    for name, words in {"boundary": Boundary, "direction": Direction, "tier": Tier}.items():
        known = ", ".join(quote(word.value) for word in words)
        stray = f"j.{name}_t IS NOT NULL AND j.{name}_t NOT IN ({known})"
        yield _Fault("'FMT004'", name, f"ltrim(j.{name}_t, '?')", "NULL", stray, quote(known.replace("'", "")))
    listed = (
        "CASE WHEN json_valid(j.lineage_t) AND json_type(j.lineage_t) = 'ARRAY' THEN "
        "len(list_filter(from_json(j.lineage_t, '[\"JSON\"]'), lambda x: coalesce(x->>'factor_id', '') = '' "
        "OR NOT coalesce(isfinite(TRY_CAST(x->>'amount' AS DOUBLE)), false))) = 0 ELSE false END"
    )
    yield _Fault("'FMT004'", "lineage", "j.lineage_t", "NULL", f"j.lineage_t IS NOT NULL AND NOT ({listed})",
                 quote('[{"factor_id": "…", "version_id": "…", "role": "input", "amount": 1.0}]'))  # fmt: skip
    yield _Fault("'TRA001'", "source_id", "j.source_id_t", "NULL", "j.s_source_id IS NULL")


def any_fault(fed: Sequence[str]) -> str:
    """Return the SQL condition that something refuses a record of `joined`."""
    return " OR ".join(f"({fault.where})" for fault in _faults(fed))


def refusals(pipeline: Pipeline, fed: Sequence[str]) -> Iterator[str]:
    """Yield the INSERTs into `refused`; a record may be refused for several reasons, all are written."""
    yield (
        "INSERT INTO refused SELECT $batch, p._row, '', p._file || '!' || CAST(p._row + "
        f"{pipeline.header_row} AS VARCHAR), 'FMT002', 'row', NULL, NULL, NULL, CAST(to_json(p) AS VARCHAR) "
        "FROM prepared p ANTI JOIN tidy t USING (_file, _row)"
    )
    for fault in _faults(fed):
        yield (
            f"INSERT INTO refused SELECT $batch, j._row, j.record, j.place, {fault.code}, {quote(fault.field)}, "
            f"{fault.found}, {fault.expected}, {fault.detail}, coalesce(w.raw, '') "
            f"FROM troubled j LEFT JOIN troubled_row w USING (_file, _row) WHERE {fault.where}"
        )


def candidates(pipeline: Pipeline, batch_id: str) -> str:
    """Return INSERT of every record of `joined` that was not refused."""
    names = ", ".join(Factor.model_fields)
    picks = ", ".join(
        f"{content_hash()} AS version_id" if name == "version_id" else f"c.{name}" for name in Factor.model_fields
    )
    return f"INSERT INTO candidate ({names}) SELECT {picks} FROM ({_typed(pipeline, batch_id)}) c"


def _first(name: str, *others: str) -> str:
    return f"coalesce(j.{name}_t, {', '.join(others)})"


def _typed(pipeline: Pipeline, batch_id: str) -> str:
    stated = " ".join(f"WHEN j.{name}_v IS NOT NULL THEN {quote(kind.value)}" for name, kind in _STATED)
    derived = "j.derived_value IS NOT NULL"
    value = f"CASE WHEN {derived} THEN j.derived_value ELSE j.value_v END"
    fields: dict[str, str] = {
        "candidate_id": record_id(batch_id, "j"),
        "factor_id": "md5(concat_ws(chr(31), j.s_source_id, j.key_text))",
        "version_id": "''",
        "batch_id": quote(batch_id),
        "pipeline": quote(pipeline.name),
        "row_no": "j._row",
        "place": "j.place",
        "kind": "CASE WHEN j.unit_gas = 'CO2e' THEN 'factor' WHEN j.unit_quantity IN "
        "('emission_factor', 'gas_factor') THEN 'gas_factor' ELSE 'parameter' END",
        "boundary": "coalesce(j.boundary_t, 'unspecified')",
        "direction": "coalesce(j.direction_t, 'emission')",
        "value_text": f"CASE WHEN {derived} THEN format('{{:.6g}}', j.derived_value) ELSE j.value_t END",
        "value": value,
        "value_low": "j.value_lo",
        "value_high": "j.value_hi",
        "value_form": f"CASE WHEN {derived} THEN 'derived' ELSE j.value_f END",
        "half_digit": f"CASE WHEN {derived} THEN NULL ELSE j.value_h END",
        "unit_text": "j.unit_t",
        "unit": "j.unit_name",
        "gas": "j.unit_gas",
        "per_unit": "j.unit_per",
        "dimension": "j.unit_dimension",
        "unit_basis": "coalesce(j.unit_basis_t, j.unit_basis_read)",
        "canonical_value": f"({value}) * j.unit_to_canonical",
        "canonical_unit": "j.unit_canonical",
        "to_canonical": "j.unit_to_canonical",
        "conversion": "j.unit_trail",
        "gwp_set": "CASE WHEN j.unit_gas = 'CO2e' THEN coalesce(j.gwp_set_t, j.s_gwp_set) END",
        "region_text": "j.region_text_t",
        "region": "j.region_code",
        "reference_year": "CAST(CAST(j.reference_year_t AS DOUBLE) AS BIGINT)",
        "valid_from": "coalesce(TRY_CAST(j.valid_from_t AS DATE), j.s_valid_from)",
        "valid_until": "coalesce(TRY_CAST(j.valid_until_t AS DATE), j.s_valid_until)",
        "published_on": "coalesce(TRY_CAST(j.published_on_t AS DATE), j.s_published_on)",
        "source_id": "j.s_source_id",
        "tier": _first("tier", "j.s_tier"),
        "verified": "coalesce(TRY_CAST(j.verified_t AS BOOLEAN), false)",
        "signed_share": "TRY_CAST(j.signed_share_t AS DOUBLE)",
        "publisher": _first("publisher", "j.s_publisher"),
        "read_from": _first("read_from", "j.s_read_from"),
        "statement": f"coalesce(j.statement_t, CASE {stated} WHEN j.value_f IN ('range', 'interval') THEN 'range' "
        "WHEN j.value_f LIKE 'plus_minus%' THEN 'plus_minus' ELSE 'none' END)",
        "statement_text": "coalesce(j.statement_text_t, j.cv_percent_t, j.gsd2_t, j.sd_t, "
        "CASE WHEN j.bound_low_t IS NOT NULL OR j.bound_high_t IS NOT NULL "
        "THEN concat('[', coalesce(j.bound_low_t, ''), '; ', coalesce(j.bound_high_t, ''), ']') END)",
        **{name: f"j.{name}_v" for name in ("cv_percent", "sd", "gsd2", "bound_low", "bound_high")},
        "expression": "j.expression",
        "te": "coalesce(TRY_CAST(j.te_t AS BIGINT), j.s_te)",
        "geo": "TRY_CAST(j.geo_t AS BIGINT)",
        "flags": "nullif(concat_ws('; ', j.flags_t, 'corrected: ' || j._corrected), '')",
        "attributes": "j.attributes",
    }
    picks = ", ".join(f"{fields.get(name, f'j.{name}_t')} AS {identifier(name)}" for name in Factor.model_fields)
    return f"SELECT {picks} FROM joined j ANTI JOIN bad b USING (_file, _row, record)"


def record_id(batch_id: str, alias: str) -> str:
    """Return SQL for a record's id within its batch: file, row and record name, hashed."""
    return f"md5(concat_ws(chr(31), {quote(batch_id)}, {alias}._file, {alias}._row, {alias}.record))"


def _amount(text: str) -> str:
    return f"CASE WHEN g.text IS NULL THEN TRY_CAST({text} AS DOUBLE) ELSE g.value END"


def gas_amounts(batch_id: str) -> str:
    """Return INSERT of the gas amounts of candidates; kg per canonical declared unit where the unit says so."""
    return (
        f"INSERT INTO gas_amount SELECT {record_id(batch_id, 'a')}, a.gas, a.amount_t, {_amount('a.amount_t')}, "
        f"a.unit_text, a.is_co2e, {_amount('a.amount_t')} * u.unit_to_kg FROM gas_text a "
        "LEFT JOIN number g ON g.text = a.amount_t LEFT JOIN gas_unit u ON u.unit_text = a.unit_text "
        f"WHERE {record_id(batch_id, 'a')} IN (SELECT candidate_id FROM candidate)"
    )


def recipe_inputs(batch_id: str) -> str:
    """Return INSERT of the inputs of derived candidates."""
    cv = "CASE WHEN h.text IS NULL THEN TRY_CAST(a.cv_t AS DOUBLE) ELSE h.value END"
    return (
        f"INSERT INTO recipe_input SELECT {record_id(batch_id, 'a')}, a.name, coalesce(a.value_t, ''), "
        f"{_amount('a.value_t')}, a.unit_text, {cv}, a.place FROM input_text a "
        "LEFT JOIN number g ON g.text = a.value_t LEFT JOIN number h ON h.text = a.cv_t "
        f"WHERE {record_id(batch_id, 'a')} IN (SELECT candidate_id FROM candidate)"
    )


def factor_inputs(batch_id: str) -> str:
    """Return INSERT of the factors that candidates are built on, from the list each record feeds as `lineage`."""
    return (
        "INSERT INTO factor_input BY NAME SELECT candidate_id, e->>'factor_id' AS input_factor_id, "
        "nullif(e->>'version_id', '') AS input_version_id, coalesce(e->>'role', 'input') AS role, "
        "e->>'label' AS label, CAST(e->>'amount' AS DOUBLE) AS amount, e->>'unit' AS unit, "
        "TRY_CAST(e->>'share' AS DOUBLE) AS share, coalesce(TRY_CAST(e->>'exact' AS BOOLEAN), true) AS exact, "
        "coalesce(TRY_CAST(e->>'restricted' AS BOOLEAN), false) AS restricted "
        f"FROM (SELECT {record_id(batch_id, 'j')} AS candidate_id, "
        "unnest(from_json(j.lineage_t, '[\"JSON\"]')) AS e FROM joined j "
        "ANTI JOIN bad b USING (_file, _row, record) WHERE j.lineage_t IS NOT NULL) "
        "SEMI JOIN candidate USING (candidate_id)"
    )

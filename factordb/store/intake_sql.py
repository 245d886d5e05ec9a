"""SQL that turns a raw table into candidates, as a pipeline declares it. Sets only, no row by row.

The order: `raw` (as read) → `prepared` → `tidy` (one row a record, all canonical fields as text) → `number`, `unit`,
`region` (each distinct string once) → `candidate`, `gas_amount`, `recipe_input` and `refused`. What stands between
`raw` and `candidate` are views: a million rows are written twice, as read and as candidates.
"""

from collections.abc import Mapping, Sequence

from factordb.model.factor import Factor
from factordb.model.pipeline import NUMBER_FIELDS, TEXT_FIELDS, Correction, Pipeline, Record
from factordb.store.duck import identifier, quote

PLAIN_NUMBER = r"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?"
"""Strings every grammar reads alike; they are cast by the database, all others go to the value grammar."""

NUMBERS = frozenset({"DOUBLE", "BIGINT", "INTEGER"})
"""Types of raw columns whose cells, written out, are plain numbers."""

_OUR_NAMES = frozenset({"candidate_id", "factor_id", "version_id", "batch_id", "pipeline", "row_no", "place"})
_READINGS = frozenset({"value_form", "half_digit", "unit", "per_unit", "dimension", "to_canonical", "conversion"})
"""Follow from the published value and unit, as do `value` and `canonical_value`, which stand for them all."""

CONTENT = tuple(name for name in Factor.model_fields if name not in _OUR_NAMES | _READINGS)
"""Columns whose change makes a new version."""

_TEXTS = frozenset(name for name in CONTENT if Factor.model_fields[name].annotation in {str, str | None})


def cell_letter(index: int) -> str:
    """Return the spreadsheet letter(s) of a 0-based column index."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def text_of(column: str) -> str:
    """Return SQL for a raw column as trimmed text, empty as NULL."""
    return f"nullif(trim(CAST({identifier(column)} AS VARCHAR)), '')"


def correction(repair: Correction) -> str:
    """Return the UPDATE of one declared repair; it returns a row for every cell repaired."""
    match = " AND ".join(f"{text_of(column)} = {quote(text)}" for column, text in repair.match.items())
    note = quote(f"{repair.column}: {repair.expect!r} → {repair.replace!r} ({repair.reason})")
    return (
        f"UPDATE raw SET {identifier(repair.column)} = {quote(repair.replace)}, _corrected = {note} "
        f"WHERE {match} AND {text_of(repair.column)} = {quote(repair.expect)} RETURNING 1"
    )


def _mapped(column: str, words: Sequence[tuple[str, str]]) -> str:
    cases = " ".join(f"WHEN {quote(word)} THEN {quote(meaning)}" for word, meaning in words)
    return f"CASE {text_of(column)} {cases} WHEN NULL THEN NULL ELSE '?' || {text_of(column)} END"


def field_sql(record: Record, name: str) -> str:
    """Return the SQL expression that feeds the canonical field `name`; NULL where the record does not."""
    if name in record.columns:
        return text_of(record.columns[name])
    if name in record.maps:
        column, words = record.maps[name]
        return _mapped(column, tuple(words.items()))
    if name in record.sql:
        made = f"CAST(({record.sql[name]}) AS VARCHAR)"
        # trimming walks through every character: only texts that begin or end with a blank pay for it
        return (
            f"CASE WHEN {made} LIKE ' %' OR {made} LIKE '% ' THEN nullif(trim({made}), '') ELSE nullif({made}, '') END"
        )
    if name in record.constants:
        return quote(record.constants[name])
    return "CAST(NULL AS VARCHAR)"


def _value_cell(record: Record, layout: Mapping[str, Sequence[str]], header_row: int) -> str:
    column = record.columns.get("value") or record.columns.get("value_and_unit")
    if column is None and record.inputs:
        column = record.inputs[0].column
    return cell_of(column, layout, header_row)


def cell_of(column: str | None, layout: Mapping[str, Sequence[str]], header_row: int) -> str:
    """Return SQL for `FILE!D17`; the files of one batch may have their columns in different order."""
    letters = {file: cell_letter(list(own).index(column)) for file, own in layout.items() if column and column in own}
    distinct = sorted(set(letters.values()))
    cases = " ".join(f"WHEN {quote(file)} THEN {quote(letter)}" for file, letter in letters.items())
    letter = f"CASE _file {cases} ELSE '' END" if len(distinct) > 1 else quote("".join(distinct))
    return f"_file || '!' || {letter} || CAST(_row + {header_row} AS VARCHAR)"


def tidy_select(
    record: Record,
    columns: Sequence[str],
    layout: Mapping[str, Sequence[str]],
    header_row: int,
    mapped: frozenset[str],
) -> str:
    """Return SELECT of one record's rows with every canonical field as text.

    Args:
        record: what the rows hold.
        columns: columns of the prepared table, in order.
        layout: file -> its own header: cells are named by it.
        header_row: row of the header, 1 where the format has none.
        mapped: raw columns used by any record; the others travel in `attributes`.
    """
    fields = [f"{field_sql(record, name)} AS {name}_t" for name in (*TEXT_FIELDS, *NUMBER_FIELDS)]
    fields += [f"{field_sql(record, name)} AS {name}_t" for name in ("unit", "value_and_unit")]
    key = ", ".join(f"coalesce({text_of(column)}, '')" for column in record.key) or "CAST(_row AS VARCHAR)"
    rest = [column for column in columns if column not in mapped and column not in record.carried]
    packed = ", ".join(f"{identifier(column)} := {text_of(column)}" for column in rest)
    attributes = f"CAST(to_json(struct_pack({packed})) AS VARCHAR)" if rest else "CAST(NULL AS VARCHAR)"
    return (
        f"SELECT _file, _row, {quote(record.name)} AS record, "
        f"concat_ws('|', {quote(record.name)}, {key}) AS key_text, "
        f"{_value_cell(record, layout, header_row)} AS place, "
        f"{quote(record.expression) if record.expression else 'CAST(NULL AS VARCHAR)'} AS expression, "
        f"{attributes} AS attributes, _corrected, {', '.join(fields)} "
        f"FROM prepared WHERE ({record.where or 'true'})"
    )


def half_digit_sql(text: str) -> str:
    """Return SQL for half a unit of the last digit of a plain number string (`PLAIN_NUMBER`)."""
    mantissa = f"regexp_extract({text}, '^[+-]?([0-9.]+)', 1)"
    exponent = f"coalesce(TRY_CAST(regexp_extract({text}, '[eE]([+-]?[0-9]+)$', 1) AS INTEGER), 0)"
    decimals = f"length(regexp_extract({mantissa}, '\\.([0-9]*)$', 1))"
    # most numbers have no exponent: their digits are counted without a regular expression
    after_point = f"CASE strpos({text}, '.') WHEN 0 THEN 0 ELSE length({text}) - strpos({text}, '.') END"
    return (
        f"0.5 * pow(10.0, CASE WHEN contains({text}, 'e') OR contains({text}, 'E') "
        f"THEN {exponent} - {decimals} ELSE -({after_point}) END)"
    )


def content_hash() -> str:
    """Return SQL for the version id: sha256 over every content column of alias c that holds something.

    Each text is led by its column's place in the model, so that an empty column need not be written down.
    """
    parts = ", ".join(
        f"{quote(f'{number}=')} || {f'c.{name}' if name in _TEXTS else f'CAST(c.{name} AS VARCHAR)'}"
        for number, name in enumerate(CONTENT)
    )
    return f"sha256(concat_ws(chr(31), {parts}))"


def used_columns(pipeline: Pipeline) -> frozenset[str]:
    """Return the raw columns that some record reads by name."""
    used: set[str] = set()
    for record in pipeline.records:
        used.update(column for field, column in record.columns.items() if field != "lineage")
        used.update(column for column, _ in record.maps.values())
        used.update(gas.column for gas in record.gases)
        for part in record.inputs:
            used.update(name for name in (part.column, part.unit_column, part.cv_column) if name)
    return frozenset(used)

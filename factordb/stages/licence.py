"""Licence and access: which rows and fields of a source may leave the library, decided row by row, with the reason.

Every exporter asks here. What stays behind is returned beside what may leave, never dropped in silence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.model.release import RELEASE_COLUMNS
from factordb.model.source import Access, LicenceClass, Source
from factordb.reference import tables as reference

ROW: Final = "row"
"""What `withheld` says of a row that stays behind as a whole; otherwise the names of the emptied fields."""
WITHHELD: Final = "withheld"
"""What stands in an emptied cell of a column that the contract of a release never leaves empty."""
NOT_REGISTERED: Final = "not_registered"
"""Reason for a row whose source nobody registered: what it allows is not known, and it does not leave."""

WITHHELD_SCHEMA: Final = pa.schema(
    [("table", pa.string()), ("id", pa.string()), ("withheld", pa.string()), ("reason", pa.string())]
)

_NEVER_EMPTY = frozenset(column.name for column in RELEASE_COLUMNS if column.required)


@dataclass(frozen=True)
class Terms:
    """What one source allows: whether its rows may leave, which fields are emptied, and why (codes)."""

    rows: bool
    row_reason: str
    fields: frozenset[str]
    field_reason: str


@dataclass(frozen=True)
class Allowed:
    """What may leave of a table, and what stays behind: table, id, what, reason."""

    rows: pa.Table
    withheld: pa.Table


class ExportPolicy:
    """What may leave the library of each source, by `reference/licence/export.toml`."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        policy = reference.toml("licence/export")
        self._terms = {name: _terms(policy, one) for name, one in sources.items()}
        self._access = {name: one.access for name, one in sources.items()}

    def terms(self, source_id: str) -> Terms:
        """Return what a source allows; one that is not registered allows nothing."""
        return self._terms.get(source_id, Terms(rows=False, row_reason=NOT_REGISTERED, fields=frozenset(),
                                                field_reason=""))  # fmt: skip

    def nameless(self) -> list[str]:
        """Return the sources of which not even the name leaves, sorted."""
        return sorted(name for name, access in self._access.items() if access is Access.CONFIDENTIAL)

    def not_quoted(self) -> list[str]:
        """Return the sources whose candidates are given by no example: something of them stays behind. Sorted."""
        return sorted(name for name, terms in self._terms.items() if not terms.rows or terms.fields)

    def leave(self, rows: pa.Table, *, table: str, key: str, fields_only: bool = False) -> Allowed:
        """Return the rows that may leave, with fields emptied where they must be, and what stays behind.

        Args:
            rows: any table with a column source_id and the column `key`.
            table: its name in the list of what stays behind.
            key: column that identifies a row there; it must tell nothing but the identity.
            fields_only: keep whole rows that may not leave, for comparing with an earlier release.
        """
        used = [str(name) for name in pc.unique(rows.column("source_id")).to_pylist()]
        kept, parts = rows, []
        barred = [name for name in used if not self.terms(name).rows]
        if barred and not fields_only:
            outside = _of(rows, barred)
            gone = rows.filter(outside)
            reasons = _mapped(gone.column("source_id"), {name: self.terms(name).row_reason for name in barred})
            parts.append(_listed(table, gone.column(key), ROW, reasons))
            kept = rows.filter(pc.invert(outside))
        for fields, reason, names in self._groups(used, kept.schema.names):
            where = _of(kept, names)
            parts.append(_emptied(kept, where, fields, table=table, key=key, reason=reason))
            kept = _empty(kept, where, fields)
        return Allowed(kept, pa.concat_tables([WITHHELD_SCHEMA.empty_table(), *parts]))

    def _groups(self, used: Iterable[str], columns: Sequence[str]) -> Iterable[tuple[list[str], str, list[str]]]:
        found: dict[tuple[tuple[str, ...], str], list[str]] = {}
        for name in used:
            terms = self.terms(name)
            fields = tuple(column for column in columns if column in terms.fields)
            if fields:
                found.setdefault((fields, terms.field_reason), []).append(name)
        return [(list(fields), reason, names) for (fields, reason), names in sorted(found.items())]


def _terms(policy: Mapping[str, Any], source: Source) -> Terms:
    licence, access = LicenceClass(source.licence_class), Access(source.access)
    asked = ((f"access_{access}", policy["access"][access]), (f"licence_{licence}", policy["licence"][licence]))
    barred = [code for code, one in asked if one["rows"] != "release"]
    emptying = [code for code, one in asked if one["fields"]]
    return Terms(
        rows=not barred,
        row_reason=barred[0] if barred else "",
        fields=frozenset(field for _, one in asked for field in one["fields"]),
        field_reason=emptying[0] if emptying else "",
    )


def reason_words(code: str) -> dict[str, str]:
    """Return the words, zh and en, of why something stays behind."""
    section, _, name = code.partition("_")
    found = reference.toml("licence/export").get(section, {}).get(name)
    if found is None:
        return {"zh": "来源未登记，许可与访问级别不明", "en": "the source is not registered: what it allows is unknown"}
    return {"zh": found["zh"], "en": found["en"]}


def _of(rows: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    known = pc.is_in(rows.column("source_id"), value_set=pa.array(names, pa.string()))
    return pc.fill_null(known, fill_value=False)


def _mapped(cells: pa.ChunkedArray, words: Mapping[str, str]) -> pa.ChunkedArray:
    at = pc.index_in(cells, value_set=pa.array(list(words), pa.string()))
    return pa.chunked_array([pa.array(list(words.values()), pa.string()).take(chunk) for chunk in at.chunks],
                            pa.string())  # fmt: skip


def _listed(table: str, ids: pa.ChunkedArray, what: str, reasons: pa.ChunkedArray | str) -> pa.Table:
    def same(text: str) -> pa.Array:
        return pa.array([text], pa.string()).take(pa.nulls(len(ids), pa.int64()).fill_null(0))

    cells = [same(table), ids.cast(pa.string()), same(what), same(reasons) if isinstance(reasons, str) else reasons]
    return pa.table(cells, schema=WITHHELD_SCHEMA)


def _emptied(
    rows: pa.Table, where: pa.ChunkedArray, fields: Sequence[str], *, table: str, key: str, reason: str
) -> pa.Table:
    """Return one line a row in which some field held something that is now withheld."""
    part = rows.filter(where)
    named = [
        pc.if_else(pc.is_valid(part.column(name)), pa.scalar(name), pa.scalar(None, pa.string())) for name in fields
    ]
    said = pc.binary_join_element_wise(*named, " ", null_handling="skip")
    full = pc.not_equal(said, "")
    listed = _listed(table, part.column(key), "", reason).set_column(2, WITHHELD_SCHEMA.field(2), said)
    return listed.filter(full)


def _empty(rows: pa.Table, where: pa.ChunkedArray, fields: Sequence[str]) -> pa.Table:
    for name in fields:
        column = rows.column(name)
        at = rows.schema.get_field_index(name)
        instead = pa.scalar(WITHHELD if name in _NEVER_EMPTY else None, column.type)
        emptied = pc.if_else(where, instead, column)
        rows = rows.set_column(at, rows.schema.field(at), emptied)
    return rows

"""The list of candidates as it is looked through: prepared with each published version, then mapped and not read.

One Arrow file, a row a candidate with its assessment and its interval beside it, those that wait for people first. It
is mapped into memory: a filter passes over one column, a page fetches its hundred rows, and nothing is joined or sorted
anew. A version that an older program published has none; its list is then made in memory from the same tables.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factordb.store.duck import opened
from factordb.store.library_file import LISTING, Published, attach

__all__ = ["SHOWN", "Listing", "asked", "listing", "write"]

_PLAIN: Final = {
    "row_no": pa.int64(), "candidate_id": pa.string(), "factor_id": pa.string(), "version_id": pa.string(),
    "name_zh": pa.string(), "name_en": pa.string(), "flow": pa.string(), "value": pa.float64(),
    "value_text": pa.string(), "canonical_value": pa.float64(), "to_canonical": pa.float64(),
    "reference_year": pa.int64(), "valid_until": pa.date32(), "place": pa.string(), "dqr": pa.float64(),
    "eligible": pa.bool_(), "cv": pa.float64(), "shortest_low95": pa.float64(), "shortest_high95": pa.float64(),
    "said": pa.string(),
}  # fmt: skip
_REPEATED: Final = (
    "pipeline", "batch_id", "kind", "gas", "unit", "unit_text", "canonical_unit", "region", "tier", "source_id",
    "boundary", "gwp_set", "top", "verdict", "band", "reasons", "basis",
)  # fmt: skip
"""Columns of few distinct texts: each is kept once, a row holds its number."""
_SCHEMA: Final = pa.schema([*_PLAIN.items(), *((name, pa.dictionary(pa.int32(), pa.string())) for name in _REPEATED)])
_BATCH: Final = 65_536

SHOWN: Final = (
    "candidate_id", "factor_id", "version_id", "pipeline", "kind", "name_zh", "name_en", "value_text", "unit",
    "region", "reference_year", "tier", "verdict", "dqr", "band", "eligible", "reasons", "basis", "cv",
    "shortest_low95", "shortest_high95", "place",
)  # fmt: skip
"""Columns of a page of candidates."""
_GRAVE: Final = "CASE a.verdict WHEN 'needs_person' THEN 0 WHEN 'insufficient' THEN 1 WHEN 'fail' THEN 2 ELSE 3 END"
_SAID: Final = "lower(concat_ws(' ', c.name_zh, c.name_en, c.flow, c.factor_id))"
_TOP: Final = "coalesce(nullif(trim(split_part(replace(c.category, '>', '/'), '/', 1)), ''), '—')"
"""First level of the source's own classification."""
_FROM: Final = {
    **dict.fromkeys(("verdict", "dqr", "band", "eligible", "reasons"), "a"),
    **dict.fromkeys(("basis", "cv", "shortest_low95", "shortest_high95"), "u"),
}
_MADE: Final = {"said": _SAID, "top": _TOP, "valid_until": "CAST(c.valid_until AS DATE)"}
_QUERY: Final = (
    "SELECT {columns} FROM candidate c LEFT JOIN assessment a USING (candidate_id) "
    f"LEFT JOIN uncertainty u USING (candidate_id) ORDER BY {_GRAVE}, c.pipeline, c.batch_id, c.row_no, c.candidate_id"
)
_LONG: Final = 200
"""Signs of words that are not made an expression any more."""
_KEPT: Final = 2
"""Lists a process keeps open: of the version that is read, and of the one before."""


class Listing:
    """The candidates of one published version, in their order; positions count from 0."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows
        self._ends = np.cumsum([0, *(chunk.num_rows for chunk in rows.to_batches())])
        self._batches = rows.to_batches()
        self._codes: dict[str, tuple[np.ndarray, list[str]]] = {}

    def __len__(self) -> int:
        """Return how many candidates there are."""
        return int(self.rows.num_rows)

    def codes(self, name: str) -> tuple[np.ndarray, list[str]]:
        """Return the number of each row's text, -1 without one, shape (n,), and the texts by number."""
        if name not in self._codes:
            chunks = self.rows[name].chunks
            texts = chunks[0].dictionary.to_pylist() if chunks else []
            numbers = [pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in chunks]
            self._codes[name] = (np.concatenate(numbers) if numbers else np.empty(0, np.int32), texts)
        return self._codes[name]

    def hits(self, *, verdict: str = "", code: str = "", pipeline: str = "", text: str = "") -> np.ndarray | None:
        """Return the positions of the rows that answer all filters, ascending, shape (m,); None: no filter, all."""
        masks = [self._equals(name, value) for name, value in (("verdict", verdict), ("pipeline", pipeline)) if value]
        if code:
            numbers, texts = self.codes("reasons")
            holds = np.array([code in one.split(" ") for one in texts] + [False])  # the last is for -1: without reasons
            masks.append(holds[numbers])
        if text:
            masks.append(_holding(self.rows["said"], pc.utf8_lower(pa.scalar(text)).as_py()).to_numpy())
        return np.flatnonzero(np.logical_and.reduce(masks)) if masks else None

    def _equals(self, name: str, value: str) -> np.ndarray:
        numbers, texts = self.codes(name)
        return numbers == texts.index(value) if value in texts else np.zeros(len(self), bool)

    def named(self, beginning: str, limit: int) -> list[str]:
        """Return the first candidate ids whose candidate, factor or version id begins so, sorted, at most `limit`."""
        found = [pc.fill_null(pc.starts_with(self.rows[name], beginning), fill_value=False) for name in _IDS]
        places = np.flatnonzero(np.logical_or.reduce([one.to_numpy() for one in found]))
        names = self.take(places, ["candidate_id"])
        first = pc.select_k_unstable(names, k=min(limit, len(places)), sort_keys=[("candidate_id", "ascending")])
        return [str(one) for one in names.take(first)["candidate_id"].to_pylist()]

    def take(self, positions: np.ndarray | Sequence[int], columns: list[str]) -> pa.Table:
        """Return the columns of the rows at these positions, in their order, as plain texts and numbers."""
        places = np.asarray(positions, np.int64)
        fields = [pa.field(name, _PLAIN.get(name, pa.string())) for name in columns]
        if not len(places):
            return pa.schema(fields).empty_table()
        at = np.searchsorted(self._ends, places, side="right") - 1
        order = np.argsort(at, kind="stable")
        some = [
            self._batches[one].select(columns).take(pa.array(places[order][at[order] == one] - self._ends[one]))
            for one in np.unique(at)
        ]
        back = np.empty(len(places), np.int64)
        back[order] = np.arange(len(places))
        # a dictionary of another batch is the same one, so that the texts may be cast one by one
        plain = [batch.cast(pa.schema(fields)) for batch in some]
        return pa.Table.from_batches(plain).take(pa.array(back))


def _holding(said: pa.ChunkedArray, words: str) -> pa.ChunkedArray:
    """Return whether each text holds the words, sign by sign."""
    if len(words) > _LONG:
        return pc.match_substring(said, words)
    # an expression of literal signs alone is looked for twice as fast as the same words as words
    return pc.match_substring_regex(said, "".join(f"\\x{{{ord(one):x}}}" for one in words))


_IDS: Final = ("candidate_id", "factor_id", "version_id")


def write(published: Published) -> None:
    """Write the list of a version that is being published beside its tables."""
    with opened(":memory:") as connection, pa.OSFile(str(published.folder / LISTING), "wb") as sink:
        options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
        with pa.ipc.new_file(sink, _SCHEMA, options=options) as writer:
            for batch in _batches(connection, published):
                writer.write_batch(batch)


def listing(published: Published) -> Listing:
    """Return the list of a published version; it is kept open for the questions that follow."""
    path = published.folder / LISTING
    try:
        return _mapped(path, _signature(path))
    except (FileNotFoundError, pa.ArrowInvalid):  # never made, taken away, or cut short: its tables say the same
        tables = (published.table(name) for name in ("candidate", "assessment", "uncertainty"))
        return _made(published, *(_signature(table) for table in tables if table.exists()))


def _signature(path: Path) -> tuple[int, int, int]:
    facts = path.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


@lru_cache(maxsize=_KEPT)
def _mapped(path: Path, _seen: tuple[int, int, int]) -> Listing:
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
        return Listing(reader.read_all())


@lru_cache(maxsize=1)
def _made(published: Published, *_seen: tuple[int, int, int]) -> Listing:
    with opened(":memory:") as connection:
        return Listing(pa.Table.from_batches(_batches(connection, published), _SCHEMA).unify_dictionaries())


@contextmanager
def asked(published: Published) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that knows the list as `listing`, for counts."""
    with opened(":memory:") as connection:
        connection.register("listing", listing(published).rows)
        yield connection


def _batches(connection: duckdb.DuckDBPyConnection, published: Published) -> Iterator[pa.RecordBatch]:
    """Yield the rows in their order; the texts that repeat are numbered as they are met."""
    attach(connection, published)
    columns = ", ".join(f"{_MADE.get(name) or _FROM.get(name, 'c') + '.' + name} AS {name}" for name in _SCHEMA.names)
    met: Mapping[str, dict[str, int]] = {name: {} for name in _REPEATED}
    for batch in connection.execute(_QUERY.format(columns=columns)).to_arrow_reader(_BATCH):
        cells = [
            _numbered(batch[field.name], met[field.name]) if field.name in met else batch[field.name].cast(field.type)
            for field in _SCHEMA
        ]
        yield pa.record_batch(cells, schema=_SCHEMA)


def _numbered(texts: Any, met: dict[str, int]) -> pa.DictionaryArray:
    """Return the texts as numbers of those that were met so far, in this batch or before."""
    own = texts.dictionary_encode()
    numbers = pa.array([met.setdefault(one, len(met)) for one in own.dictionary.to_pylist()], pa.int32())
    return pa.DictionaryArray.from_arrays(numbers.take(own.indices), pa.array(met, pa.string()))

"""The search index of a release: a tantivy index over words, spellings and criteria, rows numbered by preference."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from factordb.model.vocabulary import Kind
from factordb.selection import pinyin, places
from factordb.selection.coding import Codes, codes_of, named, spelt
from factordb.selection.released import each_distinct, is_average
from factordb.selection.words import (
    is_chinese,
    pieces,
    plain,
    segments,
    stored_tokens,
    synonyms,
)

FORM: Final = 4
"""Form of a read model and its index: it grows when what is written changes, so that an older one is made anew."""
WORD_FIELDS: Final[dict[str, Literal["position", "basic"]]] = {"name": "position", "text": "basic"}
"""Fields of tokens: those of names and products, in their order; those of everything that is said of a factor."""
SPELT_FIELDS: Final = ("exact", "pinyin_word", "pinyin_part")
"""Fields of whole strings, several a row."""
FACETS: Final = ("kind", "tier", "region", "year", "unit", "boundary", "gas", "gwp_set", "band", "direction",
                 "code_system", "code", "source", "concept")  # fmt: skip
"""Criteria whose values are counted."""
CRITERIA_FIELDS: Final = (*FACETS, "canonical", "declared", "particular")
SEVERAL_FIELDS: Final = ("flag", "code_spelt", "code_within")
"""Criteria of which a row has several values: flags, spellings of its code, the wider classes of its code."""
NUMBERS: Final = ("valid_from", "valid_until", "published_on")
NONE: Final = "none"
"""Stands for a cell without a value."""
ALWAYS: Final = 0
EVER: Final = 99_991_231
"""Days, as YYYYMMDD, of a validity without beginning or end."""
VOCABULARY: Final = "words.json"
_HEAP: Final = 128_000_000
_BETWEEN: Final = "\x1f"
_PARTED: Final = "|"
"""Token that stands between names, so that no words in a row reach from one into the next."""
_COLUMN: Final = {"source": "source_id", "code": "product_code", "canonical": "canonical_unit",
                  "declared": "declared_unit", "year": "reference_year"}  # fmt: skip


def schema() -> Any:
    """Return the schema of the index."""
    import tantivy  # noqa: PLC0415 - needed where something is searched

    builder = tantivy.SchemaBuilder()
    for name, kept in WORD_FIELDS.items():
        builder.add_text_field(name, tokenizer_name="whitespace", index_option=kept)
    for name in SPELT_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in CRITERIA_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name in FACETS)
    for name in SEVERAL_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("n", *NUMBERS):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    builder.add_float_field("dqr", indexed=True, fast=True)
    return builder.build()


def build(rows: pa.Table, folder: Path) -> None:
    """Write the index of `rows` (from `released.in_order`) into an empty folder."""
    import tantivy  # noqa: PLC0415 - as above

    fields = schema()
    index = tantivy.Index(fields, path=str(folder))
    writer = index.writer(heap_size=_HEAP, num_threads=1)  # one thread: rows stay in their order
    for document in _documents(rows):
        writer.add_document(tantivy.Document.from_dict(document, fields))
    writer.commit()
    writer.wait_merging_threads()
    (folder / VOCABULARY).write_text(json.dumps(vocabulary(rows), ensure_ascii=False, sort_keys=True), encoding="utf-8")


def _documents(rows: pa.Table) -> Iterator[dict[str, Any]]:
    columns: dict[str, Iterable[Any]] = {}
    for name in CRITERIA_FIELDS:
        if name in {"code_system", "code"}:
            continue  # several of a row, below
        cells = _particular(rows) if name == "particular" else rows[_COLUMN.get(name, name)].cast(pa.string())
        columns[name] = ([one] for one in pc.fill_null(cells, NONE).to_pylist())
    for name, missing in zip(NUMBERS, (ALWAYS, EVER, ALWAYS), strict=True):
        columns[name] = ([one] for one in _days(rows[name], missing))
    columns["n"] = ([one] for one in rows["n"].to_pylist())
    columns["dqr"] = ([one] for one in pc.fill_null(rows["dqr"].cast(pa.float64()), 99.0).to_pylist())
    columns["flag"] = (one.split() for one in rows["flags"].to_pylist())
    codes = codes_of(rows)
    columns["code_system"] = ([system or NONE for system, _ in one] or [NONE] for one in codes)
    columns["code"] = ([named(*each) for each in one] or [NONE] for one in codes)
    columns["code_spelt"] = (spelt(one)[0] for one in codes)
    columns["code_within"] = (spelt(one)[1] for one in codes)
    columns.update(_words(rows, codes))
    names = list(columns)
    for cells in zip(*columns.values(), strict=True):
        yield dict(zip(names, cells, strict=True))


def _particular(rows: pa.Table) -> pa.Array:
    """Return "yes" where a row is of one technology, "no" where of an average or of none that it names, shape (n,)."""
    named = each_distinct(rows["technology"], lambda one: "yes" if one and not is_average(one) else "no")
    return pc.fill_null(named, "no")


def _days(column: pa.ChunkedArray, missing: int) -> list[int]:
    digits = pc.strftime(column.cast(pa.timestamp("s")), format="%Y%m%d")
    return pc.fill_null(digits.cast(pa.int64()), missing).to_pylist()  # type: ignore[no-any-return] # Arrow is untyped


def _words(rows: pa.Table, codes: Sequence[Codes]) -> dict[str, Iterable[Any]]:
    """Return the cells of the word and spelling fields; each distinct text is read once."""
    titles = [rows[name] for name in ("name_zh", "name_en", "flow")]
    about = [
        rows[name] for name in ("category", "technology", "quantity", "region_text", "code_system", "product_code")
    ]
    place = each_distinct(rows["region"], lambda code: " ".join(stored_tokens(" ".join((code, *places.names(code))))))
    year = pc.fill_null(rows["reference_year"].cast(pa.string()), "")
    kinds = each_distinct(rows["kind"], lambda kind: "parameter" if kind == Kind.PARAMETER else "")
    name = _joined([each_distinct(one, _named) for one in titles], f" {_PARTED} ")
    text = _joined([each_distinct(one, _spoken) for one in (*titles, *about)] + [place, year, kinds])
    whole = _joined([each_distinct(one, _whole) for one in titles], _BETWEEN)
    ids = [rows[name].to_pylist() for name in ("factor_id", "version_id")]
    word = _joined([each_distinct(one, _pinyin_words) for one in (*titles, rows["technology"])])
    part = _joined([each_distinct(one, _pinyin_parts) for one in titles])
    return {
        "name": ([one] for one in name),
        "text": ([f"{one} {other}"] for one, other in zip(name, text, strict=True)),
        "exact": (
            [*(one for one in words.split(_BETWEEN) if one), *(plain(one) for one in row if one), *spelt(code)[0]]
            for words, code, *row in zip(whole, codes, *ids, strict=True)
        ),
        "pinyin_word": (sorted(set(one.split())) for one in word),
        "pinyin_part": (sorted(set(one.split())) for one in part),
    }


def _joined(columns: list[pa.Array], between: str = " ") -> list[str]:
    whole = [one.combine_chunks() if isinstance(one, pa.ChunkedArray) else one for one in columns]
    joined = pc.binary_join_element_wise(*whole, between, null_handling="replace", null_replacement="")
    return joined.to_pylist()  # type: ignore[no-any-return] # Arrow is untyped


def _named(text: str) -> str:
    # every name by itself, each token in its place: words one after the other are found as they stand
    names = dict.fromkeys((text, *synonyms().of(synonyms().whole(text))))
    return f" {_PARTED} ".join(" ".join(stored_tokens(one)) for one in names)


def _spoken(text: str) -> str:
    spoken = (token for concept in synonyms().within(text) for token in _tokens_of(concept))
    return " ".join(dict.fromkeys((*stored_tokens(text), *spoken)))


@cache
def _tokens_of(concept: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stored_tokens(" ".join(synonyms().of(concept)))))


@cache
def _spellings_of(concept: str) -> frozenset[str]:
    return frozenset(one for word in synonyms().of(concept) for one in pinyin.spellings(word))


def _whole(text: str) -> str:
    words = (text, *synonyms().of(synonyms().whole(text)))
    return _BETWEEN.join(dict.fromkeys(" ".join(pieces(one)) for one in words))


def _pinyin_words(text: str) -> str:
    found = {spelling for word in (text, *segments(text)) for spelling in pinyin.spellings(word)}
    return " ".join(sorted(found.union(*(_spellings_of(concept) for concept in synonyms().within(text)))))


def _pinyin_parts(text: str) -> str:
    return " ".join(sorted(pinyin.parts(text)))


def vocabulary(rows: pa.Table) -> dict[str, int]:
    """Return the words of names, flows and synonyms -> rows that carry them: what a misspelt word may have meant."""
    found: Counter[str] = Counter()
    for column in ("name_zh", "name_en", "flow", "technology"):
        for entry in pc.value_counts(rows[column]).to_pylist():
            for segment in segments(entry["values"] or ""):
                for piece in pieces(segment):
                    if not piece[0].isdigit():
                        found[piece] += entry["counts"]
    for words in synonyms().words.values():
        for piece in {piece for word in words for piece in pieces(word)}:
            found[piece] += 0 if is_chinese(piece) or piece in found else 1
    return dict(found)

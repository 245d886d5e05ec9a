"""Questions as queries of the index: classes of words from exact to near, and criteria that refuse the unknown."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from factordb.errors import UsageError
from factordb.selection import pinyin, places
from factordb.selection.coding import asked_code, terms
from factordb.selection.flags import known_flags
from factordb.selection.index import FACETS, NONE, VOCABULARY, schema
from factordb.selection.released import settings
from factordb.selection.typos import corrected
from factordb.selection.vocabulary import CHECKED, known_value
from factordb.selection.words import asked_runs, asked_tokens, pieces, plain
from factordb.units import Quantity, parse
from factordb.values.refusal import Refused

Criteria = Mapping[str, Any]
"""Criterion -> a value or several; the values of one are alternatives (OR), all criteria must hold (AND)."""
SPECIAL: Final = ("region_within", "region_covering", "year_from", "year_to", "dqr_max", "valid_on", "valid_after",
                  "valid_before", "flag", "not_flag", "convertible_to", "code_within", "declared", "factor", "version",
                  "not_version")  # fmt: skip
CRITERIA: Final = (*FACETS, *SPECIAL)
"""Every criterion there is."""
_FACET_VALUES: Final = 1000
_KEPT: Final = 256
"""Questions of which a process keeps what they mean and what was counted."""
Counted = tuple[int, dict[str, dict[str, int]]]
"""Rows that answer; criterion -> value -> rows."""


class Match(IntEnum):
    """How a row answers the words of a question, best first."""

    EXACT = 1
    """A name, product, code or identifier is the question, or a synonym of it is."""
    PHRASE = 2
    """Names and product hold the words one after the other, as they were asked."""
    NAME = 3
    """Names and product hold every word."""
    TEXT = 4
    """Every word stands somewhere: synonyms, technology, place, year and classification included."""
    PINYIN = 5
    """A whole word is spelt like this."""
    PINYIN_PART = 6
    """A part of a name is spelt like this."""
    ALL = 7
    """Nothing was asked but criteria."""


@dataclass(frozen=True)
class Asked:
    """A question that has become queries.

    Attributes:
        classes: match -> query, best first; disjoint only once the better ones are taken out.
        corrected: the question as it was understood where a word was misspelt, else "".
    """

    classes: dict[Match, Any]
    corrected: str = ""


class Index:
    """An opened index."""

    def __init__(self, folder: Path) -> None:
        import tantivy  # noqa: PLC0415 - needed where something is searched

        self._folder = folder
        self._tantivy = tantivy
        self.schema = schema()
        self.searcher = tantivy.Index.open(str(folder)).searcher()
        # an index never changes: what a question means is found out once, whoever asks it again or turns the page
        self.asked = lru_cache(_KEPT)(self._understood)
        self.counted = lru_cache(_KEPT)(self.count_of)

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────

    def _understood(self, text: str) -> Asked:
        """Return the classes of queries of a question: words, else pinyin, else what was probably meant."""
        if not text.strip():
            return Asked({Match.ALL: self._tantivy.Query.all_query()})
        found = self._living(self._by_words(text))
        if found:
            return Asked(found)
        found = self._living(self._by_pinyin(text))
        if found:
            return Asked(found)
        meant = corrected(text, self._vocabulary)
        return Asked(self._living(self._by_words(meant)) if meant else {}, meant)

    def _by_words(self, text: str) -> dict[Match, Any]:
        tokens = asked_tokens(text)
        code = asked_code(text)
        exact = {plain(text), " ".join(pieces(text)), code} - {""}
        classes = {Match.EXACT: self.any_of("exact", exact)}
        runs = asked_runs(text)
        if any(len(run) > 1 for run in runs):
            classes[Match.PHRASE] = self.both(*(self.in_a_row("name", run) for run in runs))
        if tokens:
            classes |= {Match.NAME: self.all_of("name", tokens), Match.TEXT: self.all_of("text", tokens)}
        if ":" in code:  # a class of the classification that is named holds what is within it
            classes[Match.TEXT] = self.either((classes[Match.TEXT], self.any_of("code_within", [code])))
        return classes

    def _by_pinyin(self, text: str) -> dict[Match, Any]:
        spelt = pinyin.asked(text)
        if not spelt:
            return {}
        return {
            Match.PINYIN: self.any_of("pinyin_word", [spelt]),
            Match.PINYIN_PART: self.any_of("pinyin_part", [spelt]),
        }

    def _living(self, classes: dict[Match, Any]) -> dict[Match, Any]:
        return {match: query for match, query in classes.items() if _hits(self.searcher, query)}

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        import json  # noqa: PLC0415 - only when something was misspelt

        found: dict[str, int] = json.loads((self._folder / VOCABULARY).read_text(encoding="utf-8"))
        return found

    # ── queries ──────────────────────────────────────────────────────────────────────────────────────────

    def any_of(self, field: str, values: Iterable[str]) -> Any:
        """Return the query of rows that have one of the values in `field`."""
        return self._tantivy.Query.term_set_query(self.schema, field, sorted(values))

    def all_of(self, field: str, tokens: Iterable[str]) -> Any:
        """Return the query of rows that have every token in `field`."""
        return self.both(*(self._tantivy.Query.term_query(self.schema, field, one, "basic") for one in tokens))

    def in_a_row(self, field: str, tokens: Sequence[str]) -> Any:
        """Return the query of rows that have the tokens one after the other in `field`."""
        if len(tokens) == 1:
            return self.all_of(field, tokens)
        return self._tantivy.Query.phrase_query(self.schema, field, list(tokens))

    def both(self, *queries: Any) -> Any:
        """Return the query of rows that answer all queries."""
        must = self._tantivy.Occur.Must
        return self._tantivy.Query.boolean_query([(must, one) for one in queries])

    def either(self, queries: Iterable[Any]) -> Any:
        """Return the query of rows that answer at least one."""
        should = self._tantivy.Occur.Should
        given = [(should, one) for one in queries]
        return self._tantivy.Query.boolean_query(given) if given else self._tantivy.Query.empty_query()

    def without(self, query: Any, others: Iterable[Any]) -> Any:
        """Return the query of rows that answer `query` and none of the others."""
        occur = self._tantivy.Occur
        return self._tantivy.Query.boolean_query([(occur.Must, query), *((occur.MustNot, one) for one in others)])

    def between(self, field: str, low: float | None, high: float | None) -> Any:
        """Return the query of rows whose number lies between two limits, both included; None: no limit."""
        kind = self._tantivy.FieldType.Float if field == "dqr" else self._tantivy.FieldType.Unsigned
        return self._tantivy.Query.range_query(self.schema, field, kind, low, high)

    # ── criteria ─────────────────────────────────────────────────────────────────────────────────────────

    def criteria(self, given: Criteria) -> list[Any]:
        """Return one query a criterion.

        Raises:
            UsageError: a criterion is not known, or a value cannot be one of it.
            NotFoundError: a region or a flag is not known.
        """
        unknown = [name for name in given if name not in CRITERIA]
        if unknown:
            raise _unknown_criterion(unknown[0])
        return [
            self._coded(name, several(values), several(given.get("code_system")))
            if name in {"code", "code_within"}
            else self._criterion(name, several(values))
            for name, values in given.items()
            if values is not None and several(values)
        ]

    def _criterion(self, name: str, values: list[Any]) -> Any:  # noqa: C901, PLR0911 - one line a criterion
        words = [str(one) for one in values]
        if name in {"region", "region_within", "region_covering"}:
            codes = [NONE if one == NONE else places.region_code(one) for one in words]
            if name == "region_within":
                return self.any_of("region", places.children(codes))
            if name == "region_covering":
                return self.any_of("region", {place for code in codes for place in places.lineage(code)})
            return self.any_of("region", codes)
        if name in {"year_from", "year_to"}:
            first, last = settings()["years"]
            low, high = (_year(words[0]), last) if name == "year_from" else (first, _year(words[0]))
            return self.any_of("year", (str(one) for one in range(low, high + 1)))
        if name == "dqr_max":
            return self.between("dqr", None, _number(words[0]))
        if name == "valid_after":
            return self.between("valid_from", _day(words[0]) + 1, None)
        if name == "valid_before":
            return self.between("valid_until", None, _day(words[0]) - 1)
        if name == "valid_on":
            day = _day(words[0])
            return self.both(self.between("valid_from", None, day), self.between("valid_until", day, None))
        if name in {"flag", "not_flag"}:
            return self._flagged(words, holds=name == "flag")
        if name in {"factor", "version", "not_version"}:
            found = self.any_of("exact", map(plain, words))
            return self.without(self._tantivy.Query.all_query(), [found]) if name == "not_version" else found
        if name == "convertible_to":
            return self.either(self.any_of(field, [unit]) for field, unit in map(_canonical, words))
        return self.any_of(name, [self._value(name, one) for one in words])

    def _coded(self, name: str, values: list[Any], systems: list[Any]) -> Any:
        """Return the query of rows with a code, or within it; in the classifications that are asked, if any."""
        words = [str(one) for one in values]
        if name == "code" and NONE in words:
            return self.any_of(name, words)
        return self.any_of({"code": "code_spelt"}.get(name, name), terms(words, [str(one) for one in systems]))

    def _value(self, name: str, value: str) -> str:
        """Return a value of a criterion as it is stored: one that rows have is taken as it is."""
        if value == NONE or name not in CHECKED or _hits(self.searcher, self.any_of(name, [value])):
            return value
        return known_value(name, value)

    def _flagged(self, words: list[str], *, holds: bool) -> Any:
        for one in words:
            if one not in known_flags():
                raise _unknown_value("flag", one, ", ".join(known_flags()))
        found = self.any_of("flag", words)
        return found if holds else self.without(self._tantivy.Query.all_query(), [found])

    def whole(self, text: str, criteria: Criteria) -> tuple[Asked, list[Any], Any]:
        """Return (the question, one query a criterion, the query of all rows that answer).

        Raises:
            UsageError: a criterion is not known, or a value cannot be one of it.
        """
        asked, filters = self.asked(text), self.criteria(criteria)
        return asked, filters, self.both(self.either(asked.classes.values()), *filters)

    def count_of(self, text: str, criteria: tuple[tuple[str, tuple[str, ...]], ...], *, facets: bool) -> Counted:
        """Return how many rows answer a question, and how many of them have which value of a criterion."""
        _, _, whole = self.whole(text, dict(criteria))
        if not facets:
            return self.count(whole), {}
        found = self.facets(whole)
        return sum(found["kind"].values()), found  # every row is of one kind: the rows need not be gone through again

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────────

    def count(self, query: Any) -> int:
        """Return how many rows answer."""
        return _hits(self.searcher, query)

    def numbers(self, query: Any, limit: int, after: int = -1) -> list[int]:
        """Return the numbers of the rows that answer, the most preferred first, beginning behind `after`."""
        if after >= 0:
            query = self.both(query, self.between("n", after + 1, None))
        order = self._tantivy.Order.Asc
        hits = self.searcher.search(query, limit, count=False, order_by_field="n", order=order).hits
        return [int(number) for number, _ in hits]

    def facets(self, query: Any, names: Iterable[str] = FACETS) -> dict[str, dict[str, int]]:
        """Return criterion -> value -> rows among those that answer, the most frequent value first."""
        asked = {name: {"terms": {"field": name, "size": _FACET_VALUES}} for name in names}
        answer = self.searcher.aggregate(query, asked)
        return {
            name: {
                bucket["key"]: int(bucket["doc_count"])
                for bucket in sorted(answer[name]["buckets"], key=lambda one: (-one["doc_count"], one["key"]))
            }
            for name in asked
        }


def several(values: Any) -> list[Any]:
    """Return the values of a criterion, one or many; empty texts are none."""
    given = list(values) if isinstance(values, (list, tuple, set, frozenset)) else [values]
    return [one for one in given if one != ""]


def _year(text: str) -> int:
    first, last = settings()["years"]
    if not text.isdecimal() or not first <= int(text) <= last:
        raise _unknown_value("year", text, f"{first} … {last}")
    return int(text)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _unknown_value("dqr_max", text, "1.0 … 5.0")
    return number


def _day(text: str) -> int:
    try:
        return int(date.fromisoformat(text).strftime("%Y%m%d"))
    except ValueError:
        raise _unknown_value("valid_on", text, "2026-11-26") from None


def _canonical(text: str) -> tuple[str, str]:
    """Return (field, canonical unit) of what converts to the unit: kWh finds what is per MJ, kgCO2e/kWh the whole."""
    read = parse(text)
    if isinstance(read, Refused):
        raise UsageError(
            problem=read.problem_en,
            remedy="write the unit as in kWh, t, Nm3 or kgCO2e/kWh",
            problem_zh=read.problem_zh,
            remedy_zh="请按 kWh、t、Nm3 或 kgCO2e/kWh 的形式书写单位",
        )
    alone = read.quantity in {Quantity.AMOUNT, Quantity.COUNT}
    return ("declared" if alone else "canonical"), read.canonical_unit


def _unknown_criterion(name: str) -> UsageError:
    return UsageError(
        problem=f"there is no criterion called {name!r}",
        remedy=f"use some of: {', '.join(CRITERIA)}",
        problem_zh=f"没有名为 {name!r} 的筛选条件",
        remedy_zh=f"可用条件：{', '.join(CRITERIA)}",
    )


def _unknown_value(name: str, value: str, known: str) -> UsageError:
    return UsageError(
        problem=f"{value!r} is no value of {name}",
        remedy=f"use one of: {known}",
        problem_zh=f"{value!r} 不是 {name} 的取值",
        remedy_zh=f"可用取值：{known}",
    )


def _hits(searcher: Any, query: Any) -> int:
    """Return how many rows answer; the index's own type stubs do not know the count."""
    return int(searcher.search(query, 1).count)

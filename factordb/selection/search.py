"""Search: pages of released factors in one fixed order, with the filters that would still find something."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from factordb.errors import ConflictError, UsageError
from factordb.selection.asking import Asked, Counted, Criteria, Index, Match, several

Rows = Callable[[Sequence[int]], list[dict[str, Any]]]
"""Returns the rows of these numbers, in the order given."""
LARGEST_PAGE: Final = 1000
_LONGEST_KEPT: Final = 1000
"""Values of criteria up to which a count is kept."""


def search(
    index: Index,
    rows: Rows,
    *,
    text: str = "",
    criteria: Criteria,
    limit: int = 20,
    cursor: str = "",
    model: str,
    facets: bool = True,
) -> dict[str, Any]:
    """Return one page of hits: total, hits with `match`, facets, corrected, next ("" at the end).

    Args:
        index: the index of the release.
        rows: look-up of rows.
        text: words, Chinese or English, pinyin, a code or an identifier; empty: everything.
        criteria: what must hold.
        limit: hits of a page, 1 to 1000.
        cursor: `next` of the page before.
        model: name of the read model, to which a cursor is bound.
        facets: count values of criteria.

    Raises:
        UsageError: an unknown criterion or value, or a cursor that is none.
        ConflictError: the cursor belongs to another release.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise UsageError(
            problem=f"a page has 1 to {LARGEST_PAGE} hits, not {limit}",
            remedy="ask for several pages",
            problem_zh=f"每页 1 至 {LARGEST_PAGE} 条，不能为 {limit}",
            remedy_zh="请分页查询",
        )
    asked, filters, _ = index.whole(text, criteria)
    total, values = counted(index, text, criteria, facets=facets)
    begin = _read_cursor(cursor, model) if cursor else (0, -1)
    found = _page(index, asked, filters, limit + 1, begin)
    shown = found[:limit]
    hits = rows([number for _, number in shown])
    last = (int(shown[-1][0]), shown[-1][1]) if shown else (0, -1)
    return {
        "total": total,
        "corrected": asked.corrected,
        "hits": [{**row, "match": match.name.lower()} for row, (match, _) in zip(hits, shown, strict=True)],
        "facets": values,
        "next": _cursor(last, model) if len(found) > limit else "",
    }


def counted(index: Index, text: str, criteria: Criteria, *, facets: bool) -> Counted:
    """Return how many rows answer, and how many of them have which value of a criterion; kept by the index."""
    given = tuple(
        sorted((name, tuple(map(str, several(values)))) for name, values in criteria.items() if values is not None)
    )
    long = sum(len(values) for _, values in given) > _LONGEST_KEPT
    total, facets_found = (index.count_of if long else index.counted)(text, given, facets=facets)
    return total, {name: dict(values) for name, values in facets_found.items()}


def _page(
    index: Index, asked: Asked, filters: list[Any], limit: int, begin: tuple[int, int]
) -> list[tuple[Match, int]]:
    """Return (match, number) of up to `limit` rows behind `begin`: class by class, in each the most preferred first."""
    found: list[tuple[Match, int]] = []
    better: list[Any] = []
    for match, query in asked.classes.items():
        room = limit - len(found)
        if room > 0 and match >= begin[0]:
            own = index.both(index.without(query, better), *filters)
            after = begin[1] if match == begin[0] else -1
            found += [(match, number) for number in index.numbers(own, room, after)]
        better.append(query)
    return found


def _cursor(last: tuple[int, int], model: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([model, *last]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, model: str) -> tuple[int, int]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        bound, match, number = json.loads(base64.urlsafe_b64decode(padded.encode()))
        begin = int(match), int(number)
    except (ValueError, TypeError, binascii.Error):
        raise UsageError(
            problem=f"{cursor!r} is no cursor",
            remedy="use `next` of the page before, unchanged",
            problem_zh=f"{cursor!r} 不是有效的游标",
            remedy_zh="请原样使用上一页返回的 next",
        ) from None
    if bound != model:
        raise ConflictError(
            problem=f"the cursor belongs to {bound}, not to {model}",
            remedy="begin again with the first page, or name the release",
            problem_zh=f"该游标属于 {bound}，而非 {model}",
            remedy_zh="请从第一页重新开始，或指明发布版本",
        )
    return begin

"""The comment of a data set for people: what the format has no field for, in both languages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from factordb.formats.inventories.annex import annex_line
from factordb.formats.words import column_words, table_of_words

TOLD: Final = [
    "value_text",
    "unit_text",
    "gas",
    "gwp_set",
    "boundary",
    "direction",
    "region_text",
    "reference_year",
    "valid_from",
    "valid_until",
    "published_on",
    "tier",
    "publisher",
    "source_place",
    "basis",
    "family",
    "low95",
    "high95",
    "scheme",
    "dqr",
    "band",
]
"""Columns that the comment tells."""

_STOPS: Final = {"en": (": ", "; ", "."), "zh": ("：", "；", "。")}


def people_comment(row: Mapping[str, Any], lang: str) -> str:
    """Return the facts of `row` as one line in `lang`."""
    colon, stop, end = _STOPS[lang]
    told = [
        f"{column_words(lang, name).title}{colon}{_cell(row, name, lang)}" for name in TOLD if row[name] is not None
    ]
    return stop.join(told) + end


def comment_of(row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]], length: int | None = None) -> str:
    """Return the whole comment: English, Chinese, and the annex on its own line; where `length` is short, less of it.

    What people are told is cut before the annex, which nothing can be cut from.
    """
    annex = annex_line(row, gases)
    told = f"{people_comment(row, 'en')}\n{people_comment(row, 'zh')}\n"
    return told[: None if length is None else max(0, length - len(annex) - 1)].rstrip() + "\n" + annex


def _cell(row: Mapping[str, Any], name: str, lang: str) -> str:
    cell = row[name]
    if isinstance(cell, float):
        return f"{cell:.6g}"
    return " ".join(str(table_of_words(lang).get(name, {}).get(cell, cell)).split())

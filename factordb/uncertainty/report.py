"""A report as data: facts, tables and notes under stable keys, and its words in Chinese and English.

Faces print it, write it as JSON or draw it; nothing here knows a screen or a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, NamedTuple

from factordb.reference import toml
from factordb.uncertainty.drawing import Bar, interval_plot

Cell = str | float | int | bool | None
Row = dict[str, Cell]
Group = Literal["title", "block", "name", "value", "note"]
LANGUAGES = ("zh", "en")


class Bilingual(NamedTuple):
    """A fact that is a sentence in both languages, such as the reason of a refusal."""

    zh: str
    en: str


@dataclass(frozen=True)
class Note:
    """One remark: a key of the words file and the facts that fill it."""

    key: str
    facts: Mapping[str, Cell | Bilingual] = field(default_factory=dict)

    def words(self, lang: str) -> str:
        """Return the remark in `lang`; facts that themselves have words are translated."""
        return word("note", self.key, lang).format(**{name: said(cell, lang) for name, cell in self.facts.items()})


@dataclass(frozen=True)
class Report:
    """What a command has to say."""

    command: str
    facts: Row
    tables: Mapping[str, tuple[Row, ...]]
    notes: tuple[Note, ...] = ()
    plots: Mapping[str, str] = field(default_factory=dict)
    """SVG by language."""

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain objects with stable English keys; numbers at full precision."""
        return {
            "command": self.command,
            **self.facts,
            **{name: list(rows) for name, rows in self.tables.items()},
            "notes": [{"code": note.key, **{lang: note.words(lang) for lang in LANGUAGES}} for note in self.notes],
        }


def word(group: Group, key: str, lang: str) -> str:
    """Return a title, name or note in `lang`; the key itself where there is no word for it."""
    found = _words("zh" if lang == "zh" else "en")[group].get(key)
    return key if found is None else str(found)


def said(cell: Cell | Bilingual, lang: str) -> str:
    """Return a cell as people read it: six significant digits, words for known keys, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, Bilingual):
        return cell.zh if lang == "zh" else cell.en
    if isinstance(cell, bool):
        return word("value", "yes" if cell else "no", lang)
    if isinstance(cell, float):
        return f"{cell:.6g}"
    return word("value", cell, lang) if isinstance(cell, str) else str(cell)


def drawn(command: str, bars: Sequence[Bar], lang: str, unit: str = "") -> str:
    """Return the interval plot of a report, its title and description in `lang`."""
    title = word("title", command, lang)
    said_bars = "; ".join(f"{bar.label}: {bar.value:.5g} [{bar.low:.5g}, {bar.high:.5g}]" for bar in bars)
    return interval_plot(bars, title=title, description=said_bars, unit=unit)


@cache
def _words(lang: str) -> dict[str, dict[str, str]]:
    return toml(f"words/uncertainty_{lang}")

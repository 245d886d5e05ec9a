"""A block of a report, and the words, numbers and tables that every chapter of a trial report shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal

from factordb.reference import region_aliases, table, toml

CO2E: Final = "kgCO2e"
COLON: Final = {"zh": "：", "en": ": "}


@dataclass(frozen=True)
class Block:
    """One block of a report.

    Attributes:
        kind: heading (level 1 to 3), text, note, table, picture (SVG and the shares it shows), or list.
        text: words of a heading, paragraph or picture.
        level: of a heading.
        heads: column heads.
        rows: cells, or items of a list.
        numbers: columns of numbers.
        svg: the picture.
        bars: (name, share) behind the picture, for writers that draw bars as text.
    """

    kind: Literal["heading", "text", "note", "table", "picture", "list"]
    text: str = ""
    level: int = 2
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numbers: tuple[int, ...] = ()
    svg: str = ""
    bars: tuple[tuple[str, float], ...] = field(default=())


@cache
def report_words() -> Mapping[str, Any]:
    """Return `trial/report`: headings, words, stages and values of a report, zh and en."""
    return toml("trial/report")


@cache
def _regions() -> Mapping[str, Mapping[str, str]]:
    """Return code, and every spelling in lower case -> region."""
    found = {row["code"]: row for row in table("regions/regions").to_pylist()}
    return {**{row["alias"]: found[row["code"]] for row in region_aliases().to_pylist()}, **found}


class Telling:
    """The words, numbers and tables of one result in one language.

    Attributes:
        found: the trial footprint.
        lang: zh or en.
        names: line -> name.
    """

    def __init__(self, found: Mapping[str, Any], lang: str) -> None:
        """Take a usable trial footprint and a language."""
        self.found = found
        self.lang = lang
        self.names = {line["id"]: str(line["name"]) for line in found["lines"]}

    @property
    def per(self) -> str:
        """The functional unit, such as "1 t"."""
        study = self.found["study"]
        return f"{study['amount']:g} {measure(study['unit'])}"

    @property
    def unit(self) -> str:
        """Unit of every result, in tables and plots alike."""
        return f"{CO2E} / {self.per}"

    def heading(self, key: str, level: int = 2) -> Block:
        """Return a heading."""
        return Block("heading", report_words()[key][self.lang], level)

    def word(self, key: str, **facts: object) -> str:
        """Return a word or sentence."""
        return str(report_words()["words"][key][self.lang]).format(**facts)

    def value(self, name: Any, section: str = "values") -> str:
        """Return what a code is called; what is no code stays as it is."""
        return str(report_words()[section].get(name, {}).get(self.lang, name or "—"))

    def place(self, stated: Any) -> str:
        """Return what a region is called; what is not known stays as it is."""
        row = _regions().get(str(stated)) or _regions().get(str(stated).casefold()) or {}
        return str(row.get(f"name_{self.lang}") or stated or "—")

    def with_unit(self, key: str, unit: str) -> str:
        """Return a column head with its unit."""
        return f"{self.word(key)}{'，' if self.lang == 'zh' else ', '}{unit}"

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: tuple[int, ...] = ()) -> Block:
        """Return a table, or the word for none; a head is a key, or words that were made already."""
        if not rows:
            return Block("text", self.word("none"))
        known = report_words()["words"]
        told = tuple(self.word(head) if head in known else head for head in heads)
        return Block("table", heads=told, rows=tuple(map(tuple, rows)), numbers=numbers)

    def facts(self, pairs: Sequence[tuple[str, Any]]) -> Block:
        """Return facts as label and text; those without text are left out."""
        rows = tuple((self.word(key), str(value)) for key, value in pairs if value not in {None, ""})
        return Block("table", rows=rows)


def ends(low: float, high: float) -> str:
    """Return an interval, in tables and beside plots alike."""
    return f"[{low:.5g}, {high:.5g}]"


def percent(share: float, digits: int = 1) -> str:
    """Return a share in per cent, as plots write it too."""
    return f"{100 * share:.{digits}f} %"


def measure(unit: str) -> str:
    """Return a unit as the factors write theirs: t*km is t·km."""
    return unit.replace("*", "·")

"""The blocks of a SimaPro file, one at a time: a word alone begins a block, words alone in it begin sections."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

PROCESS: Final = "process"
TEXTS: Final = frozenset(
    """category type|process identifier|type|process name|status|time period|geography|technology|representativeness
    multiple output allocation|substitution allocation|cut off rules|capital goods|boundary with nature|infrastructure
    date|record|generator|external documents|verification|literature references|collection method|data treatment
    comment|allocation rules|system description|waste treatment allocation""".replace("\n    ", "|").split("|")
)
"""Sections of a process that hold text."""

PRODUCTS: Final = frozenset({"products", "waste treatment", "waste scenario"})
TECHNICAL: Final = frozenset(
    """avoided products|materials/fuels|electricity/heat|waste to treatment
    separated waste|remaining waste""".replace("\n    ", "|").split("|")
)
ELEMENTARY: Final = frozenset(
    """resources|raw materials|emissions to air|emissions to water|emissions to soil|final waste flows
    non material emissions|social issues|economic issues""".replace("\n    ", "|").split("|")
)
PARAMETERS: Final = frozenset({"input parameters", "calculated parameters"})
SECTIONS: Final = TEXTS | PRODUCTS | TECHNICAL | ELEMENTARY | PARAMETERS
NEW_LINE: Final = "\x7f"
"""Sign that SimaPro writes for a line break inside a cell."""


@dataclass
class Block:
    """One block: its word, the line it begins on, and the rows of its sections."""

    word: str
    line: int
    sections: dict[str, list[list[str]]] = field(default_factory=dict)

    def text(self, section: str) -> str:
        """Return the text of a section, without the words that SimaPro writes for nothing."""
        rows = self.sections.get(section, [])
        found = "\n".join(" ".join(filter(None, row)) for row in rows).strip()
        return "" if found.casefold() in {"unspecified", "unknown", "not defined"} else found


def blocks(lines: Iterable[str], separator: str) -> Iterator[Block]:
    """Yield the blocks of the file in order.

    Raises:
        csv.Error: a cell was never closed.
    """
    reader = csv.reader(lines, delimiter=separator)
    block: Block | None = None
    section = ""
    for row in reader:
        cells = [cell.replace(NEW_LINE, "\n").strip() for cell in row]
        word = cells[0].casefold() if cells else ""
        alone = not any(cells[1:])
        if not any(cells) or (alone and word.startswith("{")):
            continue
        if alone and word == "end":
            if block is not None:
                yield block
            block, section = None, ""
        elif alone and word == PROCESS and (block is None or block.word != PROCESS or _is_over(block)):
            if block is not None:
                yield block
            block, section = Block(PROCESS, reader.line_num), ""
        elif block is None:
            block = Block(word, reader.line_num) if alone else None
        else:
            section = _take(block, section, cells, word, alone=alone)
    if block is not None:
        yield block


def _is_over(block: Block) -> bool:
    """Return whether a process without End is over: it has products already. "Process" may also be a cell."""
    return any(name in block.sections for name in PRODUCTS)


def _take(block: Block, section: str, cells: list[str], word: str, *, alone: bool) -> str:
    """Put a row into its section and return the section that follows."""
    if block.word == PROCESS and word in SECTIONS:
        if alone and word not in block.sections:
            block.sections[word] = []
            return word
        if word in TEXTS and word not in block.sections and not alone:
            # SimaPro 7: name and text in one row
            block.sections[word] = [cells[1:]]
            return ""
    block.sections.setdefault(section, []).append(cells)
    return section

"""Words of names and of questions: one spelling, tokens for Chinese and Latin text, and the field's synonyms."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from factordb.reference import table

CJK: Final = r"\u3400-\u4dbf\u4e00-\u9fff"
_CHINESE: Final = ("\u3400", "\u9fff", "\u4dbf", "\u4e00")
"""First and last of the characters, and the gap between their blocks."""
_PIECE: Final = re.compile(rf"[{CJK}]+|[a-z0-9]+(?:\.[0-9]+)?")
_PARTING: Final = re.compile(r"[:：,，、;；()（）\[\]/\-—\s]+")
_SEPARATORS: Final = re.compile(r"[.\s-]+")
_SECTION: Final = re.compile(r"[a-u]([0-9]+)")
_SHORTEST_PLURAL: Final = 4
_NO_PLURAL: Final = ("ss", "us", "is", "as")


def plain(text: str) -> str:
    """Return `text` in one spelling: NFKC, lower case, single blanks, no blank ends."""
    wide = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return " ".join(wide.casefold().split())


def is_chinese(word: str) -> bool:
    """Return whether a piece of text begins with a Chinese character."""
    first = word[:1]
    return _CHINESE[0] <= first <= _CHINESE[1] and not _CHINESE[2] < first < _CHINESE[3]


def pieces(text: str) -> list[str]:
    """Return runs of Chinese characters and Latin words or numbers, in order; an English plural loses its s."""
    return [one if is_chinese(one) else _singular(one) for one in _PIECE.findall(plain(text))]


def stored_tokens(text: str) -> list[str]:
    """Return the tokens a text is found by: single characters and pairs of Chinese runs, Latin words as they are."""
    found: list[str] = []
    for piece in pieces(text):
        if is_chinese(piece):
            found += piece
            found += ("".join(pair) for pair in pairwise(piece))
        else:
            found.append(piece)
    return found


def asked_tokens(text: str) -> list[str]:
    """Return the tokens that a question asks for: pairs of Chinese runs, a lone character as it is, Latin words."""
    found: dict[str, None] = {}
    for piece in pieces(text):
        if is_chinese(piece) and len(piece) > 1:
            found.update(dict.fromkeys("".join(pair) for pair in pairwise(piece)))
        else:
            found[piece] = None
    return list(found)


def asked_runs(text: str) -> list[list[str]]:
    """Return the tokens of a question in their order: pairs of each Chinese run, and each row of Latin words."""
    found: list[list[str]] = []
    latin: list[str] | None = None
    for piece in pieces(text):
        if is_chinese(piece):
            found.append(["".join(pair) for pair in pairwise(piece)] or [piece])
            latin = None
        elif latin is None:
            latin = [piece]
            found.append(latin)
        else:
            latin.append(piece)
    return found


def bare_code(code: str) -> str:
    """Return a product code without dots, hyphens and blanks, in lower case."""
    return _SEPARATORS.sub("", plain(code))


def code_spellings(code: str) -> set[str]:
    """Return the spellings a product code is asked by: as carried, without dots and blanks, without a section's letter.

    C32.16 of GB/T 4754 is also C3216 and 3216; 7601.10 of the HS is also 760110. A classification's own name before a
    code, as in `HS 7601.10`, is no part of it.
    """
    bare = bare_code(code)
    numbered = _SECTION.fullmatch(bare)
    return {plain(code), bare} | ({numbered.group(1)} if numbered else set()) if bare else set()


def code_beginnings(code: str) -> set[str]:
    """Return every beginning, of one sign or more, of the spellings of a code: the wider classes it stands in."""
    return {one[:length] for one in code_spellings(code) for length in range(1, len(one) + 1)}


def segments(text: str) -> list[str]:
    """Return the parts of a name between its colons, commas and brackets: 天然气:液化 has two."""
    return [one for one in _PARTING.split(plain(text)) if one]


def _singular(word: str) -> str:
    plural = len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(_NO_PLURAL)
    return word[:-1] if plural else word


def _key(text: str) -> str:
    return " ".join(pieces(text))


@dataclass(frozen=True)
class Synonyms:
    """The field's words for one thing: which concepts a text is, or speaks of.

    Attributes:
        words: concept -> its words, the usual ones first.
        concept_of: word in one spelling -> concept.
        pattern: finds the longest words first, Latin ones at word boundaries.
    """

    words: dict[str, tuple[str, ...]]
    concept_of: dict[str, str]
    pattern: re.Pattern[str]

    def whole(self, text: str) -> str | None:
        """Return the concept that the whole text names, or None."""
        return self.concept_of.get(_key(text))

    def within(self, text: str) -> list[str]:
        """Return the concepts that the text speaks of, each once, the longest words taken first."""
        return list(dict.fromkeys(self.concept_of[one.group()] for one in self.pattern.finditer(_key(text))))

    def of(self, concept: str | None) -> tuple[str, ...]:
        """Return the words of a concept; none for None."""
        return self.words.get(concept, ()) if concept else ()


@cache
def synonyms() -> Synonyms:
    """Return the synonyms of `search/synonyms`."""
    words: dict[str, list[str]] = {}
    concept_of: dict[str, str] = {}
    for row in table("search/synonyms").to_pylist():
        words.setdefault(row["concept"], []).append(row["word"])
        concept_of.setdefault(_key(row["word"]), row["concept"])
    longest = sorted(concept_of, key=lambda one: (-len(one), one))
    return Synonyms(
        {concept: tuple(given) for concept, given in words.items()}, concept_of, re.compile("|".join(_bounded(longest)))
    )


def _bounded(words: list[str]) -> Iterator[str]:
    for word in words:
        escaped = re.escape(word)
        yield escaped if is_chinese(word) else rf"(?<![a-z0-9]){escaped}(?![a-z0-9])"

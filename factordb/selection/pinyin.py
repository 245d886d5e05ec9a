"""Chinese words as people type them without an input method: initials (dl) and full pinyin (dianli)."""

from functools import cache
from typing import Final

from factordb.selection.words import is_chinese, pieces

LONGEST: Final = 5
"""Characters of the longest part of a longer text that is found by its pinyin."""
_PLENTY: Final = 24
"""Characters of a run beyond which only its beginning is read."""


@cache
def syllables(run: str) -> tuple[str, ...]:
    """Return the pinyin of each character of a Chinese run, without tones; ü is written v."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - a dictionary of a million phrases, needed only here

    return tuple(lazy_pinyin(run, errors="ignore"))


def spellings(word: str) -> set[str]:
    """Return the initials and the full pinyin of a word of two or more Chinese characters; else nothing."""
    found: set[str] = set()
    for run in (one for one in pieces(word) if is_chinese(one) and len(one) > 1):
        sounds = syllables(run)
        found |= {"".join(one[0] for one in sounds), "".join(sounds)}
    return found


def parts(text: str) -> set[str]:
    """Return the spellings of every part of two to five characters of the Chinese runs of a text."""
    found: set[str] = set()
    for run in (one[:_PLENTY] for one in pieces(text) if is_chinese(one)):
        sounds = syllables(run)
        for start in range(len(sounds) - 1):
            for end in range(start + 2, min(start + LONGEST, len(sounds)) + 1):
                cut = sounds[start:end]
                found |= {"".join(one[0] for one in cut), "".join(cut)}
    return found


def asked(text: str) -> str:
    """Return what a question could be as pinyin: one Latin word, or a Chinese word by its sound; else ""."""
    found = pieces(text)
    if found and all(one.isascii() and one.isalpha() for one in found):
        return "".join(text.casefold().split())
    if len(found) == 1 and is_chinese(found[0]) and len(found[0]) > 1:
        return "".join(syllables(found[0]))
    return ""

"""What was probably meant: the nearest word of the library for a word that is not in it."""

from collections.abc import Mapping, Sequence
from typing import Final

from factordb.selection.words import is_chinese, pieces

_ALLOWED: Final = ((8, 2), (4, 1))
"""Letters of a Latin word from which so many letters may be wrong."""
_ALLOWED_ZH: Final = ((6, 2), (3, 1))
"""The same for characters of a Chinese word."""


def corrected(text: str, vocabulary: Mapping[str, int]) -> str:
    """Return the question with each unknown word replaced by the nearest known one; "" where nothing is near.

    Args:
        text: the question.
        vocabulary: word of the library -> how many rows carry it; of words equally near, the most frequent wins.
    """
    known = {word for word in vocabulary if not is_chinese(word)}
    chinese = [word for word in vocabulary if is_chinese(word)]
    found: list[str] = []
    changed = False
    for piece in pieces(text):
        if is_chinese(piece):
            near = _nearest(piece, chinese, vocabulary, _ALLOWED_ZH) if piece not in vocabulary else piece
        else:
            near = piece if piece in known or piece.isdigit() else _nearest(piece, list(known), vocabulary, _ALLOWED)
        changed |= bool(near) and near != piece
        found.append(near or piece)
    return " ".join(found) if changed else ""


def _nearest(
    word: str, choices: Sequence[str], vocabulary: Mapping[str, int], allowed: Sequence[tuple[int, int]]
) -> str:
    from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415 - only when something was misspelt

    limit = next((wrong for length, wrong in allowed if len(word) >= length), 0)
    if not limit:
        return ""
    near = [
        (distance, -vocabulary[one], one)
        for one in choices
        if abs(len(one) - len(word)) <= limit
        and (distance := DamerauLevenshtein.distance(word, one, score_cutoff=limit)) <= limit
    ]
    return min(near)[2] if near else ""

"""Characters and marks before the grammar: one spelling of signs, spaces and digits; marks of an empty cell."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_RAISED = re.compile(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SIGNS = str.maketrans({"−": "-", "‐": "-", "‑": "-", "⁃": "-", "⋅": "·", "∙": "·", "•": "·", "✕": "×", "✖": "×"})
_LEADING_DASH = re.compile(r"^[–—](?=[0-9.])")
_SPACES = re.compile(r"\s+")


def raise_exponents(text: str) -> str:
    """Return `text` with superscript digits written ^n, before NFKC would flatten 10⁻³ to 10-3."""
    return _RAISED.sub(lambda match: "^" + match[0].translate(_SUPERSCRIPTS), text)


def normalise(text: str) -> str:
    """Return `text` in one spelling: superscripts as ^n, NFKC, ASCII minus, single spaces, no outer space."""
    plain = unicodedata.normalize("NFKC", raise_exponents(text)).translate(_SIGNS)
    return _LEADING_DASH.sub("-", _SPACES.sub(" ", plain).strip())


def empty_meaning(plain: str) -> str | None:
    """Return what an empty mark means ("blank", "not_estimated" …), or None when `plain` is no such mark."""
    exact, folded = _markers()
    return exact.get(plain) or folded.get(plain.casefold())


@cache
def _markers() -> tuple[Mapping[str, str], Mapping[str, str]]:
    table = resources.files("factordb").joinpath("reference", "units", "empty_markers.csv")
    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("# ")]
    exact: dict[str, str] = {}
    folded: dict[str, str] = {}
    for row in csv.DictReader(lines):
        marker = unicodedata.normalize("NFKC", row["marker"])
        if row["case_matters"] == "yes":
            exact[marker] = row["meaning"]
        else:
            folded[marker.casefold()] = row["meaning"]
    return MappingProxyType(exact), MappingProxyType(folded)

"""The facts of an event of the ledger, as a line that is read; the event itself is in its proof, byte for byte."""

import json
import re
from collections.abc import Mapping, Sequence

from dashboards.safe import seen
from dashboards.words import language, maybe, t
from factordb.dashboard import route_words

_HASH = re.compile(r"[0-9a-f]{40,}")
_CASES = re.compile(r"(\d+) cases")
_SHOWN = 12
"""Letters of a hash that tell it apart by eye."""
_WORDED = {"action": "actions", "kind": "kinds", "kinds": "kinds", "roles": "roles"}
_FEW = 3


def told(facts: object) -> str:
    """Return what an event holds, name and value, what is empty left out."""
    known = json.loads(facts) if isinstance(facts, str) else facts
    if not isinstance(known, Mapping):
        return seen(known)
    return t("ledger.and").join(_lines(known))


def subject(text: object) -> str:
    """Return what an event is about: an id as it is, a number of cases in words."""
    several = _CASES.fullmatch(str(text))
    return t("ledger.cases", count=several[1]) if several else seen(text)


def _lines(facts: Mapping[str, object]) -> list[str]:
    lines: list[str] = []
    for name, value in facts.items():
        if isinstance(value, Mapping):
            lines += _lines(value)
        elif value not in (None, "", []):
            lines.append(t("ledger.fact", name=maybe("fact", name), value=_value(name, value)))
    return lines


def _value(name: str, value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        plain = all(isinstance(one, str) for one in value) and len(value) <= _FEW
        return t("desk.and").join(_value(name, one) for one in value) if plain else t("ledger.many", count=len(value))
    text = str(value)
    if name == "mode":
        return maybe("mode", text.replace("-", "_"))
    if name in _WORDED:
        return seen(route_words(_WORDED[name]).get(text, {}).get(language(), text))
    return f"{text[:_SHOWN]}…" if _HASH.fullmatch(text) else seen(text)

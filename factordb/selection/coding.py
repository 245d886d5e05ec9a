"""Product codes: what a factor's source gave, else what the table of products gives; and how they are spelt.

A code of the source stands alone. What is joined from `reference/codes/product_codes` says so in `codes_from`.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.reference import card, table
from factordb.selection.words import bare_code, code_beginnings, code_spellings, plain

TABLE: Final = "codes/product_codes"
SYSTEMS: Final = {"hs": "HS", "cpc": "CPC", "gbt4754": "GB/T 4754", "isic": "ISIC", "nbs": "NBS"}
"""Classification, as the registry of standards keys it -> its usual name."""
Codes = tuple[tuple[str, str], ...]
"""(classification as written, code as written), several."""
_NAME: Final = re.compile(r"(?<![a-z])(gb/t ?4754|nbs|cpc|isic|hs)(?![a-z])")
_CODE: Final = re.compile(r"(?:(gb/t ?4754|nbs|cpc|isic|hs)\W{0,3})?([a-u]?[0-9][0-9.\- ]*)")
_URN: Final = re.compile(r"urn:pact:productclassification:(?:un-)?")
_EDITION: Final = re.compile(r"Edition: ([0-9-]+)")
_BETWEEN: Final = "; "


def key_of(system: str) -> str:
    """Return the key of a classification that is named in any way, such as `UN CPC 2.1`; "" for one we do not know."""
    found = _NAME.search(plain(system))
    return re.sub(r"\W", "", found[1]) if found else ""


@cache
def _known() -> dict[str, Codes]:
    return {
        row["concept"]: tuple((name, row[key]) for key, name in SYSTEMS.items() if row.get(key))
        for row in table(TABLE).to_pylist()
    }


def assigned(rows: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Return (codes, where they come from) of each row by its `concept`; null where the source gave one, shape (n,).

    Codes are written with their classification, as in `HS 271600; CPC 17100`.
    """
    edition = _EDITION.search(card(TABLE))
    concepts = pa.array(_known(), pa.string())
    texts = pa.array([_BETWEEN.join(f"{name} {code}" for name, code in codes) for codes in _known().values()])
    trails = pa.array([f"{TABLE} {edition[1] if edition else ''}: {one}" for one in _known()], pa.string())
    place = pc.index_in(rows["concept"].combine_chunks(), value_set=concepts)
    place = pc.if_else(pc.is_valid(rows["product_code"].combine_chunks()), None, place)
    return texts.take(place), trails.take(place)


def codes_of(rows: pa.Table) -> list[Codes]:
    """Return every code of each row: its source's own, else those assigned to it."""
    own = zip(rows["code_system"].to_pylist(), rows["product_code"].to_pylist(), strict=True)
    given = zip(own, rows["concept"].to_pylist(), rows["codes"].to_pylist(), strict=True)
    return [
        ((system or "", code),) if code else _known()[concept] if joined else ()
        for (system, code), concept, joined in given
    ]


@cache
def spelt(codes: Codes) -> tuple[list[str], list[str]]:
    """Return (spellings, beginnings) of some codes, each as it is and behind the key of its classification."""
    whole: set[str] = set()
    within: set[str] = set()
    for system, code in codes:
        marks = ("", f"{key}:") if (key := key_of(system)) else ("",)
        whole |= {mark + one for mark in marks for one in code_spellings(code)}
        within |= {mark + one for mark in marks for one in code_beginnings(code)}
    return sorted(whole), sorted(within)


@cache
def named(system: str, code: str) -> str:
    """Return a code with the usual name of its classification, as in `HS 7601.10`; by itself without a known one."""
    return f"{SYSTEMS[key]} {code}" if (key := key_of(system)) else code


def asked_code(text: str) -> str:
    """Return the term of a question that is a code, perhaps behind the name of its classification; "" for any other."""
    found = _CODE.fullmatch(plain(text))
    return _term(found) if found else ""


def _term(found: re.Match[str]) -> str:
    bare = bare_code(found[2])
    return f"{key_of(found[1])}:{bare}" if found[1] else bare


def terms(values: Iterable[str], systems: Sequence[str]) -> list[str]:
    """Return the terms of a criterion's codes; those that name no classification are of `systems`, or of any."""
    found = []
    for value in values:
        text = _URN.sub("", plain(value))
        read = _CODE.fullmatch(text)
        keys = [one for one in map(key_of, systems) if one]
        if read and read[1]:
            found.append(_term(read))
        elif keys:
            found += [f"{key}:{bare_code(text)}" for key in keys]
        else:
            found.append(bare_code(text))
    return found

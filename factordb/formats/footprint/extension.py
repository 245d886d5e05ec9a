"""The data model extension of PACT that carries the whole row: read back where the footprint still says the same."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from factordb.formats.footprint.statement import NOT_STATED, Statement
from factordb.formats.inventories.annex import MARK, annex_line, split_annex

SCHEMA: Final = "urn:factordb:footprint-extension:1"
VERSION: Final = "2.0.0"
"""Version of PACT's extension model."""


def extension(said: Statement, absent: Sequence[str]) -> dict[str, Any]:
    """Return the extension: the row, its gases, and the fields of the footprint that hold no fact."""
    data = json.loads(annex_line(said.row, said.gases).removeprefix(MARK))
    return {"specVersion": VERSION, "dataSchema": SCHEMA, "data": {**data, NOT_STATED: list(absent)}}


def annex_in(document: Mapping[str, Any]) -> tuple[dict[str, Any] | None, frozenset[str]]:
    """Return (row and gases as exported, fields without a fact); None and nothing where the footprint is not ours."""
    listed = document.get("extensions")
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("dataSchema") != SCHEMA or not isinstance(one.get("data"), dict):
            continue
        absent = one["data"].get(NOT_STATED)
        names = frozenset(map(str, absent)) if isinstance(absent, list) else frozenset[str]()
        return split_annex(MARK + json.dumps(one["data"]))[1], names
    return None, frozenset()

"""How to cite a release or one factor of it: GB/T 7714 in Chinese, author-year in English, and CITATION.cff.

The CFF file is written by hand: its texts are JSON strings, which every YAML reader takes as they are.
"""

import json
import re
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.words import LANGUAGES, table_of_words, word
from factordb.model.release import ReleaseFacts

SPDX_NAME: Final = r"[A-Za-z0-9.+-]+"
"""What CFF takes as a licence; words are left out there and stand in the read-me."""


def cite_release(facts: ReleaseFacts, lang: str) -> str:
    """Return one line that cites the release, in `lang`; GB/T 7714-2015 form [DS] in Chinese."""
    return word(lang, "cite", "release", **_facts(facts, lang))


def cite_factor(facts: ReleaseFacts, *, name: str, factor_id: str, version_id: str, lang: str) -> str:
    """Return one line that cites the factor `name` as published in the release, in `lang`."""
    given = {"name": name, "factor_id": factor_id, "version_id": version_id}
    return word(lang, "cite", "factor", **_facts(facts, lang), **given)


def cite_table(facts: ReleaseFacts, rows: pa.Table) -> pa.Table:
    """Return factor_id, version_id, cite_zh, cite_en of release `rows`: how to cite each of them."""
    cells = {"factor_id": rows.column("factor_id"), "version_id": rows.column("version_id")}
    for lang, order in (("zh", ("name_zh", "name_en")), ("en", ("name_en", "name_zh"))):
        name = pc.coalesce(*(rows.column(column) for column in order), rows.column("factor_id"))
        cells[f"cite_{lang}"] = _filled(facts, {"name": name, **cells}, lang)
    return pa.table(cells)


def _filled(facts: ReleaseFacts, cells: dict[str, pa.ChunkedArray], lang: str) -> pa.ChunkedArray:
    """Return one citation a row: the line is made once, its three marks are filled column by column."""
    marks = {name: f"\x00{name}\x00" for name in ("name", "factor_id", "version_id")}
    pieces = cite_factor(facts, **marks, lang=lang).split("\x00")
    return pc.binary_join_element_wise(*(cells.get(piece, piece) for piece in pieces), "")


def _facts(facts: ReleaseFacts, lang: str) -> dict[str, object]:
    return {
        "publisher": facts.publisher,
        "title": facts.title_zh if lang == "zh" else facts.title_en,
        "release": facts.release_id,
        "date": facts.as_of.isoformat(),
        "year": facts.as_of.year,
    }


def citation_cff(facts: ReleaseFacts) -> str:
    """Return the text of CITATION.cff (CFF 1.2.0)."""
    keywords = [word for lang in LANGUAGES for word in table_of_words(lang)["cite"]["keywords"]]
    message = " ".join(word(lang, "cite", "message") for lang in LANGUAGES)
    lines = [
        "cff-version: 1.2.0",
        "type: dataset",
        f"message: {_text(message)}",
        f"title: {_text(f'{facts.title_zh} / {facts.title_en}')}",
        "authors:",
        f"  - name: {_text(facts.publisher)}",
        f"version: {_text(facts.release_id)}",
        f"date-released: {facts.as_of.isoformat()}",
        *([f"license: {_text(facts.licence)}"] if re.fullmatch(SPDX_NAME, facts.licence) else []),
        "keywords:",
        *(f"  - {_text(keyword)}" for keyword in keywords),
    ]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def write_citation(path: Path, facts: ReleaseFacts) -> None:
    """Write CITATION.cff to `path`."""
    path.write_bytes(citation_cff(facts).encode())

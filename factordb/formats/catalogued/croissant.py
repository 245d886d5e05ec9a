"""The format `croissant`: a folder of tables with `croissant.json`, as data-set search engines and loaders read it.

Source: MLCommons Croissant format specification 1.0; vocabulary schema.org.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from factordb.formats.catalogued.write_only import WriteOnly
from factordb.formats.csv_table import CsvTable
from factordb.formats.interchange import Content
from factordb.formats.rows import Blocks, release_batches, release_schema, split_by_table
from factordb.formats.words import column_words, table_of_words, word
from factordb.model.release import RELEASE_COLUMNS, ColumnType, ReleaseColumn, ReleaseFacts

CROISSANT: Final = "croissant.json"
CONFORMS: Final = "http://mlcommons.org/croissant/1.0"
_TYPES: Final = {
    ColumnType.STRING: "sc:Text",
    ColumnType.NUMBER: "sc:Float",
    ColumnType.INTEGER: "sc:Integer",
    ColumnType.BOOLEAN: "sc:Boolean",
    ColumnType.DATE: "sc:Date",
}
_CR: Final = ("column", "dataType", "extract", "field", "fileObject", "fileProperty", "fileSet", "format", "includes",
              "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
              "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
              "equivalentProperty")  # fmt: skip


def _context() -> dict[str, Any]:
    found: dict[str, Any] = {name: f"cr:{name}" for name in _CR}
    found |= {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
    }
    return dict(sorted(found.items()))


def description(facts: ReleaseFacts, files: dict[str, str]) -> dict[str, Any]:
    """Return the Croissant description of a release.

    Args:
        facts: cover of the release.
        files: table -> sha256 of `data/<table>.csv` as hex digits.
    """
    return {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": f"factordb-release-{facts.release_id}",
        "description": f"{facts.title_en} {facts.release_id} / {facts.title_zh} {facts.release_id}",
        "version": _semantic(facts.release_id),
        "datePublished": facts.as_of.isoformat(),
        "license": facts.licence,
        "creator": {"@type": "sc:Organization", "name": facts.publisher},
        "publisher": {"@type": "sc:Organization", "name": facts.publisher},
        "url": f"urn:factordb:release:{facts.release_id}",
        "citeAs": f"{facts.publisher} ({facts.as_of.year}). {facts.title_en}, release {facts.release_id}.",
        "keywords": [*table_of_words("en")["cite"]["keywords"], *table_of_words("zh")["cite"]["keywords"]],
        "inLanguage": ["zh", "en"],
        "distribution": [_file(name, digest) for name, digest in files.items()],
        "recordSet": [_records(name) for name in files],
    }


def _semantic(release_id: str) -> str:
    """Return the release as MAJOR.MINOR.PATCH, which Croissant asks for; 2026.1 is 2026.1.0."""
    parts = [part for part in release_id.split(".") if part.isdigit()]
    return ".".join([*parts, "0", "0", "0"][:3])


def _file(name: str, digest: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"{name}.csv",
        "name": f"{name}.csv",
        "description": f"{word('en', 'tables', name)} / {word('zh', 'tables', name)}",
        "contentUrl": f"data/{name}.csv",
        "encodingFormat": "text/csv",
        "sha256": digest,
    }


def _records(name: str) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{word('en', 'tables', name)} / {word('zh', 'tables', name)}",
        "key": {"@id": f"{name}/factor_id"},
        "field": [_field(name, column) for column in RELEASE_COLUMNS],
    }


def _field(table: str, column: ReleaseColumn) -> dict[str, Any]:
    titles = [column_words(lang, column.name).heading for lang in ("en", "zh")]
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": column.name,
        "description": " / ".join(titles),
        "dataType": _TYPES[column.type],
        "source": {"fileObject": {"@id": f"{table}.csv"}, "extract": {"column": column.name}},
    }


def write_croissant(content: Content, target: Path) -> int:
    """Write the folder `target` and return the number of rows in its tables."""
    data = target / "data"
    data.mkdir(parents=True, exist_ok=True)
    tables: dict[str, tuple[CsvTable, Blocks]] = {}
    for batch in release_batches(content.rows):
        for name, part in split_by_table(batch):
            if name not in tables:
                tables[name] = (CsvTable(data / f"{name}.csv", release_schema()), Blocks())
            table, blocks = tables[name]
            for block in blocks.push(part):
                table.write(block)
    for table, blocks in tables.values():
        for block in blocks.rest():
            table.write(block)
        table.close()
    digests = {name: _digest(data / f"{name}.csv") for name in sorted(tables)}
    found = description(content.facts, digests)
    (target / CROISSANT).write_bytes(json.dumps(found, ensure_ascii=False, indent=2).encode() + b"\n")
    return int(content.rows.num_rows)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


FORMAT: Final = WriteOnly("croissant", ("",), write_croissant)

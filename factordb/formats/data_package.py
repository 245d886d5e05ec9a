"""`datapackage.json`: a Frictionless data package (v1) over the files of a release."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa

from factordb.formats.rows import ARROW_TYPES
from factordb.formats.words import LANGUAGES, OTHER_SECTIONS, column_words, table_of_words, word
from factordb.model.release import RELEASE_COLUMNS, TABLES, ColumnType, FileEntry, ReleaseColumn, ReleaseFacts

DATA_PACKAGE: Final = "datapackage.json"
MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".csv": "text/csv",
        ".json": "application/json",
        ".parquet": "application/vnd.apache.parquet",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".html": "text/html",
        ".md": "text/markdown",
        ".cff": "application/yaml",
    }
)


def data_package(
    facts: ReleaseFacts, entries: Sequence[FileEntry], others: Mapping[str, pa.Table] = MappingProxyType({})
) -> dict[str, Any]:
    """Return the descriptor of a release.

    Args:
        facts: cover of the release.
        entries: its files, without the descriptor itself and the manifest.
        others: tables "changes", "sources", "held_back" as they were written.
    """
    return {
        "profile": "data-package",
        "name": _slug(f"factordb-release-{facts.release_id}"),
        "version": facts.release_id,
        "title": f"{facts.title_zh} / {facts.title_en}",
        "title_zh": facts.title_zh,
        "title_en": facts.title_en,
        "created": f"{facts.as_of.isoformat()}T00:00:00Z",
        "licenses": [{"name": _slug(facts.licence, keep_case=True), "title": facts.licence}],
        "contributors": [{"title": facts.publisher, "role": "publisher"}],
        "keywords": [*table_of_words("zh")["cite"]["keywords"], *table_of_words("en")["cite"]["keywords"]],
        "sources": _sources(others.get("sources")),
        "resources": [_resource(entry, others) for entry in entries],
    }


def _slug(text: str, *, keep_case: bool = False) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-") or "unnamed"
    return plain if keep_case else plain.lower()


def _sources(sources: pa.Table | None) -> list[dict[str, str]]:
    if sources is None:
        return []
    titles = ("title_zh", "title_en")
    return [
        {"title": " / ".join(filter(None, (row.get(title) for title in titles))) or str(row.get("source_id"))}
        for row in sources.to_pylist()
    ]


def _resource(entry: FileEntry, others: Mapping[str, pa.Table]) -> dict[str, Any]:
    path = PurePosixPath(entry.path)
    described: dict[str, Any] = {
        "name": _slug(entry.path.replace("/", "-").replace(".", "-")),
        "path": entry.path,
        "format": path.suffix[1:],
        "mediatype": MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
        "bytes": entry.size,
        "hash": f"sha256:{entry.sha256}",
    }
    schema = _schema_of(path, others)
    if schema is None:
        # "file" keeps readers from opening a table they have no plug-in for; its bytes are checked all the same
        return described | {"profile": "data-resource", "type": "file"}
    name = path.stem
    titles = {
        f"title_{lang}": word(lang, "tables" if name in TABLES else "report", _title_key(name)) for lang in LANGUAGES
    }
    return (
        described
        | titles
        | {
            "title": f"{titles['title_zh']} / {titles['title_en']}",
            "profile": "tabular-data-resource",
            "type": "table",
            "encoding": "utf-8",
            "dialect": {
                "delimiter": ",",
                "lineTerminator": "\n",
                "quoteChar": '"',
                "doubleQuote": True,
                "header": True,
            },
            "schema": schema,
        }
    )


def _title_key(name: str) -> str:
    return "changed" if name == "changes" else name


def _schema_of(path: PurePosixPath, others: Mapping[str, pa.Table]) -> dict[str, Any] | None:
    if path.suffix == ".csv" and path.parent.name == "data" and path.stem in TABLES:
        return table_schema()
    if path.suffix == ".csv" and path.stem in others and len(path.parts) == 1:
        return _plain_schema(others[path.stem].schema, OTHER_SECTIONS[path.stem])
    return None


def table_schema() -> dict[str, Any]:
    """Return the Frictionless table schema of release rows: types, units, titles, constraints."""
    return {
        "fields": [_field(column, "columns") for column in RELEASE_COLUMNS],
        "primaryKey": ["factor_id"],
        "missingValues": [""],
    }


def _plain_schema(schema: pa.Schema, section: str) -> dict[str, Any]:
    types = {arrow: kind for kind, arrow in ARROW_TYPES.items()}
    columns = [ReleaseColumn(field.name, types.get(field.type, ColumnType.STRING)) for field in schema]
    return {"fields": [_field(column, section) for column in columns], "missingValues": [""]}


def _field(column: ReleaseColumn, section: str) -> dict[str, Any]:
    zh, en = (column_words(lang, column.name, section) for lang in LANGUAGES)
    described: dict[str, Any] = {
        "name": column.name,
        "type": column.type.value,
        "title": f"{zh.title} / {en.title}",
        "title_zh": zh.title,
        "title_en": en.title,
        "description": column.description or en.description,
        "description_zh": zh.description,
        "description_en": en.description,
    }
    if en.unit:
        described |= {"unit": en.unit, "unit_zh": zh.unit}
    if column.type is ColumnType.BOOLEAN:
        described |= {"trueValues": ["true"], "falseValues": ["false"]}
    limits = {
        "required": column.required or None,
        "enum": list(column.choices) or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
    }
    constraints = {name: limit for name, limit in limits.items() if limit is not None}
    return described | ({"constraints": constraints} if constraints else {})


def write_data_package(
    directory: Path,
    facts: ReleaseFacts,
    entries: Sequence[FileEntry],
    others: Mapping[str, pa.Table] = MappingProxyType({}),
) -> None:
    """Write `datapackage.json` into `directory`, as the last file before the manifest."""
    content = data_package(facts, entries, others)
    (directory / DATA_PACKAGE).write_bytes(json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n")

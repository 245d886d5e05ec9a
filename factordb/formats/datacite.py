"""`datacite.json`: metadata of a release for whoever registers a DOI, DataCite schema 4.5. No DOI is invented."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from factordb.formats.data_package import MEDIA_TYPES
from factordb.formats.words import LANGUAGES, table_of_words, word
from factordb.model.release import ReleaseFacts

DATACITE: Final = "datacite.json"
SCHEMA_VERSION: Final = "http://datacite.org/schema/kernel-4"


def datacite(
    facts: ReleaseFacts, counts: Mapping[str, int], sources: pa.Table | None = None, formats: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the metadata of a release; `doi` is added by whoever registers one.

    Args:
        facts: cover of the release.
        counts: table -> rows.
        sources: source register rows that are published with the release.
        formats: media types of its files.
    """
    abstract = {lang: _abstract(facts, counts, lang) for lang in LANGUAGES}
    return {
        "schemaVersion": SCHEMA_VERSION,
        "creators": [{"name": facts.publisher, "nameType": "Organizational"}],
        "titles": [
            {"title": f"{facts.title_zh} {facts.release_id}", "lang": "zh"},
            {"title": f"{facts.title_en} {facts.release_id}", "lang": "en", "titleType": "TranslatedTitle"},
        ],
        "publisher": {"name": facts.publisher},
        "publicationYear": str(facts.as_of.year),
        "types": {"resourceType": "Emission factor library", "resourceTypeGeneral": "Dataset"},
        "subjects": [
            {"subject": keyword, "lang": lang}
            for lang in LANGUAGES
            for keyword in table_of_words(lang)["cite"]["keywords"]
        ],
        "dates": [{"date": facts.as_of.isoformat(), "dateType": "Issued"}],
        "language": "zh",
        "alternateIdentifiers": [
            {"alternateIdentifier": facts.release_id, "alternateIdentifierType": "factordb release"}
        ],
        "relatedItems": [*_earlier(facts), *_derived(sources)],
        "sizes": [f"{rows} {word('en', 'tables', table)}" for table, rows in counts.items()],
        "formats": list(formats),
        "version": facts.release_id,
        "rightsList": _rights(facts, sources),
        "descriptions": [
            {"description": text, "descriptionType": "Abstract", "lang": lang} for lang, text in abstract.items()
        ],
    }  # fmt: skip


def _abstract(facts: ReleaseFacts, counts: Mapping[str, int], lang: str) -> str:
    title = facts.title_zh if lang == "zh" else facts.title_en
    rows = ", ".join(f"{word(lang, 'tables', table)} {number}" for table, number in counts.items())
    said = f"{title} {facts.release_id}: {rows}."
    return f"{said} {word(lang, 'readme', 'erratum', corrects=facts.corrects, erratum=facts.erratum)}" \
        if facts.corrects else said  # fmt: skip


def _earlier(facts: ReleaseFacts) -> Iterator[dict[str, Any]]:
    named = ((facts.base_release, "IsNewVersionOf"), (facts.corrects, "Obsoletes"))
    for release_id, relation in named:
        if release_id:
            yield _item(f"{facts.title_en} {release_id}", facts.publisher, relation)


def _derived(sources: pa.Table | None) -> Iterator[dict[str, Any]]:
    for row in sources.to_pylist() if sources is not None else []:
        yield _item(row.get("title_en") or row["source_id"], row.get("publisher"), "IsDerivedFrom")


def _item(title: str, publisher: str | None, relation: str) -> dict[str, Any]:
    found: dict[str, Any] = {"relatedItemType": "Dataset", "relationType": relation, "titles": [{"title": title}]}
    return found | ({"publisher": publisher} if publisher else {})


def _rights(facts: ReleaseFacts, sources: pa.Table | None) -> list[dict[str, str]]:
    words = {facts.licence} | {row["licence"] for row in _licensed(sources) if row["licence"]}
    return [{"rights": one} for one in sorted(words)]


def _licensed(sources: pa.Table | None) -> list[dict[str, Any]]:
    return sources.to_pylist() if sources is not None and "licence" in sources.schema.names else []


def write_datacite(
    directory: Path, facts: ReleaseFacts, counts: Mapping[str, int], sources: pa.Table | None = None
) -> None:
    """Write datacite.json into `directory`; the formats are those of the files that are there."""
    kinds = {MEDIA_TYPES[path.suffix] for path in directory.rglob("*") if path.suffix in MEDIA_TYPES}
    content = datacite(facts, counts, sources, tuple(sorted(kinds)))
    (directory / DATACITE).write_bytes(json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n")

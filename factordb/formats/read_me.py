"""README.md of a release: what is in it, how to read the numbers, how to cite; Chinese first, then English."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from factordb.formats.citation import cite_release
from factordb.formats.manifest import word_of_approval
from factordb.formats.words import LANGUAGES, column_words, word
from factordb.model.release import RELEASE_COLUMNS, ReleaseFacts

FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "README.md": "readme",
        "report.html": "report",
        "people/*.csv": "people_csv",
        "people/release.xlsx": "workbook",
        "data/*.csv": "machine_csv",
        "data/*.parquet": "parquet",
        "data/*.json": "json",
        "release.schema.json": "schema",
        "changes.csv": "changes",
        "sources.csv": "sources",
        "held_back.csv": "held_back",
        "gas_amounts.csv": "gas_amounts",
        "overrides.csv": "overrides",
        "withheld.csv": "withheld",
        "cite.csv": "cite",
        "datapackage.json": "datapackage",
        "CITATION.cff": "citation",
        "datacite.json": "datacite",
        "manifest.json": "manifest",
    }
)
"""Files of a release -> the key of their description."""

WRITTEN_LATER: Final = frozenset({"README.md", "datapackage.json", "manifest.json"})
"""Files that describe the others and so are written after this text."""


def read_me(facts: ReleaseFacts, counts: Mapping[str, int], *, files: Mapping[str, str] = FILES) -> str:
    """Return the text of README.md.

    Args:
        facts: cover of the release.
        counts: table -> rows.
        files: the files that are described, see `FILES`.
    """
    return "\n".join(line for lang in LANGUAGES for line in _part(facts, counts, files, lang)) + "\n"


def _part(facts: ReleaseFacts, counts: Mapping[str, int], files: Mapping[str, str], lang: str) -> Iterator[str]:
    title = facts.title_zh if lang == "zh" else facts.title_en
    yield from (f"# {_flat(title)} {_flat(facts.release_id)}", "")
    if facts.corrects:
        yield from (f"**{_flat(erratum_words(facts, lang))}**", "")
    yield from (f"- {label}: {_flat(value)}" for label, value in release_facts(facts, lang))
    yield from (f"- {word(lang, 'tables', table)}: {rows}" for table, rows in counts.items())
    yield from ("", f"## {word(lang, 'readme', 'contents')}", "")
    yield from (f"- `{path}` {word(lang, 'readme', key)}" for path, key in files.items())
    for heading, text in (("reading", "reading_text"), ("verify", "verify_text")):
        yield from ("", f"## {word(lang, 'readme', heading)}", "", word(lang, "readme", text))
    yield from ("", f"## {word(lang, 'readme', 'how_to_cite')}", "", _flat(cite_release(facts, lang)))
    yield from ("", word(lang, "readme", "access_hint"))
    heads = [word(lang, "readme", key) for key in ("column", "unit", "meaning")]
    yield from ("", f"## {word(lang, 'readme', 'columns')}", "", f"| {' | '.join(heads)} |", "|---|---|---|")
    for column in RELEASE_COLUMNS:
        words = column_words(lang, column.name)
        yield f"| `{column.name}` {words.title} | {words.unit} | {words.description.replace('|', chr(92) + '|')} |"
    yield ""


def erratum_words(facts: ReleaseFacts, lang: str) -> str:
    """Return the sentence that says which release this one corrects, and why."""
    return word(lang, "readme", "erratum", corrects=facts.corrects, erratum=facts.erratum)


def _flat(text: str) -> str:
    return " ".join(text.split())


def release_facts(facts: ReleaseFacts, lang: str) -> list[tuple[str, str]]:
    """Return the cover of a release as (label, value) in `lang`."""
    return [
        (word(lang, "facts", "release"), facts.release_id),
        (word(lang, "facts", "as_of"), facts.as_of.isoformat()),
        (word(lang, "facts", "base_release"), facts.base_release or word(lang, "facts", "first_release")),
        *(
            [(word(lang, "facts", "corrects"), facts.corrects), (word(lang, "facts", "erratum"), facts.erratum)]
            if facts.corrects
            else []
        ),
        (word(lang, "facts", "publisher"), facts.publisher),
        (word(lang, "facts", "licence"), facts.licence),
        (word(lang, "facts", "approval"), word_of_approval(facts)[f"statement_{lang}"]),
        (word(lang, "facts", "approved_by"), facts.approved_by),
        (word(lang, "facts", "rule_set"), facts.rule_set),
        (word(lang, "facts", "engine"), facts.engine_version),
        (word(lang, "facts", "seed"), str(facts.seed)),
    ]


def write_read_me(directory: Path, facts: ReleaseFacts, counts: Mapping[str, int]) -> None:
    """Write README.md into `directory`; it names only the files that are there or will be."""
    there = {
        path: key
        for path, key in FILES.items()
        if path in WRITTEN_LATER or next(directory.glob(path), None) is not None
    }
    (directory / "README.md").write_bytes(read_me(facts, counts, files=there).encode())

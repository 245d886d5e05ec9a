"""The last files of a release folder, in the order in which they describe each other.

A release is written in four steps: `write_tables`, `write_report`, `finish_release`, and the caller's rename of the
finished folder to its name, so that nobody ever sees half of one.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa

from factordb.formats.changes import change_counts
from factordb.formats.citation import write_citation
from factordb.formats.data_package import write_data_package
from factordb.formats.datacite import write_datacite
from factordb.formats.manifest import file_entries, write_manifest
from factordb.formats.read_me import write_read_me
from factordb.model.release import ReleaseFacts


def finish_release(
    directory: Path,
    facts: ReleaseFacts,
    *,
    counts: Mapping[str, int],
    others: Mapping[str, pa.Table] = MappingProxyType({}),
) -> str:
    """Return the sha256 of the manifest, after the last files are written.

    They are CITATION.cff, datacite.json, README.md, datapackage.json and manifest.json. Keep the returned hash
    outside of the folder: `verify` then also sees an altered manifest.

    Args:
        directory: the release folder with its tables and its report.
        facts: cover of the release.
        counts: table -> rows, from `write_tables`.
        others: the tables of `OTHER_SECTIONS` that `write_tables` was given.
    """
    write_citation(directory / "CITATION.cff", facts)
    write_datacite(directory, facts, counts, others.get("sources"))
    write_read_me(directory, facts, counts)
    rows = {**counts, **{name: table.num_rows for name, table in others.items()}}
    write_data_package(directory, facts, file_entries(directory, rows), others)
    changes = change_counts(others["changes"]) if "changes" in others else {}
    return write_manifest(directory, facts, counts=rows, changes=changes)

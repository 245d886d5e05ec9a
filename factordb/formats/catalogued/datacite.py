"""The format `datacite`: metadata of a release for whoever registers a DOI."""

import json
from pathlib import Path
from typing import Final

from factordb.formats.catalogued.described import row_counts, source_table
from factordb.formats.catalogued.write_only import WriteOnly
from factordb.formats.datacite import datacite
from factordb.formats.interchange import Content


def write_datacite_file(content: Content, target: Path) -> int:
    """Write the metadata to `target` and return the number of rows it tells of."""
    found = datacite(content.facts, row_counts(content), source_table(content))
    target.write_bytes(json.dumps(found, ensure_ascii=False, indent=2).encode() + b"\n")
    return int(content.rows.num_rows)


FORMAT: Final = WriteOnly("datacite", (".datacite.json",), write_datacite_file)

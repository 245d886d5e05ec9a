"""openLCA JSON-LD: a zip of JSON objects, one folder a type; schema 2 is written, 1.x and 2 are read.

Source: olca-schema (GreenDelta, CC0), 2.x; `olca-schema.json` marks version 2, `context.json` the 1.x packages.
"""

from factordb.formats.openlca.room import FORMAT

__all__ = ["FORMAT"]

"""The format `pact3`."""

from factordb.formats.footprint.room import PACT3 as FORMAT

__all__ = ["FORMAT"]

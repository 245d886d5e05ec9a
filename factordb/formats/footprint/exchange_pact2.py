"""The format `pact2`."""

from factordb.formats.footprint.room import PACT2 as FORMAT

__all__ = ["FORMAT"]

"""The format `catenax`."""

from factordb.formats.footprint.room import CATENAX as FORMAT

__all__ = ["FORMAT"]

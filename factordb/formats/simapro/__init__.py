"""SimaPro CSV: blocks of sections in one text file, with separators and date format named in its header. Read only.

Source: the format has no public specification; sections and rows as exported by SimaPro 7 to 9 and described by the
readme of GreenDelta's olca-simapro-csv.
"""

from factordb.formats.simapro.room import FORMAT

__all__ = ["FORMAT"]

"""EcoSpold 2: one `.spold` file an activity, as ecoinvent 3 exchanges them.

Source: EcoSpold02 schemas of ecoinvent, as shipped by pyecospold.
"""

from factordb.formats.ecospold2.room import FORMAT

__all__ = ["FORMAT"]

"""EcoSpold 1: one XML file with one `dataset` a factor, as ecoinvent 1 and 2, SimaPro and Brightway exchange them.

Source: EcoSpold01 schemas of ecoinvent, as shipped by pyecospold; field numbers (ID) are those of its documentation.
"""

from factordb.formats.ecospold1.room import FORMAT

__all__ = ["FORMAT"]

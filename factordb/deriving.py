"""Factors made of factors as verbs of the library: aggregation, lineage, impact of a change."""

from factordb.writing import Writing


class Deriving(Writing):
    """The verbs and questions of aggregation and lineage."""

"""The reviewers' route (评估、反馈、采纳) as verbs of the library: people, cases, opinions, overrides, decisions."""

from factordb.writing import Writing


class Reviewing(Writing):
    """The verbs and questions of review."""

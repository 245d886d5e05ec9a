"""The reviewers' route in words and types: people, cases, opinions, and the table of transitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from factordb.reference import tables

__all__ = [
    "LIVE", "Act", "Case", "Kind", "Opinion", "Override", "Person", "Seen", "Transition", "clashes", "transitions",
    "words",
]  # fmt: skip

LIVE = frozenset({"unassigned", "in_review", "adopted"})
"""States in which a change of what was seen makes a case pending again."""


class Kind(StrEnum):
    """What a reviewer judges."""

    SUBJECT = "subject"
    METADATA = "metadata"
    UNCERTAINTY = "uncertainty"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Person:
    """A person as stored: roles and kinds of review are granted, never claimed."""

    person_id: str
    organisation: str
    roles: frozenset[str]
    kinds: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Seen:
    """What a decision is bound to."""

    content_hash: str
    rule_set: str
    base_release: str | None


@dataclass(frozen=True)
class Opinion:
    """A reviewer's written approval or dissent, bound to what was seen; it stays on record when it counts no longer."""

    person_id: str
    kind: Kind
    approves: bool
    reason: str
    seen: Seen
    counts: bool = True


@dataclass(frozen=True)
class Override:
    """One person's reasoned override of a `review` or `block` finding; two persons make it count."""

    finding: str
    person_id: str
    reason: str
    seen: Seen
    counts: bool = True


@dataclass(frozen=True)
class Case:
    """A candidate on the reviewers' route; `assigned` pairs a person with a kind, `findings` are those to settle."""

    state: str
    submitter: str
    organisation: str
    seen: Seen
    findings: frozenset[str] = frozenset()
    assigned: frozenset[tuple[str, Kind]] = frozenset()
    opinions: tuple[Opinion, ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True)
class Act:
    """What a person wants to do, and on what they saw."""

    action: str
    seen: Seen
    reason: str = ""
    kind: Kind | None = None
    finding: str = ""
    assignee: Person | None = None


@dataclass(frozen=True)
class Transition:
    """One row of the table: from some states by an action to a state, for roles, under conditions."""

    sources: frozenset[str]
    action: str
    target: str
    roles: frozenset[str]
    conditions: tuple[str, ...]


@cache
def transitions() -> tuple[Transition, ...]:
    """Return the table of transitions."""
    return tuple(
        Transition(frozenset(row["from"]), row["action"], row["to"], frozenset(row["roles"]), tuple(row["conditions"]))
        for row in tables.toml("workflow/review")["transitions"]
    )


def words(part: str) -> Mapping[str, Mapping[str, str]]:
    """Return zh and en of every name in `states`, `standings`, `actions`, `roles`, `kinds` or `conditions`."""
    named: Mapping[str, Mapping[str, str]] = tables.toml("workflow/review")[part]
    return named


def clashes(roles: frozenset[str]) -> tuple[str, ...]:
    """Return roles among `roles` that one person may not hold together; empty: all go together."""
    for row in tables.toml("workflow/review")["exclusive_roles"]:
        found = roles & set(row["others"])
        if row["one"] in roles and found:
            return (str(row["one"]), *sorted(found))
    return ()

"""Who could do what, and whose key held, at each moment of the ledger: replayed from its events alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from factordb.evidence.keys import KeyFact, key_id_of

__all__ = ["SINGLE_OPERATOR", "Member", "Roster", "moment", "replayed"]

SINGLE_OPERATOR = "single-operator"
"""The mode of a library that has declared none."""


@dataclass(frozen=True)
class Member:
    """A person as the newest event says; no roles: has left."""

    person_id: str
    organisation: str
    roles: frozenset[str]
    kinds: frozenset[str]
    name: str = ""


class Roster:
    """People, keys and mode after the events taken in so far."""

    def __init__(self) -> None:
        self.people: dict[str, Member] = {}
        self.mode = SINGLE_OPERATOR
        self._keys: dict[str, KeyFact] = {}

    def take(self, event: Mapping[str, Any]) -> None:
        """Take the next event in.

        Raises:
            ValueError, KeyError, TypeError: its facts are not those of its kind.
        """
        kind, facts, subject = event["kind"], event["facts"], event["subject"]
        if kind in {"person_added", "person_changed"}:
            self.people[subject] = Member(
                person_id=subject,
                organisation=facts["organisation"],
                roles=frozenset(facts["roles"]),
                kinds=frozenset(facts["kinds"]),
                name=facts.get("name", ""),
            )
            for one in self._keys.values():
                if one.person_id == subject and one.revoked is None:
                    self._keys[one.key_id] = replace(one, roles=one.roles | self.people[subject].roles)
        elif kind == "key_added" and subject not in self._keys:
            raw = bytes.fromhex(facts["public_key"])
            begin = max(moment(facts["valid_from"]), moment(event["happened_on"]))
            holder = facts["person_id"]
            made = KeyFact(key_id_of(raw), raw, holder, self.organisation(holder), self.roles(holder), begin)
            self._keys[made.key_id] = made
        elif kind == "key_revoked" and subject in self._keys:
            held = self._keys[subject]
            if held.revoked is None:
                self._keys[subject] = replace(held, revoked=moment(event["happened_on"]))
        elif kind == "mode_declared":
            self.mode = facts["mode"]

    def roles(self, person_id: str) -> frozenset[str]:
        """Return the roles a person holds now; none for a stranger."""
        held = self.people.get(person_id)
        return held.roles if held else frozenset()

    def organisation(self, person_id: str) -> str:
        """Return a person's organisation; empty for a stranger."""
        held = self.people.get(person_id)
        return held.organisation if held else ""

    def keys(self) -> dict[str, KeyFact]:
        """Return key id -> key, with the name its person has now."""
        return {name: replace(one, name=self._name(one.person_id)) for name, one in self._keys.items()}

    def key(self, key_id: str) -> KeyFact | None:
        """Return one key, or None."""
        return self._keys.get(key_id)

    def _name(self, person_id: str) -> str:
        held = self.people.get(person_id)
        return held.name if held else ""

    def may_sign(self, key_id: str, now: datetime) -> bool:
        """Return whether a signature made now by this key is that of a curator."""
        held = self._keys.get(key_id)
        if held is None or held.revoked is not None or now < held.valid_from:
            return False
        return "curator" in self.roles(held.person_id)


def replayed(events: Iterable[Mapping[str, Any]]) -> Roster:
    """Return the roster after all events; events with other facts than their kind has are passed over."""
    roster = Roster()
    for event in events:
        try:
            roster.take(event)
        except (ValueError, KeyError, TypeError):
            continue  # `four_eyes` names it
    return roster


def moment(text: str) -> datetime:
    """Return an ISO time that states its zone.

    Raises:
        ValueError: it is no time, or states no zone.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found

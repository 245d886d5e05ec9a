"""A ledger made by hand after the contract of its events: one case through the whole route, to be broken at will."""

from collections.abc import Mapping
from typing import Any

from factordb.evidence.keys import key_id_of

DAY = "2026-11-26T09:{:02d}:00Z"
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
"""RFC 8032, 7.1, test 1: public key."""

PEOPLE: Mapping[str, tuple[str, list[str], list[str]]] = {
    "root": ("office", ["administrator"], []),
    "sub": ("factory", ["submitter"], []),
    "mate": ("factory", ["reviewer", "curator"], ["subject", "metadata"]),
    "asa": ("office", ["assigner"], []),
    "rea": ("institute", ["reviewer"], ["subject", "metadata"]),
    "reb": ("university", ["reviewer"], ["uncertainty"]),
    "cur": ("office", ["curator"], []),
    "cub": ("bureau", ["curator"], []),
}
"""Person -> organisation, roles, kinds."""

Event = dict[str, Any]


class Events:
    """A ledger that grows by one event a call."""

    def __init__(self) -> None:
        self.all: list[Event] = []
        self.seqs: dict[str, int] = {}

    def add(self, kind: str, subject: str, actor: str, /, **facts: Any) -> Event:
        """Append an event."""
        number = len(self.all) + 1
        self.all.append(
            {"event_id": number, "kind": kind, "subject": subject, "actor": actor, "facts": facts,
             "happened_on": DAY.format(number % 60)}
        )  # fmt: skip
        return self.all[-1]

    def people(self) -> None:
        """Declare the reviewers' route and add everybody."""
        self.add("person_added", "root", "root", name="root", organisation="office", roles=["administrator"], kinds=[])
        self.add("mode_declared", "library", "root", mode="reviewed")
        for name, (house, roles, kinds) in PEOPLE.items():
            if name != "root":
                self.add("person_added", name, "root", name=name, organisation=house, roles=roles, kinds=kinds)

    def open(self, *cases: str, findings: tuple[str, ...] = ("PLA001",)) -> None:
        """Open cases that the factory submitted."""
        listed = [
            {"case_id": case, "candidate_id": f"c-{case}", "version_id": f"v-{case}", "factor_id": f"f-{case}",
             "content_hash": f"h-{case}", "findings": list(findings)}
            for case in cases
        ]  # fmt: skip
        self.add("case_opened", cases[0], "sub", cases=listed, submitter="sub", organisation="factory",
                 seen={"rule_set": "rules", "base_release": None})  # fmt: skip
        self.seqs |= dict.fromkeys(cases, 0)

    def act(self, actor: str, action: str, *cases: str, **said: Any) -> Event:
        """Do something to cases, bound to what they are."""
        for case in cases:
            self.seqs[case] += 1
        facts = {"rule_set": "rules", "base_release": None, "reason": "because", "kind": "", "finding": "",
                 "assignee": "", **said}  # fmt: skip
        listed = [[case, self.seqs[case], f"h-{case}"] for case in cases]
        return self.add("case_acted", cases[0], actor, action=action, cases=listed, **facts)

    def reviewed(self, *cases: str) -> None:
        """Assign, approve twice, override twice."""
        self.act("asa", "assign", *cases, assignee="rea", kind="subject")
        self.act("asa", "assign", *cases, assignee="reb", kind="uncertainty")
        self.act("rea", "approve", *cases, kind="subject")
        self.act("reb", "approve", *cases, kind="uncertainty")
        self.act("rea", "override", *cases, finding="PLA001")
        self.act("reb", "override", *cases, finding="PLA001")

    def released(self, *cases: str, name: str = "2026.1") -> None:
        """Decide and release."""
        self.add("decided", f"d-{name}", "cur", items=len(cases), mode="reviewed", items_sha256="i", action="adopt",
                 cases=list(cases))  # fmt: skip
        self.add("released", name, "cur", counts={}, decision_id=f"d-{name}", manifest_sha256=f"m-{name}")

    def key(self, person: str = "cub", *, actor: str = "root", valid_from: str = DAY.format(0)) -> None:
        """Record the key of a person."""
        self.add("key_added", key_id_of(KEY), actor, person_id=person, public_key=KEY.hex(), valid_from=valid_from)

    def sign(self, actor: str = "cub", name: str = "2026.1", manifest: str = "") -> Event:
        """Sign a release."""
        return self.add(
            "release_signed", name, actor, key_id=key_id_of(KEY), manifest_sha256=manifest or f"m-{name}"
        )  # fmt: skip


def clean(*, signed: bool = True) -> Events:
    """Return a ledger of two cases without a breach."""
    events = Events()
    events.people()
    events.key()
    events.open("a", "b")
    events.reviewed("a", "b")
    events.act("cur", "adopt", "a", "b")
    events.released("a", "b")
    if signed:
        events.sign()
    return events

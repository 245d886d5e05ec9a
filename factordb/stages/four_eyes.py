"""Four eyes, judged once more from the events of a ledger alone.

This room shares no code with `stages.workflow`, which lets acts happen: what that room might wrongly permit, this one
finds. It needs no database: an exported ledger is enough, so that anybody can do it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from factordb.evidence.roster import SINGLE_OPERATOR, Member, Roster, moment
from factordb.reference import tables

__all__ = ["Breach", "required_signatures", "review"]

Event = Mapping[str, Any]
Seen = tuple[str, str, str | None]
"""Content hash, rule set, base release."""

_ROLES = {"assign": {"assigner"}, "unassign": {"assigner"}, "approve": {"reviewer"}, "dissent": {"reviewer"},
          "override": {"reviewer", "curator"}, "return": {"reviewer", "curator"}, "reject": {"curator"},
          "adopt": {"curator"}, "publish": {"curator"}}  # fmt: skip
"""Action -> roles of which the actor must hold one. Acts that lead to no release are not judged here."""
_ENDING = {"return", "reject", "resubmit", "withdraw", "supersede", "expire", "demote"}
"""Actions after which a case is in no release."""
_OPINIONS = {"approve", "dissent"}
_REASONED = {"dissent", "override", "reject", "adopt"}


@dataclass(frozen=True)
class Breach:
    """One breach of the rules, with the event at which it happened; `case_id` and `person` may be empty."""

    code: str
    event_id: int
    case_id: str
    person: str
    detail: str

    def words(self, lang: str) -> str:
        """Return one sentence in `lang`, "zh" or "en"."""
        return str(_faults()[self.code][lang]).format(
            event=self.event_id, case=self.case_id, person=self.person, detail=self.detail
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the facts and the sentences in zh and en."""
        return {**vars(self), "zh": self.words("zh"), "en": self.words("en")}


@dataclass
class _Case:
    """What has become of a case so far."""

    submitter: str
    organisation: str
    seen: Seen
    findings: frozenset[str]
    seq: int = 0
    adopted: bool = False
    sound: bool = True
    assigned: set[tuple[str, str]] = field(default_factory=set)
    opinions: dict[tuple[str, str], bool] = field(default_factory=dict)
    overrides: set[tuple[str, str]] = field(default_factory=set)
    judges: set[str] = field(default_factory=set)


@cache
def _faults() -> Mapping[str, Mapping[str, str]]:
    faults: Mapping[str, Mapping[str, str]] = tables.toml("workflow/four_eyes")["faults"]
    return faults


def required_signatures(mode: str) -> int:
    """Return how many curators must sign a release made in `mode`; an unknown mode needs as many as the strictest."""
    limits: Mapping[str, int] = tables.toml("workflow/four_eyes")["signatures"]
    return limits.get(mode, max(limits.values()))


def review(events: Iterable[Event]) -> list[Breach]:
    """Return every breach of the four-eyes rules in a ledger, in its order; empty: there is none."""
    replay = _Replay()
    for event in events:
        replay.take(event)
    return replay.found


class _Replay:
    def __init__(self) -> None:
        self.found: list[Breach] = []
        self._roster = Roster()
        self._cases: dict[str, _Case] = {}
        self._decisions: dict[str, bool] = {}
        self._manifests: dict[str, str] = {}

    @cached_property
    def _kinds(self) -> Mapping[str, Callable[[Event], None]]:
        return {
            "case_opened": self._opened,
            "case_renewed": self._renewed,
            "case_acted": self._acted,
            "decided": self._decided,
            "released": self._released,
            "release_signed": self._signed,
            "key_added": self._key_changed,
            "key_revoked": self._key_changed,
        }

    @cached_property
    def _limits(self) -> Mapping[str, int]:
        limits: Mapping[str, int] = tables.toml("workflow/four_eyes")["limits"]
        return limits

    def take(self, event: Event) -> None:
        """Judge the next event, then count it in."""
        try:
            if event["kind"] in self._kinds:
                self._kinds[event["kind"]](event)
            self._roster.take(event)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            self._breach("unreadable", event, detail=str(event["kind"]))

    def _breach(self, code: str, event: Event, case_id: str = "", detail: str = "") -> None:
        self.found.append(Breach(code, int(event["event_id"]), case_id, str(event["actor"]), detail))

    # ── cases ────────────────────────────────────────────────────────────────────────────────────────────

    def _opened(self, event: Event) -> None:
        for one in event["facts"]["cases"]:
            if one["case_id"] in self._cases:
                self._breach("opened_twice", event, one["case_id"])
            self._cases[one["case_id"]] = _case(one, event["facts"])

    def _renewed(self, event: Event) -> None:
        """A changed case is pending again: what was said of it counts no longer, who said it is remembered."""
        for one in event["facts"]["cases"]:
            old = self._cases.get(one["case_id"])
            if old is None:
                self._breach("unknown_case", event, one["case_id"])
                continue
            facts = {"submitter": old.submitter, "organisation": old.organisation, **event["facts"]}
            new = _case(one, facts)
            new.assigned, new.judges, new.seq = old.assigned, old.judges, old.seq + 1
            if one.get("seq", new.seq) != new.seq:
                self._breach("order", event, one["case_id"], str(one["seq"]))
            self._cases[one["case_id"]] = new

    def _acted(self, event: Event) -> None:
        facts = event["facts"]
        for case_id, seq, content_hash in facts["cases"]:
            case = self._cases.get(case_id)
            if case is None:
                self._breach("unknown_case", event, case_id)
                continue
            if seq != case.seq + 1:
                self._breach("order", event, case_id, str(seq))
            case.seq = seq
            if facts["action"] in _ENDING:
                case.adopted = False
            if facts["action"] in _ROLES:
                self._judge(event, case_id, case, (content_hash, facts["rule_set"], facts["base_release"]))

    def _judge(self, event: Event, case_id: str, case: _Case, seen: Seen) -> None:
        facts, actor = event["facts"], event["actor"]
        action, kind = facts["action"], facts.get("kind") or ""
        broken = list(self._broken(action, kind, actor, case, facts, seen))
        if action == "adopt":
            broken += self._broken_adoption(actor, case)
        for code, detail in broken:
            self._breach(code, event, case_id, detail)
        if action == "assign":
            assignee = _person_id(facts["assignee"])
            case.assigned.add((assignee, kind))
            case.judges.add(assignee)
        elif action == "unassign":
            case.assigned.discard((_person_id(facts["assignee"]), kind))
        elif action in _OPINIONS:
            case.judges.add(actor)
            case.opinions[actor, kind] = action == "approve" and not broken
        elif action == "override":
            case.judges.add(actor)
            case.overrides |= {(facts["finding"], actor)} if not broken else set()
        elif action == "adopt":
            case.adopted, case.sound = True, not broken

    def _broken(
        self, action: str, kind: str, actor: str, case: _Case, facts: Mapping[str, Any], seen: Seen
    ) -> Iterable[tuple[str, str]]:
        """Yield (code, detail) of what a single act breaks."""
        person = self._roster.people.get(actor)
        if person is None or not _ROLES[action] & person.roles or (action in _OPINIONS and kind not in person.kinds):
            yield "role", f"{action} {kind}".strip()
        if action not in {"assign", "unassign"} and self._insider(actor, person, case):
            yield "self_review", action
        if action == "assign":
            assignee = _person_id(facts["assignee"])
            if self._insider(assignee, self._roster.people.get(assignee), case):
                yield "self_review", f"{action} {assignee}"
        if action in _OPINIONS and (actor, kind) not in case.assigned:
            yield "unassigned_review", kind
        if action not in {"assign", "unassign", "return"} and seen != case.seen:
            yield "unbound", action
        if action in _REASONED and not str(facts.get("reason") or "").strip():
            yield "no_reason", action

    def _insider(self, person_id: str, person: Member | None, case: _Case) -> bool:
        organisation = person.organisation if person else ""
        return person_id == case.submitter or (organisation != "" and organisation == case.organisation)

    def _broken_adoption(self, actor: str, case: _Case) -> Iterable[tuple[str, str]]:
        if actor in case.judges:
            yield "curator_reviewed", ""
        approvals = [pair for pair, good in case.opinions.items() if good and pair in case.assigned]
        if not any(a[0] != b[0] and a[1] != b[1] for a in approvals for b in approvals):
            yield "approvals", ""
        for finding in sorted(case.findings):
            if len({who for code, who in case.overrides if code == finding}) < self._limits["overrides"]:
                yield "override", finding

    # ── decisions, releases, keys ────────────────────────────────────────────────────────────────────────

    def _decided(self, event: Event) -> None:
        facts, before = event["facts"], len(self.found)
        if facts["mode"] == SINGLE_OPERATOR:
            if self._roster.mode != SINGLE_OPERATOR:
                self._breach("mode", event)
        else:
            self._decided_together(event, facts)
        self._decisions[event["subject"]] = len(self.found) == before

    def _decided_together(self, event: Event, facts: Mapping[str, Any]) -> None:
        if "curator" not in self._roster.roles(event["actor"]):
            self._breach("role", event, detail="decide")
        held = facts["cases"]
        if len(set(held)) != len(held) or len(held) != facts["items"]:
            self._breach("count", event, detail=f"{len(held)} / {facts['items']}")
        for case_id in held:
            case = self._cases.get(case_id)
            if case is None:
                self._breach("unknown_case", event, case_id)
            elif not case.adopted or not case.sound:
                self._breach("not_adopted", event, case_id)

    def _released(self, event: Event) -> None:
        facts, name = event["facts"], event["subject"]
        self._manifests[name] = facts.get("manifest_sha256", "")
        if "decision_id" not in facts and self._roster.mode == SINGLE_OPERATOR:
            return  # releases of the first version of this program named no decision
        sound = self._decisions.get(facts["decision_id"])
        if sound is None:
            self._breach("no_decision", event, detail=name)
        elif not sound:
            self._breach("tainted", event, detail=name)

    def _signed(self, event: Event) -> None:
        facts, name = event["facts"], event["subject"]
        key = self._roster.key(facts["key_id"])
        good = self._roster.may_sign(facts["key_id"], moment(event["happened_on"]))
        if key is None or not good or key.person_id != event["actor"]:
            self._breach("key", event, detail=name)
        if self._manifests.get(name) != facts["manifest_sha256"]:
            self._breach("signed_other", event, detail=name)

    def _key_changed(self, event: Event) -> None:
        """On the reviewers' route keys are the administrator's business; a person may give up their own."""
        if self._roster.mode == SINGLE_OPERATOR or "administrator" in self._roster.roles(event["actor"]):
            return
        held = self._roster.key(event["subject"])
        if event["kind"] == "key_added" or held is None or held.person_id != event["actor"]:
            self._breach("key_owner", event, detail=event["subject"])


def _case(one: Mapping[str, Any], facts: Mapping[str, Any]) -> _Case:
    """Return a case as it was opened or renewed: what a case does not say itself, the event says for all."""
    said = {**facts.get("seen", {}), **facts, **one}
    findings = said.get("findings") or ()
    seen = (str(said["content_hash"]), str(said["rule_set"]), said.get("base_release"))
    return _Case(said["submitter"], said["organisation"], seen, frozenset(findings))


def _person_id(assignee: Any) -> str:
    return str(assignee["person_id"] if isinstance(assignee, Mapping) else assignee)

"""Four eyes from the events alone: a clean ledger passes, every seeded breach is found by its name."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from factordb import verify_ledger_file
from factordb.evidence.canonical import canonical
from factordb.evidence.keys import key_id_of
from factordb.stages.four_eyes import review
from tests.ledger.ledger_events import DAY, KEY, Events, clean


def _codes(events: Events) -> set[str]:
    return {one.code for one in review(events.all)}


def _start(*, findings: tuple[str, ...] = ("PLA001",)) -> Events:
    events = Events()
    events.people()
    events.open("a", findings=findings)
    return events


def _finish(events: Events, curator: str = "cur") -> Events:
    events.act(curator, "adopt", "a")
    events.released("a")
    return events


def test_a_clean_ledger_has_no_breach() -> None:
    assert review(clean().all) == []


def test_a_single_operator_ledger_has_no_breach() -> None:
    events = Events()
    events.add("merged", "b", "t", candidates=1, hash="h")
    events.add("decided", "d", "t", items=1, mode="single-operator", items_sha256="i", action="adopt")
    events.add("released", "2026.1", "t", counts={}, decision_id="d", manifest_sha256="m")
    assert review(events.all) == []


def _self_review() -> Events:
    events = _start()
    events.act("asa", "assign", "a", assignee="mate", kind="subject")
    events.act("mate", "approve", "a", kind="subject")
    return events


def _own_approval() -> Events:
    """The submitter was made a reviewer and approves what they submitted."""
    events = _start()
    events.add("person_changed", "sub", "root", name="sub", organisation="elsewhere", roles=["reviewer"],
               kinds=["subject"])  # fmt: skip
    events.act("asa", "assign", "a", assignee="sub", kind="subject")
    events.act("sub", "approve", "a", kind="subject")
    return events


def _one_approval() -> Events:
    events = _start(findings=())
    events.act("asa", "assign", "a", assignee="rea", kind="subject")
    events.act("rea", "approve", "a", kind="subject")
    return _finish(events)


def _one_person_of_two_kinds() -> Events:
    events = _start(findings=())
    for kind in ("subject", "metadata"):
        events.act("asa", "assign", "a", assignee="rea", kind=kind)
        events.act("rea", "approve", "a", kind=kind)
    return _finish(events)


def _two_of_one_kind() -> Events:
    events = _start(findings=())
    events.add("person_changed", "reb", "root", name="reb", organisation="university", roles=["reviewer"],
               kinds=["subject"])  # fmt: skip
    for who in ("rea", "reb"):
        events.act("asa", "assign", "a", assignee=who, kind="subject")
        events.act(who, "approve", "a", kind="subject")
    return _finish(events)


def _withdrawn_approval() -> Events:
    """Approved, then dissented: the last word counts."""
    events = _start()
    events.reviewed("a")
    events.act("reb", "dissent", "a", kind="uncertainty")
    return _finish(events)


def _revoked_assignment() -> Events:
    events = _start()
    events.reviewed("a")
    events.act("asa", "unassign", "a", assignee="reb", kind="uncertainty")
    return _finish(events)


def _another_content() -> Events:
    events = _start()
    events.reviewed("a")
    events.all[-3]["facts"]["cases"] = [["a", 4, "h-other"]]
    return _finish(events)


def _another_rule_set() -> Events:
    events = _start()
    events.reviewed("a")
    events.act("cur", "adopt", "a", rule_set="other rules")
    events.released("a")
    return events


def _another_base() -> Events:
    events = _start()
    events.reviewed("a")
    events.act("cur", "adopt", "a", base_release="2025.9")
    events.released("a")
    return events


def _renewed_after_approval() -> Events:
    events = _start()
    events.reviewed("a")
    events.seqs["a"] += 1
    events.add("case_renewed", "a", "—", cases=[{"case_id": "a", "seq": 7, "content_hash": "h-a", "findings": []}],
               seen={"rule_set": "new rules", "base_release": None})  # fmt: skip
    events.act("cur", "adopt", "a", rule_set="new rules")
    events.released("a")
    return events


def _renewed_after_adoption() -> Events:
    events = _start()
    events.reviewed("a")
    events.act("cur", "adopt", "a")
    events.add("case_renewed", "a", "—", cases=[{"case_id": "a", "content_hash": "h2", "findings": []}],
               seen={"rule_set": "rules", "base_release": None})  # fmt: skip
    events.released("a")
    return events


def _curator_assigned() -> Events:
    events = _start()
    events.add("person_changed", "cur", "root", name="cur", organisation="office", roles=["curator", "reviewer"],
               kinds=["language"])  # fmt: skip
    events.reviewed("a")
    events.act("asa", "assign", "a", assignee="cur", kind="language")
    return _finish(events)


def _curator_overrode() -> Events:
    events = _start()
    events.reviewed("a")
    events.act("cur", "override", "a", finding="PLA001")
    return _finish(events)


def _curator_of_the_house() -> Events:
    events = _start()
    events.reviewed("a")
    return _finish(events, "mate")


def _no_curator() -> Events:
    events = _start()
    events.reviewed("a")
    return _finish(events, "asa")


def _role_taken_away() -> Events:
    events = _start()
    events.act("asa", "assign", "a", assignee="rea", kind="subject")
    events.add("person_changed", "rea", "root", name="rea", organisation="institute", roles=[], kinds=[])
    events.act("rea", "approve", "a", kind="subject")
    return events


def _role_not_yet_given() -> Events:
    events = Events()
    events.people()
    events.open("a")
    given = next(one for one in events.all if one["subject"] == "rea")
    events.act("asa", "assign", "a", assignee="rea", kind="subject")
    events.act("rea", "approve", "a", kind="subject")
    events.all.remove(given)
    events.all.append(given)
    return events


def _another_kind() -> Events:
    events = _start()
    events.act("asa", "assign", "a", assignee="rea", kind="language")
    events.act("rea", "approve", "a", kind="language")
    return events


def _not_assigned() -> Events:
    events = _start()
    events.act("rea", "approve", "a", kind="subject")
    return events


def _override_by_one() -> Events:
    events = _start()
    events.reviewed("a")
    del events.all[-1]
    events.seqs["a"] -= 1
    return _finish(events)


def _override_twice_by_one() -> Events:
    events = _start()
    events.reviewed("a")
    events.all[-1]["actor"] = "rea"
    return _finish(events)


def _override_without_reason() -> Events:
    events = _start()
    events.reviewed("a")
    events.all[-1]["facts"]["reason"] = "  "
    return _finish(events)


def _adopted_without_reason() -> Events:
    events = _start()
    events.reviewed("a")
    events.act("cur", "adopt", "a", reason="")
    return events


def _never_adopted() -> Events:
    events = _start()
    events.reviewed("a")
    events.released("a")
    return events


def _withdrawn() -> Events:
    events = _start()
    events.reviewed("a")
    events.act("cur", "adopt", "a")
    events.act("cur", "withdraw", "a")
    events.released("a")
    return events


def _never_opened() -> Events:
    events = clean()
    events.all[-3]["facts"] |= {"cases": ["a", "ghost"]}
    return events


def _more_items() -> Events:
    events = clean()
    events.all[-3]["facts"] |= {"items": 3}
    return events


def _same_case_twice() -> Events:
    events = clean()
    events.all[-3]["facts"] |= {"cases": ["a", "a"]}
    return events


def _alone_in_a_reviewed_library() -> Events:
    events = clean()
    events.add("decided", "d2", "cur", items=2, mode="single-operator", items_sha256="i", action="adopt")
    return events


def _tainted_release() -> Events:
    return _one_approval()


def _released_out_of_nothing() -> Events:
    events = clean()
    events.add("released", "2026.2", "cur", counts={}, decision_id="none", manifest_sha256="m")
    return events


def _revoked_key() -> Events:
    events = clean(signed=False)
    events.add("key_revoked", key_id_of(KEY), "root", reason="lost")
    events.sign()
    return events


def _key_not_valid_yet() -> Events:
    events = Events()
    events.people()
    events.key(valid_from="2027-01-01T00:00:00+00:00")
    events.sign()
    return events


def _key_of_another() -> Events:
    events = clean(signed=False)
    events.sign("cur")
    return events


def _signer_no_curator_any_more() -> Events:
    events = clean(signed=False)
    events.add("person_changed", "cub", "root", name="cub", organisation="bureau", roles=[], kinds=[])
    events.sign()
    return events


def _another_manifest() -> Events:
    events = clean(signed=False)
    events.sign(manifest="m-forged")
    return events


def _self_made_key() -> Events:
    events = Events()
    events.people()
    events.key(actor="cub")
    return events


def _lost_act() -> Events:
    events = clean()
    del events.all[12]
    return events


def _opened_twice() -> Events:
    events = _start()
    events.open("a")
    return events


def _broken_facts() -> Events:
    events = clean()
    events.all[-3]["facts"] = {"mode": "reviewed"}
    return events


SEEDED: dict[str, tuple[Callable[[], Events], str]] = {
    "a reviewer of the submitter's house": (_self_review, "self_review"),
    "the submitter approves": (_own_approval, "self_review"),
    "one approval": (_one_approval, "approvals"),
    "one person of two kinds": (_one_person_of_two_kinds, "approvals"),
    "two of one kind": (_two_of_one_kind, "approvals"),
    "approval taken back": (_withdrawn_approval, "approvals"),
    "assignment revoked": (_revoked_assignment, "approvals"),
    "approved another content": (_another_content, "unbound"),
    "adopted under another rule set": (_another_rule_set, "unbound"),
    "adopted on another base": (_another_base, "unbound"),
    "changed after approval": (_renewed_after_approval, "approvals"),
    "changed after adoption": (_renewed_after_adoption, "not_adopted"),
    "curator was assigned": (_curator_assigned, "curator_reviewed"),
    "curator overrode": (_curator_overrode, "curator_reviewed"),
    "curator of the submitter's house": (_curator_of_the_house, "self_review"),
    "adopted by no curator": (_no_curator, "role"),
    "role taken away before": (_role_taken_away, "role"),
    "role given after": (_role_not_yet_given, "role"),
    "kind not held": (_another_kind, "role"),
    "not assigned": (_not_assigned, "unassigned_review"),
    "override by one": (_override_by_one, "override"),
    "override twice by one": (_override_twice_by_one, "override"),
    "override without reason": (_override_without_reason, "no_reason"),
    "adopted without reason": (_adopted_without_reason, "no_reason"),
    "released, never adopted": (_never_adopted, "not_adopted"),
    "released, withdrawn before": (_withdrawn, "not_adopted"),
    "a case nobody opened": (_never_opened, "unknown_case"),
    "more items than cases": (_more_items, "count"),
    "one case counted twice": (_same_case_twice, "count"),
    "decided alone": (_alone_in_a_reviewed_library, "mode"),
    "release of a broken decision": (_tainted_release, "tainted"),
    "release of no decision": (_released_out_of_nothing, "no_decision"),
    "signed with a revoked key": (_revoked_key, "key"),
    "signed before the key is valid": (_key_not_valid_yet, "key"),
    "signed with another's key": (_key_of_another, "key"),
    "signed by one who left": (_signer_no_curator_any_more, "key"),
    "signed another manifest": (_another_manifest, "signed_other"),
    "key added by its own person": (_self_made_key, "key_owner"),
    "an act is missing": (_lost_act, "order"),
    "opened twice": (_opened_twice, "opened_twice"),
    "facts that are none": (_broken_facts, "unreadable"),
}


@pytest.mark.parametrize("name", SEEDED)
def test_a_seeded_breach_is_found(name: str) -> None:
    make, code = SEEDED[name]
    assert code in _codes(make())


def test_a_breach_is_told_in_both_languages_with_its_facts() -> None:
    for make, _ in SEEDED.values():
        for one in review(make().all):
            assert str(one.event_id) in one.words("zh")
            assert str(one.event_id) in one.words("en")
            assert "{" not in one.words("zh") + one.words("en")


def test_the_review_leaves_the_events_as_they_are() -> None:
    events = clean().all
    before = deepcopy(events)
    review(events)
    assert events == before


def test_an_exported_ledger_is_judged_without_any_library(tmp_path: Path) -> None:
    for events, expected in ((clean(), set()), (_one_approval(), {"approvals", "not_adopted", "tainted"})):
        path = tmp_path / "ledger.jsonl"
        path.write_bytes(b"".join(canonical(one) + b"\n" for one in events.all))
        found: dict[str, Any] = verify_ledger_file(path)
        assert {one["code"] for one in found["breaches"]} == expected
        assert found["checkpoint"]["size"] == len(events.all)
        assert found["checkpoint"]["time"] == DAY.format(len(events.all) % 60)

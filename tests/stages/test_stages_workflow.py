"""No path to published without two approvals of different kinds and a curator who is neither."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from factordb.errors import ConflictError, FactorDBError, NotPermittedError, UsageError
from factordb.model.workflow import Act, Case, Kind, Person, Seen, clashes, transitions, words
from factordb.stages import workflow

SEEN = Seen("h1", "r1", None)
SUBJECT, UNCERTAINTY = Kind.SUBJECT, Kind.UNCERTAINTY
REVIEW, CURATE = frozenset({"reviewer"}), frozenset({"curator"})
SUE = Person("sue", "plant", frozenset({"submitter", "reviewer", "curator"}), frozenset(Kind))
COUSIN = Person("cousin", "plant", frozenset({"reviewer", "curator"}), frozenset(Kind))
ANN = Person("ann", "a", REVIEW | CURATE, frozenset({SUBJECT, UNCERTAINTY}))
BOB = Person("bob", "b", REVIEW, frozenset({UNCERTAINTY}))
CAT = Person("cat", "c", CURATE)
ASSIGNER = Person("eve", "e", frozenset({"assigner"}))
READER = Person("ray", "r", frozenset({"reader"}))
PEOPLE = (SUE, COUSIN, ANN, BOB, CAT, ASSIGNER, READER)


def fresh(*findings: str) -> Case:
    return Case("unassigned", "sue", "plant", SEEN, frozenset(findings))


def reviewed(case: Case) -> Case:
    for who, kind in ((ANN, SUBJECT), (BOB, UNCERTAINTY)):
        case = workflow.step(case, ASSIGNER, Act("assign", SEEN, kind=kind, assignee=who))
        case = workflow.step(case, who, Act("approve", SEEN, kind=kind))
    return case


WAYS_OUT = {"reject", "return", "withdraw", "resubmit", "supersede", "expire", "demote"}
WAYS_IN = sorted({row.action for row in transitions()} - WAYS_OUT)
ADOPT = Act("adopt", SEEN, "sound")


def test_the_ordinary_way_leads_to_published() -> None:
    adopted = workflow.step(reviewed(fresh()), CAT, ADOPT)
    assert workflow.step(adopted, CAT, Act("publish", SEEN)).state == "published"


def test_a_reviewer_who_is_a_curator_does_not_decide_his_case() -> None:
    with pytest.raises(NotPermittedError):
        workflow.step(reviewed(fresh()), ANN, ADOPT)


def test_one_person_of_two_kinds_is_one_approval() -> None:
    case = fresh()
    for kind in (SUBJECT, UNCERTAINTY):
        case = workflow.step(case, ASSIGNER, Act("assign", SEEN, kind=kind, assignee=ANN))
        case = workflow.step(case, ANN, Act("approve", SEEN, kind=kind))
    with pytest.raises(NotPermittedError):
        workflow.step(case, CAT, ADOPT)


@pytest.mark.parametrize("who", [SUE, COUSIN])
def test_nobody_reviews_what_his_organisation_submitted(who: Person) -> None:
    with pytest.raises(NotPermittedError):
        workflow.step(fresh(), ASSIGNER, Act("assign", SEEN, kind=SUBJECT, assignee=who))


def test_an_override_needs_a_reason_and_a_second_person() -> None:
    case = reviewed(fresh("GAS003"))
    with pytest.raises(UsageError):
        workflow.step(case, ANN, Act("override", SEEN, finding="GAS003"))
    once = workflow.step(case, ANN, Act("override", SEEN, "known", finding="GAS003"))
    for who, act in ((ANN, Act("override", SEEN, "again", finding="GAS003")), (CAT, ADOPT)):
        with pytest.raises(NotPermittedError):
            workflow.step(once, who, act)
    twice = workflow.step(once, BOB, Act("override", SEEN, "agreed", finding="GAS003"))
    assert workflow.step(twice, CAT, ADOPT).state == "adopted"


@pytest.mark.parametrize("first", [True, False])
def test_who_made_or_seconded_an_override_does_not_decide_the_case(first: bool) -> None:
    case = reviewed(fresh("GAS003"))
    for who in (CAT, BOB) if first else (BOB, CAT):
        case = workflow.step(case, who, Act("override", SEEN, "known", finding="GAS003"))
    with pytest.raises(NotPermittedError):
        workflow.step(case, CAT, ADOPT)
    assert workflow.step(case, replace(CAT, person_id="dan"), ADOPT).state == "adopted"


def test_an_approval_counts_while_its_assignment_stands_and_a_dissent_is_never_erased() -> None:
    case = workflow.step(reviewed(fresh()), BOB, Act("dissent", SEEN, "too narrow", kind=UNCERTAINTY))
    case = workflow.step(case, BOB, Act("approve", SEEN, kind=UNCERTAINTY))
    gone = workflow.step(case, ASSIGNER, Act("unassign", SEEN, "conflict of interest", UNCERTAINTY, assignee=BOB))
    assert [one.reason for one in gone.opinions if not one.approves] == ["too narrow"]
    with pytest.raises(NotPermittedError):
        workflow.step(gone, CAT, ADOPT)
    last = workflow.step(gone, ASSIGNER, Act("unassign", SEEN, "too", SUBJECT, assignee=ANN))
    assert last.state == "unassigned"
    with pytest.raises(UsageError):
        workflow.step(gone, ASSIGNER, Act("unassign", SEEN, "again", UNCERTAINTY, assignee=BOB))


def test_content_that_comes_back_does_not_bring_its_approvals_back() -> None:
    adopted = workflow.step(reviewed(fresh()), CAT, ADOPT)
    there = workflow.renew(adopted, replace(SEEN, content_hash="h2"), frozenset())
    back = workflow.renew(there, SEEN, frozenset())
    assert back.seen == SEEN
    with pytest.raises(NotPermittedError):
        workflow.step(back, CAT, ADOPT)


def test_a_returned_case_is_resubmitted_by_its_own_organisation_or_withdrawn_by_its_submitter() -> None:
    returned = workflow.step(reviewed(fresh()), ANN, Act("return", SEEN, "unit"))
    assert workflow.step(returned, SUE, Act("resubmit", SEEN, assignee=COUSIN)).state == "resubmitted"
    assert workflow.step(returned, SUE, Act("withdraw", SEEN, "not ours")).state == "withdrawn"
    with pytest.raises(NotPermittedError):
        workflow.step(returned, ASSIGNER, Act("resubmit", SEEN, assignee=ANN))


@pytest.mark.parametrize("action", ["withdraw", "supersede", "expire", "demote"])
def test_what_is_published_leaves_by_a_curator_with_a_reason_only(action: str) -> None:
    published = workflow.step(workflow.step(reviewed(fresh()), CAT, ADOPT), CAT, Act("publish", SEEN))
    with pytest.raises(UsageError):
        workflow.step(published, CAT, Act(action, SEEN))
    for who in (ANN, SUE, COUSIN, READER, ASSIGNER):
        if "curator" not in who.roles or who in (SUE, COUSIN):
            with pytest.raises(NotPermittedError):
                workflow.step(published, who, Act(action, SEEN, "because"))
    assert workflow.step(published, CAT, Act(action, SEEN, "because")).state != "published"


def test_who_manages_people_decides_nothing() -> None:
    assert not any("administrator" in row.roles for row in transitions())
    assert clashes(frozenset({"administrator", "curator", "reviewer"})) == ("administrator", "curator", "reviewer")
    assert clashes(frozenset({"administrator", "reader"})) == ()


@pytest.mark.parametrize("change", [{"content_hash": "h2"}, {"rule_set": "r2"}, {"base_release": "2026.1"}])
def test_any_change_makes_an_adopted_case_pending_and_its_approvals_void(change: dict[str, str]) -> None:
    adopted = workflow.step(reviewed(fresh()), CAT, ADOPT)
    changed = workflow.renew(adopted, replace(SEEN, **change), frozenset())
    assert (changed.state, len(changed.opinions)) == ("in_review", 2)
    with pytest.raises(ConflictError):
        workflow.step(changed, CAT, ADOPT)
    with pytest.raises(NotPermittedError):
        workflow.step(changed, CAT, replace(ADOPT, seen=changed.seen))


def test_a_dissent_is_kept_and_revokes_the_approval_of_its_author() -> None:
    case = workflow.step(reviewed(fresh()), BOB, Act("dissent", SEEN, "interval too narrow", kind=UNCERTAINTY))
    assert case.opinions[-1].reason == "interval too narrow"
    with pytest.raises(NotPermittedError):
        workflow.step(case, CAT, ADOPT)


def test_every_name_of_the_table_has_words_and_every_condition_is_enforced() -> None:
    used = {name for row in transitions() for name in row.conditions}
    assert used == set(words("conditions")) == set(workflow._CONDITIONS)
    assert {state for row in transitions() for state in (*row.sources, row.target)} == set(words("states"))
    assert set(words("states")) < set(words("standings"))
    assert {row.action for row in transitions()} | {"open", "renew"} == set(words("actions"))
    assert {kind.value for kind in Kind} == set(words("kinds"))
    assert {role for row in transitions() for role in row.roles} <= set(words("roles"))
    assert all(
        one["zh"] and one["en"]
        for part in ("states", "standings", "roles", "conditions")
        for one in words(part).values()
    )


class Route(RuleBasedStateMachine):
    """Anybody tries anything; what was permitted is judged by an account of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.case = fresh("GAS003")
        self.said: dict[tuple[str, Kind], bool] = {}
        self.waived: set[str] = set()
        self.curator: str | None = None

    @rule(
        who=st.sampled_from(PEOPLE),
        action=st.sampled_from(
            sorted(
                {row.action for row in transitions()}
                - {"reject", "return", "withdraw", "resubmit", "supersede", "expire", "demote"}
            )
        ),
        kind=st.sampled_from((SUBJECT, UNCERTAINTY)),
        assignee=st.sampled_from(PEOPLE),
        reason=st.sampled_from(("", "sound")),
    )
    def anybody_tries(self, who: Person, action: str, kind: Kind, assignee: Person, reason: str) -> None:
        try:
            act = Act(action, self.case.seen, reason, kind, "GAS003", assignee)
            self.case = workflow.step(self.case, who, act)
        except FactorDBError:
            return
        if action in {"approve", "dissent"}:
            self.said[who.person_id, kind] = action == "approve"
        if action == "unassign":
            self.said.pop((assignee.person_id, kind), None)
        if action == "override":
            self.waived.add(who.person_id)
        if action == "adopt":
            self.curator = who.person_id

    @rule(left_out=st.sampled_from(("", "", "ann", "bob", "waiver")), decides=st.sampled_from((CAT, CAT, ANN)))
    def the_way_is_gone_with_one_step_left_out(self, left_out: str, decides: Person) -> None:
        for who, kind in ((ANN, SUBJECT), (BOB, UNCERTAINTY)):
            if who.person_id != left_out:
                self.anybody_tries(ASSIGNER, "assign", kind, who, "")
                self.anybody_tries(who, "approve", kind, who, "")
        for who in (ANN, BOB)[: 1 if left_out == "waiver" else 2]:
            self.anybody_tries(who, "override", SUBJECT, who, "sound")
        for action in ("adopt", "publish"):
            self.anybody_tries(decides, action, SUBJECT, decides, "sound")

    @rule()
    def content_changes(self) -> None:
        seen = replace(self.case.seen, content_hash=self.case.seen.content_hash + "x")
        renewed = workflow.renew(self.case, seen, self.case.findings)
        if renewed is not self.case:
            self.case, self.curator = renewed, None
            self.said.clear()
            self.waived.clear()

    @invariant()
    def adopted_means_approved(self) -> None:
        if self.case.state not in {"adopted", "published"}:
            return
        yes = [pair for pair, approves in self.said.items() if approves]
        assert any(a[0] != b[0] and a[1] != b[1] for a in yes for b in yes)
        assert self.curator == "cat"
        assert len(self.waived) > 1
        assert not {"sue", "cousin"} & ({name for name, _ in self.said} | self.waived)


TestRoute = Route.TestCase
TestRoute.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)

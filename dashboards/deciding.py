"""What a person does to review cases. The page offers what their roles suggest; the library decides what is allowed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboards import asking, desk, shown
from dashboards.frame import faults_in_words
from dashboards.safe import escaped
from dashboards.words import language, t
from factordb.dashboard import persons, route_words

OFFERED = {
    "reviewer": ("approve", "dissent", "return", "override"),
    "curator": ("adopt", "return", "reject", "override", "deadline"),
    "assigner": ("assign", "unassign", "deadline"),
    "submitter": ("withdraw",),
}
OF_RELEASED = ("withdraw", "supersede", "demote", "expire")
"""What a curator may do to a published factor: how it leaves the next release, with a reason."""
OF_A_KIND = ("approve", "dissent", "assign", "unassign")
Rows = Sequence[Mapping[str, Any]]


def decide(rows: Rows, findings: Sequence[str] = (), wanted: Collection[str] = ()) -> None:
    """Draw what may be done to the chosen cases, bound to the token `seen` of what was shown, and do it."""
    one = desk.me()
    if one is None:
        st.info(t("review.who"), icon=":material/person:")
        return
    actions = dict.fromkeys(action for role in one["roles"] for action in OFFERED.get(role, ()))
    if all(row["state"] == "published" for row in rows):
        actions = dict.fromkeys(OF_RELEASED if "curator" in one["roles"] else ())
    offered = [action for action in actions if action != "override" or findings]
    if not offered:
        st.info(t("review.no_role"), icon=":material/lock:")
        return
    # another choice of cases, or another state of one, is another form: nothing typed for one is sent for another
    key = f"decide-{hash(tuple((row['case_id'], row['seen']) for row in rows))}"
    st.markdown(f"**{t('review.decide', count=len(rows))}**")
    named = {name: _label(name) for name in offered}
    action = st.segmented_control(
        t("column.action"), offered, key=f"{key}.action", required=True, format_func=named.__getitem__
    )
    if action is None:
        return
    facts = _facts(str(action), one, key, wanted, findings)
    skip = len(rows) > 1 and action in {"approve", "assign", "adopt"} and st.checkbox(
        t("review.skip"), value=True, key=f"{key}.skip", help=t("review.skip_help")
    )  # fmt: skip
    if st.button(
        t("review.do", action=_label(str(action)), count=len(rows)),
        icon=":material/task_alt:",
        type="primary",
        key=f"{key}.do",
    ):
        with faults_in_words():
            told = _do(str(action), rows, str(one["person_id"]), facts, skip=bool(skip))
            st.session_state["review.told"] = told
            st.rerun()


def told() -> None:
    """Draw what the last act came to, once."""
    for level, text in st.session_state.pop("review.told", ()):
        (st.success if level == "done" else st.warning)(text)


def _word(part: str, name: str) -> str:
    return route_words(part).get(name, {}).get(language(), name)


def _label(action: str) -> str:
    return t("review.deadline") if action == "deadline" else _word("actions", action)


def _facts(
    action: str, one: Mapping[str, Any], key: str, wanted: Collection[str], findings: Sequence[str]
) -> dict[str, Any]:
    """Draw what an action asks for besides the cases, and return it."""
    facts: dict[str, Any] = {}
    kinds = list(route_words("kinds"))
    if action in {"approve", "dissent"}:  # the kinds that the case waits for come first
        kinds = sorted(one["kinds"], key=lambda kind: kind not in wanted)
    if action in OF_A_KIND:
        named = {name: _word("kinds", name) for name in kinds}
        facts["kind"] = st.selectbox(t("column.kinds"), kinds, key=f"{key}.kind", format_func=named.__getitem__)
    if action in {"assign", "unassign"}:
        known = {
            who["person_id"]: desk.described(who) for who in persons(asking.library()) if "reviewer" in who["roles"]
        }
        facts["reviewer"] = st.selectbox(
            t("review.reviewer"), list(known), key=f"{key}.who", format_func=known.__getitem__
        )
    if action in {"assign", "deadline"}:
        facts["due_on"] = st.date_input(t("review.due_on"), value=None, key=f"{key}.due", format="YYYY-MM-DD")
    if action == "override":
        facts["finding"] = st.selectbox(t("review.finding"), list(findings), key=f"{key}.finding")
    if action not in {"assign", "deadline"}:
        facts["reason"] = st.text_area(
            t("review.reason"), key=f"{key}.reason", placeholder=t("review.reason_hint"), max_chars=4000
        )
    return facts


def _do(action: str, rows: Rows, actor: str, facts: Mapping[str, Any], *, skip: bool) -> list[tuple[str, str]]:
    door = asking.library()
    ids, seen = [str(row["case_id"]) for row in rows], {str(row["case_id"]): str(row["seen"]) for row in rows}
    reason, kind, due = str(facts.get("reason") or ""), str(facts.get("kind") or ""), facts.get("due_on")
    if action == "deadline":
        door.set_deadline(ids, due or date.min, actor=actor)
        return [("done", t("review.deadline_set", count=len(ids)))]
    verbs: dict[str, Callable[[], Any]] = {
        "approve": lambda: door.approve(ids, kind, seen=seen, actor=actor, reason=reason, skip_conflicts=skip),
        "dissent": lambda: door.dissent(ids, kind, seen=seen, reason=reason, actor=actor),
        "return": lambda: door.return_case(ids, seen=seen, reason=reason, actor=actor),
        "reject": lambda: door.reject(ids, seen=seen, reason=reason, actor=actor),
        "withdraw": lambda: door.withdraw(ids, reason=reason, actor=actor, seen=seen),
        "supersede": lambda: door.supersede(ids, reason=reason, seen=seen, actor=actor),
        "demote": lambda: door.demote(ids, reason=reason, seen=seen, actor=actor),
        "expire": lambda: door.expire(ids, reason=reason, seen=seen, actor=actor),
        "override": lambda: door.override(ids, str(facts["finding"]), seen=seen, reason=reason, actor=actor),
        "assign": lambda: door.assign(ids, str(facts["reviewer"]), kind, actor=actor, due_on=due, skip_conflicts=skip),
        "unassign": lambda: door.unassign(ids, str(facts["reviewer"]), kind, reason=reason, actor=actor),
        "adopt": lambda: door.adopt_cases(ids, seen=seen, reason=reason, actor=actor, skip_conflicts=skip),
    }
    made = verbs[action]()
    done, decision = made if action == "adopt" else (made, None)
    said = [("done", t("review.done", action=_label(action), count=len(done.cases)))]
    if decision and decision.waiting:
        said.append(("left", t("review.waiting", count=decision.waiting, release=decision.base_release)))
    for case_id, fault in done.left_out.items():
        problem, _ = fault.words(language())
        said.append(("left", t("review.left_out", case=escaped(case_id), why=escaped(problem))))
    return said


def chosen_line(rows: Rows) -> None:
    """Draw which cases are chosen, by name, so that a slip of the mouse is seen before anything is done."""
    names = [shown.either(row, "name") or str(row["case_id"]) for row in rows[:5]]
    more = t("review.and_more", count=len(rows) - len(names)) if len(rows) > len(names) else ""
    st.markdown(t("review.chosen", count=len(rows), names=escaped(t("desk.and").join(names) + more)))

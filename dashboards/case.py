"""One review case: old beside new, findings beside their evidence, what was said so far, and the letter of return."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import asking, shown
from dashboards.frame import faults_in_words
from dashboards.safe import escaped, seen
from dashboards.words import language, maybe, t, word
from factordb.dashboard import differences, findings_said, intervals_of, letter_of, route_words, trail_said

Found = Mapping[str, Any]


def draw(found: Found, at: asking.Edition) -> None:
    """Draw a case as `asking.case` gives it."""
    parts = found["parts"]
    row = parts["candidate"][0]
    st.subheader(escaped(shown.either(row, "name")), anchor=False)
    with st.container(horizontal=True):
        st.badge(_word("states", found["state"]), icon=":material/pending_actions:", color="blue")
        shown.verdict_badge(parts["assessment"][0]["verdict"] if parts["assessment"] else None)
        st.markdown(f"**{escaped(row['value_text'])}** {escaped(row['unit_text'])} · {escaped(row['place'])}")
    _facts(found)
    _sides(found, row, parts)
    _findings(found, parts, at)
    _said(found)
    with st.expander(t("review.letter"), icon=":material/mail:"):
        st.caption(t("review.letter_note"))
        st.code(seen(letter_of(asking.library(), found, language())) or "—", language=None, wrap_lines=True)


def _word(part: str, name: str) -> str:
    return route_words(part).get(name, {}).get(language(), name)


def _facts(found: Found) -> None:
    case = found["case"]
    assigned = t("desk.and").join(f"{name}（{_word('kinds', kind)}）" for name, kind in sorted(case.assigned))
    shown.facts(
        [
            (t("review.submitter"), f"{found['submitter']} · {found['organisation']}"),
            (t("review.assigned"), assigned or t("review.nobody_assigned")),
            (t("review.due"), found["due_on"] or "—"),
            (t("review.impact"), shown.number(found["impact"])),
        ]
    )


def _sides(found: Found, row: Found, parts: Mapping[str, list[dict[str, Any]]]) -> None:
    """Draw the published version and the candidate side by side, in pictures and in words."""
    old = found["old"]
    st.markdown(f"**{t('review.sides')}**")
    if old is None:
        st.caption(t("review.is_new"))
    sure = (
        parts["uncertainty"][0]
        if parts["uncertainty"]
        else {"basis": None, "shortest_low95": None, "shortest_high95": None}
    )
    new = {**row, **{name: sure[name] for name in ("basis", "shortest_low95", "shortest_high95")}}
    drawn = [new] if old is None else [{**old, **_marked(old, "review.old")}, {**new, **_marked(new, "review.new")}]
    shown.picture(intervals_of(drawn, language()), t("review.sides"))
    lines = [
        {
            "field": maybe("field", one["field"]),
            "old": _text(one["field"], one["old"]),
            "new": _text(one["field"], one["new"]),
            "differs": t("review.differs") if one["differs"] else "",
        }
        for one in differences(old, row)
    ]
    columns = {one: t(f"column.{one}") for one in ("field", "old", "new", "differs")}
    shown.table(lines, columns, key=f"sides-{found['case_id']}-{found['seen']}", alt=t("review.sides"))


def _marked(row: Found, key: str) -> dict[str, str]:
    return {
        f"name_{lang}": f"{t(key)} · {row[f'name_{lang}'] or row['name_zh'] or row['name_en']}" for lang in ("zh", "en")
    }


def _text(field: str, value: object) -> str:
    known = {"tier": "tier", "boundary": "boundary"}
    return word(known[field], value) if field in known else seen("—" if value in (None, "") else value)


def _findings(found: Found, parts: Mapping[str, list[dict[str, Any]]], at: asking.Edition) -> None:
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{t('factor.findings')}**")
        if found["case"].findings:
            st.caption(t("review.to_settle", codes=escaped(" ".join(sorted(found["case"].findings)))))
        shown.findings(findings_said(parts, language(), policy=asking.policy(at)))
    with right:
        st.markdown(f"**{t('review.evidence')}**")
        for section in trail_said(asking.library(), dict(parts))[:3]:
            with st.container(border=True):
                st.markdown(f"**{escaped(section[f'title_{language()}'])}**")
                st.text("\n".join(seen(line[language()]) for line in section["lines"]))
        query = {"id": parts["candidate"][0]["candidate_id"]}
        st.page_link("views/factor.py", label=t("queue.open"), icon=":material/query_stats:", query_params=query)
        st.page_link("views/trace.py", label=t("page.trace"), icon=":material/account_tree:", query_params=query)


def _said(found: Found) -> None:
    st.markdown(f"**{t('review.history')}**")
    lines = [
        {
            "time": shown.moment(one["acted_on"]),
            "action": _word("actions", one["action"]),
            "who": seen(one["person_id"]),
            "kind": _word("kinds", one["kind"]) if one["kind"] else "",
            "about": seen(one["finding"] or one["assignee"]),
            "reason": seen(one["reason"]),
        }
        for one in found["acts"]
    ]
    columns = {one: t(f"column.{one}") for one in ("time", "action", "who", "kind", "about", "reason")}
    shown.table(lines, columns, key=f"acts-{found['case_id']}-{found['seq']}", alt=t("review.history"))
    for one in found["comments"]:
        about = f"{maybe('field', one['field'])} · " if one["field"] else ""
        with st.chat_message("user", avatar=":material/comment:"):
            st.caption(f"{escaped(about + one['person_id'])} · {shown.moment(one['written_on'])}")
            st.text(seen(one["comment"]))


def comment(found: Found, actor: str) -> None:
    """Draw the writing of a comment; it goes into the records at once, so that no draft is lost."""
    with st.form(f"comment-{found['case_id']}", clear_on_submit=True):
        fields = ["", *(one["field"] for one in differences(found["old"], found["parts"]["candidate"][0]))]
        named = {"": t("review.whole"), **{one: maybe("field", one) for one in fields if one}}
        field = st.selectbox(t("review.about"), fields, format_func=named.__getitem__)
        text = st.text_area(t("review.comment"), placeholder=t("review.comment_hint"), max_chars=4000)
        if st.form_submit_button(t("review.comment_now"), icon=":material/add_comment:"):
            with faults_in_words():
                asking.library().comment(found["case_id"], text, actor=actor, field=str(field))
                st.rerun()

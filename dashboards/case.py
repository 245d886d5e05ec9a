"""One review case: old beside new, findings beside their evidence, what was said so far, and the letter of return."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import asking, checklist, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, maybe, t, word
from factordb.dashboard import findings_said, intervals_of, route_words, trail_said

Found = Mapping[str, Any]


def draw(found: Found, at: asking.Edition) -> None:
    """Draw a case as `casework.case` gives it."""
    parts = found["parts"]
    row = parts["candidate"][0]
    st.subheader(escaped(shown.either(row, "name")), anchor=False)
    with st.container(horizontal=True):
        st.badge(seen(found[language()]), icon=":material/pending_actions:", color="blue")
        shown.verdict_badge(parts["assessment"][0]["verdict"] if parts["assessment"] else None)
        st.markdown(f"**{escaped(row['value_text'])}** {escaped(row['unit_text'])} · {escaped(row['place'])}")
    _facts(found)
    _sides(found, row, parts)
    _findings(found, parts, at)
    _package(row, at)
    _said(found)
    with st.expander(t("review.letter"), icon=":material/mail:"):
        st.caption(t("review.letter_note"))
        st.code(seen(found["letter"][language()]) or "—", language=None, wrap_lines=True)


def _word(part: str, name: str) -> str:
    return route_words(part).get(name, {}).get(language(), name)


def _facts(found: Found) -> None:
    each = (t("review.person_kind", name=name, kind=_word("kinds", kind)) for name, kind in found["assigned"])
    assigned = t("desk.and").join(each)
    shown.facts(
        [
            (t("review.submitter"), f"{found['submitter']} · {found['organisation']}"),
            (t("review.assigned"), assigned or t("review.nobody_assigned")),
            (t("review.due"), found["deadline"] or "—"),
            (t("review.impact"), shown.number(found["impact"])),
        ]
    )


def _sides(found: Found, row: Found, parts: Mapping[str, list[dict[str, Any]]]) -> None:
    """Draw the released version and the candidate side by side, in pictures and in words, in physical units."""
    old = found["released"]
    st.markdown(f"**{t('review.sides')}**")
    sure = parts["uncertainty"][0] if parts["uncertainty"] else {}
    new = {**row, **{name: sure.get(name) for name in ("basis", "shortest_low95", "shortest_high95")}}
    drawn = [new] if old is None else [{**old, **_marked(old, "review.old")}, {**new, **_marked(new, "review.new")}]
    shown.picture(intervals_of(drawn, language()), t("review.sides"))
    _compared(found, "against_release")
    if old is None:
        st.caption(t("review.is_new"))
        names = ("boundary", "gas", "gwp_set", "technology", "region_text", "reference_year", "statement_text", "tier")
        shown.facts((maybe("field", name), _text(name, row[name])) for name in names)
    elif not found["against_release"]:
        st.caption(t("review.no_difference"))
    _compared(found, "against_predecessor")


def _compared(found: Found, part: str) -> None:
    rows = found[part]
    if not rows:
        return
    st.caption(t(f"review.{part}"))
    lines = [
        {
            "field": seen(one[language()]),
            "old": _amount(one["field"], one["old"], one["unit"]),
            "new": _amount(one["field"], one["new"], one["unit"]),
            "moves": "" if one["relative"] is None else shown.percent(one["relative"], 2, signed=True),
        }
        for one in rows
    ]
    columns = {one: t(f"column.{one}") for one in ("field", "old", "new", "moves")}
    shown.table(lines, columns, key=f"{part}-{found['case_id']}-{found['seen']}", alt=t(f"review.{part}"))


def _marked(row: Found, key: str) -> dict[str, str]:
    name = row[f"name_{language()}"] or row["name_zh"] or row["name_en"]
    return {f"name_{language()}": f"{t(key)} · {name}"}


def _amount(field: str, value: object, unit: str) -> str:
    return f"{shown.number(value)} {seen(unit)}".strip() if isinstance(value, float) else _text(field, value)


def _text(field: str, value: object) -> str:
    known = {"tier", "boundary", "verdict", "band"}
    return word(field, value) if field in known else seen("—" if value in (None, "") else value)


def _findings(found: Found, parts: Mapping[str, list[dict[str, Any]]], at: asking.Edition) -> None:
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{t('factor.findings')}**")
        if found["findings"]:
            st.caption(t("review.to_settle", codes=escaped(" ".join(sorted(found["findings"])))))
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


def _package(row: Found, at: asking.Edition) -> None:
    """Draw the level of traceability of a measured factor, and what its package still leaves open."""
    if row["pipeline"] != "submission":
        return
    st.markdown(f"**{t('review.package')}**")
    held = checklist.held(at, row["candidate_id"])
    st.caption(t("review.package_note" if held else "review.package_gone"))
    if held:
        checklist.tell(held)


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
        for one in found["log"]
    ]
    columns = {one: t(f"column.{one}") for one in ("time", "action", "who", "kind", "about", "reason")}
    shown.table(lines, columns, key=f"acts-{found['case_id']}-{found['seq']}", alt=t("review.history"))
    for one in found["comments"]:
        about = f"{maybe('field', one['field'])} · " if one["field"] else ""
        with st.chat_message("user", avatar=":material/comment:"):
            st.caption(f"{escaped(about + one['person_id'])} · {shown.moment(one['written_on'])}")
            st.text(seen(one["comment"]))

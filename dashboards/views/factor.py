"""因子详情 factor: its value, how sure it is, how it is rated, and the trail to the cell it was read from."""

from typing import Any

import streamlit as st

from dashboards import address, asking, beside, shown
from dashboards.safe import escaped, seen
from dashboards.telling import clause
from dashboards.words import language, t, word
from factordb.dashboard import density_of, findings_said, interval_of, rating_of, trail_said

OUTCOMES = ("broken", "not_asked", "kept")


def page() -> None:
    """Draw the page."""
    st.title(t("page.factor"), anchor=False)
    query = st.session_state.get("todo.query", {})
    st.page_link("views/todo.py", label=t("factor.back"), icon=":material/arrow_back:", query_params=query)
    name = shown.which()
    if not name:
        return
    at = asking.edition()
    parts = asking.factor(at, name)
    row = parts["candidate"][0]
    _head(parts)
    _sure(parts)
    _rated(parts)
    _trail(trail_said(asking.library(), parts))
    st.subheader(t("factor.findings"), anchor=False)
    shown.findings(findings_said(parts, language(), policy=asking.policy(at)))
    _outcomes(parts["outcome"], at, row["candidate_id"])
    beside.others(row, at)
    beside.cited(row)
    name = row["candidate_id"]
    shown.here_and_there(
        address.link("factor", id=name),
        f"factordb factor explain {name}",
        f"library.factor({name!r})",
        f"/v1/factors/{parts['candidate'][0]['factor_id']}",
    )


def _head(parts: dict[str, list[dict[str, Any]]]) -> None:
    row = parts["candidate"][0]
    rated = parts["assessment"][0] if parts["assessment"] else {}
    st.subheader(escaped(shown.either(row, "name")), anchor=False)
    with st.container(horizontal=True):
        shown.verdict_badge(rated.get("verdict"))
        st.badge(word("kind", row["kind"]), color="gray")
        if row["gas"] and row["gas"] != "CO2e":
            st.badge(t("factor.one_gas", gas=escaped(row["gas"])), color="blue", icon=":material/info:")
    sure = parts["uncertainty"][0] if parts["uncertainty"] else {}
    value, interval, dqr = st.columns(3)
    _big(value, t("factor.derived" if row["expression"] else "factor.published"), row["value_text"], row["unit_text"])
    text = shown.interval(sure)
    note = " · ".join(
        one for one in (f"CV {shown.percent(sure['cv'], 2)}" if text else "", word("basis", sure.get("basis"))) if one
    )
    _big(interval, t("factor.interval"), text or "—", note)
    if rated.get("dqr") is not None:
        _big(dqr, t("factor.dqr"), f"{rated['dqr']:.2f}", f"{word('band', rated['band'])} · {rated['scheme']}")
    else:
        _big(dqr, t("factor.dqr"), "—", t("factor.not_rated"))


def _big(place: Any, label: str, value: object, note: object) -> None:
    with place.container(border=True):
        st.caption(label)
        st.markdown(f"### {escaped(value)}", anchors=False)
        st.caption(escaped(note) or "—")


def _sure(parts: dict[str, list[dict[str, Any]]]) -> None:
    st.subheader(t("factor.uncertainty"), anchor=False)
    interval = interval_of(parts, language())
    if not interval:
        st.info(t("factor.no_number"))
        return
    shown.picture(interval, t("factor.interval_alt"))
    st.caption(t("factor.interval_note"))
    density = density_of(parts, language())
    if density:
        shown.picture(density, t("factor.density_alt"))
    else:
        st.caption(t("factor.no_density"))


def _rated(parts: dict[str, list[dict[str, Any]]]) -> None:
    st.subheader(t("factor.rating"), anchor=False)
    strip = rating_of(parts, language())
    if strip:
        shown.picture(strip, t("factor.rating_alt"))
        st.caption(t("factor.rating_note"))
    else:
        st.info(t("queue.not_appraised"))


def _trail(sections: list[dict[str, Any]]) -> None:
    st.subheader(t("factor.trail"), anchor=False)
    lang = language()
    for section in sections:
        with st.container(border=True):
            st.markdown(f"**{escaped(section[f'title_{lang}'])}**")
            st.text("\n".join(seen(line[lang]) for line in section["lines"]))


def _outcomes(outcomes: list[dict[str, Any]], at: asking.Edition, candidate_id: str) -> None:
    st.subheader(t("factor.outcomes"), anchor=False)
    counts = {name: sum(one["outcome"] == name for one in outcomes) for name in OUTCOMES}
    st.caption(" · ".join(f"{word('outcome', name)} {count}" for name, count in counts.items()))
    st.caption(t("factor.not_asked_note"))
    rules = asking.rules()
    rows = [
        {
            "code": one["code"],
            "outcome": word("outcome", one["outcome"]),
            "severity": word("severity", rules.get(one["code"], {}).get("severity")),
            "rule": shown.either(rules.get(one["code"], {}), "title"),
            "clause": clause(rules.get(one["code"], {}).get("clause", "")),
        }
        for one in sorted(outcomes, key=lambda one: (OUTCOMES.index(one["outcome"]), one["code"]))
    ]
    columns = {name: t(f"column.{name}") for name in ("code", "outcome", "severity", "rule", "clause")}
    shown.table(rows, columns, key=f"outcomes-{at[1]}-{candidate_id}", alt=t("factor.outcomes"))


page()

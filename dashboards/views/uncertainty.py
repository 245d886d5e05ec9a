"""不确定性 uncertainty: interval, density, what matters most, by which method and with which seed."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import address, asking, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, t, word
from factordb.dashboard import contributions_of, density_of, interval_of, tornado_of


def page() -> None:
    """Draw the page."""
    st.title(t("page.uncertainty"), anchor=False)
    st.caption(t("sure.intro"))
    name = shown.which()
    if not name:
        return
    at = asking.edition()
    parts = asking.factor(at, name)
    row = parts["candidate"][0]
    st.subheader(escaped(shown.either(row, "name")), anchor=False)
    st.markdown(f"**{escaped(row['value_text'])}** {escaped(row['unit_text'])} · {escaped(row['place'])}")
    sure = parts["uncertainty"][0] if parts["uncertainty"] else {}
    _numbers(sure)
    if sure.get("reason"):
        st.warning(t("sure.reason", reason=escaped(sure["reason"])), icon=":material/help:")
    _pictures(parts)
    _influence(parts)
    _method(row, sure)
    _inputs(parts["recipe_input"], at, row["candidate_id"])
    st.page_link(
        "views/factor.py",
        label=t("queue.open"),
        icon=":material/query_stats:",
        query_params={"id": row["candidate_id"]},
    )
    shown.here_and_there(
        address.link("uncertainty", id=row["candidate_id"]),
        f"factordb factor explain {row['candidate_id']}",
        f"library.factor({row['candidate_id']!r})['uncertainty']",
    )


def _numbers(sure: Mapping[str, Any]) -> None:
    cv = sure.get("cv")
    symmetric = {"shortest_low95": sure.get("low95"), "shortest_high95": sure.get("high95")}
    figures = (
        (t("factor.interval"), shown.interval(sure) or "—"),
        (t("sure.symmetric"), shown.interval(symmetric) or "—"),
        (t("sure.cv"), shown.percent(cv, 2)),
        (t("column.basis"), word("basis", sure.get("basis"))),
    )
    for place, (label, value) in zip(st.columns(len(figures)), figures, strict=True):
        with place.container(border=True):
            st.caption(label)
            st.markdown(f"#### {escaped(value)}", anchors=False)


def _pictures(parts: Any) -> None:
    interval = interval_of(parts, language())
    if not interval:
        st.info(t("factor.no_number"))
        return
    shown.picture(interval, t("factor.interval_alt"))
    st.caption(t("factor.interval_note"))
    density = density_of(parts, language())
    if density:
        shown.picture(density, t("factor.density_alt"))
        st.caption(t("sure.density_note"))
    else:
        st.caption(t("factor.no_density"))


def _influence(parts: Any) -> None:
    st.subheader(t("sure.matters"), anchor=False)
    tornado, shares = tornado_of(parts, language()), contributions_of(parts, language())
    if not tornado and not shares:
        of_samples = parts["candidate"][0]["pipeline"] == "aggregate"
        st.caption(t("sure.of_samples") if of_samples else t("sure.not_derived"))
        if of_samples:
            query = {"id": parts["candidate"][0]["candidate_id"]}
            st.page_link("views/aggregate.py", label=t("page.aggregate"), icon=":material/merge:", query_params=query)
        return
    if tornado:
        shown.picture(tornado, t("sure.tornado_alt"))
        st.caption(t("sure.tornado_note"))
    if shares:
        shown.picture(shares, t("sure.shares_alt"))


def _method(row: Mapping[str, Any], sure: Mapping[str, Any]) -> None:
    st.subheader(t("sure.method"), anchor=False)
    tolerance = sure.get("tolerance")
    shown.facts(
        [
            (t("sure.statement"), word("statement", row["statement"])),
            (t("sure.stated_text"), row["statement_text"]),
            (t("sure.family"), word("family", sure.get("family"))),
            (t("sure.by"), word("method", sure.get("method"))),
            (t("sure.draws"), f"{sure['draws']:,}" if sure.get("draws") else t("sure.exact")),
            (t("release.seed"), sure.get("seed")),
            (t("sure.tolerance"), None if tolerance is None else f"{tolerance:.2g}"),
            (t("sure.mean"), shown.number(sure.get("mean"))),
            (t("sure.median"), shown.number(sure.get("median"))),
            (t("sure.sd"), shown.number(sure.get("sd"))),
        ]
    )


def _inputs(inputs: list[dict[str, Any]], at: asking.Edition, candidate_id: str) -> None:
    if not inputs:
        return
    st.subheader(t("sure.inputs"), anchor=False)
    lines = [
        {
            "name": seen(one["name"]),
            "value": seen(one["value_text"]),
            "unit": seen(one["unit_text"]),
            "cv": None if one["cv_percent"] is None else one["cv_percent"],
            "place": seen(one["place"]),
        }
        for one in inputs
    ]
    columns = {one: t(f"column.{one}") for one in ("name", "value", "unit", "cv", "place")}
    shown.table(lines, columns, key=f"inputs-{at[1]}-{candidate_id}", alt=t("sure.inputs"))


page()

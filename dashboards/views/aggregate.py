"""聚合 aggregation: a factor made of several, what rests on what, what would move, what has become stale."""

from typing import Any

import streamlit as st

from dashboards import address, asking, desk, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, maybe, t
from factordb.dashboard import AggregateReport, aggregate, aggregate_anew, aggregate_plot

MOVED = 200


def page() -> None:
    """Draw the page."""
    st.title(t("page.aggregate"), anchor=False)
    st.caption(t("aggregate.intro"))
    _define()
    _stale()
    st.subheader(t("aggregate.rests"), anchor=False)
    name = shown.which()
    if name:
        parts = asking.factor(asking.edition(), name)
        row = parts["candidate"][0]
        st.markdown(
            f"**{escaped(shown.either(row, 'name'))}** · {escaped(row['value_text'])} {escaped(row['unit_text'])}"
        )
        _lineage(row["factor_id"])
        _impact(row["factor_id"], row["value"])
    shown.here_and_there(
        address.link("aggregate", id=name),
        f"factordb lineage show {name}" if name else "factordb lineage stale",
        f"library.lineage({name!r})" if name else "library.stale()",
    )


def _define() -> None:
    with st.expander(t("aggregate.define"), icon=":material/merge:"):
        st.caption(t("aggregate.define_hint"))
        given = st.file_uploader(t("aggregate.definition"), type=["toml"], key="aggregate.definition")
        if given is None:
            return
        _report(aggregate(asking.library(), given.getvalue()))
        if not desk.acting():
            st.info(t("aggregate.who"), icon=":material/person:")
        elif st.button(t("aggregate.propose"), icon=":material/send:"):
            made = aggregate(asking.library(), given.getvalue(), propose_as=desk.acting())
            st.success(t("aggregate.proposed", batch=made.batch_id), icon=":material/send:")


def _report(made: AggregateReport) -> None:
    st.markdown(f"**{escaped(made.name_zh if language() == 'zh' else made.name_en)}**")
    figures = (
        ("result", f"{shown.number(made.value)} {made.unit}"),
        ("interval", f"[{shown.number(made.low)}, {shown.number(made.high)}]"),
        ("between", shown.number(made.u_between)),
        ("covered", shown.percent(made.coverage)),
    )
    shown.tiles((t(f"aggregate.{label}"), seen(value)) for label, value in figures)
    shown.picture(aggregate_plot(made, language()), t("aggregate.plot"))
    for one in made.cautions:
        st.warning(escaped(one[language()]), icon=":material/rule:")
    if made.demonstration:
        st.warning(t("aggregate.demonstration"), icon=":material/science:")
    lines = [
        {
            "name": t("aggregate.restricted") if one["restricted"] else shown.either(one, "name"),
            "value": one["value"],
            "share": None if one["share"] is None else shown.percent(one["share"]),
            "factor_id": one["factor_id"],
        }
        for one in made.samples
    ]
    columns = {one: t(f"column.{one}") for one in ("name", "value", "share", "factor_id")}
    shown.table(lines, columns, key=f"samples-{made.name}", alt=t("aggregate.plot"))


def _stale() -> None:
    st.subheader(t("aggregate.stale"), anchor=False)
    if told := st.session_state.pop("aggregate.told", ""):
        st.success(told, icon=":material/send:")
    lines = [
        {"name": shown.either(one, "name"), "factor_id": one["factor_id"],
         "why": t("desk.and").join(seen(reason[language()]) for reason in one["reasons"])}
        for one in asking.library().stale()
    ]  # fmt: skip
    if not lines:
        st.caption(t("aggregate.none_stale"))
        return
    columns = {one: t(f"column.{one}") for one in ("name", "why", "factor_id")}
    places = shown.table(
        lines, columns, key=f"stale-{asking.edition()[1]}", choose=bool(desk.acting()), alt=t("aggregate.stale")
    )
    for line in (lines[place] for place in places if 0 <= place < len(lines)):
        if st.button(t("aggregate.anew", name=escaped(line["name"])), icon=":material/refresh:"):
            made = aggregate_anew(asking.library(), line["factor_id"], actor=desk.acting())
            st.session_state["aggregate.told"] = t("aggregate.proposed", batch=made.batch_id)
            st.rerun()


def _lineage(factor_id: str) -> None:
    found = asking.library().lineage(factor_id)
    if not any(found.values()):
        st.caption(t("aggregate.alone"))
    for part in ("inputs", "used_by"):
        if found[part]:
            st.markdown(f"**{t(f'aggregate.{part}')}**")
            columns = {one: t(f"column.{one}") for one in ("child", "parent", "role", "amount", "share")}
            shown.table(
                [_edge(one) for one in found[part]], columns, key=f"{part}-{factor_id}", alt=t(f"aggregate.{part}")
            )


def _edge(one: dict[str, Any]) -> dict[str, Any]:
    parent = t("aggregate.restricted") if one["restricted"] else shown.either(one, "parent") or seen(one["parent"])
    return {
        "child": shown.either(one, "child") or seen(one["child"]),
        "parent": parent,
        "role": maybe("inputrole", one["role"]),
        "amount": shown.number(one["amount"]),
        "share": "" if one["share"] is None else shown.percent(one["share"]),
    }


def _impact(factor_id: str, value: float | None) -> None:
    st.markdown(f"**{t('aggregate.what_if')}**")
    new = st.number_input(t("aggregate.new_value"), value=None, format="%g", key=f"new-{factor_id}",
                          placeholder=shown.number(value))  # fmt: skip
    if new is None:
        return
    moved = asking.library().impact(factor_id, float(new))
    st.caption(t("aggregate.moved", count=moved.num_rows, beyond=sum(bool(one) for one in moved["beyond"].to_pylist())))
    lines = [
        {
            "name": shown.either(one, "name"),
            "old": shown.number(one["old"]),
            "new": shown.number(one["new"]),
            "unit": one["unit"],
            "moves": f"{one['change_percent']:+.2f} %",
            "beyond": t("aggregate.yes") if one["beyond"] else t("aggregate.no"),
        }
        for one in moved.slice(0, MOVED).to_pylist()
    ]
    columns = {one: t(f"column.{one}") for one in ("name", "old", "new", "unit", "moves", "beyond")}
    shown.table(lines, columns, key=f"impact-{factor_id}-{new}", alt=t("aggregate.what_if"))


page()

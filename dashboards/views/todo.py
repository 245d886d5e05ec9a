"""待办 to-do: candidates that wait for people, with what the rules said of the chosen one."""

from collections.abc import Mapping
from shlex import quote
from typing import Any

import streamlit as st

from dashboards import address, asking, shown, times
from dashboards.choosing import Chosen, chosen_of, table_key
from dashboards.safe import escaped, shown_rows
from dashboards.words import language, t, word
from factordb.dashboard import findings_said

VERDICTS = ("needs_person", "insufficient", "fail", "pass")


def page() -> None:
    """Draw the page."""
    st.title(t("page.todo"), anchor=False)
    st.caption(t("queue.intro"))
    at = asking.edition()
    known = asking.queue_facets(at)
    _counts(known)
    times.draw(at)
    query = _filters(known)
    total = _total(at, query)
    if not total:
        st.info(t("queue.nothing"), icon=":material/filter_alt_off:")
        return
    number = address.page_number("page", total, asking.PAGE_ROWS, table_key("page", edition=at, page=0, query=query))
    offset = asking.PAGE_ROWS * (number - 1)
    rows = shown_rows(asking.waiting(at, asking.PAGE_ROWS, offset, query))
    st.caption(t("queue.shown", first=offset + 1, last=offset + len(rows), total=total, version=at[1]))
    places = shown.table(
        [_line(row) for row in rows],
        {name: t(f"column.{name}") for name in COLUMNS},
        key=table_key("queue", edition=at, page=number, query=query),
        choose=True,
        alt=t("queue.alt"),
    )
    for one in chosen_of(rows, places):
        _candidate(at, one)
    if not places:
        st.caption(t("queue.choose"))
    shown.here_and_there(
        address.link("", page=number if number > 1 else "", **query),
        f"factordb factor search {quote(query['text'])}" if query["text"] else "",
        f"library.waiting(limit={asking.PAGE_ROWS}, offset={offset}, **{query!r})",
    )


COLUMNS = (
    "name", "value", "unit", "verdict", "reasons", "impact", "due", "interval", "basis", "dqr", "region", "year",
    "pipeline",
)  # fmt: skip
ORDERS = ("impact", "deadline", "verdict")


def _counts(known: Mapping[str, Any]) -> None:
    counts = {**known["verdicts"], "eligible": known["eligible"]}
    labels = {**{one: word("verdict", one) for one in VERDICTS}, "eligible": t("queue.eligible")}
    shown.tiles((label, f"{counts.get(name, 0):,}") for name, label in labels.items())


def _filters(known: Mapping[str, Any]) -> dict[str, str]:
    options = {"order": list(ORDERS), "verdict": ["", *VERDICTS], "pipeline": ["", *known["pipelines"]],
               "code": ["", *known["codes"]]}  # fmt: skip
    columns = st.columns([1.4, 1.2, 1.5, 1.5, 2])
    for place, (name, allowed) in zip(columns, options.items(), strict=False):
        address.seed(name, allowed=allowed, default=allowed[0])
        place.selectbox(
            t("queue.order") if name == "order" else t(f"column.{name}"),
            allowed,
            key=name,
            format_func={value: _option(name, value) for value in allowed}.__getitem__,
            placeholder=t("queue.all"),
            on_change=address.to_first,
            args=("page",),
        )
    address.seed("text")
    columns[-1].text_input(
        t("queue.text"), key="text", placeholder=t("queue.text_hint"), on_change=address.to_first, args=("page",)
    )
    query = {name: str(st.session_state[name] or "") for name in (*options, "text")}
    address.write(**query)
    st.session_state["todo.query"] = {name: value for name, value in query.items() if value}
    return query


def _option(name: str, value: str) -> str:
    if name == "order" or not value:
        return t(f"queueby.{value}") if value else t("queue.all")
    return word("verdict", value) if name == "verdict" else value


def _total(at: asking.Edition, query: dict[str, str]) -> int:
    first = asking.waiting(at, asking.PAGE_ROWS, 0, query)
    return int(first["total"][0].as_py()) if first.num_rows else 0


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": shown.either(row, "name"),
        "value": row["value_text"],
        "unit": row["unit"] or "",
        "verdict": word("verdict", row["verdict"]),
        "reasons": " ".join(code for code in (row["reasons"] or "").split() if not code.startswith("VERDICT_")),
        "interval": shown.interval(row),
        "impact": shown.percent(row["impact"]),
        "due": str(row["due_on"] or ""),
        "dqr": None if row["dqr"] is None else round(row["dqr"], 2),
        "basis": word("basis", row["basis"]),
        "region": shown.region(row["region"]),
        "year": row["reference_year"],
        "pipeline": row["pipeline"],
    }


def _candidate(at: asking.Edition, one: Chosen) -> None:
    parts = asking.factor(at, one.candidate_id)
    row = parts["candidate"][0]
    st.subheader(escaped(shown.either(row, "name")), anchor=False)
    with st.container(horizontal=True):
        shown.verdict_badge(parts["assessment"][0]["verdict"] if parts["assessment"] else None)
        st.markdown(f"**{escaped(row['value_text'])}** {escaped(row['unit_text'])} · {escaped(row['place'])}")
    st.page_link(
        "views/factor.py", label=t("queue.open"), icon=":material/query_stats:", query_params={"id": one.candidate_id}
    )
    shown.findings(findings_said(parts, language(), policy=asking.policy(at)))


page()

"""审核台 review desk: the cases that wait, by impact or deadline; one of them whole, or many at once."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import address, asking, case, casework, deciding, desk, opening, shown
from dashboards.choosing import table_key
from dashboards.safe import seen
from dashboards.words import language, t
from factordb.dashboard import LIVE, route_words

ROWS = 100
COLUMNS = (
    "name",
    "value",
    "unit",
    "region",
    "year",
    "state",
    "approvals",
    "findings",
    "due",
    "impact",
    "submitter",
    "case_id",
)


def page() -> None:
    """Draw the page."""
    st.title(t("page.review"), anchor=False)
    st.caption(t("review.intro"))
    deciding.told()
    at = asking.edition()
    if asking.library().mode() != "reviewed":
        st.info(t("review.not_reviewed"), icon=":material/groups:")
        st.page_link("views/people.py", label=t("page.people"), icon=":material/group:")
        shown.here_and_there(address.link("review"), "factordb review queue", "library.mode()")
        return
    if desk.may("assigner", "submitter"):
        opening.open_cases()
    query = _filters()
    found = casework.cases(query, ROWS, 0)
    number = address.page_number("page", found["total"], ROWS, table_key("review", edition=at, page=0, query=query))
    found = casework.cases(query, ROWS, ROWS * (number - 1)) if number > 1 else found
    _counts(found["counts"])
    rows = found["rows"]
    if not rows:
        st.info(t("review.nothing"), icon=":material/task_alt:")
    else:
        _queue(rows, at, query, number, found["total"])
    shown.here_and_there(
        address.link("review", page=number if number > 1 else "", **query),
        "factordb review queue",
        "library.cases()",
    )


def _filters() -> dict[str, str]:
    words, mine = route_words("standings"), desk.acting()
    states = {"": t("review.all_live"), **{name: words[name][language()] for name in (*LIVE, "published")}}
    orders = {name: t(f"reviewby.{name}") for name in ("impact", "deadline")}
    address.seed("person")
    known = dict.fromkeys(filter(None, (mine, st.session_state["person"])))
    people = {"": t("review.everybody"), **{name: t("review.mine", who=seen(name)) for name in known}}
    address.seed("standing", allowed=states)
    address.seed("order", allowed=orders, default="impact")
    address.seed("text")
    again: dict[str, Any] = {"on_change": address.to_first, "args": ("page",)}
    columns = st.columns((2, 2, 2, 3))
    for place, name, label, named in (
        (columns[0], "standing", t("column.state"), states),
        (columns[1], "order", t("review.order"), orders),
        (columns[2], "person", t("review.whose"), people),
    ):
        place.selectbox(label, list(named), key=name, format_func=named.__getitem__, **again)
    columns[3].text_input(t("queue.text"), key="text", placeholder=t("queue.text_hint"), **again)
    query = {name: str(st.session_state[name] or "") for name in ("standing", "order", "person", "text")}
    address.write(**query)
    return query


def _counts(counts: Mapping[str, int]) -> None:
    words = route_words("standings")
    shown.tiles((words[name][language()], f"{counts.get(name, 0):,}") for name in LIVE)


def _queue(rows: list[dict[str, Any]], at: asking.Edition, query: dict[str, str], number: int, total: int) -> None:
    first = ROWS * (number - 1) + 1
    st.caption(t("queue.shown", first=first, last=first + len(rows) - 1, total=total, version=at[1]))
    # the tokens of what is shown are part of the table's identity: a case that moved is another row of another table
    key = table_key("cases", edition=(*at[:1], at[1] + "".join(row["seen"] for row in rows)), page=number, query=query)
    places = shown.table(
        [_line(row) for row in rows], {one: t(f"column.{one}") for one in COLUMNS}, key=key, choose=True, many=True,
        alt=t("page.review"),
    )  # fmt: skip
    chosen = [rows[place] for place in places if 0 <= place < len(rows)]
    if not chosen:
        st.caption(t("review.choose"))
    elif len(chosen) == 1:
        found = casework.case(chosen[0]["case_id"])
        case.draw(found, at)
        mine = {kind for who, kind in found["assigned"] if who == desk.acting()}
        deciding.decide([{**chosen[0], "seen": found["seen"]}], sorted(found["findings"]), mine)
        if desk.acting():
            opening.comment(found, desk.acting())
    else:
        deciding.chosen_line(chosen)
        given = {kind for row in chosen for kind in str(row["kinds_assigned"] or "").replace(",", " ").split()}
        deciding.decide(chosen, wanted=given)


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": shown.either(row, "name"),
        "value": seen(row["value_text"]),
        "unit": seen(row["unit"]),
        "region": shown.region(row["region"]),
        "year": row["reference_year"],
        "state": seen(row[language()]),
        "approvals": row["approvals"],
        "findings": row["open_findings"],
        "due": str(row["deadline"] or "—"),
        "impact": row["impact"],
        "submitter": seen(f"{row['submitter']} · {row['organisation']}"),
        "case_id": row["case_id"],
    }


page()

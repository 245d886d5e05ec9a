"""Candidates found by their text, published or not: what a curator looks for before anything is released."""

from collections.abc import Mapping
from shlex import quote
from typing import Any

import streamlit as st

from dashboards import address, asking, shown
from dashboards.choosing import chosen_of, table_key
from dashboards.safe import escaped, shown_rows
from dashboards.words import t, word

COLUMNS = ("name", "value", "unit", "interval", "verdict", "dqr", "region", "year", "tier", "pipeline", "candidate_id")


def found(text: str) -> None:
    """Draw the candidates that hold `text`, page by page."""
    at, query = asking.edition(), {"text": text}
    if not at[1]:
        st.info(t("batch.none"), icon=":material/source:")
        return
    first = asking.queue(at, asking.PAGE_ROWS, 0, query)
    total = int(first["total"][0].as_py()) if first.num_rows else 0
    if not total:
        st.info(t("queue.nothing"), icon=":material/search_off:")
    else:
        number = address.page_number("page", total, asking.PAGE_ROWS, table_key("s", edition=at, page=0, query=query))
        offset = asking.PAGE_ROWS * (number - 1)
        rows = shown_rows(asking.queue(at, asking.PAGE_ROWS, offset, query) if offset else first)
        st.caption(t("queue.shown", first=offset + 1, last=offset + len(rows), total=total, version=at[1]))
        key = table_key("candidates", edition=at, page=number, query=query)
        heads = {one: t(f"column.{one}") for one in COLUMNS}
        places = shown.table([_line(row) for row in rows], heads, key=key, choose=True, alt=t("queue.alt"))
        for one, row in zip(chosen_of(rows, places), (rows[place] for place in places), strict=True):
            ways_on(row, one.candidate_id)
    shown.here_and_there(
        address.link("search", scope="candidates", text=text), f"factordb factor search {quote(text)}",
        f"library.queue(text={text!r}, limit={asking.PAGE_ROWS})",
    )  # fmt: skip


def ways_on(row: Mapping[str, Any], name: str) -> None:
    """Draw the pages that say more of a chosen row."""
    st.markdown(f"**{escaped(shown.either(row, 'name'))}**")
    with st.container(horizontal=True):
        for view, icon in (
            ("factor", ":material/query_stats:"),
            ("uncertainty", ":material/stacked_line_chart:"),
            ("compare", ":material/compare_arrows:"),
        ):
            label = t("queue.open") if view == "factor" else t(f"page.{view}")
            known = row["factor_id"] if view == "compare" else name
            st.page_link(f"views/{view}.py", label=label, icon=icon, query_params={"id": known})


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": shown.either(row, "name"),
        "value": row["value_text"],
        "unit": row["unit"] or "",
        "interval": shown.interval(row),
        "verdict": word("verdict", row["verdict"]),
        "dqr": None if row["dqr"] is None else round(row["dqr"], 2),
        "region": shown.region(row["region"]),
        "year": row["reference_year"],
        "tier": word("tier", row["tier"]),
        "pipeline": row["pipeline"],
        "candidate_id": row["candidate_id"],
    }

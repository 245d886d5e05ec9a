"""国内外对比 comparison: national beside foreign factors of the same product; grey where they cannot be compared."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import address, asking, shown
from dashboards.choosing import table_key
from dashboards.safe import seen
from dashboards.words import language, t, word
from factordb.dashboard import abroad_plot

ROWS = 50
KINDS = ("factor", "gas_factor", "parameter")
GASES = ("CO2e", "CO2", "CH4", "N2O")
REASONS = ("unit", "boundary", "gwp_set", "technology")
COLUMNS = ("name", "gas", "home", "abroad", "region", "moves", "why", "verdict")


def page() -> None:
    """Draw the page."""
    st.title(t("page.compare"), anchor=False)
    st.caption(t("compare.intro"))
    query = _filters()
    at = asking.edition()
    found = asking.abroad(at, ROWS, 0, query)
    if not found:
        st.info(t("compare.nothing"), icon=":material/compare_arrows:")
    else:
        total = int(found[0]["total"])
        number = address.page_number("page", total, ROWS, table_key("compare", edition=at, page=0, query=query))
        rows = asking.abroad(at, ROWS, ROWS * (number - 1), query) if number > 1 else found
        first = ROWS * (number - 1) + 1
        st.caption(t("queue.shown", first=first, last=first + len(rows) - 1, total=total, version=at[1]))
        words = {one: t(f"comparewhy.{one}") for one in REASONS}
        shown.picture(abroad_plot(rows, lang=language(), title=t("page.compare"), words=words), t("compare.alt"))
        st.caption(t("compare.note"))
        _table(rows, table_key("compare", edition=at, page=number, query=query))
    shown.here_and_there(
        address.link("compare", **query), "factordb dashboard", f"library.home_and_abroad(**{query!r})"
    )


def _filters() -> dict[str, str]:
    kinds = {"": t("queue.all"), **{one: word("kind", one) for one in KINDS}}
    gases = {"": t("queue.all"), **{one: word("gas", one) for one in GASES}}
    columns = st.columns(3)
    again: dict[str, Any] = {"on_change": address.to_first, "args": ("page",)}
    for place, name, named in ((columns[0], "kind", kinds), (columns[1], "gas", gases)):
        address.seed(name, allowed=named)
        place.selectbox(t(f"compare.{name}"), list(named), key=name, format_func=named.__getitem__, **again)
    address.seed("text")
    columns[2].text_input(t("queue.text"), key="text", placeholder=t("queue.text_hint"), **again)
    query = {name: str(st.session_state[name] or "") for name in ("kind", "gas", "text")}
    address.write(**query)
    return query


def _table(rows: list[dict[str, Any]], key: str) -> None:
    columns = {one: t(f"column.{one}") for one in COLUMNS}
    places = shown.table([_line(row) for row in rows], columns, key=key, choose=True, alt=t("compare.alt"))
    for row in (rows[place] for place in places if 0 <= place < len(rows)):
        for side in ("home", "abroad"):
            label = t("compare.open", side=t(f"column.{side}"))
            query = {"id": row[f"{side}_id"]}
            st.page_link("views/factor.py", label=label, icon=":material/query_stats:", query_params=query)


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": shown.either(row, "name"),
        "gas": seen(row["gas"] or word("kind", row["kind"])),
        "home": _side(row, "home"),
        "abroad": _side(row, "abroad"),
        "region": seen(row["abroad_region"]),
        "moves": shown.change(row["relative"]),
        "why": t("desk.and").join(t(f"comparewhy.{one}") for one in row["differs"]) or t("compare.comparable"),
        "verdict": f"{word('verdict', row['home_verdict'])} / {word('verdict', row['abroad_verdict'])}",
    }


def _side(row: Mapping[str, Any], side: str) -> str:
    year = f" ({row[f'{side}_year']})" if row[f"{side}_year"] else ""
    return seen(f"{row[f'{side}_text']} {row[f'{side}_unit_text'] or ''}{year}")


page()

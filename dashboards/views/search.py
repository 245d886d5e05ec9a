"""因子查询 search: released factors by words and facets; every filter tells how many it would leave."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import address, asking, releases, shown
from dashboards.choosing import table_key
from dashboards.safe import escaped, seen
from dashboards.words import t, word
from factordb.errors import ConflictError

ROWS = 50
FACETS = ("kind", "tier", "region", "year", "gas", "unit", "band", "boundary", "gwp_set", "source")
WORDED = ("kind", "tier", "gas", "band", "boundary")
COLUMNS = ("name", "value", "unit", "interval", "basis", "dqr", "region", "year", "tier", "source", "factor_id")
SEVERAL = "|"


def page() -> None:
    """Draw the page."""
    st.title(t("page.search"), anchor=False)
    st.caption(t("search.intro"))
    if not releases.releases():
        st.info(t("release.none"), icon=":material/inventory_2:")
        shown.here_and_there(address.link("search"), "factordb release list", "library.releases()")
        return
    address.seed("text")
    text = st.text_input(t("search.words"), key="text", placeholder=t("search.hint"), on_change=address.to_first,
                         args=("cursor",)).strip()  # fmt: skip
    address.write(text=text)
    asked = {name: _values(name) for name in FACETS}
    cursor = st.query_params.get("cursor", "")
    try:
        found = releases.find(text, asked, ROWS, cursor)
    except ConflictError:  # a link made on an older release: its first page is shown
        address.to_first("cursor")
        found = releases.find(text, asked, ROWS, "")
    narrow, wide = st.columns((1, 3))
    with narrow:
        _facets(found["facets"], asked)
    with wide:
        _hits(found, text, asked, cursor)
    given = {name: SEVERAL.join(values) for name, values in asked.items()}
    shown.here_and_there(
        address.link("search", text=text, cursor=cursor, **given), f'factordb factor search "{text}"',
        "library.releases()",
    )  # fmt: skip


def _values(name: str) -> list[str]:
    """Return the values of a facet: of its box where it was drawn, else of the URL."""
    kept = st.session_state.get(f"facet.{name}")
    return list(kept) if kept is not None else [one for one in st.query_params.get(name, "").split(SEVERAL) if one]


def _facets(facets: Mapping[str, Mapping[str, int]], asked: Mapping[str, list[str]]) -> None:
    for name in FACETS:
        counts = dict(facets.get(name, {}))
        options = list(dict.fromkeys([*asked[name], *counts]))
        if len(options) < 2 and not asked[name]:  # noqa: PLR2004 - one value narrows nothing
            continue
        named = {one: t("search.option", name=_told(name, one), count=f"{counts.get(one, 0):,}") for one in options}
        key = f"facet.{name}"
        if key not in st.session_state:
            st.session_state[key] = asked[name]
        st.multiselect(t(f"searchby.{name}"), options, key=key, format_func=named.__getitem__,
                       placeholder=t("queue.all"), on_change=address.to_first, args=("cursor",))  # fmt: skip
        address.write(**{name: SEVERAL.join(asked[name])})


def _told(name: str, value: str) -> str:
    if value == "none":
        return t("search.unstated")
    return word(name, value) if name in WORDED else seen(value)


def _hits(found: Mapping[str, Any], text: str, asked: Mapping[str, list[str]], cursor: str) -> None:
    st.caption(t("search.found", total=f"{found['total']:,}", release=escaped(found["release"])))
    if found["corrected"]:
        st.info(t("search.corrected", words=escaped(found["corrected"])), icon=":material/spellcheck:")
    hits = found["hits"]
    if not hits:
        st.info(t("search.nothing"), icon=":material/search_off:")
        return
    query = {"text": text, "cursor": cursor, **{name: SEVERAL.join(values) for name, values in asked.items()}}
    key = table_key("search", edition=(asking.edition()[0], found["release"]), page=0, query=query)
    heads = {one: t(f"column.{one}") for one in COLUMNS}
    places = shown.table([_line(row) for row in hits], heads, key=key, choose=True, alt=t("page.search"))
    for row in (hits[place] for place in places if 0 <= place < len(hits)):
        st.markdown(f"**{escaped(shown.either(row, 'name'))}**")
        for view, icon in (("factor", ":material/query_stats:"), ("uncertainty", ":material/stacked_line_chart:")):
            label = t("queue.open") if view == "factor" else t("page.uncertainty")
            st.page_link(f"views/{view}.py", label=label, icon=icon, query_params={"id": row["version_id"]})
    with st.container(horizontal=True):
        if cursor and st.button(t("search.first"), icon=":material/first_page:"):
            address.to_first("cursor")
            st.rerun()
        if found["next"] and st.button(t("search.next"), icon=":material/navigate_next:"):
            st.query_params["cursor"] = found["next"]
            st.rerun()


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": shown.either(row, "name"),
        "value": seen(row["value_text"]),
        "unit": seen(row["unit"]),
        "interval": shown.interval(row),
        "basis": word("basis", row["basis"]),
        "dqr": row["dqr"],
        "region": seen(row["region"]),
        "year": row["reference_year"],
        "tier": word("tier", row["tier"]),
        "source": seen(row["source_id"]),
        "factor_id": row["factor_id"],
    }


page()

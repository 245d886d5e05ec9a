"""因子查询 search: released factors by words and facets; every filter tells how many it would leave."""

from collections.abc import Mapping
from shlex import quote
from typing import Any

import streamlit as st

from dashboards import address, asking, candidates, releases, shown
from dashboards.choosing import table_key
from dashboards.safe import escaped, seen
from dashboards.words import t, word
from factordb.errors import ConflictError

ROWS = 50
FACETS = (
    *("kind", "tier", "region", "year", "gas", "unit", "band", "boundary", "gwp_set"),
    *("code_system", "code", "source"),
)
WORDED = ("kind", "tier", "gas", "band", "boundary")
COLUMNS = ("name", "value", "unit", "interval", "basis", "dqr", "region", "year", "tier", "source", "factor_id")
SEVERAL = "|"


def page() -> None:
    """Draw the page."""
    st.title(t("page.search"), anchor=False)
    scopes = {one: t(f"searchin.{one}") for one in ("released", "candidates")}
    address.seed("scope", allowed=scopes, default="released")
    scope = st.segmented_control(t("search.scope"), list(scopes), key="scope", format_func=scopes.__getitem__,
                                 required=True, on_change=address.to_first, args=("cursor",))  # fmt: skip
    address.write(scope="" if scope == "released" else scope)
    st.caption(t(f"searchintro.{scope}"))
    address.seed("text")
    text = st.text_input(t("search.words"), key="text", placeholder=t("search.hint"), on_change=address.to_first,
                         args=("cursor",), max_chars=400).strip()  # fmt: skip
    address.write(text=text)
    if scope == "candidates":
        candidates.found(text)
    elif releases.releases():
        _released(text)
    else:
        st.info(t("release.none"), icon=":material/inventory_2:")
        shown.here_and_there(address.link("search"), "factordb release list", "library.releases()", "/v1/releases")


def _released(text: str) -> None:
    asked, release, cursor = {name: _values(name) for name in FACETS}, _release(), st.query_params.get("cursor", "")
    try:
        found = releases.find(text, asked, release, ROWS, cursor)
    except ConflictError:  # a link made on an older release: its first page is shown
        address.to_first("cursor")
        found = releases.find(text, asked, release, ROWS, "")
    narrow, wide = st.columns((1, 3))
    with narrow:
        _facets(found["facets"], asked)
    with wide:
        _hits(found, text, asked, cursor)
    given = {name: values for name, values in asked.items() if values}
    where = "".join(f" --where {quote(f'{name}={one}')}" for name, values in given.items() for one in values)
    fixed = found["release"]["release_id"]
    shown.here_and_there(
        address.link("search", text=text, release=release, cursor=cursor,
                     **{name: SEVERAL.join(values) for name, values in given.items()}),
        f"factordb factor search {quote(text)} --release {quote(fixed)}{where}",
        f"library.search({text!r}, release={fixed!r}, limit={ROWS}, **{given!r})",
        address.call("/v1/factors", query=text, release=fixed, limit=ROWS, **given),
    )  # fmt: skip


def _release() -> str:
    """Draw which release is searched; return it, empty for the newest."""
    known = {"": t("search.newest"), **{str(one["release_id"]): one["release_id"] for one in releases.releases()}}
    if len(known) <= 2:  # noqa: PLR2004 - one release is no choice
        return ""
    address.seed("release", allowed=known)
    chosen = st.selectbox(t("release.which"), list(known), key="release", width=320, on_change=address.to_first,
                          args=("cursor",), format_func=known.__getitem__)  # fmt: skip
    address.write(release=chosen)
    return str(chosen or "")


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
    return word(name, value) if name in WORDED else shown.region(value) if name == "region" else seen(value)


def _hits(found: Mapping[str, Any], text: str, asked: Mapping[str, list[str]], cursor: str) -> None:
    release = found["release"]["release_id"]
    st.caption(t("search.found", total=f"{found['total']:,}", release=escaped(release)))
    if found["corrected"]:
        st.info(t("search.corrected", words=escaped(found["corrected"])), icon=":material/spellcheck:")
    hits = found["hits"]
    if not hits:
        st.info(t("search.nothing"), icon=":material/search_off:")
        return
    query = {"text": text, "cursor": cursor, **{name: SEVERAL.join(values) for name, values in asked.items()}}
    key = table_key("search", edition=(asking.edition()[0], release), page=0, query=query)
    heads = {one: t(f"column.{one}") for one in COLUMNS}
    places = shown.table([_line(row) for row in hits], heads, key=key, choose=True, alt=t("page.search"))
    for row in (hits[place] for place in places if 0 <= place < len(hits)):
        candidates.ways_on(row, row["version_id"])
    with st.container(horizontal=True):
        if cursor and st.button(t("search.first"), icon=":material/first_page:"):
            address.to_first("cursor")
            st.rerun()
        if found["next"] and st.button(t("search.next"), icon=":material/navigate_next:"):
            st.query_params["cursor"] = found["next"]
            st.rerun()


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: seen(row[name]) for name in ("unit", "factor_id")},
        "name": shown.either(row, "name"),
        "value": seen(row["value_text"]),
        "interval": shown.interval(row),
        "region": shown.region(row["region"]),
        "basis": word("basis", row["basis"]),
        "dqr": row["dqr"],
        "year": row["reference_year"],
        "tier": word("tier", row["tier"]),
        "source": seen(row["source_id"]),
    }


page()

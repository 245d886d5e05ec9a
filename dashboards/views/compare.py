"""国内外对比 comparison: released national factors beside foreign ones; what may not be compared is grey."""

from collections.abc import Mapping
from shlex import quote
from typing import Any

import streamlit as st

from dashboards import address, asking, releases, shown
from dashboards.choosing import table_key
from dashboards.safe import escaped, seen
from dashboards.words import language, maybe, t, word
from factordb.dashboard import abroad_plot, in_the_way
from factordb.errors import ConflictError

ROWS = 20
KINDS = ("factor", "gas_factor", "parameter")
GASES = ("CO2e", "CO2", "CH4", "N2O")
AXES = ("product", "gas", "unit", "boundary", "direction", "year", "technology", "gwp_set")
COLUMNS = ("name", "gas", "home", "abroad", "region", "moves", "distinct", "why")


def page() -> None:
    """Draw the page."""
    st.title(t("page.compare"), anchor=False)
    st.caption(t("compare.intro"))
    if not releases.releases():
        st.info(t("release.none"), icon=":material/inventory_2:")
        shown.here_and_there(address.link("compare"), "factordb release list", "library.releases()", "/v1/releases")
        return
    name, other = _asked("id", "compare.first"), _asked("with", "compare.second")
    if name:
        _one(name, other)
    else:
        _overview()


def _asked(key: str, label: str) -> str:
    address.seed(key)
    given = st.text_input(t(label), key=key, placeholder=t(f"{label}_hint"), max_chars=100).strip()
    address.write(**{key: given})
    return given


def _one(name: str, other: str) -> None:
    """Draw one factor beside another, or beside its like abroad: every axis with its words."""
    found = releases.compared(name, other, "")
    row = found["factor"]
    st.subheader(escaped(shown.either(row, "name")), anchor=False)
    for line in found["words"]:
        st.info(escaped(line[language()]), icon=":material/compare_arrows:")
    pairs = [{"factor": row, "comparisons": [one]} for one in found["comparisons"]]
    _picture(pairs)
    for one in found["comparisons"]:
        _told(one)
    beside = {"with": other}
    shown.here_and_there(
        address.link("compare", id=name, **beside),
        " ".join(("factordb factor compare", *map(quote, filter(None, (name, other))))),
        f"library.compare({name!r}, {other!r})", address.call(f"/v1/factors/{row['factor_id']}/compare", **beside),
    )  # fmt: skip


def _told(one: Mapping[str, Any]) -> None:
    side = one["second"]
    with st.container(border=True):
        where = " · ".join(str(one) for one in (shown.region(side["region"]), side["reference_year"]) if one)
        st.markdown(f"**{escaped(shown.either(side, 'name'))}** · {escaped(where or '—')}")
        st.text("\n".join(seen(line[language()]) for line in (*one["axes"], *one["notes"], *one["words"])))


def _overview() -> None:
    text, query = _filters()
    newest, cursor = str(releases.releases()[0]["release_id"]), st.query_params.get("cursor", "")
    criteria = {name: value for name, value in query.items() if value}
    try:
        found = releases.abroad(asking.edition(), newest, text, criteria, ROWS, cursor)
    except ConflictError:  # a link made on an older release: its first page is shown
        address.to_first("cursor")
        found = releases.abroad(asking.edition(), newest, text, criteria, ROWS, "")
    if not found["total"]:
        st.info(t("compare.nothing"), icon=":material/compare_arrows:")
    else:
        st.caption(t("search.found", total=f"{found['total']:,}", release=escaped(newest)))
        _picture(found["pairs"])
        edition = (asking.edition()[0], newest)
        _table(found["pairs"], table_key("compare", edition=edition, page=0,
                                         query={**query, "text": text, "cursor": cursor}))  # fmt: skip
        if found["next"] and st.button(t("search.next"), icon=":material/navigate_next:"):
            st.query_params["cursor"] = found["next"]
            st.rerun()
    shown.here_and_there(
        address.link("compare", text=text, cursor=cursor, **query),
        f"factordb factor compare {quote(found['pairs'][0]['factor']['factor_id'])}" if found["pairs"] else "",
        f"library.search({text!r}, region_within='CN', **{criteria!r})",
        address.call("/v1/factors", query=text, region_within="CN", **criteria),
    )  # fmt: skip


def _filters() -> tuple[str, dict[str, str]]:
    kinds = {"": t("queue.all"), **{one: word("kind", one) for one in KINDS}}
    gases = {"": t("queue.all"), **{one: word("gas", one) for one in GASES}}
    columns = st.columns(3)
    again: dict[str, Any] = {"on_change": address.to_first, "args": ("cursor",)}
    for place, name, named in ((columns[0], "kind", kinds), (columns[1], "gas", gases)):
        address.seed(name, allowed=named)
        place.selectbox(t(f"compare.{name}"), list(named), key=name, format_func=named.__getitem__, **again)
    address.seed("text")
    text = columns[2].text_input(t("queue.text"), key="text", placeholder=t("queue.text_hint"), **again).strip()
    query = {name: str(st.session_state[name] or "") for name in ("kind", "gas")}
    address.write(text=text, **query)
    return text, query


def _picture(pairs: list[dict[str, Any]]) -> None:
    words = {one: maybe("comparewhy", one) for one in AXES}
    shown.picture(abroad_plot(pairs, lang=language(), title=t("page.compare"), words=words), t("compare.alt"))
    st.caption(t("compare.note"))


def _table(pairs: list[dict[str, Any]], key: str) -> None:
    columns = {one: t(f"column.{one}") for one in COLUMNS}
    columns |= {"moves": t("compare.moves"), "why": t("compare.may")}
    lines = [(pair, one) for pair in pairs for one in pair["comparisons"]]
    places = shown.table([_line(*line) for line in lines], columns, key=key, choose=True, alt=t("compare.alt"))
    for pair, one in (lines[place] for place in places if 0 <= place < len(lines)):
        _told(one)
        for side, row in (("home", pair["factor"]), ("abroad", one["second"])):
            label, query = t("compare.open", side=t(f"column.{side}")), {"id": row["version_id"]}
            st.page_link("views/factor.py", label=label, icon=":material/query_stats:", query_params=query)


def _line(pair: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    row, gap = pair["factor"], one["difference"]
    clear = {True: "yes", False: "no"}.get(gap["distinct"], "unknown") if gap else "none"
    return {
        "name": shown.either(row, "name"),
        "gas": seen(row["gas"] or word("kind", row["kind"])),
        "home": seen(f"{shown.number(one['first']['value'])} {one['unit']}"),
        "abroad": shown.number(one["second"]["value"]),
        "region": shown.region(one["second"]["region"]),
        "moves": shown.change(1 / gap["ratio"] - 1 if gap and gap["ratio"] else None),
        "distinct": t(f"compare.distinct_{clear}"),
        "why": t("desk.and").join(maybe("comparewhy", axis) for axis in in_the_way(one)) or t("compare.comparable"),
    }


page()

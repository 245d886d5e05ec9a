"""What stands beside a factor: its other versions, factors like it, and how to cite it."""

from typing import Any

import streamlit as st

from dashboards import asking, shown
from dashboards.choosing import chosen_of, table_key
from dashboards.safe import escaped, seen, shown_rows
from dashboards.words import language, t, word
from factordb.errors import NotFoundError as NotReleasedError


def others(row: dict[str, Any], at: asking.Edition) -> None:
    """Draw the other versions of the factor, and factors that are like it; a chosen row leads to it."""
    for part, rows in asking.beside(at, row["factor_id"], row["candidate_id"]).items():
        st.subheader(t(f"factor.{part}"), anchor=False)
        rest = [one for one in shown_rows(rows) if one["candidate_id"] != row["candidate_id"]]
        if not rest:
            st.caption(t(f"factor.no_{part}"))
            continue
        lines = [
            {
                "name": shown.either(one, "name"),
                "value": one["value_text"],
                "unit": one["unit_text"],
                "interval": shown.interval(one),
                "region": shown.region(one["region"]),
                "year": one["reference_year"],
                "verdict": word("verdict", one["verdict"]),
                "tier": word("tier", one["tier"]),
                "candidate_id": one["candidate_id"],
            }
            for one in rest
        ]
        columns = ("name", "value", "unit", "interval", "region", "year", "verdict", "tier", "candidate_id")
        key = table_key(part, edition=at, page=0, query={"id": row["candidate_id"]})
        heads = {one: t(f"column.{one}") for one in columns}
        for one in chosen_of(rest, shown.table(lines, heads, key=key, choose=True, alt=t(f"factor.{part}"))):
            st.page_link(
                "views/factor.py", label=t("queue.open"), icon=":material/query_stats:",
                query_params={"id": one.candidate_id},
            )  # fmt: skip


def cited(row: dict[str, Any]) -> None:
    """Draw how to cite the factor, from the newest release that holds it."""
    st.subheader(t("factor.cited"), anchor=False)
    try:
        found = asking.library().cite_factor(row["factor_id"])
    except NotReleasedError:
        st.caption(t("factor.not_released"))
        return
    st.caption(t("factor.in_release", release=escaped(found["release"])))
    for lang in dict.fromkeys((language(), "zh", "en")):
        st.code(seen(found[lang]), language=None, wrap_lines=True)
    if found["version_id"] != row["version_id"]:
        st.caption(t("factor.other_version"))

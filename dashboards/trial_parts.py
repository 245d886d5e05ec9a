"""Pieces of the page of trial footprints: findings, tables, electricity item by item, results beside each other."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards import shown
from dashboards.safe import escaped, seen
from dashboards.words import language, t, word
from factordb.dashboard.footprints import number_in_words

FINDINGS = ("code", "severity", "message", "fix")
WHOLE = 12
"""Rows up to which a table of long texts is shown as a whole."""
ITEMS = ("name", "way", "item", "numbers", "energy", "share", "factor_used", "kgco2e")


def table(
    lines: Sequence[Mapping[str, Any]], columns: Sequence[str], key: str, widths: Sequence[int] = (), height: int = 0
) -> None:
    """Draw a table of text; its identity changes with what it holds.

    Args:
        lines: column -> text.
        columns: in order.
        key: what the table is.
        widths: of the columns, in pixels; as wide as their texts by default.
        height: of a row, in pixels, so that long texts are read whole.
    """
    heads, name = {one: t(f"column.{one}") for one in columns}, f"footprint-{key}-{hash(str(lines))}"
    if not height:
        shown.table(lines, heads, key=name, alt=t("page.footprint"))
        return
    looks = {heads[one]: st.column_config.Column(width=width) for one, width in zip(columns, widths, strict=True)}
    cells = {heads[one]: [line[one] for line in lines] for one in columns}
    st.dataframe(cells, hide_index=True, row_height=height, height="content" if len(lines) <= WHOLE else "auto",
                 column_config=looks, alt=t("page.footprint"), key=name)  # fmt: skip


def findings(found: Sequence[Mapping[str, Any]]) -> None:
    """Draw what the rules found: code, severity, what, how to mend it."""
    if not found:
        st.success(t("footprint.no_findings"), icon=":material/check_circle:")
        return
    st.subheader(t("footprint.findings", count=len(found)), anchor=False)
    lines = [
        {"code": one["code"], "severity": word("severity", one["severity"]),
         "message": seen(one[f"said_{language()}"]), "fix": seen(one[f"fix_{language()}"])}
        for one in found
    ]  # fmt: skip
    table(lines, FINDINGS, "findings", (90, 90, 460, 460), 66)


def number(value: float) -> str:
    """Return a result with five digits."""
    return number_in_words(value)


def ends(one: Mapping[str, Any]) -> str:
    """Return a shortest 95 % interval."""
    return f"[{number(one['low95'])}, {number(one['high95'])}]"


def results(told: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Draw results beside each other, each with its interval: (what it is, value and interval in kg CO2e)."""
    for place, (label, one) in zip(st.columns(max(len(told), 2)), told, strict=False):
        place.metric(escaped(label), f"{number(one['value'])} kgCO2e", border=True)
        place.caption(t("footprint.interval", low=number(one["low95"]), high=number(one["high95"]),
                        cv=shown.percent(one["cv"] or 0, 2)))  # fmt: skip


def electricity(found: Mapping[str, Any]) -> None:
    """Draw what each line of electricity is covered by, what the rest is counted at, and both results of the lines."""
    told = found["electricity"]
    if told is None:
        return
    st.subheader(t("footprint.electricity"), anchor=False)
    rows = [
        {"name": seen(line["name"]), "way": t(f"footprint.{way}"),
         "item": seen(f"{_kind(one)} {one['part']}".strip()),
         "numbers": seen(", ".join(one["numbers"]) or "—"), "energy": seen(f"{one['amount']:,.6g} {line['unit']}"),
         "share": shown.percent(one["share"]), "factor_used": seen(_factor(found, one["factor"])),
         "kgco2e": f"{one['value']:,.6g}"}
        for line in told["lines"] for way, items in line["items"].items() for one in items
    ]  # fmt: skip
    table(rows, ITEMS, "electricity")
    for line in told["lines"]:
        lost = t("footprint.no_losses") if line["grid_losses"] is None else f"{100 * line['grid_losses']:g} %"
        st.caption(t("footprint.covered", name=escaped(line["name"]), **_both(line), unit=escaped(line["unit"]))
                   + t("footprint.losses", losses=lost))  # fmt: skip
    total = told["total"]
    if total is not None and len(told["lines"]) > 1:
        name = t("footprint.all_electricity")
        st.caption(t("footprint.covered", name=name, **_both(total), unit=escaped(total["unit"])))
    st.caption(t("footprint.counted_once", count=told["numbers"]))


def _kind(one: Mapping[str, Any]) -> str:
    return t(f"footprintitem.{one['kind']}")


def _both(one: Mapping[str, Any]) -> dict[str, str]:
    return {"amount": f"{one['amount']:,.6g}", "covered": f"{one['covered']:,.6g}",
            **{way: f"{value:,.6g}" for way, value in one["results"].items()}}  # fmt: skip


def _factor(found: Mapping[str, Any], place: int) -> str:
    factor = found["factors"][place - 1]
    return f"[{place}] {factor['value_text']} {factor['unit']}"

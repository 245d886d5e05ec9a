"""Trial footprints beside each other: scenarios under common draws, and many plants for a benchmark value."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from dashboards import asking, shown
from dashboards.safe import escaped, seen
from dashboards.trial_parts import ends, findings, number, results, table
from dashboards.words import language, t
from factordb.dashboard.footprints import (
    DRAWN_PLANTS,
    ENDINGS,
    TABLES,
    batch_uploaded,
    benchmarks_plot,
    compared_uploaded,
    differences_plot,
    number_in_words,
    plants_bytes,
    plants_plot,
    scenarios_plot,
)

SCENARIOS = ("scenario", "kgco2e", "interval", "dqr")
WAYS = {"location": ("location", "location_interval"), "market": ("market", "market_interval")}
"""Way of counting electricity -> columns of its value and interval."""
Sent = tuple[str, bytes]


def compared(inventory: Sent) -> None:
    """Ask for further inventories and draw them beside the first: P(first < other), difference, each result."""
    more = st.file_uploader(
        t("footprint.others"), type=list(ENDINGS), accept_multiple_files=True, key="footprint.others"
    )
    if not more:
        st.info(t("footprint.others_needed"), icon=":material/compare_arrows:")
        return
    found = _compared(asking.edition(), (inventory, *((one.name, one.getvalue()) for one in more)))
    findings(found["findings"])
    if not found["comparable"]:
        st.warning(t("footprint.not_comparable"), icon=":material/block:")
        return
    for one in found["comparisons"]:
        gap, facts = one["difference"], {"first": one["first"], "second": one["second"]}
        st.metric(escaped(t("footprint.below", **facts)), shown.percent(one["first_below"]), border=True)
        st.caption(escaped(t("footprint.difference", **facts, value=number_in_words(gap["value"], signed=True),
                             low=number(gap["low95"]), high=number(gap["high95"]), shared=one["shared"])))  # fmt: skip
    for draw, title in ((scenarios_plot, t("footprint.scenarios")), (differences_plot, t("footprint.differences"))):
        st.subheader(title, anchor=False)
        shown.picture(draw(found, language(), title), title)
    table([_scenario(name, one) for name, one in found["scenarios"].items()], SCENARIOS, "scenarios")
    st.caption(t("footprint.common_draws", samples=found["samples"], seed=found["seed"]))


def _scenario(name: str, one: Mapping[str, Any]) -> dict[str, str]:
    return {"scenario": seen(name), "kgco2e": number(one["result"]["value"]), "interval": ends(one["result"]),
            "dqr": f"{one['quality']['dqr']:.2f}"}  # fmt: skip


@st.cache_data(show_spinner=False, max_entries=8)
def _compared(asked: asking.Edition, sent: tuple[Sent, ...]) -> dict[str, Any]:
    """Return the comparison of uploads; the same bytes in the same version of the library give the same."""
    del asked
    return compared_uploaded(asking.library(), sent)


def batched(inventory: Sent) -> None:
    """Ask for a table of plants and draw benchmark values, and every plant, in each way that was counted."""
    st.download_button(
        t("footprint.plants_template"), partial(plants_bytes, inventory), "plants.csv", key="footprint.plants_csv",
        icon=":material/download:",
    )  # fmt: skip
    sent = st.file_uploader(t("footprint.plants"), type=list(TABLES), key="footprint.plants")
    if sent is None:
        return
    found = _batched(asking.edition(), inventory, (sent.name, sent.getvalue()))
    findings(found["findings"])
    if not found["usable"]:
        st.warning(t("footprint.blocked"), icon=":material/block:")
        return
    study = found["study"]
    st.subheader(escaped(t("footprint.benchmarks", count=len(found["plants"]), amount=f"{study['amount']:g}",
                           unit=study["unit"])), anchor=False)  # fmt: skip
    results([(t(f"footprint.{way}"), told["mean"]) for way, told in found["ways"].items()])
    which = t(f"footprint.{found['method']}")
    st.caption(t("footprint.one_way") if len(found["ways"]) == 1 else t("footprint.both_ways", way=which))
    for way in found["ways"]:
        title = t("footprint.quantiles", way=t(f"footprint.{way}"))
        st.markdown(f"**{title}**")
        shown.picture(benchmarks_plot(found, way, language(), title, t("footprint.mean")), title)
    title = t("footprint.plants_drawn", way=which, count=min(DRAWN_PLANTS, len(found["plants"])))
    st.markdown(f"**{title}**")
    shown.picture(plants_plot(found, language(), title), title)
    _plants(found)
    st.caption(t("footprint.common_draws", samples=found["samples"], seed=found["seed"]))


def _plants(found: Mapping[str, Any]) -> None:
    """Draw every plant, and the quantiles, with the result of each way in columns of its own."""
    columns = [column for way in found["ways"] for column in WAYS[way]]
    for key, name in (("plants", "plant"), ("quantiles", "quantile")):
        lines = []
        for at, one in enumerate(found[key]):
            line = {"plant": seen(one["plant"]), "production": f"{one['production']:,g}"} if key == "plants" else {
                "quantile": f"{100 * one['quantile']:g} %"}  # fmt: skip
            for way, told in found["ways"].items():
                value, interval = WAYS[way]
                line |= {value: number(told[key][at]["value"]), interval: ends(told[key][at])}
            lines.append(line)
        table(lines, (name, *(("production",) if key == "plants" else ()), *columns), key)


@st.cache_data(show_spinner=False, max_entries=8)
def _batched(asked: asking.Edition, inventory: Sent, plants: Sent) -> dict[str, Any]:
    """Return the batch of uploads; the same bytes in the same version of the library give the same."""
    del asked
    return batch_uploaded(asking.library(), inventory, plants)

"""产品碳足迹试算 trial footprint: one inventory, scenarios beside it, or many plants; findings, results, report."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from dashboards import address, asking, shown, trials
from dashboards.safe import escaped, seen
from dashboards.trial_parts import electricity, findings, results, table
from dashboards.words import language, t, word
from factordb.dashboard.footprints import ENDINGS, contributions_plot, report_bytes, template_bytes, trial_uploaded

FACTS = ("release", "gwp_set", "year", "boundary", "samples", "seed")
PARTS = ("name", "kgco2e", "share", "variance")
FACTORS = ("factor_no", "name", "value", "unit", "why")
FIRST = 'Path("inventory.toml")'
CALLS = {
    "single": ("run inventory.toml", f"library.trial_footprint({FIRST})"),
    "compare": ("compare inventory.toml other.toml", f'library.compare_scenarios([{FIRST}, Path("other.toml")])'),
    "batch": ("batch inventory.toml plants.csv", f'library.batch_trial({FIRST}, Path("plants.csv"))'),
}
"""What is asked of an inventory -> the command and the call in Python that ask the same."""


def page() -> None:
    """Draw the page."""
    st.title(t("page.footprint"), anchor=False)
    st.caption(t("footprint.intro"))
    kinds = {one: t(f"footprintkind.{one}") for one in CALLS}
    address.seed("trial", allowed=kinds, default="single")
    chosen = st.segmented_control(t("footprint.kind"), list(kinds), key="trial", format_func=kinds.__getitem__,
                                  required=True)  # fmt: skip
    kind = chosen or "single"
    address.write(trial="" if kind == "single" else kind)
    st.caption(t(f"footprintkindintro.{kind}"))
    if not asking.library().releases():
        st.info(t("release.none"), icon=":material/inventory_2:")
    else:
        _templates()
        sent = st.file_uploader(t("footprint.upload"), type=list(ENDINGS), key="footprint.upload")
        if sent is not None:
            draw = {"single": _trial, "compare": trials.compared, "batch": trials.batched}[kind]
            draw((sent.name, sent.getvalue()))
    command, python = CALLS[kind]
    shown.here_and_there(
        address.link("footprint", trial="" if kind == "single" else kind), f"factordb footprint {command}", python
    )


def _templates() -> None:
    columns = st.columns(len(ENDINGS))
    for place, ending in zip(columns, ENDINGS, strict=True):
        place.download_button(
            t("footprint.template", ending=ending.upper()), partial(template_bytes, ending, language()),
            f"inventory.{ending}", key=f"footprint.{ending}", icon=":material/download:",
        )  # fmt: skip


def _trial(inventory: tuple[str, bytes]) -> None:
    found = _found(asking.edition(), *inventory)
    findings(found["findings"])
    if not found["usable"]:
        st.warning(t("footprint.blocked"), icon=":material/block:")
        return
    study = found["study"]
    st.subheader(escaped(t("footprint.result", name=study["name"], amount=f"{study['amount']:g}", unit=study["unit"])),
                 anchor=False)  # fmt: skip
    results([(t(f"footprint.{way}"), one) for way, one in found["results"].items()])
    st.caption(t("footprint.of_main", way=t(f"footprint.{found['method']}")))
    told = {**study, **found["release"], "release": found["release"]["release_id"], "seed": found["seed"]}
    told["boundary"] = word("boundary", study["boundary"])
    shown.facts((t(f"footprint.fact_{one}"), told[one]) for one in FACTS)
    title = t("footprint.contributions")
    shown.picture(contributions_plot(found, title), title)
    _parts(found)
    electricity(found)
    quality = found["quality"]
    st.caption(
        t("footprint.quality", dqr=f"{quality['dqr']:.2f}", primary=shown.percent(quality["primary_activity"], 0))
    )
    _factors(found["factors"])
    _reports(found)


@st.cache_data(show_spinner=False, max_entries=8)
def _found(asked: asking.Edition, name: str, content: bytes) -> dict[str, Any]:
    """Return the trial of an upload; the same bytes in the same version of the library give the same."""
    del asked
    return trial_uploaded(asking.library(), name, content)


def _parts(found: Mapping[str, Any]) -> None:
    names = {line["id"]: line["name"] for line in found["lines"]}
    for key in ("stages", "contributions"):
        lines = [
            {"name": t(f"footprintstage.{one['name']}") if key == "stages" else seen(names[one["name"]]),
             "kgco2e": f"{one['value']:,.5g}", "share": shown.percent(one["share"]),
             "variance": shown.percent(one["variance_share"])}
            for one in found[key]
        ]  # fmt: skip
        table(lines, PARTS, key)


def _factors(found: Sequence[Mapping[str, Any]]) -> None:
    st.subheader(t("footprint.factors"), anchor=False)
    lines = [
        {"factor_no": str(one["number"]), "name": seen(shown.either(one, "name")), "value": seen(one["value_text"]),
         "unit": seen(one["unit"]), "why": seen(" ".join(each[language()] for each in (*one["why"], *one["steps"])))}
        for one in found
    ]  # fmt: skip
    table(lines, FACTORS, "factors", (50, 240, 80, 130, 600), 66)
    cited = [f"[{one['number']}] {(one['citation'] or {}).get(language()) or '—'}" for one in found]
    st.markdown("  \n".join((f"**{t('column.citation')}**", *map(escaped, cited))))


def _reports(found: Mapping[str, Any]) -> None:
    for place, ending in zip(st.columns(2), ("html", "docx"), strict=True):
        place.download_button(
            t("footprint.report", ending=ending.upper()), report_bytes(found, ending, language()),
            f"footprint.{ending}", key=f"footprint.report.{ending}", icon=":material/description:",
        )  # fmt: skip


page()

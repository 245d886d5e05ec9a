"""产品碳足迹试算 trial footprint: upload an inventory, see its findings and result, take the report away."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from dashboards import address, asking, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, t, word
from factordb.dashboard.footprints import ENDINGS, contributions_plot, report_bytes, template_bytes, trial_uploaded

FACTS = ("release", "gwp_set", "year", "boundary", "samples", "seed")
FINDINGS = ("code", "severity", "message", "fix")
PARTS = ("name", "kgco2e", "share", "variance")
FACTORS = ("factor_no", "name", "value", "unit", "why", "citation")


def page() -> None:
    """Draw the page."""
    st.title(t("page.footprint"), anchor=False)
    st.caption(t("footprint.intro"))
    if not asking.library().releases():
        st.info(t("release.none"), icon=":material/inventory_2:")
    else:
        _templates()
        sent = st.file_uploader(t("footprint.upload"), type=list(ENDINGS), key="footprint.upload")
        if sent is not None:
            _trial(sent.name, sent.getvalue())
    shown.here_and_there(
        address.link("footprint"), "factordb footprint run inventory.toml", "library.trial_footprint(inventory)"
    )


def _templates() -> None:
    columns = st.columns(len(ENDINGS))
    for place, ending in zip(columns, ENDINGS, strict=True):
        place.download_button(
            t("footprint.template", ending=ending.upper()), partial(template_bytes, ending, language()),
            f"inventory.{ending}", key=f"footprint.{ending}", icon=":material/download:",
        )  # fmt: skip


def _trial(name: str, content: bytes) -> None:
    found = _found(asking.edition(), name, content)
    _findings(found["findings"])
    if not found["usable"]:
        st.warning(t("footprint.blocked"), icon=":material/block:")
        return
    study = found["study"]
    st.subheader(escaped(t("footprint.result", name=study["name"], amount=f"{study['amount']:g}", unit=study["unit"])),
                 anchor=False)  # fmt: skip
    for place, (way, one) in zip(st.columns(2), found["results"].items(), strict=True):
        place.metric(t(f"footprint.{way}"), f"{one['value']:,.5g} kgCO2e", border=True)
        place.caption(t("footprint.interval", low=f"{one['low95']:,.5g}", high=f"{one['high95']:,.5g}",
                        cv=f"{one['cv'] or 0:.2%}"))  # fmt: skip
    told = {**study, **found["release"], "release": found["release"]["release_id"], "seed": found["seed"]}
    told["boundary"] = word("boundary", study["boundary"])
    shown.facts((t(f"footprint.fact_{one}"), told[one]) for one in FACTS)
    title = t("footprint.contributions")
    shown.picture(contributions_plot(found, title), title)
    _parts(found)
    quality = found["quality"]
    st.caption(t("footprint.quality", dqr=f"{quality['dqr']:.2f}", primary=f"{quality['primary_activity']:.0%}"))
    _factors(found["factors"])
    _reports(found)


@st.cache_data(show_spinner=False, max_entries=8)
def _found(asked: asking.Edition, name: str, content: bytes) -> dict[str, Any]:
    """Return the trial of an upload; the same bytes in the same version of the library give the same."""
    del asked
    return trial_uploaded(asking.library(), name, content)


def _findings(found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        st.success(t("footprint.no_findings"), icon=":material/check_circle:")
        return
    st.subheader(t("footprint.findings", count=len(found)), anchor=False)
    lines = [
        {"code": one["code"], "severity": word("severity", one["severity"]),
         "message": seen(one[f"said_{language()}"]), "fix": seen(one[f"fix_{language()}"])}
        for one in found
    ]  # fmt: skip
    _table(lines, FINDINGS, "findings")


def _parts(found: Mapping[str, Any]) -> None:
    names = {line["id"]: line["name"] for line in found["lines"]}
    for key in ("stages", "contributions"):
        lines = [
            {"name": t(f"footprintstage.{one['name']}") if key == "stages" else seen(names[one["name"]]),
             "kgco2e": f"{one['value']:,.5g}", "share": f"{one['share']:.1%}",
             "variance": f"{one['variance_share']:.1%}"}
            for one in found[key]
        ]  # fmt: skip
        _table(lines, PARTS, key)


def _factors(found: Sequence[Mapping[str, Any]]) -> None:
    st.subheader(t("footprint.factors"), anchor=False)
    lines = [
        {"factor_no": str(one["number"]), "name": seen(shown.either(one, "name")), "value": seen(one["value_text"]),
         "unit": seen(one["unit"]), "why": seen(" ".join(each[language()] for each in (*one["why"], *one["steps"]))),
         "citation": seen((one["citation"] or {}).get(language()) or "—")}
        for one in found
    ]  # fmt: skip
    _table(lines, FACTORS, "factors")


def _table(lines: list[dict[str, Any]], columns: Sequence[str], key: str) -> None:
    heads = {one: t(f"column.{one}") for one in columns}
    shown.table(lines, heads, key=f"footprint-{key}-{hash(str(lines))}", alt=t("page.footprint"))


def _reports(found: Mapping[str, Any]) -> None:
    for place, ending in zip(st.columns(2), ("html", "docx"), strict=True):
        place.download_button(
            t("footprint.report", ending=ending.upper()), report_bytes(found, ending, language()),
            f"footprint.{ending}", key=f"footprint.report.{ending}", icon=":material/description:",
        )  # fmt: skip


page()

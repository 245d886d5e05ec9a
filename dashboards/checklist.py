"""What the checklist said of a package of measured data: level, verdict, claims, findings at their cells."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dashboards import asking, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, t, word
from factordb.dashboard import SubmissionReport, held_report

LINES = 500
COLUMNS = ("cell", "severity", "code", "message", "fix", "why")
VERDICT_SIGNS = {"pass": st.success, "needs_person": st.warning, "insufficient": st.warning, "fail": st.error}


@st.cache_data(show_spinner=False, max_entries=16)
def held(at: asking.Edition, name: str) -> SubmissionReport | None:
    """Return the checklist asked once more of the package a candidate came in; None where it came in none."""
    del at  # a batch never changes; another version of the library may have withdrawn its evidence
    door = asking.library()
    return held_report(door, door.factor(name)["candidate"][0], as_of=datetime.now(tz=UTC).date())


def tell(report: SubmissionReport) -> None:
    """Draw what the checklist came to: level, verdict, what the next level lacks, claims, findings at their cells."""
    lang, level = language(), report.level
    _level(report)
    if report.demonstration:
        st.warning(t("aggregate.demonstration"), icon=":material/science:")
    if level["missing"]:
        with st.expander(t("package.missing", count=len(level["missing"]))):
            st.text("\n".join(seen(one[lang]) for one in level["missing"]))
    _claims(report)
    findings(report.findings, f"package-{report.name}-{report.today}-{len(report.findings)}")
    asked = [
        {"code": one["code"], "rule": seen(one[f"title_{lang}"]), "reason": seen(one[f"why_{lang}"])}
        for one in report.not_asked
    ]
    with st.expander(t("check.not_asked", count=len(asked))):
        st.caption(t("package.not_asked_note"))
        columns = {one: t(f"column.{one}") for one in ("code", "rule", "reason")}
        shown.table(asked, columns, key=f"unasked-{report.name}", alt=t("package.not_asked_note"))


def _level(report: SubmissionReport) -> None:
    verdict = report.verdict
    title = escaped(report.level[f"title_{language()}"])
    told = t("package.told", level=report.level["name"], title=title, verdict=word("verdict", verdict))
    VERDICT_SIGNS.get(verdict, st.info)(told, icon=shown.VERDICT_LOOKS[verdict][1])
    st.caption(t("package.levels"))


def _claims(report: SubmissionReport) -> None:
    lines = [
        {
            "name": shown.either(one, "name") or seen(one["factor_key"]),
            "value": f"{seen(one['value'])} {seen(one['unit'])}".strip(),
            "recomputed": seen(one["recomputed"]),
            "claimed_u": seen(one["claimed_u"]),
            "records_u": seen(one["u"]),
            "reason": seen(one[f"fault_{language()}"]),
        }
        for one in report.factors
    ]
    if not lines:
        st.info(t("package.no_factor"), icon=":material/edit_note:")
    else:
        columns = {one: t(f"column.{one}") for one in lines[0]}
        shown.table(lines, columns, key=f"claims-{report.name}", alt=t("package.claims"))


def findings(rows: Sequence[Mapping[str, Any]], key: str) -> None:
    """Draw findings of a package at their cells, gravest first."""
    lang = language()
    if not rows:
        st.caption(t("finding.none"))
        return
    lines = [
        {
            "cell": seen(one["place"]),
            "severity": t("package.cap", level=one["highest"]) if one["highest"] else word("severity", one["severity"]),
            "code": one["code"],
            "message": seen(one[f"said_{lang}"]),
            "fix": seen(one[f"fix_{lang}"]),
            "why": seen(one[f"why_{lang}"]),
        }
        for one in rows[:LINES]
    ]
    shown.table(lines, {one: t(f"column.{one}") for one in COLUMNS}, key=f"{key}-{lang}", alt=t("check.findings"))
    if len(rows) > LINES:
        st.caption(t("check.more", shown=LINES, total=len(rows)))

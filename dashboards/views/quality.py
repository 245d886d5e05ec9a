"""数据质量看板 quality board: what is covered, how old, how sure, which rules are broken, how far the targets are."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dashboards import address, asking, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, t, word
from factordb.dashboard import reason_said, shares_of, standard_targets

CLASSES = ((2, "0–2"), (5, "3–5"), (10, "6–10"), (20, "11–20"))
OLDER = "> 20"
ROWS = 100
Rows = list[dict[str, Any]]


def page() -> None:
    """Draw the page."""
    st.title(t("page.quality"), anchor=False)
    st.caption(t("quality.intro"))
    at = asking.edition()
    year = datetime.now(tz=UTC).year
    known = asking.quality(at, year)
    scope = _scope()
    _numbers(known, scope)
    left, right = st.columns(2)
    with left:
        _sureness(known["sureness"], scope)
        _bands(known["bands"], scope)
    with right:
        _ages(known["ages"], scope, year)
        _tiers(known["coverage"], scope)
    _coverage(known["coverage"], at)
    _rules(known["broken_rules"], at)
    _targets()
    shown.here_and_there(address.link("quality", scope=scope), "factordb doctor --pace")


def _scope() -> str:
    scopes = ("eligible", "candidates")
    address.seed("scope", allowed=scopes, default="eligible")
    st.segmented_control(
        t("quality.scope"),
        scopes,
        key="scope",
        required=True,
        format_func={"eligible": t("quality.eligible"), "candidates": t("quality.candidates")}.__getitem__,
    )
    address.write(scope=st.session_state["scope"])
    return str(st.session_state["scope"])


def _numbers(known: Mapping[str, Rows], scope: str) -> None:
    total = sum(row[scope] for row in known["sureness"])
    stated = sum(row[scope] for row in known["sureness"] if row["basis"] in {"reported", "derived"})
    aged = [row for row in known["ages"] if row["age"] is not None]
    recent = sum(row[scope] for row in aged if row["age"] <= CLASSES[1][0])
    categories = len({(row["pipeline"], row["category"]) for row in known["coverage"] if row[scope]})
    figures = {"total": f"{total:,}", "categories": f"{categories:,}"}
    figures |= {"stated": _share(stated, total), "recent": _share(recent, total)}
    shown.tiles((t(f"quality.{name}"), figure) for name, figure in figures.items())


def _share(part: int, whole: int) -> str:
    return shown.percent(part / whole if whole else None)


def _bars(counts: Mapping[str, int], key: str) -> None:
    """Draw shares with their per cent, and the counts in words for those who do not see them."""
    total = sum(counts.values())
    st.subheader(t(f"quality.{key}"), anchor=False)
    if not total:
        st.caption(t("quality.nothing"))
        return
    alt = t("quality.and").join(
        t("quality.counted", name=name, number=f"{number:,}") for name, number in counts.items()
    )
    shown.picture(shares_of({n: c / total for n, c in counts.items() if c}, t("quality.share")), alt)
    st.caption(escaped(alt))


def _sureness(rows: Rows, scope: str) -> None:
    bases = ("reported", "derived", "default", "none")
    _bars({word("basis", one): sum(row[scope] for row in rows if row["basis"] == one) for one in bases}, "sureness")


def _bands(rows: Rows, scope: str) -> None:
    unrated = t("quality.not_rated")
    _bars({unrated if row["band"] in {"—", None} else word("band", row["band"]): row[scope] for row in rows}, "bands")


def _ages(rows: Rows, scope: str, year: int) -> None:
    counts: dict[str, int] = {name: 0 for _, name in CLASSES} | {OLDER: 0, t("quality.no_year"): 0}
    for row in rows:
        age = row["age"]
        name = next((name for most, name in CLASSES if age is not None and age <= most), OLDER)
        counts[t("quality.no_year") if age is None else name] += row[scope]
    _bars(counts, "ages")
    st.caption(t("quality.ages_note", year=year))


def _tiers(rows: Rows, scope: str) -> None:
    tiers = sorted({row["tier"] for row in rows})
    _bars({word("tier", one): sum(row[scope] for row in rows if row["tier"] == one) for one in tiers}, "tiers")


def _coverage(rows: Rows, at: asking.Edition) -> None:
    st.subheader(t("quality.coverage"), anchor=False)
    number = address.page_number("page", len(rows), ROWS, at[1])
    lines = [
        {**row, "category": seen(row["category"]), "pipeline": seen(row["pipeline"]), "tier": word("tier", row["tier"])}
        for row in rows[ROWS * (number - 1) : ROWS * number]
    ]
    columns = {one: t(f"column.{one}") for one in ("pipeline", "category", "tier", "products", "candidates")}
    columns["eligible"] = t("queue.eligible")
    shown.table(lines, columns, key=f"coverage-{at[1]}-{number}", alt=t("quality.coverage"))


def _rules(rows: Rows, at: asking.Edition) -> None:
    st.subheader(t("quality.rules"), anchor=False)
    lines = [
        {
            **row,
            "severity": word("severity", row["severity"]),
            "rule": shown.either(asking.rules().get(row["code"], {}), "title"),
            "fix": seen(shown.unticked(reason_said(row["code"], language()).fix)),
        }
        for row in rows
    ]
    columns = {one: t(f"column.{one}") for one in ("code", "severity", "candidates", "findings", "rule", "fix")}
    shown.table(lines, columns, key=f"rules-{at[1]}", alt=t("quality.rules"))


def _targets() -> None:
    st.subheader(t("quality.targets"), anchor=False)
    counted = {one["year"]: one for one in asking.library().standards_coverage()["targets"]}
    for one in standard_targets():
        told = {**counted[one["year"]], "share": shown.percent(counted[one["year"]]["share"])}
        st.progress(min(1.0, counted[one["year"]]["share"]), t("standards.target", **told))
        st.caption(t("quality.target", basis=escaped(one[f"basis_{language()}"])))
    st.page_link("views/standards.py", label=t("quality.targets_note"), icon=":material/checklist:")


page()

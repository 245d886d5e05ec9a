"""Time at the to-do list: how long candidates have waited, and what falls due."""

from typing import Any

import streamlit as st

from dashboards import asking, shown
from dashboards.safe import seen
from dashboards.words import language, t, word
from factordb.dashboard import reason_said

STAGES = ("appraisal", "decision")


@st.cache_data(show_spinner=False, max_entries=4, ttl=600)
def pace(asked: asking.Edition) -> list[dict[str, Any]]:
    """Return how long candidates have waited, and for what; days pass slowly, so it is remembered for ten minutes."""
    del asked
    return asking.library().pace()


def due(asked: asking.Edition) -> list[dict[str, Any]]:
    """Return what expires, is to be updated, or has its deadline within the library's notice; the most urgent first."""
    return _due(asked, asking.newest())


@st.cache_data(show_spinner=False, max_entries=4, ttl=600)
def _due(asked: asking.Edition, event: int) -> list[dict[str, Any]]:
    del asked, event  # what they stand for
    return asking.library().due()[:1000]


def draw(at: asking.Edition) -> None:
    """Draw both, folded."""
    with st.expander(t("pace.title"), icon=":material/schedule:"):
        policy = asking.policy(at)
        rows = [
            {
                **row,
                "verdict": word("verdict", row["verdict"]),
                "waits_for": _told(str(row["waits_for"]), policy),
            }
            for row in pace(at)
        ]
        columns = ("verdict", "waits_for", "candidates", "median_days", "longest_days")
        shown.table(rows, {name: t(f"column.{name}") for name in columns}, key="pace", alt=t("pace.title"))
    with st.expander(t("due.title"), icon=":material/event:"):
        rows = [
            {"name": shown.either(row, "name"), "what": t(f"duekind.{row['kind']}"), "due": str(row["due_on"])}
            for row in due(at)
        ]
        heads = {name: t(f"column.{name}") for name in ("name", "what", "due")}
        shown.table(rows, heads, key=f"due-{at[1]}", alt=t("due.title"))
        st.caption(t("due.note", days=asking.library().notice_days))


def _told(waits_for: str, policy: str) -> str:
    """Return what is waited for in words: a stage, or the rules that hold back, each behind its code."""
    if waits_for in STAGES:
        return t(f"pace.{waits_for}")
    codes = waits_for.split()
    kept = [code for code in codes if not code.startswith("VERDICT_")] or codes
    said = [f"{code} {reason_said(code, language(), policy=policy).message.rstrip('。.')}" for code in kept]
    return seen(t("ledger.and").join(said))

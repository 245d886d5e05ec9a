"""Cases are opened, and remarks are written: what goes into the records at once, so that no draft is lost."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards import asking, desk
from dashboards.frame import faults_in_words
from dashboards.words import maybe, t

ABOUT = (
    "name_zh", "name_en", "value", "unit", "gas", "boundary", "gwp_set", "region", "reference_year", "technology",
    "statement_text", "valid_until", "source_id", "source_place", "tier",
)  # fmt: skip
"""Fields that a comment may be about."""


def open_cases() -> None:
    """Draw the opening of cases of a batch: what is taken in and appraised goes to the reviewers."""
    batches = asking.library().batches()[::-1]
    with st.expander(t("review.open"), icon=":material/folder_open:"):
        st.caption(t("review.open_note"))
        named = {
            one["batch_id"]: f"{one['batch_id']} · {one['pipeline']} · {str(one['received_on'])[:10]}"
            for one in batches
        }
        batch = st.selectbox(t("column.batch"), list(named), key="review.batch", format_func=named.__getitem__)
        if st.button(t("review.open_now"), icon=":material/folder_open:") and batch:
            with faults_in_words():
                _opened(asking.library().open_cases(str(batch), actor=desk.acting()).cases)
        if asking.library().releases():
            _carried()


def _carried() -> None:
    """Draw the opening of cases of what the newest release carries over from a single operator's decision."""
    st.caption(t("review.carried_note"))
    if st.button(t("review.carried_now"), icon=":material/redo:"):
        with faults_in_words():
            _opened(asking.library().open_carried(actor=desk.acting()).cases)


def _opened(cases: Sequence[str]) -> None:
    """Have the desk drawn anew, and say how many cases there are more."""
    st.session_state["review.told"] = [("done", t("review.opened", count=len(cases)))]
    st.rerun()


def comment(found: Mapping[str, Any], actor: str) -> None:
    """Draw the writing of a comment; it goes into the records at once, so that no draft is lost."""
    with st.form(f"comment-{found['case_id']}", clear_on_submit=True):
        named = {"": t("review.whole"), **{name: maybe("field", name) for name in ABOUT}}
        field = st.selectbox(t("review.about"), list(named), format_func=named.__getitem__)
        text = st.text_area(t("review.comment"), placeholder=t("review.comment_hint"), max_chars=4000)
        if st.form_submit_button(t("review.comment_now"), icon=":material/add_comment:"):
            with faults_in_words():
                asking.library().comment(found["case_id"], text, actor=actor, field=str(field))
                st.rerun()

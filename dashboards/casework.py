"""Review cases as they are now, remembered until anybody does anything: whatever is done is an event of the library."""

from typing import Any

import streamlit as st

from dashboards import asking
from factordb.dashboard import case_page, released_version


def cases(query: dict[str, str], limit: int, offset: int) -> dict[str, Any]:
    """Return one page of the review cases as they are now."""
    return _cases(asking.edition(), asking.newest(), query, limit, offset)


@st.cache_data(show_spinner=False, max_entries=32)
def _cases(asked: asking.Edition, event: int, query: dict[str, str], limit: int, offset: int) -> dict[str, Any]:
    del asked, event  # what they stand for
    return case_page(asking.library(), limit=limit, offset=offset, **query)


def case(case_id: str) -> dict[str, Any]:
    """Return one review case whole, as it is now: with its candidate, the released version, and its letter."""
    return _case(asking.edition(), asking.newest(), case_id)


@st.cache_data(show_spinner=False, max_entries=32)
def _case(asked: asking.Edition, event: int, case_id: str) -> dict[str, Any]:
    del asked, event  # what they stand for
    door = asking.library()
    found = door.case(case_id)
    return {
        **found,
        "parts": door.factor(found["candidate_id"]),
        "released": released_version(door, found["factor_id"]),
        "letter": door.letter(case_id),
    }

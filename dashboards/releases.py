"""The questions about releases. A release never changes, so its answers are kept for as long as there is room."""

from typing import Any

import pyarrow as pa
import streamlit as st

from dashboards.asking import Edition, library
from factordb.dashboard import home_beside_abroad, released, released_rows


def releases() -> list[dict[str, Any]]:
    """Return the recorded releases, newest first."""
    return library().releases()[::-1]


@st.cache_data(show_spinner=False, max_entries=8)
def manifest(asked: Edition, release_id: str) -> dict[str, Any]:
    """Return the manifest of a release; a release never changes."""
    del asked  # only the folder matters: a release never changes
    return released(library(), release_id)


@st.cache_data(show_spinner=False, max_entries=32)
def release_rows(asked: Edition, release_id: str, table: str, limit: int, offset: int) -> pa.Table:
    """Return some rows of a table of a release."""
    del asked  # only the folder matters: a release never changes
    return released_rows(library(), release_id, table, limit=limit, offset=offset)


@st.cache_data(show_spinner=False, max_entries=8)
def diff(asked: Edition, old: str, new: str) -> dict[str, Any]:
    """Return what differs between two releases; releases never change."""
    del asked  # only the folder matters
    found = library().diff_releases(old, new)
    erratum = {"corrects": found.new.corrects, "reason": found.new.erratum} if found.new.corrects else {}
    return {"rows": found.rows, "counts": dict(found.counts), "erratum": erratum}


def find(text: str, criteria: dict[str, list[str]], release: str, limit: int, cursor: str) -> dict[str, Any]:
    """Return one page of a release's factors, with the facets of all that answer; the newest release without a name."""
    asked = {name: values for name, values in criteria.items() if values}
    return library().search(text, release=release, limit=limit, cursor=cursor, **asked)


@st.cache_data(show_spinner=False, max_entries=32)
def abroad(asked: Edition, newest: str, text: str, criteria: dict[str, str], limit: int, cursor: str) -> dict[str, Any]:
    """Return one page of national factors of the newest release beside foreign ones."""
    del asked  # only the folder matters: a release never changes
    return home_beside_abroad(library(), text, release=newest, limit=limit, cursor=cursor, **criteria)


def compared(first: str, second: str, gwp_set: str) -> dict[str, Any]:
    """Return the comparison of a released factor with another, or with its like abroad."""
    return library().compare(first, second, gwp_set=gwp_set)

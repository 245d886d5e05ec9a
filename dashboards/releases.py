"""The questions about releases. A release never changes, so its answers are kept for as long as there is room."""

from typing import Any

import pyarrow as pa
import streamlit as st

from dashboards.asking import Edition, library
from factordb.dashboard import find as searched
from factordb.dashboard import released, released_rows


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


def find(text: str, criteria: dict[str, list[str]], limit: int, cursor: str) -> dict[str, Any]:
    """Return one page of the newest release's factors, with the facets of all that answer."""
    return searched(library(), text, criteria, limit=limit, cursor=cursor)

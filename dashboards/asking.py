"""The questions of the pages, asked through the front door and remembered for one version of the library.

Every answer is bound to the version it was asked of: when the library moves on while a page is made, the page is made
anew, so no row of one version is ever shown, or chosen, beside rows of another.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import streamlit as st

from factordb import Library, describe_checks
from factordb.dashboard import policy_in_force

Answer = TypeVar("Answer")
Edition = tuple[str, str]
"""Folder of the library and name of its published version."""

PAGE_ROWS = 100
"""Rows of a page of the queue; a table of some thousand rows takes a browser seconds."""


@st.cache_resource(show_spinner=False, max_entries=4)
def _opened(root: str) -> Library:
    return Library.open(Path(root))


def library() -> Library:
    """Return the library whose folder the server was started with."""
    return _opened(os.environ.get("FACTORDB_LIBRARY", "library"))


def edition() -> Edition:
    """Return what is published now; its version is empty while nothing is."""
    door = library()
    return str(door.workspace.root), door.version()


def _of(asked: Edition, question: Callable[[Library], Answer]) -> Answer:
    """Return the answer, or make the page anew where the library has moved on from the version `asked` of."""
    answer = question(library())
    if edition() != asked:
        st.rerun()
    return answer


@st.cache_data(show_spinner=False, max_entries=64)
def queue(asked: Edition, limit: int, offset: int, filters: dict[str, str]) -> pa.Table:
    """Return one page of the queue."""
    return _of(asked, lambda door: door.queue(limit=limit, offset=offset, **filters))


def newest() -> int:
    """Return the number of the newest event: whatever anybody does makes another, with or without a new version."""
    return max((int(one["event_id"]) for one in library().events(1)), default=0)


def waiting(asked: Edition, limit: int, offset: int, filters: dict[str, str]) -> pa.Table:
    """Return one page of the to-do list as it is now: a decision, a release or a deadline changes it."""
    return _waiting(asked, newest(), limit, offset, filters)


@st.cache_data(show_spinner=False, max_entries=64)
def _waiting(asked: Edition, event: int, limit: int, offset: int, filters: dict[str, str]) -> pa.Table:
    del event  # what it stands for
    return _of(asked, lambda door: door.waiting(limit=limit, offset=offset, **filters))


@st.cache_data(show_spinner=False, max_entries=8)
def queue_facets(asked: Edition) -> dict[str, Any]:
    """Return what the queue can be narrowed by."""
    return _of(asked, lambda door: door.queue_facets())


@st.cache_data(show_spinner=False, max_entries=64)
def factor(asked: Edition, name: str) -> dict[str, list[dict[str, Any]]]:
    """Return everything about one candidate."""
    return _of(asked, lambda door: door.factor(name))


@st.cache_data(show_spinner=False, max_entries=16)
def evidence(asked: Edition, name: str, lang: str) -> dict[str, Any]:
    """Return the trail of a measured factor: its sections, picture and provenance; of a withdrawn one the words."""

    def held(door: Library) -> dict[str, Any]:
        told = door.explain_evidence(name)
        gone = told["withdrawn"]
        return {"sections": told["sections"], "picture": "" if gone else door.evidence_picture(name, lang),
                "prov": b"" if gone else door.provenance(name)}  # fmt: skip

    return _of(asked, held)


@st.cache_data(show_spinner=False, max_entries=64)
def beside(asked: Edition, factor_id: str, candidate_id: str) -> dict[str, pa.Table]:
    """Return the versions of a factor, and factors that are like it."""
    return _of(asked, lambda door: {"versions": door.versions(factor_id), "similar": door.similar(candidate_id)})


@st.cache_data(show_spinner=False, max_entries=8)
def overview(asked: Edition) -> dict[str, list[dict[str, Any]]]:
    """Return the batches, what holds candidates back, and what was refused."""
    return _of(
        asked,
        lambda door: {
            "batches": door.batches(),
            "summary": door.summary().to_pylist(),
            "held_back": door.held_back().to_pylist(),
            "refused": door.refused().to_pylist(),
            "sources": [one.model_dump(mode="json") for one in door.sources().values()],
        },
    )


@st.cache_data(show_spinner=False, max_entries=8)
def quality(asked: Edition, year: int) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of the quality board, ages counted at `year`."""
    return _of(asked, lambda door: {name: found.to_pylist() for name, found in door.quality(year).items()})


@st.cache_data(show_spinner=False, max_entries=8)
def policy(asked: Edition) -> str:
    """Return the name of the promotion policy of the newest appraisal."""
    return _of(asked, policy_in_force)


@st.cache_data(show_spinner=False, max_entries=1)
def rules() -> dict[str, dict[str, Any]]:
    """Return code -> every check with its words."""
    return {one["code"]: one for one in describe_checks()}

"""Search at the desk: the index of the newest release, or of a named one, asked by words and criteria."""

from collections.abc import Mapping, Sequence
from typing import Any

from factordb.errors import NotFoundError
from factordb.library import Library
from factordb.selection.search import search
from factordb.stages import publish

__all__ = ["find"]

MODELS = "models"
"""Folder of the read models of releases, below the library; each can be made again from its release."""


def find(
    library: Library,
    text: str,
    criteria: Mapping[str, Sequence[str]],
    *,
    release: str = "",
    limit: int = 50,
    cursor: str = "",
) -> dict[str, Any]:
    """Return one page of released factors: release, total, hits, facets, corrected, next ("" at the end).

    The read model of a release is built when it is first asked; nobody waits for a lock, and a release never changes.

    Args:
        library: the library.
        text: words, Chinese or English, pinyin, a code or an identifier; empty: everything.
        criteria: criterion -> values; the values of one are alternatives, all criteria must hold.
        release: name of a release; empty: the newest.
        limit: hits of a page.
        cursor: `next` of the page before; it holds for one release only.

    Raises:
        NotFoundError: there is no such release.
        UsageError: an unknown criterion or value.
        ConflictError: the cursor belongs to another release.
    """
    known = [str(one["release_id"]) for one in library.releases()]
    name = release or (known[-1] if known else "")
    if name not in known:
        raise NotFoundError("release", name or "—", known=", ".join(known) or "`factordb release build`")
    folder = publish.publish(
        library.workspace.releases / name, library.workspace.root / MODELS, newest=name == known[-1]
    )
    model = publish.opened(folder)
    asked = {one: list(values) for one, values in criteria.items() if values}
    found = search(
        model.index, model.rows.rows, text=text, criteria=asked, limit=limit, cursor=cursor, model=model.name
    )
    return {**found, "release": name}

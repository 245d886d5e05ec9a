"""What changed in a release against the one before: a line a field, in the words of the release's own columns."""

from contextlib import suppress
from typing import Any

import streamlit as st

from dashboards import address, asking, releases, shown
from dashboards.safe import shown_rows
from dashboards.words import language, t
from factordb.dashboard import column_titles

ROWS = 50
LONG = 9
"""Letters from which on a decimal is a computed one."""


def draw(at: asking.Edition, name: str, manifest: dict[str, Any]) -> None:
    """Draw them, page by page."""
    st.subheader(t("release.changes"), anchor=False)
    st.caption(
        t("release.changes_since", base=manifest["base_release"], **manifest["changes"])
        if manifest["base_release"]
        else t("release.changes_first", **manifest["changes"])
    )
    total = sum(manifest["changes"].values())
    if not total:
        return
    total = next((one["rows"] for one in manifest["files"] if one["path"] == "changes.csv"), total)
    offset = ROWS * (address.page_number("change_page", total, ROWS, name) - 1)
    rows = shown_rows(releases.release_rows(at, name, "changes", ROWS, offset))
    titles = column_titles(language())
    lines = [
        {
            **row,
            "field": titles.get(row["field"] or "", row["field"]) or "—",
            "old": _short(row["old"]) or "—",
            "new": _short(row["new"]) or "—",
            "change": t(f"change.{row['change']}"),
            "name": shown.either(row, "name"),
            "region": shown.region(row["region"]),
            "year": row["reference_year"],
        }
        for row in rows
    ]
    columns = ("change", "name", "region", "year", "field", "old", "new")
    heads = {one: t(f"column.{one}") for one in columns}
    shown.table(lines, heads, key=f"changes-{name}-{offset}", alt=t("release.changes"))


def _short(text: str | None) -> str | None:
    """Return a long decimal with the digits that are read; texts and short numbers as they are."""
    with suppress(ValueError):
        return shown.number(float(text), 6) if text and len(text) > LONG and "." in text else text
    return text

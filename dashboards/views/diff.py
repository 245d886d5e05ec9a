"""发布差异 diff: two releases side by side, one line a factor, largest change first, and why."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from dashboards import address, asking, releases, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, maybe, t
from factordb.dashboard import changes_plot

STATUSES = ("added", "changed", "superseded", "expired", "demoted", "withdrawn")
ROWS = 100
COLUMNS = ("change", "name", "region", "year", "old", "new", "moves", "beyond", "reason", "factor_id")


def page() -> None:
    """Draw the page."""
    st.title(t("page.diff"), anchor=False)
    st.caption(t("diff.intro"))
    known = [str(row["release_id"]) for row in releases.releases()]
    if len(known) < 2:  # noqa: PLR2004 - two are compared
        st.info(t("diff.too_few"), icon=":material/difference:")
        shown.here_and_there(address.link("diff"), "factordb release list", "library.releases()")
        return
    old, new = _which(known)
    found = releases.diff(asking.edition(), old, new)
    if found["erratum"]:
        words = t("diff.erratum", old=escaped(found["erratum"]["corrects"]), why=escaped(found["erratum"]["reason"]))
        st.warning(words, icon=":material/report:")
    _counts(found["counts"])
    rows = _filtered(found["rows"])
    if rows.num_rows:
        picture = changes_plot(rows, lang=language(), title=t("diff.picture"), beyond=t("diff.beyond"))
        shown.picture(picture, t("diff.picture"))
        if picture:
            st.caption(t("diff.picture_note"))
        _table(rows, old, new)
    else:
        st.caption(t("diff.none"))
    shown.here_and_there(
        address.link("diff", old=old, new=new, status=st.session_state["status"]),
        f"factordb release diff {old} {new}",
        f"library.diff_releases({old!r}, {new!r})",
        f"/v1/releases/{old}/diff/{new}",
    )


def _which(known: list[str]) -> tuple[str, str]:
    address.seed("old", allowed=known, default=known[1])
    address.seed("new", allowed=known, default=known[0])
    left, right = st.columns(2)
    old = left.selectbox(t("diff.old"), known, key="old", on_change=address.to_first, args=("page",))
    new = right.selectbox(t("diff.new"), known, key="new", on_change=address.to_first, args=("page",))
    address.write(old=old, new=new)
    return str(old), str(new)


def _counts(counts: Mapping[str, int]) -> None:
    shown_counts = [(t(f"change.{name}"), counts.get(name, 0)) for name in STATUSES]
    shown_counts.append((t("diff.beyond"), counts.get("beyond_old_interval", 0)))
    shown.tiles((label, f"{number:,}") for label, number in shown_counts)


def _filtered(rows: pa.Table) -> pa.Table:
    options = {"": t("queue.all"), **{name: t(f"change.{name}") for name in STATUSES}}
    address.seed("status", allowed=options)
    st.selectbox(t("column.change"), list(options), key="status", format_func=options.__getitem__, width=320,
                 on_change=address.to_first, args=("page",))  # fmt: skip
    status = str(st.session_state["status"])
    address.write(status=status)
    return rows.filter(pc.equal(rows["status"], status)) if status else rows


def _table(rows: pa.Table, old: str, new: str) -> None:
    status = str(st.session_state["status"])
    number = address.page_number("page", rows.num_rows, ROWS, f"{old}.{new}.{status}")
    lines = [_line(row) for row in rows.slice(ROWS * (number - 1), ROWS).to_pylist()]
    key = f"diff-{old}-{new}-{status}-{number}"
    shown.table(lines, {one: t(f"column.{one}") for one in COLUMNS}, key=key, alt=t("page.diff"))


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    moved = row["relative_change"]
    return {
        "change": t(f"change.{row['status']}"),
        "name": shown.either(row, "name"),
        "region": shown.region(row["region"]),
        "year": row["reference_year"],
        "old": _side(row, "old"),
        "new": _side(row, "new"),
        "moves": "" if moved is None else shown.percent(moved, 2, signed=True),
        "beyond": t("diff.beyond") if row["beyond_old_interval"] else "",
        "reason": seen(row["note"]) or maybe("diffreason", str(row["reason"] or "")),
        "factor_id": row["factor_id"],
    }


def _side(row: Mapping[str, Any], side: str) -> str:
    if row[f"{side}_value_text"] is None:
        return "—"
    ends = {name: row[f"{side}_{name}"] for name in ("shortest_low95", "shortest_high95")}
    return seen(f"{row[f'{side}_value_text']} {row[f'{side}_unit'] or ''} {shown.interval(ends)}".strip())


page()

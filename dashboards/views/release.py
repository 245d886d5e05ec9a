"""发布 release: what was promoted, what changed, which files, how to verify them, who approved."""

from typing import Any

import streamlit as st

from dashboards import address, asking, changes, releases, releasing, shown
from dashboards.safe import escaped, shown_rows
from dashboards.words import language, t, word
from factordb.dashboard import intervals_of

TABLES = ("factors", "gas_factors", "parameters")
ROWS = 50
DRAWN = 25


def page() -> None:
    """Draw the page."""
    st.title(t("page.release"), anchor=False)
    releasing.build()
    known = [str(row["release_id"]) for row in releases.releases()]
    if not known:
        st.info(t("release.none"), icon=":material/inventory_2:")
        return
    address.seed("release", allowed=known, default=known[0])
    name = st.selectbox(t("release.which"), known, key="release", width=320)
    address.write(release=name)
    at = asking.edition()
    manifest = releases.manifest(at, name)
    _cover(manifest)
    _promoted(at, name, manifest)
    changes.draw(at, name, manifest)
    _files(name, manifest)
    releasing.sign_commands(name)
    here = address.link("release", release=name)
    call = f"library.verify_release({name!r})"
    shown.here_and_there(here, f"factordb release verify {name}", call, f"/v1/releases/{name}")


def _cover(manifest: dict[str, Any]) -> None:
    counts, approval = manifest["counts"], manifest["approval"]
    shown.tiles((t(f"release.{table}"), f"{counts.get(table, 0):,}") for table in (*TABLES, "candidates"))
    st.info(
        f"**{t('release.approval')}** {escaped(approval[f'statement_{language()}'])}  \n"
        f"{t('release.approved_by')} {escaped(approval['by'])}",
        icon=":material/how_to_reg:",
    )
    shown.facts(
        [
            (t("release.as_of"), manifest["as_of"]),
            (t("release.base"), manifest["base_release"] or t("release.first")),
            (t("release.rule_set"), manifest["rule_set"]),
            (t("release.engine"), " · ".join(f"{name} {number}" for name, number in manifest["engine"].items())),
            (t("release.seed"), manifest["seed"]),
        ]
    )


def _promoted(at: asking.Edition, name: str, manifest: dict[str, Any]) -> None:
    st.subheader(t("release.promoted"), anchor=False)
    filled = [table for table in TABLES if manifest["counts"].get(table)]
    if not filled:
        st.info(t("release.empty"))
        return
    address.seed("table", allowed=filled, default=filled[0])
    st.segmented_control(
        t("release.table"),
        filled,
        key="table",
        required=True,
        format_func={one: t(f"release.{one}") for one in filled}.__getitem__,
        on_change=address.to_first,
        args=("page",),
    )
    table = str(st.session_state["table"])
    offset = ROWS * (address.page_number("page", manifest["counts"][table], ROWS, f"{name}.{table}") - 1)
    address.write(table=table)
    rows = shown_rows(releases.release_rows(at, name, table, ROWS, offset))
    lines = [
        {
            **row,
            "name": shown.either(row, "name"),
            "value": row["value_text"],
            "interval": shown.interval(row),
            "region": shown.region(row["region"]),
            "basis": word("basis", row["basis"]),
            "year": row["reference_year"],
            "source": row["source_id"],
        }
        for row in rows
    ]
    columns = ("name", "value", "unit", "interval", "basis", "dqr", "region", "year", "source", "factor_id")
    shown.table(
        lines, {one: t(f"column.{one}") for one in columns}, key=f"promoted-{name}-{table}-{offset}",
        alt=t("release.promoted"),
    )  # fmt: skip
    shown.picture(intervals_of(rows[:DRAWN], language()), t("factor.interval_alt"))
    st.caption(t("release.drawn", rows=min(DRAWN, len(rows))))


def _files(name: str, manifest: dict[str, Any]) -> None:
    st.subheader(t("release.files"), anchor=False)
    st.caption(t("release.where", path=escaped(asking.library().workspace.releases / name)))
    columns = {one: t(f"column.{one}") for one in ("path", "rows", "bytes", "sha256")}
    shown.table(manifest["files"], columns, key=f"files-{name}", alt=t("release.files"))
    st.caption(t("release.verify_how"))
    st.code(f"factordb release verify {name}", language=None)
    if st.button(t("release.verify"), icon=":material/verified:"):
        problems = asking.library().verify_release(name)
        if not problems:
            st.success(t("release.verified", files=len(manifest["files"])), icon=":material/verified:")
        for one in problems:
            st.error(escaped(one[language()]), icon=":material/error:")


page()

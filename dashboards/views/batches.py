"""来源与批次 sources and batches: every row that came in was staged or refused, and each refusal names its rule."""

from typing import Any

import streamlit as st

from dashboards import address, asking, shown
from dashboards.safe import seen
from dashboards.telling import full_width
from dashboards.words import language, t, word
from factordb import describe_pipelines
from factordb.dashboard import reason_said


def page() -> None:
    """Draw the page."""
    st.title(t("page.batches"), anchor=False)
    at = asking.edition()
    known = asking.overview(at)
    if not known["batches"]:
        st.info(t("batch.none"), icon=":material/source:")
        return
    _totals(known["batches"])
    _batches(known, at)
    _refused(known, at)
    _sources(known["sources"], at)
    shown.here_and_there(address.link("batches", pipeline=st.session_state.get("pipeline", "")), "factordb pipelines")


def _totals(batches: list[dict[str, Any]]) -> None:
    rows, staged, refused = (sum(one[name] for one in batches) for name in ("rows_in", "rows_staged", "rows_refused"))
    st.markdown(t("batch.balance", rows=f"{rows:,}", staged=f"{staged:,}", refused=f"{refused:,}"))
    st.caption(t("batch.balance_note"))


def _batches(known: dict[str, list[dict[str, Any]]], at: asking.Edition) -> None:
    titles = {one["name"]: one for one in describe_pipelines()}
    verdicts = {row["batch_id"]: row for row in known["summary"]}
    lines = [
        {
            **one,
            **{name: verdicts.get(one["batch_id"], {}).get(name) for name in VERDICTS},
            "title": full_width(shown.either(titles.get(one["pipeline"], {}), "title") or seen(one["pipeline"])),
            "pipeline": seen(one["pipeline"]),
            "received": str(one["received_on"])[:10],
        }
        for one in known["batches"]
    ]
    heads = {name: t(f"column.{name}") for name in HEADS} | {name: word("verdict", name) for name in VERDICTS[:-1]}
    heads |= {"eligible": t("queue.eligible"), "pipeline": t("column.pipeline"), "batch_id": t("column.batch")}
    shown.table(lines, heads, key=f"batches-{at[1]}", alt=t("page.batches"))


VERDICTS = ("pass", "needs_person", "insufficient", "fail", "eligible")
HEADS = ("title", "received", "rows_in", "rows_staged", "rows_refused", "candidates")


def _refused(known: dict[str, list[dict[str, Any]]], at: asking.Edition) -> None:
    st.subheader(t("batch.refused"), anchor=False)
    if not known["refused"]:
        st.caption(t("batch.none_refused"))
        return
    pipelines = ["", *sorted({one["pipeline"] or "" for one in known["refused"]} - {""})]
    address.seed("pipeline", allowed=pipelines)
    chosen = st.selectbox(
        t("column.pipeline"),
        pipelines,
        key="pipeline",
        format_func={one: one or t("queue.all") for one in pipelines}.__getitem__,
        width=320,
    )
    address.write(pipeline=chosen)
    lines = []
    for one in known["refused"]:
        if chosen and one["pipeline"] != chosen:
            continue
        said = reason_said(one["code"], language(), found=one["found"])
        lines.append(
            {
                "pipeline": seen(one["pipeline"]),
                "code": one["code"],
                "records": one["records"],
                "found": seen(one["found"]) or "—",
                "why": seen(said.message),
                "fix": seen(shown.unticked(said.fix)),
                "place": seen(one["place"]),
            }
        )
    columns = ("pipeline", "code", "records", "found", "why", "fix", "place")
    shown.table(
        lines, {name: t(f"column.{name}") for name in columns}, key=f"refused-{at[1]}-{chosen}", alt=t("batch.refused")
    )


def _sources(sources: list[dict[str, Any]], at: asking.Edition) -> None:
    st.subheader(t("batch.sources"), anchor=False)
    lines = [
        {
            "title": full_width(shown.either(one, "title")),
            "publisher": shown.half(one["publisher"]),
            "tier": word("tier", one["tier"]),
            "edition": seen(one["edition"]),
            "published_on": one["published_on"] or "—",
            "status": word("status", one["status"]),
            "gwp_set": seen(one["gwp_set"]) or "—",
            "licence": shown.half(one["licence"]),
            "obtain": shown.half(one["obtain"]),
            "source": one["source_id"],
        }
        for one in sources
    ]
    columns = (
        "title",
        "publisher",
        "tier",
        "edition",
        "published_on",
        "status",
        "gwp_set",
        "licence",
        "obtain",
        "source",
    )
    shown.table(lines, {name: t(f"column.{name}") for name in columns}, key=f"sources-{at[1]}", alt=t("batch.sources"))


page()

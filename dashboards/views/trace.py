"""溯源 traceability: from the number back to the cell, the raw file by its hash, the source, and what rests on it."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import address, asking, shown
from dashboards.safe import escaped, seen
from dashboards.telling import clause, full_width
from dashboards.words import language, t, word
from factordb.dashboard import kept_files, trail_said


def page() -> None:
    """Draw the page."""
    st.title(t("page.trace"), anchor=False)
    st.caption(t("trace.intro"))
    name = shown.which()
    if not name:
        return
    at = asking.edition()
    parts = asking.factor(at, name)
    row = parts["candidate"][0]
    st.subheader(escaped(shown.either(row, "name")), anchor=False)
    _steps(row, parts)
    _files(row, at)
    _source(row)
    _evidence(row, at)
    _rules(parts, at)
    _raw(row)
    shown.here_and_there(
        address.link("trace", id=row["candidate_id"]),
        f"factordb factor explain {row['candidate_id']}",
        f"library.factor({row['candidate_id']!r})",
    )


def _steps(row: Mapping[str, Any], parts: Mapping[str, list[dict[str, Any]]]) -> None:
    """Draw the trail as numbered steps from the number to the cell it was read from."""
    lang = language()
    value, trail = trail_said(asking.library(), parts)[:2]
    for number, section in enumerate((value, trail), start=1):
        with st.container(border=True):
            st.markdown(f"**{number}. {escaped(section[f'title_{lang}'])}**")
            st.text("\n".join(seen(line[lang]) for line in section["lines"]))
    shown.facts([(t("column.factor_id"), row["factor_id"]), (t("trace.version"), row["version_id"])])


def _files(row: Mapping[str, Any], at: asking.Edition) -> None:
    """Draw the raw files of the batch: their hashes pin every byte that was read."""
    st.subheader(t("trace.files"), anchor=False)
    batch = next((one for one in asking.library().batches() if one["batch_id"] == row["batch_id"]), None)
    if batch is None:
        st.caption(t("trace.no_files"))
        return
    files = json.loads(batch["inputs"])["files"]
    kept = kept_files(asking.library(), [one["sha256"] for one in files])
    lines = [
        {
            "path": seen(one["file"]),
            "bytes": one["bytes"],
            "sha256": one["sha256"],
            "kept": t("trace.kept") if one["sha256"] in kept else t("trace.not_kept"),
        }
        for one in files
    ]
    columns = {one: t(f"column.{one}") for one in ("path", "bytes", "kept", "sha256")}
    shown.table(lines, columns, key=f"files-{at[1]}-{row['batch_id']}", alt=t("trace.files"))
    shown.facts([(t("column.batch"), batch["batch_id"]), (t("column.received"), str(batch["received_on"])[:10])])


def _source(row: Mapping[str, Any]) -> None:
    st.subheader(t("trace.source"), anchor=False)
    source = asking.library().sources().get(row["source_id"])
    if source is None:
        st.caption(t("trace.no_source"))
        return
    facts = source.model_dump(mode="json")
    names = ("publisher", "edition", "published_on", "licence", "obtain")
    shown.facts(
        [
            (t("column.title"), full_width(shown.either(facts, "title"))),
            (t("column.tier"), word("tier", facts["tier"])),
            *((t(f"column.{name}"), shown.half(facts.get(name))) for name in names),
            (t("column.status"), word("status", facts.get("status"))),
        ]
    )


def _rules(parts: Mapping[str, list[dict[str, Any]]], at: asking.Edition) -> None:
    """Draw what the rules of source, trail and dates came to."""
    st.subheader(t("trace.rules"), anchor=False)
    rules = asking.rules()
    lines = [
        {
            "code": one["code"],
            "outcome": word("outcome", one["outcome"]),
            "rule": shown.either(rules.get(one["code"], {}), "title"),
            "clause": clause(rules.get(one["code"], {}).get("clause", "")),
        }
        for one in parts["outcome"]
        if one["code"][:3] in {"TRA", "TIM"}
    ]
    columns = {one: t(f"column.{one}") for one in ("code", "outcome", "rule", "clause")}
    shown.table(lines, columns, key=f"trace-{at[1]}-{parts['candidate'][0]['candidate_id']}", alt=t("trace.rules"))


def _evidence(row: Mapping[str, Any], at: asking.Edition) -> None:
    """Draw what a measured factor stands on: certificates against the days of measurement, and the chain in words."""
    if row["pipeline"] != "submission":
        return
    lang = language()
    st.subheader(t("trace.evidence"), anchor=False)
    held = asking.evidence(at, row["candidate_id"], lang)
    shown.picture(held["picture"], t("trace.evidence_alt"))
    for section in held["sections"]:
        with st.expander(escaped(section[f"title_{lang}"])):
            st.text("\n".join(seen(line[lang]) for line in section["lines"]))
    if held["prov"]:
        st.download_button(t("trace.prov"), held["prov"], f"{row['candidate_id']}.prov.json", "application/json")


def _raw(row: Mapping[str, Any]) -> None:
    with st.expander(t("trace.raw")):
        columns = json.loads(row["attributes"]) if row["attributes"] else {}
        st.caption(t("trace.raw_note"))
        shown.facts((seen(name), value) for name, value in columns.items())


page()

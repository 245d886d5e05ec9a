"""账本核验 ledger: the book of everything people did, recomputed on demand; nothing in it was changed or removed."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards import address, asking, recorded, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, maybe, t

ROWS = 100


def page() -> None:
    """Draw the page."""
    st.title(t("page.ledger"), anchor=False)
    st.caption(t("ledger.intro"))
    door = asking.library()
    head = door.checkpoint()
    size, time, root = st.columns((1, 2, 4))
    size.metric(t("ledger.size"), f"{head['size']:,}", border=True)
    for place, label, value in (
        (time, t("ledger.time"), shown.moment(head["time"])),
        (root, t("ledger.root"), head["root"]),
    ):
        with place.container(border=True):
            st.caption(label)
            st.code(value or "—", language=None, wrap_lines=True)
    _verify()
    _events(head["size"])
    _proof()
    _keys()
    shown.here_and_there(
        address.link("ledger", page=st.query_params.get("page", "")),
        "factordb ledger verify",
        "library.verify_ledger()",
    )


def _verify() -> None:
    st.caption(t("ledger.verify_note"))
    if not st.button(t("ledger.verify"), icon=":material/verified:", type="primary"):
        return
    found = asking.library().verify_ledger()
    head = found["checkpoint"]
    st.success(t("ledger.sound", size=f"{head['size']:,}"), icon=":material/verified:")
    if found["compared"]:
        st.caption(t("ledger.compared", names=escaped(", ".join(found["compared"]))))
    if found["breaches"]:
        for one in found["breaches"]:
            st.error(escaped(one[language()]), icon=":material/error:")
    else:
        st.success(t("ledger.four_eyes"), icon=":material/groups:")


def _events(size: int) -> None:
    st.subheader(t("ledger.events"), anchor=False)
    if not size:
        st.caption(t("ledger.empty"))
        return
    number = address.page_number("page", size, ROWS, "ledger")
    last = size - ROWS * (number - 1)
    first = max(last - ROWS, 0)
    rows = asking.library().ledger(first, last - first)[::-1]
    st.caption(t("ledger.shown", first=first, last=last - 1, size=f"{size:,}"))
    columns = {
        one: t(f"column.{one}") for one in ("index", "event_id", "event", "subject", "actor", "time", "facts", "leaf")
    }
    shown.table([_line(row) for row in rows], columns, key=f"ledger-{size}-{number}", alt=t("ledger.events"))


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "index": row["index"],
        "event_id": row["event_id"],
        "event": maybe("event", row["kind"]),
        "subject": recorded.subject(row["subject"]),
        "actor": seen(row["actor"]),
        "time": shown.moment(row["happened_on"]),
        "facts": recorded.told(row["facts"]),
        "leaf": row["leaf"],
    }


def _proof() -> None:
    """Draw the making of a proof that anybody can verify without this library."""
    with st.expander(t("ledger.proof"), icon=":material/receipt_long:"):
        st.caption(t("ledger.proof_note"))
        wanted = st.number_input(t("ledger.event_id"), min_value=1, step=1, value=None, key="ledger.event")
        if wanted is not None:
            found = asking.library().inclusion_proof(int(wanted))
            text = json.dumps(found, ensure_ascii=False, indent=1)
            st.code(text, language="json")
            st.download_button(t("ledger.proof_file"), text, f"proof-{wanted}.json", icon=":material/download:")


def _keys() -> None:
    st.subheader(t("ledger.keys"), anchor=False)
    held = asking.library().keys()
    if not held:
        st.caption(t("ledger.no_keys"))
        return
    lines = [
        {
            "key": one["key_id"],
            "person": seen(one["person_id"]),
            "organisation": seen(one["organisation"]),
            "valid_from": shown.moment(one["valid_from"]),
            "revoked": shown.moment(one["revoked"]) if one["revoked"] else "—",
        }
        for one in held
    ]
    columns = {one: t(f"column.{one}") for one in ("key", "person", "organisation", "valid_from", "revoked")}
    shown.table(lines, columns, key=f"keys-{len(lines)}", alt=t("ledger.keys"))


page()

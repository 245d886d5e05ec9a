"""标准登记 registry of standards: the list, how far the targets are, what the rules say, the form and its check."""

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any

import streamlit as st

from dashboards import address, asking, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, t, word
from factordb import standard_words
from factordb.dashboard.standards import ENDINGS, check_uploaded, form_bytes

FILTERS = ("level", "status", "subject")
FACTS = ("boundary", "issued_on", "in_force_on", "ended_on", "issuer", "region", "replaced_by", "source",
         "source_place")  # fmt: skip
SEVERITIES = ("block", "gap", "review", "advise")


def page() -> None:
    """Draw the page."""
    st.title(t("page.standards"), anchor=False)
    st.caption(t("standards.intro"))
    _coverage()
    asked = _asked()
    found = asking.library().standards(asked["text"], **{name: asked[name] for name in FILTERS if asked[name]})
    _list(found)
    _one([one["number"] for one in found])
    _findings()
    _form()
    options = "".join(f" --{name} {quote(asked[name])}" for name in FILTERS if asked[name])
    words = f" {quote(asked['text'])}" if asked["text"] else ""
    given = "".join(f", {name}={asked[name]!r}" for name in FILTERS if asked[name])
    shown.here_and_there(
        address.link("standards", **asked), f"factordb standard list{words}{options}",
        f"library.standards({asked['text']!r}{given})",
    )  # fmt: skip


def _said(section: str, value: str) -> str:
    return standard_words()[section].get(value, {}).get(language(), value)


def _coverage() -> None:
    found = asking.library().standards_coverage()
    levels = t("desk.and").join(_said("level", one) for one in found["levels"])
    for one in found["targets"]:
        told = {name: one[name] for name in ("year", "standards", "counted", "missing")}
        st.progress(min(1.0, one["share"]), t("standards.target", share=shown.percent(one["share"]), **told))
    counts = t("desk.and").join(f"{_said('level', level)} {count}" for level, count in found["by_level"].items())
    st.caption(t("standards.counted", levels=levels, counts=counts))


def _asked() -> dict[str, str]:
    """Draw the filters, in the URL as codes, and return them."""
    address.seed("text")
    places = st.columns((2, 1, 1, 1))
    text = places[0].text_input(t("standards.text"), key="text", placeholder=t("standards.text_hint"), max_chars=200)
    asked = {"text": str(text).strip()}
    for place, name in zip(places[1:], FILTERS, strict=True):
        known = {"": t("standards.any"), **{value: _said(name, value) for value in standard_words()[name]}}
        address.seed(name, allowed=known)
        chosen = place.selectbox(t(f"standardby.{name}"), list(known), key=name, format_func=known.__getitem__)
        asked[name] = str(chosen)
    address.write(**asked)
    return asked


def _list(found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        st.info(t("standards.nothing"), icon=":material/search_off:")
        return
    lines = [
        {"number": seen(one["number"]), "standard_title": seen(one[f"title_{language()}"] or one["title_zh"]),
         "standard_level": _said("level", one["level"]), "standard_status": _said("status", one["status"]),
         "in_force_on": one["in_force_on"] or "—"} for one in found
    ]  # fmt: skip
    st.caption(t("standards.found", count=len(found)))
    columns = {one: t(f"column.{one}") for one in lines[0]}
    shown.table(lines, columns, key=f"standards-{hash(str(lines))}", alt=t("page.standards"))


def _one(numbers: Sequence[str]) -> None:
    """Draw one standard: its record, what was cited and concluded, what the rules say, the conditions of (十五)."""
    address.seed("number", allowed=("", *numbers))
    number = st.selectbox(
        t("standards.one"), ("", *numbers), key="number", format_func=lambda one: one or t("standards.choose")
    )
    address.write(number=number)
    if not number:
        return
    found = asking.library().standard(str(number))
    one = found["standard"]
    st.subheader(escaped(one[f"title_{language()}"] or one["title_zh"]), anchor=False)
    words = {"boundary": word("boundary", one["boundary"]) if one["boundary"] else None,
             "source": found["source"].get(f"what_{language()}", one["source"])}  # fmt: skip
    shown.facts((t(f"standardfact.{name}"), words.get(name, one[name])) for name in FACTS)
    st.caption(t("standards.recorded", **{one: len(found[one]) for one in ("citations", "assessments", "evaluations")}))
    _lines(found["findings"], f"one-{number}")
    if one["level"] == "group":
        st.markdown(t("standards.eligible" if found["eligibility"]["eligible"] else "standards.not_eligible"))
        for each in found["eligibility"]["conditions"]:
            icon = ":material/check:" if each["held"] else ":material/close:"
            st.markdown(f"{icon} {escaped(each[language()])} ({_said('level', _said('judgement', each['found']))})")


def _findings() -> None:
    found = asking.library().check_standards().as_dict()["findings"]
    with st.expander(t("standards.findings", count=len(found))):
        _lines(found, "registry")


def _lines(found: Sequence[Mapping[str, Any]], key: str) -> None:
    if not found:
        st.success(t("standards.kept"), icon=":material/check_circle:")
        return
    counted = [(word("severity", name), sum(one["severity"] == name for one in found)) for name in SEVERITIES]
    st.caption(t("desk.and").join(f"{name} {count}" for name, count in counted if count))
    lines = [
        {"code": one["code"], "severity": word("severity", one["severity"]), "number": seen(one["standard"]),
         "cell": seen(_said("field", one["place"])), "message": seen(one[language()]),
         "fix": seen(one[f"fix_{language()}"])}
        for one in sorted(found, key=lambda each: SEVERITIES.index(each["severity"]))
    ]  # fmt: skip
    columns = ("code", "severity", "number", "cell", "message", "fix")
    shown.table(lines, {one: t(f"column.{one}") for one in columns}, key=f"{key}-{hash(str(lines))}",
                alt=t("standards.findings", count=len(found)))  # fmt: skip


def _form() -> None:
    st.subheader(t("standards.form"), anchor=False)
    st.caption(t("standards.form_note"))
    st.download_button(t("standards.download"), form_bytes, "standards.xlsx", icon=":material/download:")
    sent = st.file_uploader(t("standards.upload"), type=list(ENDINGS), key="standards.upload")
    if sent is None:
        return
    done = check_uploaded(asking.library(), sent.name, sent.getvalue())
    new, same = len(done["entered"]), len(done["unchanged"])
    st.markdown(t("standards.checked", rows=done["rows"], refused=done["refused"], entered=new, unchanged=same))
    _lines(done["findings"], "upload")


page()

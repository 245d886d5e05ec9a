"""帮助 help: what each page is for, what the words and signs mean, who may do what."""

import streamlit as st

from dashboards import address, asking, desk, shown
from dashboards.places import SECTIONS
from dashboards.safe import escaped
from dashboards.telling import clause
from dashboards.words import language, t, word
from factordb.dashboard import IDLE_MINUTES, route_table, route_words

VERDICTS = ("pass", "needs_person", "insufficient", "fail")
SEVERITIES = ("block", "gap", "review", "advise")


def page() -> None:
    """Draw the page."""
    st.title(t("page.help"), anchor=False)
    st.markdown(t("help.intro"))
    _pages()
    _verdicts()
    _route()
    _rules()
    st.subheader(t("help.keys"), anchor=False)
    st.markdown(t("help.keys_how"))
    shown.here_and_there(address.link("help"), "factordb --help")


def _pages() -> None:
    st.subheader(t("help.pages"), anchor=False)
    for name in (one for names in SECTIONS.values() for one in names if one != "help"):
        left, right = st.columns((1, 4))
        with left:
            st.page_link(f"views/{name}.py", label=t(f"page.{name}"))
        right.markdown(t(f"helppage.{name}"))


def _verdicts() -> None:
    st.subheader(t("help.verdicts"), anchor=False)
    for name in VERDICTS:
        with st.container(horizontal=True):
            shown.verdict_badge(name)
            st.markdown(t(f"verdictmeans.{name}"))
    st.subheader(t("help.severities"), anchor=False)
    for name in SEVERITIES:
        st.markdown(f":{shown.SEVERITY_LOOKS[name]}-badge[{word('severity', name)}] {word('severity_meaning', name)}")


def _route() -> None:
    """Draw who may do what: the table that the library itself goes by."""
    st.subheader(t("help.route"), anchor=False)
    st.caption(t("help.route_note", minutes=IDLE_MINUTES))
    lang, states, roles, actions = language(), *(route_words(part) for part in ("states", "roles", "actions"))
    lines = [
        {
            "action": actions[one.action][lang],
            "from": t("desk.and").join(states[name][lang] for name in sorted(one.sources)),
            "to": states[one.target][lang],
            "who": t("desk.and").join(roles[name][lang] for name in sorted(one.roles)),
        }
        for one in route_table()
    ]
    shown.table(lines, {one: t(f"column.{one}") for one in ("action", "from", "to", "who")}, key="route",
                alt=t("help.route"))  # fmt: skip
    one = desk.me()
    st.markdown(t("help.you", who=escaped(desk.described(one))) if one else t("help.you_nobody"))


def _rules() -> None:
    rules = asking.rules()
    with st.expander(t("help.rules", count=len(rules))):
        lines = [
            {
                "code": code,
                "severity": word("severity", one["severity"]),
                "rule": shown.either(one, "title"),
                "why": one[f"why_{language()}"],
                "fix": one[f"fix_{language()}"],
                "clause": clause(one["clause"]),
            }
            for code, one in sorted(rules.items())
        ]
        columns = ("code", "severity", "rule", "why", "fix", "clause")
        shown.table(lines, {one: t(f"column.{one}") for one in columns}, key="rules", alt=t("help.rules", count=0))


page()

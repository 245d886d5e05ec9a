"""The reader's language, and every word of the dashboard in it: `reference/words/dashboard*_{zh,en}.toml`."""

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import streamlit as st

LANGUAGES = ("zh", "en")
NAMES = {"zh": "中文", "en": "English"}
"""Each language is called by its own name, so that a reader who knows only one finds it."""


@cache
def _table(kind: str, lang: str) -> Mapping[str, Any]:
    """Return section -> name -> words of `{kind}_{lang}.toml` and of `{kind}_<page>_{lang}.toml` beside it."""
    merged: dict[str, dict[str, Any]] = {}
    tables = (one for one in resources.files("factordb").joinpath("reference", "words").iterdir())
    for table in sorted(tables, key=lambda one: one.name):
        if table.name.startswith(f"{kind}_") and table.name.endswith(f"_{lang}.toml"):
            for section, words in tomllib.loads(table.read_text(encoding="utf-8")).items():
                merged.setdefault(section, {}).update(words)
    return merged


def language() -> str:
    """Return the language of this session, "zh" or "en"."""
    return str(st.session_state["lang"])


def t(key: str, **facts: object) -> str:
    """Return the words of `key` ("section.name") in the reader's language, facts filled in."""
    section, _, name = key.partition(".")
    found = str(_table("dashboard", language())[section][name])
    return found.format(**facts) if facts else found


def maybe(section: str, name: str) -> str:
    """Return the words of `section.name`, or the name itself where the house has none."""
    return str(_table("dashboard", language()).get(section, {}).get(name, name))


def known(section: str) -> Mapping[str, str]:
    """Return name -> words of a whole section in the reader's language; empty where there is none."""
    return dict(_table("dashboard", language()).get(section, {}))


def word(section: str, value: object) -> str:
    """Return the house's word for a vocabulary value, such as the verdict `pass`; an em dash for nothing."""
    if value is None or value == "":
        return "—"
    return str(_table("ui", language()).get(section, {}).get(str(value), value))


def preferred() -> str:
    """Return the language before a choice: the one the server was started with, else the browser's, else Chinese."""
    told = os.environ.get("FACTORDB_LANG") or st.context.locale or "zh"
    return "en" if told.lower().startswith("en") else "zh"


def settle_language() -> None:
    """Settle the language of this run: `?lang=` wins over the reader's last choice, that over `preferred`."""
    asked = st.query_params.get("lang", "")
    if asked in LANGUAGES and asked != st.session_state.get("address.lang"):
        st.session_state["lang"] = asked
    st.session_state.setdefault("lang", preferred())
    st.query_params["lang"] = st.session_state["address.lang"] = language()


def choose_language() -> None:
    """Draw the language switch."""
    st.segmented_control(
        "语言 / Language",
        LANGUAGES,
        format_func=NAMES.__getitem__,
        key="lang",
        required=True,
        label_visibility="collapsed",
    )

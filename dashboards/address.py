"""The state of a view in its URL, as codes, so that a link says the same in either language.

Streamlit's own binding writes the label a reader sees into the URL; a link made in Chinese would not open in English.
"""

from collections.abc import Collection
from urllib.parse import urlencode, urlsplit

import streamlit as st


def seed(key: str, *, allowed: Collection[str] | None = None, default: str = "") -> None:
    """Give the widget `key` the value that the URL names, where the URL says something new.

    A value that is not `allowed` counts as `default`.
    """
    asked = st.query_params.get(key, default)
    if asked != st.session_state.get(f"address.{key}", default) or key not in st.session_state:
        st.session_state[key] = asked if allowed is None or asked in allowed else default


def seed_page(key: str, pages: int) -> None:
    """Give the pagination `key` the page that the URL names, the nearest there is."""
    seed(key, allowed=[str(number) for number in range(1, pages + 1)], default="1")
    st.session_state[key] = min(max(int(st.session_state[key]), 1), pages)


def write(**values: object) -> None:
    """Write the values into the URL and remember that it was us; empty ones are left out."""
    for key, value in values.items():
        text = "" if value is None else str(value)
        if text:
            st.query_params[key] = text
        else:
            st.query_params.pop(key, None)
        st.session_state[f"address.{key}"] = text


def to_first(key: str) -> None:
    """Send the pagination `key` back to page 1: what a filter does when it changes."""
    st.session_state[key] = 1


def link(view: str, **values: object) -> str:
    """Return the whole URL of a view on this server, language included; empty values are left out."""
    here = urlsplit(st.context.url or "")
    given = {name: str(value) for name, value in values.items() if value not in (None, "")}
    return f"{here.scheme}://{here.netloc}/{view}?{urlencode({**given, 'lang': st.session_state['lang']})}"

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


def write(**values: object) -> None:
    """Write the values into the URL and remember that it was us; empty ones are left out."""
    for key, value in values.items():
        text = "" if value is None else str(value)
        if text:
            st.query_params[key] = text
        else:
            st.query_params.pop(key, None)
        st.session_state[f"address.{key}"] = text


def page_number(name: str, rows: int, per_page: int, query: str) -> int:
    """Draw the pagination of `rows` and return the page, 1 the first; the URL names it as `name`.

    Another `query`, or a URL that says something else than was written there last, is another pagination.
    """
    pages = max(1, -(-rows // per_page))
    asked, turn = st.query_params.get(name, ""), st.session_state.get(f"turn.{name}", 0)
    if asked != st.session_state.get(f"address.{name}", ""):
        turn = st.session_state[f"turn.{name}"] = turn + 1
    start = min(max(int(asked), 1), pages) if asked.isdecimal() else 1
    first = st.session_state.setdefault(f"start.{name}.{query}.{turn}", start)
    number = st.pagination(pages, default=min(first, pages), key=f"{name}.{query}.{turn}") if pages > 1 else 1
    write(**{name: number if number > 1 else ""})
    return number


def to_first(name: str) -> None:
    """Send a pagination back to page 1: what a filter does when it changes."""
    st.query_params.pop(name, None)


def link(view: str, **values: object) -> str:
    """Return the whole URL of a view on this server, language included; empty values are left out."""
    here = urlsplit(st.context.url or "")
    given = {name: str(value) for name, value in values.items() if value not in (None, "")}
    return f"{here.scheme}://{here.netloc}/{view}?{urlencode({**given, 'lang': st.session_state['lang']})}"


def call(path: str, **values: object) -> str:
    """Return the path of a call of the API with its query; empty values are left out, several are repeated."""
    given = {name: value for name, value in values.items() if value not in (None, "", [])}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path

"""The house's Chinese over the words that Streamlit has in English only: its file box, and the hint below a text box.

A style sheet hides Streamlit's words and shows the house's in their place. It is made of the word files alone: nothing
here takes an argument, so no submitted text can get into it.
"""

import json

import streamlit as st

from dashboards.words import language, t

BOX = "[data-testid=stFileUploaderDropzone]"
HINT = "[data-testid=InputInstructions] > span:first-child"
PLACES = {
    "overlaid.choose": f"{BOX} [data-testid=stMarkdownContainer] p",
    "overlaid.limit": f"{BOX} [data-testid=stFileUploaderDropzoneInstructions] span",
    "overlaid.enter": f":is([data-testid=stTextInput], [data-testid=stNumberInput]) {HINT}",
    "overlaid.enter_area": f"[data-testid=stTextArea] {HINT}",
    "overlaid.enter_form": f"[data-testid=stForm] :is([data-testid=stTextInput], [data-testid=stNumberInput]) {HINT}",
}
"""Words -> where Streamlit's own stand; a later one wins where two fit."""


def sheet() -> str:
    """Return the style sheet in the reader's language; empty where Streamlit's own words are the reader's."""
    if language() == "en":
        return ""
    rules = []
    for key, place in PLACES.items():
        words = t(key, mb=st.get_option("server.maxUploadSize")) if key == "overlaid.limit" else t(key)
        told = json.dumps(words, ensure_ascii=False)
        rules.append(f"{place}{{font-size:0}}{place}::after{{font-size:0.875rem;content:{told}}}")
    return "".join(rules)


def overlay() -> None:
    """Lay the words over the page."""
    if told := sheet():
        st.html(f"<style>{told}</style>")

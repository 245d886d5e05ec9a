"""The router: language, navigation, the page that was asked for. Started by `factordb dashboard`."""

import streamlit as st

from dashboards.frame import banner, faults_in_words
from dashboards.words import choose_language, t

PAGES = ("todo", "factor", "release", "batches")
"""Without icons: a page's icon becomes the tab's, and the browser would fetch that from a font server."""

st.set_page_config(layout="wide")
choose_language()
chosen = st.navigation(
    [st.Page(f"views/{name}.py", title=t(f"page.{name}"), url_path=name, default=name == "todo") for name in PAGES],
)
st.set_page_config(page_title=f"{chosen.title} · factordb")
banner()
with faults_in_words():
    chosen.run()

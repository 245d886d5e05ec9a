"""The router: language, navigation, the page that was asked for. Started by `factordb dashboard`."""

import streamlit as st

from dashboards.frame import faults_in_words, top
from dashboards.words import settle_language, t

# without icons: a page's icon becomes the tab's, and the browser would fetch that from a font server
PAGES = ("todo", "factor", "release", "batches")

st.set_page_config(layout="wide")
settle_language()
top()
chosen = st.navigation(
    [st.Page(f"views/{name}.py", title=t(f"page.{name}"), url_path=name, default=name == "todo") for name in PAGES],
    position="top",
)
st.set_page_config(page_title=f"{chosen.title} · factordb")
with faults_in_words():
    chosen.run()

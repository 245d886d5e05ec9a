"""The router: language, who is there, navigation, the page that was asked for. Started by `factordb dashboard`."""

import streamlit as st

from dashboards import desk
from dashboards.frame import faults_in_words, top
from dashboards.places import SECTIONS
from dashboards.words import settle_language, t

st.set_page_config(layout="wide")
settle_language()
# without icons: a page's icon becomes the tab's, and the browser would fetch that from a font server
pages = {
    t(f"section.{section}"): [
        st.Page(f"views/{name}.py", title=t(f"page.{name}"), url_path=name, default=name == "todo") for name in names
    ]
    for section, names in SECTIONS.items()
}
chosen = st.navigation(pages, position="top")
st.set_page_config(page_title=f"{chosen.title} · factordb")
with faults_in_words():
    desk.settle()
    top()
    chosen.run()

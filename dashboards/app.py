"""The router: language, navigation, the page that was asked for. Started by `factordb dashboard`."""

import streamlit as st

from dashboards.frame import banner, faults_in_words
from dashboards.words import choose_language, t

PAGES = {
    "todo": ":material/checklist:",
    "factor": ":material/query_stats:",
    "release": ":material/inventory_2:",
    "batches": ":material/source:",
}

st.set_page_config(page_icon=":material/eco:", layout="wide")
choose_language()
chosen = st.navigation(
    [
        st.Page(f"views/{name}.py", title=t(f"page.{name}"), icon=icon, url_path=name, default=name == "todo")
        for name, icon in PAGES.items()
    ],
)
st.set_page_config(page_title=f"{chosen.title} · factordb")
banner()
with faults_in_words():
    chosen.run()

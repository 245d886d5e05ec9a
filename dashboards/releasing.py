"""Building a release at the desk: by a curator on the reviewers' route, by the declared operator elsewhere."""

import streamlit as st

from dashboards import asking, desk
from dashboards.frame import faults_in_words
from dashboards.safe import escaped
from dashboards.words import t


def build() -> None:
    """Draw the building of a release, and what it came to, once."""
    done = st.session_state.pop("release.told", "")
    if done:
        st.success(done, icon=":material/inventory_2:")
    if not desk.may("curator"):
        return
    reviewed = asking.library().mode() == "reviewed"
    with st.expander(t("release.build"), icon=":material/inventory_2:"):
        st.caption(t("release.build_reviewed" if reviewed else "release.build_single"))
        erratum = st.text_input(t("release.erratum"), key="release.erratum", max_chars=1000,
                                placeholder=t("release.erratum_hint"))  # fmt: skip
        reason = "" if reviewed else st.text_input(t("review.reason"), key="release.reason", max_chars=1000)
        if st.button(t("release.build_now"), disabled=not reviewed and not reason.strip(), type="primary"):
            with faults_in_words(), st.spinner(t("release.building")):
                if not reviewed:
                    asking.library().adopt(actor=desk.acting(), reason=reason)
                made = asking.library().release(actor=desk.acting(), erratum=erratum.strip())
                key = "release.same" if made.already else "release.built"
                st.session_state["release.told"] = t(key, release=escaped(made.release_id))
                st.session_state.pop("release", None)
                st.query_params.pop("release", None)
                st.rerun()


def sign_commands(name: str) -> None:
    """Draw how a release is signed: with a private key, which stays with its owner and never comes to a server."""
    with st.expander(t("release.sign"), icon=":material/signature:"):
        st.caption(t("release.sign_note"))
        st.code(f"factordb release sign {name} --key MY.key", language=None)

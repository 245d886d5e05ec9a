"""What stands around every page: the banner of the mode, and faults as a sentence and a remedy."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboards import desk
from dashboards.overlaid import overlay
from dashboards.safe import escaped
from dashboards.words import choose_language, language, t
from factordb import FactorDBError


def top() -> None:
    """Draw the mode, who is at the desk, and the language switch; lay the house's words over Streamlit's."""
    overlay()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        desk.banner()
        choose_language()


@contextmanager
def faults_in_words() -> Iterator[None]:
    """Show a fault of use or of the machine as what happened and how to mend it; a page never ends in a traceback."""
    try:
        yield
    except FactorDBError as fault:
        problem, remedy = fault.words(language())
        st.error(f"{escaped(problem)}  \n{t('frame.mend')}{escaped(remedy)}", icon=":material/error:")
    except Exception:
        logging.getLogger("factordb.dashboard").exception("a page could not be drawn")
        st.error(f"{t('frame.internal')}  \n{t('frame.mend')}{t('frame.internal_mend')}", icon=":material/error:")

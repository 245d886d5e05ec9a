"""A submission package at the desk: begun, checked against the whole checklist, and sent."""

import hashlib
from datetime import UTC, date, datetime

import streamlit as st

from dashboards import asking, checklist, desk
from dashboards.words import language, t
from factordb.dashboard import SentPackage, SubmissionReport, begun, check_package, package_kinds, send_package

ENDINGS = ["zip", "xlsx"]


def today() -> date:
    """Return the day of the check."""
    return datetime.now(tz=UTC).date()


def draw() -> None:
    """Draw the whole way of a package: begin, check, send."""
    _begin()
    st.markdown(f"**{t('package.step_file')}**")
    st.caption(t("package.file_hint"))
    given = st.file_uploader(t("package.file"), type=ENDINGS, key="check.package")
    if given is None:
        return
    sent = SentPackage(given.name, given.getvalue())
    if st.button(t("check.run"), icon=":material/fact_check:", type="primary"):
        with st.spinner(t("check.running")):
            st.session_state["package.done"] = (_mark(sent), check_package(sent, as_of=today()))
    mark, report = st.session_state.get("package.done", ("", None))
    if report is not None and mark == _mark(sent):
        st.subheader(t("check.result"), anchor=False)
        checklist.tell(report)
        _downloads(sent, report)
        _send(sent, report)
    elif report is not None:
        st.caption(t("check.changed"))


def _mark(sent: SentPackage) -> str:
    return hashlib.sha256(sent.name.encode() + b"\0" + sent.data).hexdigest()


def _begin() -> None:
    with st.expander(t("package.begin"), icon=":material/note_add:"):
        st.caption(t("package.begin_hint"))
        kinds = {name: said[language()] for name, said in package_kinds().items()}
        kind = st.selectbox(
            t("package.kind"), list(kinds), key="package.kind", width=480, format_func=kinds.__getitem__
        )
        st.download_button(t("package.empty"), lambda: begun(str(kind)), f"{kind}.zip", "application/zip",
                           icon=":material/download:")  # fmt: skip


def _downloads(sent: SentPackage, report: SubmissionReport) -> None:
    stem, lang, form = sent.name.rpartition(".")[0], language(), sent.form
    with st.container(horizontal=True):
        if form is not None:
            st.download_button(t("check.copy"), lambda: report.annotated(form, lang), f"{stem}.checked.xlsx",
                               icon=":material/download:")  # fmt: skip
        st.download_button(t("check.list"), report.table(lang), f"{stem}.findings.csv", icon=":material/download:")
        st.download_button(t("package.page"), report.page, f"{stem}.html", "text/html", icon=":material/download:")
    st.caption(t("check.copy_note"))


def _send(sent: SentPackage, report: SubmissionReport) -> None:
    st.subheader(t("check.submit"), anchor=False)
    if not desk.acting():
        st.info(t("check.submit_who"), icon=":material/person:")
        return
    st.caption(t("package.send_note"))
    if st.button(
        t("check.submit_now"), icon=":material/send:", disabled=report.verdict == "fail" or not report.factors
    ):
        with st.spinner(t("check.running")):
            made = send_package(asking.library(), sent, actor=desk.acting(), as_of=today())
        if made.batch is None:
            st.error(t("package.refused"), icon=":material/block:")
            checklist.tell(made.report)
            return
        key = "check.already" if made.batch.already else "check.submitted"
        st.success(t(key, batch=made.batch.batch_id, candidates=made.batch.candidates), icon=":material/send:")

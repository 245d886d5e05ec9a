"""提交与自检 submit and self-check: the same checks that wait for a submission, asked before it is made."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dashboards import address, asking, desk, package, shown
from dashboards.safe import escaped, seen
from dashboards.words import language, t, word
from factordb import describe_pipelines, mapping_template
from factordb.dashboard import Checked, CheckedLine, Sent, self_check, send

OWN = ""
TABLES = ["csv", "tsv", "txt", "xlsx", "xls", "parquet", "json", "zip"]
LINES = 500


def page() -> None:
    """Draw the page."""
    st.title(t("page.check"), anchor=False)
    kinds = {one: t(f"checkwhat.{one}") for one in ("table", "package")}
    address.seed("what", allowed=kinds, default="table")
    what = st.segmented_control(t("check.what"), list(kinds), key="what", format_func=kinds.__getitem__, required=True)
    address.write(what="" if what == "table" else what)
    if what == "package":
        package.draw()
        shown.here_and_there(
            address.link("check", what=what), "factordb submit check PACKAGE.zip --annotated CHECKED.xlsx\n"
            "factordb submit send PACKAGE.zip --actor ME", "library.receive(Path('PACKAGE.zip'), actor='ME')",
            "/v1/submissions",
        )  # fmt: skip
    else:
        _table_page()


def _table_page() -> None:
    st.caption(t("check.intro"))
    sent = _sent()
    if sent is not None and st.button(t("check.run"), icon=":material/fact_check:", type="primary"):
        with st.spinner(t("check.running")):
            st.session_state["check.done"] = self_check(sent, as_of=datetime.now(tz=UTC).date())
    done: Checked | None = st.session_state.get("check.done")
    if done is not None and sent is not None and done.sent == sent:
        _told(done)
        _submit(done)
    elif done is not None:
        st.caption(t("check.changed"))
    shown.here_and_there(
        address.link("check", pipeline=st.session_state["pipeline"]),
        "factordb init --library /tmp/check\nfactordb intake --library /tmp/check --mapping MAPPING.toml TABLE\n"
        "factordb appraise --library /tmp/check --strict",
    )


def _sent() -> Sent | None:
    """Draw what is asked for, and return it once it is whole."""
    known = {one["name"]: one for one in describe_pipelines()}
    address.seed("pipeline", allowed=(OWN, *known), default=OWN)
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{t('check.step_table')}**")
        st.caption(t("check.table_hint", kinds="、".join(TABLES) if language() == "zh" else ", ".join(TABLES)))
        table = st.file_uploader(t("check.table"), type=TABLES, key="check.table")
    with right:
        st.markdown(f"**{t('check.step_reading')}**")
        titles = {OWN: t("check.own"), **{name: shown.either(one, "title") for name, one in known.items()}}
        chosen = st.selectbox(t("check.reading"), list(titles), key="pipeline", format_func=titles.__getitem__)
        mapping = "" if chosen else _mapping()
    address.write(pipeline=chosen)
    if table is None or not (chosen or mapping):
        return None
    return Sent(table.name, table.getvalue(), pipeline=chosen, mapping=mapping)


def _mapping() -> str:
    st.caption(t("check.mapping_hint"))
    given = st.file_uploader(t("check.mapping"), type=["toml"], key="check.mapping")
    st.download_button(
        t("check.template"), mapping_template(), "mapping.toml", "application/toml", icon=":material/download:"
    )
    return given.getvalue().decode("utf-8", "replace") if given is not None else ""


def _told(done: Checked) -> None:
    st.subheader(t("check.result"), anchor=False)
    report = done.report
    st.markdown(t("batch.balance", rows=report.rows, staged=report.rows_staged, refused=report.rows_refused))
    shown.tiles((name, f"{number:,}") for name, number in _numbers(done))
    for note in report.notes:
        st.info(escaped(note[0] if language() == "zh" else note[1]), icon=":material/info:")
    if done.blocked:
        st.error(t("check.blocked"), icon=":material/cancel:")
    elif done.report.refused:
        st.error(t("check.some_refused", count=done.report.refused), icon=":material/block:")
    elif done.lines:
        st.warning(t("check.remarks"), icon=":material/rule:")
    else:
        st.success(t("check.clean"), icon=":material/check_circle:")
    _lines(done)
    with st.expander(t("check.not_asked", count=len(done.not_asked))):
        st.caption(t("check.not_asked_note"))
        titles = {code: shown.either(asking.rules().get(code, {}), "title") for code in done.not_asked}
        st.text("\n".join(f"{code}  {title}" for code, title in titles.items()) or "—")


def _numbers(done: Checked) -> list[tuple[str, int]]:
    verdicts = [(word("verdict", one), done.verdicts.get(one, 0)) for one in ("pass", "needs_person", "insufficient")]
    return [
        *verdicts,
        (word("verdict", "fail"), done.verdicts.get("fail", 0)),
        (t("check.refused"), done.report.refused),
    ]


def _lines(done: Checked) -> None:
    lang = language()
    columns = {one: t(f"column.{one}") for one in ("cell", "severity", "code", "message", "fix", "why", "field")}
    lines, key = [_line(one, lang) for one in done.lines[:LINES]], f"check-{done.report.batch_id}-{lang}"
    shown.table(lines, columns, key=key, alt=t("check.findings"))
    if len(done.lines) > LINES:
        st.caption(t("check.more", shown=LINES, total=len(done.lines)))
    stem = done.sent.name.rpartition(".")[0] or done.sent.name
    with st.container(horizontal=True):
        st.download_button(t("check.copy"), lambda: done.copy(lang), f"{stem}.checked.xlsx", icon=":material/download:")
        st.download_button(t("check.list"), done.table(lang), f"{stem}.findings.csv", icon=":material/download:")
    st.caption(t("check.copy_note"))


def _line(one: CheckedLine, lang: str) -> dict[str, Any]:
    severity = t("check.refused") if one.severity == "refused" else word("severity", one.severity)
    told = {"message": seen(one.message[lang]), "fix": seen(shown.unticked(one.fix[lang])), "why": seen(one.why[lang])}
    place = {"cell": one.cell or str(one.row_no), "field": shown.field(one.field)}
    return {**place, "severity": severity, "code": one.code, **told}


def _submit(done: Checked) -> None:
    st.subheader(t("check.submit"), anchor=False)
    if not desk.acting():
        st.info(t("check.submit_who"), icon=":material/person:")
        return
    st.caption(t("check.submit_note"))
    if st.button(t("check.submit_now"), icon=":material/send:", disabled=done.blocked):
        today = datetime.now(tz=UTC).date()
        report = send(asking.library(), done.sent, actor=desk.acting(), as_of=today)
        key = "check.already" if report.already else "check.submitted"
        st.success(t(key, batch=report.batch_id, candidates=report.candidates), icon=":material/send:")


page()

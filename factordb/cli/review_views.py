"""What `factordb review` shows: batches, the queue, one case, its letter, its log, what is due."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from factordb.cli.console import out, out_json, speech, t, table
from factordb.cli.reviewing_words import (
    DEFAULT_LIBRARY,
    CaseArgument,
    JsonOption,
    LibraryOption,
    SaveOption,
    differences,
    name_of,
    named,
    save_seen,
    warn_of_due,
)

LimitOption = Annotated[int, typer.Option("--limit", min=1, max=100_000, help=t("help.limit"))]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group."""
    for name, command in (
        ("batches", batches), ("queue", queue), ("show", show), ("letter", letter), ("log", log), ("due", due),
    ):  # fmt: skip
        app.command(name, help=t(f"help.review_{name}"))(command)


def batches(*, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """List the batches and who submitted them."""
    from factordb import Library

    rows = Library.open(library).submissions()
    if as_json:
        out_json(rows)
        return
    table(
        t("table.batches_taken"),
        [t("column.batch"), t("column.pipeline"), t("column.submitter"), t("column.candidates") + "#"],
        [[row["batch_id"], row["pipeline"], row["submitter"], row["candidates"]] for row in rows],
    )


def queue(
    *,
    actor: Annotated[str, typer.Option("--as", envvar="FACTORDB_PERSON", help=t("help.as_person"))] = "",
    standing: Annotated[str, typer.Option("--standing", help=t("help.standing"))] = "",
    batch: Annotated[str, typer.Option("--batch", help=t("help.batch"))] = "",
    everything: Annotated[bool, typer.Option("--everything", help=t("help.everything"))] = False,
    save: SaveOption = None,
    limit: LimitOption = 50,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Show who waits for what."""
    from factordb import Library

    speech.json = as_json
    opened = Library.open(library)
    found = opened.cases(actor=actor, standing=standing, batch=batch, everything=everything)
    if save:
        save_seen(save, dict(zip(found["case_id"].to_pylist(), found["seen"].to_pylist(), strict=True)))
    rows = found.slice(0, limit).to_pylist()
    if as_json:
        out_json(rows)
        return
    table(
        f"{t('table.queue')} ({len(rows)}/{found.num_rows})",
        [t("column.case"), t("column.name"), t("column.value"), t("column.unit"), t("column.standing"),
         t("column.position") + "#", t("column.impact") + "#", t("column.progress"), t("column.open_findings") + "#",
         t("column.deadline"), t("column.waited") + "#", t("column.typical_days") + "#"],
        [[row["case_id"][:8], name_of(row), row["value_text"], row["unit"], row[speech.lang], row["position"],
          f"{row['impact']:.3g}", f"{row['approvals']}/2", row["open_findings"], row["deadline"] or "—",
          row["days"], "—" if row["typical_days"] is None else row["typical_days"]] for row in rows],
    )  # fmt: skip
    warn_of_due(opened)


def show(
    case: CaseArgument,
    *,
    save: SaveOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Show one case whole."""
    from factordb import Library

    speech.json = as_json
    opened = Library.open(library)
    about = opened.case(case)
    if save:
        save_seen(save, {about["case_id"]: about["seen"]})
    if as_json:
        out_json(about)
        return
    factor = opened.factor(about["candidate_id"])["candidate"][0]
    out(t("said.case_head", name=name_of(factor), case=about["case_id"], standing=about[speech.lang],
          impact=f"{about['impact']:.3g}", submitter=about["submitter"], organisation=about["organisation"],
          deadline=about["deadline"] or "—"))  # fmt: skip
    if about["predecessor"]:
        out(t("said.predecessor", case=about["predecessor"]))
    _findings(about["findings"])
    differences(t("said.compared_release"), about["against_release"])
    differences(t("said.compared_predecessor"), about["against_predecessor"])
    _opinions(about)
    _log(about["log"])
    out(t("said.seen_is", seen=about["seen"]))


def letter(case: CaseArgument, *, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Print the letter of a return."""
    from factordb import Library

    said = Library.open(library).letter(case)
    out_json(said) if as_json else out(said[speech.lang])


def log(case: CaseArgument, *, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Print the log of a case."""
    from factordb import Library

    rows = Library.open(library).case(case)["log"]
    out_json(rows) if as_json else _log(rows)


def due(
    *,
    days: Annotated[int | None, typer.Option("--days", min=0, max=100_000, help=t("help.days"))] = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """List what is due."""
    from factordb import Library

    opened = Library.open(library)
    asked = opened.notice_days if days is None else days
    rows = opened.due(asked)
    if as_json:
        out_json(rows)
    elif not rows:
        out(t("said.nothing_due", days=asked))
    else:
        table(
            t("table.due"),
            [t("column.due_on"), t("column.left_days") + "#", t("column.due_kind"), t("column.name"),
             t("column.region"), t("column.year")],
            [[row["due_on"], row["days"], t(f"due.{row['kind']}"), name_of(row), row["region"], row["reference_year"]]
             for row in rows],
        )  # fmt: skip


def _findings(findings: Mapping[str, str]) -> None:
    if findings:
        from factordb.cli.console import word

        table(
            t("table.case_findings"),
            [t("column.code"), t("column.severity")],
            [[code, word("severity", severity)] for code, severity in findings.items()],
        )


def _opinions(about: Mapping[str, Any]) -> None:
    if about["opinions"]:
        table(
            t("table.opinions"),
            [t("column.person"), t("column.kinds"), t("column.opinion"), t("column.words_of"), t("column.counts")],
            [[one["person_id"], named("kinds", [one["kind"]]),
              named("actions", ["approve" if one["approves"] else "dissent"]), one["reason"],
              t(f"answer.{'yes' if one['counts'] else 'no'}")] for one in about["opinions"]],
        )  # fmt: skip
    if about["overrides"]:
        table(
            t("table.overrides"),
            [t("column.code"), t("column.person"), t("column.words_of"), t("column.counts")],
            [[one["finding"], one["person_id"], one["reason"], t(f"answer.{'yes' if one['counts'] else 'no'}")]
             for one in about["overrides"]],
        )  # fmt: skip
    if about["comments"]:
        table(
            t("table.comments"),
            [t("column.field"), t("column.person"), t("column.words_of"), t("column.standing")],
            [[one["field"] or "—", one["person_id"], one["comment"],
              t(f"answer.{'sent' if one['sent'] else 'draft'}")] for one in about["comments"]],
        )  # fmt: skip


def _log(rows: list[dict[str, Any]]) -> None:
    table(
        t("table.log"),
        ["#", t("column.action"), t("column.person"), t("column.kinds"), t("column.code"), t("column.words_of"),
         t("column.when_done")],
        [[row["seq"], named("actions", [row["action"]]), " → ".join(filter(None, (row["person_id"], row["assignee"]))),
          named("kinds", [row["kind"]] if row["kind"] else []), row["finding"], row["reason"], row["acted_on"]]
         for row in rows],
    )  # fmt: skip

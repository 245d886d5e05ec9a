"""`factordb review`: the reviewers' route as commands. `--as` says who acts; roles come from the library alone."""

from typing import Annotated, Any

import typer

from factordb.cli import people, review_views
from factordb.cli.console import note, out, out_json, speech, t
from factordb.cli.reviewing_words import (
    DEFAULT_LIBRARY,
    AllOption,
    AsOption,
    CaseArgument,
    CasesArgument,
    DeadlineOption,
    JsonOption,
    KindOption,
    LibraryOption,
    ReasonOption,
    SeenOption,
    SkipOption,
    chosen,
    day,
    looked,
    tell,
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(people.app, name="person", help=t("help.review_person"))
review_views.add_to(app)


@app.command("open", help=t("help.review_open"))
def open_cases(
    batch: Annotated[str, typer.Argument(help=t("help.batch_newest"))] = "",
    *,
    carried: Annotated[bool, typer.Option("--carried", help=t("help.carried"))] = False,
    actor: AsOption,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Open a case for each candidate of a batch, or for each factor carried over that has none."""
    from factordb import Library
    from factordb.errors import UsageError

    if carried and batch:
        raise UsageError(
            problem="--carried takes no batch: it is about the newest release",
            remedy="leave one of the two out",
            problem_zh="--carried 针对最新发布，不与批次并用",
            remedy_zh="请二者择一",
        )
    opened = Library.open(library)
    done = opened.open_carried(actor=actor) if carried else opened.open_cases(batch, actor=actor)
    if as_json:
        out_json({"batch": batch, "cases": list(done.cases)})
    elif carried:
        out(t("said.opened_carried", n=len(done.cases)))
    else:
        out(t("said.opened", n=len(done.cases), batch=batch or opened.submissions()[-1]["batch_id"]))


@app.command(help=t("help.review_assign"))
def assign(
    cases: CasesArgument = None,
    *,
    to: Annotated[str, typer.Option("--to", help=t("help.to"))],
    kind: KindOption,
    actor: AsOption,
    deadline: DeadlineOption = None,
    seen: SeenOption = "",
    everything: AllOption = False,
    skip_conflicts: SkipOption = False,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Assign a reviewer for one kind of review."""
    from factordb import Library

    speech.json = as_json
    these = chosen(cases, looked(seen), everything=everything)
    done = Library.open(library).assign(
        these, to, kind, actor=actor, due_on=day(deadline), skip_conflicts=skip_conflicts
    )
    tell(done, as_json=as_json)


@app.command(help=t("help.review_unassign"))
def unassign(
    cases: CasesArgument = None,
    *,
    to: Annotated[str, typer.Option("--to", help=t("help.to"))],
    kind: KindOption,
    reason: ReasonOption,
    actor: AsOption,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Revoke an assignment."""
    from factordb import Library

    done = Library.open(library).unassign(list(cases or []), to, kind, reason=reason, actor=actor)
    tell(done, as_json=as_json)


@app.command(help=t("help.review_approve"))
def approve(
    cases: CasesArgument = None,
    *,
    kind: KindOption,
    seen: SeenOption,
    actor: AsOption,
    reason: ReasonOption = "",
    everything: AllOption = False,
    skip_conflicts: SkipOption = False,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Approve in one kind of review."""
    from factordb import Library

    saw = looked(seen)
    done = Library.open(library).approve(
        chosen(cases, saw, everything=everything), kind, seen=saw, actor=actor, reason=reason,
        skip_conflicts=skip_conflicts,
    )  # fmt: skip
    tell(done, as_json=as_json)


@app.command(help=t("help.review_dissent"))
def dissent(
    cases: CasesArgument = None,
    *,
    kind: KindOption,
    seen: SeenOption,
    reason: ReasonOption,
    actor: AsOption,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Dissent, in writing."""
    from factordb import Library

    done = Library.open(library).dissent(list(cases or []), kind, seen=looked(seen), reason=reason, actor=actor)
    tell(done, as_json=as_json)


@app.command(help=t("help.review_override"))
def override(
    cases: CasesArgument = None,
    *,
    finding: Annotated[str, typer.Option("--finding", help=t("help.finding"))],
    seen: SeenOption,
    reason: ReasonOption,
    actor: AsOption,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Override a finding, or second an override."""
    from factordb import Library

    done = Library.open(library).override(list(cases or []), finding, seen=looked(seen), reason=reason, actor=actor)
    tell(done, as_json=as_json)


@app.command(help=t("help.review_adopt"))
def adopt(
    cases: CasesArgument = None,
    *,
    seen: SeenOption,
    reason: ReasonOption,
    actor: AsOption,
    everything: AllOption = False,
    skip_conflicts: SkipOption = False,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Adopt, and record the decision of the next release."""
    from factordb import Library

    saw = looked(seen)
    done, decision = Library.open(library).adopt_cases(
        chosen(cases, saw, everything=everything), seen=saw, reason=reason, actor=actor, skip_conflicts=skip_conflicts
    )
    tell(done, as_json=as_json, decision=decision.decision_id, items=decision.items, waiting=decision.waiting)
    if decision.waiting:
        note(t("said.adoption_waits", waiting=decision.waiting, release=decision.base_release))
    elif not as_json:
        out(t("said.decided", id=decision.decision_id, items=decision.items))


@app.command(help=t("help.review_comment"))
def comment(
    case: CaseArgument,
    text: Annotated[str, typer.Argument(help=t("help.comment_text"))],
    *,
    field: Annotated[str, typer.Option("--field", help=t("help.comment_field"))] = "",
    actor: AsOption,
    library: LibraryOption = DEFAULT_LIBRARY,
) -> None:
    """Remark on a field of a case."""
    from factordb import Library

    Library.open(library).comment(case, text, field=field, actor=actor)
    out(t("said.commented"))


def _deciding(name: str, verb: str) -> None:
    """Add a command that takes cases, what was seen, and a reason."""

    def command(
        cases: CasesArgument = None,
        *,
        seen: SeenOption,
        reason: ReasonOption,
        actor: AsOption,
        library: LibraryOption = DEFAULT_LIBRARY,
        as_json: JsonOption = False,
    ) -> None:
        from factordb import Library

        act: Any = getattr(Library.open(library), verb)
        tell(act(list(cases or []), seen=looked(seen), reason=reason, actor=actor), as_json=as_json)

    command.__doc__ = f"Do `{verb}` on cases."
    app.command(name, help=t(f"help.review_{name}"))(command)


for _name, _verb in (
    ("return", "return_case"), ("reject", "reject"), ("withdraw", "withdraw"), ("supersede", "supersede"),
    ("demote", "demote"), ("expire", "expire"),
):  # fmt: skip
    _deciding(_name, _verb)

"""`factordb standard`: the registry of standards for product carbon footprints."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli.console import note, out, out_json, speech, t, table, word

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
DayOption = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help=t("help.standard_as_of"))]
ActorOption = Annotated[str, typer.Option("--actor", "--as", help=t("help.standard_actor"))]
NumberArgument = Annotated[str, typer.Argument(help=t("help.standard_number"))]
DEFAULT_LIBRARY = Path("library")
_LINES = (
    *("title_en", "product_zh", "product_en", "gbt4754", "nbs", "cpc", "isic", "hs", "end_product", "boundary"),
    *("issued_on", "in_force_on", "ended_on", "issuer", "region", "conforms_to", "replaces", "replaced_by"),
    *("source", "source_place", "retrieved_on", "confidence"),
)
_WORDED = ("criterion", "judgement", "conclusion")
_SEVERITIES = ("block", "gap", "review", "advise")


def _opened(library: Path) -> Any:
    from factordb import Library

    return Library.open(library)


def _day(given: datetime | None) -> Any:
    return given.date() if given else None


def _word(section: str, value: str) -> str:
    from factordb import standard_words

    return standard_words()[section].get(value, {}).get(speech.lang, value)


@app.command("list", help=t("help.standard_list"))
def list_(
    text: Annotated[str, typer.Argument(help=t("help.standard_text"))] = "",
    *,
    level: Annotated[str, typer.Option("--level", help=t("help.standard_level"))] = "",
    status: Annotated[str, typer.Option("--status", help=t("help.standard_status"))] = "",
    subject: Annotated[str, typer.Option("--subject", help=t("help.standard_subject"))] = "",
    code: Annotated[list[str] | None, typer.Option("--code", help=t("help.standard_code"))] = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """List standards."""
    asked = {"level": level, "status": status, "subject": subject, **dict(_pair(one) for one in code or [])}
    found = _opened(library).standards(text, **{name: value for name, value in asked.items() if value})
    if as_json:
        out_json(found)
        return
    names = ("number", "title", "level", "status", "in_force")
    table(
        t("table.standards"),
        [t(f"column.standard_{name}") for name in names],
        [[one["number"], one[f"title_{speech.lang}"] or one["title_zh"], _word("level", one["level"]),
          _word("status", one["status"]), one["in_force_on"]] for one in found],
    )  # fmt: skip
    note(t("said.standards_found", n=len(found)))


def _pair(given: str) -> tuple[str, str]:
    from factordb.errors import UsageError

    name, equals, value = given.partition("=")
    if not equals:
        raise UsageError(
            problem=f"{given!r} is no product code",
            remedy="write it as in --code hs=7601",
            problem_zh=f"{given!r} 不是产品代码条件",
            remedy_zh="请按 --code hs=7601 的形式书写",
        )
    return name, value


@app.command(help=t("help.standard_show"))
def show(
    number: NumberArgument,
    *,
    as_of: DayOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Show one standard."""
    found = _opened(library).standard(number, as_of=_day(as_of))
    if as_json:
        out_json(found)
        return
    one = found["standard"]
    out(f"{one['number']}  {one['title_zh']}")
    out(f"  {_word('level', one['level'])} · {_word('status', one['status'])} · {_word('subject', one['subject'])}")
    for name in _LINES:
        value = one[name]
        if value not in (None, "", []):
            told = found["source"].get(f"what_{speech.lang}") if name == "source" else None
            out(f"  {_word('field', name)}: {told or _value(name, value)}")
    _acts(found)
    _findings(found["findings"])
    if one["level"] == "group":
        _conditions(found["eligibility"])


def _value(name: str, value: Any) -> str:
    """Return the cell of a record for a reader."""
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, bool):
        return t("said.standard_yes" if value else "said.standard_no")
    return word("boundary", value) if name == "boundary" else str(value)


def _acts(found: dict[str, Any]) -> None:
    for name in ("citations", "assessments", "evaluations"):
        if found[name]:
            out(t(f"table.standard_{name}"))
            for each in found[name]:
                told = {key: _word(key, value) if key in _WORDED else value for key, value in each.items() if value}
                out("  " + "; ".join(f"{_word('act', key)} {value}" for key, value in told.items() if key != "number"))


def _conditions(asked: dict[str, Any]) -> None:
    table(
        t("table.standard_conditions"),
        [t("column.standard_condition"), t("column.standard_held"), t("column.standard_found")],
        [
            [each[speech.lang], "√" if each["held"] else "×", _word("level", _word("judgement", each["found"]))]
            for each in asked["conditions"]
        ],
    )
    out(t("said.standard_eligible" if asked["eligible"] else "said.standard_not_eligible"))


def _findings(found: list[dict[str, Any]]) -> None:
    if not found:
        out(t("said.standard_none"))
        return
    table(
        "",
        [t(f"column.standard_{name}") for name in ("code", "severity", "number", "place", "why", "remedy")],
        [[one["code"], word("severity", one["severity"]), one["standard"], _word("field", one["place"]),
          one[speech.lang], one[f"fix_{speech.lang}"]] for one in found],
    )  # fmt: skip
    counts = {name: sum(one["severity"] == name for one in found) for name in _SEVERITIES}
    out(t("said.standard_findings", n=len(found), **counts))


def _end(found: list[dict[str, Any]]) -> None:
    """End with 3 where something blocks, with 4 where only something is missing."""
    from factordb.errors import ExitCode

    graves = {one["severity"] for one in found}
    if "block" in graves:
        raise typer.Exit(int(ExitCode.BLOCKING))
    if "gap" in graves:
        raise typer.Exit(int(ExitCode.GAPS))


@app.command(help=t("help.standard_check"))
def check(
    file: Annotated[Path | None, typer.Argument(help=t("help.standard_file"))] = None,
    *,
    as_of: DayOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Check the registry, or a file."""
    report = _opened(library).check_standards(file, as_of=_day(as_of)).as_dict()
    if as_json:
        out_json(report)
    else:
        _findings(report["findings"])
        if file:
            _counts("said.standard_checked", report)
    _end(report["findings"])


@app.command("import", help=t("help.standard_import"))
def import_(
    file: Annotated[Path, typer.Argument(help=t("help.standard_file"))],
    *,
    actor: ActorOption = "operator",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=t("help.standard_dry_run"))] = False,
    as_of: DayOption = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Import standards; 3 where rows were refused."""
    from factordb.errors import ExitCode

    found = _opened(library).import_standards(file, actor=actor, as_of=_day(as_of), dry_run=dry_run)
    report = found.as_dict()
    if as_json:
        out_json(report)
    else:
        _findings(report["findings"])
        _counts("said.standard_checked" if dry_run else "said.standard_imported", report)
    if report["refused"]:
        raise typer.Exit(int(ExitCode.BLOCKING))


def _counts(key: str, report: dict[str, Any]) -> None:
    numbers = {name: len(report[name]) for name in ("entered", "unchanged")}
    out(t(key, rows=report["rows"], refused=report["refused"], **numbers))


@app.command(help=t("help.standard_form"))
def form(
    file: Annotated[Path, typer.Argument(help=t("help.standard_file"))],
    *,
    filled: Annotated[bool, typer.Option("--filled", help=t("help.standard_filled"))] = False,
    library: LibraryOption = DEFAULT_LIBRARY,
) -> None:
    """Write the import form."""
    from factordb import Library

    rows = _opened(library).standards() if filled else []
    out(t("said.standard_written", path=Library.standard_form(file, rows)))


@app.command(help=t("help.standard_cite"))
def cite(
    number: NumberArgument,
    *,
    factor: Annotated[str, typer.Option("--factor", help=t("help.standard_factor"))] = "",
    release: Annotated[str, typer.Option("--release", help=t("help.standard_release"))] = "",
    database: Annotated[str, typer.Option("--database", help=t("help.standard_database"))] = "",
    edition: Annotated[str, typer.Option("--edition", help=t("help.standard_edition"))] = "",
    place: Annotated[str, typer.Option("--place", help=t("help.standard_place"))] = "",
    actor: ActorOption = "operator",
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Record a citation."""
    done = _opened(library).cite_in_standard(
        number, factor=factor, release=release, database=database, edition=edition, place=place, actor=actor
    )
    _recorded(done, as_json=as_json)


def _recorded(done: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        out_json(done)
    else:
        out(t("said.standard_recorded", number=done["number"]))


@app.command(help=t("help.standard_assess"))
def assess(
    number: NumberArgument,
    *,
    criterion: Annotated[str, typer.Option("--criterion", help=t("help.standard_criterion"))],
    judgement: Annotated[str, typer.Option("--judgement", help=t("help.standard_judgement"))],
    evidence: Annotated[str, typer.Option("--evidence", help=t("help.standard_evidence"))],
    evidence_file: Annotated[
        Path | None, typer.Option("--evidence-file", help=t("help.standard_evidence_file"))
    ] = None,
    actor: ActorOption = "operator",
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Record an assessment by clause (十五)."""
    done = _opened(library).assess_standard(
        number, criterion, judgement, evidence=evidence, evidence_file=evidence_file, actor=actor
    )
    _recorded(done, as_json=as_json)


@app.command(help=t("help.standard_evaluate"))
def evaluate(
    number: Annotated[str, typer.Argument(help=t("help.standard_number"))] = "",
    *,
    conclusion: Annotated[str, typer.Option("--conclusion", help=t("help.standard_conclusion"))] = "",
    reason: Annotated[str, typer.Option("--reason", help=t("help.standard_reason"))] = "",
    other: Annotated[str, typer.Option("--into", help=t("help.standard_other"))] = "",
    as_of: DayOption = None,
    actor: ActorOption = "operator",
    library: LibraryOption = DEFAULT_LIBRARY,
    as_json: JsonOption = False,
) -> None:
    """Say the report of clause (十二), or record a conclusion."""
    opened = _opened(library)
    if number:
        done = opened.evaluate_standard(number, conclusion, reason=reason, other=other, actor=actor)
        _recorded(done, as_json=as_json)
        return
    report = opened.post_evaluation(as_of=_day(as_of))
    if as_json:
        out_json(report)
        return
    for name in ("duplicate", "not_to_stand_beside", "to_be_withdrawn", "inconsistent", "overdue",
                 "not_consistent_with_general"):  # fmt: skip
        out(f"{t(f'table.standard_{name}')}: {len(report[name])}")
        for one in report[name]:
            out(f"  {one['code']} {one[speech.lang]}")
    out(f"{t('table.standard_evaluations')}: {len(report['concluded'])}")
    for one in report["concluded"]:
        out(f"  {one['number']} {_word('conclusion', one['conclusion'])} {one['other']} {one['reason']}")
    for each in report["eligible"]:
        out(f"{each}: {t('said.standard_eligible')}")


@app.command(help=t("help.standard_coverage"))
def coverage(*, as_of: DayOption = None, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """Say how far the targets are."""
    found = _opened(library).standards_coverage(as_of=_day(as_of))
    if as_json:
        out_json(found)
        return
    levels = ("、" if speech.lang == "zh" else ", ").join(_word("level", one) for one in found["levels"])
    out(t("said.standard_counted", as_of=found["as_of"], counted=found["counted"], levels=levels))
    for one in found["targets"]:
        told = {name: one[name] for name in ("year", "standards", "counted", "missing", "share")}
        out(f"  {t('said.standard_target', **told)}  {one[f'basis_{speech.lang}']}")
    table(
        t("table.standard_levels"),
        [t("column.standard_level"), t("column.standard_count") + "#"],
        [[_word("level", level), count] for level, count in found["by_level"].items()],
    )

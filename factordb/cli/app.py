"""The main path as commands: init, run, intake, appraise; and how every fault becomes one sentence and a remedy."""

import errno
import os
import sys
from datetime import date, datetime
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli import (
    api,
    catalogue,
    exchange,
    factors,
    footprint,
    health,
    keys,
    ledger,
    lineage,
    releases,
    review,
    standard,
    submit,
    uncertainty,
)
from factordb.cli.console import Bar, fail, note, out, out_json, printable, speech, t, table, word, word_of_system

HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    help=t("help.app"),
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings=HELP,
    epilog=t("help.epilog"),
)
app.add_typer(releases.app, name="release", help=t("help.release"))
app.add_typer(factors.app, name="factor", help=t("help.factor"))
app.add_typer(footprint.app, name="footprint", help=t("help.footprint"))
app.add_typer(uncertainty.app, name="uncertainty", help=t("help.uncertainty"))
app.add_typer(keys.app, name="key", help=t("help.key"))
app.add_typer(ledger.app, name="ledger", help=t("help.ledger"))
app.add_typer(lineage.app, name="lineage", help=t("help.lineage"))
app.add_typer(review.app, name="review", help=t("help.review"))
app.add_typer(submit.app, name="submit", help=t("help.submit"))
app.add_typer(standard.app, name="standard", help=t("help.standard"))
app.add_typer(api.app, name="api", help=t("help.api"))
catalogue.add_to(app)
health.add_to(app)
exchange.add_to(app)

LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
AsOfOption = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help=t("help.as_of"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
SeedOption = Annotated[int, typer.Option("--seed", help=t("help.seed"))]
GateOption = Annotated[bool, typer.Option("--gate/--no-gate", help=t("help.gate"))]
PolicyOption = Annotated[str, typer.Option("--policy", help=t("help.policy"))]
SchemeOption = Annotated[str, typer.Option("--scheme", help=t("help.scheme"))]
ActorOption = Annotated[str, typer.Option("--actor", help=t("help.actor"))]

DEFAULT_LIBRARY = Path("library")
DEFAULT_SEED = 20260101
INTERRUPTED = 130


def who() -> str:
    """Return the name of the user of this machine: who acts unless --actor names somebody."""
    return os.environ.get("USER") or os.environ.get("USERNAME") or "operator"


def _version(asked: bool) -> None:
    """Print the version and end."""
    if asked:
        out(f"factordb {metadata.version('factordb')}")
        raise typer.Exit


@app.callback()
def options(
    lang: Annotated[str, typer.Option("--lang", help=t("help.lang"))] = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help=t("help.quiet"))] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help=t("help.version"))
    ] = False,
) -> None:
    """Take the options of the program; the language was taken from the arguments before help was made."""
    del version  # told by its callback
    if lang:
        raise typer.BadParameter(t("fault.lang", lang=lang))
    speech.quiet = speech.quiet or quiet


@app.command(help=t("help.init"))
def init(
    library: LibraryOption = DEFAULT_LIBRARY,
    *,
    mode: Annotated[str, typer.Option("--mode", help=t("help.mode"))] = "",
    actor: Annotated[str, typer.Option("--as", envvar="FACTORDB_PERSON", help=t("help.as_person"))] = "",
    as_json: JsonOption = False,
) -> None:
    """Make an empty library; with --mode, declare how it decides."""
    from factordb import Library

    made = Library.open(library, create=True)
    if mode:
        made.declare_mode(mode, actor=actor or who())
    if as_json:
        out_json({"library": str(made.workspace.root), "mode": made.mode()})
        return
    out(t("said.init", path=made.workspace.root))
    out(t("said.mode", mode=made.mode()))


@app.command(help=t("help.intake"))
def intake(
    files: Annotated[list[Path] | None, typer.Argument(help=t("help.files"))] = None,
    *,
    pipeline: Annotated[str, typer.Option("--pipeline", "-p", help=t("help.pipeline"))] = "",
    mapping: Annotated[Path | None, typer.Option("--mapping", "-m", help=t("help.mapping"))] = None,
    library: LibraryOption = DEFAULT_LIBRARY,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take a source's files in: every row is staged or refused."""
    from factordb import Library, read_mapping
    from factordb.errors import UsageError

    if bool(pipeline) == bool(mapping):
        raise UsageError(
            problem="name a pipeline or a mapping file, one of the two",
            remedy="`factordb pipelines` lists them; `factordb pipelines --template` prints a mapping to fill in",
            problem_zh="请指定管线或映射文件，二者择一",
            remedy_zh="`factordb pipelines` 列出管线；`factordb pipelines --template` 打印映射模板",
        )
    speech.json = as_json
    opened = Library.open(library, create=True)
    declared, sources = read_mapping(mapping) if mapping else (pipeline, ())
    with Bar() as bar:
        report = opened.intake(declared, files or [], actor=actor or who(), sources=sources, progress=bar)
    for zh, en in report.notes:
        note(zh if speech.lang == "zh" else en)
    if as_json:
        out_json(_plain(report))
    else:
        _say_intake(report)


@app.command(help=t("help.appraise"))
def appraise(
    library: LibraryOption = DEFAULT_LIBRARY,
    *,
    as_of: AsOfOption = None,
    scheme: SchemeOption = "cifa-ef",
    policy: PolicyOption = "clause5",
    seed: SeedOption = DEFAULT_SEED,
    again: Annotated[bool, typer.Option("--again", help=t("help.again"))] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=t("help.dry_run"))] = False,
    gate: GateOption = True,
    strict: Annotated[bool, typer.Option("--strict", help=t("help.strict"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Appraise what waits for it: checks, uncertainty, rating, verdict."""
    from factordb import Library

    speech.json = as_json
    opened = Library.open(library)
    with Bar() as bar:
        report = opened.appraise(
            as_of=_day(as_of), scheme=scheme, policy=policy, seed=seed, again=again, dry_run=dry_run, gate=gate,
            progress=bar, actor=who(),
        )  # fmt: skip
    if report is None:
        out_json({"appraised": 0}) if as_json else out(t("said.nothing_waits"))
        return
    rows = report.overview.matrix.to_pylist()
    if as_json:
        out_json({**_plain(report), "reasons": rows})
    else:
        out(t("said.appraised", candidates=report.candidates, findings=report.findings, eligible=report.eligible,
              id=report.appraisal_id))  # fmt: skip
        matrix(rows)
        _say_gate(report.gate)
    if strict:
        raise typer.Exit(opened.strict_exit_code())


@app.command(help=t("help.run"))
def run_main_job(
    library: LibraryOption = DEFAULT_LIBRARY,
    *,
    as_of: AsOfOption = None,
    scheme: SchemeOption = "cifa-ef",
    policy: PolicyOption = "clause5",
    seed: SeedOption = DEFAULT_SEED,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=t("help.dry_run"))] = False,
    gate: GateOption = True,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Do the whole job on the shipped sources: intake, appraisal, single-operator decision, release."""
    from factordb import Library

    speech.json = as_json
    opened = Library.open(library, create=True)
    with Bar() as bar:
        report = opened.run(
            as_of=_day(as_of), scheme=scheme, policy=policy, seed=seed, dry_run=dry_run, gate=gate,
            actor=actor or who(), progress=bar,
        )  # fmt: skip
    if as_json:
        out_json(report.as_dict())
        return
    out(t("said.run_head"))
    table(
        t("table.sources"),
        [t("column.pipeline"), t("column.rows") + "#", t("column.staged") + "#", t("column.refused") + "#",
         t("column.candidates") + "#", word("verdict", "pass") + "#", word("verdict", "needs_person") + "#",
         word("verdict", "insufficient") + "#", word("verdict", "fail") + "#", t("column.promoted") + "#"],
        [[row[key] for key in ("pipeline", "rows", "staged", "refused", "candidates", "pass", "needs_person",
                               "insufficient", "fail", "promoted")] for row in report.sources],
    )  # fmt: skip
    _say_held_back(report.held_back)
    _say_refused(report.refused)
    _say_gate(report.gate)
    if report.release is None:
        out(t("said.dry_run"))
        return
    table(
        t("table.promoted"),
        [t("column.name"), t("column.value") + "#", t("column.unit"), t("column.interval"), t("column.basis"),
         t("column.dqr") + "#"],
        [[row["name_zh" if speech.lang == "zh" else "name_en"] or row["name_zh"], row["value_text"], row["unit"],
          row["interval"], word("basis", row["basis"]), row["dqr"]] for row in report.promoted_head],
    )  # fmt: skip
    release = report.release
    out(t("said.promoted", **release.counts, more=max(sum(release.counts.values()) - len(report.promoted_head), 0)))
    out(t("said.release_same" if release.already else "said.release_new", id=release.release_id, path=release.path))
    out(t("said.approval", actor=report.actor))
    out(t("said.where", xlsx=release.path / "people" / "release.xlsx", html=release.path / "report.html",
          parquet=release.path / "data" / "gas_factors.parquet"))  # fmt: skip


app.registered_commands[-1].name = "run"


def _say_intake(report: Any) -> None:
    out(t("said.intake_again" if report.already else "said.intake", **_plain(report)))


def _say_held_back(rows: list[dict[str, Any]]) -> None:
    table(
        t("table.held_back"),
        [t("column.pipeline"), t("column.code"), t("column.candidates") + "#", t("column.why"), t("column.example")],
        [[row["pipeline"], row["code"], row["candidates"], row[speech.lang],
          row["example"]] for row in rows],
    )  # fmt: skip


def _say_gate(gate: Any) -> None:
    if gate is not None:
        out(t("said.gate", expectations=gate.expectations, broken=gate.broken, page=gate.pages[speech.lang]))


def _say_refused(rows: list[dict[str, Any]]) -> None:
    table(
        t("table.refused"),
        [t("column.pipeline"), t("column.code"), t("column.records") + "#", t("column.found"), t("column.why"),
         t("column.place")],
        [[row["pipeline"], row["code"], row["records"], row["found"] or "—",
          row[speech.lang], row["place"]] for row in rows],
    )  # fmt: skip


def matrix(rows: list[dict[str, Any]]) -> None:
    """Print the matrix of reasons: pipeline, verdict, code, candidates."""
    table(
        t("table.matrix"),
        [t("column.pipeline"), t("column.verdict"), t("column.code"), t("column.candidates") + "#"],
        [[row["pipeline"], word("verdict", row["verdict"]),
          t("said.eligible") if row["code"] == "ELIGIBLE" else row["code"], row["candidates"]] for row in rows],
    )  # fmt: skip


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _plain(report: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(report).items() if name not in {"overview", "notes"}}


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code. No traceback ever reaches a user."""
    from factordb.cli.frame import dress
    from factordb.errors import ExitCode, FactorDBError

    dress()
    try:
        result = app(args=arguments, prog_name="factordb", standalone_mode=False)
    except FactorDBError as fault:
        fail(*fault.words(speech.lang))
        return int(fault.exit_code)
    except typer.Exit as leaving:
        result = leaving.exit_code
    except (KeyboardInterrupt, typer.Abort):
        result = INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as fault:  # noqa: BLE001 - the last net: a sentence, and the facts in a file
        return _usage_or_internal(fault)
    if result == INTERRUPTED:  # typer turns Ctrl+C into this code and says nothing
        fail(t("fault.interrupted"), t("fault.interrupted_mend"))
    return int(result or ExitCode.DONE)


def _usage_or_internal(fault: Exception) -> int:
    from factordb.cli.crash import keep_report
    from factordb.cli.frame import refusal
    from factordb.errors import ExitCode

    if hasattr(fault, "format_message"):  # typer's usage errors
        if type(fault).__name__ == "NoArgsIsHelpError":  # a noun alone: its help page, and no command was done
            print(printable(str(fault.format_message())), file=sys.stderr)  # noqa: T201 - stdout is the result
        else:
            fail(refusal(str(fault.format_message())), t("fault.usage_mend"))
        return int(ExitCode.USAGE)
    if isinstance(fault, OSError) and fault.filename:  # rights, a full disk, a file where a folder should be
        reason = word_of_system(errno.errorcode.get(fault.errno or 0, ""), fault.strerror or "")
        fail(t("fault.system", path=fault.filename, reason=reason), t("fault.system_mend"))
        return int(ExitCode.USAGE)
    path = keep_report(fault)
    fail(t("fault.internal", kind=type(fault).__name__), t("fault.internal_mend", path=path))
    return int(ExitCode.INTERNAL)

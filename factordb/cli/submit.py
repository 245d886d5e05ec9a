"""`factordb submit`: init, check, pack, send, list, withdraw: measured data from the form to a candidate."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli.console import Bar, note, out, out_json, speech, t, table, word, write_text

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
DayOption = Annotated[datetime | None, typer.Option("--today", formats=["%Y-%m-%d"], help=t("help.submit_today"))]
PackageArgument = Annotated[Path, typer.Argument(help=t("help.submit_package"))]
ActorOption = Annotated[str, typer.Option("--actor", help=t("help.actor"))]
DEFAULT_LIBRARY = Path("library")
SHOWN = 40


@app.command(help=t("help.submit_init"))
def init(
    folder: Annotated[Path, typer.Argument(help=t("help.submit_folder"))],
    *,
    kind: Annotated[str, typer.Option("--kind", help=t("help.submit_kind"))],
    as_json: JsonOption = False,
) -> None:
    """Begin a submission in a new folder."""
    from factordb import submit_init

    written = submit_init(folder, kind)
    if as_json:
        out_json({"folder": str(folder), "written": list(written)})
        return
    out(t("said.submit_init", folder=folder))
    for name in written:
        out(f"  {name}")
    out(t("said.submit_next", folder=folder))


@app.command(help=t("help.submit_check"))
def check(
    package: PackageArgument,
    *,
    html: Annotated[Path | None, typer.Option("--html", help=t("help.submit_html"))] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help=t("help.submit_csv"))] = None,
    annotated: Annotated[Path | None, typer.Option("--annotated", help=t("help.submit_annotated"))] = None,
    today: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the receiving side's own rules, offline."""
    from factordb import submit_check

    report = submit_check(package, today=today.date() if today else None)
    if html:
        write_text(html, report.page())
    if csv:
        write_text(csv, report.table(speech.lang))
    if annotated:
        _annotate(package, report, annotated)
    if as_json:
        out_json(report.as_dict())
    else:
        _say(report)
        for path in (html, csv, annotated):
            if path:
                out(t("said.submit_written", path=path))
    raise typer.Exit(report.exit_code)


@app.command(help=t("help.submit_pack"))
def pack(
    folder: PackageArgument,
    *,
    key: Annotated[Path, typer.Option("--key", help=t("help.submit_key"))],
    to: Annotated[Path, typer.Option("--to", help=t("help.submit_to"))],
    passphrase_file: Annotated[Path | None, typer.Option("--passphrase-file", help=t("help.passphrase_file"))] = None,
    as_json: JsonOption = False,
) -> None:
    """Bag, sign and zip a submission."""
    from factordb import submit_pack
    from factordb.cli.keys import passphrase

    digest = submit_pack(folder, to, key, passphrase(passphrase_file))
    if as_json:
        out_json({"package": str(to), "sha256": digest})
    else:
        out(t("said.submit_packed", path=to, sha256=digest))


@app.command("sign-results", help=t("help.submit_sign_results"))
def sign(
    results: Annotated[Path, typer.Argument(help=t("help.submit_results"))],
    *,
    laboratory: Annotated[str, typer.Option("--laboratory", help=t("help.submit_laboratory"))],
    key: Annotated[Path, typer.Option("--key", help=t("help.submit_laboratory_key"))],
    to: Annotated[Path, typer.Option("--to", help=t("help.submit_signed"))],
    passphrase_file: Annotated[Path | None, typer.Option("--passphrase-file", help=t("help.passphrase_file"))] = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a laboratory's results."""
    from factordb import sign_results
    from factordb.cli.keys import passphrase

    count = sign_results(results, laboratory, to, key, passphrase(passphrase_file))
    if as_json:
        out_json({"signed": str(to), "results": count})
    else:
        out(t("said.submit_signed", path=to, count=count))


@app.command(help=t("help.submit_send"))
def send(
    package: PackageArgument,
    *,
    library: LibraryOption = DEFAULT_LIBRARY,
    actor: ActorOption = "",
    today: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand a package to a library: checked by the whole checklist, kept, taken in."""
    from factordb import Library
    from factordb.cli.app import who

    speech.json = as_json
    with Bar() as bar:
        received = Library.open(library).receive(
            package, actor=actor or who(), today=today.date() if today else None, progress=bar
        )
    if as_json:
        batch = received.batch
        out_json({"report": received.report.as_dict(), "batch": batch.batch_id if batch else None,
                  "already": batch.already if batch else False, "version": received.version})  # fmt: skip
    else:
        _say(received.report)
        if received.batch is None:
            out(t("said.submit_refused"))
        else:
            key = "said.submit_again" if received.batch.already else "said.submit_received"
            out(t(key, batch=received.batch.batch_id, candidates=received.batch.candidates, version=received.version))
    if received.batch is None:
        raise typer.Exit(received.report.exit_code or 3)


@app.command("list", help=t("help.submit_list"))
def list_submissions(*, library: LibraryOption = DEFAULT_LIBRARY, as_json: JsonOption = False) -> None:
    """List the submissions a library has received."""
    from factordb import Library

    rows = Library.open(library).packages()
    if as_json:
        out_json(rows)
        return
    table(
        t("table.submissions"),
        [t(f"column.{name}") for name in ("submission", "version", "level", "verdict", "batch", "by")],
        [[row["submission"], row["version"], row["level"], word("verdict", row["verdict"]), row["batch_id"], row["by"]]
         for row in rows],
    )  # fmt: skip


@app.command(help=t("help.submit_withdraw"))
def withdraw(
    submission: Annotated[str, typer.Argument(help=t("help.submit_number"))],
    *,
    reason: Annotated[str, typer.Option("--reason", help=t("help.reason"))],
    library: LibraryOption = DEFAULT_LIBRARY,
    actor: ActorOption = "",
) -> None:
    """Leave a tombstone in place of a submission's evidence."""
    from factordb import Library
    from factordb.cli.app import who

    version = Library.open(library).withdraw_submission(submission, reason=reason, actor=actor or who())
    out(t("said.submit_withdrawn", submission=submission, version=version))


def _annotate(package: Path, report: Any, target: Path) -> None:
    from factordb.errors import FileProblemError, UsageError

    forms = [one for one in (package / "submission.xlsx", package / "data" / "submission.xlsx") if one.is_file()]
    if not forms:
        raise UsageError(
            problem="the package has no form to write comments into",
            remedy="leave out --annotated, or check the folder the package was packed from",
            problem_zh="包内没有可写批注的表格",
            remedy_zh="请去掉 --annotated，或检查打包前的文件夹",
        )
    try:
        target.write_bytes(report.annotated(forms[0].read_bytes(), speech.lang))
    except OSError as fault:
        raise FileProblemError(
            target,
            problem=f"cannot be written ({fault.strerror})",
            remedy="choose a folder that exists and may be written to",
            problem_zh=f"无法写入（{fault.strerror}）",
            remedy_zh="请选择存在且可写的文件夹",
        ) from fault


def _gravity(row: Mapping[str, Any]) -> str:
    """Return what a finding means for the package: a cap on its level, or the word of its severity."""
    return t("said.submit_cap", level=row["highest"]) if row["highest"] else word("severity", row["severity"])


def _say(report: Any) -> None:
    lang = speech.lang
    level = report.level
    out(t("said.submit_result", name=report.name, verdict=word("verdict", report.verdict), level=level["name"],
          title=level[f"title_{lang}"]))  # fmt: skip
    if report.demonstration:
        out(t("said.submit_demonstration"))
    if report.signed_share:
        out(t("said.submit_signed_share", share=f"{report.signed_share:.0%}"))
    if not report.limited:
        note(t("said.submit_unlimited"))
    table(
        t("table.claims"),
        [t("column.name"), t("column.claim") + "#", t("column.recomputed") + "#", t("column.unit"),
         t("column.claimed_u") + "#", t("column.records_u") + "#"],
        [[row[f"name_{lang}"], row["value"], row["recomputed"] or row[f"fault_{lang}"], row["unit"], row["claimed_u"],
          row["u"]] for row in report.factors],
    )  # fmt: skip
    if report.findings:
        table(
            t("table.package_findings", count=len(report.findings)),
            [t("column.code"), t("column.severity"), t("column.place"), t("column.said"), t("column.fix")],
            [[row["code"], _gravity(row), row["place"], row[f"said_{lang}"], row[f"fix_{lang}"]]
             for row in report.findings[:SHOWN]],
        )  # fmt: skip
        if len(report.findings) > SHOWN:
            note(t("said.submit_more", count=len(report.findings) - SHOWN))
    if level["missing"]:
        out(t("said.submit_missing"))
        for one in level["missing"]:
            out(f"  {one['code'] or '—'}  {one[lang]}")
    counted: dict[str, int] = {}
    for row in report.not_asked:
        counted[row[f"why_{lang}"]] = counted.get(row[f"why_{lang}"], 0) + 1
    out(t("said.submit_counts", kept=report.kept, broken=len({row["code"] for row in report.findings}),
          unasked=len(report.not_asked)))  # fmt: skip
    for why, count in counted.items():
        out(f"  {count}  {why}")

"""What the commands of review share: their options, what was seen in a file, and how results are told."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from factordb.cli.console import note, out, out_json, speech, t, table, write_text

LibraryOption = Annotated[Path, typer.Option("--library", envvar="FACTORDB_LIBRARY", help=t("help.library"))]
JsonOption = Annotated[bool, typer.Option("--json", help=t("help.json"))]
AsOption = Annotated[str, typer.Option("--as", envvar="FACTORDB_PERSON", help=t("help.as_person"))]
CasesArgument = Annotated[list[str] | None, typer.Argument(help=t("help.case"))]
CaseArgument = Annotated[str, typer.Argument(help=t("help.case"))]
SeenOption = Annotated[str, typer.Option("--seen", help=t("help.seen"))]
SaveOption = Annotated[Path | None, typer.Option("--save", help=t("help.save"))]
AllOption = Annotated[bool, typer.Option("--all", help=t("help.all_seen"))]
ReasonOption = Annotated[str, typer.Option("--reason", help=t("help.reason_of_act"))]
KindOption = Annotated[str, typer.Option("--kind", help=t("help.kind"))]
SkipOption = Annotated[bool, typer.Option("--skip-conflicts", help=t("help.skip_conflicts"))]
DeadlineOption = Annotated[datetime | None, typer.Option("--deadline", formats=["%Y-%m-%d"], help=t("help.deadline"))]
DEFAULT_LIBRARY = Path("library")


def named(part: str, names: Iterable[str]) -> str:
    """Return what roles, kinds, actions or standings are called, joined."""
    from factordb import review_words

    known = review_words(part)
    joint = "、" if speech.lang == "zh" else ", "
    return joint.join(known[name][speech.lang] if name in known else name for name in names)


def looked(seen: str) -> Mapping[str, str] | str:
    """Return what was seen: the cases of a saved file, or the token itself.

    Raises:
        FileProblemError: a file is named that holds nothing that was seen.
    """
    from factordb.errors import FileProblemError

    path = Path(seen)
    if path.suffix != ".json":
        return seen
    try:
        return {str(case): str(token) for case, token in json.loads(path.read_text(encoding="utf-8"))["seen"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise FileProblemError(
            path,
            problem="it is no file of what was seen",
            remedy="make it with `factordb review queue --save FILE`",
            problem_zh="不是所见凭据文件",
            remedy_zh="请用 `factordb review queue --save 文件` 生成",
        ) from fault


def chosen(cases: Sequence[str] | None, seen: Mapping[str, str] | str, *, everything: bool) -> list[str]:
    """Return the cases to act on: those named, or all of a file of what was seen."""
    return list(seen) if everything and not isinstance(seen, str) else list(cases or [])


def save_seen(path: Path, seen: Mapping[str, str]) -> None:
    """Write what was seen to a file, for a later act."""
    write_text(path, json.dumps({"seen": dict(seen)}, indent=1))
    note(t("said.seen_saved", path=path, n=len(seen)))


def day(moment: datetime | None) -> date | None:
    """Return the day of an option."""
    return moment.date() if moment else None


def tell(done: Any, *, as_json: bool = False, **more: Any) -> None:
    """Print what an act came to, and what was left out with the reason."""
    left = {case: fault.words(speech.lang)[0] for case, fault in done.left_out.items()}
    if as_json:
        out_json({"action": done.action, "cases": list(done.cases), "left_out": left, **more})
        return
    out(t("said.acted", action=named("actions", [done.action]), n=len(done.cases)))
    for case, why in left.items():
        out(t("said.left_out", case=case, why=why))


def warn_of_due(opened: Any) -> None:
    """Tell on stderr how many things are due: an update-due clock that tells somebody."""
    limits = opened.notice_days
    rows = opened.due(limits)
    if rows:
        note(t("said.due_told", n=len(rows), days=limits))


def name_of(row: Mapping[str, Any]) -> str:
    """Return what a factor is called in the chosen language."""
    return str(row.get(f"name_{speech.lang}") or row.get("name_zh") or row.get("name_en") or row["factor_id"][:10])


def percent(relative: float | None) -> str:
    """Return a relative change as a percentage."""
    return "" if relative is None else f"{relative * 100:+.3g} %"


def differences(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print old and new side by side, amounts in one unit."""
    if rows:
        table(
            title,
            [t("column.field"), t("column.was"), t("column.is_now"), t("column.unit"), t("column.relative") + "#"],
            [[row[speech.lang], _amount(row["old"]), _amount(row["new"]), row["unit"], percent(row["relative"])]
             for row in rows],
        )  # fmt: skip


def _amount(value: float | str | None) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "—" if value is None else value

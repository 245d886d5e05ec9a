"""Review cases as the desk shows them: the queue in pages, one case whole, old beside new, and the letter of return.

Everything is read from the records and the published read model; no lock is taken and nothing is changed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factordb.dashboard.wording import findings_said, policy_in_force
from factordb.errors import NotFoundError
from factordb.library import Library
from factordb.model.workflow import Case
from factordb.stages import casework, route
from factordb.store import cases as case_store
from factordb.store import library_file, review_reading
from factordb.store import records as record_store

__all__ = ["COMPARED", "LIVE_STATES", "case_of", "case_page", "differences", "letter_of"]

LIVE_STATES: Final = ("unassigned", "in_review", "returned", "adopted")
"""States in which somebody has something to do."""
COMPARED: Final = (
    "name_zh", "name_en", "value_text", "unit_text", "gas", "boundary", "gwp_set", "region_text", "region",
    "reference_year", "technology", "cv_percent", "statement_text", "valid_until", "source_id", "tier", "flags",
)  # fmt: skip
"""Facts of a factor that stand old beside new."""
CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
FAR: Final = date.max


def case_page(
    library: Library,
    *,
    state: str = "",
    person: str = "",
    text: str = "",
    order: str = "impact",
    limit: int,
    offset: int,
) -> dict[str, Any]:
    """Return one page of the cases: rows ready to be shown, their total, and how many stand in each state.

    Args:
        library: the library.
        state: a state of the route; empty: all in which something is to be done.
        person: only cases that wait for this person's review; empty: all.
        text: a part of name or product.
        order: "impact" (uses of the factor times size of the change, largest first) or "deadline" (nearest first).
        limit: rows of a page.
        offset: rows before it.
    """
    with record_store.session(library.records) as opened:
        standing = case_store.standing(opened)
        due = case_store.deadlines(opened)
        cases = route.folded(opened, standing) if standing.num_rows else {}
    counts = {row["values"]: row["counts"] for row in standing["state"].value_counts().to_pylist()}
    wanted = [state] if state else list(LIVE_STATES)
    kept = standing.filter(pc.is_in(standing["state"], value_set=pa.array(wanted, pa.string())))
    if person:
        mine = [shape for shape, case in cases.items() if _waits_for(case, person)]
        kept = kept.filter(pc.is_in(kept["shape"], value_set=pa.array(mine, pa.string())))
    published = library_file.current(library.workspace.published)
    if text and published is not None and kept.num_rows:
        named = review_reading.names(published, kept)
        words = [
            case_id
            for case_id, *names in zip(
                *(named[name].to_pylist() for name in ("case_id", "name_zh", "name_en")), strict=True
            )
            if text.lower() in " ".join(filter(None, names)).lower()
        ]
        kept = kept.filter(pc.is_in(kept["case_id"], value_set=pa.array(words, pa.string())))
    if order == "deadline":
        days = pa.array([due.get(one, FAR) for one in kept["case_id"].to_pylist()], pa.date32())
        kept = kept.append_column("due", days).sort_by([("due", "ascending"), ("impact", "descending")]).drop(["due"])
    shown = kept.slice(offset, limit)
    names = _names(published, shown) if published is not None else {}
    tokens = casework.as_said(shown) if shown.num_rows else {}
    rows = [
        {**row, **names.get(row["case_id"], {}), "due_on": due.get(row["case_id"]), "seen": tokens[row["case_id"]],
         "approvals": _approvals(cases.get(row["shape"])), "assigned": _assigned(cases.get(row["shape"]))}
        for row in shown.to_pylist()
    ]  # fmt: skip
    return {"rows": rows, "total": kept.num_rows, "counts": counts}


def _names(published: library_file.Published, shown: pa.Table) -> dict[str, dict[str, Any]]:
    return {row["case_id"]: row for row in review_reading.names(published, shown).to_pylist()} if shown.num_rows else {}


def _waits_for(case: Case, person: str) -> bool:
    done = {one.kind for one in case.opinions if one.person_id == person and one.seen == case.seen}
    return any(name == person and kind not in done for name, kind in case.assigned)


def _approvals(case: Case | None) -> list[str]:
    if case is None:
        return []
    newest = {(one.person_id, one.kind): one for one in case.opinions if one.seen == case.seen}
    return sorted(one.kind.value for one in newest.values() if one.approves)


def _assigned(case: Case | None) -> list[tuple[str, str]]:
    return sorted((name, kind.value) for name, kind in (case.assigned if case else ()))


def case_of(library: Library, case_id: str) -> dict[str, Any]:
    """Return one case whole: facts, state, token of what is seen, opinions, acts, comments, candidate, and old version.

    Raises:
        NotFoundError: there is no such case.
    """
    with record_store.session(library.records) as opened:
        standing = case_store.standing(opened, [case_id])
        if standing.num_rows != 1:
            raise NotFoundError("case", case_id, known="`factordb review queue`")
        acts, comments = case_store.acts(opened, [case_id]), case_store.comments(opened, [case_id])
        due = case_store.deadlines(opened).get(case_id)
    row = standing.to_pylist()[0]
    return {
        **row,
        "seen": casework.as_said(standing)[case_id],
        "due_on": due,
        "case": casework.folded(row["submitter"], row["organisation"], acts),
        "acts": [one.model_dump(mode="json") for one in acts],
        "comments": [one.model_dump(mode="json") for one in comments],
        "parts": library.factor(row["candidate_id"]),
        "old": _published_version(library, row["factor_id"]),
    }


def _published_version(library: Library, factor_id: str) -> dict[str, Any] | None:
    """Return the row of a factor in the newest release; None where it is new."""
    releases = library.releases()
    if not releases:
        return None
    folder = library.workspace.releases / str(releases[-1]["release_id"]) / "data"
    for path in sorted(folder.glob("*.parquet")):
        if "factor_id" in pq.read_schema(path).names:
            found = pq.read_table(path, filters=[("factor_id", "=", factor_id)])
            if found.num_rows:
                row: dict[str, Any] = found.slice(0, 1).to_pylist()[0]
                return row
    return None


def letter_of(library: Library, found: Mapping[str, Any], lang: str) -> str:
    """Return the letter of return, ready to be pasted: numbered findings to mend, then the reviewers' comments.

    Args:
        library: the library.
        found: a case, as `case_of` gives it.
        lang: "zh" or "en".
    """
    said = findings_said(found["parts"], lang, policy=policy_in_force(library))
    points = [_point(one.code, one.place, one.message, one.fix, lang) for one in said if one.severity != "advise"]
    points += [_remark(one, lang) for one in found["comments"]]
    return "\n".join(f"{_number(at)} {point}" for at, point in enumerate(points))


def _point(code: str, place: str, message: str, fix: str, lang: str) -> str:
    where = {"zh": f"（{place}）", "en": f" ({place})"}[lang] if place else ""
    mend = {"zh": f"处理办法：{fix}", "en": f" To mend it: {fix}"}[lang] if fix else ""
    return f"{code}{where}{'：' if lang == 'zh' else ': '}{message}{mend}"


def _remark(comment: Mapping[str, Any], lang: str) -> str:
    field = comment["field"]
    before = {"zh": f"关于 {field}：", "en": f"On {field}: "}[lang] if field else ""
    return f"{before}{comment['comment']}"


def _number(at: int) -> str:
    return CIRCLED[at] if at < len(CIRCLED) else f"({at + 1})"


def differences(
    old: Mapping[str, Any] | None, new: Mapping[str, Any], names: Sequence[str] = COMPARED
) -> list[dict[str, Any]]:
    """Return field, old, new and whether they differ, of every fact that either side states; changed ones first."""
    rows = []
    for name in names:
        before, after = (old or {}).get(name), new.get(name)
        if before not in (None, "") or after not in (None, ""):
            rows.append({"field": name, "old": before, "new": after, "differs": old is not None and before != after})
    return sorted(rows, key=lambda row: not row["differs"])

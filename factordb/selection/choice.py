"""Choice: the best factor for a question by clause (五), then representativeness, rating and interval; and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Final

import numpy as np

from factordb.rating.order import order_of_preference
from factordb.selection import places, saying
from factordb.selection.answer import emission_of
from factordb.selection.asking import Index, Match
from factordb.selection.judging import UNDATED, Gases, Judged, because, judged, names_technology
from factordb.selection.question import Question, checked
from factordb.selection.released import is_average, settings
from factordb.selection.search import Rows
from factordb.units import Unit

Later = Callable[[Sequence[str]], Mapping[str, str]]
"""Returns factor id -> "withdrawn" or "superseded" of those that a newer release no longer holds as they are."""
_AXES: Final = ("other_gas", "technology", "rank", "region", "boundary", "years", "signed", "dqr", "width",
                "newer")  # fmt: skip
_SURE: Final = (Match.EXACT, Match.PHRASE, Match.NAME, Match.TEXT)


def choose(
    index: Index, rows: Rows, one: Callable[[str], dict[str, Any]], gases: Gases, later: Later, asked: Question
) -> dict[str, Any]:
    """Return the answer: outcome, factor, emission, why, steps, flags, trail, alternatives, rejected, candidates.

    outcome: chosen; ambiguous (several products fit: candidates), unclear (only near names: candidates), none (every
    candidate is rejected) or not_found. Nothing is ever guessed.

    Args:
        index: index of the release.
        rows: look-up by number.
        one: look-up by identifier.
        gases: amounts of gas by version.
        later: what newer releases say.
        asked: the question.

    Raises:
        UsageError: the question cannot be asked; NotFoundError: it names something unknown.
    """
    question, unit = checked(asked)
    match, found = (Match.EXACT, [one(question.factor)]) if question.factor else _pool(index, rows, question, unit)
    changed = later([row["factor_id"] for row in found])
    all_judged = [judged(row, question, unit, gases, changed) for row in found]
    usable = _in_order([each for each in all_judged if not each.reason])
    answer: dict[str, Any] = {"question": {**asdict(question), "allow_flags": sorted(question.allow_flags)}}
    rejected = [each for each in all_judged if each.reason]
    if match not in _SURE:
        outcome, candidates = ("unclear" if found else "not_found"), usable or rejected
    elif not usable:
        outcome, candidates = "none", []
    else:
        candidates = _rivals(usable, match)
        outcome = "ambiguous" if len(candidates) > 1 else "chosen"
    chosen = usable[0] if outcome == "chosen" else None
    others = _alternatives(usable, rejected) if chosen else []
    if chosen and not others:
        beside = besides(index, rows, chosen, question.product)
        later_of = later([row["factor_id"] for row in beside])
        others = [called_otherwise(judged(row, question, unit, gases, later_of)) for row in beside]
    brief = partial(_brief, asked=question, unit=unit, chosen=chosen)
    return {
        **answer,
        "outcome": outcome,
        **saying.said(f"outcome.{outcome}"),
        **_chosen(chosen, usable, question, unit),
        "alternatives": [brief(each) for each in others],
        "candidates": [brief(each) for each in candidates[: settings()["rejected"]]] if not chosen else [],
        "rejected": [brief(each) for each in rejected[: settings()["rejected"]]],
        "rejected_by_reason": _counted(rejected),
    }


def _pool(index: Index, rows: Rows, asked: Question, unit: Unit | None) -> tuple[Match, list[dict[str, Any]]]:
    """Return the best class of words that finds anything, and its rows: those that may fit first, then others."""
    classes = index.asked(asked.product)
    if not classes.classes:
        return Match.PINYIN, []
    match, query = next(iter(classes.classes.items()))
    if classes.corrected:
        match = Match.PINYIN
    fits: dict[str, Any] = {"gas": [asked.gas]}
    if {"co2_only", "one_gas_only"} & set(asked.allow_flags):
        fits = {}
    if asked.boundary:
        fits["boundary"] = [asked.boundary, *(["unspecified"] if "boundary_unspecified" in asked.allow_flags else [])]
    filters = [*index.criteria(fits), *([index.any_of("declared", [unit.canonical_unit])] if unit else [])]
    near, enough = settings()["candidates"], settings()["all_candidates"]
    line = places.lineage(asked.region)
    whole = index.both(query, index.any_of("region", line), *filters)
    numbers = dict.fromkeys(index.numbers(whole, enough))
    if len(numbers) == enough:  # too many to judge each: the most preferred of every place, and of its nearest year
        there = index.facets(whole, ["region"])["region"]
        for place in (one for one in line if one in there):
            here = index.both(whole, index.any_of("region", [place]))
            if asked.year is not None:
                numbers.update(dict.fromkeys(_of_the_year(index, here, asked.year, near)))
            numbers.update(dict.fromkeys(index.numbers(here, near)))
            if not asked.technology:  # a crowd of single technologies does not hide the average
                numbers.update(dict.fromkeys(index.numbers(index.both(here, index.any_of("particular", ["no"])), near)))
    numbers.update(dict.fromkeys(index.numbers(query, near)))
    return match, rows(list(numbers))


def _of_the_year(index: Index, here: Any, year: int, limit: int) -> list[int]:
    """Return the numbers of rows of the year asked for, or of the nearest year there is."""
    found = index.numbers(index.both(here, index.any_of("year", [str(year)])), limit)
    if found:
        return found
    there = [int(one) for one in index.facets(here, ["year"])["year"] if one.isdigit()]
    if not there:
        return []
    nearest = min(there, key=lambda one: (abs(one - year), -one))
    return index.numbers(index.both(here, index.any_of("year", [str(nearest)])), limit)


def _in_order(usable: list[Judged]) -> list[Judged]:
    """Return usable factors, best first: technology, clause (五), representativeness, then as candidates compete.

    Technology stands before the clause because the clause orders sources of one thing: a verified wind farm is no
    source for the average kilowatt-hour, and competes only where nothing else is usable.
    """
    if not usable:
        return []
    place = [_place(each) for each in usable]
    ranks = {one: rank for rank, one in enumerate(sorted(set(place)))}
    columns = [_column(usable, name) for name in ("dqr", "width", "reference_year")]
    names = np.array([each.row["version_id"] for each in usable])
    order = order_of_preference([ranks[one] for one in place], columns[0], columns[1], columns[2], names)
    return [usable[one] for one in order]


def _place(each: Judged) -> tuple[float, ...]:
    fits = each.region, each.boundary, each.years
    return each.other_gas, each.technology, each.row["rank"], *fits, _measure(each, "signed")


def _column(usable: list[Judged], name: str) -> np.ndarray:
    return np.array([np.nan if each.row[name] is None else each.row[name] for each in usable], np.float64)


def _rivals(usable: list[Judged], match: Match) -> list[Judged]:
    """Return what the winner cannot be told apart from by the question: one factor, or several to choose from."""
    best = usable[0]
    if match is not Match.EXACT:
        kinds = {each.row["concept"]: each for each in reversed(usable)}
        if len(kinds) > 1:
            return sorted(kinds.values(), key=usable.index)
    same = [
        each
        for each in usable
        if each.row["source_id"] == best.row["source_id"]
        and _place(each) == _place(best)
        and each.row["reference_year"] == best.row["reference_year"]
    ]
    things = {(each.row["name_zh"], each.row["name_en"], each.row["technology"]): each for each in reversed(same)}
    return sorted(things.values(), key=usable.index)


def _chosen(chosen: Judged | None, usable: list[Judged], asked: Question, unit: Unit | None) -> dict[str, Any]:
    if chosen is None:
        return {"factor": None, "emission": None, "flags": [], "flags_said": [], "steps": [], "why": [], "trail": []}
    emission, trail = emission_of(chosen, asked, unit)
    return {
        "factor": dict(chosen.row),
        "emission": emission,
        "flags": list(chosen.flags),
        "flags_said": [{"flag": one, **saying.flag(one)} for one in chosen.flags],
        "steps": steps_of(chosen, asked),
        "why": _why(chosen, usable[1] if len(usable) > 1 else None, asked),
        "trail": trail,
    }


def steps_of(chosen: Judged, asked: Question) -> list[dict[str, str]]:
    """Return what was not as asked: {"axis", "zh", "en"} for region, year, boundary, technology."""
    row, found = chosen.row, []
    if asked.technology and chosen.technology:
        found.append(("technology", saying.said("step.technology", asked=asked.technology, taken=_technology(row))))
    elif not asked.technology and is_average(row["technology"]):
        found.append(("technology", saying.said("step.technology_average", taken=_technology(row))))
    elif not asked.technology and chosen.technology and not names_technology(row, asked.product):
        found.append(("technology", saying.said("step.technology_particular", taken=_technology(row))))
    if chosen.region:
        words = {"asked": saying.place(asked.region), "taken": saying.place(row["region"])}
        found.append(("region", saying.said("step.region", **words)))
    if asked.year is not None and chosen.years:
        name = "year_unknown" if chosen.years == UNDATED else "year"
        found.append(("year", saying.said(f"step.{name}", asked=asked.year, taken=row["reference_year"])))
    if row["boundary"] != asked.boundary:
        found.append(("boundary", saying.said("step.boundary", taken=saying.word("boundary", row["boundary"]))))
    return [{"axis": axis, **words} for axis, words in found]


def _technology(row: Mapping[str, Any]) -> object:
    return saying.or_missing(row["technology"])


def _why(chosen: Judged, second: Judged | None, asked: Question) -> list[dict[str, str]]:
    proven = "measured_unverified" if "unverified_measured" in chosen.flags else chosen.row["tier"]
    found = [saying.said("why.tier", tier=saying.tier(proven), rank=chosen.row["rank"])]
    if second is None:
        return [*found, saying.said("why.only")]
    axis = _decided(chosen, second)
    facts = {"other": saying.title(second.row), "asked": saying.place(asked.region),
             "mine": chosen.row["dqr"], "theirs": saying.or_missing(second.row["dqr"])}  # fmt: skip
    return [*found, saying.said({"years": "why.decided_year"}.get(axis, f"why.decided_{axis}"), **facts)]


def _decided(better: Judged, worse: Judged) -> str:
    return next((name for name in _AXES if _measure(better, name) != _measure(worse, name)), "name")


def _measure(each: Judged, axis: str) -> Any:
    if axis == "signed":  # most first
        return -(each.row["signed_share"] or 0.0)
    own = {"rank": "rank", "dqr": "dqr", "width": "width", "newer": "reference_year"}
    return each.row[own[axis]] if axis in own else getattr(each, axis)


def _alternatives(usable: list[Judged], rejected: list[Judged]) -> list[Judged]:
    """Return the next best, and where there is none the nearest that was rejected, with its reason."""
    return [*usable[1:], *rejected][: settings()["alternatives"]]


def _brief(each: Judged, *, asked: Question, unit: Unit | None, chosen: Judged | None) -> dict[str, Any]:
    """Return a factor beside the answer: its reason where it is not usable, else what it lost by in `why`."""
    lost = saying.said(f"lost.{_decided(chosen, each)}") if chosen and not each.reason else None
    names = ("factor_id", "version_id", "name_zh", "name_en", "value_text", "unit", "gas", "gwp_set", "boundary",
             "technology", "region", "reference_year", "tier", "dqr", "source_id")  # fmt: skip
    return {
        **{name: each.row[name] for name in names},
        "flags": list(each.flags),
        "reason": because(each, asked, unit),
        "why": lost,
    }


def besides(index: Index, rows: Rows, chosen: Judged, product: str) -> list[dict[str, Any]]:
    """Return factors near the only one that answers: those the words also reach, then others of its product."""
    classes = list(index.asked(product).classes.values()) if product else []
    own = index.any_of("concept", [chosen.row["concept"]])
    found: dict[int, None] = {}
    for near in (*classes, index.both(own, index.any_of("gas", [chosen.row["gas"]])), own):
        found.update(dict.fromkeys(index.numbers(near, settings()["alternatives"] + 1)))
    numbers = [number for number in found if number != chosen.row["n"]]
    return rows(numbers[: settings()["alternatives"]])


def called_otherwise(each: Judged) -> Judged:
    """Return a factor that would serve but is not called what was asked, with that as its reason."""
    return each if each.reason else replace(each, reason="name")


def _counted(rejected: list[Judged]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in rejected:
        found[each.reason] = found.get(each.reason, 0) + 1
    return dict(sorted(found.items()))

"""Every score with the evidence behind it, in Chinese and in English."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np

from factordb.errors import StatementError
from factordb.model.vocabulary import Basis
from factordb.rating import readings
from factordb.rating.evidence import BASES, Evidence, Known, Place, Technology
from factordb.rating.readings import Reading, Reliability, Standing
from factordb.rating.schemes import TableScheme, reading_of
from factordb.rating.scores import Why
from factordb.reference import table, toml

Phrase = tuple[str, Mapping[str, str | IntEnum]]
"""Key of the words file and what fills it; a level stands for its title."""
_AXES: Final[Mapping[type[IntEnum], str]] = {
    Technology: "technology",
    Place: "place",
    Standing: "standing",
    Reliability: "reliability",
}


class Explained(NamedTuple):
    """One score and its reason."""

    criterion: str
    score: float
    """NaN where there is none."""
    reason_zh: str
    reason_en: str


def explain(evidence: Evidence, scheme: TableScheme) -> list[Explained]:
    """Return each criterion of a scheme with the score of one candidate and the evidence behind it.

    Args:
        evidence: of one candidate: `evidence.rows(i)`.
        scheme: the scheme that is asked.

    Raises:
        StatementError: there is not exactly one candidate.
    """
    if len(evidence) != 1:
        raise StatementError(
            problem=f"there are {len(evidence)} candidates to explain",
            remedy="choose one, such as evidence.rows(0)",
            problem_zh=f"待解释的候选因子有 {len(evidence)} 个",
            remedy_zh="请选定一个，例如 evidence.rows(0)",
        )
    scores = scheme.score(evidence)
    told = []
    for column, criterion in enumerate(scheme.criteria):
        score, why = float(scores.values[0, column]), Why(int(scores.why[0, column]))
        phrases = _PHRASES[reading_of(scheme, criterion)](evidence, scheme)
        zh, en = (_sentence(phrases, why, score, lang) for lang in ("zh", "en"))
        told.append(Explained(criterion, score, zh, en))
    return told


def _sentence(phrases: list[Phrase], why: Why, score: float, lang: str) -> str:
    words = toml(f"words/rating_{lang}")
    parts = [
        words["evidence"][key].format(**{name: _said(one, lang) for name, one in facts.items()})
        for key, facts in phrases
    ]
    plain = str(words["join"]["and"].join(parts))
    if why == Why.SCORED:
        return plain
    return str(words["why"][why.name.lower()].format(evidence=plain, score=f"{score:g}"))


def _said(fact: str | IntEnum, lang: str) -> str:
    if not isinstance(fact, IntEnum):
        return fact
    axis, level = _AXES[type(fact)], fact.name.lower()
    rows = table("evidence/levels").to_pylist()
    return next(str(row[f"title_{lang}"]) for row in rows if (row["axis"], row["level"]) == (axis, level))


def _technology(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:
    level = Technology(int(evidence.technology[0]))
    return [_level("technology", level), *_stated(float(evidence.stated_te[0]), scheme)]


def _place(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:
    level = Place(int(evidence.place[0]))
    return [_level("place", level), *_stated(float(evidence.stated_geo[0]), scheme)]


def _place_steps(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:  # noqa: ARG001 - phrases share one shape
    level, steps = Place(int(evidence.place[0])), int(evidence.place_steps[0])
    if steps < 0 or level in (Place.UNKNOWN, Place.NOT_APPLICABLE):
        return [_level("place", level)]
    return [("place_steps", {"level": level, "steps": str(steps)})]


def _validity(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:
    past, age = float(evidence.past_validity_years[0]), float(evidence.age_years[0])
    if age < 0:
        return _age(evidence, scheme)
    if not np.isnan(past):
        return [("expired", {"years": f"{past:g}"})] if past > 0 else [("valid", {})]
    if evidence.in_force[0] == Known.YES:
        return [("in_force", {})] if np.isnan(age) else [("in_force_aged", {"years": f"{age:g}"})]
    return [("age_unknown", {})] if np.isnan(age) else [("aged_no_validity", {"years": f"{age:g}"})]


def _age(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:  # noqa: ARG001 - phrases share one shape
    age = float(evidence.age_years[0])
    return [("age_unknown", {})] if np.isnan(age) else [("aged", {"years": f"{age:g}"})]


def _precision(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:
    basis, given = BASES[int(evidence.basis[0])], float(evidence.relative_sd[0])
    if basis == Basis.NONE or np.isnan(given):
        return [("sd_none", {})]
    rule = toml("evidence/rules")["default_uncertainty"]
    best = rule["best"] if scheme.name in rule["schemes"] else scheme.best
    return [(f"sd_{basis.value}", {"percent": f"{100 * given:.4g}", "best": f"{best}"})]


def _standing(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:  # noqa: ARG001 - phrases share one shape
    return [_level("standing", Standing(int(readings.standings(evidence)[0])))]


def _reliability(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:  # noqa: ARG001 - phrases share one shape
    return [_level("standing", Reliability(int(readings.reliabilities(evidence)[0])))]


def _share(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:  # noqa: ARG001 - phrases share one shape
    given = float(evidence.completeness[0])
    return [("share_unknown", {})] if np.isnan(given) else [("share", {"percent": f"{100 * given:.4g}"})]


def _method(evidence: Evidence, scheme: TableScheme) -> list[Phrase]:  # noqa: ARG001 - phrases share one shape
    given = float(evidence.method[0])
    return [("method_unknown", {})] if np.isnan(given) else [("method", {"score": f"{given:g}"})]


def _level(axis: str, level: IntEnum) -> Phrase:
    silent = level.name in ("UNKNOWN", "NOT_APPLICABLE")
    return (f"{axis}_unknown", {}) if silent else (axis, {"level": level})


def _stated(given: float, scheme: TableScheme) -> list[Phrase]:
    used = scheme.name in toml("evidence/rules")["stated"]["schemes"]
    return [("stated", {"score": f"{given:g}"})] if used and not np.isnan(given) else []


_PHRASES: Final[Mapping[Reading, Callable[[Evidence, TableScheme], list[Phrase]]]] = {
    readings.technology: _technology,
    readings.place: _place,
    readings.place_by_steps: _place_steps,
    readings.validity: _validity,
    readings.age: _age,
    readings.precision: _precision,
    readings.standing: _standing,
    readings.precision_and_standing: lambda evidence, scheme: [
        *_precision(evidence, scheme),
        *_standing(evidence, scheme),
    ],
    readings.completeness: _share,
    readings.coverage: _share,
    readings.method: _method,
    readings.reliability: _reliability,
}

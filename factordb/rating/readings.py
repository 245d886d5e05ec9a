"""How evidence is read: one function a question, each giving scores and their reasons on a scheme's own scale.

Classes and levels come from the reference shelf; nothing here is a number of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np

from factordb.model.vocabulary import Basis, Tier
from factordb.rating.evidence import BASES, TIERS, Codes, Evidence, FloatArray, Known, Place, Technology
from factordb.rating.scores import (
    Part,
    Why,
    classified,
    level_scores,
    levels_part,
    on_scale,
    precision_score,
    reasons_of,
    share_classified,
    with_stated,
)
from factordb.reference import toml


@dataclass(frozen=True, slots=True)
class Scale:
    """What a reading needs of the scheme that asks."""

    scheme: str
    best: int
    worst: int
    classes: tuple[Mapping[str, Any], ...]
    """Classes of the criterion asked, best first."""


Reading = Callable[[Evidence, Scale], Part]


class Standing(IntEnum):
    """How a value was obtained and checked: levels of the axis `standing`."""

    UNKNOWN = 0
    VERIFIED = 1
    CHECKED = 2
    UNCHECKED = 3
    ESTIMATE_CHECKED = 4
    ESTIMATE = 5
    ROUGH = 6


class Reliability(IntEnum):
    """How a value was obtained and verified: levels of the axis `reliability`."""

    UNKNOWN = 0
    MEASURED_VERIFIED = 1
    OTHERWISE_VERIFIED = 2
    MEASURED = 3
    OFFICIAL = 4
    INDUSTRY = 5
    LITERATURE = 6
    ESTIMATE = 7
    UNDOCUMENTED = 8


def technology(evidence: Evidence, scale: Scale) -> Part:
    """Return scores of technology: the level judged, worsened by a typed score."""
    part = levels_part(evidence.technology, level_scores("technology", scale.scheme, Technology))
    return _stated(part, evidence.stated_te, scale)


def place(evidence: Evidence, scale: Scale) -> Part:
    """Return scores of geography: the relation of the places, worsened by a typed score."""
    part = levels_part(evidence.place, level_scores("place", scale.scheme, Place))
    return _stated(part, evidence.stated_geo, scale)


def place_by_steps(evidence: Evidence, scale: Scale) -> Part:
    """Return scores of geography where a region around or within counts by its steps in the tree (US EPA)."""
    values, why = levels_part(evidence.place, level_scores("place", scale.scheme, Place))
    rule = toml("evidence/rules")["steps"]
    counted = np.isin(evidence.place, (Place.CONTAINS, Place.INSIDE, Place.WORLD))
    near = (evidence.place_steps >= 0) & (evidence.place_steps <= rule["max"][0])
    values = np.where(counted, np.where(near, *rule["scores"]), values)
    return values, np.where(counted, Why.SCORED, why).astype(np.int8)


def validity(evidence: Evidence, scale: Scale) -> Part:
    """Return scores of time by begun years after the end of validity.

    Without a stated last day the score is never the best: values declared in force stand by the age of the data in
    wide classes; others are taken as valid to the end of the year they describe, so that every year counts.
    """
    age, past = evidence.age_years, evidence.past_validity_years
    declared = evidence.in_force == Known.YES
    unknown_age_worst = np.where(np.isnan(age), np.inf, age)
    rule = toml("evidence/rules")["open_validity"]
    still = classified(unknown_age_worst, rule["classes"])
    lapsing = np.maximum(classified(age, scale.classes), rule["classes"][0]["score"])
    values = np.where(
        ~np.isnan(past),
        classified(past, scale.classes),
        np.where(declared, still, lapsing),
    )
    return _not_future(reasons_of(values, np.isnan(values), Why.MISSING), age)


def age(evidence: Evidence, scale: Scale) -> Part:
    """Return scores of time by the years between the data and the year of use."""
    values = classified(evidence.age_years, scale.classes)
    return _not_future(reasons_of(values, np.isnan(values), Why.MISSING), evidence.age_years)


def precision(evidence: Evidence, scale: Scale) -> Part:
    """Return scores of precision by the relative standard deviation; a declared default is never the best."""
    known = evidence.basis != BASES.index(Basis.NONE)
    given = evidence.relative_sd
    values = np.where(known, precision_score(given, scale.classes), np.nan)
    rule = toml("evidence/rules")["default_uncertainty"]
    if scale.scheme in rule["schemes"]:
        values = np.where(evidence.basis == BASES.index(Basis.DEFAULT), np.maximum(values, rule["best"]), values)
    return reasons_of(values, np.isnan(given) | ~known, Why.DEGENERATE)


def standing(evidence: Evidence, scale: Scale) -> Part:
    """Return scores of how a value was obtained and checked."""
    values = level_scores("standing", scale.scheme, Standing)[standings(evidence)]
    return reasons_of(values, np.isnan(values), Why.MISSING)


def precision_and_standing(evidence: Evidence, scale: Scale) -> Part:
    """Return the worse of precision and standing; where either is not there, neither is the score."""
    (one, why_one), (other, why_other) = precision(evidence, scale), standing(evidence, scale)
    return np.maximum(one, other), np.maximum(why_one, why_other)


def completeness(evidence: Evidence, scale: Scale) -> Part:
    """Return scores of the share covered on the scheme's own classes."""
    return _share(evidence, scale.classes)


def coverage(evidence: Evidence, scale: Scale) -> Part:  # noqa: ARG001 - the pedigree classes are words; ours are in a table
    """Return pedigree scores of completeness by the share covered alone."""
    return _share(evidence, tuple(toml("evidence/rules")["coverage"]["classes"]))


def method(evidence: Evidence, scale: Scale) -> Part:
    """Return the judged conformity of the method, refused where it is off the scale."""
    given = evidence.method
    values = np.where(on_scale(given, scale.best, scale.worst, decimals=False), given, np.nan)
    return reasons_of(values, np.isnan(given), Why.OUT_OF_SCALE)


def reliability(evidence: Evidence, scale: Scale) -> Part:
    """Return scores of how a value was obtained and verified."""
    values = level_scores("reliability", scale.scheme, Reliability)[reliabilities(evidence)]
    return reasons_of(values, np.isnan(values), Why.MISSING)


def standings(evidence: Evidence) -> Codes:
    """Return the `Standing` of every row, shape (n,). A label "verified" without verification counts for nothing."""
    estimated = evidence.tier == TIERS.index(Tier.ESTIMATED)
    verified, checked = evidence.verified == Known.YES, evidence.plausible == Known.YES
    documented = evidence.documented == Known.YES
    found = np.select(
        [
            evidence.tier < 0,
            verified & ~estimated,
            ~documented,
            estimated & checked,
            estimated,
            checked,
        ],
        [
            Standing.UNKNOWN,
            Standing.VERIFIED,
            Standing.ROUGH,
            Standing.ESTIMATE_CHECKED,
            Standing.ESTIMATE,
            Standing.CHECKED,
        ],
        Standing.UNCHECKED,
    )
    return found.astype(np.int8)


def reliabilities(evidence: Evidence) -> Codes:
    """Return the `Reliability` of every row, shape (n,). A label "verified" without verification counts for nothing."""
    verified = evidence.verified == Known.YES
    by_tier = np.array([_BY_TIER[one] for one in TIERS], np.int8)
    found = np.select(
        [
            evidence.tier < 0,
            verified & (evidence.tier == TIERS.index(Tier.MEASURED_VERIFIED)),
            verified & (evidence.tier != TIERS.index(Tier.ESTIMATED)),
            evidence.documented != Known.YES,
        ],
        [
            Reliability.UNKNOWN,
            Reliability.MEASURED_VERIFIED,
            Reliability.OTHERWISE_VERIFIED,
            Reliability.UNDOCUMENTED,
        ],
        by_tier[evidence.tier],
    )
    return found.astype(np.int8)


_BY_TIER: Final[Mapping[Tier, Reliability]] = {
    Tier.MEASURED_VERIFIED: Reliability.MEASURED,
    Tier.OFFICIAL: Reliability.OFFICIAL,
    Tier.INDUSTRY: Reliability.INDUSTRY,
    Tier.LITERATURE: Reliability.LITERATURE,
    Tier.MEASURED_UNVERIFIED: Reliability.MEASURED,
    Tier.ESTIMATED: Reliability.ESTIMATE,
}


def _share(evidence: Evidence, classes: tuple[Mapping[str, Any], ...]) -> Part:
    values = share_classified(evidence.completeness, classes)
    return reasons_of(values, np.isnan(evidence.completeness), Why.OUT_OF_SCALE)


def _stated(part: Part, stated: FloatArray, scale: Scale) -> Part:
    rule = toml("evidence/rules")["stated"]
    return with_stated(part, stated, rule["best"]) if scale.scheme in rule["schemes"] else part


def _not_future(part: Part, years: FloatArray) -> Part:
    values, why = part
    future = years < 0
    return np.where(future, np.nan, values), np.where(future, Why.FUTURE, why).astype(np.int8)

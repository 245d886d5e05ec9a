"""What must hold of samples before they are combined: one unit, one thing each, a weight; what may be told of them.

Faults of the samples are remarks, all of them together; thresholds stand in `reference/aggregation/rules.toml`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite, nan
from typing import Any

from factordb.derivation.aggregate import Aggregate
from factordb.reference import toml

ROUNDING = 1e-9
"""Amounts that agree to this are equal: they were added up."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One accepted factor as a sample: its number in the canonical unit, its weight, and what it describes."""

    factor_id: str
    version_id: str
    candidate_id: str
    name_zh: str
    name_en: str
    value: float
    u: float
    """Standard uncertainty; NaN without one."""
    basis: str
    """Basis of the uncertainty: reported, derived, default or none."""
    unit: str
    kind: str
    gas: str
    gwp_set: str
    boundary: str
    direction: str
    unit_basis: str
    technology: str
    tier: str
    verified: bool
    year: int | None
    region: str
    te: int | None
    weight: float
    """Production it stands for; NaN where the definition gives none."""
    weight_unit: str
    plant: str
    enterprise: str
    restricted: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with, or to be known of, an aggregate: code, severity, who is meant, further facts."""

    code: str
    severity: str
    members: tuple[str, ...] = ()
    facts: Mapping[str, object] | None = None

    @property
    def blocks(self) -> bool:
        """Whether the aggregate cannot be made."""
        return self.severity == "block"

    def words(self, lang: str) -> str:
        """Return the sentence in `lang`, "zh" or "en"."""
        told = {"members": ("、" if lang == "zh" else ", ").join(self.members), **(self.facts or {})}
        return str(toml(f"words/aggregate_{lang}")["remark"][self.code].format(**told))


@cache
def rule(name: str) -> Any:
    """Return the value of a rule of aggregation, or its list of names."""
    found = toml("aggregation/rules")[name]
    return found["value"] if "value" in found else tuple(found["names"])


_ONE_OF = (
    ("kind", "kinds_mixed"),
    ("unit", "units_mixed"),
    ("gas", "gases_mixed"),
    ("gwp_set", "gwp_mixed"),
    ("boundary", "boundaries_mixed"),
    ("direction", "directions_mixed"),
    ("unit_basis", "bases_mixed"),
)
"""Fields in which samples must agree, and the remark where they do not."""


def faults(
    samples: Sequence[Sample], *, weighted: bool, weight_unit: str, population: float = nan
) -> tuple[Remark, ...]:
    """Return what forbids combining these samples; empty: nothing.

    Args:
        samples: the samples.
        weighted: whether the method needs weights.
        weight_unit: the unit of the population's total, in which the weights must be given too; empty: no total.
        population: that total; NaN: not known.
    """
    found = tuple(_faults(samples, weighted=weighted, weight_unit=weight_unit))
    amounts = [one.weight for one in samples if one.weight > 0]
    if sum(amounts) > population * (1 + ROUNDING):
        found += (Remark("over_population", "block"),)
    return found


def _faults(samples: Sequence[Sample], *, weighted: bool, weight_unit: str) -> Iterator[Remark]:
    least = rule("least_samples")
    if len(samples) < least:
        yield Remark("too_few", "block", facts={"n": len(samples), "least": least})
        return
    for field, code in _ONE_OF:
        found = sorted({str(getattr(one, field)) for one in samples})
        if len(found) > 1:
            yield Remark(code, "block", tuple(word or "—" for word in found))
    for field, code in (("factor_id", "factor_twice"), ("_thing", "thing_twice")):
        key = _thing if field == "_thing" else _factor
        counts = Counter(key(one) for one in samples)
        twice = tuple(sorted({one.factor_id[:10] for one in samples if key(one) and counts[key(one)] > 1}))
        if twice:
            yield Remark(code, "block", twice)
    lacking = tuple(one.factor_id[:10] for one in samples if not (isfinite(one.u) and one.u > 0))
    if lacking:
        yield Remark("uncertainty_missing", "block", lacking)
    units = {one.weight_unit for one in samples if isfinite(one.weight)} | ({weight_unit} if weight_unit else set())
    if len(units) > 1:
        yield Remark("weight_units_mixed", "block", tuple(sorted(word or "—" for word in units)))
    if weighted or any(isfinite(one.weight) for one in samples):
        yield from _weights(samples)


def _factor(one: Sample) -> object:
    return one.factor_id


def _thing(one: Sample) -> object:
    """Return what two samples may not share: a plant, a technology and a year; None where no plant is named."""
    return (one.plant, one.technology, one.year) if one.plant else None


def _weights(samples: Sequence[Sample]) -> Iterator[Remark]:
    for code, wrong in (
        ("weight_missing", [one for one in samples if not isfinite(one.weight)]),
        ("weight_zero", [one for one in samples if one.weight == 0]),
        ("weight_negative", [one for one in samples if one.weight < 0]),
    ):
        if wrong:
            yield Remark(code, "block", tuple(one.factor_id[:10] for one in wrong))


def confidentiality(samples: Sequence[Sample]) -> tuple[Remark, ...]:
    """Return how an aggregate with restricted samples breaks the rule of confidentiality; empty: it does not.

    At least three plants and three enterprises, none with more than 70 % of the production. A sample that names no
    plant counts as a plant of its own, without an enterprise as an enterprise of its own. No remark carries a value, a
    weight, or a name.
    """
    if not any(one.restricted for one in samples):
        return ()
    least, largest = rule("least_plants"), rule("largest_share")
    broken: list[Remark] = []
    for field, few, dominant in (
        ("plant", "too_few_plants", "plant_dominates"),
        ("enterprise", "too_few_enterprises", "enterprise_dominates"),
    ):
        shares: dict[str, float] = {}
        equal = not all(isfinite(one.weight) and one.weight > 0 for one in samples)
        for one in samples:
            name = getattr(one, field) or one.plant or one.factor_id
            shares[name] = shares.get(name, 0.0) + (1.0 if equal else one.weight)
        if len(shares) < least:
            broken.append(Remark(few, "block", facts={"least": least}))
        elif max(shares.values()) > largest * sum(shares.values()):
            broken.append(Remark(dominant, "block", facts={"percent": f"{100 * largest:g}"}))
    return tuple(broken)


def cautions(samples: Sequence[Sample], made: Aggregate, *, outside: Sequence[str]) -> tuple[Remark, ...]:
    """Return what a person must know of an aggregate that could be made.

    Args:
        samples: the samples.
        made: the aggregate.
        outside: factors whose place lies outside the target region.
    """
    return tuple(_cautions(samples, made, outside))


def _cautions(samples: Sequence[Sample], made: Aggregate, outside: Sequence[str]) -> Iterator[Remark]:
    if not isfinite(made.coverage):
        yield Remark("coverage_unknown", "review")
    elif made.coverage < rule("provisional_coverage"):
        limit = 100 * rule("provisional_coverage")
        yield Remark("coverage_low", "review", facts={"percent": f"{100 * made.coverage:.3g}", "limit": f"{limit:g}"})
    assumed = tuple(one.factor_id[:10] for one in samples if one.basis == "default")
    if assumed:
        yield Remark("uncertainty_default", "advise", facts={"n": len(assumed)})
    years = [one.year for one in samples if one.year is not None]
    if len(years) < len(samples):
        yield Remark("year_unknown", "review")
    elif max(years) - min(years) > rule("year_spread"):
        yield Remark("years_apart", "review", facts={"first": min(years), "last": max(years)})
    kinds = {one.technology for one in samples}
    if len(kinds) > 1:
        yield Remark("technologies_mixed", "advise", facts={"n": len(kinds)})
    if outside:
        yield Remark("outside_region", "review", tuple(one[:10] for one in outside))
    if made.agreement.p_value < rule("heterogeneity_p"):
        facts = {"q": f"{made.agreement.q:.3g}", "percent": f"{100 * made.agreement.i_squared:.0f}"}
        yield Remark("samples_differ", "advise", facts=facts)


def provisional(made: Aggregate) -> bool:
    """Return whether an aggregate is provisional: little of the production was sampled, or nobody knows how much."""
    return not (isfinite(made.coverage) and made.coverage >= rule("provisional_coverage"))

"""The table of a proposed aggregate: one row that intake reads as any other source's, and the pipeline that reads it.

Nothing of a single restricted sample is written into it but its identifier, its version and its coefficient.
"""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from factordb.derivation.aggregate import Aggregate
from factordb.derivation.sample_rules import Remark, Sample
from factordb.model.aggregate_definition import AggregateDefinition
from factordb.model.pipeline import Pipeline, Record
from factordb.model.source import Source
from factordb.model.vocabulary import Basis

PIPELINE_NAME = "aggregate"

_FIELDS = (
    "name_zh", "name_en", "flow", "category", "quantity", "technology", "boundary", "direction", "region_text",
    "reference_year", "value", "unit", "gas", "unit_basis", "gwp_set", "sd", "statement_text", "bound_basis", "tier",
    "verified", "te", "geo", "flags", "source_id", "source_place", "source_value", "lineage",
)  # fmt: skip

PIPELINE = Pipeline(
    name=PIPELINE_NAME,
    title_zh="由样本合并的国家或区域因子",
    title_en="National and regional factors aggregated from samples",
    source=PIPELINE_NAME,
    records=(
        Record(name=PIPELINE_NAME, key=("aggregate_name",), columns={name: name for name in _FIELDS}),
    ),
    expect_columns=("aggregate_name", "value", "unit", "lineage"),
)  # fmt: skip
"""How intake reads a proposed aggregate: one row, canonical names, and what it is made of under `lineage`."""


@dataclass(frozen=True)
class Proposal:
    """What a definition comes to now: the samples, the result, what must be known of it, the table to take in."""

    definition: AggregateDefinition
    samples: tuple[Sample, ...]
    made: Aggregate
    unit: str
    factor: float
    """Size of one canonical unit in `unit`: numbers of `made` times this are in the unit of the value."""
    value: float
    low: float
    high: float
    scores: Mapping[str, float]
    cautions: tuple[Remark, ...]
    provisional: bool
    table: bytes
    source: Source

    @property
    def restricted(self) -> bool:
        """Whether some sample's own value may not be shown."""
        return any(one.restricted for one in self.samples)


def table_of(one: Proposal, first: Mapping[str, Any], scale: float, sha256: str) -> bytes:
    """Return the one row of the table: canonical fields, lineage, and the facts of the aggregation."""
    definition, made, samples = one.definition, one.made, one.samples
    years = [sample.year for sample in samples if sample.year is not None]
    described = int(np.average([y or definition.year for y in (s.year for s in samples)], weights=made.contributions)
                    + 1e-9)  # fmt: skip
    kinds = {sample.technology for sample in samples}
    value = f"{one.value:.6g}"
    shared = {name: next(iter({getattr(s, name) for s in samples})) for name in ("gas", "gwp_set", "unit_basis")}
    facts = _facts(one, scale, sha256)
    row = {
        "aggregate_name": definition.name,
        "name_zh": definition.name_zh,
        "name_en": definition.name_en,
        "flow": first["flow"] or "",
        "category": "",
        "quantity": first["quantity"] or "",
        "technology": definition.technology or (kinds.pop() if len(kinds) == 1 else "mix of samples"),
        "boundary": samples[0].boundary,
        "direction": samples[0].direction,
        "region_text": definition.region,
        "reference_year": str(min(described, definition.year) if years else definition.year),
        "value": value,
        "unit": one.unit,
        **shared,
        "sd": f"{made.sd_stated / abs(scale):.4g}",
        "statement_text": "u = {u}; u_within = {within}; u_between = {between}; τ = {tau}".format(**facts["parts"]),
        "bound_basis": f"{_basis(samples)}: aggregate, {definition.method}, {definition.between}",
        "tier": one.source.tier.value,
        "verified": str(all(sample.verified for sample in samples)).lower(),
        "te": _typed(one.scores["te"]),
        "geo": _typed(one.scores["gr"]),
        "flags": "provisional" if one.provisional else "",
        "source_id": one.source.source_id,
        "source_place": f"sha256 {sha256[:16]}",
        "source_value": value,
        "lineage": json.dumps(_lineage(one), ensure_ascii=False, sort_keys=True),
        "aggregation": json.dumps(facts, ensure_ascii=False, sort_keys=True),
    }
    return _csv(row)


def _basis(samples: Sequence[Sample]) -> Basis:
    """Return the basis of the aggregate's uncertainty: a default where that of a sample is one."""
    return Basis.DEFAULT if any(one.basis == Basis.DEFAULT for one in samples) else Basis.DERIVED


def _typed(score: float) -> str:
    """Return a score as a whole number, never better than it is; empty where there is none."""
    return "" if math.isnan(score) else str(math.ceil(score - 1e-9))


def _lineage(one: Proposal) -> list[dict[str, object]]:
    """Return what the aggregate is built on; of a restricted sample neither name nor share is written down."""
    return [
        {
            "factor_id": sample.factor_id,
            "version_id": sample.version_id,
            "role": "sample",
            "label": None if sample.restricted else sample.name_zh,
            "amount": float(f"{weight:.12g}"),
            "unit": sample.unit,
            "share": None if sample.restricted else float(f"{part:.6g}"),
            "exact": one.definition.method == "production",
            "restricted": sample.restricted,
        }
        for sample, weight, part in zip(one.samples, one.made.weights, one.made.contributions, strict=True)
    ]


def _facts(one: Proposal, scale: float, sha256: str) -> dict[str, Any]:
    """Return the facts that explain the aggregate; none is of a single restricted sample."""
    made, definition, size = one.made, one.definition, abs(scale)
    shown = [
        {"factor_id": s.factor_id, "value": f"{s.value / scale:.6g}", "weight": None if definition.equal_weights
         or math.isnan(s.weight) else s.weight}
        for s in one.samples if not s.restricted
    ]  # fmt: skip
    return {
        "definition": sha256,
        "method": definition.method,
        "between": definition.between,
        "samples": len(one.samples),
        "equal_weights": definition.equal_weights,
        "weight_source": definition.weight_source,
        "weight_unit": definition.weight_unit,
        "population": None if math.isnan(definition.population) else definition.population,
        "population_source": definition.population_source,
        "parts": {
            "u": f"{made.u / size:.4g}", "within": f"{made.u_within / size:.4g}",
            "between": f"{made.u_between / size:.4g}", "tau": f"{math.sqrt(made.tau2) / size:.4g}",
        },
        "interval": {
            "low": f"{one.low:.6g}", "high": f"{one.high:.6g}", "unit": one.unit,
            "dof": "∞" if math.isinf(made.dof) else f"{made.dof:.3g}", "effective": f"{made.effective:.3g}",
        },
        "coverage": None if math.isnan(made.coverage) else float(f"{made.coverage:.6g}"),
        "scores": {name: None if math.isnan(score) else float(f"{score:.4g}") for name, score in one.scores.items()},
        "provisional": one.provisional,
        "cautions": [{**asdict(caution), "facts": dict(caution.facts or {})} for caution in one.cautions],
        "shown": shown,
    }  # fmt: skip


def _csv(row: Mapping[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row), lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue().encode()

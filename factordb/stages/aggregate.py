"""An aggregate proposed as data: accepted samples and a definition become a table that intake reads as any other.

The definition and the made table are kept by their hash, so the batch can be rebuilt; samples are named by version.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from factordb.derivation.aggregate import Aggregate, aggregate, representativeness
from factordb.derivation.sample_rules import Remark, Sample, cautions, confidentiality, faults, provisional, rule
from factordb.errors import NotFoundError, NotPermittedError, UsageError
from factordb.model.aggregate_definition import SELECTABLE, AggregateDefinition, Member
from factordb.model.source import Source
from factordb.model.vocabulary import Basis, Tier
from factordb.rating.evidence import Known, Place, codes_of, gathered
from factordb.rating.places import place_relation
from factordb.rating.schemes import scheme
from factordb.reference import tables
from factordb.stages.aggregate_table import PIPELINE_NAME, Proposal, table_of
from factordb.store.library_file import Published, read

SCHEME = "cifa-ef"
SCORES = ("te", "gr", "ti", "p")
_SAMPLES = """
    SELECT c.factor_id, c.version_id, c.candidate_id, coalesce(c.name_zh, c.name_en, '') AS name_zh,
           coalesce(c.name_en, c.name_zh, '') AS name_en, c.canonical_value AS value,
           u.sd * abs(c.to_canonical) AS u, coalesce(u.basis, 'none') AS basis,
           coalesce(c.canonical_unit, '') AS canonical_unit, coalesce(c.unit, '') AS unit, c.to_canonical,
           c.kind, coalesce(c.gas, '') AS gas, coalesce(c.gwp_set, '') AS gwp_set, c.boundary, c.direction,
           coalesce(c.unit_basis, '') AS unit_basis, coalesce(c.technology, '') AS technology, c.tier, c.verified,
           c.reference_year AS year, coalesce(c.region, '') AS region, coalesce(c.region_text, '') AS region_text,
           c.te, c.flow, c.category, c.quantity, c.pipeline, c.valid_until
    FROM candidate c JOIN uncertainty u USING (candidate_id)
    SEMI JOIN read_parquet(?) i ON i.candidate_id = c.candidate_id AND i.version_id = c.version_id
"""


def propose(published: Published, items: Path | None, definition: AggregateDefinition, sha256: str) -> Proposal:
    """Return what a definition comes to with the samples that are accepted now.

    Args:
        published: the read model.
        items: Parquet object of the newest decision: candidate and version ids of what is adopted; None: nothing is.
        definition: what to aggregate.
        sha256: of the definition file.

    Raises:
        UsageError: a sample is not accepted, is not there, is built on this aggregate, or samples do not fit together.
        NotPermittedError: the rule of confidentiality is broken; the sentence carries no value, weight or name.
    """
    rows = _chosen(published, items, definition)
    samples = tuple(_sample(row, member, definition) for row, member in rows)
    # confidentiality first: no other sentence may tell anything of samples that may not be combined
    _refuse(NotPermittedError, definition, confidentiality(samples))
    weighted = definition.method == "production"
    unit = definition.weight_unit
    _refuse(
        UsageError,
        definition,
        faults(samples, weighted=weighted, weight_unit=unit, population=definition.population),
    )
    _refuse_cycle(published, definition, samples)
    weights = [one.weight for one in samples]
    made = aggregate(
        [one.value for one in samples],
        [one.u for one in samples],
        weights if all(math.isfinite(one) for one in weights) else None,
        method=definition.method,  # type: ignore[arg-type] # read_definition knows no other word
        between=definition.between,  # type: ignore[arg-type] # as above
        population=definition.population,
    )
    return _proposal(definition, samples, made, [row for row, _ in rows], sha256)


def _refuse(
    kind: type[UsageError | NotPermittedError], definition: AggregateDefinition, found: Sequence[Remark]
) -> None:
    if found:
        raise kind(
            problem=f"{definition.name}: " + "; ".join(one.words("en") for one in found),
            remedy="correct the definition, or choose other samples",
            problem_zh=f"{definition.name}：" + "；".join(one.words("zh") for one in found),
            remedy_zh="请更正定义，或另选样本",
        )


def _chosen(
    published: Published, items: Path | None, definition: AggregateDefinition
) -> list[tuple[dict[str, Any], Member | None]]:
    """Return the accepted rows of the samples, each with what the definition says of it, in a fixed order."""
    if items is None:
        raise UsageError(
            problem="nothing has been adopted yet, so there are no samples",
            remedy="adopt first: `factordb run`, or a reviewed decision",
            problem_zh="尚未采纳任何因子，因而没有样本",
            remedy_zh="请先采纳：`factordb run`，或经评审作出决定",
        )
    if definition.select is not None:
        where, values = ["c.pipeline <> ?"], [str(items), PIPELINE_NAME]
        for name, words in definition.select.items():
            column = name if name in SELECTABLE else "pipeline"
            marks = ", ".join("?" * len(words))
            text = f"CAST(c.{column} AS VARCHAR) IN ({marks})"
            where.append(f"({text} OR c.region_text IN ({marks}))" if column == "region" else text)
            values += [*words, *(words if column == "region" else ())]
        query = f"{_SAMPLES} WHERE {' AND '.join(where)} ORDER BY c.factor_id"
        return [(row, None) for row in read(published, query, list[object](values)).to_pylist()]
    found = []
    for member in definition.members:
        own = "WHERE starts_with(c.factor_id, ?) OR starts_with(c.candidate_id, ?) OR starts_with(c.version_id, ?)"
        rows = read(published, f"{_SAMPLES} {own}", [str(items), *[member.factor] * 3]).to_pylist()
        if len(rows) != 1:
            raise _not_accepted(published, member.factor, len(rows))
        found.append((rows[0], member))
    return sorted(found, key=lambda one: str(one[0]["factor_id"]))


def _not_accepted(published: Published, name: str, count: int) -> UsageError | NotFoundError:
    known = read(
        published,
        "SELECT count(*) AS n FROM candidate WHERE starts_with(factor_id, $1) OR starts_with(candidate_id, $1) "
        "OR starts_with(version_id, $1)",
        [name],
    )["n"][0].as_py()
    if count or not known:
        return NotFoundError("factor", name, known="`factordb factor search`")
    return UsageError(
        problem=f"{name} is not adopted, so it is no sample",
        remedy="let it be adopted first; `factordb factor explain` says what holds it back",
        problem_zh=f"{name} 未被采纳，不能作为样本",
        remedy_zh="请先使其被采纳；`factordb factor explain` 会说明未采纳的原因",
    )


def _sample(row: Mapping[str, Any], member: Member | None, definition: AggregateDefinition) -> Sample:
    weight = 1.0 if definition.equal_weights else member.weight if member else math.nan
    given = definition.weights or {}
    for key in (row["region_text"], row["region"], row["factor_id"]):
        if not definition.equal_weights and math.isnan(weight) and key in given:
            weight = float(given[key])
    access = (member.access if member else "") or definition.access
    number: dict[str, Any] = {name: math.nan if row[name] is None else float(row[name]) for name in ("value", "u")}
    return Sample(
        **{name: row[name] for name in Sample.__dataclass_fields__ if name in row and name not in {"unit", *number}},
        **number,
        unit=row["canonical_unit"],
        weight=weight,
        weight_unit=definition.weight_unit,
        plant=member.plant if member else "",
        enterprise=member.enterprise if member else "",
        restricted=access == "restricted" or (not access and row["tier"] in rule("restricted_tiers")),
    )


def _refuse_cycle(published: Published, definition: AggregateDefinition, samples: Sequence[Sample]) -> None:
    """Refuse a definition whose samples are built, over any number of steps, on the aggregate itself."""
    own = read(
        published, "SELECT DISTINCT factor_id FROM candidate WHERE source_id = ?", [definition.source_id]
    )["factor_id"].to_pylist()  # fmt: skip
    if not own:
        return
    names = read(
        published,
        "WITH RECURSIVE edge AS (SELECT DISTINCT c.factor_id AS child, f.input_factor_id AS parent FROM factor_input f "
        "JOIN candidate c USING (candidate_id)), above AS (SELECT DISTINCT parent AS name FROM edge WHERE child IN "
        "(SELECT unnest(?)) UNION SELECT unnest(?) UNION "
        "SELECT e.parent FROM above a JOIN edge e ON e.child = a.name), "
        "below AS (SELECT unnest(?) AS name UNION SELECT e.child FROM below b JOIN edge e ON e.parent = b.name) "
        "SELECT name FROM above SEMI JOIN below USING (name) ORDER BY name",
        [[one.factor_id for one in samples], [one.factor_id for one in samples], own],
    )["name"].to_pylist()
    if names:
        members = sorted({*names, *own})
        raise UsageError(
            problem=f"{definition.name} would be built on itself through {', '.join(str(one)[:10] for one in members)}",
            remedy="take these samples out of the definition",
            problem_zh=f"{definition.name} 将循环建立在自身之上，涉及 {'、'.join(str(one)[:10] for one in members)}",
            remedy_zh="请将这些样本从定义中去除",
        )


def _proposal(
    definition: AggregateDefinition,
    samples: tuple[Sample, ...],
    made: Aggregate,
    rows: Sequence[Mapping[str, Any]],
    sha256: str,
) -> Proposal:
    same = {(row["unit"], row["to_canonical"]) for row in rows}
    unit, scale = (samples[0].unit, 1.0) if len(same) > 1 or not rows[0]["unit"] else next(iter(same))
    scores = _scores(definition, samples, made)
    relation, _ = place_relation([one.region for one in samples], [_region_code(definition.region)] * len(samples))
    inside = (Place.SAME, Place.INSIDE, Place.UNKNOWN)
    outside = [one.factor_id for one, code in zip(samples, relation, strict=True) if code not in inside]
    source = _source(definition, samples, sha256)
    proposal = Proposal(
        definition=definition,
        samples=samples,
        made=made,
        unit=unit,
        factor=1 / scale,
        value=made.value / scale,
        low=made.low / scale,
        high=made.high / scale,
        scores=scores,
        cautions=cautions(samples, made, outside=outside),
        provisional=provisional(made),
        table=b"",
        source=source,
    )
    content = table_of(proposal, rows[0], scale, sha256)
    return replace(proposal, table=content)


def _region_code(region: str) -> str:
    aliases = tables.region_aliases()
    known = dict(zip(aliases["alias"].to_pylist(), aliases["code"].to_pylist(), strict=True))
    found = known.get(region.lower())
    if found is None:
        raise NotFoundError("region", region, known="factordb/reference/regions/aliases.csv")
    return str(found)


def _scores(definition: AggregateDefinition, samples: Sequence[Sample], made: Aggregate) -> dict[str, float]:
    """Return te, gr, ti, p of the aggregate: its samples seen from its own place and year, weighted by contribution."""
    count = len(samples)
    relation, steps = place_relation([one.region for one in samples], [_region_code(definition.region)] * count)
    evidence = gathered(
        count,
        age_years=np.array([math.nan if one.year is None else definition.year - one.year for one in samples]),
        technology=np.array([one.te or 0 for one in samples]),
        place=relation,
        place_steps=steps,
        tier=codes_of(Tier, [one.tier for one in samples]),
        verified=np.array([Known.YES if one.verified else Known.NO for one in samples]),
        plausible=np.full(count, Known.YES),
        relative_sd=np.array([one.u / abs(one.value) if one.value else math.nan for one in samples]),
        basis=codes_of(Basis, [one.basis for one in samples]),
    )
    found = representativeness(evidence, made.contributions, scheme(SCHEME))
    return {name: float(found.of(name)[0]) for name in SCORES}


def _source(definition: AggregateDefinition, samples: Sequence[Sample], sha256: str) -> Source:
    weakest = max((Tier(one.tier) for one in samples), key=list(Tier).index)
    return Source(
        source_id=definition.source_id,
        title_zh=f"样本合并：{definition.name_zh}",
        title_en=f"aggregate of samples: {definition.name_en}",
        publisher="factordb",
        tier=weakest,
        licence="由本库采纳的样本合并而成 / made from samples adopted by this library",
        obtain=f"定义文件 sha256 {sha256[:16]}，样本按版本号保存于本库 / "
        f"definition file sha256 {sha256[:16]}, samples by version in this library",
        gwp_set=samples[0].gwp_set or None,
        region=_region_code(definition.region),
        demonstration=definition.equal_weights,
    )


def accepted(published: Published, items: Path | None) -> pa.Table:
    """Return factor_id, version_id, valid_until of what is adopted."""
    if items is None:
        return pa.table({"factor_id": pa.array([], pa.string()), "version_id": pa.array([], pa.string()),
                         "valid_until": pa.array([], pa.date32())})  # fmt: skip
    return read(
        published,
        "SELECT c.factor_id, c.version_id, c.valid_until FROM candidate c SEMI JOIN read_parquet(?) i "
        "ON i.candidate_id = c.candidate_id AND i.version_id = c.version_id",
        [str(items)],
    )

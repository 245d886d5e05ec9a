"""Rating and promotion: evidence of every candidate, its scores, the policy's judgement, and the order of sources."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from factordb.model.vocabulary import Basis, Tier
from factordb.rating.evidence import Found, Known, begun_years_after, codes_of, gathered
from factordb.rating.places import place_relation
from factordb.rating.policy import load_policy
from factordb.rating.promotion import KINDS, VERDICTS, judge
from factordb.rating.schemes import scheme
from factordb.stages.competition import THING, WIDTH, winners
from factordb.store.appraisal import AppraisalFile

Progress = Callable[[str, int, int], None]

HOME = "CN"
"""Where the library's factors are used: a factor of another place is judged by its distance from here."""
PREFERRED_OTHER = "PREFERRED_OTHER"
"""Reason code: another candidate for the same thing stands higher in the order of clause (五)."""

_EVIDENCE = f"""
    SELECT c.batch_id, c.candidate_id, c.version_id, c.kind, c.tier, c.verified, c.trace_level, c.signed_share,
           c.region, c.reference_year,
           c.valid_until, c.te, c.geo, c.published_on, s.status, s.demonstration, s.licence IS NOT NULL AS licensed,
           s.obtain IS NOT NULL AS obtainable, c.name_zh IS NOT NULL AND c.name_en IS NOT NULL AS bilingual,
           c.product_code IS NOT NULL AS coded, c.source_place IS NOT NULL AS placed,
           (c.source_value = c.value_text OR TRY_CAST(c.source_value AS DOUBLE) = c.value) AS matched,
           c.source_value IS NULL AS unsought,
           u.cv, u.basis, v.verdict, v.codes, k.thing,
           NOT EXISTS (SELECT 1 FROM finding f WHERE f.candidate_id = c.candidate_id AND f.severity = 'review'
                       AND (starts_with(f.code, 'PLA') OR starts_with(f.code, 'CMP'))) AS plausible,
           k.peers > 1 OR EXISTS (
               SELECT 1 FROM flow_family f JOIN plausible_range r USING (family)
               WHERE f.flow = lower(coalesce(c.flow, c.name_en, c.name_zh)) AND r.canonical_unit = c.canonical_unit
           ) AS compared,
           {WIDTH} AS width
    FROM candidate c
    JOIN verdict v USING (candidate_id)
    JOIN uncertainty u USING (candidate_id)
    JOIN (SELECT candidate_id, {THING.format("m")} AS thing,
          count(*) OVER (PARTITION BY lower(flow), gas, canonical_unit, quantity) AS peers, origin
          FROM comparable m) k
      USING (candidate_id)
    LEFT JOIN source s ON s.source_id = c.source_id
    WHERE k.origin = 'batch'
    ORDER BY c.candidate_id
"""


def rate_candidates(work: AppraisalFile, as_of: date, scheme_name: str, policy_name: str, progress: Progress) -> None:
    """Write the assessment of every candidate: scores, rating, verdict, eligibility and every reason against it."""
    progress("rating", 0, 1)
    rows = work.table(_EVIDENCE)
    columns = _columns(rows, as_of)
    evidence = gathered(rows.num_rows, **columns)
    _keep_evidence(work, rows, columns)
    chosen, policy = scheme(scheme_name), load_policy(policy_name)
    scores = chosen.score(evidence)
    rating = chosen.combine(scores)
    # a policy judges by its own scheme, whichever one is asked to be shown
    by_policy = chosen if chosen.name == policy.scheme else scheme(policy.scheme)
    policy_scores = by_policy.score(evidence)
    judged = judge(
        policy,
        evidence,
        policy_scores,
        by_policy.combine(policy_scores).dqr,
        verdict=_codes(rows, "verdict", [one.value for one in VERDICTS]),
        kind=_codes(rows, "kind", [one.value for one in KINDS]),
        demonstration=_flag(rows, "demonstration"),
        submitted={
            "authorisation_scope": _flag(rows, "licensed"),
            "original_file_or_how_to_obtain": _flag(rows, "obtainable"),
            "bilingual_names": _flag(rows, "bilingual"),
            "classification_codes": _flag(rows, "coded"),
        },
    )
    winner = winners(rows, dqr=rating.dqr, taking_part=judged.eligible)
    ids = rows["candidate_id"]
    beaten = judged.eligible & (winner != np.arange(rows.num_rows))
    reasons = _reasons(rows["codes"], judged.texts(), beaten)
    scored = {one: scores.of(one) for one in scores.criteria}
    text = pa.string()
    work.append(
        "assessment",
        pa.table(
            {
                "batch_id": rows["batch_id"],
                "candidate_id": ids,
                "version_id": rows["version_id"],
                "verdict": rows["verdict"],
                "scheme": pa.array([f"{chosen.name} {chosen.version}"] * rows.num_rows, text),
                **{name: _score(scored.get(name), rows.num_rows) for name in ("te", "gr", "ti", "p")},
                "dqr": pa.array(rating.dqr, pa.float64(), mask=np.isnan(rating.dqr)),
                "band": pa.array(chosen.band_ids(rating.band), text),
                "eligible": pa.array(judged.eligible & ~beaten),
                "reasons": reasons,
                "beaten_by": pa.array(ids.combine_chunks().take(pa.array(winner)).to_numpy(zero_copy_only=False), text,
                                      mask=~beaten),
            }
        ),
    )  # fmt: skip
    progress("rating", 1, 1)


def _columns(rows: pa.Table, as_of: date) -> Mapping[str, Any]:
    places = rows["region"].to_pylist()
    uses = [_use(one) for one in places]
    relation, steps = place_relation(places, uses)
    found = np.select([_flag(rows, "unsought"), _flag(rows, "matched")], [Found.UNKNOWN, Found.MATCHED], Found.CONFLICT)
    return {
        "age_years": as_of.year - _number(rows, "reference_year"),
        "past_validity_years": begun_years_after(rows["valid_until"].to_numpy(), as_of),
        "in_force": np.where(_equal(rows, "status", "in_force"), Known.YES, Known.UNKNOWN),
        "technology": _levels(rows, "te"),
        "place": relation,
        "place_steps": steps,
        "tier": codes_of(Tier, rows["tier"]),
        "verified": np.where(_flag(rows, "verified"), Known.YES, Known.NO),
        "plausible": np.where(
            ~_flag(rows, "plausible"), Known.NO, np.where(_flag(rows, "compared"), Known.YES, Known.UNKNOWN)
        ),
        "relative_sd": _number(rows, "cv"),
        "basis": codes_of(Basis, rows["basis"]),
        "stated_geo": _number(rows, "geo"),
        "source_found": found,
        "documented": np.where(_flag(rows, "placed"), Known.YES, Known.NO),
    }


def _levels(rows: pa.Table, name: str) -> NDArray[np.int8]:
    """Return judged levels 1 … 5; what lies outside breaks the contract (FMT rule) and counts as unknown."""
    given = np.nan_to_num(_number(rows, name), nan=0)
    return np.where((given >= 1) & (given <= 5), given, 0).astype(np.int8)  # noqa: PLR2004 - the scale


def _keep_evidence(work: AppraisalFile, rows: pa.Table, columns: Mapping[str, Any]) -> None:
    plain = {
        name: pa.array(np.asarray(values, float), pa.float64(), mask=np.isnan(np.asarray(values, float)))
        if np.asarray(values).dtype.kind == "f"
        else pa.array(np.asarray(values), pa.int64())
        for name, values in columns.items()
    }
    work.append(
        "rating_evidence", pa.table({"batch_id": rows["batch_id"], "candidate_id": rows["candidate_id"], **plain})
    )


def _use(place: str | None) -> str:
    """Return where a factor of this place is used: in its own part of the home country, else in the country."""
    inside = place is not None and (place.isdigit() or place.startswith(("CN-", HOME)))
    return place if inside and place is not None else HOME


def _reasons(codes: pa.ChunkedArray, policy: NDArray[np.object_], beaten: NDArray[np.bool_]) -> pa.ChunkedArray:
    """Return broken rules, reasons of policy and of competition, separated by spaces; null where there are none."""
    policy = np.where(beaten, PREFERRED_OTHER, policy)
    # both sides filled first: pyarrow's null_handling="skip" drops rows of chunked strings
    joined = pc.utf8_trim_whitespace(
        pc.binary_join_element_wise(codes.fill_null(""), pa.array(policy.tolist(), pa.string()).fill_null(""), " ")
    )
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def _score(values: NDArray[np.float64] | None, count: int) -> pa.Array:
    if values is None:
        return pa.nulls(count, pa.int64())
    gone = np.isnan(values)
    return pa.array(np.where(gone, 0, values).astype(np.int64), mask=gone)


def _number(rows: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=float)


def _flag(rows: pa.Table, name: str) -> NDArray[np.bool_]:
    return np.asarray(rows[name].fill_null(False).to_numpy(), dtype=bool)  # noqa: FBT003 - pyarrow's signature


def _equal(rows: pa.Table, name: str, word: str) -> NDArray[np.bool_]:
    return np.asarray(pc.equal(rows[name].fill_null(""), word).to_numpy(), dtype=bool)


def _codes(rows: pa.Table, name: str, words: list[str]) -> NDArray[np.int64]:
    found = pc.index_in(rows[name], value_set=pa.array(words))
    return np.asarray(found.fill_null(-1).to_numpy(), dtype=np.int64)

"""Applying a promotion policy to n candidates: who is eligible, and every reason why another is not.

Gates are asked beside the rating and never averaged into it; nothing good in four dimensions buys off a bad fifth.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import StatementError
from factordb.model.vocabulary import Basis, Kind, Verdict
from factordb.rating.evidence import BASES, TIERS, Codes, Evidence, FloatArray, Found, Known
from factordb.rating.order import proven_tier
from factordb.rating.policy import EVIDENCE, GRADED, Policy
from factordb.rating.scores import Scores, Why, completeness_score
from factordb.reference import table

Mask = NDArray[np.bool_]
VERDICTS = tuple(Verdict)
"""The code of a verdict is its position here; -1 is none."""
KINDS = tuple(Kind)
"""The code of a kind is its position here; -1 is unknown."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What a policy says of n candidates."""

    policy: Policy
    eligible: Mask
    """Shape (n,)."""
    codes: tuple[str, ...]
    """Reason codes that the policy can give, in order."""
    reasons: Mask
    """Which reasons hold each candidate back, shape (n, codes)."""

    def texts(self) -> NDArray[np.object_]:
        """Return the reason codes of each candidate, separated by spaces, shape (n,); None where there are none."""
        places = np.zeros(len(self.eligible), np.int64)
        for column in range(len(self.codes)):
            places |= self.reasons[:, column].astype(np.int64) << column
        distinct, back = np.unique(places, return_inverse=True)
        joined = [" ".join(code for i, code in enumerate(self.codes) if one >> i & 1) or None for one in distinct]
        words: NDArray[np.object_] = np.array(joined, dtype=object)
        return words[back]

    def counts(self) -> dict[str, int]:
        """Return how many candidates each reason holds back, only reasons that do."""
        held = self.reasons.sum(axis=0)
        return {code: int(count) for code, count in zip(self.codes, held, strict=True) if count}


def judge(
    policy: Policy,
    evidence: Evidence,
    scores: Scores,
    dqr: FloatArray,
    *,
    verdict: ArrayLike,
    kind: ArrayLike,
    demonstration: ArrayLike = False,
    submitted: Mapping[str, ArrayLike] | None = None,
) -> Judgement:
    """Return who of n candidates may be promoted, with every reason against the others.

    Args:
        policy: from `load_policy`.
        evidence: of the candidates.
        scores: under the policy's scheme.
        dqr: rating of the scores, NaN without one, shape (n,).
        verdict: positions in `VERDICTS`, -1 none, shape (n,) or one for all.
        kind: positions in `KINDS`, shape (n,) or one for all.
        demonstration: whether any evidence is invented for demonstration, shape (n,) or one answer for all.
        submitted: answers (true: it is there) by names of `EVIDENCE`, shape (n,) or one for all; what is not given
            is not there.

    Raises:
        StatementError: the scores are of another scheme, a column has another length, or a name of `submitted` is
            unknown.
    """
    answers = submitted or {}
    columns = {"scores": scores.values[:, 0], "dqr": dqr, "verdict": verdict, "kind": kind, **answers}
    _require_own(policy, evidence, scores, columns, set(answers) - set(EVIDENCE))
    count = len(evidence)
    found: dict[str, Mask] = {
        **_verdict_reasons(policy, np.broadcast_to(verdict, (count,))),
        **_source_reasons(policy, evidence),
        "KIND_NOT_TAKEN": ~np.isin(np.broadcast_to(kind, (count,)), [KINDS.index(one) for one in policy.kinds]),
        **_uncertainty_reasons(policy, evidence),
        **_score_reasons(policy, evidence, scores, np.asarray(dqr, dtype=np.float64)),
        "DEMONSTRATION": _answers(demonstration, count) & (not policy.demonstration),
        **{EVIDENCE[one]: ~_answers(answers.get(one, False), count) for one in policy.evidence},
    }
    reasons = np.stack(list(found.values()), axis=1)
    eligible: Mask = ~np.logical_or.reduce(reasons, axis=1)
    return Judgement(policy, eligible, tuple(found), reasons)


def reason_words(code: str, lang: str, policy: Policy | None = None) -> tuple[str, str]:
    """Return (why, what to do) of a reason code in `lang`, "zh" or "en", with the limit of the policy filled in.

    Raises:
        StatementError: there is no such code.
    """
    row = next((one for one in table("policy/reasons").to_pylist() if one["code"] == code), None)
    if row is None:
        raise StatementError(
            problem=f"there is no reason {code!r}",
            remedy="see the table policy/reasons",
            problem_zh=f"没有原因代码 {code!r}",
            remedy_zh="见表 policy/reasons",
        )
    dimension = "dqr" if code == "DQR_ABOVE" else code.removeprefix("FLOOR_").lower()
    limit = policy.limits.get(dimension) if policy else None
    shown = "" if limit is None else f"{limit:g}"
    return str(row[lang]).replace("{limit}", shown), str(row[f"fix_{lang}"])


def _verdict_reasons(policy: Policy, verdict: NDArray[np.generic]) -> dict[str, Mask]:
    held = {
        f"VERDICT_{one.value.upper()}": np.asarray(verdict == VERDICTS.index(one))
        for one in (Verdict.FAIL, Verdict.INSUFFICIENT, Verdict.NEEDS_PERSON)
        if one not in policy.verdicts
    }
    return {**held, "VERDICT_MISSING": ~np.isin(verdict, np.arange(len(VERDICTS)))}


def _source_reasons(policy: Policy, evidence: Evidence) -> dict[str, Mask]:
    words = {
        Found.CONFLICT: "SOURCE_CONFLICT",
        Found.NOT_FOUND: "SOURCE_NOT_FOUND",
        Found.UNKNOWN: "SOURCE_NOT_CHECKED",
    }
    proven = proven_tier(evidence.tier, evidence.verified)
    allowed = np.isin(proven, [TIERS.index(one) for one in policy.tiers])
    return {
        **{code: evidence.source_found == one for one, code in words.items() if one not in policy.source_found},
        "NO_SOURCE": (evidence.documented != Known.YES) & policy.source_stated,
        "TIER_UNKNOWN": proven < 0,
        "TIER_NOT_ALLOWED": ~allowed & (proven >= 0),
    }


def _uncertainty_reasons(policy: Policy, evidence: Evidence) -> dict[str, Mask]:
    there = np.isfinite(evidence.relative_sd) & (evidence.relative_sd > 0)
    labelled = evidence.basis != BASES.index(Basis.NONE)
    return {
        "NO_UNCERTAINTY": ~there & policy.uncertainty_result,
        "UNCERTAINTY_UNLABELLED": there & ~labelled,
    }


def _score_reasons(policy: Policy, evidence: Evidence, scores: Scores, dqr: FloatArray) -> dict[str, Mask]:
    found = {
        "FUTURE_DATE": (scores.why == Why.FUTURE).any(axis=1),
        "SCORE_OFF_SCALE": (scores.why == Why.OUT_OF_SCALE).any(axis=1),
    }
    for one in scores.criteria:
        values = scores.of(one)
        found[f"NO_SCORE_{one.upper()}"] = np.isnan(values)
        found[f"FLOOR_{one.upper()}"] = values > policy.limits[one] + _ROUNDING
    if GRADED in policy.limits:
        graded = completeness_score(evidence.completeness)
        found["NO_COMPLETENESS"] = np.isnan(graded)
        found["FLOOR_COMPLETENESS"] = graded > policy.limits[GRADED] + _ROUNDING
    found["DQR_ABOVE"] = dqr > policy.limits["dqr"] + _ROUNDING
    found["NO_DQR"] = np.isnan(dqr) & ~np.isnan(scores.values).any(axis=1)
    return found


def _answers(given: ArrayLike, count: int) -> Mask:
    """Return answers as a mask; what is masked or below zero (unknown) is no."""
    plain: Codes = np.ma.filled(np.ma.asarray(given).astype(np.int8), Known.UNKNOWN)
    return np.broadcast_to(plain == Known.YES, (count,))


def _require_own(
    policy: Policy, evidence: Evidence, scores: Scores, columns: Mapping[str, ArrayLike], strange: set[str]
) -> None:
    shapes = {name: np.shape(one) for name, one in columns.items()}
    whole = ("scores", "dqr")
    wrong = [one for one, shape in shapes.items() if shape != (len(evidence),) and (shape != () or one in whole)]
    if scores.scheme == policy.scheme and not wrong and not strange:
        return
    told = f"scores of {scores.scheme}; {len(evidence)} candidates; {[*wrong, *sorted(strange)]}"
    raise StatementError(
        problem=f"policy {policy.name} cannot be applied to this: {told}",
        remedy=f"rate the same candidates under {policy.scheme} and name submitted evidence from {', '.join(EVIDENCE)}",
        problem_zh=f"政策 {policy.name} 无法用于：{told}",
        remedy_zh=f"请以 {policy.scheme} 对同一批候选评分，提交证据的名称取自：{'、'.join(EVIDENCE)}",
    )

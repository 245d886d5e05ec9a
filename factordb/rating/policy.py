"""Promotion into the national library: gates first, then a floor on every dimension, then the rating.

What the default policy (`clause5`, scheme `cifa-ef`) says of six values used in China on 26 November 2026; all have
source and place, and no broken plausibility check (a test holds the table):

=====================================================  ==  ==  ==  ==  =====  ==========================================
value and what is known of it                          te  gr  ti  p   dqr    outcome
=====================================================  ==  ==  ==  ==  =====  ==========================================
grid CO2 2023, in force, no end stated, no             1   1   2   3   1.75   eligible: very good, not excellent
uncertainty stated (declared default 4.6 %)
electricity footprint 2024, in force, technology mix,  2   1   2   3   2.00   eligible: very good
no uncertainty stated (declared default 4.6 %)
national database, power coal 96.2 tCO2/TJ, CV 3.4 %,  2   1   3   2   2.00   eligible: the year of the data is unknown,
in force, no reference year                                                   which costs time, not the place
IPCC 2006 default, crude oil CO2, 95 % limits of 3 %   3   3   3   2   2.75   eligible: good; gives way to a national
(sd 1.5 %), in force, world, partly the technology                            value of the same rank by its rating
national database, valve CH4, CV 376.9 %               2   1   3   5   2.75   held back: FLOOR_P; a good mean is no help
measured 2025 at the same plant, labelled "measured,   1   1   2   2   1.50   eligible: excellent, yet it ranks behind
verified", not verified, CV 5 %                                               government official data
=====================================================  ==  ==  ==  ==  =====  ==========================================
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from factordb.errors import NotFoundError, UsageError
from factordb.model.vocabulary import Kind, Tier, Verdict
from factordb.rating.evidence import Found
from factordb.rating.schemes import scheme
from factordb.reference import names

GRADED: Final = "completeness"
"""A dimension a policy may limit beside the criteria of its scheme."""
EVIDENCE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unit_process": "NO_UNIT_PROCESS",
        "life_cycle_model": "NO_MODEL",
        "authorisation_scope": "NO_AUTHORISATION",
        "original_file_or_how_to_obtain": "NO_ORIGINAL",
        "access_level": "NO_ACCESS_LEVEL",
        "bilingual_names": "NOT_BILINGUAL",
        "classification_codes": "NO_CLASSIFICATION",
        "rigour": "NO_RIGOUR_VERDICT",
        "traceability": "NO_TRACE_VERDICT",
    }
)
"""What a policy may require of a submission, and the reason of its absence."""
_REQUIRE: Final = {
    "verdict", "kinds", "source_stated", "source_found", "uncertainty_result", "demonstration",
    "verdicts_with_evidence", "basis", *EVIDENCE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """A promotion policy as it stands in its table."""

    name: str
    version: str
    title_zh: str
    title_en: str
    scheme: str
    tiers: tuple[Tier, ...]
    """Kinds of source that may be adopted."""
    verdicts: tuple[Verdict, ...]
    kinds: tuple[Kind, ...]
    source_stated: bool
    source_found: tuple[Found, ...]
    """What the comparison with the source may have come to."""
    uncertainty_result: bool
    demonstration: bool
    evidence: tuple[str, ...]
    """Names of `EVIDENCE` that must be there."""
    limits: Mapping[str, float]
    """Worst value allowed, inclusive: "dqr", every criterion of the scheme, and maybe "completeness"."""
    digest: str
    """sha256 of the bytes it was read from: bound into every decision."""


def policy_names() -> tuple[str, ...]:
    """Return the names of the policies that come with the package."""
    return tuple(one.partition("/")[2] for one in names(".toml") if one.startswith("policy/"))


def load_policy(name: str = "clause5", override: bytes | None = None) -> Policy:
    """Return a promotion policy.

    Args:
        name: one of `policy_names()`.
        override: a workspace's own file, which replaces the packaged one as a whole.

    Raises:
        NotFoundError: there is no such policy.
        UsageError: the file cannot be read, names something unknown, or leaves a dimension without a floor.
    """
    if name not in policy_names():
        raise NotFoundError("promotion policy", name, known=", ".join(policy_names()))
    content = override
    if content is None:
        content = files("factordb.reference").joinpath("policy", f"{name}.toml").read_bytes()
    try:
        return _policy(name, tomllib.loads(content.decode("utf-8")), hashlib.sha256(content).hexdigest())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _refused(name, f"it is not readable TOML ({fault})", f"不是可读的 TOML({fault})") from fault
    except (KeyError, TypeError, ValueError) as fault:
        raise _refused(name, f"an entry is missing or unknown: {fault}", f"缺少条目或条目无法识别：{fault}") from fault


def _policy(name: str, given: Mapping[str, Any], digest: str) -> Policy:
    head, require = given["policy"], given["require"]
    if head["id"] != name:
        raise _refused(name, f"its id is {head['id']!r}", f"其 id 为 {head['id']!r}")
    strange = set(require) - _REQUIRE
    if strange:
        raise _refused(name, f"it requires unknown things: {sorted(strange)}", f"含无法识别的要求：{sorted(strange)}")
    asked = [one for one in EVIDENCE if require.get(one)] + list(require.get("verdicts_with_evidence", ()))
    unknown = set(asked) - set(EVIDENCE)
    if unknown:
        raise _refused(name, f"it asks for unknown verdicts: {sorted(unknown)}", f"含无法识别的结论：{sorted(unknown)}")
    found = require.get("source_found", ["matched", "unknown"])
    open_gates = (set(require["verdict"]) & set(Verdict) - {Verdict.PASS}) | (set(found) & {"conflict", "not_found"})
    if open_gates:
        told = sorted(open_gates)
        raise _refused(name, f"it lets {told} through: gates stay shut", f"放行了 {told}：关口不可取消")
    return Policy(
        name=name,
        version=str(head["version"]),
        title_zh=head["title_zh"],
        title_en=head["title_en"],
        scheme=head["scheme"],
        tiers=tuple(Tier(one) for one in given["order"]["tiers"]),
        verdicts=tuple(Verdict(one) for one in require["verdict"]),
        kinds=tuple(Kind(one) for one in require["kinds"]),
        source_stated=bool(require["source_stated"]),
        source_found=tuple(Found[one.upper()] for one in found),
        uncertainty_result=bool(require["uncertainty_result"]),
        demonstration=bool(require["demonstration"]),
        evidence=tuple(one for one in EVIDENCE if one in asked),
        limits=MappingProxyType(_limits(name, head["scheme"], given["limit"])),
        digest=digest,
    )


def _limits(name: str, asked: str, given: Mapping[str, Any]) -> dict[str, float]:
    rated_by = scheme(asked)
    if not rated_by.bands:
        raise _refused(name, f"{asked} gives no rating to limit", f"{asked} 不产生可设限的综合等级")
    must = {"dqr", *rated_by.criteria}
    if not must <= set(given) <= must | {GRADED}:
        wrong = sorted(must ^ (set(given) - {GRADED}))
        raise _refused(name, f"limits missing or unknown: {wrong}", f"缺少或无法识别的限值：{wrong}")
    limits = {one: float(given[one]["max"]) for one in given}
    loose = sorted(one for one, limit in limits.items() if not rated_by.best <= limit < rated_by.worst)
    if loose:
        span = f"{rated_by.best} ≤ max < {rated_by.worst}"
        raise _refused(name, f"no floor on {loose}: {span} is needed", f"{loose} 未设有效下限：须满足 {span}")
    return limits


def _refused(name: str, problem: str, problem_zh: str) -> UsageError:
    return UsageError(
        problem=f"promotion policy {name}: {problem}",
        remedy="start from the packaged policy and change its limits; gates and a floor on every dimension stay",
        problem_zh=f"纳入政策 {name}：{problem_zh}",
        remedy_zh="请以自带的政策文件为起点修改限值；关口和每一维度的下限都须保留",
    )

"""Factors of lines: fixed, asked for, or brought along; what cannot be used becomes a finding with its candidates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from factordb.errors import FactorDBError, NotFoundError
from factordb.reference import table
from factordb.trial.finding import Found, finding
from factordb.trial.inventory import Cells, rules
from factordb.trial.terms import Factor, Input, released_spread
from factordb.units import Quantity, Unit, element_to_gas, parse
from factordb.values.refusal import Refused

CO2E: Final = "CO2e"
SCORES: Final = ("te", "gr", "ti", "p")
FACTS: Final = ("factor_id", "version_id", "name_zh", "name_en", "value_text", "unit", "gas", "gwp_set", "boundary",
                "technology", "region", "reference_year", "tier", "dqr", "source_id", "publisher", "place",
                "source_place")  # fmt: skip


@dataclass(frozen=True)
class Lookup:
    """What a release answers: `choose(product, **asked)` and `released(identifier)`."""

    choose: Callable[..., dict[str, Any]]
    released: Callable[[str], dict[str, Any]]


@dataclass
class Resolved:
    """A factor and kg CO2e for one unit of activity × one unit of the factor's number; None where there is none."""

    factor: Factor | None = None
    scale: float = 0.0
    trail: tuple[str, ...] = ()
    findings: list[Found] = field(default_factory=list)


@cache
def gwp_of(gas: str, gwp_set: str) -> float | None:
    """Return GWP100 of a gas, kg CO2e/kg, under a set; None where the set has none."""
    for row in table("gwp/gwp100").to_pylist():
        if row["gas_set"] == gwp_set and gas in {row["gas"], *(row["alias"] or "").split("|")}:
            return float(row["gwp100"])
    return None


@cache
def _read(unit: str) -> Unit | Refused:
    """Return a unit as it is read; an inventory says the same few over and over."""
    return parse(unit)


def resolve(asked: Cells, study: Cells, lookup: Lookup, place: str, unit: str) -> Resolved:
    """Return the factor of a line or contract.

    Args:
        asked: its cells.
        study: the study.
        lookup: the release.
        place: where it stands, for findings.
        unit: unit of the activity.
    """
    ways = [name for name in ("factor", "product", "own_value") if asked.get(name) is not None]
    if len(ways) != 1:
        code = "TRL031" if ways else "TRL030"
        return Resolved(findings=[finding(code, place, found=", ".join(ways))])
    if ways[0] == "own_value":
        return _own(asked, study, place, unit)
    return _asked(asked, study, lookup, place, unit)


def _asked(asked: Cells, study: Cells, lookup: Lookup, place: str, unit: str) -> Resolved:
    """Ask the release; a GWP set that is not stated is told as a finding rather than refused."""
    question: dict[str, Any] = {
        "unit": unit, "gwp_set": study["gwp_set"],
        "allow_flags": tuple({*(asked.get("allow_flags") or ()), "gwp_unknown"}),
    }  # fmt: skip
    try:
        if asked.get("factor"):
            row = lookup.released(str(asked["factor"]))["factor"]
            # a fixed factor is what was fixed: its own place and gas, not those of a question
            question |= {"factor": row["factor_id"], "region": row["region"] or "", "gas": row["gas"] or CO2E}
        else:
            question |= {
                "product": asked["product"], "region": asked.get("region") or study["region"],
                "year": asked.get("year") or study["year"], "technology": asked.get("technology") or "",
                "boundary": asked.get("factor_boundary") or "", "gas": asked.get("gas") or CO2E,
            }  # fmt: skip
        answer = lookup.choose(**question)
    except NotFoundError as fault:
        return Resolved(findings=[finding("TRL033", place, found=str(asked.get("factor") or asked.get("product")),
                                          words_zh=fault.problem_zh, words_en=fault.problem)])  # fmt: skip
    except FactorDBError as fault:
        return Resolved(findings=[finding("TRL034", place, found=unit, words_zh=fault.problem_zh,
                                          words_en=fault.problem)])  # fmt: skip
    if answer["outcome"] != "chosen":
        return Resolved(findings=[_unusable(answer, asked, place, unit)])
    return _chosen(answer, asked, study, place)


def _unusable(answer: Mapping[str, Any], asked: Cells, place: str, unit: str) -> Found:
    """Return the finding of a question without one answer, with the candidates or the reasons of the rejections."""
    what = str(asked.get("factor") or asked.get("product"))
    candidates = answer["candidates"] or answer["rejected"]
    names = {lang: "; ".join(f"{one['factor_id'][:10]} {one[f'name_{lang}'] or one['name_zh']} {one['value_text']} "
                             f"{one['unit']}" for one in candidates[:5]) for lang in ("zh", "en")}  # fmt: skip
    if answer["outcome"] in {"ambiguous", "unclear"}:
        return finding("TRL032", place, found=what, words_zh=names["zh"], words_en=names["en"],
                       candidates=[one["factor_id"] for one in candidates])  # fmt: skip
    reasons = [one["reason"] for one in answer["rejected"] if one["reason"]]
    if reasons and all(one["code"] == "unit" for one in reasons):
        return finding("TRL034", place, found=unit, words_zh=reasons[0]["zh"], words_en=reasons[0]["en"])
    said = {lang: "; ".join(dict.fromkeys(one[lang] for one in reasons)) or answer[lang] for lang in ("zh", "en")}
    return finding("TRL033", place, found=what, words_zh=said["zh"], words_en=said["en"])


def _chosen(answer: Mapping[str, Any], asked: Cells, study: Cells, place: str) -> Resolved:
    row, emission = answer["factor"], answer["emission"]
    weight, said = _characterised(row["gas"], study["gwp_set"])
    if weight is None:
        return Resolved(findings=[finding("TRL035", place, found=str(row["gas"]), expected=study["gwp_set"])])
    spread, kept = released_spread(row)
    scale = weight * (emission["per_amount_unit"] / row["value"] if row["value"] else 1.0)
    name = f"factor:{row['version_id']}"
    facts = {
        **{one: row.get(one) for one in FACTS}, "own": False, "citation": answer["citation"], "why": answer["why"],
        "steps": answer["steps"], "flags": answer["flags"], "alternatives": answer["alternatives"],
        "rebuilt": not kept, "release": answer["release"]["release_id"], "source": answer["source"],
    }  # fmt: skip
    value = Input(name, float(row["value"]), row["basis"] or "none", spread, place=place)
    factor = Factor(name, value, tuple(row[one] for one in SCORES), row["tier"] == "measured", facts)
    notes = [] if kept else [finding("TRL039", place, found=str(row["family"]))]
    return Resolved(factor, scale, (*answer["trail"], *said), [*notes, *_told(facts, asked, study, place)])


def _characterised(gas: str | None, gwp_set: str) -> tuple[float | None, tuple[str, ...]]:
    """Return kg CO2e per kg of what a factor counts, and the words of it; None where it counts no gas that is known."""
    if gas == CO2E:
        return 1.0, ()
    if gas is None:
        return None, ()
    element = element_to_gas(gas)
    of, ratio, said = element if element is not None else (gas, 1.0, "")
    weight = gwp_of(of, gwp_set)
    if weight is None:
        return None, ()
    return weight * ratio, (*((said,) if said else ()), f"{of} × GWP100 {weight:g} ({gwp_set})")


def _told(facts: Mapping[str, Any], asked: Cells, study: Cells, place: str) -> list[Found]:
    """Return what a reader must know of a factor that is used."""
    told = []
    axes = {"region", "year", *(("technology",) if asked.get("technology") else ())}
    if facts["gas"] == CO2E and facts["gwp_set"] != study["gwp_set"] and "recharacterised" not in facts["flags"]:
        said = rules()["gwp"]["stated" if facts["gwp_set"] else "unstated"]
        words = {lang: one.format(gwp_set=facts["gwp_set"]) for lang, one in said.items()}
        told.append(finding("TRL036", place, found=facts["gwp_set"] or "", expected=study["gwp_set"],
                            words_zh=words["zh"], words_en=words["en"]))  # fmt: skip
    if facts["gas"] == "CO2":
        names = [str(facts[one] or facts[other]) for one, other in (("name_zh", "name_en"), ("name_en", "name_zh"))]
        told.append(finding("TRL037", place, found="CO2", words_zh=names[0], words_en=names[1]))
    told += [
        finding(
            "TRL038",
            place,
            found=step["axis"],
            words_zh=step["zh"],
            words_en=step["en"],
            named=rules()["axes"][step["axis"]],
        )
        for step in facts["steps"]
        if step["axis"] in axes
    ]
    return told


def _own(asked: Cells, study: Cells, place: str, unit: str) -> Resolved:
    """Return the factor a line brings along, with what it lacks."""
    read = _read(str(asked.get("own_unit") or ""))
    if isinstance(read, Refused) or read.quantity not in {Quantity.EMISSION_FACTOR, Quantity.GAS_FACTOR}:
        words = (read.problem_zh, read.problem_en) if isinstance(read, Refused) else (read.unit, read.unit)
        return Resolved(findings=[finding("TRL034", place, found=str(asked.get("own_unit") or ""), words_zh=words[0],
                                          words_en=words[1])])  # fmt: skip
    amount = _read(unit)
    if isinstance(amount, Refused):
        return Resolved(findings=[finding("TRL034", place, found=unit, words_zh=amount.problem_zh,
                                          words_en=amount.problem_en)])  # fmt: skip
    if not _fits(read, amount):
        return Resolved(findings=[finding(
            "TRL034", place, found=unit,
            words_zh=f"{amount.numerator_dimension} ≠ {read.denominator_dimension}（{read.unit}）",
            words_en=f"{amount.numerator_dimension} ≠ {read.denominator_dimension} ({read.unit})",
        )])  # fmt: skip
    weight, said = _characterised(read.gas, study["gwp_set"])
    if weight is None:
        return Resolved(findings=[finding("TRL035", place, found=str(read.gas), expected=study["gwp_set"])])
    per_unit = read.to_canonical * amount.to_canonical
    made = f"1 {unit} × {asked['own_value']:.12g} {read.unit} = {asked['own_value'] * per_unit:.6g} kg{read.gas}"
    return _brought(asked, study, place, read, weight * per_unit, (made, *said))


def _brought(asked: Cells, study: Cells, place: str, read: Unit, scale: float, trail: tuple[str, ...]) -> Resolved:
    value, source = float(asked["own_value"]), asked.get("own_source")
    key = f"own:{value!r}:{read.unit}:{asked.get('own_cv_percent')!r}:{source or place}"
    title = str(asked.get("name") or asked.get("id"))
    facts: dict[str, Any] = {
        **dict.fromkeys(FACTS), "factor_id": "", "name_zh": title, "name_en": title, "value_text": f"{value:.12g}",
        "unit": read.unit, "gas": read.gas, "gwp_set": asked.get("own_gwp_set"), "tier": asked.get("own_tier"),
        "boundary": asked.get("own_boundary"), "own": True,
        "citation": dict.fromkeys(("zh", "en"), source) if source else None,
        "why": [], "steps": [], "flags": [], "alternatives": [], "rebuilt": False, "release": None, "source": {},
    }  # fmt: skip
    cv = asked.get("own_cv_percent")
    exact = cv is None or value == 0
    basis = "none" if exact else "reported"
    kind = "none" if exact else "cv_percent"
    spread = {} if exact or cv is None else {"cv_percent": float(cv)}
    number = Input(key, value, basis, kind=kind, stated=spread, place=place)
    scores = tuple(asked.get(one) for one in SCORES)
    factor = Factor(key, number, scores, asked.get("own_tier") == "measured", facts)
    lacking = [finding("TRL040", place)] if not source else []
    if cv is None:
        lacking.append(finding("TRL041", place))
    if value < 0:
        lacking.append(finding("TRL043", place, found=f"{value:g} {read.unit}"))
    told = _told(facts, asked, study, place)
    return Resolved(factor, scale, trail, [*lacking, *told])


def _fits(factor: Unit, amount: Unit) -> bool:
    return factor.denominator_unit == amount.canonical_unit and (factor.basis or "") == (amount.basis or "")

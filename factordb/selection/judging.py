"""Whether a released factor answers a question: the reasons why not, and how far it is from what was asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from factordb.model.vocabulary import Boundary, Direction, Kind
from factordb.reference import table
from factordb.selection import places, saying
from factordb.selection.flags import CO2E, refused_flags
from factordb.selection.gwp import recharacterised
from factordb.selection.question import Question
from factordb.selection.released import is_average
from factordb.selection.words import asked_tokens, stored_tokens, synonyms
from factordb.units import Unit

Gases = Callable[[str], Sequence[Mapping[str, Any]]]
"""Returns the amounts of gas of a factor version."""
FAR: Final = 999
"""Steps where a place is none of those that contain the one asked for."""
UNDATED: Final = float("inf")
"""Years where a factor states none: farther than any stated year."""
_BOUNDARIES: Final = (Boundary.CRADLE_TO_GATE, Boundary.CRADLE_TO_GRAVE, Boundary.DIRECT, Boundary.GATE_TO_GATE,
                      Boundary.UPSTREAM, Boundary.UNSPECIFIED)  # fmt: skip
"""Order where no boundary is asked for: clause (三) makes cradle to gate the rule for what is no end product."""
_GAS_FLAGS: Final = frozenset({"co2_only", "one_gas_only", "gwp_unknown"})


@dataclass(frozen=True)
class Judged:
    """A factor under a question.

    Attributes:
        row: the released row.
        flags: its flags, those of the answer included.
        reason: code of why it is not used, see `because`; "": usable.
        other_gas: 0 the gas asked for, 1 another that was allowed.
        technology: 0 as asked or average where none is asked, 1 fallback.
        region: steps up from the place of use.
        boundary: place in the order of boundaries, 0 where one is asked for.
        years: years between data and use; UNDATED where the factor states none.
        per_unit: value in canonical units, re-characterised where that was asked for.
    """

    row: Mapping[str, Any]
    flags: tuple[str, ...]
    reason: str = ""
    other_gas: int = 0
    technology: int = 0
    region: int = 0
    boundary: int = 0
    years: float = 0
    per_unit: float = field(default=float("nan"))


def judged(
    row: Mapping[str, Any], asked: Question, unit: Unit | None, gases: Gases, later: Mapping[str, str]
) -> Judged:
    """Return how a row stands to a question.

    Args:
        row: released row.
        asked: the question, checked.
        unit: its unit.
        gases: amounts of gas.
        later: factor id -> "withdrawn" or "superseded" in a newer release.
    """
    flags = [*row["flags"].split()]
    if row["factor_id"] in later:
        flags.append(later[row["factor_id"]])
    if asked.gas != CO2E:
        flags = [one for one in flags if one not in _GAS_FLAGS]
    if unit is not None and unit.unit != _declared_as_written(row):
        flags.append("unit_converted")
    value, anew = _under_the_set(row, asked, gases)
    if anew:
        flags = [one for one in flags if one != "gwp_unknown"] + ["recharacterised"]
    steps = places.lineage(asked.region)
    technology = technology_step(row, asked.technology)
    reason = _reason(row, asked, unit, flags, technology) or ("" if anew else _wrong_set(row, asked))
    order = 0 if asked.boundary else _BOUNDARIES.index(row["boundary"])
    year = row["reference_year"]
    return Judged(
        row,
        tuple(dict.fromkeys(flags)),
        reason,
        other_gas=int(row["gas"] != asked.gas),
        technology=max(technology, 0),
        region=steps.index(row["region"]) if row["region"] in steps else FAR,
        boundary=order,
        years=0 if asked.year is None else UNDATED if year is None else abs(year - asked.year),
        per_unit=value,
    )


def technology_step(row: Mapping[str, Any], asked: str) -> int:
    """Return 0 where the technology is as asked, 1 where it is an average instead, -1 where it is another.

    Where none is asked for, an average, or a factor that names none, is as asked, and any other is the fallback 1.
    """
    own = row["technology"]
    if not asked:
        return 0 if not own or is_average(own) else 1
    about = " ".join(str(row[name] or "") for name in ("technology", "name_zh", "name_en", "flow"))
    spoken = (word for concept in synonyms().within(about) for word in synonyms().of(concept))
    if set(asked_tokens(asked)) <= set(stored_tokens(" ".join((about, *spoken)))):
        return 0
    return 1 if not own or is_average(own) else -1


def names_technology(row: Mapping[str, Any], product: str) -> bool:
    """Return whether words for a product already name the technology of a row, as 光伏发电 names photovoltaics."""
    own = str(row["technology"] or "")
    spoken = set(synonyms().within(product))
    return bool(spoken & set(synonyms().within(own))) or set(asked_tokens(own)) <= set(stored_tokens(product))


def _under_the_set(row: Mapping[str, Any], asked: Question, gases: Gases) -> tuple[float, bool]:
    value = float("nan") if row["canonical_value"] is None else float(row["canonical_value"])
    if not asked.gwp_set or row["gas"] != CO2E or row["gwp_set"] == asked.gwp_set:
        return value, False
    anew = recharacterised(row, gases(row["version_id"]), asked.gwp_set)
    return (value, False) if anew is None else (anew, True)


def _wrong_set(row: Mapping[str, Any], asked: Question) -> str:
    if not asked.gwp_set or row["gas"] != CO2E or row["gwp_set"] == asked.gwp_set:
        return ""
    return "" if row["gwp_set"] is None and "gwp_unknown" in asked.allow_flags else "gwp"


def _reason(  # noqa: PLR0911 - one line a reason, the gravest first
    row: Mapping[str, Any], asked: Question, unit: Unit | None, flags: Sequence[str], technology: int
) -> str:
    if row["kind"] == Kind.PARAMETER:
        return "kind"
    alone = row["gas"] != asked.gas
    if alone and not (asked.gas == CO2E and {"co2_only", "one_gas_only"} & set(flags) & set(asked.allow_flags)):
        return "gas"
    if row["direction"] != Direction.EMISSION and not asked.factor:
        return "direction"
    if unit is not None and not _converts(row, unit):
        return "unit"
    if row["region"] not in places.lineage(asked.region):
        return "region"
    other = asked.boundary and row["boundary"] != asked.boundary
    if other and not (row["boundary"] == Boundary.UNSPECIFIED and "boundary_unspecified" in asked.allow_flags):
        return "boundary"
    if technology < 0:
        return "technology"
    return "flag" if refused_flags(flags, asked.allow_flags) else ""


def because(each: Judged, asked: Question, unit: Unit | None) -> dict[str, str] | None:
    """Return why a factor is not used: {"code", "zh", "en"}, and "flag" where one forbids it; None: it is usable."""
    row, code = each.row, each.reason
    if not code:
        return None
    if code == "flag":
        flag = refused_flags(each.flags, asked.allow_flags)[0]
        return {"code": code, "flag": flag, **saying.said("rejected.flag", found=flag, words=saying.flag(flag))}
    single = next((one for one in ("co2_only", "one_gas_only") if one in each.flags), "")
    if code == "gas" and single and asked.gas == CO2E:
        facts = {"found": row["gas"], "asked": asked.gas, "flag": single}
        return {"code": code, **saying.said("rejected.gas_single", **facts)}
    declared = " ".join(filter(None, (row["declared_unit"], row["declared_basis"])))
    found, wanted = {
        "kind": ("", ""),
        "gas": (row["gas"], asked.gas),
        "direction": (saying.word("direction", row["direction"]), ""),
        "unit": (
            _with_dimension(declared, row["declared_dimension"]),
            _with_dimension(unit.unit, unit.numerator_dimension) if unit else "",
        ),
        "region": (saying.place(row["region"]), saying.place(asked.region)),
        "boundary": (saying.word("boundary", row["boundary"]), saying.word("boundary", asked.boundary)),
        "technology": (row["technology"], asked.technology),
        "gwp": (row["gwp_set"], asked.gwp_set),
        "name": (saying.title(row), asked.product or asked.factor),
    }[code]
    return {"code": code, **saying.said(f"rejected.{code}", found=saying.or_missing(found), asked=wanted)}


@cache
def _dimensions() -> dict[str, dict[str, str]]:
    return {one["dimension"]: one for one in table("units/dimensions").to_pylist()}


def _with_dimension(unit: str, dimension: str | None) -> object:
    """Return a unit with the name of its dimension, zh and en; nothing where no unit stands."""
    names = _dimensions().get(dimension or "", {})
    if not unit or not names:
        return unit or None
    return {"zh": f"{unit}（{names['zh']}）", "en": f"{unit} ({names['en']})"}


def _converts(row: Mapping[str, Any], unit: Unit) -> bool:
    return (row["declared_unit"], row["declared_basis"] or "") == (unit.canonical_unit, unit.basis or "")


def _declared_as_written(row: Mapping[str, Any]) -> str:
    return str(row["unit"] or "").partition("/")[2]

"""What a conversion from statement to distribution assumed, and why one was refused: codes, with words in zh and en."""

from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from factordb.reference import toml


class Assumption(StrEnum):
    """What was taken for granted where the source does not say it; its place in the list is its code."""

    NONE = "none"
    LOGNORMAL_MEAN = "lognormal_mean"
    LOGNORMAL_MEDIAN = "lognormal_median"
    NORMAL = "normal"
    BOUNDS_LOGNORMAL = "bounds_lognormal"
    BOUNDS_LOGNORMAL_MEDIAN = "bounds_lognormal_median"
    BOUNDS_NORMAL = "bounds_normal"
    BOUNDS_TRUNCATED_NORMAL = "bounds_truncated_normal"
    BOUNDS_TRIANGULAR = "bounds_triangular"
    BOUNDS_SPREAD = "bounds_spread"
    RANGE_UNIFORM = "range_uniform"
    RANGE_TRIANGULAR = "range_triangular"
    RANGE_MODE = "range_mode"
    TRIANGULAR_EDGES = "triangular_edges"
    PERT = "pert"
    PEDIGREE_MEAN = "pedigree_mean"
    PEDIGREE_MEDIAN = "pedigree_median"
    READINGS_STUDENT = "readings_student"


class Reason(StrEnum):
    """Why a row has no distribution or no result; its place in the list is its code."""

    NONE = "none"
    NO_STATEMENT = "no_statement"
    UNKNOWN_KIND = "unknown_kind"
    NO_NUMBER = "no_number"
    VALUE_ZERO = "value_zero"
    NOT_POSITIVE = "not_positive"
    GSD_NOT_ABOVE_ONE = "gsd_not_above_one"
    OUT_OF_ORDER = "out_of_order"
    VALUE_OUTSIDE = "value_outside"
    ZERO_WIDTH = "zero_width"
    TOO_FEW_READINGS = "too_few_readings"
    TOO_WIDE = "too_wide"
    INPUT_REFUSED = "input_refused"
    UNDEFINED = "undefined"
    NO_MOMENTS = "no_moments"
    VALUE_DIFFERS = "value_differs"
    BAD_EXPRESSION = "bad_expression"
    INPUT_MISSING = "input_missing"


Code = TypeVar("Code", Assumption, Reason)
_GROUPS = {Assumption: "assumption", Reason: "reason"}


def code_of(one: Assumption | Reason) -> int:
    """Return the number that stands for an assumption or a reason in a column."""
    return list(type(one)).index(one)


def names_of_codes(kind: type[Code], codes: NDArray[np.int8]) -> NDArray[np.str_]:
    """Return the names behind a column of codes, shape (n,)."""
    return np.array([one.value for one in kind])[codes]


def words_of_code(one: Assumption | Reason, lang: str) -> str:
    """Return an assumption or a reason as a sentence, "zh" or "en"; empty for none."""
    words: dict[str, str] = toml(f"words/statement_{lang}")[_GROUPS[type(one)]]
    return words[one.value]


def refusal_note(assumed: str, field: str, reason: str) -> str:
    """Return the code of an assumption together with the stated spread that was refused before it."""
    return f"{assumed}; refused {field} {reason}"


def assumption_words(codes: str, lang: str) -> str:
    """Return what a stored code of an assumption says, "zh" or "en": see `refusal_note`."""
    assumed, _, refused = codes.partition("; ")
    said = words_of_code(Assumption(assumed), lang)
    if not refused:
        return said
    _, field, reason = refused.split(" ")
    why = words_of_code(Reason(reason), lang)
    if lang == "zh":
        return f"{said}（来源所述不予采用，{field}：{why}）"
    return f"{said} (refused as stated, {field}: {why})"

"""Default uncertainty from data-quality scores: the pedigree matrix, in three published editions.

Only the variance of ln x is kept; the tables hold a variance, a GSD² or a GSD, and each is converted once, on
reading. The value a factor publishes is the median. A missing score is never the best one.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import NotFoundError, StatementError
from factordb.reference import card, table
from factordb.uncertainty.measured import FloatArray

Edition = Literal["ecoinvent_v3", "ecoinvent_v2", "ciroth_2016"]
EDITIONS: tuple[Edition, ...] = ("ecoinvent_v3", "ecoinvent_v2", "ciroth_2016")
Missing = Literal["refuse", "worst"]
BEST, WORST = 1, 5
QUANTITY_MARK = "Quantity: "


class Refusal(IntEnum):
    """Why a row of scores has no variance."""

    NONE = 0
    MISSING = 1
    OUT_OF_SCALE = 2
    NO_VALUE = 3

    def words(self, lang: str) -> str:
        """Return the reason in `lang`, "zh" or "en"; empty for NONE."""
        return WORDS[self][0 if lang == "zh" else 1]


WORDS = {
    Refusal.NONE: ("", ""),
    Refusal.MISSING: ("缺少评分", "a score is missing"),
    Refusal.OUT_OF_SCALE: ("评分不是 1 至 5 的整数", "a score is no whole number from 1 to 5"),
    Refusal.NO_VALUE: ("该评分在所用版本的谱系矩阵中没有数值", "the edition has no value for that score"),
}


@dataclass(frozen=True, slots=True)
class PedigreeTable:
    """One edition of the matrix."""

    edition: Edition
    criteria: tuple[str, ...]
    variance_ln: FloatArray
    """Additional variance of ln x, shape (criteria, 5), read-only; NaN where the edition has no value."""
    card: str
    """Source, edition and date, as they stand in the file."""


@dataclass(frozen=True, slots=True)
class PedigreeVariance:
    """Additional variance of n rows of scores."""

    variance_ln: FloatArray
    """Shape (n,); NaN where refused."""
    refusal: NDArray[np.int8]
    """`Refusal` of each row, shape (n,)."""
    assumed_worst: NDArray[np.int64]
    """How many missing scores of each row were taken as the worst: to be said beside the result."""


def pedigree_variance(
    scores: ArrayLike, edition: Edition = "ecoinvent_v3", *, missing: Missing = "refuse"
) -> PedigreeVariance:
    """Return the additional variance of ln x of rows of scores, v = Σ v_i, dimensionless.

    Args:
        scores: 1 (best) … 5 (worst), NaN where missing, shape (n, criteria) in the order of
            `pedigree_table(edition).criteria`, or (criteria,) for one row. Not changed.
        edition: one of `EDITIONS`.
        missing: "refuse" a row with a missing score, or take it as the "worst"; never as the best.

    Returns:
        Variances, with a reason for each row that has none: faults of data are values.

    Raises:
        StatementError: the number of columns is not that of the edition.
    """
    matrix = pedigree_table(edition)
    given = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    if given.ndim != 2 or given.shape[1] != len(matrix.criteria):  # noqa: PLR2004 - rows of scores
        raise StatementError(
            problem=f"{edition} has {len(matrix.criteria)} criteria, the scores have shape {given.shape}",
            remedy=f"give one column each for {', '.join(matrix.criteria)}",
            problem_zh=f"{edition} 有 {len(matrix.criteria)} 项指标，而评分的形状为 {given.shape}",
            remedy_zh=f"请依次给出：{'、'.join(matrix.criteria)}",
        )
    absent = np.isnan(given)
    filled = np.where(absent, float(WORST), given)
    # a fraction, a zero or an infinity lies outside the scale; it must not index the table
    outside = ~np.isin(filled, np.arange(BEST, WORST + 1))
    columns = np.where(outside, WORST, filled).astype(np.int64) - 1
    parts = matrix.variance_ln[np.arange(given.shape[1]), columns]
    refusal = np.zeros(given.shape[0], dtype=np.int8)
    refusal[np.isnan(parts).any(axis=1)] = Refusal.NO_VALUE
    refusal[outside.any(axis=1)] = Refusal.OUT_OF_SCALE
    if missing == "refuse":
        refusal[absent.any(axis=1)] = Refusal.MISSING
    kept = refusal == Refusal.NONE
    return PedigreeVariance(
        variance_ln=np.where(kept, np.where(np.isnan(parts), 0.0, parts).sum(axis=1), np.nan),
        refusal=refusal,
        assumed_worst=np.where(kept, absent.sum(axis=1), 0),
    )


def pedigree_sigma(
    scores: ArrayLike,
    basic_variance: ArrayLike,
    edition: Edition = "ecoinvent_v3",
    *,
    missing: Missing = "refuse",
) -> FloatArray:
    """Return the standard deviation of ln x, √(basic variance + Σ v_i), shape (n,), dimensionless.

    Args:
        scores: as in `pedigree_variance`.
        basic_variance: variance of ln x with the best scores, ≥ 0, shape (n,) or one number.
        edition: one of `EDITIONS`.
        missing: as in `pedigree_variance`.

    Raises:
        StatementError: a row is refused (names the first rows and the reason), or a basic variance is
            negative or not finite. For a batch in which rows may fail, use `pedigree_variance`.
    """
    found = pedigree_variance(scores, edition, missing=missing)
    bad = np.flatnonzero(found.refusal)
    if bad.size:
        rows = ", ".join(str(row + 1) for row in bad[:5])
        reason = Refusal(int(found.refusal[bad[0]]))
        raise StatementError(
            problem=f"scores of row {rows}: {reason.words('en')} ({edition})",
            remedy="complete or correct the scores, or choose an edition that has a value for them",
            problem_zh=f"第 {rows} 行评分：{reason.words('zh')}({edition})",
            remedy_zh="请补全或更正评分，或改用具有相应数值的版本",
        )
    basic = np.asarray(basic_variance, dtype=np.float64)
    if not np.all(np.isfinite(basic) & (basic >= 0)):
        raise StatementError(
            problem="a basic variance is negative or not finite",
            remedy="give the variance of ln x, such as 0.0006, not a GSD",
            problem_zh="基本方差为负或不是有限数",
            remedy_zh="请给出 ln x 的方差（如 0.0006），而不是几何标准差",
        )
    return np.sqrt(basic + found.variance_ln)


def basic_variance(kind: str, edition: Edition = "ecoinvent_v3") -> float:
    """Return the basic variance of ln x of a kind of exchange, dimensionless.

    The 2016 edition has no basic uncertainties of its own and takes those of version 3.

    Args:
        kind: a kind of `basic_kinds()`, such as "co2_combustion".
        edition: one of `EDITIONS`.

    Raises:
        NotFoundError: the table has no such kind.
    """
    rows = _basic_rows()
    if kind not in rows:
        raise NotFoundError("kind of exchange", kind, known=", ".join(rows))
    gsd2, variance = rows[kind]
    return _to_variance(gsd2, "gsd2") if edition == "ecoinvent_v2" else variance


def basic_kinds() -> tuple[str, ...]:
    """Return the kinds of exchange that have a basic uncertainty."""
    return tuple(_basic_rows())


@cache
def pedigree_table(edition: Edition) -> PedigreeTable:
    """Return one edition of the matrix as variances of ln x, read once from the reference shelf.

    Raises:
        NotFoundError: there is no such edition.
    """
    if edition not in EDITIONS:
        raise NotFoundError("pedigree edition", edition, known=", ".join(EDITIONS))
    name = f"pedigree/{edition}"
    rows = table(name).to_pylist()
    quantity = next(part for part in card(name).splitlines() if part.startswith(QUANTITY_MARK))
    kind = quantity.removeprefix(QUANTITY_MARK).split(".", maxsplit=1)[0]
    cells = [[row[str(score)] for score in range(BEST, WORST + 1)] for row in rows]
    variances = np.array([[_to_variance(float(cell), kind) if cell else np.nan for cell in row] for row in cells])
    variances.flags.writeable = False
    return PedigreeTable(edition, tuple(row["criterion"] for row in rows), variances, card(name))


@cache
def _basic_rows() -> dict[str, tuple[float, float]]:
    rows = table("pedigree/basic_uncertainty").to_pylist()
    return {row["kind"]: (float(row["gsd2_v2"]), float(row["variance_ln_v3"])) for row in rows}


def _to_variance(number: float, quantity: str) -> float:
    """Return the variance of ln x that a variance, a GSD² or a GSD stands for."""
    if quantity == "gsd2":
        return float(np.log(number) / 2) ** 2  # GSD² = exp(2σ)
    if quantity == "gsd":
        return float(np.log(number)) ** 2  # GSD = exp(σ)
    return number

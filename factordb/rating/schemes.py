"""Rating schemes: each derives its own scores from the one evidence and says how they are put together.

A rating of another house is kept with its scheme and version and never converted (`ForeignRating`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import NotFoundError, StatementError
from factordb.rating import readings
from factordb.rating.combining import Band, band_of, ilcd, mean, weighted
from factordb.rating.evidence import Codes, Evidence, FloatArray
from factordb.rating.readings import Reading, Scale
from factordb.rating.scores import Scores, Why, on_scale
from factordb.reference import card, table, toml

_READINGS: Final[Mapping[str, Mapping[str, Mapping[str, Reading]]]] = MappingProxyType(
    {
        "cifa-ef": {
            "secondary": {
                "te": readings.technology,
                "gr": readings.place,
                "ti": readings.validity,
                "p": readings.precision_and_standing,
            },
            "activity": {
                "te": readings.technology,
                "gr": readings.place,
                "ti": readings.age,
                "p": readings.standing,
            },
        },
        "ilcd": {
            "classes": {
                "te": readings.technology,
                "gr": readings.place,
                "ti": readings.validity,
                "c": readings.completeness,
                "p": readings.precision,
                "m": readings.method,
            }
        },
        "pedigree": {
            "classes": {
                "reliability": readings.reliability,
                "completeness": readings.coverage,
                "temporal": readings.age,
                "geographical": readings.place,
                "technological": readings.technology,
            }
        },
        "epa": {
            "classes": {
                "reliability": readings.reliability,
                "collection": readings.completeness,
                "temporal": readings.age,
                "geographical": readings.place_by_steps,
                "technological": readings.technology,
            }
        },
        "pact": {
            "classes": {
                "technological": readings.technology,
                "geographical": readings.place,
                "temporal": readings.validity,
            }
        },
        "ghg-protocol": {
            "classes": {
                "technological": readings.technology,
                "temporal": readings.age,
                "geographical": readings.place,
            }
        },
    }
)
_TIME_FROM: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    # time classes of two schemes are words or empty; they are read on the scale of secondary data (ours)
    {"ilcd/ti": ("cifa_ef", "ti", "secondary"), "pact/temporal": ("cifa_ef", "ti", "secondary")}
)


class Rating(NamedTuple):
    """What scores come to."""

    dqr: FloatArray
    """Data quality rating, shape (n,); NaN where a score is missing or the scheme does not average."""
    band: Codes
    """Position in the scheme's bands, -1 without a rating."""


class Scheme(Protocol):
    """A rating scheme."""

    @property
    def name(self) -> str:
        """Return the name, such as "cifa-ef"."""

    @property
    def version(self) -> str:
        """Return the version of the table it was read from."""

    @property
    def criteria(self) -> tuple[str, ...]:
        """Return the criteria in order."""

    def score(self, evidence: Evidence) -> Scores:
        """Return the scores of n candidates on k criteria."""

    def combine(self, scores: Scores, weights: ArrayLike | None = None, owner: ArrayLike | None = None) -> Rating:
        """Return rating and band."""


@dataclass(frozen=True, slots=True)
class TableScheme:
    """A scheme as it stands in `reference/rating`."""

    name: str
    version: str
    variant: str
    """"secondary" or "activity" for cifa-ef, else "classes"."""
    criteria: tuple[str, ...]
    best: int
    worst: int
    unknown: int | None
    """Score that missing evidence counts as; None where it is refused."""
    counts_not_applicable: bool
    decimals: bool
    formula: str
    worst_weight: float
    bands: tuple[Band, ...]
    scales: tuple[Scale, ...]
    card: str

    def score(self, evidence: Evidence) -> Scores:
        """Return the scores of n candidates, shape (n, k), with the reason of each.

        Missing evidence is refused or counted worst as the scheme says, never best; not applicable stays NaN; a future
        date, a degenerate uncertainty and a value off its scale are refused in every scheme.
        """
        asked = _READINGS[self.name][self.variant]
        parts = [asked[one](evidence, scale) for one, scale in zip(self.criteria, self.scales, strict=True)]
        values = np.stack([part[0] for part in parts], axis=1)
        why = np.stack([part[1] for part in parts], axis=1)
        return self._made(values, why)

    def given(self, values: ArrayLike) -> Scores:
        """Return scores that were given as numbers, shape (n, k) in the order of `criteria`, checked against the scale.

        NaN is *not applicable* where the scheme does not count that, else missing; a score off the scale is refused.

        Raises:
            StatementError: the number of columns is not that of the scheme.
        """
        rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
        if rows.ndim != 2 or rows.shape[1] != len(self.criteria):  # noqa: PLR2004 - rows of scores
            raise StatementError(
                problem=f"{self.name} has {len(self.criteria)} criteria, the scores have shape {rows.shape}",
                remedy=f"give one column each for {', '.join(self.criteria)}",
                problem_zh=f"{self.name} 有 {len(self.criteria)} 项指标，而评分的形状为 {rows.shape}",
                remedy_zh=f"请依次给出：{'、'.join(self.criteria)}",
            )
        absent = np.isnan(rows)
        right = on_scale(rows, self.best, self.worst, decimals=self.decimals)
        nothing = Why.MISSING if self.counts_not_applicable else Why.NOT_APPLICABLE
        why = np.select([absent, ~right], [nothing, Why.OUT_OF_SCALE], Why.SCORED)
        return self._made(np.where(right, rows, np.nan), why.astype(np.int8))

    def combine(self, scores: Scores, weights: ArrayLike | None = None, owner: ArrayLike | None = None) -> Rating:
        """Return rating and band of each row; with weights, of each derived factor.

        Args:
            scores: of this scheme and version.
            weights: absolute amounts that the rows contribute to the factors derived from them, ≥ 0, shape (n,).
            owner: number 0 … m-1 of the derived factor each row contributes to, shape (n,); all to one if None.

        Raises:
            StatementError: the scores are of another scheme, or a weight is negative, NaN or infinite.
        """
        self._own(scores)
        mine = scores if weights is None else weighted(scores, weights, owner)
        if self.formula == "mean":
            dqr = mean(mine)
        elif self.formula == "ilcd":
            dqr = ilcd(mine, self.worst_weight)
        else:
            dqr = np.full(len(mine), np.nan)
        return Rating(dqr, band_of(dqr, self.bands))

    def band_ids(self, band: Codes) -> NDArray[np.object_]:
        """Return the name of each band, shape (n,); None where there is none."""
        names: NDArray[np.object_] = np.array([*(one.id for one in self.bands), None], dtype=object)
        return names[band]

    def _own(self, scores: Scores) -> None:
        if (scores.scheme, scores.version, scores.variant) != (self.name, self.version, self.variant):
            theirs, mine = (f"{one.variant} {one.version}" for one in (scores, self))
            raise StatementError(
                problem=f"scores of {scores.scheme} ({theirs}) are not scores of {self.name} ({mine})",
                remedy="rate the evidence under the scheme you ask for; ratings are not converted",
                problem_zh=f"{scores.scheme}（{theirs}）的评分不是 {self.name}（{mine}）的评分",
                remedy_zh="请用所需方案对证据重新评分；不同方案的评级不互相换算",
            )

    def _made(self, values: FloatArray, why: Codes) -> Scores:
        if self.unknown is not None:
            assumed = why == Why.MISSING
            values = np.where(assumed, float(self.unknown), values)
            why = np.where(assumed, Why.ASSUMED_WORST, why).astype(np.int8)
        values.flags.writeable = why.flags.writeable = False
        return Scores(self.name, self.version, self.variant, self.criteria, values, why)


@dataclass(frozen=True, slots=True)
class ForeignRating:
    """A rating given elsewhere: kept as given, shown with its scheme and version, never converted."""

    scheme: str
    version: str
    text: str


def scheme_names() -> tuple[str, ...]:
    """Return the names of all schemes, the default first."""
    return tuple(_READINGS)


def scheme(name: str = "cifa-ef", variant: str | None = None) -> TableScheme:
    """Return a scheme by name.

    Args:
        name: one of `scheme_names()`.
        variant: for cifa-ef "secondary" (data sets, the default) or "activity" (a company's own activity data).

    Raises:
        NotFoundError: there is no such scheme or variant.
    """
    if name not in _READINGS:
        raise NotFoundError("rating scheme", name, known=", ".join(_READINGS))
    chosen = variant or next(iter(_READINGS[name]))
    if chosen not in _READINGS[name]:
        raise NotFoundError(f"variant of {name}", chosen, known=", ".join(_READINGS[name]))
    return _scheme(name, chosen)


def reading_of(of: TableScheme, criterion: str) -> Reading:
    """Return how a scheme reads the evidence on one of its criteria."""
    return _READINGS[of.name][of.variant][criterion]


def variance_of_ln(scores: Scores) -> FloatArray:
    """Return the additional variance of ln x that pedigree scores stand for, Σ v_i, shape (n,), dimensionless.

    NaN where a score is missing. σ² = σ²_basic + this; GSD² = exp(2σ).

    Raises:
        StatementError: the scores are not of the pedigree scheme.

    Source: Weidema et al. 2013, ecoinvent report 1 (v3), `pedigree/ecoinvent_v3`.
    """
    scheme("pedigree")._own(scores)  # noqa: SLF001 - the same room
    matrix = _pedigree_variances()
    absent = np.isnan(scores.values)
    place = np.where(absent, 1, scores.values).astype(np.int64) - 1
    parts = np.where(absent, np.nan, matrix[np.arange(matrix.shape[0]), place])
    total: FloatArray = parts.sum(axis=1)
    return total


@cache
def _scheme(name: str, variant: str) -> TableScheme:
    file = f"rating/{name.replace('-', '_')}"
    whole = toml(file)
    head = whole["scheme"]
    criteria = tuple(head["criteria"])
    return TableScheme(
        name=name,
        version=str(head["version"]),
        variant=variant,
        criteria=criteria,
        best=head["best"],
        worst=head["worst"],
        unknown=None if head["unknown"] == "refuse" else int(head["unknown"]),
        counts_not_applicable=head["not_applicable"] != "not_counted",
        decimals=bool(head.get("decimals", False)),
        formula=head["formula"],
        worst_weight=float(head.get("worst_weight", 0)),
        bands=tuple(
            Band(one["id"], one.get("max", float("inf")), one["zh"], one["en"]) for one in whole.get("band", ())
        ),
        scales=tuple(_scale(whole, name, one, variant) for one in criteria),
        card=card(file),
    )


def _scale(whole: Mapping[str, Any], name: str, criterion: str, variant: str) -> Scale:
    borrowed = _TIME_FROM.get(f"{name}/{criterion}")
    classes = whole["criterion"][criterion][variant]
    if borrowed:
        file, theirs, list_of = borrowed
        classes = toml(f"rating/{file}")["criterion"][theirs][list_of]
    return Scale(name, whole["scheme"]["best"], whole["scheme"]["worst"], tuple(classes))


@cache
def _pedigree_variances() -> FloatArray:
    rows = {row["criterion"]: row for row in table("pedigree/ecoinvent_v3").to_pylist()}
    order = _scheme("pedigree", "classes").criteria
    matrix = np.array([[float(rows[one][str(score)]) for score in range(1, 6)] for one in order])
    matrix.flags.writeable = False
    return matrix

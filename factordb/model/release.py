"""A release: the columns of its rows, the facts that stand on its cover, the files it consists of.

The published subset of the model is listed here and nowhere else; type, limits and description of each column
come from the model's own fields, so that a release cannot say something else than the contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType, NoneType
from typing import Final, cast, get_args

from pydantic.fields import FieldInfo
from sqlmodel import SQLModel

from factordb.model.factor import Factor
from factordb.model.finding import Assessment, Uncertainty
from factordb.model.vocabulary import Basis, Kind

PUBLISHED: Final[tuple[tuple[type[SQLModel], str], ...]] = (
    (
        Factor,
        (
            "factor_id version_id name_zh name_en kind flow category quantity technology boundary direction "
            "product_code code_system value_text value unit_text unit gas gwp_set unit_basis canonical_value "
            "canonical_unit conversion region region_text reference_year valid_from valid_until published_on "
            "source_id tier verified trace_level signed_share publisher read_from source_place place expression"
        ),
    ),
    (
        Uncertainty,
        "basis family mean sd median cv low95 high95 shortest_low95 shortest_high95 method draws seed",
    ),
    (Factor, "cv_percent statement statement_text"),
    (Assessment, "scheme te gr ti p dqr band"),
    (Uncertainty, "precision"),
    (Assessment, "verdict"),
)
"""Model class and the fields of it that are published, in the order of the columns."""

SCORE_COLUMNS: Final = ("te", "gr", "ti", "p", "dqr")
"""Columns of the rating strip, 1 (best) to 5 (worst)."""

LIMITS: Final[Mapping[str, tuple[float | None, float | None]]] = MappingProxyType(
    {
        **dict.fromkeys((*SCORE_COLUMNS, "precision"), (1, 5)),
        **dict.fromkeys(("sd", "cv", "cv_percent", "draws"), (0, None)),
    }
)
"""Smallest and largest value where the model's field itself names none (scales: domain.md section 4)."""

CHOICES: Final[Mapping[str, type[StrEnum]]] = MappingProxyType({"basis": Basis})
"""Closed vocabulary of a column whose field is plain text in the model."""


class ColumnType(StrEnum):
    """Type of a published column, in the words of Frictionless and JSON Schema."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"


_TYPES: Final[Mapping[type, ColumnType]] = MappingProxyType(
    {
        str: ColumnType.STRING,
        float: ColumnType.NUMBER,
        int: ColumnType.INTEGER,
        bool: ColumnType.BOOLEAN,
        date: ColumnType.DATE,
    }
)


@dataclass(frozen=True)
class ReleaseColumn:
    """One published column.

    Attributes:
        name: machine name, the same in every format.
        type: type of its cells.
        required: never empty in any row.
        choices: closed vocabulary, empty where open.
        minimum: smallest allowed value.
        maximum: largest allowed value.
        description: the model's own description, English; titles for people stand in reference/words.
    """

    name: str
    type: ColumnType
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    description: str = ""


def _column(model: type[SQLModel], name: str) -> ReleaseColumn:
    info: FieldInfo = model.model_fields[name]
    kinds = [kind for kind in get_args(info.annotation) if kind is not NoneType]
    plain: type = kinds[0] if kinds else cast("type", info.annotation)
    words: type = CHOICES.get(name, plain)
    low, high = LIMITS.get(name, (None, None))
    stated = [getattr(limit, "ge", None) for limit in info.metadata]
    choices = tuple(word.value for word in words) if issubclass(words, StrEnum) else ()
    return ReleaseColumn(
        name=name,
        type=ColumnType.STRING if choices else _TYPES[plain],
        # what is joined to a factor may be absent; what the factor itself must have may not
        required=model is Factor and not kinds,
        choices=choices,
        minimum=next((limit for limit in stated if limit is not None), low),
        maximum=high,
        description=info.description or "",
    )


RELEASE_COLUMNS: Final[tuple[ReleaseColumn, ...]] = tuple(
    _column(model, name) for model, names in PUBLISHED for name in names.split()
)
"""Every column of a release row, in order."""

FACT_COLUMNS: Final = frozenset(name for model, names in PUBLISHED if model is Factor for name in names.split())
"""Columns that say what a source published and how it was read; the others say what we made of it."""

TABLES: Final[Mapping[str, Kind]] = MappingProxyType(
    {"factors": Kind.FACTOR, "gas_factors": Kind.GAS_FACTOR, "parameters": Kind.PARAMETER}
)
"""Table of a release -> the kind of number it holds. The kinds never share a table."""


class ApprovalMode(StrEnum):
    """How a release was approved; printed on its cover in these words."""

    SINGLE_OPERATOR = "single-operator"
    """One person declared the approval and answers for it; nobody else reviewed it."""
    REVIEWED = "reviewed"


@dataclass(frozen=True)
class ReleaseFacts:
    """What stands on the cover of a release.

    Attributes:
        release_id: name of the release, such as 2026.1.
        title_zh: title, Chinese.
        title_en: title, English.
        as_of: the day the release speaks for; every date inside the files comes from it.
        rule_set: sha256 of rules, thresholds, schemes and policies it was appraised under.
        engine_version: version of factordb.
        seed: seed of the Monte Carlo draws.
        approved_by: who approved it.
        approval_mode: how.
        base_release: the release it is compared with; None for the first.
        publisher: who publishes it.
        licence: SPDX name, or words; rights in the sources' own values stay with the sources.
        corrects: the release that this one corrects; None where it is no erratum.
        erratum: why it had to be corrected, in the words of who did so.
        counts: counts the caller wants on the cover (candidates, held back …), by name.
    """

    release_id: str
    title_zh: str
    title_en: str
    as_of: date
    rule_set: str
    engine_version: str
    seed: int
    approved_by: str
    approval_mode: ApprovalMode = ApprovalMode.SINGLE_OPERATOR
    base_release: str | None = None
    publisher: str = "factordb"
    licence: str = "see sources.csv"
    corrects: str | None = None
    erratum: str = ""
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class FileEntry:
    """One file of a release: where it stands below the release folder, and what is in it.

    Attributes:
        path: relative, with forward slashes.
        sha256: hex digest of its bytes.
        size: in bytes.
        table: the table it holds, empty for other files.
        rows: rows of that table, None for other files.
    """

    path: str
    sha256: str
    size: int
    table: str = ""
    rows: int | None = None

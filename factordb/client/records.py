"""What the client returns: records with the fields asked for most and all others beneath; tables on demand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from factordb.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

Row = Mapping[str, Any]
_WORDS = ("factor_id", "version_id", "name_zh", "name_en", "value_text", "unit", "gas", "gwp_set", "boundary",
          "region", "tier")  # fmt: skip
_LISTS = ("why", "steps", "trail", "alternatives", "candidates", "rejected")


@dataclass(frozen=True)
class Release:
    """The release that fixes an answer; `cover` holds its whole manifest where it was asked for."""

    release_id: str
    as_of: str
    manifest_sha256: str
    cover: Row = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, told: Row) -> "Release":
        """Return the release that an answer names, or the cover of one."""
        return cls(
            str(told.get("release_id") or told["release"]), str(told["as_of"]), str(told["manifest_sha256"]), told
        )


@dataclass(frozen=True)
class Factor:
    """A released factor.

    Attributes:
        factor_id: identity, the same in every version.
        version_id: identity of this version.
        name_zh: name, Chinese.
        name_en: name, English.
        value_text: value as published, digit by digit.
        value: value in `unit`.
        unit: unit in one spelling.
        low95: low end of the symmetric 95 % interval, in `unit`; None without one.
        high95: its high end.
        gas: CO2e, or one gas.
        gwp_set: set behind a CO2e value.
        boundary: system boundary.
        region: code of the region.
        reference_year: year of the data.
        tier: kind of source.
        dqr: data quality rating, 1 (best) to 5.
        flags: what may mislead.
        row: every column of the release.
        source: row of the register of sources, where it was asked for.
        gases: amounts of gas behind the value, where they were asked for.
        citation: how to cite it, zh and en, where it was asked for.
    """

    factor_id: str
    version_id: str
    name_zh: str
    name_en: str
    value_text: str
    value: float
    unit: str
    low95: float | None
    high95: float | None
    gas: str
    gwp_set: str
    boundary: str
    region: str
    reference_year: int | None
    tier: str
    dqr: float | None
    flags: tuple[str, ...]
    row: Row = field(repr=False)
    source: Row = field(default_factory=dict, repr=False)
    gases: tuple[Row, ...] = field(default=(), repr=False)
    citation: Row = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, row: Row, **more: Any) -> "Factor":
        """Return the factor of a row."""
        words: dict[str, Any] = {name: row[name] or "" for name in _WORDS}
        numbers: dict[str, Any] = {name: row[name] for name in ("value", "low95", "high95", "reference_year", "dqr")}
        return cls(**words, **numbers, flags=tuple((row.get("flags") or "").split()), row=row, **more)


class Table:
    """Rows as a table of whichever library is at hand."""

    def rows(self) -> Sequence[Row]:
        """Return the rows."""
        raise NotImplementedError

    def to_arrow(self) -> "pa.Table":
        """Return the rows as an Arrow table; columns of a release have their own types, dates are dates."""
        import pyarrow as pa  # noqa: PLC0415 - whoever wants no table needs no Arrow

        from factordb.formats.rows import release_schema  # noqa: PLC0415 - as above

        rows = self.rows()
        known = {one.name: one.type for one in release_schema()}
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = {}
        for name in names:
            made = pa.array([row.get(name) for row in rows])
            columns[name] = made.cast(known[name]) if name in known else made
        return pa.table(columns)

    def to_pandas(self) -> Any:
        """Return the rows as a pandas frame."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return the rows as a polars frame.

        Raises:
            UsageError: polars is not installed.
        """
        try:
            import polars as pl  # noqa: PLC0415 - not among our dependencies
        except ModuleNotFoundError as fault:
            raise UsageError(
                problem="polars is not installed",
                remedy="install polars, or take to_pandas() or to_arrow()",
                problem_zh="未安装 polars",
                remedy_zh="请安装 polars，或改用 to_pandas()、to_arrow()",
            ) from fault
        return pl.from_arrow(self.to_arrow())


@dataclass(frozen=True)
class Factors(Table):
    """Factors of one release, in the order of preference."""

    release: Release
    factors: tuple[Factor, ...]

    def rows(self) -> Sequence[Row]:
        """Return every column of every factor."""
        return [one.row for one in self.factors]

    def __iter__(self) -> Iterator[Factor]:
        return iter(self.factors)

    def __len__(self) -> int:
        return len(self.factors)

    def __getitem__(self, place: int) -> Factor:
        return self.factors[place]


@dataclass(frozen=True)
class Page(Factors):
    """One page of a search.

    Attributes:
        total: hits on all pages.
        corrected: the question as it was understood where a word was misspelt, else "".
        possible_filters: criterion -> value -> hits.
        next: cursor of the next page; "" at the end.
    """

    total: int
    corrected: str
    possible_filters: Mapping[str, Mapping[str, int]] = field(repr=False)
    next: str = ""


@dataclass(frozen=True)
class Emission:
    """An amount times a factor: value, low95, high95 in `unit` of `gas`; the interval is that of the factor alone."""

    value: float
    low95: float | None
    high95: float | None
    unit: str
    gas: str
    amount: float
    amount_unit: str


@dataclass(frozen=True)
class Choice:
    """The answer to a question for a factor.

    Attributes:
        release: what fixes it.
        outcome: chosen, ambiguous, unclear, none or not_found.
        message: the outcome in words.
        factor: the factor; None unless chosen.
        emission: amount × factor; None unless chosen.
        why: reasons, zh and en each.
        steps: what was not as asked, zh and en each.
        trail: every conversion on the way.
        alternatives: the next best, in brief.
        candidates: what to name one of, where several fit.
        rejected: what was rejected and why, in brief.
        citation: how to cite the factor, zh and en.
        answer: everything the server told.
    """

    release: Release
    outcome: str
    message: str
    factor: Factor | None
    emission: Emission | None
    why: tuple[Row, ...]
    steps: tuple[Row, ...]
    trail: tuple[str, ...]
    alternatives: tuple[Row, ...]
    candidates: tuple[Row, ...]
    rejected: tuple[Row, ...]
    citation: Row
    answer: Row = field(repr=False)

    @classmethod
    def of(cls, told: Row) -> "Choice":
        """Return the choice that an answer tells."""
        emission = told["emission"]
        lists = {
            name: tuple(told[name]) for name in ("why", "steps", "trail", "alternatives", "candidates", "rejected")
        }
        return cls(
            release=Release.of(told["release"]),
            outcome=told["outcome"],
            message=told["message"],
            factor=Factor.of(told["factor"], citation=told["citation"]) if told["factor"] else None,
            emission=Emission(**{name: emission[name] for name in Emission.__dataclass_fields__}) if emission else None,
            citation=told["citation"] or {},
            answer=told,
            **lists,
        )


@dataclass(frozen=True)
class Comparison(Table):
    """A factor beside others, like with like; each of `comparisons` says whether it may be compared and why."""

    release: Release
    factor: Factor
    comparisons: tuple[Row, ...]
    words: tuple[Row, ...]

    def rows(self) -> Sequence[Row]:
        """Return one row a comparison: the other factor, comparable, difference, its interval and ratio."""
        found = []
        for one in self.comparisons:
            difference = one["difference"] or {}
            parts = {f"difference_{name}": difference.get(name) for name in ("value", "low95", "high95", "ratio")}
            found.append({"other": one["second"].get("factor_id"), "comparable": one["comparable"], "unit": one["unit"],
                          **parts, "distinct": difference.get("distinct")})  # fmt: skip
        return found


@dataclass(frozen=True)
class Footprints(Table):
    """Product footprints of PACT v3."""

    documents: tuple[Row, ...]

    def rows(self) -> Sequence[Row]:
        """Return one row a footprint: id, status, product, declared unit, value, validity."""
        return [
            {
                "id": one["id"],
                "status": one["status"],
                "product": one["productNameCompany"],
                "product_id": one["productIds"][0],
                "declared_unit": one["pcf"]["declaredUnitOfMeasurement"],
                "kgco2e_per_declared_unit": float(one["pcf"]["pcfExcludingBiogenicUptake"]),
                "reference_period_end": one["pcf"]["referencePeriodEnd"],
            }
            for one in self.documents
        ]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)

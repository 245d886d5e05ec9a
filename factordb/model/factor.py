"""A factor version and what belongs to it: gas amounts, recipe inputs, refused records.

These SQLModel classes are the one contract: they validate single submissions, and the DuckDB tables, the
contract rule and the JSON Schema of a release are made from their fields. They are no tables themselves,
because SQLModel does not validate `table=True` classes on construction.
"""

from datetime import date

from sqlmodel import Field, SQLModel

from factordb.model.vocabulary import Boundary, Direction, Kind, StatementKind, Tier

EARLIEST_YEAR = 1900


class Factor(SQLModel):
    """One immutable version of a factor, gas factor or parameter, as submitted.

    Numbers are kept three times: the published string, its value in the published unit, and its value in the
    canonical unit of its dimension, with the conversion between them in words.
    """

    candidate_id: str = Field(description="this record: batch, row and record name, hashed")
    factor_id: str = Field(description="stable across versions: source and the source's own key, hashed")
    version_id: str = Field(description="sha256 of the content: changes when any published fact changes")
    batch_id: str = Field(description="the intake that brought it")
    pipeline: str = Field(description="the pipeline that read it")
    row_no: int = Field(ge=1, description="row in the raw file, 1 is the first row under the header")
    place: str = Field(description="file and cell the value was read from")
    kind: Kind = Field(description="factor, gas_factor or parameter")

    name_zh: str | None = Field(default=None, description="name, Chinese")
    name_en: str | None = Field(default=None, description="name, English")
    flow: str | None = Field(default=None, description="product, fuel or activity the value is per unit of")
    category: str | None = Field(default=None, description="path in the source's own classification")
    quantity: str | None = Field(default=None, description="which quantity a parameter is, such as ncv")
    technology: str | None = Field(default=None, description="technology or practice")
    boundary: Boundary = Field(default=Boundary.UNSPECIFIED, description="life-cycle stages covered")
    direction: Direction = Field(default=Direction.EMISSION, description="emission, removal or credit")
    code_system: str | None = Field(default=None, description="classification of product_code")
    product_code: str | None = Field(default=None, description="code as carried by the source")

    value_text: str = Field(min_length=1, description="the value exactly as published")
    value: float | None = Field(default=None, description="value in unit_text")
    value_low: float | None = Field(default=None, description="lower end where a range was published")
    value_high: float | None = Field(default=None, description="upper end where a range was published")
    value_form: str = Field(description="grammatical form of the published string")
    half_digit: float | None = Field(default=None, ge=0, description="half a unit of the last digit")
    unit_text: str | None = Field(default=None, description="the unit exactly as published")
    unit: str | None = Field(default=None, description="the unit in one spelling")
    gas: str | None = Field(default=None, description="CO2e or the one gas the value counts")
    per_unit: str | None = Field(default=None, description="declared unit in its canonical form")
    dimension: str | None = Field(default=None, description="dimension of the declared unit")
    unit_basis: str | None = Field(default=None, description="NCV/GCV, normal or actual volume, dry, wet …")
    canonical_value: float | None = Field(default=None, description="value in canonical_unit")
    canonical_unit: str | None = Field(default=None, description="canonical unit of this dimension")
    to_canonical: float | None = Field(default=None, description="canonical_value / value")
    conversion: str | None = Field(default=None, description="the unit conversion in words")
    gwp_set: str | None = Field(default=None, description="GWP set a CO2e value was made with")

    region_text: str | None = Field(default=None, description="place as published")
    region: str | None = Field(default=None, description="code: ISO 3166, GB/T 2260, grid region or GLO")
    reference_year: int | None = Field(default=None, ge=EARLIEST_YEAR, description="year the data describe")
    valid_from: date | None = Field(default=None, description="first day of validity")
    valid_until: date | None = Field(default=None, description="last day of validity, if one is stated")
    published_on: date | None = Field(default=None, description="date of publication")

    source_id: str = Field(description="row of the source register")
    tier: Tier = Field(description="kind of source, clause (五)")
    verified: bool = Field(default=False, description="traceability verified by a third party")
    trace_level: str | None = Field(default=None, description="computed level of traceability, T0 ... T4, if any")
    signed_share: float | None = Field(
        default=None, ge=0, le=1, description="share of the test results that their laboratory itself signed"
    )
    publisher: str | None = Field(default=None, description="who published the value")
    read_from: str | None = Field(default=None, description="the copy it was read from, if any")
    source_place: str | None = Field(default=None, description="document, page, table, row")
    source_value: str | None = Field(default=None, description="value found at source_place")

    statement: StatementKind = Field(default=StatementKind.NONE, description="form of the stated uncertainty")
    statement_text: str | None = Field(default=None, description="uncertainty as published")
    cv_percent: float | None = Field(default=None, description="coefficient of variation, %")
    sd: float | None = Field(default=None, description="standard deviation in unit_text")
    gsd2: float | None = Field(default=None, description="squared geometric standard deviation")
    bound_low: float | None = Field(default=None, description="lower bound in unit_text")
    bound_high: float | None = Field(default=None, description="upper bound in unit_text")
    bound_basis: str | None = Field(default=None, description="what the bounds are")

    expression: str | None = Field(default=None, description="recipe of a derived value over its inputs")
    te: int | None = Field(default=None, ge=1, le=5, description="technology representativeness as stated, 1-5")
    geo: int | None = Field(default=None, ge=1, le=5, description="geographical representativeness stated, 1-5")
    foreign_rating: str | None = Field(default=None, description="rating given elsewhere: scheme and score")
    flags: str | None = Field(default=None, description="source's own remarks the checks ask for")
    attributes: str | None = Field(default=None, description="columns not mapped, as JSON, kept as read")


class GasAmount(SQLModel):
    """Amount of one gas in one declared unit of a factor."""

    candidate_id: str
    gas: str
    amount_text: str
    amount: float | None = None
    unit_text: str
    is_co2e: bool = Field(default=False, description="the amount is already multiplied by a GWP")
    amount_kg: float | None = Field(default=None, description="kg of gas or CO2e per declared unit")


class RecipeInput(SQLModel):
    """One named input of a derived value's expression."""

    candidate_id: str
    name: str
    value_text: str
    value: float | None = None
    unit_text: str | None = None
    cv_percent: float | None = None
    place: str | None = None


class FactorInput(SQLModel):
    """One factor that another factor is built on: a sample, an input of an inventory, electricity of the year before.

    The edge names the version that was used; what moves downstream when it changes follows from `amount`.
    """

    candidate_id: str = Field(description="the factor that is built")
    input_factor_id: str = Field(description="the factor it is built on")
    input_version_id: str | None = Field(default=None, description="the version that was used")
    role: str = Field(default="input", description="sample, input, electricity …")
    label: str | None = Field(default=None, description="name of the input where it is used")
    amount: float = Field(description="d value / d input, both in their canonical units")
    unit: str | None = Field(default=None, description="canonical unit of the input")
    share: float | None = Field(default=None, description="part of the value that comes from this input, 0 to 1")
    exact: bool = Field(default=True, description="the value is linear in this input")
    restricted: bool = Field(default=False, description="the input's own value is not public")


class Refused(SQLModel):
    """A record that could not be staged: the cell, what was found there, and the rule that says so."""

    batch_id: str
    row_no: int
    record: str
    place: str
    code: str
    field: str
    found: str | None = None
    expected: str | None = None
    detail: str | None = None
    raw: str = Field(description="the whole raw row as JSON: nothing is lost")

"""What every footprint format says of a row, and what it must say though nobody stated it.

A field that a schema requires and no source states holds a value that claims least, and its name stands among
`notStated`, in the extension and in the comment: a reader can tell an empty place from a fact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from factordb.formats.footprint import terms
from factordb.formats.footprint.shape import Held
from factordb.formats.inventories.datasheet import Datasheet, stable_uuid
from factordb.formats.inventories.people_comment import people_comment
from factordb.formats.tidas.words import classes_of
from factordb.model.release import ReleaseFacts
from factordb.model.source import Source

COMPANY: Final = "urn:pact:company:customcode:vendor-assigned:factordb"
NOT_STATED: Final = "notStated"
GEOGRAPHY: Final = "geography"
PERIOD: Final = "referencePeriod"
MASS: Final = "productMassPerDeclaredUnit"


@dataclass(frozen=True)
class Statement:
    """A row on its way into a footprint.

    Attributes:
        row: the release row.
        gases: its gases.
        held: what the format holds of it.
        facts: cover of the release.
        source: where its value comes from.
    """

    row: Mapping[str, Any]
    gases: Sequence[Mapping[str, Any]]
    held: Held
    facts: ReleaseFacts
    source: Source | None

    @property
    def sheet(self) -> Datasheet:
        """Return what the format holds."""
        return self.held.sheet

    @property
    def uuid(self) -> str:
        """Return the identifier of this version of the footprint: another version has another one."""
        return stable_uuid("footprint", str(self.row["factor_id"]), str(self.row["version_id"]))

    @property
    def product(self) -> str:
        """Return the URN of the product, the same in every version."""
        return f"urn:uuid:{self.sheet.uuid}"

    @property
    def created(self) -> str:
        """Return the day of the release."""
        return moment(self.facts.as_of)

    @property
    def description(self) -> str:
        """Return the product in words."""
        return self.sheet.technology or self.sheet.name

    @property
    def year(self) -> int:
        """Return the reference year; without one that of publication or of the release, and it is not stated."""
        if self.sheet.reference_year is not None:
            return self.sheet.reference_year
        day: date = self.row["published_on"] or self.facts.as_of
        return min(day.year, self.facts.as_of.year)

    @property
    def period(self) -> tuple[str, str]:
        """Return begin and end (excluded) of the reference period."""
        return f"{self.year:04d}-01-01T00:00:00Z", f"{self.year + 1:04d}-01-01T00:00:00Z"

    @property
    def cpc(self) -> str:
        """Return the CPC code that our table of words gives the product."""
        words = (self.row[name] for name in ("flow", "name_zh", "name_en", "category"))
        return str(classes_of(" ".join(word for word in words if word))[1][-1]["@classId"])

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Return (title, edition) of the source."""
        edition = (self.source.edition or self.source.document_no) if self.source else None
        published = self.row["published_on"]
        version = edition or (published.isoformat() if published else "not stated")
        return [(self.sheet.source_title or "not stated", version)]

    def not_stated(self, *more: str) -> list[str]:
        """Return the fields that hold no fact, `more` among them."""
        sheet = self.sheet
        unknown = {
            GEOGRAPHY: sheet.region is None and terms.place_of(self.row["region"]) is None,
            PERIOD: sheet.reference_year is None,
            MASS: self.held.unit.mass is None,
        }
        return sorted({*more, *(name for name, empty in unknown.items() if empty)})

    def comment(self, absent: Sequence[str]) -> str:
        """Return what is said for people: which fields hold no fact, then the row's facts in both languages."""
        said = f"Required by the schema, not stated by the source (未说明，仅为满足模式要求): {', '.join(absent)}."
        return "\n".join((said, people_comment(self.row, "en"), people_comment(self.row, "zh")))


def moment(day: date, later: int = 0) -> str:
    """Return the begin of a day, or of one some days later, as the formats write time."""
    return f"{(day + timedelta(days=later)).isoformat()}T00:00:00Z"


def day_of(text: Any) -> date | None:
    """Return the day of a point in time; None where it is none."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def last_day(text: Any) -> date | None:
    """Return the last day before a point in time that is excluded; the day itself where the time is within it."""
    day = day_of(text)
    if day is None or day == date.min:
        return day
    return day - timedelta(days=1) if str(text)[10:19] == "T00:00:00" else day

"""What all data sets of one package share: owner, format, compliance, time, version; from the release's cover."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from factordb.formats.tidas.dataset import (
    FIRST_VERSION,
    DataSet,
    Shared,
    Tree,
    identifier,
    reference,
    root,
    said,
    version_of,
)
from factordb.model.release import ReleaseFacts
from factordb.model.source import Source

ILCD_FORMAT: Final = "a97a0155-0234-4b87-b4ce-a45da52f2a40"
"""The European Commission's source data set "ILCD format"."""
ENTRY_LEVEL: Final = "d92a1a12-2545-49e2-a585-55c259997756"
"""The European Commission's source data set "ILCD Data Network - Entry-level"."""

_NOT_DEFINED: Final = "Not defined"
_RATINGS: Final = ("nomenclature", "methodological", "review", "documentation", "quality")


@dataclass(frozen=True)
class Cover:
    """Shared parts of the data sets of one release."""

    facts: ReleaseFacts

    @cached_property
    def version(self) -> str:
        """Version of the data sets that belong to this release."""
        return version_of(self.facts.release_id)

    @cached_property
    def time(self) -> str:
        """The day the release speaks for, as a time stamp."""
        return f"{self.facts.as_of.isoformat()}T00:00:00Z"

    @cached_property
    def owner(self) -> Tree:
        """Reference to the contact of the publisher of the release."""
        return Shared(self.contact(self.facts.publisher, self.facts.publisher))

    def contact(self, zh: str | None, en: str | None) -> Tree:
        """Return the reference to a contact by its names."""
        return reference("contacts", identifier("contact", _key(zh, en)), FIRST_VERSION, said(zh, en))

    @cached_property
    def _sources(self) -> dict[str, Tree]:
        return {}

    def source(self, source: Source) -> Tree:
        """Return the reference to a source."""
        known = self._sources.get(source.source_id)
        if known is None:
            uuid = identifier("source", source.source_id)
            known = Shared(reference("sources", uuid, self.version, said(source.title_zh, source.title_en)))
            self._sources[source.source_id] = known
        return known

    @cached_property
    def ilcd_format(self) -> Tree:
        """Reference to the data set format."""
        return Shared(reference("sources", ILCD_FORMAT, FIRST_VERSION, said("ILCD 格式 1.1", "ILCD format 1.1")))

    def compliance(self, *, brief: bool = False) -> Tree:
        """Return the declarations of compliance: that of the whole, and the five ratings unless `brief`."""
        return self._brief_compliance if brief else self._full_compliance

    @cached_property
    def _brief_compliance(self) -> Tree:
        return Shared(self._declared(brief=True))

    @cached_property
    def _full_compliance(self) -> Tree:
        return Shared(self._declared(brief=False))

    def _declared(self, *, brief: bool) -> Tree:
        names = said("ILCD 数据网络入门级", "ILCD Data Network - Entry-level")
        told: Tree = {"common:referenceToComplianceSystem": reference("sources", ENTRY_LEVEL, FIRST_VERSION, names)}
        told["common:approvalOfOverallCompliance"] = _NOT_DEFINED
        if not brief:
            told |= {f"common:{name}Compliance": _NOT_DEFINED for name in _RATINGS}
        return {"compliance": told}

    @cached_property
    def entry(self) -> Tree:
        """When, and in which format, a data set was entered."""
        return Shared({"common:timeStamp": self.time, "common:referenceToDataSetFormat": self.ilcd_format})

    @cached_property
    def entry_by_owner(self) -> Tree:
        """When, in which format and by whom a data set was entered."""
        return Shared({**self.entry, "common:referenceToPersonOrEntityEnteringTheData": self.owner})

    def administration(self, uuid: str, version: str) -> Tree:
        """Return the administrative information of a data set in the background."""
        return {
            "dataEntryBy": self.entry,
            "publicationAndOwnership": {
                "common:dataSetVersion": version,
                "common:permanentDataSetURI": f"urn:uuid:{uuid}",
                "common:referenceToOwnershipOfDataSet": self.owner,
            },
        }

    @cached_property
    def commissioner(self) -> Tree:
        """Who commissioned a data set and for what."""
        use = said("产品碳足迹核算与碳足迹标准编制", "Product carbon footprints and footprint standards")
        return Shared({"common:referenceToCommissioner": self.owner, "common:intendedApplications": use})

    @cached_property
    def licence(self) -> Tree:
        """Rights and terms: those of the sources stay with the sources."""
        terms = said(f"许可：{self.facts.licence}", f"Licence: {self.facts.licence}")
        return {"common:copyright": "true", "common:licenseType": "Other", "common:accessRestrictions": terms}

    def background(self, folder: str, uuid: str, tree: Tree, version: str = FIRST_VERSION) -> DataSet:
        """Return a data set of the background, its administrative information added."""
        last: Tree = {name: tree.pop(name) for name in ("flowProperties", "units") if name in tree}
        return DataSet(
            folder,
            uuid,
            version,
            root(folder, {**tree, "administrativeInformation": self.administration(uuid, version), **last}),
        )


def _key(zh: str | None, en: str | None) -> str:
    return f"{zh or ''}|{en or ''}"

"""What all data sets of one package share: owner, format, compliance, time, version; from the release's cover."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from factordb.formats.tidas.dataset import (
    FIRST_VERSION,
    DataSet,
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
        return self.contact(self.facts.publisher, self.facts.publisher)

    def contact(self, zh: str | None, en: str | None) -> Tree:
        """Return the reference to a contact by its names."""
        return reference("contacts", identifier("contact", _key(zh, en)), FIRST_VERSION, said(zh, en))

    def source(self, source: Source) -> Tree:
        """Return the reference to a source."""
        uuid = identifier("source", source.source_id)
        return reference("sources", uuid, self.version, said(source.title_zh, source.title_en))

    @cached_property
    def ilcd_format(self) -> Tree:
        """Reference to the data set format."""
        return reference("sources", ILCD_FORMAT, FIRST_VERSION, said("ILCD 格式 1.1", "ILCD format 1.1"))

    def compliance(self, *, brief: bool = False) -> Tree:
        """Return the declarations of compliance: that of the whole, and the five ratings unless `brief`."""
        names = said("ILCD 数据网络入门级", "ILCD Data Network - Entry-level")
        told: Tree = {"common:referenceToComplianceSystem": reference("sources", ENTRY_LEVEL, FIRST_VERSION, names)}
        told["common:approvalOfOverallCompliance"] = _NOT_DEFINED
        if not brief:
            told |= {f"common:{name}Compliance": _NOT_DEFINED for name in _RATINGS}
        return {"compliance": told}

    def entry(self) -> Tree:
        """Return when, and in which format, a data set was entered."""
        return {"common:timeStamp": self.time, "common:referenceToDataSetFormat": self.ilcd_format}

    def administration(self, uuid: str, version: str) -> Tree:
        """Return the administrative information of a data set in the background."""
        return {
            "dataEntryBy": self.entry(),
            "publicationAndOwnership": {
                "common:dataSetVersion": version,
                "common:permanentDataSetURI": f"urn:uuid:{uuid}",
                "common:referenceToOwnershipOfDataSet": self.owner,
            },
        }

    def commissioner(self) -> Tree:
        """Return who commissioned a data set and for what."""
        use = said("产品碳足迹核算与碳足迹标准编制", "Product carbon footprints and footprint standards")
        return {"common:referenceToCommissioner": self.owner, "common:intendedApplications": use}

    def licence(self) -> Tree:
        """Return rights and terms: those of the sources stay with the sources."""
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

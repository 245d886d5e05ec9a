"""The module *model*: the life cycle model of a factor, which is its one aggregated process, linked to no other."""

from collections.abc import Mapping
from typing import Any

from factordb.formats.tidas.cover import Cover
from factordb.formats.tidas.dataset import DataSet, Tree, identifier, reference, root


def model_set(row: Mapping[str, Any], process: Tree, cover: Cover) -> DataSet:
    """Return the life cycle model of a factor whose process data set is `process`.

    Args:
        row: the factor.
        process: tree of its process: names, classes, terms are the same.
        cover: what the data sets of the package share.
    """
    uuid = identifier("model", row["factor_id"])
    about = process["processInformation"]["dataSetInformation"]
    shown = reference("processes", about["common:UUID"], cover.version, about["name"]["baseName"])
    owned = process["administrativeInformation"]
    tree: Tree = {
        "lifeCycleModelInformation": {
            "dataSetInformation": {
                "common:UUID": uuid,
                "name": about["name"],
                "classificationInformation": {
                    "common:classification": about["classificationInformation"]["common:classification"][0]
                },
                "referenceToResultingProcess": shown,
                "common:generalComment": about["common:generalComment"][0],  # the schema of models allows one
            },
            "quantitativeReference": {"referenceToReferenceProcess": 1},
            "technology": {
                "processes": {
                    "processInstance": [
                        {"@dataSetInternalID": "1", "@multiplicationFactor": "1", "referenceToProcess": shown}
                    ]
                }
            },
        },
        "modellingAndValidation": {
            "validation": {"review": {"common:referenceToNameOfReviewerAndInstitution": cover.owner}},
            "complianceDeclarations": cover.compliance(),
        },
        "administrativeInformation": {
            "common:commissionerAndGoal": owned["common:commissionerAndGoal"],
            "dataGenerator": owned["dataGenerator"],
            "dataEntryBy": owned["dataEntryBy"],
            "publicationAndOwnership": {
                "common:dataSetVersion": cover.version,
                "common:permanentDataSetURI": f"urn:uuid:{uuid}",
                "common:referenceToOwnershipOfDataSet": cover.owner,
                **cover.licence,
            },
        },
    }
    return DataSet("lifecyclemodels", uuid, cover.version, root("lifecyclemodels", tree))

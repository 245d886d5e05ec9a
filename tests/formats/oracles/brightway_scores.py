"""Brightway recomputes every factor of an openLCA package, in a process of its own: it brings warnings and imports.

Usage: brightway_scores.py PACKAGE.zip. Prints one JSON object a factor: name, category, amount and unit of the product,
score in kg CO2e. The category is the one that the factor's result names.
"""

import json
import os
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

warnings.simplefilter("ignore")


def scores(package: Path, work: Path) -> list[dict[str, object]]:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(work / "package")
    folder = work / "package"

    import bw2calc  # noqa: PLC0415 - reads BRIGHTWAY2_DIR when it is imported
    import bw2data  # noqa: PLC0415 - as above
    from bw2io.importers.json_ld import JSONLDImporter  # noqa: PLC0415 - as above
    from bw2io.importers.json_ld_lcia import JSONLDLCIAImporter  # noqa: PLC0415 - as above

    bw2data.projects.set_current("recompute")
    importer = JSONLDImporter(str(folder), "factors")
    importer.apply_strategies(no_warning=True)
    importer.merge_biosphere_flows()
    importer.write_database()
    methods = JSONLDLCIAImporter(str(folder))
    methods.apply_strategies()
    methods.match_biosphere_by_id("factors")
    methods.write_methods(overwrite=True)
    by_category = {name[-1]: name for name in bw2data.methods}

    producers = {}
    for file in (folder / "processes").glob("*.json"):
        process = json.loads(file.read_text(encoding="utf-8"))
        [product] = [one for one in process["exchanges"] if one["isQuantitativeReference"]]
        producers[product["flow"]["@id"]] = process["@id"]
    found = []
    for file in sorted((folder / "results").glob("*.json")):
        result = json.loads(file.read_text(encoding="utf-8"))
        node = bw2data.get_node(database="factors", code=producers[result["flowResults"][0]["flow"]["@id"]])
        category = result["impactResults"][0]["indicator"]["name"]
        [product] = [one for one in node.exchanges() if one["type"] == "production"]
        lca = bw2calc.LCA({product.input.key: product["amount"]}, by_category[category])
        lca.lci()
        lca.lcia()
        found.append(
            {
                "code": node["code"],
                "category": category,
                "amount": product["amount"],
                "unit": product.get("unit"),
                "kgco2e": lca.score,
            }
        )
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as held:
        os.environ["BRIGHTWAY2_DIR"] = os.environ["BRIGHTWAY_DIR"] = held
        for line in scores(Path(sys.argv[1]), Path(held)):
            sys.stdout.write(json.dumps(line) + "\n")

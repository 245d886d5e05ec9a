"""Brightway recomputes a footprint, in a process of its own: it brings warnings and imports.

Usage: brightway_footprint.py INVENTORY.json, which holds gwp (gas -> kg CO2e/kg), factors (name -> gas -> kg per unit)
and uses (list of [factor, amount]). Prints the score in kg CO2e.
"""

import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")


def score(told: dict[str, dict[str, object]]) -> float:
    import bw2calc  # noqa: PLC0415 - reads BRIGHTWAY2_DIR when it is imported
    import bw2data  # noqa: PLC0415 - as above

    bw2data.projects.set_current("footprint")
    nature = bw2data.Database("nature")
    nature.write({("nature", gas): {"name": gas, "type": "emission", "unit": "kg"} for gas in told["gwp"]})
    nodes = {}
    for name, gases in told["factors"].items():
        key = ("made", name)
        nodes[key] = {
            "name": name,
            "unit": "unit",
            "exchanges": [
                {"input": key, "amount": 1.0, "type": "production"},
                *({"input": ("nature", gas), "amount": kg, "type": "biosphere"} for gas, kg in gases.items()),
            ],
        }
    product = ("made", "product")
    nodes[product] = {
        "name": "product",
        "unit": "unit",
        "exchanges": [
            {"input": product, "amount": 1.0, "type": "production"},
            *({"input": ("made", name), "amount": amount, "type": "technosphere"} for name, amount in told["uses"]),
        ],
    }
    bw2data.Database("made").write(nodes)
    method = bw2data.Method(("gwp", "100"))
    method.register()
    method.write([(("nature", gas), weight) for gas, weight in told["gwp"].items()])
    lca = bw2calc.LCA({product: 1.0}, ("gwp", "100"))
    lca.lci()
    lca.lcia()
    return float(lca.score)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as held:
        os.environ["BRIGHTWAY2_DIR"] = os.environ["BRIGHTWAY_DIR"] = held
        told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        sys.stdout.write(json.dumps([score(one) for one in told] if isinstance(told, list) else score(told)) + "\n")

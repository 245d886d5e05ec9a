"""Writes the coal package of the tutorial: `python -m tests.package.coal_example` makes `data/examples/coal` anew.

Twelve monthly analyses of one unit, all numbers invented and every document named demonstration.
"""

import shutil
from pathlib import Path
from typing import Final

from factordb.model.submission import Kind
from tests.package.clean_packages import Made, made

TARGET: Final = Path(__file__).parents[2] / "data" / "examples" / "coal"
SEED: Final = 7
DRAWS: Final = 40_000


def coal() -> Made:
    """Return the package in memory."""
    one = made(Kind.FUEL, SEED)
    owner = one.cover["organisation"]
    for rows in one.sheets.values():
        for row in rows:
            for name, text in row.items():
                row[name] = text.replace(owner, "示范电厂")
    one.cover["submission_id"] = "SUB-COAL00-20260210-01"
    one.sheets["factors"][0] |= {
        "name_zh": "示范电厂 1 号机组燃煤（演示）", "name_en": "Coal burnt in unit 1 of a demonstration plant",
        "flow": "燃煤", "technology": "亚临界煤粉炉（演示）", "expanded_u": "",
    }  # fmt: skip
    one.draws = DRAWS
    one.claim()
    return one


def main() -> None:
    """Write the folder anew."""
    shutil.rmtree(TARGET, ignore_errors=True)
    coal().write(TARGET)


if __name__ == "__main__":
    main()

"""The comparing rules on the official tables that data/ ships: what they find is little, and each has its reason."""

from collections import Counter
from datetime import date

import pytest

from factordb.stages.relations import FLOWS, reference_relations
from factordb.stages.sources import as_table, register
from factordb.store.appraisal import AppraisalFile
from factordb.store.duck import opened
from factordb.store.library_file import Published
from tests.checks.asking_checks import REGISTRY, ask_all

AS_OF = date(2026, 11, 26)

EXPLAINED = {
    "TRA010": 2,  # Table 1.2: natural gas liquids and other primary solid biomass differ between copies
    "VAL011": 1,  # 0.40~0.48
    "UNC001": 1,  # a pressure relief device of compressor stations, CV 0 %
    "PLA001": 7,  # manure rows that say gN2O-N/kgN and carry the IPCC defaults in kg
    "PLA003": 12,  # Sichuan, Yunnan and Qinghai live on hydropower: four tables, 2021 to 2023
    "DUP004": 6,  # natural gas and gas vehicles: one calorific value under six and two branches
}
"""Rules that look at values and find something; all other such rules find nothing."""

LOOKING = ("TRA003", "TRA010", "VAL010", "VAL011", "VAL012", "VAL013", "VAL016", "GAS", "UNC001", "UNC002", "UNC003",
           "UNC008", "UNC009", "UNC010", "UNC011", "DUP", "PLA", "CMP", "FMT", "TIM002", "TIM003", "TIM004",
           "TIM006", "TIM008", "UNI013", "UNI014")  # fmt: skip


@pytest.fixture(scope="module")
def found(official: tuple[Published, list[str]]) -> Counter[str]:
    published, batches = official
    with opened(":memory:") as connection:
        work = AppraisalFile(connection)
        work.load(published, batches)
        flows = work.table(FLOWS)["flow"].to_pylist()
        work.load_reference(reference_relations(as_table(register().values()), AS_OF, flows))
        ask_all(work, REGISTRY)
        return Counter(dict(connection.execute("SELECT code, count(*) FROM finding GROUP BY code").fetchall()))


def test_official_values_are_held_back_only_where_that_is_explained(found: Counter[str]) -> None:
    looked = {code: count for code, count in found.items() if code.startswith(LOOKING) and code != "GAS002"}

    assert looked == EXPLAINED


def test_published_notices_name_no_gwp_set(found: Counter[str]) -> None:
    assert found["GAS002"] == 21

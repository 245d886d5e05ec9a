"""IPCC 2006 Guidelines, Volume 2: calorific values, carbon contents, CO2, CH4 and N2O of stationary combustion.

Four tables with columns of their own; `gas` and `unit` tell them apart. Bounds are 95 % limits where the copy says
so, derived from Table 1.3 for CO2, and unconfirmed for CH4 and N2O: the flags carry that to the checks.
"""

from factordb import Pipeline, Record

_SHARED = {
    "name_zh": "fuel_zh",
    "name_en": "fuel_en",
    "flow": "fuel_zh",
    "value": "value",
    "unit": "unit",
    "bound_low": "low",
    "bound_high": "high",
    "bound_basis": "bounds_basis",
    "source_id": "source_id",
    "publisher": "publisher",
    "read_from": "read_from",
    "source_place": "place",
    "source_value": "place_value",
    "published_on": "published_on",
}
_SECOND_COPY = "CASE WHEN copies_agree = 'false' THEN 'copies differ: ' || value || ' and ' || value_second_copy END"

PIPELINE = Pipeline(
    name="ipcc-2006-v2",
    title_zh="IPCC 2006 年国家温室气体清单指南第 2 卷缺省值(表 1.2、1.3、2.2–2.5)",
    title_en="IPCC 2006 Guidelines Volume 2 defaults (Tables 1.2, 1.3, 2.2–2.5)",
    source="ipcc_2006_v2",
    files=("data/snapshots/ipcc_2006_v2/*.csv",),
    expect_columns=("efdb_id", "fuel_en", "value", "unit"),
    records=(
        Record(
            name="ncv",
            key=("efdb_id",),
            where="unit = 'TJ/Gg'",
            columns=_SHARED,
            constants={"quantity": "ncv", "unit_basis": "NCV", "category": "Table 1.2"},
            sql={"flags": _SECOND_COPY},
        ),
        Record(
            name="carbon-content",
            key=("efdb_id",),
            where="unit = 'kgC/GJ'",
            columns=_SHARED,
            constants={"quantity": "carbon content", "unit_basis": "NCV", "category": "Table 1.3"},
            sql={"flags": _SECOND_COPY},
        ),
        Record(
            name="gas",
            key=("efdb_id",),
            where="gas IS NOT NULL",
            columns={**_SHARED, "gas": "gas"},
            constants={"boundary": "direct"},
            sql={
                "category": "CASE WHEN gas = 'CO2' THEN 'Table 2.2' ELSE concat_ws(' ', 'Table ' || ipcc_table, "
                "category_code, category_en) END",
                "technology": "category_en",
                "flags": "CASE WHEN bounds_confirmed = 'false' THEN 'bounds unconfirmed' END",
            },
        ),
    ),
)

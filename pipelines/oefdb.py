"""Climatiq's Open Emission Factors Database, 2022-05-12: one row, several assessments of one activity.

`kgCO2e-AR5` and `kgCO2e-AR4` are two factors of one row, each with its own GWP set; kgCO2, kgCH4 and kgN2O are the
masses of gases they are made of. A row without CO2e gives gas factors. The columns of gases are read as they are
named; where they hold kg CO2e (most rows from BEIS), GAS006 says so. "not-supplied" is no value.
Each row names its own publisher: it stands in `publisher`, with its link as place; Climatiq is the copy.
"""

from factordb import GasColumn, Pipeline, Record

_NUMBERS = (
    *("kgCO2e-AR5", "kgCO2e-AR4", "kgCO2", "kgCH4", "kgN2O", "kgCO2e-OtherGHGs-AR5", "kgCO2e-OtherGHGs-AR4"),
    *("years_valid", "years_calculated_from", "uncertainty", "scope"),
)
_EMPTIED = ", ".join(f'nullif(trim("{name}"), \'not-supplied\') AS "{name}"' for name in _NUMBERS)

_TIER = {
    **dict.fromkeys(
        ("BEIS", "EPA", "ADEME", "MfE", "UBA", "DISER", "EMA", "DEWA", "EPPO", "UNFCCC"),
        "official",
    ),
    **dict.fromkeys(("AIB", "CT", "HKEI", "CCF"), "industry"),
    **dict.fromkeys(("EXIOBASE", "GHG Protocol", "STC-Nestra B.V."), "literature"),
}
"""Government bodies; associations, utilities and firms; models and guides. Judged by this project, by name."""

_BOUNDARY = {
    **dict.fromkeys(("fuel_combustion", "electricity_generation", "use_phase"), "direct"),
    **dict.fromkeys(("well_to_tank", "upstream", "transmission_and_distribution"), "upstream"),
    **dict.fromkeys(("cradle_to_gate", "cradle_to_shelf", "upstream-manufacturing"), "cradle_to_gate"),
}
_WHOLE = " ".join(f"WHEN '{word}' THEN '{boundary}'" for word, boundary in _BOUNDARY.items())

_SHARED = {
    "name_en": "name",
    "publisher": "source",
    "source_place": "source_link",
}
_NAMED = {
    "boundary": f"CASE lca_activity {_WHOLE} ELSE 'unspecified' END",
    "flow": "CASE WHEN activity_id LIKE 'electricity-energy_source_grid_mix%' THEN 'electricity' ELSE name END",
    "category": "concat_ws(' > ', sector, category)",
    # name and publisher's year alone do not tell activities apart, the identifier does
    "technology": "concat_ws('; ', activity_id, lca_activity, 'scope ' || scope)",
    "region_text": "CASE region WHEN 'GLOBAL' THEN 'GLO' ELSE region END",
    "reference_year": "coalesce(right(years_calculated_from, 4), right(years_valid, 4))",
    "valid_from": "left(years_valid, 4) || '-01-01'",
    "valid_until": "right(years_valid, 4) || '-12-31'",
    "published_on": "year_released || '-12-31'",
    "read_from": "'Climatiq OEFDB 2022-05-12'",
}
_KEY = ("activity_id", "source", "year_released", "years_valid", "region", "lca_activity", "activity_unit")
_UNIT = "replace(activity_unit, 'ton-mile', 'short ton·mile')"
_CARRIED = ("sector", "category", "activity_id", "activity_unit", "lca_activity", "region", "years_valid",
            "years_calculated_from", "year_released", "scope", "uncertainty")  # fmt: skip


def _bound(column: str, sign: str) -> str:
    """Return SQL of the end of ± uncertainty % around a column of numbers."""
    half = f'CAST(uncertainty AS DOUBLE) / 100 * abs(CAST("{column}" AS DOUBLE))'
    return f"CASE WHEN uncertainty IS NOT NULL THEN format('{{:.9g}}', CAST(\"{column}\" AS DOUBLE) {sign} {half}) END"


def _stated(column: str) -> dict[str, str]:
    """Return the stated ± percent as bounds of a column; the guide to the data does not say of which coverage."""
    return {
        "bound_low": _bound(column, "-"),
        "bound_high": _bound(column, "+"),
        "statement_text": "'± ' || uncertainty || ' %'",
        "bound_basis": "CASE WHEN uncertainty IS NOT NULL THEN 'from a stated ± percentage, taken as 95 %' END",
    }


def _co2e(gwp_set: str) -> Record:
    """Return the record of the CO2e value under one GWP set, with the gases of its row."""
    column = f"kgCO2e-{gwp_set}"
    return Record(
        name=f"co2e-{gwp_set.lower()}",
        key=_KEY,
        where=f'"{column}" IS NOT NULL',
        columns={**_SHARED, "value": column},
        maps={"tier": ("source", _TIER)},
        constants={"gwp_set": gwp_set},
        sql={**_NAMED, **_stated(column), "unit": f"'kgCO2e/' || {_UNIT}"},
        gases=tuple(GasColumn(gas, f"kg{gas}", f"kg{gas}") for gas in ("CO2", "CH4", "N2O")),
        carried=_CARRIED,
    )


def _gas(gas: str) -> Record:
    """Return the record of one gas of a row that states no CO2e."""
    column = f"kg{gas}"
    return Record(
        name=gas.lower(),
        key=_KEY,
        where=f'"kgCO2e-AR5" IS NULL AND "kgCO2e-AR4" IS NULL AND "{column}" IS NOT NULL',
        columns={**_SHARED, "value": column},
        maps={"tier": ("source", _TIER)},
        sql={**_NAMED, **_stated(column), "unit": f"'kg{gas}/' || {_UNIT}"},
        carried=_CARRIED,
    )


PIPELINE = Pipeline(
    name="oefdb",
    title_zh="开放排放因子数据库 OEFDB(Climatiq,2022-05-12)",
    title_en="Open Emission Factors Database OEFDB (Climatiq, 2022-05-12)",
    source="climatiq_oefdb_2022_05",
    expect_columns=("activity_id", "activity_unit", "kgCO2e-AR5", "kgCO2e-AR4", "kgCO2", "kgCH4", "kgN2O"),
    prepare=f"SELECT * REPLACE ({_EMPTIED}) FROM raw",  # noqa: S608 - column names of this file only
    records=(_co2e("AR5"), _co2e("AR4"), _gas("CO2"), _gas("CH4"), _gas("N2O")),
)

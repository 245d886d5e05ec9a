"""UK Government conversion factors for company reporting, flat file of 2022: CO2e with its parts, AR4.

The flat file gives each gas a row of its own, in kg CO2e: such a row is a part of the row that holds their sum, not a
factor. It is attached to it as a gas amount. Energy per kilometre (kWh in the column of greenhouse gases) is a
parameter. CO2 outside of scopes is biogenic CO2 alone: its GWP is 1, so kg CO2e of CO2 are kg CO2.
"""

from factordb import GasColumn, Pipeline, Record, Setting

_COLUMN = "GHG_Conversion_Factor_2022"
_ACTIVITY = "concat_ws(chr(31), Scope, Level_1, Level_2, Level_3, Level_4, Description, UOM)"

_PREPARE = f"""
    WITH row_read AS (
        SELECT *, md5({_ACTIVITY}) AS activity, nullif(trim({_COLUMN}), '') AS held FROM raw
    ), total AS (
        SELECT * FROM row_read WHERE GHG_Unit = 'kg CO2e' AND held IS NOT NULL
    ), part AS (
        SELECT activity, _file, list(_row ORDER BY _row) AS part_rows,
               max(held) FILTER (GHG_Unit = 'kg CO2e of CO2') AS co2,
               max(held) FILTER (GHG_Unit = 'kg CO2e of CH4') AS ch4,
               max(held) FILTER (GHG_Unit = 'kg CO2e of N2O') AS n2o
        FROM row_read SEMI JOIN total USING (activity, _file)
        WHERE GHG_Unit LIKE 'kg CO2e of %' AND held IS NOT NULL GROUP BY ALL
    ), whole AS (
        SELECT t.*, p.co2, p.ch4, p.n2o, list_concat([t._row], p.part_rows) AS _rows
        FROM total t LEFT JOIN part p USING (activity, _file)
    )
    SELECT * EXCLUDE (activity, held) FROM whole
    UNION ALL BY NAME
    SELECT r.* EXCLUDE (activity, held), [r._row] AS _rows FROM row_read r
    WHERE NOT EXISTS (FROM whole w WHERE w._file = r._file AND list_contains(w._rows, r._row))
"""  # noqa: S608 - column names of this file only

_BOUNDARY = """
    CASE WHEN Level_1 LIKE 'WTT%' OR Level_1 LIKE 'Transmission and distribution%' OR Level_1 LIKE '%T&D%'
         THEN 'upstream'
         WHEN Level_1 IN ('Material use') THEN 'cradle_to_gate'
         WHEN Level_1 IN ('Waste disposal', 'Water supply', 'Water treatment', 'Hotel stay', 'Homeworking')
         THEN 'unspecified' ELSE 'direct' END
"""
_FUEL = "Level_1 IN ('Fuels', 'Bioenergy', 'WTT- fuels', 'WTT- bioenergy', 'Outside of scopes')"

_NAMED = {
    "flow": f"CASE WHEN {_FUEL} THEN Level_3 WHEN Level_1 LIKE '%electricity%' AND Level_1 NOT LIKE '%EVs%' "
    "AND Level_1 NOT LIKE 'WTT%' THEN 'electricity' ELSE concat_ws(', ', Level_2, Level_3) END",
    "name_en": "concat_ws(' – ', Level_1, Level_2, Level_3, Level_4, Description)",
    "category": "concat_ws(' > ', Scope, Level_1, Level_2)",
    "technology": "concat_ws('; ', Level_4, Description)",
    "boundary": _BOUNDARY,
    "source_place": f"'flat file, row ' || (_row + 1) || ', {_COLUMN}'",
}
_CARRIED = ("Scope", "Level_1", "Level_2", "Level_3", "Level_4", "Description", "UOM", "GHG_Unit")
_KEY = ("Scope", "Level_1", "Level_2", "Level_3", "Level_4", "Description", "UOM", "GHG_Unit")
_SHARED = {"value": _COLUMN, "source_value": _COLUMN}

PIPELINE = Pipeline(
    name="defra-uk",
    title_zh="英国政府企业温室气体报告换算因子(2022 年平面表)",
    title_en="UK Government GHG conversion factors for company reporting (flat file, 2022)",
    source="uk_conversion_factors_2022",
    expect_columns=(*_KEY, _COLUMN),
    prepare=_PREPARE,
    settings=(Setting(where="Level_1 = 'END'", code="FMT003", detail="END", column="Level_1"),),
    records=(
        Record(
            name="factor",
            key=_KEY,
            where="GHG_Unit = 'kg CO2e' OR (GHG_Unit LIKE 'kg CO2e of %' AND Scope <> 'Outside of Scopes')",
            columns=_SHARED,
            constants={"reference_year": "2022"},
            sql={**_NAMED, "unit": "GHG_Unit || '/' || UOM"},
            gases=(
                GasColumn("CO2", "co2", "kgCO2e", is_co2e=True),
                GasColumn("CH4", "ch4", "kgCO2e", is_co2e=True),
                GasColumn("N2O", "n2o", "kgCO2e", is_co2e=True),
            ),
            carried=_CARRIED,
        ),
        Record(
            name="biogenic-co2",
            key=_KEY,
            where="Scope = 'Outside of Scopes'",
            columns=_SHARED,
            constants={"reference_year": "2022", "flags": "published as kg CO2e of CO2"},
            sql={
                **_NAMED,
                "unit": "CASE GHG_Unit WHEN 'kg CO2e of CO2' THEN 'kg CO2' ELSE GHG_Unit END || '/' || UOM",
                "technology": "concat_ws('; ', 'biogenic CO2', Level_4, Description)",
            },
            carried=_CARRIED,
        ),
        Record(
            name="energy-use",
            key=_KEY,
            where="GHG_Unit LIKE 'kWh%'",
            columns=_SHARED,
            constants={"reference_year": "2022", "quantity": "energy use", "flags": "energy in place of a gas"},
            sql={**_NAMED, "unit": "GHG_Unit || '/' || UOM"},
            carried=_CARRIED,
        ),
    ),
)

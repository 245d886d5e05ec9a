"""Bus emission factors of three official models: MOVES3, EMFAC2017 and the EMEP/EEA functions at whole km/h.

CO2, CH4 and N2O are gas factors. Air pollutants, fuel and energy use are no greenhouse gases: they are kept as
parameters. The energy rows of MOVES3 carry the unit g/km, which no energy can have: they are refused, not guessed.
"""

from factordb import Pipeline, Record, Setting

_FUEL_EN = (
    "CASE fuel WHEN 'D' THEN 'diesel' WHEN 'BD' THEN 'biodiesel' WHEN 'G' THEN 'petrol' WHEN 'CNG' THEN 'CNG' "
    "WHEN 'DHD' THEN 'diesel hybrid' WHEN 'DHE' THEN 'diesel hybrid electric' ELSE fuel END"
)
_FUEL_ZH = (
    "CASE fuel WHEN 'D' THEN '柴油' WHEN 'BD' THEN '生物柴油' WHEN 'G' THEN '汽油' WHEN 'CNG' THEN '压缩天然气' "
    "WHEN 'DHD' THEN '柴油混合动力' WHEN 'DHE' THEN '柴油混合动力(电)' ELSE fuel END"
)
_VEHICLE_ZH = (
    "CASE vehicle WHEN 'Transit bus' THEN '公交车' WHEN 'Urban bus' THEN '城市公交车' "
    "WHEN 'Ubus Midi <=15 t' THEN '中型城市公交车(≤15 t)' WHEN 'Ubus Std 15 - 18 t' THEN '标准城市公交车(15–18 t)' "
    "WHEN 'Ubus Artic >18 t' THEN '铰接城市公交车(>18 t)' WHEN 'Coaches Std <=18 t' THEN '标准长途客车(≤18 t)' "
    "WHEN 'Coaches Artic >18 t' THEN '铰接长途客车(>18 t)' ELSE vehicle END"
)

_SHARED = {
    "value": "value",
    "flow": "vehicle",
    "reference_year": "reference_year",
    "source_place": "source",
}
_SOURCES = {
    "US EPA MOVES3 (gtfs2emis)": "us_epa_moves3",
    "CARB EMFAC2017 (gtfs2emis)": "carb_emfac2017",
    "EMEP/EEA guidebook 2019 (gtfs2emis)": "emep_eea_guidebook_2019",
}
_NAMED = {
    "region_text": "CASE region WHEN 'EU' THEN 'Europe' ELSE region END",
    "technology": f"concat_ws('; ', {_FUEL_EN}, nullif(technology, ''), 'model year ' || model_year, condition)",
    "name_en": f"concat_ws(', ', vehicle, {_FUEL_EN}, pollutant)",
    "name_zh": f"concat_ws(',', {_VEHICLE_ZH}, {_FUEL_ZH}, pollutant)",
}
_CARRIED = ("source", "region", "vehicle", "fuel", "technology", "model_year", "condition", "pollutant", "unit")
_KEY = (
    *("source", "region", "vehicle", "fuel", "technology", "reference_year", "model_year", "pollutant", "condition"),
    "unit",
)

PIPELINE = Pipeline(
    name="bus-factors",
    title_zh="公交与客车排放因子(MOVES3、EMFAC2017、EMEP/EEA,gtfs2emis 整理)",
    title_en="Bus emission factors (MOVES3, EMFAC2017, EMEP/EEA, as collected by gtfs2emis)",
    source="emep_eea_guidebook_2019",  # each row names its own model
    expect_columns=("vehicle", "fuel", "pollutant", "condition", "value", "unit"),
    settings=(
        Setting(
            where="pollutant = 'EC' AND unit = 'g/km'",
            code="UNI109",
            detail="MJ",
            column="unit",
        ),
    ),
    records=(
        Record(
            name="gas",
            key=_KEY,
            where="pollutant IN ('CO2', 'CH4', 'N2O')",
            columns={**_SHARED, "unit": "unit", "gas": "pollutant"},
            maps={"source_id": ("source", _SOURCES)},
            constants={"boundary": "direct"},
            sql=_NAMED,
            carried=_CARRIED,
        ),
        Record(
            name="pollutant",
            key=_KEY,
            where="pollutant NOT IN ('CO2', 'CH4', 'N2O')",
            columns={**_SHARED, "quantity": "pollutant"},
            maps={"source_id": ("source", _SOURCES)},
            constants={"boundary": "direct"},
            sql={**_NAMED, "unit": "replace(unit, '#', '1')"},
            carried=_CARRIED,
        ),
    ),
)

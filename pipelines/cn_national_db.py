"""China's national GHG factor database, second edition: factors, calorific values, and their products.

The copy has a CV column for the calorific value only; in rows without a calorific value it holds the CV of the
factor itself (clinker 2.98 %, fugitive methane up to 376.9 %). Those rows say so in their flags.
"""

from factordb import InputColumn, Pipeline, Record

_FUEL = {
    "flow": "item_zh",
    "category": "category_zh",
    "region_text": "area_zh",
    "reference_year": "reference_year",
    "source_id": "source_id",
    "publisher": "publisher",
    "read_from": "read_from",
    "source_place": "place",
    "published_on": "published_on",
}
_ELECTRICITY = "category_zh LIKE '净购入电力与热力-电力消费-%'"

# the use or practice stands at the end of the path, where the path does not end with the gas itself
_USE = (
    "CASE WHEN regexp_matches(category_zh, '(二氧化碳|甲烷|氧化亚氮)$') OR category_zh LIKE '%二氧化碳-%' THEN NULL "
    "ELSE split_part(category_zh, '-', -1) END"
)

PIPELINE = Pipeline(
    name="cn-national-db",
    title_zh="国家温室气体排放因子数据库(第二版,源视图)",
    title_en="China's national GHG emission factor database (second edition, source view)",
    source="cn_national_db_v2",
    files=("data/snapshots/cn_national_db/national_factors_v2.csv",),
    expect_columns=("category_zh", "item_zh", "value", "unit", "ncv", "ncv_cv_percent"),
    records=(
        Record(
            name="factor",
            key=("record_key", "item_key"),
            columns={
                **{field: column for field, column in _FUEL.items() if field != "flow"},
                "name_en": "item_en",
                "value": "value",
                "unit": "unit",
                "source_value": "place_value",
            },
            constants={"boundary": "direct"},
            sql={
                "cv_percent": "CASE WHEN ncv IS NULL THEN coalesce(cv_percent, ncv_cv_percent) ELSE cv_percent END",
                "flags": "CASE WHEN ncv IS NULL AND ncv_cv_percent IS NOT NULL "
                "THEN 'cv stood in the NCV-CV column' END",
                "flow": f"CASE WHEN {_ELECTRICITY} THEN 'electricity' ELSE item_zh END",
                "name_zh": f"CASE WHEN {_ELECTRICITY} THEN category_zh || '-' || item_zh "
                "ELSE split_part(category_zh, '-', -1) || ':' || item_zh END",
                "technology": f"CASE WHEN NOT ({_ELECTRICITY}) THEN {_USE} "
                "WHEN category_zh LIKE '%化石能源电力%' THEN 'fossil power' "
                "WHEN category_zh LIKE '%不包括市场化交易%' THEN 'grid average without traded non-fossil power' "
                "ELSE 'grid average' END",
                "quantity": "CASE WHEN unit IN ('%', 'm³CH₄/kg VS') "
                "THEN nullif(regexp_extract(category_zh, '参数-([^-]+)', 1), '') END",
                # the truncated unit of the manure and enteric rows stays as published: it is refused, not guessed
                "direction": "CASE WHEN category_zh LIKE '%吸收%' THEN 'removal' ELSE 'emission' END",
            },
        ),
        Record(
            name="ncv",
            key=("record_key", "item_key"),
            where="ncv IS NOT NULL",
            columns={**_FUEL, "value": "ncv", "unit": "ncv_unit", "cv_percent": "ncv_cv_percent"},
            constants={"quantity": "ncv", "unit_basis": "NCV"},
            sql={
                "name_zh": "item_zh || ':低位发热量'",
                "name_en": "item_en || ', net calorific value'",
            },
        ),
        Record(
            name="per-quantity",
            key=("record_key", "item_key"),
            where="ncv IS NOT NULL AND unit = 'tCO₂/TJ'",
            columns=_FUEL,
            constants={"boundary": "direct"},
            sql={
                "unit": "'tCO2/' || split_part(ncv_unit, '/', 2)",
                "name_zh": "item_zh || ':燃烧二氧化碳(按实物量)'",
                "name_en": "item_en || ', combustion CO2 per quantity of fuel'",
            },
            expression="ef * ncv",
            inputs=(
                InputColumn("ef", "value", unit_column="unit", cv_column="cv_percent"),
                InputColumn("ncv", "ncv", unit_column="ncv_unit", cv_column="ncv_cv_percent"),
            ),
        ),
    ),
)

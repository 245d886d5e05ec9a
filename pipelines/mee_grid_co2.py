"""China's grid CO2 factors: MEE and NBS, yearly notices. CO2 only: never CO2e."""

from factordb import Pipeline, Record

PIPELINE = Pipeline(
    name="mee-grid-co2",
    title_zh="电力二氧化碳排放因子(生态环境部、国家统计局年度公告)",
    title_en="Average grid CO2 emission factors (MEE and NBS, yearly notices)",
    source="mee_grid_co2_2023",  # each row names its own notice
    files=("data/snapshots/mee_grid_co2/*.csv",),
    expect_columns=("area_zh", "reference_year", "value", "unit"),
    records=(
        Record(
            name="grid",
            key=("row_key",),
            columns={
                "value": "value",
                "unit": "unit",
                "gas": "gas",
                "region_text": "area_zh",
                "reference_year": "reference_year",
                "source_id": "source_id",
                "publisher": "publisher",
                "read_from": "read_from",
                "source_place": "place",
                "source_value": "place_value",
                "published_on": "published_on",
                "category": "scope",
            },
            constants={"flow": "electricity", "boundary": "direct", "te": "1"},
            maps={
                "technology": (
                    "scope",
                    {
                        "national": "grid average",
                        "grid_region": "grid average",
                        "province": "grid average",
                        "national_fossil_power": "fossil power",
                        "national_without_traded_nonfossil": "grid average without traded non-fossil power",
                    },
                )
            },
            sql={
                "name_zh": "reference_year || '年' || area_zh || CASE scope WHEN 'national_fossil_power' "
                "THEN '化石能源电力' WHEN 'national_without_traded_nonfossil' "
                "THEN '电力平均(不包括市场化交易的非化石能源电量)' ELSE '电力平均' END || '二氧化碳排放因子'",
                "name_en": "area_en || ' ' || reference_year || CASE scope WHEN 'national_fossil_power' "
                "THEN ' fossil power' WHEN 'national_without_traded_nonfossil' "
                "THEN ' grid average without traded non-fossil power' ELSE ' grid average' END || ', CO2 only'",
            },
        ),
    ),
)

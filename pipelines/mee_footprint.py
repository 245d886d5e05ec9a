"""China's electricity carbon footprint factors: MEE, NBS and NEA, yearly notices. CO2e, cradle to gate."""

from factordb import Pipeline, Record

PIPELINE = Pipeline(
    name="mee-footprint",
    title_zh="电力碳足迹因子(生态环境部、国家统计局、国家能源局年度公告)",
    title_en="Electricity carbon footprint factors (MEE, NBS and NEA, yearly notices)",
    source="mee_footprint_2024",  # each row names its own notice
    files=("data/snapshots/mee_footprint/*.csv",),
    expect_columns=("type_zh", "area_zh", "reference_year", "value", "unit"),
    records=(
        Record(
            name="footprint",
            key=("row_key",),
            columns={
                "value": "value",
                "unit": "unit",
                "region_text": "area_zh",
                "reference_year": "reference_year",
                "boundary": "boundary",
                "gwp_set": "gwp_set",
                "source_id": "source_id",
                "publisher": "publisher",
                "read_from": "read_from",
                "source_place": "place",
                "source_value": "place_value",
                "published_on": "published_on",
                "category": "scope",
            },
            constants={"te": "1"},
            sql={
                "flow": "CASE scope WHEN 'transmission' THEN 'electricity transmission' ELSE 'electricity' END",
                "technology": "CASE scope WHEN 'national_average' THEN 'grid average' ELSE type_en END",
                "name_zh": "reference_year || '年' || CASE scope WHEN 'national_average' THEN '全国电力平均' "
                "ELSE type_zh END || '碳足迹因子'",
                "name_en": "type_en || ' ' || reference_year || ', carbon footprint factor'",
            },
        ),
    ),
)

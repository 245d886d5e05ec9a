"""CPCD, China's catalogue of product carbon footprints, as copied: value and unit stand in one cell, CO2e as labelled.

Nothing is relabelled here: grid factors that count CO2 alone but are called CO2e are found by GAS005, one identifier
with two values by DUP002.
"""

from factordb import Pipeline, Record

_GRID = "产品名称 LIKE '%电力%' AND regexp_matches(产品名称, '^ *[0-9]{4} *年')"
# "2021年安徽省电力平均…" names the place before, "2022年省级电力平均…-安徽" and "2022年区域电力平均…-东北" after
_PLACE = (
    "CASE WHEN regexp_matches(产品名称, '年(区域|省级)电力') THEN regexp_extract(产品名称, '-(.+)$', 1) || "
    "CASE WHEN regexp_matches(产品名称, '-(华北|东北|华东|华中|西北|西南|南方)$') THEN '区域' ELSE '' END "
    "ELSE coalesce(nullif(regexp_extract(产品名称, '年(.+?)(电力平均|化石能源)', 1), ''), '全国') END"
)

PIPELINE = Pipeline(
    name="cpcd",
    title_zh="产品碳足迹因子目录 CPCD(核心数据,转载本)",
    title_en="CPCD, China's catalogue of product carbon footprint factors (core data, copy)",
    source="cpcd_core",
    expect_columns=("产品ID", "产品名称", "核算边界", "碳足迹", "数据年份"),
    records=(
        Record(
            name="footprint",
            key=("产品ID",),
            columns={
                "name_zh": "产品名称",
                "value_and_unit": "碳足迹",
                "reference_year": "数据年份",
                "product_code": "产品ID",
                "category": "数据类型",
            },
            constants={"code_system": "CPCD"},
            maps={
                "boundary": (
                    "核算边界",
                    {
                        "摇篮到大门": "cradle_to_gate",
                        "摇篮到坟墓": "cradle_to_grave",
                        "大门到大门": "gate_to_gate",
                        "大门到坟墓": "unspecified",
                    },
                ),
            },
            sql={
                "flow": f"CASE WHEN {_GRID} THEN 'electricity' ELSE 产品名称 END",
                "technology": f"CASE WHEN NOT ({_GRID}) THEN NULL "
                "WHEN 产品名称 LIKE '%化石能源电力%' THEN 'fossil power' "
                "WHEN 产品名称 LIKE '%不包括市场化交易%' THEN 'grid average without traded non-fossil power' "
                "WHEN 产品名称 LIKE '%因子-%' THEN split_part(产品名称, '因子-', 2) ELSE 'grid average' END",
                "region_text": f"CASE WHEN {_GRID} THEN {_PLACE} END",
                "publisher": "nullif(trim(企业名称), '-')",
                "source_place": "'CPCD ' || 产品ID",
                "flags": "CASE 核算边界 WHEN '大门到坟墓' THEN 'gate to grave' END",
            },
            carried=("企业名称",),
        ),
    ),
)

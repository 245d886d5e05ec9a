"""The export of the IPCC Emission Factor Database, 21 columns. The user brings the file: its licence allows no copy.

Cells may hold ranges, limits and remarks, and several lines where a record belongs to several categories or gases. A
gas is taken from its column only where there is one; what the grammars cannot read is refused with its reason.
"""

from factordb import Pipeline, Record

_GAS = """
    CASE upper(trim(regexp_replace("Gas", '\\s*\\([0-9]+\\)', '', 'g')))
    WHEN 'CARBON DIOXIDE' THEN 'CO2' WHEN 'METHANE' THEN 'CH4' WHEN 'NITROUS OXIDE' THEN 'N2O'
    WHEN 'SULPHUR HEXAFLUORIDE' THEN 'SF6' WHEN 'NITROGEN TRIFLUORIDE' THEN 'NF3'
    ELSE nullif(regexp_extract("Gas", '^\\s*(CO2|CH4|N2O|SF6|NF3|CF4|C2F6|HFC-[0-9a-z]+)\\s*$', 1), '') END
"""
_PARAMETER = "regexp_matches(coalesce(\"Description\", ''), '(?i)calorific|carbon content|oxidation|fraction|density')"
_CATEGORY = '"IPCC 2006 Source/Sink Category"'
# our own example says in its every row that it is one: it must never be released as real
_SOURCE = "CASE WHEN \"Data provider\" LIKE 'demonstration%' THEN 'demo_efdb_export' ELSE 'ipcc_efdb' END"
_YEAR = "'(?:^|[^0-9])((?:19|20)[0-9]{2})(?:[^0-9]|$)'"

PIPELINE = Pipeline(
    name="efdb-export",
    title_zh="IPCC 排放因子数据库 EFDB 导出表(21 列)",
    title_en="IPCC Emission Factor Database EFDB, export (21 columns)",
    source="ipcc_efdb",
    expect_columns=("EF ID", "Gas", "Description", "Value", "Unit", "Technical Reference", "Type of parameter"),
    records=(
        Record(
            name="record",
            key=("EF ID",),
            columns={
                "value": "Value",
                "unit": "Unit",
                "name_en": "Description",
                "product_code": "EF ID",
                "publisher": "Data provider",
            },
            constants={"code_system": "IPCC EFDB", "read_from": "IPCC EFDB", "boundary": "direct"},
            sql={
                "source_id": _SOURCE,
                "gas": f"CASE WHEN NOT {_PARAMETER} THEN {_GAS} END",
                "quantity": f'CASE WHEN {_PARAMETER} THEN "Description" END',
                "flow": 'coalesce("Fuel 2006", "Fuel 1996", "C pool", "Description")',
                "category": f"replace(replace(coalesce({_CATEGORY}, \"IPCC 1996 Source/Sink Category\"), chr(13), ''), "
                "chr(10), '; ')",
                "technology": 'concat_ws(\'; \', "Technologies / Practices", "Parameters / Conditions", '
                '"Abatement / Control Technologies", "Other properties")',
                "region_text": '"Region / Regional Conditions"',
                "source_place": "concat_ws(', ', 'EF ID ' || \"EF ID\", \"Technical Reference\")",
                "published_on": f"nullif(regexp_extract(\"Technical Reference\", {_YEAR}, 1), '') || '-12-31'",
                "tier": "CASE WHEN \"Type of parameter\" LIKE '%IPCC default%' THEN 'official' "
                "WHEN \"Type of parameter\" LIKE '%easured%' THEN 'measured_unverified' ELSE 'literature' END",
            },
        ),
    ),
)

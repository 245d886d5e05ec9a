"""The bulk-import form of the IPCC Emission Factor Database, 45 columns, as filled in for forest carbon (ForC).

Carbon stocks, dry matter and their yearly increments are parameters of land-use equations, not emission factors. Units
carry the form's own number in brackets; "NA" and "Unknown" are no limits. Increments of biomass take CO2 up: they are
declared as removals, so that a negative one, a loss, is no fault of sign.
"""

from factordb import Pipeline, Record

_REGION = '"Region.Regional.conditions"'
_COUNTRY = f"trim(regexp_extract({_REGION}, 'country: ([^;]*)', 1))"
_MEASURED = "regexp_extract(\"Other.Properties\", 'Date of Measurement: ([^;]*)', 1)"
_PUBLISHED = "regexp_extract(\"Full.Technical.Reference\", '\\(([0-9]{4})', 1)"
_STATED = "nullif(nullif(trim(\"{}\"), 'NA'), 'Unknown')"
_LOW, _HIGH = (_STATED.format(f"{end}.Confidence.Limit") for end in ("Lower", "Upper"))

PIPELINE = Pipeline(
    name="efdb-bulk-form",
    title_zh="IPCC EFDB 批量导入表(45 列):ForC 提交的森林碳数据",
    title_en="IPCC EFDB bulk-import form (45 columns): forest carbon data submitted by ForC",
    source="forc_efdb",
    expect_columns=("EF.ID", "Gases..ID1.ID2.....", "Value", "Unit..ID.", "Lower.Confidence.Limit", "measurement.ID"),
    records=(
        Record(
            name="parameter",
            key=("measurement.ID",),
            columns={
                "value": "Value",
                "category": "X2006.Source.Sink.Categories..CODE1.....",
                "quantity": "Description",
                "source_place": "Full.Technical.Reference",
                "publisher": "Data.Provider",
            },
            constants={"read_from": "ForC, EFDB bulk-import forms"},
            sql={
                "unit": "regexp_replace(\"Unit..ID.\", ' *\\([0-9]+\\) *$', '')",
                "flow": "'forest: ' || \"C.pool\"",
                "name_en": 'concat_ws(\', \', "Description", regexp_extract("Parameters.Conditions", '
                f"'vegetation type: ([^;]*)', 1), nullif({_COUNTRY}, ''))",
                "technology": 'concat_ws(\'; \', "Technologies.Practices", "Parameters.Conditions", '
                f"regexp_extract({_REGION}, 'geographic coordinates: [^;]*'), \"measurement.ID\")",
                "region_text": f"CASE {_COUNTRY} WHEN 'Dem. Rep. of Congo' THEN 'CD' ELSE {_COUNTRY} END",
                "reference_year": f"nullif(regexp_extract({_MEASURED}, '([0-9]{{4}})[^0-9]*$', 1), '')",
                "published_on": f"nullif({_PUBLISHED}, '') || '-12-31'",
                "direction": "CASE WHEN \"Unit..ID.\" LIKE '%yr%' OR \"Unit..ID.\" LIKE '%year%' THEN 'removal' END",
                "bound_low": _LOW,
                "bound_high": _HIGH,
                "bound_basis": f"CASE WHEN {_LOW} IS NOT NULL THEN '95 % confidence limits' END",
            },
        ),
    ),
)

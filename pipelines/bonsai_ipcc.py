"""Parameters of the IPCC guidelines as tables of the Python package bonsai_ipcc: read from its wheel, not imported.

A parameter has up to five rows: default, minimum, maximum and the limits of what is possible. They become one record:
the default with minimum and maximum as bounds; the limits stay among the attributes. A key that occurs twice gives
two records, told apart by their order, so that DUP001 and DUP002 see them. An infinite maximum is no bound; minimum
and maximum that equal the default state no uncertainty. The table is named in the unit: emission factors of a gas are
gas factors; nitrogen of wastewater is counted as N2O-N.
"""

from factordb import Correction, Pipeline, Record, Setting

_TABLE = "regexp_extract(_file, '([^/]+)\\.csv$', 1)"
_OWN = "property, value, unit, _file, _row, _corrected"
_FIRST = "arg_min({0}, _row) FILTER (property = '{1}')"
_LEAST, _MOST = _FIRST.format("value", "min"), _FIRST.format("value", "max")

_PREPARE = f"""
    WITH labelled AS (
        SELECT *, concat_ws('; ', *COLUMNS(* EXCLUDE ({_OWN}, region, year))) AS labels FROM raw
    ), numbered AS (
        SELECT *, row_number() OVER (
            PARTITION BY _file, labels, region, year, property ORDER BY _row
        ) AS nth FROM labelled
    )
    SELECT _file, coalesce({_FIRST.format("_row", "def")}, min(_row)) AS _row, list(_row ORDER BY _row) AS _rows,
           {_TABLE} AS parameter, labels, region, year, nth,
           {_FIRST.format("value", "def")} AS "default", nullif({_LEAST}, '-inf') AS minimum,
           nullif({_MOST}, 'inf') AS maximum, {_FIRST.format("value", "abs_min")} AS lowest_possible,
           {_FIRST.format("value", "abs_max")} AS highest_possible,
           arg_min(value, _row) FILTER (property IS NULL OR property = 'dummy') AS word,
           coalesce({_FIRST.format("unit", "def")}, min(unit)) AS unit,
           bool_or(property = 'dummy') AS dummy, string_agg(_corrected, '; ' ORDER BY _row) AS _corrected
    FROM numbered GROUP BY _file, labels, region, year, nth
"""  # noqa: S608 - column names of this file only

_GAS = """
    CASE WHEN parameter LIKE 'par_ef_n2o_wwater%' THEN 'N2O-N'
         WHEN regexp_matches(parameter, '^par_ef_ch4') THEN 'CH4'
         WHEN regexp_matches(parameter, '^par_ef_n2o') THEN 'N2O'
         WHEN regexp_matches(parameter, '^par_ef_co2') THEN 'CO2'
         WHEN parameter IN ('par_ef_c', 'par_ef_d', 'par_ef_agent') THEN 'CO2'
         WHEN parameter = 'par_ef_sf6_magnesium' THEN 'SF6' WHEN parameter = 'par_ef_hfc23' THEN 'HFC-23'
         WHEN parameter = 'par_ef_cf4_alu' THEN 'CF4' WHEN parameter = 'par_ef_c2f6_alu' THEN 'C2F6' END
"""

_REGION = """
    CASE region WHEN 'AFR' THEN 'Africa' WHEN 'ASI' THEN 'Asia' WHEN 'EUR' THEN 'Europe' WHEN 'NAM' THEN 'North America'
         WHEN 'SAM' THEN 'South America' ELSE region END
"""

_NO_SPREAD = (
    "coalesce(TRY_CAST(minimum AS DOUBLE) = TRY_CAST(maximum AS DOUBLE) "
    'AND TRY_CAST(minimum AS DOUBLE) = TRY_CAST("default" AS DOUBLE), false)'
)


def _misspelt(word: str) -> Correction:
    """Return the correction of one misspelt property; the four others of its records say which is meant."""
    return Correction(
        match={"property": word},
        column="property",
        expect=word,
        replace="abs_max",
        reason=f"{word} stands where every other record has abs_max",
    )


PIPELINE = Pipeline(
    name="bonsai-ipcc",
    title_zh="IPCC 清单指南参数(bonsai_ipcc 0.5.3 软件包)",
    title_en="Parameters of the IPCC guidelines (package bonsai_ipcc 0.5.3)",
    source="bonsai_ipcc_0_5_3",
    member="*/data/*/par_*.csv",
    expect_columns=("value", "unit"),
    prepare=_PREPARE,
    settings=(Setting(where="dummy", code="FMT003", detail="dummy"),),
    corrections=(_misspelt("abs_nax"), _misspelt("dabs_max")),
    records=(
        Record(
            name="parameter",
            key=("_file", "labels", "region", "year"),
            columns={
                "unit": "unit",
                "reference_year": "year",
            },
            constants={"read_from": "bonsai_ipcc 0.5.3"},
            sql={
                "value": 'coalesce("default", word)',
                "region_text": _REGION,
                "gas": _GAS,
                "quantity": f"CASE WHEN ({_GAS}) IS NULL THEN parameter END",
                "flow": "parameter",
                "name_en": "concat_ws(': ', parameter, nullif(labels, ''))",
                "technology": "nullif(labels, '')",
                "category": "replace(replace(_file, 'bonsai_ipcc/data/', ''), '.csv', '')",
                "boundary": f"CASE WHEN ({_GAS}) IS NOT NULL THEN 'direct' END",
                "source_place": "_file",
                "bound_low": f"CASE WHEN NOT {_NO_SPREAD} THEN minimum END",
                "bound_high": f"CASE WHEN NOT {_NO_SPREAD} THEN maximum END",
                "bound_basis": f"CASE WHEN NOT {_NO_SPREAD} THEN 'minimum and maximum, as coded' END",
                "flags": f"CASE WHEN {_NO_SPREAD} THEN 'minimum = default = maximum: no uncertainty stated' END",
            },
            carried=("parameter", "labels", "default", "word", "dummy"),
        ),
    ),
)

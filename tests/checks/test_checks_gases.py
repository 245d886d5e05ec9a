"""GAS: gases, GWP sets and totals. AR5: CH4 28, N2O 265 (AR5 WG1 Table 8.A.1); AR6: CH4 27.9, N2O 273."""

from tests.checks.asking_checks import Ask


def test_gas_is_known(ask: Ask) -> None:
    """
    name,     unit_text,     outcome
    methane,  gCH4/kg,       kept
    element,  gN2O-N/kgN,    kept
    nitrogen, gNOx/km,       broken
    total,    kgCO2e/kg,     not asked
    """
    ask("GAS001")


def test_gwp_set_is_named(ask: Ask) -> None:
    """
    name,   unit_text, gwp_set, outcome
    named,  ,          AR6,     kept
    silent, ,          -,       broken
    CO2,    kgCO2/kg,  -,       not asked
    """
    ask("GAS002")


def test_co2e_agrees_with_its_gases(ask: Ask) -> None:
    """
    name,      value_text, unit_text,        gwp_set, co2_kg, ch4_kg, n2o_kg, outcome,   says
    plain,     2.0371,     ,                 AR5,     2.0352, 3.6e-5, 3.6e-6, kept,
    AR6,       7.58,       ,                 AR6,     2.0,    0.2,    ,       kept,
    other_set, 7.58,       ,                 AR4,     2.0,    0.2,    ,       broken,    7 | AR4
    as_CO2e,   2.0371,     ,                 AR5,     2.0352, 1.0e-3, 9.0e-4, not asked,
    tonnes,    0.0020371,  tCO2e/kg,         AR5,     2.0352, 3.6e-5, 3.6e-6, kept,
    tons_off,  0.0025,     tCO2e/kg,         AR5,     2.0352, 3.6e-5, 3.6e-6, broken,    0.00203716
    rounded,   2.0,        ,                 AR5,     2.0352, ,       ,       kept,
    no_set,    2.0371,     ,                 -,       1.0,    ,       ,       not asked,
    no_gases,  2.0371,     ,                 AR5,     ,       ,       ,       not asked,
    """
    ask("GAS003")


def test_co2e_parts_add_up(ask: Ask) -> None:
    """
    UK conversion factors give every gas in kg CO2e; all 1,278 groups of the 2022 flat file add up.

    name,     value_text, co2_part, ch4_part, n2o_part, co2_kg, outcome,   says
    plain,    2.05652,    2.05342,  0.00307,  0.00003,  ,       kept,
    off,      2.15652,    2.05342,  0.00307,  0.00003,  ,       broken,    2.05652
    masses,   2.05652,    ,         ,         ,         1.0,    not asked,
    no_parts, 2.05652,    ,         ,         ,         ,       not asked,
    """
    ask("GAS004")


def test_co2_only_is_not_called_co2e(ask: Ask) -> None:
    """
    0.5306 kgCO2/kWh: China's grid, CO2 only, 2023. CPCD lists 135 such values as kgCO2e.

    name,      value_text, unit_text,  name_zh, name_en,       flow,        tier,     reference_year, origin, outcome
    official,  0.5306,     kgCO2/kWh,  电,      grid,          electricity, official, 2023,           pool,
    coarse,    0.61,       kgCO2/kWh,  电,      grid,          electricity, official, 2022,           pool,
    footprint, 0.6205,     kgCO2e/kWh, 电,      grid,          electricity, ,         2023,           ,       kept
    by_chance, 0.61,       kgCO2e/kWh, 电,      grid,          electricity, ,         2022,           ,       kept
    relabeled, 0.5306,     kgCO2e/kWh, 电,      grid,          electricity, ,         2023,           ,       broken
    per_MWh,   530.6,      kgCO2e/MWh, 电,      grid,          electricity, ,         2023,           ,       broken
    other,     0.5306,     kgCO2e/kWh, 电,      grid,          electricity, ,         2021,           ,       kept
    by_name,   0.9,        kgCO2e/kWh, 电力二氧化碳排放因子, , electricity, ,         2023,           ,       broken
    english,   0.9,        kgCO2e/kWh, 电,      Grid CO2 only, electricity, ,         2023,           ,       broken
    gas,       0.5306,     kgCO2/kWh,  电,      grid,          electricity, ,         2023,           ,       not asked
    """
    ask("GAS005")


def test_gas_columns_hold_masses(ask: Ask) -> None:
    """
    name,     value_text, gwp_set, co2_kg, ch4_kg, n2o_kg, outcome,   says
    masses,   2.0371,     AR5,     2.0352, 3.6e-5, 3.6e-6, kept,
    as_CO2e,  2.0371,     AR5,     2.0352, 1.0e-3, 9.0e-4, broken,    2.0371 / 2.3017
    neither,  3.5,        AR5,     2.0352, 1.0e-3, 9.0e-4, kept,
    co2_only, 2.0352,     AR5,     2.0352, ,       ,       kept,
    no_gases, 2.0352,     AR5,     ,       ,       ,       not asked,
    no_set,   2.0371,     -,       2.0352, 1.0e-3, 9.0e-4, not asked,
    """
    ask("GAS006")


def test_no_gas_exceeds_the_total(ask: Ask) -> None:
    """
    name,    value_text, direction, co2_kg, ch4_kg, outcome
    part,    2.05,       ,          2.0,    0.001,  kept
    grams,   2.05,       ,          2000,   1,      broken
    removal, -2.05,      removal,   2000,   1,      not asked
    none,    2.05,       ,          ,       ,       not asked
    """
    ask("GAS007")


def test_gwp_set_is_known(ask: Ask) -> None:
    """
    name,   gwp_set, outcome,   says
    known,  AR6,     kept,
    misled, AR99,    broken,    AR5
    silent, -,       not asked,
    """
    ask("GAS008")


def test_gases_have_a_gwp(ask: Ask) -> None:
    """
    name,    gwp_set, co2_kg, hfc_kg, outcome,   says
    known,   AR5,     2.0,    ,       kept,
    unknown, AR5,     2.0,    0.1,    broken,    HFC-unheard-of
    none,    AR5,     ,       ,       not asked,
    """
    ask("GAS009")

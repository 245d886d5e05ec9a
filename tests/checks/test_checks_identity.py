"""DUP: repeated rows, one id with two values, branches, updates."""

from tests.checks.asking_checks import Ask


def test_row_is_not_repeated(ask: Ask) -> None:
    """
    name,   factor_id, version_id, row_no, place,   outcome, says
    first,  f1,        v1,         9,      t.csv!9, kept,
    again,  f1,        v1,         10,     t.csv!10, broken, t.csv!9
    other,  f1,        v2,         11,     ,        kept,
    """
    ask("DUP001")


def test_one_id_has_one_value(ask: Ask) -> None:
    """
    CPCD carries one id with 1723.03 and 99.41 kgCO2e/t. A later batch brings a new version, no conflict.

    name,    batch_id, factor_id, value_text, unit_text,  outcome, says
    one,     ,         f1,        1723.03,    kgCO2e/t,   broken,  1723.03 kgCO2e/t | 99.41 kgCO2e/t
    two,     ,         f1,        99.41,      kgCO2e/t,   broken,
    same_kg, ,         f2,        3.10,       kgCO2e/kg,  kept,
    same_t,  ,         f2,        3100,       kgCO2e/t,   kept,
    gas,     ,         f3,        3.10,       kgCO2e/kg,  broken,
    gas_2,   ,         f3,        3.10,       kgCO2/kg,   broken,
    """
    ask("DUP002")


def test_one_key_has_one_value(ask: Ask) -> None:
    """
    name,     factor_id, value_text, flow,    technology, category, reference_year, outcome,   says
    default,  f1,        3.10,       diesel,  ,           fuels,    2024,           broken,    3.10 | 3.25
    measured, f2,        3.25,       diesel,  ,           fuels,    2024,           broken,
    earlier,  f3,        3.00,       diesel,  ,           fuels,    2023,           kept,
    boiler,   f4,        3.30,       diesel,  boiler,     fuels,    2024,           kept,
    branch,   f5,        3.40,       diesel,  ,           ships,    2024,           kept,
    id_1,     f6,        1.0,        petrol,  ,           fuels,    2024,           not asked,
    id_2,     f6,        2.0,        petrol,  ,           fuels,    2024,           not asked,
    """
    ask("DUP003")


def test_branches_are_merged(ask: Ask) -> None:
    """
    name,    factor_id, value_text, flow,   category, outcome,   says
    steel,   f1,        3.10,       diesel, steel,    kept,
    cement,  f2,        3.10,       diesel, cement,   broken,    steel | 2
    steel_2, f3,        3.10,       diesel, steel,    kept,
    homes,   f4,        0.001,      wood,   homes,    kept,
    power,   f5,        0.030,      wood,   power,    kept,
    plain,   f6,        3.10,       petrol, -,        not asked,
    """
    ask("DUP004")


def test_new_version_is_seen(ask: Ask) -> None:
    """
    name,    origin, factor_id, version_id, value_text, unit_text, outcome, says
    held,    pool,   f1,        v1,         3.00,       ,          ,
    update,  ,       f1,        v2,         3.15,       ,          broken,  3.00 | +5.00 %
    same,    ,       f1,        v1,         3.00,       ,          kept,
    new,     ,       f9,        v9,         3.00,       ,          kept,
    """
    ask("DUP005")


def test_record_is_new(ask: Ask) -> None:
    """
    name,    origin, factor_id, version_id, value_text, outcome
    held,    pool,   f1,        v1,         3.00,
    same,    ,       f1,        v1,         3.00,       broken
    update,  ,       f1,        v2,         3.15,       kept
    """
    ask("DUP006")

"""CMP: copies, official values, carbon content."""

from tests.checks.asking_checks import Ask


def test_copy_agrees_with_its_publisher(ask: Ask) -> None:
    """
    name,     origin, value_text, publisher, read_from, source_id, category, flow,   outcome
    original, pool,   0.5306,     ministry,  -,         source-1,  national, power,
    copy,     ,       0.5306,     ministry,  a website, source-2,  other,    power,  kept
    slip,     ,       0.5360,     ministry,  a website, source-3,  ,         power,  broken
    other,    ,       0.9000,     bureau,    a website, source-4,  ,         power,  kept
    many_1,   pool,   1,          ministry,  -,         source-1,  homes,    stove,
    many_2,   pool,   300,        ministry,  -,         source-1,  plants,   stove,
    of_many,  ,       10,         ministry,  a website, source-2,  works,    stove,  kept
    direct,   ,       0.5360,     ministry,  -,         source-5,  ,         heat,   not asked
    """
    ask("CMP001")


def test_departure_from_official_is_explained(ask: Ask) -> None:
    """
    name,       origin, value_text, flow,   tier,       region, technology, outcome,   says
    official,   pool,   3.10,       diesel, official,   CN,     ,           ,
    official_2, pool,   3.20,       diesel, official,   CN,     ,           ,
    near,       ,       4.00,       Diesel, literature, CN,     ,           kept,
    far,        ,       6.40,       diesel, literature, CN,     ,           broken,    +100 %
    low,        ,       1.55,       diesel, industry,   CN,     ,           broken,    3.10 kgCO2e/kg – 3.20 kgCO2e/kg
    elsewhere,  ,       6.40,       diesel, literature, US,     ,           kept,
    boiler,     ,       6.40,       diesel, literature, CN,     boiler,     kept,
    measured,   ,       6.40,       diesel, measured_verified, CN, ,       not asked,
    limit,      ,       <1,         diesel, literature, CN,     ,           not asked,
    """
    ask("CMP002")


def test_co2_agrees_with_carbon_content(ask: Ask) -> None:
    """
    IPCC 2006 Vol. 2: crude oil 20.0 kgC/GJ (Table 1.3), 73.3 kgCO2/GJ (Table 2.2): 20.0 × 44/12 = 73.33.

    name,    value_text, unit_text, flow,      quantity,       source_id, boundary, outcome,   says
    content, 20.0,       kgC/GJ,    crude oil, carbon content, source-1,  ,         not asked,
    agrees,  73.3,       kgCO2/GJ,  crude oil, ,               source-1,  ,         kept,
    swapped, 63.1,       kgCO2/GJ,  crude oil, ,               source-1,  ,         broken,    73.3333 | 20.0 kgC/GJ
    other,   63.1,       kgCO2/GJ,  crude oil, ,               source-2,  ,         kept,
    mass,    3.1,        kgCO2/kg,  crude oil, ,               source-1,  ,         not asked,
    """
    ask("CMP003")


def test_copies_are_reconciled(ask: Ask) -> None:
    """
    name,     value_text, publisher, source_id, flow,  outcome,   says
    copy_1,   44.2,       ipcc,      source-1,  ngl,   broken,    44.3 | source-1 / source-2
    copy_2,   44.3,       ipcc,      source-2,  ngl,   broken,
    digits_1, 44.2,       ipcc,      source-1,  lpg,   kept,
    digits_2, 44.20,      ipcc,      source-2,  lpg,   kept,
    rounded,  44,         ipcc,      source-1,  oil,   kept,
    finer,    44.3,       ipcc,      source-2,  oil,   kept,
    sole,     1.0,        bureau,    source-1,  ngl,   kept,
    unsigned, 9.9,        -,         source-3,  ngl,   not asked,
    """
    ask("CMP004")

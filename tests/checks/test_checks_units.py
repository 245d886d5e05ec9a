"""UNI: declared unit and its basis."""

from tests.checks.asking_checks import Ask


def test_declared_unit_is_there(ask: Ask) -> None:
    """
    name,   unit_text, per_unit, outcome
    stated, kgCO2e/kg, ,         kept
    absent, kgCO2e/kg, -,        broken
    share,  %,         ,         not asked
    """
    ask("UNI010")


def test_energy_basis_is_stated(ask: Ask) -> None:
    """
    name,        unit_text,  unit_basis, flow,        boundary,       outcome
    net,         kgCO2e/GJ,  NCV,        ,            ,               kept
    silent,      kgCO2e/GJ,  -,          ,            ,               broken
    electricity, kgCO2e/kWh, -,          electricity, ,               not asked
    upstream,    kgCO2e/GJ,  -,          ,            cradle_to_gate, not asked
    mass,        kgCO2e/kg,  -,          ,            ,               not asked
    """
    ask("UNI011")


def test_gas_volume_basis_is_stated(ask: Ask) -> None:
    """
    name,     unit_text,  unit_basis, flow,        name_en,     outcome
    normal,   kgCO2e/m3,  20C,        natural gas, natural gas, kept
    liquid,   kgCO2e/m3,  -,          diesel,      diesel,      kept
    silent,   kgCO2e/m3,  -,          natural gas, natural gas, broken
    chinese,  kgCO2e/m3,  -,          天然气,      ,            broken
    mass,     kgCO2e/kg,  -,          natural gas, natural gas, not asked
    """
    ask("UNI012")


def test_freight_is_per_tonne_kilometre(ask: Ask) -> None:
    """
    name,   unit_text,     outcome
    tonne,  kgCO2e/(t·km), kept
    kilo,   kgCO2e/(kg·km), broken
    chinese, kgCO2e/(千克·千米), broken
    per_km, kgCO2e/km,     kept
    share,  %,             not asked
    """
    ask("UNI013")


def test_unit_fits_its_family(ask: Ask) -> None:
    """
    name, flow,   unit_text, outcome
    a,    cement, kgCO2e/t,  kept
    b,    cement, kgCO2e/t,  kept
    c,    cement, kgCO2e/kg, kept
    d,    cement, kgCO2e/t,  kept
    e,    cement, kgCO2e/m3, broken
    f,    sand,   kgCO2e/m3, kept
    g,    sand,   kgCO2e/t,  kept
    h,    cement, gCH4/t,    not asked
    """
    ask("UNI014")


def test_energy_is_not_among_gases(ask: Ask) -> None:
    """
    The UK flat file gives kWh of electric vehicles in its column of greenhouse gases.

    name,    unit_text, quantity,          flags,                     outcome
    energy,  kWh/km,    energy per travel, energy in place of a gas,  broken
    plain,   kWh/km,    energy per travel, ,                          kept
    factor,  kgCO2e/km, ,                  ,                          not asked
    """
    ask("UNI015")

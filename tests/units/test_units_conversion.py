"""Conversion: exact within a dimension and basis, refused across."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.units import convert, element_to_gas
from factordb.values import Refused


def test_conversions_that_are_exact() -> None:
    for value, one, other, expected in (
        (96.2, "tCO2/TJ", "kgCO2/MJ", 0.0962),
        (0.5703, "kgCO2e/kWh", "tCO2e/MWh", 0.5703),
        (1.0, "kWh", "MJ", 3.6),
        (1.0, "mile", "km", 1.609344),
        (1.0, "short ton", "kg", 907.18474),
        (1.0, "gal (US)", "L", 3.785411784),
        (1.0, "bbl", "L", 158.987294928),
        (1.0, "MMBTU", "MJ", 1055.05585262),
        (3561.1, "TJ/10⁸ Nm³", "MJ/Nm3", 35.611),
        (1.0, "亩", "m2", 2000 / 3),
        (1.0, "kgCO2e/kg·km", "kgCO2e/t·km", 1000.0),
        (12.0, "kg/month", "kg/year", 144.0),
    ):
        result = convert(value, one, other)
        assert not isinstance(result, Refused), result
        assert result[0] == expected, (one, other)
        assert "→" in result[1]


def test_conversions_that_need_a_number_nobody_stated() -> None:
    for one, other in (
        ("kgCO2/m3", "kgCO2/Nm3"),
        ("kgCO2/kWh (Net CV)", "kgCO2/kWh (Gross CV)"),
        ("kgCO2/kWh", "kgCO2/kWh (Net CV)"),
        ("kgCH4/t", "kgCO2e/t"),
        ("kgCO2/t", "kgCO2e/t"),
        ("kgN2O-N/ha", "kgN2O/ha"),
        ("kg/day", "kg/year"),
        ("kgCO2e/L", "kgCO2e/kg"),
        ("kgCO2e/CNY", "kgCO2e/USD"),
        ("kgCO2e/台", "kgCO2e/辆"),
        ("tce", "MJ"),
        ("kg dm", "kg"),
        ("kg CO2e of CH4/km", "kg CO2e/km"),
    ):
        refused = convert(1.0, one, other)
        assert isinstance(refused, Refused), (one, other)
        assert refused.code == "UNI109"
    assert isinstance(convert(1.0, "blorg", "kg"), Refused)
    assert isinstance(convert(1.0, "kg", "blorg"), Refused)


def test_element_bases_have_declared_ratios() -> None:
    assert element_to_gas("N2O-N") == ("N2O", pytest.approx(44 / 28), "N2O-N → N2O: ×44/28")
    assert element_to_gas("C") == ("CO2", pytest.approx(44 / 12), "C → CO2: ×44/12")
    assert element_to_gas("CH4-C") == ("CH4", pytest.approx(16 / 12), "CH4-C → CH4: ×16/12")
    assert element_to_gas("NH3-N") is None
    assert element_to_gas("CO2") is None
    assert element_to_gas("phlogiston") is None


@given(
    st.floats(1e-12, 1e12),
    st.sampled_from([("kWh", "TJ"), ("short ton", "g"), ("gal (US)", "m3"), ("lbCO2/MWh", "gCO2/kWh")]),
)
@settings(max_examples=100)
def test_there_and_back(value: float, units: tuple[str, str]) -> None:
    there = convert(value, *units)
    assert not isinstance(there, Refused)
    back = convert(there[0], units[1], units[0])
    assert not isinstance(back, Refused)
    assert back[0] == pytest.approx(value, rel=1e-14)

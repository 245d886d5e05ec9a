"""The unit grammar, on the spellings of the shared real input, of IPCC 2006 and of the UNFCCC reporting tables."""

import csv
import inspect
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.units import Quantity, Unit, parse
from factordb.values import Refused


def table(test: Callable[..., None]) -> Iterator[dict[str, str]]:
    """Return the rows of a test's docstring: cells part at |, . stands for nothing."""
    lines = inspect.cleandoc(test.__doc__ or "").splitlines()
    for row in csv.DictReader(lines, delimiter="|", quoting=csv.QUOTE_NONE):
        cells = {str(name).strip(): str(cell).strip() for name, cell in row.items()}
        yield {name: "" if cell == "." else cell for name, cell in cells.items()}


def read(text: str, gas: str | None = None) -> Unit:
    unit = parse(text, gas=gas)
    assert isinstance(unit, Unit), (text, unit)
    return unit


def test_every_spelling_becomes_one_unit_and_one_factor() -> None:
    """
    text                       | unit                 | gas   | canonical_unit      | to_canonical
    kgCO2e/kWh                 | kgCO2e/kWh           | CO2e  | kgCO2e/MJ           | 0.2777777777777778
    g CO2 eq. / kWh            | gCO2e/kWh            | CO2e  | kgCO2e/MJ           | 0.0002777777777777778
    t CO2e/MWh                 | tCO2e/MWh            | CO2e  | kgCO2e/MJ           | 0.2777777777777778
    千克二氧化碳当量/千瓦时    | kgCO2e/kWh           | CO2e  | kgCO2e/MJ           | 0.2777777777777778
    kgCO₂/kWh                  | kgCO2/kWh            | CO2   | kgCO2/MJ            | 0.2777777777777778
    kg-CO2/kWh                 | kgCO2/kWh            | CO2   | kgCO2/MJ            | 0.2777777777777778
    tCO₂/TJ                    | tCO2/TJ              | CO2   | kgCO2/MJ            | 0.001
    kgCH₄/TJ                   | kgCH4/TJ             | CH4   | kgCH4/MJ            | 1e-6
    tCH₄/10⁸Nm³                | tCH4/10^8 Nm3        | CH4   | kgCH4/Nm3           | 1e-5
    m³CH₄/kg VS                | m3CH4/kg VS          | CH4   | m3CH4/kg VS         | 1
    gN₂O-N/kgN                 | gN2O-N/kgN           | N2O-N | kgN2O-N/kgN         | 0.001
    kg N2O-N (kg N)-1          | kgN2O-N/kgN          | N2O-N | kgN2O-N/kgN         | 1
    tCO₂/10,000 Weight Boxes   | tCO2/10^4 weight box | CO2   | kgCO2/weight box    | 0.1
    kg CH4 head-1 yr-1         | kgCH4/(head·year)    | CH4   | kgCH4/(head·year)   | 1
    kgCH4/(头·年)              | kgCH4/(head·year)    | CH4   | kgCH4/(head·year)   | 1
    kg C/GJ                    | kgC/GJ               | C     | kgC/MJ              | 0.001
    t C/TJ                     | tC/TJ                | C     | kgC/MJ              | 0.001
    tonnes C/ha (274)          | tC/ha                | C     | kgC/m2              | 0.1
    Mg d.m. ha-1               | Mg dm/ha             | .     | kg dm/m2            | 0.1
    tonnes dm/ha/year (273)    | t dm/(ha·year)       | .     | kg dm/(m2·year)     | 0.1
    mol C (m^-2) (yr^-1)       | molC/(m2·year)       | C     | molC/(m2·year)      | 1
    TJ/Gg                      | TJ/Gg                | .     | MJ/kg               | 1
    TJ/10⁴t                    | TJ/10^4 t            | .     | MJ/kg               | 0.1
    Gg/10^3 m3                 | Gg/10^3 m3           | .     | kg/m3               | 1000
    kg/1000kg/day              | kg/(10^3 kg·day)     | .     | kg/(kg·h)           | 4.1666666666666665e-05
    kgCO2e / 公吨·公里         | kgCO2e/(t·km)        | CO2e  | kgCO2e/(t·km)       | 1
    kgCO2e / kg·km             | kgCO2e/(kg·km)       | CO2e  | kgCO2e/(t·km)       | 1000
    gCO2e / 人·千米            | gCO2e/(person·km)    | CO2e  | kgCO2e/(person·km)  | 0.001
    kg CO2e/passenger.km       | kgCO2e/(person·km)   | CO2e  | kgCO2e/(person·km)  | 1
    kg CO2e of CH4/tonne.km    | kgCO2e of CH4/(t·km) | CO2e  | kgCO2e of CH4/(t·km) | 1
    kg CO2e of CH4 per unit    | kgCO2e of CH4/unit   | CO2e  | kgCO2e of CH4/unit  | 1
    kg CO2e/Room per night     | kgCO2e/(room·night)  | CO2e  | kgCO2e/(room·night) | 1
    kg CO2e/per FTE Working Hour | kgCO2e/(FTE·h)     | CO2e  | kgCO2e/(FTE·h)      | 1
    kg CO2e/million litres     | kgCO2e/10^6 L        | CO2e  | kgCO2e/m3           | 0.001
    tCO2e / 万元人民币         | tCO2e/10^4 CNY       | CO2e  | kgCO2e/CNY          | 0.1
    kgCO2e/万吨                | kgCO2e/10^4 t        | CO2e  | kgCO2e/kg           | 1e-7
    kgCO2e/万立方米            | kgCO2e/10^4 m3       | CO2e  | kgCO2e/m3           | 0.0001
    ㎏CO2e/㎡                  | kgCO2e/m2            | CO2e  | kgCO2e/m2           | 1
    lb CO2/MMBTU               | lbCO2/MMBtu          | CO2   | kgCO2/MJ            | 0.0004299226139295101
    kg CO2/gal (US)            | kgCO2/gal (US)       | CO2   | kgCO2/m3            | 264.1720523581484
    kgCO2/short ton            | kgCO2/short ton      | CO2   | kgCO2/kg            | 0.001102311310924388
    μg/m³                      | μg/m3                | .     | kg/m3               | 1e-9
    %                          | %                    | .     | 1                   | 0.01
    fraction                   | 1                    | .     | 1                   | 1
    1/yr                       | 1/year               | .     | 1/year              | 1
    tonnes of CO2-eq           | tCO2e                | CO2e  | kgCO2e              | 1000
    tonne-km                   | t·km                 | .     | t·km                | 1
    TB-hour                    | TB·h                 | .     | GB·h                | 1000
    """
    for row in table(test_every_spelling_becomes_one_unit_and_one_factor):
        unit = read(row["text"])
        assert unit.unit_text == row["text"]
        assert (unit.unit, unit.gas or "", unit.canonical_unit) == (row["unit"], row["gas"], row["canonical_unit"]), row
        assert unit.to_canonical == pytest.approx(float(row["to_canonical"]), rel=1e-14), row


def test_refused_rather_than_guessed() -> None:
    """
    text               | code   | found
    .                  | UNI101 | .
    NA                 | UNI101 | NA
    none               | UNI101 | none
    kgCO2e/blorg       | UNI102 | blorg
    mm/year0.5         | UNI102 | year0.5
    kgCO2e/吨煤        | UNI102 | 煤
    head·year)         | UNI103 | head·year)
    kgCH4/(head·year   | UNI103 | kgCH4/(head·year
    kgNH₃-N+NOx-N)     | UNI103 | kgNH3-N+NOx-N)
    t/                 | UNI103 | t/
    /TJ                | UNI103 | /TJ
    kg per             | UNI103 | kg per
    ton-mile           | UNI104 | ton
    kg/gal             | UNI104 | gal
    kcal/kg            | UNI104 | kcal
    t/ha/a             | UNI104 | a
    kgCO2/m3(N)        | UNI104 | m3(N)
    kgCO2e/mj          | UNI108 | mj
    kgCO2e/mwh         | UNI108 | mwh
    MT CO2e/t          | UNI108 | MT
    kgCO2e/Gj          | UNI108 | Gj
    kg ha              | UNI105 | kg ha
    kg/ha-1            | UNI105 | kg/ha-1
    kg/t km            | UNI105 | kg/t km
    kg·h/t             | UNI105 | kg·h/t
    (kg/t)/(min/d)     | UNI105 | (kg/t)/(min/d)
    kg CO2e/25 kg      | UNI105 | 25
    kg/m^4             | UNI105 | kg/m^4
    CO2e/kWh           | UNI106 | CO2e
    kg CH4 N2O/t       | UNI106 | N2O
    kg/TJ of CH4       | UNI106 | CH4
    kWh CO2/km         | UNI106 | CO2
    """
    for row in table(test_refused_rather_than_guessed):
        refused = parse(row["text"])
        assert isinstance(refused, Refused), (row, refused)
        assert (refused.code, refused.found, refused.text) == (row["code"], row["found"], row["text"])
        assert refused.problem_zh
        assert refused.problem_en


def test_unreadable_or_endless_strings_are_refused() -> None:
    for text in ("kg\ufffd/t", "kg\x00", "kg/" * 100):
        refused = parse(text)
        assert isinstance(refused, Refused)
        assert refused.code == "UNI107" or text.endswith("/")


def test_case_tells_a_million_and_a_thousandth_apart() -> None:
    assert read("kgCO2e/mJ").to_canonical == pytest.approx(1e9)
    assert read("kgCO2e/MJ").to_canonical == 1
    assert read("Mg").to_canonical == pytest.approx(1000)
    assert read("mg").to_canonical == pytest.approx(1e-6)


def test_freight_is_counted_in_tonne_kilometres() -> None:
    assert read("kgCO2e/t·km").exact * 1000 == read("kgCO2e/kg·km").exact
    assert read("kgCO2e/tkm").canonical_unit == read("kgCO2e/吨公里").canonical_unit == "kgCO2e/(t·km)"


def test_the_basis_of_a_unit_is_kept() -> None:
    """
    text                    | basis        | denominator_unit | denominator_dimension
    kg CO2e/kWh (Net CV)    | NCV          | MJ               | energy
    kg CO2e/kWh (Gross CV)  | GCV          | MJ               | energy
    kg CO2e/kWh             | .            | MJ               | energy
    kgCO2/Nm3               | normal       | Nm3              | normal_volume
    kgCO2/标准立方米        | normal       | Nm3              | normal_volume
    kgCO2/Sm3               | standard_15c | Sm3              | standard_volume_15c
    kgCO2/scf               | standard_60f | scf              | standard_volume_60f
    kgCO2/m3                | .            | m3               | volume
    t C/t (dry)             | dry          | kg               | mass
    t C/t (收到基)          | as_received  | kg               | mass
    kg CH4/kg dm            | dry_matter   | kg dm            | mass
    kWh (net)/km            | NCV          | km               | distance
    """
    for row in table(test_the_basis_of_a_unit_is_kept):
        unit = read(row["text"])
        found = (unit.basis, unit.denominator_unit, unit.denominator_dimension)
        assert found == (row["basis"], row["denominator_unit"], row["denominator_dimension"]), row


def test_the_kind_of_number_follows_from_the_unit() -> None:
    for text, quantity in (
        ("kgCO2e/kWh", Quantity.EMISSION_FACTOR),
        ("kgCO2/kWh", Quantity.GAS_FACTOR),
        ("kg N2O-N/kg N", Quantity.GAS_FACTOR),
        ("kg C/GJ", Quantity.PARAMETER),
        ("TJ/Gg", Quantity.PARAMETER),
        ("%", Quantity.PARAMETER),
        ("USD/tCO2e", Quantity.PARAMETER),
        ("kgCO2e", Quantity.AMOUNT),
        ("kWh", Quantity.AMOUNT),
        ("台", Quantity.COUNT),
    ):
        assert read(text).quantity is quantity, text


def test_the_gas_of_another_column_fills_a_bare_mass() -> None:
    assert read("kg/TJ").gas is None
    assert read("kg/TJ", gas="CH4").unit == "kgCH4/TJ"
    assert read("kg/TJ", gas="CARBON DIOXIDE").gas == "CO2"
    assert read("kg CO2e/TJ", gas="CO2e").gas == "CO2e"
    assert read("kg N2O-N/kg N", gas="N2O").gas == "N2O-N"
    assert read("kg C/GJ", gas="CO2").gas == "C"
    assert read("TJ/Gg", gas="CO2").gas is None
    for text, gas in (("kg CO2e/TJ", "CH4"), ("kg CO2/TJ", "CO2e"), ("kg/TJ", "phlogiston"), ("kg C/t", "CH4")):
        refused = parse(text, gas=gas)
        assert isinstance(refused, Refused), (text, gas)
        assert refused.code == "UNI106"


def test_the_trail_names_every_step() -> None:
    assert read("tCO2/TJ").trail == "tCO2/TJ → kgCO2/MJ: ×1000 (t→kg) ÷1000000 (TJ→MJ) = ×0.001"
    assert read("kgCO2e/t·km").trail == "kgCO2e/(t·km)"
    assert read("TJ/10⁴t").trail == "TJ/10^4 t → MJ/kg: ×1000000 (TJ→MJ) ÷10^4 ÷1000 (t→kg) = ×0.1"
    assert read("tCO2e / 年（四舍五入）").trail.endswith("rounded by the publisher")


ABOVE = st.sampled_from(
    ["kgCO2e", "t CO2", "g CH4", "kgN2O-N", "TJ", "kg C", "m3CH4", "kg dm", "%", "10^3 t", "CNY", "molC"]
)
BELOW = st.sampled_from(
    ["kWh", "TJ", "t·km", "人·公里", "head·year", "10⁴ Nm³", "short ton", "gal (US)", "kWh (Net CV)", "ha yr", "kg N",
     "t dm", "万元", "room·night", "MUSD", "scf", "台", "FTE·h", "L", "颗"]
)  # fmt: skip


@given(ABOVE, BELOW)
@settings(max_examples=150)
def test_one_spelling_is_its_own_spelling_and_canonical_units_stay(above: str, below: str) -> None:
    unit = parse(f"{above}/{below}")
    if below == "ha yr":
        assert isinstance(unit, Refused)
        return
    assert isinstance(unit, Unit)
    again = read(unit.unit)
    assert (again.unit, again.exact, again.basis) == (unit.unit, unit.exact, unit.basis)
    canonical = read(unit.canonical_unit)
    assert (canonical.canonical_unit, canonical.exact) == (unit.canonical_unit, 1)


@given(st.text(max_size=40) | st.lists(st.sampled_from(list("kgtCO2eHN/·()-^ 万公里.m3")), max_size=20).map("".join))
@settings(max_examples=300)
def test_any_text_is_read_or_refused_and_kept(text: str) -> None:
    unit = parse(text)
    if isinstance(unit, Unit):
        assert unit.unit_text == text
        assert unit.to_canonical > 0
        assert read(unit.unit).canonical_unit == unit.canonical_unit
    else:
        assert unit.text == text


@pytest.mark.parametrize("text", ["1e309", "1e309 kg", "1e-400 kg", "kg/1e309 t"])
def test_a_power_of_ten_that_no_float_holds_is_refused(text: str) -> None:
    assert isinstance(parse(text), Refused)

"""Made numbers; what is tested is geometry, words and safety of the pictures."""

import math
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.formats.plots import (
    BASIS_COLOURS,
    Distribution,
    Influence,
    Interval,
    RatingRow,
    basis_legend,
    density_plot,
    interval_plot,
    rating_strip,
    tornado_plot,
)
from factordb.formats.svg import CIVIDIS, FONTS, Axis, axis_over, escaped, fitted, ink_on, number_text, shade, width_of
from tests.formats.made_release import HOSTILE, LONG_NAME

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawn: str) -> list[str]:
    return [found.text or "" for found in ET.fromstring(drawn).iter(f"{SVG}text")]  # noqa: S314 - our own markup


def test_intervals_are_sorted_printed_and_told_apart_by_basis() -> None:
    rows = [
        Interval("low", 1.0, 0.8, 1.3, "reported", "1.00"),
        Interval("high", 3.0, 2.0, 5.0, "default"),
        Interval("none", 2.0),
    ]
    drawn = interval_plot(rows, lang="en", unit="kgCO2e/kWh")
    found = texts(drawn)
    assert [name for name in found if name in {"low", "high", "none"}] == ["high", "none", "low"]
    assert {"1.00  [0.8, 1.3]", "3  [2, 5]", "2  no interval", "kgCO2e/kWh"} <= set(found)
    assert drawn.count("stroke-dasharray") == 1
    assert FONTS in drawn
    assert "<title>Factor values with shortest 95 % intervals (kgCO2e/kWh)</title>" in drawn
    assert "2  无区间" in texts(interval_plot(rows, lang="zh", unit="kgCO2e/kWh"))


@pytest.mark.parametrize(
    ("values", "log"),
    [([1.0, 20.0], False), ([1.0, 20.1], True), ([-5.0, 100.0], False), ([0.0, 9.0], False), ([-1.0, -90.0], False)],
)
def test_the_axis_is_logarithmic_beyond_twenty_times(values: list[float], log: bool) -> None:
    assert axis_over(values, 0, 100).log is log
    drawn = interval_plot([Interval("x", value) for value in values], lang="en", unit="u")
    assert ("logarithmic" in drawn) is log


def test_a_removal_is_drawn_on_the_negative_side() -> None:
    drawn = interval_plot([Interval("sink", -5.3, -6.3, -4.3, "default", "-5.3")], lang="zh", unit="kg")
    assert "−5" in texts(drawn)
    assert "-5.3  [−6.3, −4.3]" in texts(drawn)


@given(st.lists(st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-12), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_numbers_give_a_finite_axis_with_all_points_on_it(values: list[float]) -> None:
    axis = axis_over(values, 10, 110)
    for value in values:
        assert 10 <= axis.at(value) <= 110
    ticks = axis.ticks()
    assert 1 <= len(ticks) <= 12
    assert ticks == sorted(set(ticks))
    assert all(axis.low <= tick <= axis.high for tick in ticks)


def test_hostile_and_long_names_stay_text_and_inside() -> None:
    drawn = interval_plot([Interval(HOSTILE, 1.0), Interval(LONG_NAME, 2.0)], lang="zh", unit=HOSTILE)
    assert "<script" not in drawn
    assert all(width_of(found) < 330 for found in texts(drawn) if found.startswith("很长"))
    assert escaped('"<&>\x00\u202e') == "&quot;&lt;&amp;&gt;\ufffd\ufffd"
    cut = fitted("名称" * 40 + "(北京, 2022)", 200)
    assert cut.endswith("(北京, 2022)")
    assert width_of(cut) <= 200


def test_scores_are_printed_in_cells_bright_is_good() -> None:
    drawn = rating_strip([RatingRow("a", (1, 5, None, 2, 1.25))], lang="en")
    found = texts(drawn)
    assert found[:5] == ["Te", "Geo", "Time", "Prec", "DQR"]
    assert found[5:11] == ["a", "1", "5", "–", "2", "1.25"]
    assert CIVIDIS[-1] in drawn
    assert CIVIDIS[0] in drawn
    assert rating_strip([], lang="zh") == interval_plot([], lang="zh", unit="") == ""


def test_shades_run_along_cividis_and_ink_is_readable() -> None:
    assert (shade(0), shade(1), shade(0.5)) == (CIVIDIS[0], CIVIDIS[-1], CIVIDIS[4])
    assert (ink_on(CIVIDIS[0]), ink_on(CIVIDIS[-1])) == ("#FFFFFF", "#000000")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"),
        (20.0, "20"),
        (-5.3, "−5.3"),
        (1.2e-7, "1.2×10⁻⁷"),
        (1234567.0, "1.235×10⁶"),
        (None, "–"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_numbers_are_printed_for_people(value: float | None, words: str) -> None:
    assert number_text(value) == words


def test_ticks_are_round() -> None:
    assert Axis(0.03, 0.98, 0, 1).ticks() == [0.2, 0.4, 0.6, 0.8]
    assert Axis(0.5, 200, 0, 1, log=True).ticks() == [0.5, 1, 2, 5, 10, 20, 50, 100, 200]
    assert Axis(1e-4, 1e4, 0, 1, log=True).ticks()[0] == pytest.approx(1e-4)


def test_density_shades_the_shortest_interval_and_says_draws_and_seed() -> None:
    values = [0.1 * at for at in range(1, 60)]
    density = [math.exp(-0.5 * math.log(v) ** 2) / v for v in values]
    drawn = density_plot(
        Distribution(values, density, 0.26, 4.05, 1.6, 1.0, draws=10_000, seed=7), lang="en", unit="kgCO2e/kg"
    )
    found = texts(drawn)
    assert "shortest 95 % interval [0.26, 4.05] · 10000 draws, seed 7" in found
    assert {"median 1", "mean 1.6"} <= set(found)
    axis = Axis(values[0], values[-1], 30, 610)
    shaded = re.search(r'<path d="M([\d.]+) [^"]*L([\d.]+) 240.00z"', drawn)
    assert shaded is not None
    assert [float(x) for x in shaded.groups()] == pytest.approx([axis.at(0.26), axis.at(4.05)], abs=0.01)


def test_a_tornado_has_ten_bars_at_most_and_joins_the_others() -> None:
    bars = [Influence(f"input {at}", 1 - 0.1 / at, 1 + 0.2 / at) for at in range(1, 14)]
    found = texts(tornado_plot(bars[::-1], base=1.0, lang="en", unit="u"))
    names = [name for name in found if name.startswith(("input", "others"))]
    assert names == [*(f"input {at}" for at in range(1, 10)), "others (4)"]
    spread = math.sqrt(sum((0.2 / at) ** 2 for at in range(10, 14)))
    assert any(name.endswith(f", {number_text(1 + spread)}]") for name in found)
    assert tornado_plot([], base=1.0, lang="en", unit="u") == ""


def test_every_basis_has_its_own_mark() -> None:
    drawn = {basis_legend(basis).split("</title>")[1] for basis in BASIS_COLOURS}
    assert len(drawn) == 4

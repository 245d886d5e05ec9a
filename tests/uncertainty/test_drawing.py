"""Plots: valid, self-contained, escaped, and every mark where its number says."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from factordb.uncertainty.drawing import Bar, bar_plot, density_plot, interval_plot, page, stacked

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own text


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in parsed(svg).iter(f"{SVG}text")]


def test_intervals_are_drawn_in_proportion() -> None:
    bars = [Bar("a", 5, 0, 10, (4, 6)), Bar("乙", 10, 5, 15, marked=True)]
    svg = interval_plot(bars, title="标题", description="desc", unit="kg/TJ")
    dots = [float(node.attrib["cx"]) for node in parsed(svg).iter(f"{SVG}circle")]
    lines = [
        (float(node.attrib["x1"]), float(node.attrib["x2"]))
        for node in parsed(svg).iter(f"{SVG}line")
        if node.attrib["stroke-width"] == "1.5"
    ]
    assert dots[1] - dots[0] == pytest.approx((lines[0][1] - lines[0][0]) / 2, abs=0.2)
    assert lines[1][0] == pytest.approx(dots[0], abs=0.2)
    assert {"标题", "乙", "kg/TJ", "5  [0, 10]"} <= set(texts(svg))


def test_wide_ranges_get_a_logarithmic_axis() -> None:
    svg = interval_plot([Bar("x", 1, 0.1, 10), Bar("y", 100, 10, 1000)], title="t", description="d")
    dots = [float(node.attrib["cx"]) for node in parsed(svg).iter(f"{SVG}circle")]
    lines = [node for node in parsed(svg).iter(f"{SVG}line") if node.attrib["stroke-width"] == "1.5"]
    first, last = float(lines[0].attrib["x1"]), float(lines[1].attrib["x2"])
    assert (dots[0] + dots[1]) / 2 == pytest.approx((first + last) / 2, abs=0.3)
    assert "1000" in texts(svg)


def test_hostile_labels_are_escaped() -> None:
    hostile = '<script>alert("x")</script>&'
    svg = interval_plot([Bar(hostile, 1, 0, 2)], title=hostile, description=hostile)
    assert "<script" not in svg
    assert hostile in texts(svg)
    assert "<script" not in page(svg, title=hostile, lang="zh")


def test_everything_is_self_contained() -> None:
    svg = density_plot(np.linspace(0, 1, 1000), interval=(0.2, 0.8), marks=[("mean", 0.5)], title="t", description="d")
    html = page(svg, title="t", lang="en")
    assert not re.search(r"(href|src|url\()", html)
    assert re.findall(r"https?://[^\"]+", html) == ["http://www.w3.org/2000/svg"]
    assert "Noto Sans CJK SC" in svg
    assert "SimSun" in svg


def test_density_shades_the_interval() -> None:
    sample = np.linspace(0, 1, 20_001)
    svg = density_plot(sample, interval=(0.25, 0.75), marks=[("m", 0.5)], title="t", description="d")
    fills = [node.attrib["fill"] for node in parsed(svg).iter(f"{SVG}rect")][1:]
    assert fills.count("#b9dcea") == pytest.approx(36, abs=1)
    assert "m 0.5" in texts(svg)


def test_bars_beyond_ten_are_gathered() -> None:
    svg = bar_plot([(f"x{n}", 1 / 14) for n in range(14)], title="t", description="d", others="其他")
    assert len([text for text in texts(svg) if text.endswith("%")]) == 10
    assert "其他" in texts(svg)
    assert f"{100 * 5 / 14:.1f} %" in texts(svg)


def test_a_constant_can_be_drawn() -> None:
    assert parsed(interval_plot([Bar("c", 3, 3, 3)], title="t", description="d")) is not None
    assert parsed(density_plot(np.full(10, 2.0), interval=(2, 2), marks=[], title="t", description="d")) is not None
    assert parsed(bar_plot([("a", 0.0)], title="t", description="d")) is not None


def test_plots_can_be_stacked() -> None:
    one = bar_plot([("a", 1.0)], title="t", description="d")
    both = parsed(stacked([one, one], title="both"))
    assert len(list(both.iter(f"{SVG}svg"))) == 3
    assert int(both.attrib["height"]) == 2 * int(parsed(one).attrib["height"])

"""Methods a recipe may call by name where row-by-row arithmetic and sums do not reach.

`substitute` fills invalid hours, `chamber` makes fluxes of readings, `window_mean` means of a log between two moments.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from factordb.derivation.chamber import chamber_fluxes, molar_density
from factordb.derivation.measure import Tidy, measure, words_of
from factordb.derivation.node import Array, Labels, Node
from factordb.derivation.recipe_error import RecipeError
from factordb.reference import tables

__all__ = ["METHODS", "Drawing", "captured", "filled"]

Given = Mapping[str, tuple[Node, Tidy]]


@dataclass(frozen=True)
class Drawing:
    """Random numbers of one step: its own stream, and how many draws are made."""

    stream: np.random.Generator
    count: int


Method = Callable[[str, Given, Mapping[str, float], Drawing | None], tuple[Node, Tidy]]


def _argument(step: str, given: Given, name: str, unit: str = "") -> Node:
    if name not in given:
        raise RecipeError("form", step, found=name)
    node, dimensions = given[name]
    if unit and dimensions != measure(unit).dimensions:
        raise RecipeError("dimensions", step, found=words_of(dimensions), expected=words_of(measure(unit).dimensions))
    return node


# ── substitution of invalid hours ────────────────────────────────────────────────────────────────────────────


def captured(times: NDArray[np.datetime64], valid: NDArray[np.bool_]) -> tuple[NDArray[np.intp], Array]:
    """Return the calendar quarter of each hour (from 0) and the share of valid hours of each quarter."""
    month = times.astype("datetime64[M]").astype(int)
    _, quarter = np.unique(month // 3, return_inverse=True)
    share = np.bincount(quarter, weights=valid) / np.bincount(quarter)
    return quarter.astype(np.intp), np.asarray(share, float)


def filled(step: str, values: Array, times: NDArray[np.datetime64]) -> tuple[Array, NDArray[np.int64]]:
    """Return hourly values with invalid hours (nan) substituted, and the window used for each hour (0: none).

    The ladder is data: by the share of valid hours in the quarter and the length of the gap, the greatest of so many
    valid hours before it (HJ 75: an analogy for CO2, which that standard does not cover).

    Args:
        step: what is filled, for messages.
        values: (draws, hours), nan where invalid, in order of time.
        times: (hours,) start of each hour.

    Raises:
        RecipeError: the share is below what the ladder reaches, or no valid hour comes before a gap.
    """
    ladder = tables.toml("thresholds/cems")["ladder"]
    valid = np.isfinite(values[0])
    quarter, share = captured(times, valid)
    result, window = values.copy(), np.zeros(values.shape[1], dtype=np.int64)
    numbers = np.cumsum(valid)
    for start, stop in _gaps(valid):
        alpha, hours = float(share[quarter[start]]), stop - start
        rung = next((one for one in ladder if alpha >= one["share_least"]
                     and hours <= one.get("gap_hours_most", hours)), None)  # fmt: skip
        if rung is None:
            raise RecipeError("ladder", step, found=f"{alpha:.1%}", expected=f"{ladder[-1]['share_least']:.0%}")
        before = np.flatnonzero(valid[:start])[-int(rung["hours"]) :] if numbers[start] else np.array([], dtype=int)
        if not before.size:
            raise RecipeError("gap", step, found=str(times[start]))
        result[:, start:stop] = values[:, before].max(axis=1, keepdims=True)
        window[start:stop] = int(rung["hours"])
    return result, window


def _gaps(valid: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.r_[True, valid, True]))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


_ZONE: Final = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")


def _substitute(step: str, given: Given, options: Mapping[str, float], drawing: Drawing | None) -> tuple[Node, Tidy]:
    del options, drawing
    node = _argument(step, given, "values")
    if node.labels is None:
        raise RecipeError("shape", step, found="1", expected="time")
    try:
        # one zone throughout, which the checklist asks for: numpy has none
        bare = [_ZONE.sub("", one) for one in node.labels.keys.tolist()]
        times = np.array(bare, dtype="datetime64[s]")
    except ValueError as error:
        raise RecipeError("number", step, found=str(node.labels.keys[0])) from error
    order = np.argsort(times, kind="stable")
    result, _ = filled(step, node.values[:, order], times[order])
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    return Node(result[:, back], node.labels), given["values"][1]


# ── chambers ─────────────────────────────────────────────────────────────────────────────────────────────────


def _chamber(step: str, given: Given, options: Mapping[str, float], drawing: Drawing | None) -> tuple[Node, Tidy]:
    """Return molar fluxes by chamber, mol/(m2 s), of mole fractions read over time.

    Arguments: concentration (mole fraction), time, chamber (labels), volume, area, temperature, pressure; the last four
    by chamber or one for all. Instead of `chamber`, `start` and `end` by chamber: the readings are those of a log
    between the two moments, ends included. Option `curve`: 1 (default) chooses line or curve, 0 takes the line.
    The scatter about line or curve enters as a Student t with the fit's degrees of freedom.
    """
    concentration = _argument(step, given, "concentration", "ppm")
    seconds = _argument(step, given, "time", "s")
    if "start" in given:
        rows, windows, chamber, since = _windows(step, given, concentration)
        distinct = windows.keys
        concentration = Node(concentration.values[:, rows], concentration.labels)
        seconds = Node(seconds.values[:, rows] - since, concentration.labels)
    else:
        names = _argument(step, given, "chamber")
        if not names.texts.size or concentration.labels is None:
            raise RecipeError("form", step, found="chamber")
        distinct, chamber = np.unique(names.texts, return_inverse=True)
    per = {name: _by_chamber(step, _argument(step, given, name, unit), distinct)
           for name, unit in (("volume", "m3"), ("area", "m2"), ("temperature", "K"), ("pressure", "Pa"))}  # fmt: skip
    draws = max(node.values.shape[0] for node in (concentration, seconds))
    readings = (draws, chamber.size)
    found = chamber_fluxes(
        (np.arange(draws)[:, None] * distinct.size + chamber[None, :]).ravel(),
        np.broadcast_to(seconds.values, readings).ravel(),
        np.broadcast_to(concentration.values, readings).ravel(),
        1.0,
        1.0,
    )
    curve = bool(options.get("curve", 1.0))
    slope, u, dof = ((found.flux, found.u, found.dof) if curve
                     else (found.linear, found.linear_u, found.points - 2.0))  # fmt: skip
    slope, u, dof = (np.asarray(one, float).reshape(draws, distinct.size) for one in (slope, u, dof))
    if drawing is not None:  # the scatter about the fit is drawn also where no reading has an uncertainty of its own
        shape = (drawing.count, distinct.size)
        spread = np.where(dof > 0, drawing.stream.standard_t(np.maximum(dof, 1.0), size=shape), 0.0)
        slope = slope + np.nan_to_num(u) * spread
    density = molar_density(per["pressure"] * _PASCAL, per["temperature"] - _ZERO_CELSIUS_K)
    values = slope * density * per["volume"] / per["area"]
    return Node(np.asarray(values, float), Labels("chamber", distinct)), measure("mol/(m2·s)").dimensions


def _windows(step: str, given: Given, values: Node) -> tuple[NDArray[np.intp], Labels, NDArray[np.intp], Array]:
    """Return rows of a log inside each window, the windows, the window of each row and when it began.

    A reading inside two windows belongs to both.

    Raises:
        RecipeError: the log and its clock are of different tables, or a window holds no reading.
    """
    time, start, end = (_argument(step, given, name, "s") for name in ("time", "start", "end"))
    if values.labels is None or time.labels is None or values.labels.name != time.labels.name:
        raise RecipeError("shape", step, found=values.labels.name if values.labels else "1", expected="time")
    if start.labels is None:
        raise RecipeError("shape", step, found="1", expected="start")
    names = start.labels.keys
    begins, ends = start.values[0], _by_chamber(step, end, names)[0]
    clock = time.values[0]
    inside = (clock[None, :] >= begins[:, None]) & (clock[None, :] <= ends[:, None])
    lost = np.flatnonzero(~inside.any(axis=1))
    if lost.size:
        raise RecipeError("window", step, found=str(names[lost[0]]))
    window, rows = np.nonzero(inside)
    return rows, start.labels, window, begins[window]


def _window_mean(step: str, given: Given, options: Mapping[str, float], drawing: Drawing | None) -> tuple[Node, Tidy]:
    """Return the mean of a log's readings in each window. Arguments: values, time; start and end by window."""
    del options, drawing
    node = _argument(step, given, "values")
    rows, windows, window, _ = _windows(step, given, node)
    first = np.flatnonzero(np.r_[True, np.diff(window) > 0])
    total = np.add.reduceat(node.values[:, rows], first, axis=1)
    return Node(np.asarray(total / np.bincount(window), float), windows), given["values"][1]


_PASCAL: Final = 1e-3
"""Base units count mass in grams: one base unit of pressure is a thousandth of a pascal."""
_ZERO_CELSIUS_K: Final = 273.15


def _by_chamber(step: str, node: Node, distinct: NDArray[np.str_]) -> Array:
    if node.labels is None:
        return node.values
    order = {key: place for place, key in enumerate(node.labels.keys.tolist())}
    missing = [key for key in distinct.tolist() if key not in order]
    if missing:
        raise RecipeError("missing_key", step, found=missing[0])
    return node.values[:, [order[key] for key in distinct.tolist()]]


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {"substitute": _substitute, "chamber": _chamber, "window_mean": _window_mean}
)
"""Name of a method in a recipe -> what it does."""

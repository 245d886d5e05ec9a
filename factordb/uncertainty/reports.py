"""Reports on what others measured: laboratories combined into one value, inventory and trend."""

from math import sqrt

from factordb.uncertainty.consensus import combine, degrees_of_equivalence, heterogeneity
from factordb.uncertainty.drawing import Bar
from factordb.uncertainty.ipcc import inventory, trend_table
from factordb.uncertainty.ipcc_inventory import approach_2
from factordb.uncertainty.report import LANGUAGES, Note, Report, Row, drawn, said
from factordb.uncertainty.worksheets import LINE, flags, numbers, read_columns, required, standard_uncertainties

DISAGREEMENT = 0.05
"""Below this p-value of Q, laboratories are said to disagree."""


def combine_report(text: str, *, probability: float = 0.95) -> Report:
    """Return every consensus of a table with columns value and u, or value, U and k; laboratory is optional.

    Raises:
        UsageError: a column is missing or a cell is no number.
        StatementError: fewer than two results, or an uncertainty that is not positive.
    """
    columns = read_columns(text)
    x = numbers(columns, "value")
    u = standard_uncertainties(columns)
    names = columns.get("laboratory", [str(number) for number in range(1, x.size + 1)])
    spread, found = heterogeneity(x, u), combine(x, u)
    reference = found[-1]
    distance, deviation = degrees_of_equivalence(x, u, reference)
    rows: list[Row] = []
    for each in found:
        low, high = each.interval(probability)
        rows.append(
            {
                "method": each.method,
                "value": each.value,
                "u": each.u,
                "low": low,
                "high": high,
                "between_sd": sqrt(each.between_variance),
            }
        )
    equivalence: list[Row] = [
        {
            "laboratory": name,
            "value": float(a),
            "u": float(b),
            "difference": float(d),
            "u_difference": float(s),
            "share": float(w),
        }
        for name, a, b, d, s, w in zip(names, x, u, distance, deviation, reference.weights, strict=True)
    ]
    agree = spread.p_value >= DISAGREEMENT
    note = Note("homogeneous" if agree else "heterogeneous", {"p": spread.p_value})

    def draw(lang: str) -> str:
        bars = [
            Bar(name, float(a), float(a - 2 * b), float(a + 2 * b), (float(a - b), float(a + b)))
            for name, a, b in zip(names, x, u, strict=True)
        ]
        bars += [Bar(said(each.method, lang), each.value, *each.interval(probability), marked=True) for each in found]
        return drawn("combine", bars, lang)

    return Report(
        "combine",
        {
            "k": spread.k,
            "q": spread.q,
            "p_value": spread.p_value,
            "birge_ratio": spread.birge_ratio,
            "i_squared": spread.i_squared,
            "probability": probability,
        },
        {"consensus": tuple(rows), "equivalence": tuple(equivalence)},
        (note,),
        {lang: draw(lang) for lang in LANGUAGES},
    )


def trend_report(text: str, *, seed: int = 1) -> Report:
    """Return IPCC approaches 1 and 2 for a table of categories.

    Columns: category, base, year, activity_u, factor_u (per cent), and if wanted factor_correlated (yes) and
    activity_correlated (no).

    Raises:
        UsageError: a column is missing or a cell is no number.
        StatementError: an impossible inventory; see `factordb.uncertainty.ipcc.inventory`.
    """
    columns = read_columns(text)
    size = len(columns[LINE])
    emissions = inventory(
        required(columns, "category"),
        *(numbers(columns, name) for name in ("base", "year", "activity_u", "factor_u")),
        factor_correlated=flags(columns, "factor_correlated", size, default=True),
        activity_correlated=flags(columns, "activity_correlated", size, default=False),
    )
    first, second = trend_table(emissions), approach_2(emissions, seed=seed)
    names = ("combined_u", "contribution", "type_a", "type_b", "factor_trend", "activity_trend")
    categories: list[Row] = [
        {
            "category": category,
            "base": float(emissions.base[place]),
            "year": float(emissions.year[place]),
            **{name: float(getattr(first, name)[place]) for name in names},
        }
        for place, category in enumerate(emissions.categories)
    ]
    total = float(emissions.year.sum())
    half = first.total_u / 100 * abs(total)
    approaches: list[Row] = [
        _ends("approach_1", "total", total, total - half, total + half),
        _ends("approach_2", "total", second.total, second.total_low, second.total_high),
        _ends("approach_2", "base_total", second.base_total, second.base_low, second.base_high),
        _ends("approach_1", "trend", first.trend, first.trend - first.trend_u, first.trend + first.trend_u),
        _ends("approach_2", "trend", second.trend, second.trend_low, second.trend_high),
    ]
    below, above = (100 * (end - second.total) / abs(second.total) for end in (second.total_low, second.total_high))
    notes = [Note("normal_95"), Note("skewed", {"low": -below, "high": above})]
    if not second.settled:
        notes.append(Note("unsettled", {"trials": second.trials}))

    def draw(lang: str) -> str:
        bars = [
            Bar(said("approach_1", lang), first.trend, first.trend - first.trend_u, first.trend + first.trend_u),
            Bar(said("approach_2", lang), second.trend, second.trend_low, second.trend_high),
        ]
        return drawn("trend", bars, lang, unit="%")

    return Report(
        "trend",
        {"trials": second.trials, "end_error": second.end_error, "settled": second.settled, "seed": seed},
        {"categories": tuple(categories), "approaches": tuple(approaches)},
        tuple(notes),
        {lang: draw(lang) for lang in LANGUAGES},
    )


def _ends(approach: str, quantity: str, value: float, low: float, high: float) -> Row:
    return {"quantity": quantity, "approach": approach, "value": value, "low": low, "high": high}

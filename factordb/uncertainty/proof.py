"""The proof: every published figure beside the computed one, written as `docs/uncertainty.md`.

`python -m factordb.uncertainty.proof` writes the page; a test compares it. Published figures stand in
`data/uncertainty_examples/`, the page's prose in `reference/words/uncertainty_page.toml`.
"""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from factordb.paths import workshop
from factordb.reference import toml
from factordb.uncertainty.consensus import consensus, heterogeneity
from factordb.uncertainty.evaluation import Evaluation, evaluate
from factordb.uncertainty.gum import GumResult
from factordb.uncertainty.interlaboratory import laboratories, precision
from factordb.uncertainty.ipcc import asymmetric_interval, combine_product
from factordb.uncertainty.ipcc_bounds import fit_bounds
from factordb.uncertainty.measured import autocorrelation, coverage_factor, mean_and_sd
from factordb.uncertainty.model_file import FAMILIES, Reference, read_model
from factordb.uncertainty.nondetects import mle, ros
from factordb.uncertainty.outliers import cochran_critical, grubbs_critical
from factordb.uncertainty.pedigree import pedigree_sigma
from factordb.uncertainty.report import Report, Row
from factordb.uncertainty.sensitivity import estimate_sobol
from factordb.uncertainty.streams import sobol_nets
from factordb.uncertainty.worksheets import numbers, read_columns, readings, required

EXAMPLES = Path("data", "uncertainty_examples")
PAGE = Path("docs", "uncertainty.md")
BENCHMARK = Path("benchmarks", "uncertainty.md")
TELLING = 1e-3
"""Differences below this share of the allowed one are not told apart from rounding: alike on every machine."""

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One published figure and what the engine computes for it."""

    case: str
    quantity: str
    method: str
    reference: Reference
    computed: float

    @property
    def difference(self) -> float:
        """Computed minus published."""
        return self.computed - float(self.reference.value)

    @property
    def agrees(self) -> bool:
        """Whether the difference is within what the figure's digits or its source allow."""
        # a figure that lies on the edge between two roundings agrees with both
        return abs(self.difference) <= self.reference.allowed * (1 + 1e-6)


def lines(root: Path) -> list[Line]:
    """Return every published figure with its computed value: model files first, then `published.csv`.

    Args:
        root: the folder that holds `data/`.
    """
    return [*_model_lines(root / EXAMPLES), *_table_lines(root / EXAMPLES)]


def proof_report(root: Path) -> Report:
    """Return every published figure beside the one that this machine computes.

    Args:
        root: the folder that holds `data/`.
    """
    found = lines(root)
    rows: list[Row] = []
    for line in found:
        computed, difference = _shown(line)
        rows.append(
            {
                "case": line.case,
                "quantity": line.quantity,
                "method": line.reference.method or None,
                "published": line.reference.value,
                "computed": computed,
                "difference": difference,
                "agrees": line.agrees,
                "source": line.reference.source,
            }
        )
    return Report("proof", {"asked": len(found), "kept": sum(line.agrees for line in found)}, {"figures": tuple(rows)})


def page(root: Path) -> str:
    """Return the page: methods in words, grammar, every figure with reference and difference, speed."""
    prose = toml("words/uncertainty_page")
    found = lines(root)
    kept = sum(line.agrees for line in found)
    benchmark = root / BENCHMARK
    parts = [
        prose["head"],
        prose["grammar"],
        _families(),
        prose["cases"].format(kept=kept, asked=len(found)),
        _table(found),
        prose["speed"],
        benchmark.read_text(encoding="utf-8") if benchmark.is_file() else prose["no_speed"],
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def main() -> None:
    """Write the page into the checkout's `docs/`."""
    root = workshop()
    (root / PAGE).parent.mkdir(exist_ok=True)
    (root / PAGE).write_text(page(root), encoding="utf-8")


def _model_lines(folder: Path) -> Iterable[Line]:
    for file in sorted(folder.glob("*.toml")):
        model = read_model(file.read_text(encoding="utf-8"))
        found = evaluate(model)
        for reference in model.references:
            computed = _computed(found, reference)
            yield Line(file.stem, reference.quantity, reference.method, reference, computed)


def _computed(found: Evaluation, reference: Reference) -> float:
    """Return the figure that a reference asks for: by the law of propagation, or from the distributions."""
    law = {"gum": found.gum, "gum2": found.gum2}.get(reference.method)
    if law is not None:
        return _of_law(law, reference.quantity)
    ends = found.shortest if reference.method == "mcm" else found.symmetric  # mcm_symmetric
    figures = {"value": found.estimate, "u": found.u, "low": ends[0], "high": ends[1]}
    return figures[reference.quantity].value


def _of_law(law: GumResult, quantity: str) -> float:
    figures = {
        "value": law.estimate,
        "u": law.u,
        "low": law.low,
        "high": law.high,
        "dof": law.dof,
        "expanded": law.expanded,
    }
    return figures[quantity]


def _table_lines(folder: Path) -> Iterable[Line]:
    text = (folder / "published.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    known: dict[str, Figures] = {}
    for row in rows:
        case = row["case"]
        if case not in known:
            known[case] = CASES[case](folder)
        within = float(row["within"]) if row["within"] else None
        reference = Reference(row["source"], "", row["quantity"], row["published"], row["kind"] == "exact", within)
        yield Line(case, row["quantity"], "", reference, known[case][row["quantity"]])


def _num_acc(number: int) -> Callable[[Path], Figures]:
    """Return NIST's NumAcc series: three readings, or one and then 500 times two that differ by 0.2."""

    def figures(_folder: Path) -> Figures:
        base = {2: "1.", 3: "1000000.", 4: "10000000."}.get(number, "")
        texts = [base + "2", *[base + "1", base + "3"] * 500] if base else ["10000001", "10000003", "10000002"]
        values = [float(text) for text in texts]
        mean, sd = mean_and_sd(values, resolution=0.1 if base else 1.0)
        return {"mean": mean, "sd": sd, "autocorrelation": float(autocorrelation(values, 1)[1])}

    return figures


def _student(_folder: Path) -> Figures:
    return {f"t95 for {dof}": coverage_factor(0.95, dof) for dof in (1, 5, 16, 50)}


def _outliers(_folder: Path) -> Figures:
    return {
        "Grubbs 5 % for 8": grubbs_critical(8, 0.05),
        "Grubbs 1 % for 8": grubbs_critical(8, 0.01),
        "Cochran 5 % for 4 of 3": cochran_critical(4, 3, 0.05),
        "Cochran 1 % for 4 of 3": cochran_critical(4, 3, 0.01),
    }


def _glucose(folder: Path) -> Figures:
    columns = read_columns((folder / "e691_glucose_a.csv").read_text(encoding="utf-8"))
    found = precision(laboratories(numbers(columns, "value"), required(columns, "laboratory")))
    return {
        "mean": found.mean,
        "repeatability_sd": found.repeatability_sd,
        "reproducibility_sd": found.reproducibility_sd,
    }


def _bcg(folder: Path) -> Figures:
    """Return the consensus of log risk ratios, u² = 1/ill − 1/treated + 1/control ill − 1/control."""
    text = (folder / "bcg_vaccine.csv").read_text(encoding="utf-8")
    x, u = [], []
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        ill, other = int(row["ill"]), int(row["control_ill"])
        treated, control = ill + int(row["well"]), other + int(row["control_well"])
        x.append(log(ill / treated) - log(other / control))
        u.append(sqrt(1 / ill - 1 / treated + 1 / other - 1 / control))
    spread = heterogeneity(x, u)
    fixed, laird = consensus(x, u, "weighted"), consensus(x, u, "dersimonian-laird")
    return {
        "Q": spread.q,
        "I2 in %": 100 * spread.i_squared,
        "weighted mean": fixed.value,
        "weighted u": fixed.u,
        "DerSimonian-Laird variance": laird.between_variance,
        "DerSimonian-Laird mean": laird.value,
        "DerSimonian-Laird u": laird.u,
        "Mandel-Paule variance": consensus(x, u, "mandel-paule").between_variance,
    }


def _oahu(folder: Path) -> Figures:
    given = readings(read_columns((folder / "oahu_arsenic.csv").read_text(encoding="utf-8")))
    by_ros, by_mle = ros(*given, resamples=0), mle(*given)
    return {"ROS mean": by_ros.mean, "ROS sd": by_ros.sd, "MLE mean": by_mle.mean, "MLE sd": by_mle.sd}


def _ipcc(_folder: Path) -> Figures:
    low, high = asymmetric_interval(100.0)
    gas_oil = fit_bounds(72_600, 74_100, 74_800)
    missed = float(gas_oil.lognormal_centre_error[0]) * (74_800 - 72_600) / 2
    return {
        "low end for U = 100 %": float(low),
        "high end for U = 100 %": float(high),
        "CV of 3.4 % times 18.3 %": float(combine_product([2 * 3.4, 2 * 18.3])) / 2,
        "gas oil log-normal misses by %": 100 * missed / 74_100,
    }


def _pedigree(_folder: Path) -> Figures:
    return {
        "GSD of all twos": exp(float(pedigree_sigma([2] * 5, 0.0006)[0])),
        "GSD of all fives": exp(float(pedigree_sigma([5] * 5, 0.04)[0])),
        "2016 GSD of all twos": exp(float(pedigree_sigma([2] * 5, 0.0, "ciroth_2016")[0])),
    }


def _ishigami(_folder: Path) -> Figures:
    def model(points: NDArray[np.float64]) -> NDArray[np.float64]:
        one, two, three = (np.pi * (2 * points[:, place] - 1) for place in range(3))
        return np.asarray(np.sin(one) + 7 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one), dtype=np.float64)

    return _indices(model, 3)


def _g_function(_folder: Path) -> Figures:
    a = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])

    def model(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.prod((np.abs(4 * points - 2) + a) / (1 + a), axis=1), dtype=np.float64)

    return _indices(model, a.size)


def _indices(model: Callable[[NDArray[np.float64]], NDArray[np.float64]], count: int) -> Figures:
    names = [str(place + 1) for place in range(count)]
    nets = sobol_nets([*names, *(f"{name}'" for name in names)], 1, 14)
    found = estimate_sobol(model, nets, names)
    return {f"S{one.name}": one.first for one in found} | {f"T{one.name}": one.total for one in found}


CASES: Mapping[str, Callable[[Path], Figures]] = {
    **{f"numacc{number}": _num_acc(number) for number in (1, 2, 3, 4)},
    "student": _student,
    "outliers": _outliers,
    "glucose": _glucose,
    "bcg": _bcg,
    "oahu": _oahu,
    "ipcc": _ipcc,
    "pedigree": _pedigree,
    "ishigami": _ishigami,
    "gfunction": _g_function,
}


def _families() -> str:
    rows = []
    for family, ways in FAMILIES.items():
        shown = " / ".join("`" + ", ".join(way) + "`" for way in ways)
        rows.append(f"| `{family}` | {shown} |")
    return "\n".join(["| family 分布 | parameters 参数 |", "|---|---|", *rows])


def _table(found: list[Line]) -> str:
    columns = ("case 算例", "quantity 量", "reference 参考值", "computed 计算值", "difference 差值", "allowed 允许")
    rows = [f"| {' | '.join(columns)} | | source 出处 |", "|---|---|---:|---:|---:|---:|---|---|"]
    for line in found:
        name = f"{line.quantity} ({line.method})" if line.method else line.quantity
        agrees = "✓" if line.agrees else "**✗**"
        computed, difference = _shown(line)
        rows.append(
            f"| {line.case} | {name} | {line.reference.value} | {computed} | {difference} "
            f"| {line.reference.allowed:.2g} | {agrees} | {line.reference.source} |"
        )
    return "\n".join(rows)


def _shown(line: Line) -> tuple[str, str]:
    """Return (computed figure, difference) with the digits that matter."""
    allowed = line.reference.allowed
    decimals = max(0, -int(np.floor(np.log10(allowed))))
    computed = f"{line.computed:.{decimals}f}"
    if abs(line.difference) < TELLING * allowed:
        return computed.replace("-0.0", "0.0") if float(computed) == 0 else computed, f"< {TELLING * allowed:.0e}"
    return computed, f"{line.difference:.1g}"


if __name__ == "__main__":
    main()

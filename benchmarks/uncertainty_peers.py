"""The same job by other means: what a user could pick instead. Each is asked for the same figures at 10,000 draws.

A peer returns mean, sd, 2.5 %, 50 % and 97.5 % of each factor, shape (n, 5). Only J1 and J2 are given to peers.
"""

import importlib.util
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from uncertainty_jobs import TAILS, Job

Array = NDArray[np.float64]
DRAWS = 10_000


def _figures(y: Array) -> list[float]:
    return [float(y.mean()), float(y.std(ddof=1)), *np.quantile(y, TAILS).tolist()]


def numpy_loop(job: Job, seed: int) -> Array:
    """What a good numpy user writes: one generator, one factor after the other."""
    rng = np.random.default_rng(seed)
    p = job.columns
    out = []
    for i in range(len(job)):
        y = rng.lognormal(p["mu_a"][i], p["sigma_a"][i], DRAWS)
        if job.mixed:
            y *= rng.normal(p["mean"][i], p["sd"][i], DRAWS)
            y *= rng.triangular(p["low"][i], p["mode"][i], p["high"][i], DRAWS)
            y *= rng.uniform(p["left"][i], p["right"][i], DRAWS)
        else:
            for name in "bcd":
                y *= rng.lognormal(p[f"mu_{name}"][i], p[f"sigma_{name}"][i], DRAWS)
        out.append(_figures(y))
    return np.array(out)


def _inputs(job: Job, i: int) -> list[dict[str, float]]:
    """Return the four inputs of a factor as stats_arrays writes them."""
    p = job.columns

    def lognormal(name: str) -> dict[str, float]:
        return {"uncertainty_type": 2, "loc": p[f"mu_{name}"][i], "scale": p[f"sigma_{name}"][i]}

    if not job.mixed:
        return [lognormal(name) for name in "abcd"]
    return [
        lognormal("a"),
        {"uncertainty_type": 3, "loc": p["mean"][i], "scale": p["sd"][i]},
        {"uncertainty_type": 5, "loc": p["mode"][i], "minimum": p["low"][i], "maximum": p["high"][i]},
        {"uncertainty_type": 4, "minimum": p["left"][i], "maximum": p["right"][i]},
    ]


def stats_arrays_batch(job: Job, seed: int) -> Array:
    """stats_arrays: all inputs of all factors in one call."""
    import stats_arrays  # noqa: PLC0415 - peers are optional

    given = [one for i in range(len(job)) for one in _inputs(job, i)]
    params = stats_arrays.UncertaintyBase.from_dicts(*given)
    drawn = stats_arrays.MCRandomNumberGenerator(params, seed=seed).generate(DRAWS)
    return np.array([_figures(y) for y in drawn.reshape(len(job), 4, DRAWS).prod(axis=1)])


def openturns_sample(job: Job, seed: int) -> Array:
    """OpenTURNS: a symbolic function of a random vector, sampled in C++."""
    import openturns as ot  # noqa: PLC0415 - peers are optional

    ot.RandomGenerator.SetSeed(seed)
    product = ot.SymbolicFunction(["a", "b", "c", "d"], ["a*b*c*d"])
    p = job.columns
    out = []
    for i in range(len(job)):
        marginals = [ot.LogNormal(p["mu_a"][i], p["sigma_a"][i], 0.0)]
        if job.mixed:
            marginals += [
                ot.Normal(p["mean"][i], p["sd"][i]),
                ot.Triangular(p["low"][i], p["mode"][i], p["high"][i]),
                ot.Uniform(p["left"][i], p["right"][i]),
            ]
        else:
            marginals += [ot.LogNormal(p[f"mu_{name}"][i], p[f"sigma_{name}"][i], 0.0) for name in "bcd"]
        vector = ot.CompositeRandomVector(product, ot.RandomVector(ot.JointDistribution(marginals)))
        sample = vector.getSample(DRAWS)
        quantiles = sample.computeQuantile(list(TAILS))
        out.append([sample.computeMean()[0], sample.computeStandardDeviation()[0], *(one[0] for one in quantiles)])
    return np.array(out)


def metrolopy_gummies(job: Job, seed: int) -> Array:
    """MetroloPy: gummies multiplied and simulated."""
    import metrolopy as uc  # noqa: PLC0415 - peers are optional

    uc.Distribution.set_seed(seed)
    p = job.columns
    out = []
    for i in range(len(job)):
        y = uc.gummy(uc.LogNormalDist(mu=p["mu_a"][i], sigma=p["sigma_a"][i]))
        if job.mixed:
            y = y * uc.gummy(uc.NormalDist(p["mean"][i], p["sd"][i]))
            low, mode, high = p["low"][i], p["mode"][i], p["high"][i]
            y = y * uc.gummy(uc.TriangularDist(mode, left_width=mode - low, right_width=high - mode))
            y = y * uc.gummy(uc.UniformDist(lower_limit=p["left"][i], upper_limit=p["right"][i]))
        else:
            for name in "bcd":
                y = y * uc.gummy(uc.LogNormalDist(mu=p[f"mu_{name}"][i], sigma=p[f"sigma_{name}"][i]))
        y.sim(n=DRAWS)
        out.append(_figures(np.asarray(y.distribution.simdata)))
    return np.array(out)


def duckdb_sql(job: Job, seed: int) -> Array:
    """DuckDB: base draws as a table, crossed with the factors, aggregated in SQL."""
    import duckdb  # noqa: PLC0415 - peers are optional
    import pyarrow as pa  # noqa: PLC0415 - only this peer needs it here

    rng = np.random.default_rng(seed)
    draws = pa.table(  # noqa: F841 - named in the SQL
        {"z1": rng.standard_normal(DRAWS), "z2": rng.standard_normal(DRAWS), "z3": rng.standard_normal(DRAWS),
         "z4": rng.standard_normal(DRAWS), "u3": rng.random(DRAWS), "u4": rng.random(DRAWS)}
    )  # fmt: skip
    factors = pa.table({"i": np.arange(len(job)), **job.columns})  # noqa: F841 - named in the SQL
    product = (
        'exp(mu_a + sigma_a * z1) * (mean + sd * z2) * ("left" + ("right" - "left") * u4) * '
        "CASE WHEN u3 < (mode_ - low) / (high - low) THEN low + sqrt(u3 * (high - low) * (mode_ - low)) "
        "ELSE high - sqrt((1 - u3) * (high - low) * (high - mode_)) END"
        if job.mixed
        else "exp(mu_a + mu_b + mu_c + mu_d + sigma_a * z1 + sigma_b * z2 + sigma_c * z3 + sigma_d * z4)"
    ).replace("mode_", '"mode"')
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        found = connection.execute(
            f"SELECT avg(y), stddev_samp(y), quantile_cont(y, {list(TAILS)}) "  # noqa: S608 - our own text
            f"FROM (SELECT i, {product} AS y FROM factors CROSS JOIN draws) GROUP BY i ORDER BY i"
        ).fetchall()
    return np.array([[mean, sd, *ends] for mean, sd, ends in found])


PEERS: dict[str, tuple[str, Callable[[Job, int], Array]]] = {
    "plain numpy loop": ("numpy", numpy_loop),
    "DuckDB SQL, shared draws": ("duckdb", duckdb_sql),
    "MetroloPy": ("metrolopy", metrolopy_gummies),
    "stats_arrays, batch": ("stats_arrays", stats_arrays_batch),
    "OpenTURNS": ("openturns", openturns_sample),
}


def importable() -> dict[str, Callable[[Job, int], Array]]:
    """Return the peers that are installed here."""
    return {name: run for name, (module, run) in PEERS.items() if importlib.util.find_spec(module)}

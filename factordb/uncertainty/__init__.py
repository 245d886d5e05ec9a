"""Uncertainty of numbers: distributions, propagation, coverage intervals, measured samples, inventories.

From statements to results, as the appraisal stage does it, a million rows at a time:

>>> import numpy as np
>>> from factordb.uncertainty.batch import evaluate_batch
>>> from factordb.uncertainty.statements import distributions_of
>>> kind = ["cv_percent", "bounds95", "cv_percent"]
>>> value, cv = np.array([96.2, 3.0, 5.0]), np.array([3.4, np.nan, -1.0])
>>> stated = distributions_of(kind, value, cv_percent=cv, low=[np.nan, 1, np.nan], high=[np.nan, 9, np.nan])
>>> stated.reasons.tolist()
['none', 'none', 'not_positive']
>>> results = evaluate_batch("x", {"x": stated.distributions}, seed=1)
>>> results.methods.tolist()
['closed', 'closed', 'none']
>>> np.round(results.high[:2], 2).tolist()
[102.77, 9.0]

A recipe names its inputs: power coal, 96.2 tCO2/TJ (CV 3.4 %) × 176.4 TJ/10⁴t (CV 18.3 %).

>>> inputs = {
...     "carbon": distributions_of("cv_percent", [96.2], cv_percent=[3.4]).distributions,
...     "heat": distributions_of("cv_percent", [176.4], cv_percent=[18.3]).distributions,
... }
>>> coal = evaluate_batch("carbon * heat", inputs)
>>> round(100 * float(coal.cv[0]), 2)
18.62
>>> np.round(coal.contributions[0], 3).tolist()
[0.033, 0.966]

Every column of `Results` is an array of n numbers, ready for Arrow. A row that has no result carries a reason
(`results.reasons`, in words by `assumptions.words_of_code`) and stops no other.
"""

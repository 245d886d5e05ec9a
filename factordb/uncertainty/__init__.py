"""Uncertainty of numbers: distributions, propagation, coverage intervals, measured samples, inventories."""

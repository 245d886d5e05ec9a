"""Reckoning: factors made of factors: aggregates, lineage, recipes. Pure functions on arrays and tables; no files."""

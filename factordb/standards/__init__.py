"""Shelf: the rules of the registry of standards, pure: records in, findings, coverage and eligibility out."""

"""Checks by family. A check is a labelled question in SQL; its findings are rows."""

from factordb.checks.base import Check, check
from factordb.checks.catalogue import all_checks, words_of

__all__ = ["Check", "all_checks", "check", "words_of"]

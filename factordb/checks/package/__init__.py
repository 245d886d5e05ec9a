"""The checklist: rules over one submission package, by family."""

from factordb.checks.package.catalogue import all_package_checks, check_package

__all__ = ["all_package_checks", "check_package"]

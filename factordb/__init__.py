"""factordb: emission factors that are traceable, valid, uncertainty-analysed and rated.

The public face: `Library` is the front door; the others are what a pipeline declares and what a face describes.
Names are loaded when they are first asked for, so that `factordb --help` answers at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from factordb.api import add_api_client, api_clients, describe_api, make_api, revoke_api_client, serve_api
    from factordb.catalogue import (
        describe_checks,
        describe_pipelines,
        export_checks,
        mapping_fields,
        mapping_template,
        read_mapping,
        review_words,
    )
    from factordb.dashboard import serve_dashboard
    from factordb.errors import FactorDBError
    from factordb.evidence.keys import make_key, read_passphrase
    from factordb.exchanging import convert, exchange_formats, export_release
    from factordb.footprinting import (
        batch_of,
        compare_of,
        footprint_template,
        read_inventory,
        trial_of,
        trial_report,
    )
    from factordb.library import Library
    from factordb.model.pipeline import Correction, GasColumn, InputColumn, Pipeline, Record, Setting
    from factordb.pictures import factor_page
    from factordb.registering import standard_words
    from factordb.searching import open_release
    from factordb.stages.compare import diff_releases
    from factordb.stages.outsider import verify_ledger_file, verify_release
    from factordb.submitting import sign_results, submit_check, submit_init, submit_pack

_ROOMS = {
    "Correction": "model.pipeline",
    "FactorDBError": "errors",
    "GasColumn": "model.pipeline",
    "InputColumn": "model.pipeline",
    "Library": "library",
    "Pipeline": "model.pipeline",
    "Record": "model.pipeline",
    "Setting": "model.pipeline",
    "add_api_client": "api",
    "api_clients": "api",
    "batch_of": "footprinting",
    "compare_of": "footprinting",
    "convert": "exchanging",
    "describe_api": "api",
    "describe_checks": "catalogue",
    "describe_pipelines": "catalogue",
    "diff_releases": "stages.compare",
    "exchange_formats": "exchanging",
    "export_checks": "catalogue",
    "export_release": "exchanging",
    "factor_page": "pictures",
    "footprint_template": "footprinting",
    "make_api": "api",
    "make_key": "evidence.keys",
    "mapping_fields": "catalogue",
    "mapping_template": "catalogue",
    "open_release": "searching",
    "read_inventory": "footprinting",
    "read_mapping": "catalogue",
    "read_passphrase": "evidence.keys",
    "review_words": "catalogue",
    "revoke_api_client": "api",
    "serve_api": "api",
    "serve_dashboard": "dashboard",
    "standard_words": "registering",
    "submit_check": "submitting",
    "submit_init": "submitting",
    "sign_results": "submitting",
    "submit_pack": "submitting",
    "trial_of": "footprinting",
    "trial_report": "footprinting",
    "verify_ledger_file": "stages.outsider",
    "verify_release": "stages.outsider",
}

__all__ = [
    "Correction",
    "FactorDBError",
    "GasColumn",
    "InputColumn",
    "Library",
    "Pipeline",
    "Record",
    "Setting",
    "add_api_client",
    "api_clients",
    "batch_of",
    "compare_of",
    "convert",
    "describe_api",
    "describe_checks",
    "describe_pipelines",
    "diff_releases",
    "exchange_formats",
    "export_checks",
    "export_release",
    "factor_page",
    "footprint_template",
    "make_api",
    "make_key",
    "mapping_fields",
    "mapping_template",
    "open_release",
    "read_inventory",
    "read_mapping",
    "read_passphrase",
    "review_words",
    "revoke_api_client",
    "serve_api",
    "serve_dashboard",
    "sign_results",
    "standard_words",
    "submit_check",
    "submit_init",
    "submit_pack",
    "trial_of",
    "trial_report",
    "verify_ledger_file",
    "verify_release",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'factordb' has no attribute {name!r}")
    return getattr(import_module(f"factordb.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

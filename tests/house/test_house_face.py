"""The public face is frozen: it grows on purpose, together with this list and the changelog."""

import importlib

import pytest

import factordb

FACE = [
    "Correction",
    "FactorDBError",
    "GasColumn",
    "InputColumn",
    "Library",
    "Pipeline",
    "Record",
    "Setting",
    "convert",
    "describe_checks",
    "describe_pipelines",
    "diff_releases",
    "exchange_formats",
    "export_checks",
    "export_release",
    "factor_page",
    "make_key",
    "mapping_fields",
    "mapping_template",
    "read_mapping",
    "read_passphrase",
    "serve_dashboard",
    "verify_ledger_file",
    "verify_release",
]

VERBS_AND_QUESTIONS = [
    "add_key",
    "adopt",
    "anchor_anew",
    "appraise",
    "attest_release",
    "batches",
    "check_aggregate",
    "check_release",
    "checkpoint",
    "checks",
    "cite_factor",
    "consistency_proof",
    "diff_releases",
    "events",
    "explain",
    "export_keys",
    "export_ledger",
    "factor",
    "health",
    "held_back",
    "impact",
    "inclusion_proof",
    "intake",
    "keys",
    "ledger",
    "lineage",
    "open",
    "pace",
    "pipelines",
    "propose_aggregate",
    "queue",
    "rebuild",
    "records",
    "refused",
    "release",
    "releases",
    "repropose",
    "revoke_key",
    "rule_set",
    "run",
    "sign_release",
    "sources",
    "stale",
    "strict_exit_code",
    "summary",
    "summary_of_verdicts",
    "verify_ledger",
    "verify_release",
    "version",
]


def test_the_face_is_the_one_agreed_on() -> None:
    assert dir(factordb) == FACE
    assert sorted(factordb.__all__) == FACE


def test_the_door_has_the_verbs_agreed_on() -> None:
    assert [name for name in dir(factordb.Library) if not name.startswith("_")] == VERBS_AND_QUESTIONS


@pytest.mark.parametrize("name", FACE)
def test_every_name_can_be_had(name: str) -> None:
    assert getattr(factordb, name) is not None
    assert getattr(importlib.import_module("factordb"), name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = factordb.nothing

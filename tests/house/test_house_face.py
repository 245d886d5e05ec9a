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
    "add_api_client",
    "api_clients",
    "convert",
    "describe_api",
    "describe_checks",
    "describe_pipelines",
    "diff_releases",
    "exchange_formats",
    "export_checks",
    "export_release",
    "factor_page",
    "make_api",
    "make_key",
    "mapping_fields",
    "mapping_template",
    "open_release",
    "read_mapping",
    "read_passphrase",
    "review_words",
    "revoke_api_client",
    "serve_api",
    "serve_dashboard",
    "submit_check",
    "submit_init",
    "submit_pack",
    "verify_ledger_file",
    "verify_release",
]

VERBS_AND_QUESTIONS = [
    "add_key",
    "add_person",
    "adopt",
    "adopt_cases",
    "anchor_anew",
    "appraise",
    "approve",
    "assign",
    "attest_release",
    "batches",
    "case",
    "cases",
    "change_person",
    "check_aggregate",
    "check_release",
    "checkpoint",
    "checks",
    "choose",
    "cite_factor",
    "comment",
    "compare",
    "consistency_proof",
    "declare_mode",
    "demote",
    "diff_releases",
    "dissent",
    "due",
    "events",
    "evidence",
    "evidence_faults",
    "evidence_picture",
    "expire",
    "explain",
    "explain_evidence",
    "export_keys",
    "export_ledger",
    "factor",
    "findings_at_cells",
    "health",
    "held_back",
    "impact",
    "inclusion_proof",
    "intake",
    "keys",
    "ledger",
    "letter",
    "lineage",
    "mode",
    "notice_days",
    "open",
    "open_cases",
    "override",
    "pace",
    "packages",
    "people",
    "pipelines",
    "possible_filters",
    "propose_aggregate",
    "provenance",
    "publish_release",
    "quality",
    "queue",
    "queue_facets",
    "rebuild",
    "receive",
    "records",
    "refused",
    "reject",
    "release",
    "released_factors",
    "releases",
    "repropose",
    "return_case",
    "revoke_key",
    "rule_counts",
    "rule_set",
    "run",
    "search",
    "set_deadline",
    "sign_release",
    "similar",
    "sources",
    "stale",
    "strict_exit_code",
    "submissions",
    "summary",
    "summary_of_verdicts",
    "supersede",
    "unassign",
    "verify_ledger",
    "verify_release",
    "version",
    "versions",
    "waiting",
    "withdraw",
    "withdraw_submission",
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

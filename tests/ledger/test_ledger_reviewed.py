"""A reviewed library through its own verbs: two releases, each signed by two curators and verified by an outsider."""

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from factordb import Library, make_key, read_mapping, verify_release
from factordb.errors import IntegrityError
from factordb.evidence.canonical import parsed
from factordb.evidence.ledger import proof_holds
from factordb.stages import casework, four_eyes, workflow
from factordb.store import cases as case_store
from factordb.store import records as record_store
from tests.conftest import AS_OF

PHRASE = "a phrase for tests"
PEOPLE = {
    "asa": ("office", ["assigner"], []),
    "sub": ("factory", ["submitter"], []),
    "rea": ("institute", ["reviewer"], ["subject"]),
    "reb": ("university", ["reviewer"], ["uncertainty"]),
    "cur": ("bureau", ["curator"], []),
    "cub": ("ministry", ["curator"], []),
}


class Reviewed(NamedTuple):
    """A library on the reviewers' route, and where its keys stand."""

    library: Library
    keys: Path


@pytest.fixture
def reviewed(tmp_path: Path) -> Reviewed:
    library = Library.open(tmp_path / "library", create=True)
    library.add_person("root", organisation="office", roles=["administrator"])
    library.declare_mode("reviewed", actor="root")
    for name, (house, roles, kinds) in PEOPLE.items():
        library.add_person(name, name=name.title(), organisation=house, roles=roles, kinds=kinds, actor="root")
    for name in ("cur", "cub"):
        library.add_key(name, make_key(tmp_path / f"{name}.key", PHRASE).public_key.hex(), actor="root")
    return Reviewed(library, tmp_path)


def _submitted(library: Library, mapping: Path, table: Path, day: date = AS_OF) -> list[str]:
    """Take the table in, appraise it, open cases and return them."""
    pipeline, sources = read_mapping(mapping)
    batch = library.intake(pipeline, [table], sources=sources, actor="sub").batch_id
    library.appraise(as_of=day, actor="root")
    return list(library.open_cases(batch, actor="asa").cases)


def _approved(library: Library, cases: list[str]) -> None:
    library.assign(cases, "rea", "subject", actor="asa")
    library.assign(cases, "reb", "uncertainty", actor="asa")
    for who, kind in (("rea", "subject"), ("reb", "uncertainty")):
        library.approve(cases, kind, seen=_seen(library, cases), actor=who)
    for case in cases:
        for finding in _findings(library, case):
            for who in ("rea", "reb"):
                library.override([case], finding, seen=_seen(library, [case]), reason="checked", actor=who)


def _seen(library: Library, cases: list[str]) -> dict[str, str]:
    with record_store.session(library.records) as opened:
        return casework.as_said(case_store.standing(opened, cases))


def _findings(library: Library, case: str) -> list[str]:
    with record_store.session(library.records) as opened:
        return sorted(json.loads(case_store.acts(opened, [case])[0].findings))


def _released(reviewed: Reviewed, cases: list[str]) -> Path:
    library = reviewed.library
    library.adopt_cases(cases, seen=_seen(library, cases), reason="agreed", actor="cur")
    made = library.release(actor="cur")
    for name in ("cur", "cub"):
        library.sign_release(made.release_id, reviewed.keys / f"{name}.key", PHRASE)
    return made.path


def test_two_releases_are_verified_by_an_outsider_and_continue_each_other(
    reviewed: Reviewed, small_table: tuple[Path, Path]
) -> None:
    library, (mapping, table) = reviewed.library, small_table
    cases = _submitted(library, mapping, table)
    _approved(library, cases[:1])
    first = _released(reviewed, cases[:1])
    _approved(library, cases[1:2])
    second = _released(reviewed, cases[1:2])
    library.export_keys(reviewed.keys / "keys.json")
    for folder in (first, second):
        found = verify_release(folder, reviewed.keys / "keys.json")
        assert found.problems == []
        assert found.signers == ["Cub", "Cur"]
        assert found.mode == "reviewed"
        assert library.check_release(folder.name).problems == []
    proof = parsed((second / "attestation" / "consistency.json").read_bytes())
    assert proof_holds(proof)
    assert proof["first"]["root"] == parsed((first / "attestation" / "checkpoint.json").read_bytes())["root"]
    assert library.verify_ledger()["breaches"] == []


def test_one_signature_is_not_enough_for_a_reviewed_release(reviewed: Reviewed, small_table: tuple[Path, Path]) -> None:
    library = reviewed.library
    cases = _submitted(library, *small_table)
    _approved(library, cases)
    library.adopt_cases(cases, seen=_seen(library, cases), reason="agreed", actor="cur")
    made = library.release(actor="cur")
    library.sign_release(made.release_id, reviewed.keys / "cur.key", PHRASE)
    library.export_keys(reviewed.keys / "keys.json")
    found = verify_release(made.path, reviewed.keys / "keys.json")
    assert [one["kind"] for one in found.problems] == ["signature"]
    library.sign_release(made.release_id, reviewed.keys / "cub.key", PHRASE)
    assert verify_release(made.path, reviewed.keys / "keys.json").problems == []


def test_what_the_service_would_wrongly_permit_the_ledger_shows(
    reviewed: Reviewed, small_table: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every condition of the service switched off a self-review goes through; the release cannot be signed."""
    library = reviewed.library
    cases = _submitted(library, *small_table)
    library.assign(cases, "rea", "subject", actor="asa")
    monkeypatch.setattr(workflow, "_CONDITIONS", {name: lambda *_: True for name in workflow._CONDITIONS})
    library.adopt_cases(cases, seen=_seen(library, cases), reason="trust me", actor="cur")
    made = library.release(actor="cur")
    codes = {one.code for one in four_eyes.review(library._live().events)}
    assert {"approvals", "not_adopted", "tainted"} <= codes
    with pytest.raises(IntegrityError, match="cannot be signed"):
        library.sign_release(made.release_id, reviewed.keys / "cur.key", PHRASE)

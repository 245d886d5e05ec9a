"""A single operator's library that goes over to the reviewers' route: what it carries over is reviewed, or leaves."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from factordb import Library
from factordb.errors import ExitCode, NotPermittedError
from factordb.evidence.keys import make_key
from tests.cli.test_cli_commands import call
from tests.stages.reviewed_library import reviewed, seen

PEOPLE = (
    ("eve", "office", ["assigner"], []),
    ("ann", "university", ["reviewer"], ["subject"]),
    ("bob", "institute", ["reviewer"], ["uncertainty"]),
    ("cat", "office", ["curator"], []),
    ("dan", "board", ["curator"], []),
)
PHRASE = "a phrase for tests"


def declared(place: Path) -> Library:
    """Return the library at `place` after it has declared the reviewers' route and has its people."""
    library = Library.open(place)
    library.declare_mode("reviewed", actor="root")
    library.add_person("root", organisation="office", roles=["administrator"])
    for person_id, organisation, roles, kinds in PEOPLE:
        library.add_person(person_id, organisation=organisation, roles=roles, kinds=kinds, actor="root")
    return library


@pytest.fixture(scope="module")
def begun(small_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library whose carried factors have cases that two reviewers have approved."""
    place = tmp_path_factory.mktemp("carried") / "library"
    library = declared(Path(shutil.copytree(small_library, place)))
    library.add_person("tester", organisation="data office", roles=["submitter"], actor="root")
    reviewed(library, list(library.open_carried(actor="eve").cases))
    return place


@pytest.fixture
def library(begun: Path, tmp_path: Path) -> Library:
    return Library.open(Path(shutil.copytree(begun, tmp_path / "library")))


def kinds_of_events(library: Library) -> list[str]:
    return [str(one["kind"]) for one in library.ledger(limit=10_000)]


def released(library: Library, name: str) -> int:
    return sum(pq.read_metadata(path).num_rows for path in (library.workspace.releases / name).glob("data/*s.parquet")
               if path.stem in {"factors", "gas_factors", "parameters"})  # fmt: skip


def test_a_reviewed_release_of_what_nobody_reviewed_is_refused_before_the_ledger_bears_it(
    small_library_copy: Path,
) -> None:
    library = declared(small_library_copy)
    decided = kinds_of_events(library).count("decided")
    with pytest.raises(NotPermittedError) as told:
        library.release(actor="cat")
    assert "`factordb review open --carried" in told.value.remedy
    assert "`factordb review open --carried" in told.value.remedy_zh
    assert "2026.1" in told.value.problem
    assert "2026.1" in told.value.problem_zh
    assert kinds_of_events(library).count("decided") == decided
    assert library.verify_ledger()["breaches"] == []
    assert library.check_release("2026.1").problems == []


def test_cases_need_an_assigner_and_a_submitter_whom_the_library_knows(small_library_copy: Path) -> None:
    library = declared(small_library_copy)
    for who in ("cat", "ann", "root"):
        with pytest.raises(NotPermittedError):
            library.open_carried(actor=who)
    with pytest.raises(NotPermittedError) as told:
        library.open_carried(actor="eve")
    for words in (told.value.remedy, told.value.remedy_zh):
        assert "`factordb review person add tester " in words
        assert "--role submitter" in words
    assert library.cases(everything=True).num_rows == 0


def test_a_reviewer_of_a_library_without_cases_sees_an_empty_queue(small_library_copy: Path) -> None:
    library = declared(small_library_copy)
    assert library.cases(actor="ann").num_rows == 0


def test_each_carried_factor_gets_one_case_of_its_submitter_and_the_ledger_tells_from_where(library: Library) -> None:
    rows = library.cases(everything=True).to_pylist()
    assert len(rows) == released(library, "2026.1") > 1
    assert {(row["submitter"], row["organisation"]) for row in rows} == {("tester", "data office")}
    events = [one for one in library.ledger(limit=10_000) if one["kind"] == "case_opened"]
    assert [one["facts"]["carried_from"] for one in events] == ["2026.1"]
    assert {one["case_id"] for one in events[0]["facts"]["cases"]} == {row["case_id"] for row in rows}
    assert library.open_carried(actor="eve").cases == ()


def test_the_same_factors_reviewed_are_another_release_that_curators_sign(library: Library, tmp_path: Path) -> None:
    cases = list(seen(library))
    _, decision = library.adopt_cases(cases, seen=seen(library), reason="each was looked at", actor="cat")
    assert (decision.waiting, decision.items) == (0, len(cases))
    for person in ("cat", "dan"):
        key = make_key(tmp_path / f"{person}.key", PHRASE)
        library.add_key(person, key.public_key.hex(), actor="root")
    made = library.release(actor="cat")
    assert (made.release_id, made.already) == ("2026.2", False)
    assert released(library, "2026.2") == released(library, "2026.1")
    assert library.release(actor="cat").already
    for person in ("cat", "dan"):
        library.sign_release("2026.2", tmp_path / f"{person}.key", PHRASE)
    found = library.check_release("2026.2")
    assert (found.problems, found.mode, len(found.signers)) == ([], "reviewed", 2)
    assert library.verify_ledger()["breaches"] == []
    assert library.check_release("2026.1").mode == "single-operator"


def test_adopting_a_part_waits_for_the_rest_and_records_no_decision(library: Library) -> None:
    first, *rest = list(seen(library))
    before = kinds_of_events(library).count("decided")
    done, decision = library.adopt_cases([first], seen=seen(library), reason="sound", actor="cat")
    assert done.cases == (first,)
    assert (decision.decision_id, decision.waiting, decision.base_release) == ("", len(rest), "2026.1")
    with pytest.raises(NotPermittedError):
        library.release(actor="cat")
    assert kinds_of_events(library).count("decided") == before
    _, whole = library.adopt_cases(rest, seen=seen(library), reason="sound", actor="dan")
    assert whole.decision_id
    assert library.release(actor="cat").release_id == "2026.2"
    assert library.verify_ledger()["breaches"] == []


def test_a_carried_factor_that_is_rejected_leaves_the_next_release(library: Library) -> None:
    first, *rest = list(seen(library))
    library.reject([first], seen=seen(library), reason="the source cannot be found", actor="cat")
    library.adopt_cases(rest, seen=seen(library), reason="sound", actor="cat")
    assert library.release(actor="cat").release_id == "2026.2"
    assert released(library, "2026.2") == released(library, "2026.1") - 1
    assert library.verify_ledger()["breaches"] == []
    changes = (library.workspace.releases / "2026.2" / "changes.csv").read_text(encoding="utf-8")
    assert ["withdrawn" in line for line in changes.splitlines()[1:]] == [True]


def test_the_commands_open_cases_and_tell_what_waits_in_both_languages(library: Library) -> None:
    place = ("--library", library.workspace.root)
    first, token = next(iter(seen(library).items()))
    told = call("review", "adopt", first, "--seen", token, "--reason", "ok", "--as", "cat", *place, lang="zh")
    assert (told.code, "尚未形成决定" in told.err) == (ExitCode.DONE, True)
    for lang, none in (("zh", "立案 0 个"), ("en", "opened 0 case(s)")):
        told = call("review", "open", "--carried", "--as", "eve", *place, lang=lang)
        assert (told.code, none in told.out) == (ExitCode.DONE, True)
        told = call("review", "open", "abc", "--carried", "--as", "eve", *place, lang=lang)
        assert told.code == ExitCode.USAGE
        told = call("release", "build", "--actor", "cat", *place, lang=lang)
        assert (told.code, "review open --carried" in told.err) == (ExitCode.NOT_PERMITTED, True)


@pytest.mark.slow
def test_the_shipped_library_becomes_a_reviewed_release(main_job_copy: Path) -> None:
    library = declared(main_job_copy)
    library.add_person("tester", organisation="data office", roles=["submitter"], actor="root")
    cases = list(library.open_carried(actor="eve").cases)
    assert len(cases) == released(library, "2026.1")
    assert len({row["batch_id"] for row in library.cases().to_pylist()}) > 1
    reviewed(library, cases)
    library.adopt_cases(cases, seen=seen(library), reason="each was looked at", actor="cat")
    assert library.release(actor="cat").release_id == "2026.2"
    assert released(library, "2026.2") == len(cases)
    assert library.verify_ledger()["breaches"] == []

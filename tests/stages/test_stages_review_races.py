"""Two reviewers at once: exactly one wins, the other is told. On SQLite always, on PostgreSQL where one is named."""

import importlib.util
import multiprocessing
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from factordb import Library
from factordb.errors import ConflictError, FactorDBError
from factordb.store import cases as case_store
from factordb.store import records

URL = "FACTORDB_TEST_POSTGRES_URL"
JUDGES = (("ann", "subject"), ("bob", "uncertainty"))


def _fellow() -> ModuleType:
    name = "factordb_reviewed_library"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "reviewed_library.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


made = _fellow()


def _prepared(library: Library, races: int) -> list[str]:
    rows = "".join(f"产品{at},全国,2024,{1 + at / 1000:.3f},kgCO2e/kg,8,表1第{at}行\n" for at in range(races))
    cases: list[str] = made.submit(library, rows)
    assert len(cases) == races
    for who, kind in JUDGES:
        library.assign(cases, who, kind, actor="eve")
    return cases


def _one(library: Library, case: str, who: str, kind: str, seen: Mapping[str, str]) -> str:
    try:
        library.approve([case], kind, seen=seen, actor=who)
    except ConflictError as fault:
        return f"conflict, exit {fault.exit_code}"
    except FactorDBError as fault:
        return type(fault).__name__
    return "won"


def _judged(library: Library, cases: list[str], told: list[tuple[str, str]]) -> None:
    """Ask that of each pair one won and the other was told, and that each case carries exactly one opinion."""
    assert [sorted(pair) for pair in told] == [["conflict, exit 6", "won"]] * len(cases)
    with records.session(library.records) as opened:
        acts = case_store.acts(opened, cases)
    approvals = [act.case_id for act in acts if act.action == "approve"]
    assert sorted(approvals) == sorted(cases)
    assert all(act.seq <= 3 for act in acts)


def _threads(libraries: list[Library], cases: list[str]) -> list[tuple[str, str]]:
    seen = made.seen(libraries[0])
    told: dict[tuple[str, int], str] = {}
    start = threading.Barrier(2)

    def act(at: int) -> None:
        who, kind = JUDGES[at]
        for case in cases:
            start.wait(60)
            told[case, at] = _one(libraries[at], case, who, kind, seen)

    both = [threading.Thread(target=act, args=(at,)) for at in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    return [(told[case, 0], told[case, 1]) for case in cases]


def _process(root: Path, at: int, cases: list[str], seen: Mapping[str, str], start: Any, told: Any) -> None:
    library = Library.open(root)
    who, kind = JUDGES[at]
    answers = []
    for case in cases:
        start.wait(60)
        answers.append(_one(library, case, who, kind, seen))
    told.put((at, answers))


def _processes(root: Path, cases: list[str]) -> list[tuple[str, str]]:
    here = multiprocessing.get_context("fork")
    seen, start, told = made.seen(Library.open(root)), here.Barrier(2), here.Queue()
    both = [here.Process(target=_process, args=(root, at, cases, seen, start, told)) for at in range(2)]
    for one in both:
        one.start()
    answers = dict(told.get(timeout=300) for _ in both)
    for one in both:
        one.join()
    return list(zip(answers[0], answers[1], strict=True))


def test_of_two_reviewers_at_once_one_wins_and_the_other_is_told(tmp_path: Path) -> None:
    root = tmp_path / "library"
    cases = _prepared(made.make(root), 10)
    _judged(Library.open(root), cases, _threads([Library.open(root), Library.open(root)], cases))


@pytest.mark.slow
@pytest.mark.parametrize("how", ["threads", "processes"])
def test_two_hundred_races_on_sqlite(tmp_path: Path, how: str) -> None:
    root = tmp_path / "library"
    cases = _prepared(made.make(root), 200)
    told = _processes(root, cases) if how == "processes" else _threads([Library.open(root), Library.open(root)], cases)
    _judged(Library.open(root), cases, told)


@pytest.fixture
def postgres() -> Iterator[sa.Engine]:
    url = os.environ.get(URL)
    if not url:
        pytest.skip(f"no PostgreSQL is named by {URL}")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    yield engine
    engine.dispose()


@pytest.mark.slow
def test_four_hundred_races_on_postgresql(tmp_path: Path, postgres: sa.Engine) -> None:
    root = tmp_path / "library"
    library = made.make(root, postgres)
    cases = _prepared(library, 400)
    told = _threads([made.attached(root, postgres), made.attached(root, postgres)], cases)
    _judged(library, cases, told)
    shutil.rmtree(root)

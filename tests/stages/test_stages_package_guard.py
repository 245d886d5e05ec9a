"""Files of a stranger's package are parsed in a child under limits: whatever they do is a finding with its place."""

import io
import json
import os
import signal
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from factordb import Library, submit_check
from factordb.cli.console import t
from factordb.cli.submit import _say
from factordb.derivation.recipe_error import RecipeError
from factordb.errors import FileProblemError
from factordb.evidence.bag import BagFault, read_manifest
from factordb.model.submission import Kind
from factordb.stages import package_child, package_guard
from factordb.stages.package_guard import PackageGuard
from factordb.stages.package_parsing import BrokenLimitError, limits, parse_here, pdf_facts
from factordb.stages.submission import FORM, RECIPE, guarded, load, recipe_tables
from factordb.stages.submission_check import examine
from factordb.submitting import report_of
from tests.package.clean_packages import made as made_package

TODAY = date(2026, 11, 26)


@pytest.fixture
def fuel(tmp_path: Path) -> Path:
    folder: Path = made_package(Kind.FUEL, 3).write(tmp_path / "fuel")
    return folder


@pytest.fixture(scope="module")
def guard() -> Iterator[PackageGuard]:
    """One child for the tests that leave it whole."""
    with PackageGuard() as made:
        yield made


@pytest.fixture(scope="module")
def long_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "long.csv"
    path.write_text("time,flow\n" + "2025-01-01T00:00,1.5\n" * 400_000, encoding="utf-8")
    return path


def tight(**changed: int) -> Mapping[str, int]:
    """Return the limits with some of them made small."""
    return {**limits(), **changed}


def test_a_child_reads_the_same_as_this_process(tmp_path: Path) -> None:
    folder = made_package(Kind.CEMS, 3).write(tmp_path / "cems")
    here = load(folder, "cems")
    with guarded(folder) as (there, _):
        assert there.package == here.package
        assert there.faults == here.faults == ()
        assert recipe_tables(there) == recipe_tables(here)
        pdfs = [here.payload / path for path in here.package.files if path.endswith(".pdf")]
        assert pdfs
        assert [pdf_facts(there.parse("pdf", path)) for path in pdfs] == [
            pdf_facts(parse_here("pdf", path)) for path in pdfs
        ]
        assert there.limited is (package_child.system_limits() is not None)


@pytest.mark.skipif(package_child.system_limits() is None, reason="this system cannot limit memory and time")
@pytest.mark.parametrize(
    ("limit", "changed"),
    [("memory", {"memory_mb": 80}), ("cpu", {"cpu_seconds": -1}), ("clock", {"clock_seconds": 0}),
     ("answer", {"answer_mb": 1}), ("package", {"package_seconds": 0})],
)  # fmt: skip
def test_a_file_that_breaks_a_limit_is_named_with_the_limit(
    long_table: Path, limit: str, changed: dict[str, int]
) -> None:
    with PackageGuard(tight(**changed)) as strict, pytest.raises(BrokenLimitError) as broken:
        strict("table", long_table, "1")
    assert (broken.value.limit, broken.value.path) == (limit, long_table)
    assert all(broken.value.words("zh"))


@pytest.mark.skipif(not hasattr(signal, "SIGSEGV") or os.name == "nt", reason="this system knows no such signals")
def test_where_a_parser_crashes_the_next_file_is_read_by_another_child_a_few_times(fuel: Path) -> None:
    form = fuel / FORM
    with PackageGuard(tight(breaks=2)) as strict:
        for _ in range(2):
            assert strict("form", form)["rows"]
            assert strict._child is not None
            os.kill(strict._child.process.pid, signal.SIGSEGV)
            with pytest.raises(BrokenLimitError, match="SIGSEGV"):
                strict("form", form)
        with pytest.raises(BrokenLimitError) as last:
            strict("form", form)
        assert last.value.limit == "breaks"


def test_a_parser_that_raises_anything_else_is_told_and_the_child_lives(guard: PackageGuard, tmp_path: Path) -> None:
    with pytest.raises(BrokenLimitError, match="KeyError"):
        guard("twin", tmp_path / "labs.csv", "no such sheet")
    alive = guard._child
    with pytest.raises(FileProblemError, match="cannot be found"):
        guard("table", tmp_path / "none.csv", "1")
    assert guard._child is alive


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system does not show an environment")
def test_a_child_sees_no_secret_of_the_environment_and_ends_with_the_block(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FACTORDB_PASSPHRASE", "correct horse battery")
    with PackageGuard() as made:
        with pytest.raises(FileProblemError):
            made("table", tmp_path / "none.csv", "1")
        assert made._child is not None
        process = made._child.process
        assert b"correct horse" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    assert process.poll() is not None


def _bomb(path: Path) -> None:
    """A workbook whose strings are 200 MB of the same letter."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, b"<sst>" + b"a" * (200 << 20) if name == "xl/sharedStrings.xml" else data)


def test_hostile_files_of_a_package_are_findings_with_their_place(fuel: Path) -> None:
    _bomb(fuel / FORM)
    (fuel / RECIPE).write_text("x = " + "[" * 100_000, encoding="utf-8")
    report = submit_check(fuel, today=TODAY, draws=1_000)
    assert report.exit_code == 3
    assert FORM in {row["place"] for row in report.findings if row["code"] == "PKG003"}


def test_a_library_refuses_a_package_that_breaks_a_limit_and_stays_as_it_was(
    fuel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library.open(tmp_path / "library", create=True)
    monkeypatch.setattr(package_guard, "limits", lambda: tight(clock_seconds=0))
    received = library.receive(fuel, today=TODAY)
    assert received.batch is None
    told = [row for row in received.report.findings if row["code"] == "PKG004"]
    assert told
    assert "30" in told[0]["said_zh"]
    assert library.packages() == []


def test_a_recipe_or_a_manifest_that_is_far_too_large_or_deep_is_told(fuel: Path) -> None:
    loaded = load(fuel, "fuel")
    for text, told in (("x = " + "[" * 100_000, "RecursionError"), ("#" * (2 << 20), "size"), ("x = \0", "Invalid")):
        (fuel / RECIPE).write_text(text, encoding="utf-8")
        recipe = examine(loaded, fuel, today=TODAY, draws=1_000).context.recipe
        assert isinstance(recipe, RecipeError)
        assert told in recipe.found
    manifest = fuel / "manifest-sha256.txt"
    with manifest.open("wb") as stream:
        stream.truncate(17 << 20)
    faults: list[BagFault] = []
    assert read_manifest(manifest, faults) == {}
    assert [(one.kind, one.path) for one in faults] == [("unreadable", manifest.name)]


def test_a_system_without_limits_says_so(
    fuel: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    out = io.StringIO()
    package_child.main(limits(), io.StringIO(json.dumps(["form", str(fuel / FORM), ""]) + "\n"), out)
    hello, answer = map(json.loads, out.getvalue().splitlines())
    assert hello == {"limited": False}
    assert answer["made"]["rows"]
    monkeypatch.undo()
    with guarded(fuel) as (loaded, folder):
        assert isinstance(loaded.parse, PackageGuard)
        loaded.parse.limited = False
        report = report_of(examine(loaded, folder, today=TODAY, draws=1_000))
    _say(report)
    assert t("said.submit_unlimited") in " ".join(capsys.readouterr().err.split())

"""The main job on the shipped sources: nothing lost, nothing twice, the same bytes; the planted slip is held back."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from factordb import Library
from factordb.stages import sources

ROOT = Path(__file__).parents[2]
AS_OF = "2026-11-26"
SHIPPED = [name for name, one in sources.pipelines().items() if one.files]


def _report(main_job: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((main_job.parent / "main_job.json").read_text(encoding="utf-8"))
    return report


def _tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _reproducible(release: Path) -> dict[str, str]:
    """Return the files of a release without its attestation, which tells when it was made."""
    return {name: digest for name, digest in _tree(release).items() if not name.startswith("attestation/")}


@pytest.mark.parametrize("pipeline", SHIPPED)
def test_rows_in_are_staged_or_refused(main_job: Path, pipeline: str) -> None:
    row = next(one for one in _report(main_job)["sources"] if one["pipeline"] == pipeline)
    assert row["rows"] == row["staged"] + row["refused"] > 0
    assert row["candidates"] == row["pass"] + row["needs_person"] + row["insufficient"] + row["fail"]
    assert row["promoted"] <= row["pass"]
    lines = sum(
        len(path.read_text(encoding="utf-8-sig").splitlines()) - 1
        for path in sources.default_files(sources.pipeline(pipeline))
        if path.suffix == ".csv"
    )
    assert row["rows"] == lines


def test_every_candidate_is_promoted_or_has_its_reasons(main_job: Path) -> None:
    opened = Library.open(main_job)
    rows = opened.queue(limit=5000).to_pylist()
    promoted = sum(_report(main_job)["release"]["counts"].values())
    assert [row["candidate_id"] for row in rows if not row["eligible"] and not row["reasons"]] == []
    assert sum(bool(row["eligible"]) for row in rows) == promoted > 400


def test_the_second_run_adds_nothing_and_releases_nothing(main_job_copy: Path) -> None:
    opened = Library.open(main_job_copy)
    before = opened.batches(), _tree(main_job_copy / "releases")
    report = opened.run(as_of=date.fromisoformat(AS_OF), actor="tester")
    assert report.release is not None
    assert report.release.already
    assert (opened.batches(), _tree(main_job_copy / "releases")) == before


@pytest.mark.slow
def test_built_twice_the_release_has_the_same_bytes(main_job: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "factordb"
    subprocess.run(
        [program, "run", "--library", tmp_path / "elsewhere", "--as-of", AS_OF, "--actor", "tester", "--no-gate"],
        check=True, capture_output=True, env={**os.environ, "TZ": "Asia/Shanghai", "FACTORDB_LANG": "en"},
    )  # fmt: skip
    first, second = (_reproducible(folder / "releases" / "2026.1") for folder in (main_job, tmp_path / "elsewhere"))
    assert len(first) > 25
    assert first == second


def test_the_planted_natural_gas_is_held_back_beside_the_official_value(main_job_copy: Path) -> None:
    """57.2 tCO2/TJ × 3561.1 TJ/10⁸Nm³ = 20.37 tCO2/10⁴Nm³ (national database v2); planted: 2.162."""
    opened = Library.open(main_job_copy)
    opened.intake("cn-national-db", [ROOT / "data" / "demo" / "planted_natural_gas.csv"], actor="tester")
    opened.appraise(as_of=date.fromisoformat(AS_OF), actor="tester")
    rows = opened.queue(text="天然气", limit=500).to_pylist()
    planted = [row for row in rows if row["value_text"] == "2.162"]
    assert len(planted) == 1
    assert not planted[0]["eligible"]
    assert "PLA002" in planted[0]["reasons"].split()
    official = [row for row in rows if row["unit"] == "tCO2/10^8 Nm3" and row["value_text"] == "203695"]
    assert official
    assert official[0]["eligible"]
    findings = {one["code"]: one for one in opened.factor(planted[0]["candidate_id"])["finding"]}
    assert "PLA002" in findings


def test_numbers_are_doubles_in_the_contract(main_job: Path) -> None:
    with duckdb.connect(str(main_job / "factors.duckdb"), read_only=True) as connection:
        kinds = dict(
            connection.execute(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'candidate'"
            ).fetchall()
        )
    for name in ("value", "value_low", "canonical_value", "to_canonical", "cv_percent"):
        assert kinds[name] == "DOUBLE"
    assert "FLOAT" not in kinds.values()


@pytest.mark.slow
def test_an_installed_wheel_does_the_same_from_any_folder(main_job: Path, tmp_path: Path) -> None:
    """The wheel is unpacked beside the locked dependencies of this environment: nothing of the checkout is reached."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", ROOT],
        check=True, capture_output=True,
    )  # fmt: skip
    wheel = next((tmp_path / "dist").glob("*.whl"))
    subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, tmp_path / "site"], check=True)
    place = tmp_path / "any folder 任意"
    place.mkdir()
    code = (
        "import sys, factordb; from pathlib import Path\n"
        f"assert Path(factordb.__file__).is_relative_to({str(tmp_path / 'site')!r}), factordb.__file__\n"
        "from factordb.cli import main\n"
        f"sys.argv = ['factordb', 'run', '--library', 'lib', '--as-of', {AS_OF!r}, '--actor', 'tester', '--no-gate']\n"
        "main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "FACTORDB_LANG": "zh"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert _reproducible(place / "lib" / "releases" / "2026.1") == _reproducible(main_job / "releases" / "2026.1")

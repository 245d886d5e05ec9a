import json
import shutil
from pathlib import Path

import pytest

from factordb.formats.changes import CHANGES
from factordb.formats.manifest import ProblemKind, sha256_of, verify
from tests.formats.made_release import build


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    directory = tmp_path_factory.mktemp("release")
    return directory, build(directory)


@pytest.fixture
def release(built: tuple[Path, str], tmp_path: Path) -> Path:
    return Path(shutil.copytree(built[0], tmp_path / "release"))


def test_the_manifest_names_every_file_and_what_made_them(built: tuple[Path, str]) -> None:
    directory, digest = built
    manifest = json.loads((directory / "manifest.json").read_bytes())
    there = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
    assert {file["path"] for file in manifest["files"]} == there - {"manifest.json"}
    assert sha256_of(directory / "manifest.json") == digest
    assert manifest["counts"] == {
        "factors": 6, "gas_factors": 1, "parameters": 1, "changes": 8, "sources": 1, "held_back": 1,
    }  # fmt: skip
    assert manifest["changes"] == dict.fromkeys(CHANGES, 0) | {"added": 8}
    assert manifest["approval"]["mode"] == "single-operator"
    assert "未经独立复核" in manifest["approval"]["statement_zh"]
    rows = {file["path"]: file.get("rows") for file in manifest["files"]}
    assert rows["data/factors.parquet"] == 6
    assert rows["README.md"] is None


def test_an_untouched_release_has_no_problem(built: tuple[Path, str]) -> None:
    directory, digest = built
    assert verify(directory) == []
    assert verify(directory, manifest_sha256=digest) == []


def test_missing_changed_resized_and_extra_files_are_all_found(release: Path) -> None:
    (release / "README.md").unlink()
    (release / "sources.csv").write_bytes((release / "sources.csv").read_bytes() + b"x")
    spoiled = bytearray((release / "data" / "factors.csv").read_bytes())
    spoiled[-3] ^= 1
    (release / "data" / "factors.csv").write_bytes(spoiled)
    (release / "data" / "extra.csv").write_text("x")
    found = {(problem.kind, problem.path) for problem in verify(release)}
    assert found == {
        (ProblemKind.MISSING, "README.md"),
        (ProblemKind.SIZE, "sources.csv"),
        (ProblemKind.CHANGED, "data/factors.csv"),
        (ProblemKind.EXTRA, "data/extra.csv"),
    }
    for problem in verify(release):
        assert problem.path in problem.words("zh")
        assert problem.words("zh") != problem.words("en")


def test_an_altered_manifest_is_seen_with_its_recorded_hash(built: tuple[Path, str], release: Path) -> None:
    text = (release / "manifest.json").read_text(encoding="utf-8").replace('"seed": 7', '"seed": 8')
    (release / "manifest.json").write_text(text, encoding="utf-8")
    assert verify(release) == []
    assert [problem.kind for problem in verify(release, manifest_sha256=built[1])] == [ProblemKind.MANIFEST]


@pytest.mark.parametrize(
    "path", ["../outside.txt", "/etc/hostname", "C:\\x", "data\\..\\x", "link/outside.txt", "a\x00b"]
)
def test_a_manifest_cannot_point_out_of_its_folder(release: Path, path: str) -> None:
    (release.parent / "outside.txt").write_text("secret")
    (release / "link").symlink_to(release.parent)
    manifest = json.loads((release / "manifest.json").read_bytes())
    manifest["files"].append({"path": path, "sha256": "0" * 64, "bytes": 6})
    (release / "manifest.json").write_text(json.dumps(manifest))
    assert (ProblemKind.UNSAFE, path) in {(problem.kind, problem.path) for problem in verify(release)}


def test_a_name_no_system_takes_is_a_problem_not_a_crash(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_bytes())
    manifest["files"].append({"path": "x" * 5_000, "sha256": "0" * 64, "bytes": 6})
    (release / "manifest.json").write_text(json.dumps(manifest))
    assert [problem.kind for problem in verify(release)] == [ProblemKind.UNREADABLE]


@pytest.mark.parametrize(
    "content", [None, "", "[]", '{"format": "other/9"}', '{"format": 1, "files": 2}', '{"files": []}']
)
def test_an_unreadable_manifest_is_a_problem_not_a_crash(release: Path, content: str | None) -> None:
    if content is None:
        (release / "manifest.json").unlink()
    else:
        (release / "manifest.json").write_text(content)
    assert [problem.kind for problem in verify(release)] == [ProblemKind.NO_MANIFEST]


def test_same_rows_same_bytes_for_every_file(built: tuple[Path, str], tmp_path: Path) -> None:
    assert build(tmp_path) == built[1]

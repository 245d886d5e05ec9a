"""Who may import whom: the contracts of pyproject.toml, and what faces, store and gate keep to themselves."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import factordb

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "factordb"

FACE_EXCEPTIONS = {
    "factordb.errors": "exit codes and faults: the face turns them into sentences",
    "factordb.cli": "rooms of the same face",
    "factordb.dashboard": "what pages ask beyond the door; itself a room of the house, on the door's floor",
    "factordb.paths": "where the examples that ship with the program stand",
    "factordb.uncertainty": "`factordb uncertainty` works on numbers alone, without a library",
}
"""What faces may import beyond the names of `factordb`, and why."""


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of every import in a file, also those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((one.name, "") for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, one.name) for one in node.names)


def _files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _users(module: str) -> set[str]:
    """Return the files of the package that import `module` or a part of it."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in _files("factordb")
        if any(name == module or name.startswith(f"{module}.") for name, _ in _imports(path))
    }


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("path", _files("factordb/cli", "dashboards", "pipelines"), ids=lambda path: path.name)
def test_faces_import_only_public_names(path: Path) -> None:
    strange = []
    for module, name in _imports(path):
        if module != "factordb" and not module.startswith("factordb."):
            continue
        public = module == "factordb" and name in factordb.__all__
        excepted = any(module == one or module.startswith(f"{one}.") for one in FACE_EXCEPTIONS)
        if not public and not excepted:
            strange.append(f"{module}.{name}")
    assert not strange, f"not public: {strange}; add a name to factordb/__init__.py on purpose, or go through the door"


def test_every_declared_exception_is_still_needed() -> None:
    used = {module for path in _files("factordb/cli", "dashboards") for module, _ in _imports(path)}
    idle = [one for one in FACE_EXCEPTIONS if not any(name == one or name.startswith(f"{one}.") for name in used)]
    assert not idle


def test_pipelines_import_nothing_but_public_names() -> None:
    strange = {
        (path.name, module)
        for path in _files("pipelines")
        for module, _ in _imports(path)
        if module.startswith("factordb.")
    }
    assert not strange


@pytest.mark.parametrize("module", ["duckdb", "sqlalchemy", "sqlmodel", "alembic"])
def test_only_the_store_knows_a_database(module: str) -> None:
    allowed = "factordb/store/"
    # SQLModel is the one contract of what things are (architecture, section 3): the model floor declares with it
    declares = ("factordb/model/",) if module == "sqlmodel" else ()
    strange = {path for path in _users(module) if not path.startswith((allowed, *declares))}
    assert not strange


def test_only_the_gate_knows_great_expectations() -> None:
    assert _users("great_expectations") <= {"factordb/checks/expectations.py"}


@pytest.mark.parametrize("module", ["streamlit", "typer"])
def test_frameworks_stay_in_their_faces(module: str) -> None:
    face = {"streamlit": "factordb/dashboard/", "typer": "factordb/cli/"}[module]
    assert {path for path in _users(module) if not path.startswith(face)} == set()


def test_init_files_only_hand_names_on() -> None:
    allowed = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr, ast.If)
    doors = {
        "factordb/__init__.py": "names are loaded when first asked for",
        "factordb/cli/__init__.py": "the program's entry: the language is chosen before help is made",
    }
    strange = []
    for path in PACKAGE.rglob("__init__.py"):
        name = path.relative_to(ROOT).as_posix()
        body = ast.parse(path.read_text(encoding="utf-8")).body
        if name not in doors and any(not isinstance(node, allowed) for node in body):
            strange.append(name)
    assert not strange

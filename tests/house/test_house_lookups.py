"""A look-up changes nothing; no mutable defaults; registries return fresh collections."""

import ast
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factordb import Library, describe_checks, describe_pipelines, mapping_fields, mapping_template
from factordb.stages import sources

ROOT = Path(__file__).parents[2]


def _state(folder: Path) -> dict[str, str]:
    """Return every file of a library with its hash; SQLite's shared-memory file is no content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".sqlite-shm", ".sqlite-wal"} and "-shm" not in path.name
    }


def test_questions_change_no_file(small_library_copy: Path) -> None:
    opened = Library.open(small_library_copy)
    before = _state(small_library_copy)
    name = opened.queue(limit=1).to_pylist()[0]["candidate_id"]
    for ask in (
        opened.sources, opened.pipelines, opened.batches, opened.releases, opened.events, opened.version, opened.queue,
        opened.summary, opened.held_back, opened.refused, opened.pace, opened.strict_exit_code,
        opened.summary_of_verdicts, opened.health, lambda: opened.factor(name), lambda: opened.explain(name),
        lambda: opened.verify_release("2026.1"),
    ):  # fmt: skip
        first, second = ask(), ask()
        assert first == second
    assert _state(small_library_copy) == before


@pytest.mark.parametrize(
    "ask", [describe_checks, describe_pipelines, mapping_fields, sources.pipelines, sources.register]
)
def test_catalogues_hand_out_fresh_collections(ask: Callable[[], Any]) -> None:
    first = ask()
    size = len(first)
    first.clear()
    assert len(ask()) == size > 0


def test_rows_handed_out_are_not_shared() -> None:
    describe_checks()[0]["code"] = "spoilt"
    assert describe_checks()[0]["code"] != "spoilt"


def test_the_template_is_the_same_text_every_time() -> None:
    assert mapping_template() == mapping_template()


def test_no_function_has_a_mutable_default() -> None:
    mutable = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    strange = [
        f"{path.relative_to(ROOT)}:{default.lineno}"
        for path in sorted((ROOT / "factordb").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for default in (*node.args.defaults, *node.args.kw_defaults)
        if isinstance(default, mutable)
    ]
    assert not strange

"""A reviewed library with everybody in it, and the ways tests walk in it."""

import importlib.util
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from factordb import Library, read_mapping
from factordb.stages import casework
from factordb.store import cases as case_store
from factordb.store import records

AS_OF = date(2026, 11, 26)
PEOPLE = {
    "sue": ("plant", ["submitter", "reviewer", "curator"], ["subject", "uncertainty"]),
    "cousin": ("plant", ["reviewer", "curator"], ["subject", "uncertainty"]),
    "ann": ("university", ["reviewer", "curator"], ["subject", "uncertainty"]),
    "bob": ("institute", ["reviewer"], ["uncertainty"]),
    "cat": ("library", ["curator"], []),
    "dan": ("library", ["curator"], []),
    "eve": ("office", ["assigner"], []),
    "ray": ("office", ["reader"], []),
}
"""person -> organisation, roles, kinds; `root` is the administrator."""

HEAD = "名称,地区,年份,数值,单位,变异系数,位置\n"


def mapping_text() -> str:
    """Return the mapping of the small table of `conftest`."""
    spec = importlib.util.spec_from_file_location("factordb_conftest", Path(__file__).parents[1] / "conftest.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.SMALL_MAPPING)


def attached(folder: Path, engine: object) -> Library:
    """Return the library at `folder` with its people's records in another database."""
    library = Library(folder)
    library._anchored = False  # the anchor follows the SQLite file
    library.__dict__["_engine"] = engine
    return library


def make(folder: Path, engine: object = None) -> Library:
    """Return an empty reviewed library below `folder` with everybody in it."""
    if engine is None:
        library = Library.open(folder, create=True)
    else:
        library = attached(folder, engine)
        library._create()
        library._bring_up()
    library.declare_mode("reviewed", actor="root")
    library.add_person("root", organisation="office", roles=["administrator"])
    for person_id, (organisation, roles, kinds) in PEOPLE.items():
        library.add_person(person_id, organisation=organisation, roles=roles, kinds=kinds, actor="root")
    return library


def submit(library: Library, rows: str, *, actor: str = "sue", name: str = "batch") -> list[str]:
    """Take rows in, appraise them, open their cases; return the cases."""
    folder = library.workspace.root.parent
    mapping, table = folder / "small.toml", folder / f"{name}.csv"
    mapping.write_text(mapping_text(), encoding="utf-8")
    table.write_text(HEAD + rows, encoding="utf-8")
    pipeline, sources = read_mapping(mapping)
    taken = library.intake(pipeline, [table], sources=sources, actor=actor)
    library.appraise(as_of=AS_OF)
    return list(library.open_cases(taken.batch_id, actor="eve").cases)


def seen(library: Library) -> Mapping[str, str]:
    """Return case -> token of what is there now."""
    with records.session(library.records) as opened:
        return casework.as_said(case_store.standing(opened))


def reviewed(library: Library, cases: list[str]) -> None:
    """Have ann and bob approve cases."""
    for who, kind in (("ann", "subject"), ("bob", "uncertainty")):
        library.assign(cases, who, kind, actor="eve")
        library.approve(cases, kind, seen=seen(library), actor=who)

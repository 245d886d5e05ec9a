"""The register of sources and the pipelines, as they stand in the workshop and in installed packages."""

import importlib.util
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pyarrow as pa

from factordb.errors import NotFoundError, UsageError
from factordb.model.pipeline import Pipeline
from factordb.model.source import Source
from factordb.paths import workshop
from factordb.store.ddl import columns

_ARROW = {"date": pa.date32(), "int": pa.int64(), "bool": pa.bool_()}


def _schema() -> pa.Schema:
    return pa.schema([(name, _ARROW.get(kind.__name__, pa.string())) for name, kind in columns(Source).items()])


def register(further: Iterable[Source] = ()) -> dict[str, Source]:
    """Return source id -> source: the workshop's register and the sources that mapping files declared."""
    path = workshop() / "data" / "sources.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {name: Source.from_register(name, facts) for name, facts in tables.items()}
    return known | {one.source_id: one for one in further}


def as_table(sources: Iterable[Source]) -> pa.Table:
    """Return sources as rows, by the model's fields."""
    rows = [{name: getattr(one, name) for name in Source.model_fields} for one in sources]
    return pa.Table.from_pylist([row | {"tier": row["tier"].value} for row in rows], schema=_schema())


def pipelines() -> dict[str, Pipeline]:
    """Return every known pipeline by name: files of `pipelines/` and the entry-point group `factordb.pipelines`."""
    found: dict[str, Pipeline] = {}
    shipped = [_load(path) for path in sorted((workshop() / "pipelines").glob("[a-z]*.py"))]
    installed = [point.load() for point in metadata.entry_points(group="factordb.pipelines")]
    for one in (*shipped, *installed):
        if one.name in found:
            raise UsageError(
                problem=f"two pipelines are called {one.name}",
                remedy="rename one of them",
                problem_zh=f"有两个管线同名 {one.name}",
                remedy_zh="请将其中之一改名",
            )
        found[one.name] = one
    return found


def pipeline(name: str) -> Pipeline:
    """Return the pipeline called `name`.

    Raises:
        NotFoundError: there is none.
    """
    known = pipelines()
    if name not in known:
        raise NotFoundError("pipeline", name, known=", ".join(known))
    return known[name]


def _load(path: Path) -> Pipeline:
    spec = importlib.util.spec_from_file_location(f"factordb_pipeline_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise NotFoundError("pipeline file", str(path), known="pipelines/*.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Pipeline = module.PIPELINE
    return found


def default_files(one: Pipeline) -> list[Path]:
    """Return the files a pipeline reads when the user names none, sorted."""
    return [path for pattern in one.files for path in sorted(workshop().glob(pattern))]

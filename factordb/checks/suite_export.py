"""The suite as files, for submitters who run Great Expectations themselves before they submit."""

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from factordb.checks.base import RELATIONS, Registry
from factordb.checks.expectations import SUITE, asked_by_gate, quiet, suite_of


def export_suite(
    directory: Path,
    registry: Registry,
    *,
    relations: Mapping[str, pa.Table] | None = None,
    views: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write the suite for submitters who run Great Expectations themselves; return the files.

    Args:
        directory: where to write; made if need be.
        registry: the checks; those that need the library are left out, and phase 2 too.
        relations: reference relations, written as Parquet beside the suite.
        views: further relations as SQL over the submitter's own tables.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with quiet():
        suite = suite_of(registry, offline=True).to_json_dict()
    written = [directory / f"{SUITE}.json", directory / "relations.sql", directory / "README.md"]
    written[0].write_text(json.dumps(suite, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    lines = [f"CREATE VIEW {name} AS FROM read_parquet('{name}.parquet');" for name in relations or {}]
    lines += [f"CREATE VIEW {name} AS {sql};" for name, sql in (views or {}).items()]
    written[1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    written[2].write_text(_readme(len(asked_by_gate(registry, 1, offline=True))), encoding="utf-8")
    for name, table in (relations or {}).items():
        written.append(directory / f"{name}.parquet")
        pq.write_table(table, written[-1])
    return written


def _readme(checks: int) -> str:
    named = "\n".join(f"- `{name}`: {words}" for name, words in RELATIONS.items())
    return _README.replace("@checks", str(checks)).replace("@suite", SUITE).replace("@relations", named)


_README = """# @suite

自行运行 Great Expectations 的提交者可用本套期望（@checks 条规则）在提交前自查；
需要库的规则、针对不确定性结果的规则不在其内。

A suite of @checks rules for submitters who run Great Expectations themselves before they submit. Rules that need the
library, and rules on uncertainty results, are not in it.

1. DuckDB：建立候选表 `candidate`（列见 `factordb pipelines --fields`）及 `gas_amount`，再执行 `relations.sql`。
   Make the tables `candidate` (columns: `factordb pipelines --fields`) and `gas_amount`, then run `relations.sql`.
2. 在 `candidate` 上校验 `@suite.json`。Validate `@suite.json` on the table `candidate`.
3. Great Expectations 1.24 经 SQLAlchemy 读 DuckDB 时须立即取回结果，否则全部期望都会以异常告终：
   Great Expectations 1.24 must read DuckDB's results at once, or every expectation ends in an exception:

```python
from sqlalchemy import event
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

@event.listens_for(source.get_execution_engine().engine, "after_cursor_execute")
def read_at_once(connection, cursor, statement, parameters, context, executemany):
    if cursor.description:
        rows = cursor.fetchmany(1000)
        context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(cursor, initial_buffer=rows)
```

带有 `exception_info` 的结果是运行错误，不是数据结论。
A result with `exception_info` is an error of the run, never a verdict.

## 关系 / Relations

@relations
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from factordb.formats.parquet_table import read_release, write_parquet
from factordb.formats.rows import release_schema
from factordb.formats.tables import write_tables
from tests.formats.made_release import FACTS, made_table


def test_types_titles_and_units_travel_with_the_columns(tmp_path: Path) -> None:
    assert write_parquet(made_table(), tmp_path / "a.parquet", FACTS) == 8
    found = pq.read_table(tmp_path / "a.parquet")
    assert found.cast(release_schema()).equals(made_table())
    assert found.schema.metadata[b"rule_set"] == FACTS.rule_set.encode()
    assert found.schema.field("sd").metadata[b"title_zh"] == "标准差".encode()
    assert found.schema.field("sd").metadata[b"unit_en"] == b"as column unit"
    assert pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def test_an_earlier_release_is_read_in_the_columns_of_today(tmp_path: Path) -> None:
    write_tables(made_table(), tmp_path, FACTS, with_json=False)
    old = pq.read_table(tmp_path / "data" / "factors.parquet").drop_columns(["precision"])
    pq.write_table(old.append_column("gone", [["x"] * old.num_rows]), tmp_path / "data" / "factors.parquet")
    (tmp_path / "data" / "parameters.parquet").unlink()
    found = read_release(tmp_path)
    assert found.schema.names == release_schema().names
    assert found.num_rows == 7
    assert found.column("precision").null_count == 6
    assert read_release(tmp_path / "nowhere").num_rows == 0
    assert found.schema.field("te").type == pa.int64()

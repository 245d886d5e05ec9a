"""Columns of unit strings, and the words real files still need."""

import pyarrow as pa
import pytest

from factordb.units import SCHEMA, parse_many, unknown_words


def test_one_row_per_distinct_unit() -> None:
    units = parse_many(["kgCO2e/kWh", "kgCO2e/kWh", "blorg", None, "tCO2/TJ"])
    assert units.schema == SCHEMA
    rows = {row["unit_text"]: row for row in units.to_pylist()}
    assert set(rows) == {"kgCO2e/kWh", "blorg", None, "tCO2/TJ"}
    assert rows["tCO2/TJ"]["to_canonical"] == pytest.approx(0.001)
    assert (rows["blorg"]["code"], rows["blorg"]["detail"], rows["blorg"]["unit"]) == ("UNI102", "blorg", None)
    assert rows[None]["code"] == "UNI101"


def test_a_gas_column_makes_one_row_per_pair() -> None:
    units = parse_many(pa.array(["kg/TJ", "kg/TJ", "kg/TJ", "kg/TJ"]), gases=["CH4", "N2O", "CH4", None])
    found = {(row["gas_given"], row["gas"], row["quantity"]) for row in units.to_pylist()}
    assert found == {("CH4", "CH4", "gas_factor"), ("N2O", "N2O", "gas_factor"), (None, None, "parameter")}


def test_an_empty_column_gives_an_empty_table() -> None:
    assert parse_many([]).num_rows == 0
    assert parse_many([]).schema == SCHEMA


def test_unknown_words_come_most_frequent_first() -> None:
    words = unknown_words([("kg/blorg", 2), ("t/blorg", 5), ("kg/quux", 3), ("kg/t", 100), ("kg/ton", 1)])
    assert [(word.found, word.code, word.count) for word in words] == [
        ("blorg", "UNI102", 7),
        ("quux", "UNI102", 3),
        ("ton", "UNI104", 1),
    ]
    assert words[0].texts == ("t/blorg", "kg/blorg")
    assert unknown_words({"kg/t": 4}) == []

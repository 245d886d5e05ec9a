import json
from pathlib import Path

import jsonschema
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.formats.json_table import json_lines, json_schema, write_json
from tests.formats.made_release import BACKSLASH, FACTS, made_rows, made_table, row, table_of


def test_published_strings_stay_strings_beside_numbers(tmp_path: Path) -> None:
    assert write_json(made_table(), tmp_path / "a.json", "factors", FACTS) == 8
    document = json.loads((tmp_path / "a.json").read_bytes())
    assert (document["release"], document["as_of"], document["table"]) == ("2026.1", "2026-11-01", "factors")
    first, long = document["rows"][0], document["rows"][2]
    assert (first["value_text"], first["value"]) == ("0.5440", 0.544)
    assert first["published_on"] == "2025-12-31"
    assert first["valid_until"] is None
    assert first["verified"] is False
    assert long["statement_text"] == BACKSLASH
    assert [found["factor_id"] for found in document["rows"]] == [made["factor_id"] for made in made_rows()]


def test_the_document_keeps_its_schema_and_the_schema_can_refuse(tmp_path: Path) -> None:
    write_json(made_table(), tmp_path / "a.json", "factors", FACTS)
    document = json.loads((tmp_path / "a.json").read_bytes())
    validator = jsonschema.Draft202012Validator(json_schema())
    jsonschema.Draft202012Validator.check_schema(json_schema())
    validator.validate(document)
    for spoiled in ({"te": 6}, {"tier": "hearsay"}, {"value": "0.5"}, {"value_text": None}, {"other": 1}):
        assert not validator.is_valid(document | {"rows": [document["rows"][0] | spoiled]}), spoiled
    del document["rows"][0]["tier"]
    assert not validator.is_valid(document)


def test_no_rows_are_still_a_document(tmp_path: Path) -> None:
    write_json(made_table().slice(0, 0), tmp_path / "a.json", "factors", FACTS)
    assert json.loads((tmp_path / "a.json").read_bytes())["rows"] == []


def test_slices_are_joined_by_commas(tmp_path: Path) -> None:
    write_json(table_of([row(f"f{number}") for number in range(9_000)]), tmp_path / "a.json", "factors", FACTS)
    assert len(json.loads((tmp_path / "a.json").read_bytes())["rows"]) == 9_000


@given(st.lists(st.one_of(st.none(), st.text()), min_size=1), st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=100, deadline=None)
def test_any_text_and_number_survives(texts: list[str | None], number: float) -> None:
    numbers = [number] * len(texts)
    block = pa.RecordBatch.from_pydict({"t": pa.array(texts, pa.string()), "n": pa.array(numbers, pa.float64())})
    found = [json.loads(line) for line in json_lines(block).to_pylist()]
    assert found == [{"t": text, "n": number} for text in texts]

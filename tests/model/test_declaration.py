"""A mapping file gives a pipeline and its source; each mistake has its place and its remedy in both languages."""

import re
import tomllib
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import FactorDBError, FileProblemError
from factordb.model.declaration import Declaration, from_toml, to_template
from factordb.model.mistakes import DeclarationError
from factordb.model.pipeline import FIELDS, Pipeline
from factordb.model.vocabulary import Tier

LEAST = """
[pipeline]
name = "t"
title_zh = "表"
title_en = "table"
source = "s"
[[record]]
name = "factor"
key = "id"
columns = { value = "v", unit = "u" }
"""

FULL = """
[pipeline]
name = "t"
title_zh = "表"
title_en = "table"
sheet = "数据"
header_row = 2
decimal = ","
member = "*.csv"
files = ["data/a.csv"]
expect_columns = ["v", "extra"]
[source]
title = "Table of 2023"
publisher = "P"
tier = "literature"
edition = 2
published_on = 2023-11-01
licence = "facts"
region = "CN"
gwp_set = "AR5"
[[record]]
name = "factor"
key = ["id", "column_C"]
columns = { value = "v", unit = "u" }
constants = { boundary = "direct", reference_year = 2023, verified = true }
where = [{ column = "kind", in = ["a", "b"] }, { column = "v", not_empty = true }]
gases = [{ gas = "N2O", column = "n", unit = "kgN2O", is_co2e = true }]
[record.maps.direction]
column = "d"
words = { "清除" = "removal" }
[[record]]
name = "product"
key = ["id"]
constants = { unit = "tCO2/t" }
expression = "ncv * c * 44 / 12"
inputs = [
  { name = "ncv", column = "q", unit = "GJ/t" },
  { name = "c", column = "cc", unit_column = "cu", cv_column = "cv" },
]
[[setting]]
code = "FMT001"
where = [{ column = "id", equals = "END" }]
[[correction]]
match = { id = "x" }
column = "v"
expect = "2.162"
replace = "21.62"
reason = "erratum"
"""


def mistakes_in(text: str) -> list[str]:
    with pytest.raises(DeclarationError) as told:
        from_toml(text)
    for one in told.value.mistakes:
        assert all((one.path, one.problem, one.remedy, one.problem_zh, one.remedy_zh))
    return [one.path for one in told.value.mistakes]


def test_the_least_mapping_is_a_pipeline() -> None:
    declaration = from_toml(LEAST)
    assert declaration.source is None
    pipeline = declaration.pipeline
    assert (pipeline.name, pipeline.source, pipeline.header_row, pipeline.decimal) == ("t", "s", 1, ".")
    assert pipeline.expect_columns == ("id", "v", "u")
    assert pipeline.records[0].key == ("id",)


def test_every_part_of_a_mapping_arrives() -> None:
    declaration = from_toml(FULL)
    pipeline = declaration.pipeline
    factor, product = pipeline.records
    assert (pipeline.sheet, pipeline.header_row, pipeline.decimal, pipeline.member) == ("数据", 2, ",", "*.csv")
    assert (pipeline.files, pipeline.source) == (("data/a.csv",), "t")
    assert factor.constants == {"boundary": "direct", "reference_year": "2023", "verified": "true"}
    assert factor.maps == {"direction": ("d", {"清除": "removal"})}
    assert factor.gases[0].is_co2e
    assert [part.name for part in product.inputs] == ["ncv", "c"]
    assert product.inputs[1].unit_column == "cu"
    assert pipeline.corrections[0].match == {"id": "x"}
    assert pipeline.settings[0].code == "FMT001"
    assert pipeline.expect_columns == ("v", "extra", "id", "u", "d", "n", "q", "cc", "cu", "cv", "kind")
    source = declaration.source
    assert source is not None
    assert (source.title_zh, source.tier, source.edition) == ("Table of 2023", Tier.LITERATURE, "2")
    assert (source.published_on, source.gwp_set, source.source_id) == (date(2023, 11, 1), "AR5", "t")


def test_a_pipeline_survives_being_written_down() -> None:
    for text in (LEAST, FULL, to_template()):
        pipeline = from_toml(text).pipeline
        assert Pipeline.from_declared(pipeline.declared()) == pipeline


def test_the_template_is_a_valid_mapping_with_and_without_its_optional_parts() -> None:
    """A # without a blank marks an option."""
    template = to_template()
    assert from_toml(template).source is not None
    options = re.sub(r"^#(?=\S)", "", template.replace("#source =", "# source ="), flags=re.MULTILINE)
    everything = from_toml(options)
    assert [record.name for record in everything.pipeline.records] == ["factor", "product"]
    assert len(everything.pipeline.settings) == len(everything.pipeline.corrections) == 1
    assert everything.pipeline.records[0].gases
    assert Pipeline.from_declared(everything.pipeline.declared()) == everything.pipeline


def test_the_template_explains_itself_in_both_languages() -> None:
    prose = [line for line in to_template().splitlines() if line.startswith("# ")]
    chinese = [line for line in prose if any("\u4e00" <= sign <= "\u9fff" for sign in line)]
    english = [line for line in prose if re.search(r"[a-z]{3,} [a-z]{2,} [a-z]", line)]
    assert len(prose) > 15
    assert set(prose) == {*chinese, *english}
    assert min(len(chinese), len(english)) > 10


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ('equals = "a"', "1"),
        ('not_equals = "a"', "234"),
        ('in = ["a", "o\'b"]', "12"),
        ("not_empty = true", "12"),
        ("not_empty = false", "34"),
        ('matches = "[a-z].*"', "12"),
        ('equals = "o\'b"', "2"),
        ('equals = "x\' OR true --"', ""),
    ],
)
def test_conditions_are_quoted_sql(condition: str, kept: str) -> None:
    """Rows: 1 'a ', 2 "o'b", 3 blank, 4 null; the column's name holds quotes."""
    text = LEAST + f"where = [{{ column = 'c\"\"; DROP', {condition} }}]\n"
    where = from_toml(text).pipeline.records[0].where
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT * FROM (VALUES ('1', 'a '), ('2', 'o''b'), ('3', ' '), ('4', NULL)) "
            't(n, "c""""; DROP")'
        )
        rows = connection.execute(f"SELECT n FROM t WHERE {where} ORDER BY n").fetchall()  # noqa: S608 - the subject
    assert "".join(number for (number,) in rows) == kept


MISTAKES = {
    LEAST.replace('name = "t"', 'nmae = "t"'): ["pipeline.nmae", "pipeline.name"],
    LEAST.replace("value =", "valeu ="): ["record[1].columns.valeu"],
    LEAST.replace(', unit = "u"', ""): ["record[1].unit"],
    LEAST.replace('key = "id"', ""): ["record[1].key"],
    LEAST.replace('key = "id"', "key = []"): ["record[1].key"],
    LEAST.replace('source = "s"', ""): ["pipeline.source"],
    LEAST.replace('source = "s"', "header_row = 0\nsource = 5"): ["pipeline.header_row", "pipeline.source"],
    LEAST.replace('source = "s"', 'source = "s"\ndecimal = ";"'): ["pipeline.decimal"],
    LEAST.replace('name = "t"', 'name = "My Table"'): ["pipeline.name"],
    LEAST + LEAST[LEAST.index("[[record]]") :]: ["record"],
    LEAST + "constants = { value = 0.830 }": ["record[1].constants.value"],
    LEAST + 'constants = { value = "1" }': ["record[1].value"],
    LEAST + 'expression = "a * b"': ["record[1].expression"],
    LEAST + 'inputs = [{ name = "a", column = "x" }]': ["record[1].expression"],
    LEAST + 'where = [{ column = "x" }]': ["record[1].where[1]"],
    LEAST + 'where = [{ equals = "x" }]': ["record[1].where[1].column"],
    LEAST + 'where = [{ column = "x", sql = "1=1" }]': ["record[1].where[1].sql", "record[1].where[1]"],
    LEAST + 'where = [{ column = "x", matches = "(" }]': ["record[1].where[1].matches"],
    LEAST + 'where = [{ column = "x", matches = "a(?=b)" }]': ["record[1].where[1].matches"],
    LEAST + 'where = "v > 1"': ["record[1].where"],
    LEAST + 'sql = { value = "1" }': ["record[1].sql"],
    LEAST + '[record.maps.tier]\ncolumn = "x"': ["record[1].maps.tier.words"],
    LEAST + '[[record.gases]]\ngas = "CH4"\ncolumn = "c"': ["record[1].gases[1].unit"],
    LEAST + '[[setting]]\ncode = "END"\nwhere = []': ["setting[1].code", "setting[1].where"],
    LEAST + '[[correction]]\ncolumn = "v"': [
        *("correction[1].match", "correction[1].expect", "correction[1].replace", "correction[1].reason")
    ],
    LEAST + '[source]\ntitle = "x"\npublisher = "p"\ntier = "best"': ["pipeline.source", "source.tier"],
    LEAST + '[records]\nname = "x"': ["records"],
    LEAST.replace('source = "s"', "") + '[source]\ntier = "official"\npublished_on = "May"': [
        *("source.publisher", "source.title_zh", "source.title_en", "source.published_on")
    ],
    "[pipeline]\n": ["record", "pipeline.name", "pipeline.title_zh", "pipeline.title_en", "pipeline.source"],
    "record = 5\n[pipeline]\nname = ": ["TOML"],
    'record = []\n[pipeline]\nname = "t"\ntitle_zh = "x"\ntitle_en = "x"\nsource = "s"': ["record"],
    "pipeline = 3\nrecord = [1]\n": ["pipeline", "record[1]"],
}  # fmt: skip


@pytest.mark.parametrize(("text", "paths"), MISTAKES.items())
def test_every_mistake_is_told_with_its_place(text: str, paths: list[str]) -> None:
    assert mistakes_in(text) == paths


def test_the_sentence_tells_the_first_mistake_and_where_the_others_are() -> None:
    with pytest.raises(DeclarationError) as told:
        from_toml(LEAST.replace("value =", "valeu =").replace('source = "s"', 'source = "s"\nheader_row = true'))
    assert str(told.value).startswith("TOML: pipeline.header_row: is True; write a whole number")
    assert told.value.remedy.endswith("(then also: record[1].columns.valeu)")
    assert "还有：record[1].columns.valeu" in told.value.remedy_zh
    assert "use: value" in [one.remedy for one in told.value.mistakes]


def test_files_are_read_with_and_without_a_bom_and_refused_in_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_bytes(LEAST.replace("\n", "\r\n").encode(encoding))
        assert from_toml(path) == from_toml(LEAST) == from_toml(str(path))
    path.write_bytes(LEAST.encode("gb18030"))
    with pytest.raises(FileProblemError, match="UTF-8"):
        from_toml(path)
    with pytest.raises(FileProblemError):
        from_toml(tmp_path / "none.toml")
    path.write_text(LEAST.replace("name", "nmae", 1))
    with pytest.raises(DeclarationError, match=r"^m\.toml: "):
        from_toml(path)


KEYS = st.sampled_from(["column", "in", "words", *sorted(FIELDS)[:5]])
VALUE = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    key=st.sampled_from(["name", "key", "columns", "constants", "maps", "where", "gases", "inputs", "expression"]),
    part=st.sampled_from(["record", "setting", "correction", "pipeline", "source"]),
    value=VALUE,
)
def test_any_value_anywhere_gives_a_pipeline_or_its_mistakes(key: str, part: str, value: object) -> None:
    whole = tomllib.loads(FULL)
    if part == "record":
        whole["record"][0][key] = value
    else:
        whole[part] = value
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", lambda _: whole)
        try:
            assert isinstance(from_toml("any\n"), Declaration)
        except FactorDBError as fault:
            assert isinstance(fault, DeclarationError)  # noqa: PT017 - both ends are right, a third is not

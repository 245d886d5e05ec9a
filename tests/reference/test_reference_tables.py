"""Readers of the reference files: strings stay strings, TOML comes fresh, the digest sees every byte."""

import hashlib
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pytest

from factordb import reference
from factordb.errors import NotFoundError
from factordb.reference import tables

ROOT = Path(str(files("factordb.reference")))


def test_cells_stay_strings_and_blanks_are_null() -> None:
    table = reference.table("gwp/gwp100")

    assert set(table.schema.types) == {pa.string()}
    assert "27.0" in table["gwp100"].to_pylist(), "a trailing zero is a published digit"
    assert "NA" in reference.table("regions/regions")["code"].to_pylist(), "Namibia is no missing value"
    assert reference.table("regions/regions")["parent"].to_pylist()[0] is None


def test_a_toml_file_comes_fresh_at_each_call() -> None:
    reference.toml("policy/clause5")["limit"]["dqr"]["max"] = 99

    assert reference.toml("policy/clause5")["limit"]["dqr"]["max"] == 3.0


def test_the_card_is_the_head_without_its_marks() -> None:
    card = reference.card("gwp/gwp100")

    assert card.startswith("GWP100 by set and gas")
    assert "\n#" not in card
    assert "gas_set,gas,gwp100" not in card


@pytest.mark.parametrize("read", [reference.table, reference.toml, reference.card])
def test_an_unknown_name_names_the_known_ones(read: object) -> None:
    with pytest.raises(NotFoundError) as caught:
        read("gwp/gwp1000")  # type: ignore[operator]  # three functions of one shape

    assert caught.value.problem_zh
    if read is not reference.toml:
        assert "policy/clause5" in str(caught.value) or "gwp/gwp100" in str(caught.value)


def test_names_are_the_files_on_disk() -> None:
    on_disk = sorted(
        path.relative_to(ROOT).as_posix().rpartition(".")[0]
        for path in ROOT.rglob("*")
        if path.suffix in tables.SUFFIXES
    )

    assert sorted(reference.names()) == on_disk
    assert set(reference.names(".csv")) | set(reference.names(".toml")) == set(on_disk)


def test_the_digest_is_of_path_and_bytes_in_order() -> None:
    expected = hashlib.sha256()
    paths = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.suffix in tables.SUFFIXES)
    for path in paths:
        content = (ROOT / path).read_bytes()
        expected.update(f"{path}\n{len(content)}\n".encode())
        expected.update(content)

    assert reference.digest() == expected.hexdigest()


def test_the_digest_changes_with_one_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gwp").mkdir()
    file = tmp_path / "gwp" / "a.csv"
    file.write_text("# card\ngas\nCO2\n", encoding="utf-8")
    monkeypatch.setattr(tables, "_paths", lambda: dict(tables._walk(tmp_path, "")))  # type: ignore[arg-type]  # a Path walks
    before = reference.digest()
    file.write_text("# card\ngas\nCO3\n", encoding="utf-8")

    assert reference.digest() != before
    without = reference.digest(without=("gwp/", "words/"))
    file.write_text("# card\ngas\nCO4\n", encoding="utf-8")
    assert reference.digest(without=("gwp/", "words/")) == without


@pytest.mark.parametrize("name", reference.names())
def test_every_file_has_a_card_with_its_edition(name: str) -> None:
    card = reference.card(name)

    assert len(card) > 60
    assert "dition" in card or "版" in card, "the card names its edition"


@pytest.mark.parametrize("name", reference.names(".csv"))
def test_every_table_reads_and_has_no_empty_column_name(name: str) -> None:
    table = reference.table(name)

    assert table.num_rows > 0
    assert all(table.schema.names)
    assert len(set(table.schema.names)) == len(table.schema.names)


def test_every_folder_has_a_readme() -> None:
    missing = [folder.name for folder in (ROOT, *ROOT.iterdir()) if folder.is_dir() and folder.name != "__pycache__"
               and not (folder / "README.md").is_file()]  # fmt: skip

    assert missing == []

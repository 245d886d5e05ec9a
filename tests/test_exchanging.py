"""The exchange formats as verbs: export of a release, conversion, what is assumed, lost, left out; the commands."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from factordb import convert, exchange_formats, export_release
from factordb.errors import FileProblemError, NotFoundError, UsageError
from factordb.exchanging import content_of_release, fault_words
from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import FormatFault
from factordb.formats.mapping_page import page
from factordb.reference import tables
from tests.formats.made_factors import by_key, hand_made


def release_of(library: Path) -> Path:
    return min((library / "releases").iterdir())


def test_every_format_is_described_in_both_languages() -> None:
    found = exchange_formats()
    assert {"tidas", "ilcd", "ilcd_epd"} <= {one["name"] for one in found}
    for one in found:
        assert one["writes"] or one["reads"]
        assert one["title_zh"] != one["name"]
        assert one["title_en"] != one["name"]


def test_a_release_becomes_a_national_package(small_library: Path, tmp_path: Path) -> None:
    folder = release_of(small_library)
    report = export_release(folder, "tidas", tmp_path / "a.zip")
    assert report.written == report.rows == content_of_release(folder).rows.num_rows > 0
    back = exchange_format("tidas").read(tmp_path / "a.zip")
    assert by_key(back.rows) == by_key(content_of_release(folder).rows)


def test_a_package_is_converted_without_naming_its_format(tmp_path: Path) -> None:
    exchange_format("tidas").write(hand_made(), tmp_path / "a.zip")
    report = convert(tmp_path / "a.zip", tmp_path / "b.zip", to="ilcd")
    assert (report.read_as, report.written_as, report.assumed, report.left_out) == ("tidas", "ilcd", {}, 0)
    assert by_key(exchange_format("ilcd").read(tmp_path / "b.zip").rows) == by_key(hand_made().rows)
    assert convert(tmp_path / "b.zip", tmp_path / "c.zip", to="tidas").read_as == "ilcd"
    assert (tmp_path / "c.zip").exists()


def test_what_a_file_does_not_say_is_told_as_assumed(shared: Path, tmp_path: Path) -> None:
    report = convert(shared / "formats" / "examples" / "ilcd_ef.zip", tmp_path / "a.zip", to="tidas")
    assert (report.datasets, report.rows, report.refused, report.written) == (1, 1, 0, 1)
    assert set(report.assumed) == {"boundary", "tier", "verified", "statement"}
    row = exchange_format("tidas").read(tmp_path / "a.zip").rows.to_pylist()[0]
    assert (row["boundary"], row["tier"]) == ("unspecified", "estimated")


def test_unit_processes_are_left_out_and_counted(shared: Path, tmp_path: Path) -> None:
    report = convert(shared / "formats" / "samples" / "tiangong_ilcd", tmp_path / "a.zip", to="tidas")
    assert (report.rows, report.left_out, report.written) == (100, 100, 0)
    assert report.as_dict()["faults_by_code"]["FMT043"] == 100


def test_wrong_use_ends_in_a_sentence(tmp_path: Path) -> None:
    exchange_format("tidas").write(hand_made(), tmp_path / "a.zip")
    (tmp_path / "text.zip").write_text("nothing")
    with pytest.raises(NotFoundError):
        convert(tmp_path / "a.zip", tmp_path / "b.zip", to="ilcd3")
    with pytest.raises(UsageError, match="--to"):
        convert(tmp_path / "a.zip", tmp_path / "b.zip")
    with pytest.raises(UsageError, match="--from"):
        convert(tmp_path / "text.zip", tmp_path / "b.zip", to="tidas")
    with pytest.raises(FileProblemError, match="does not exist"):
        convert(tmp_path / "none", tmp_path / "b.zip", to="tidas")
    with pytest.raises(FileProblemError, match="not a release"):
        export_release(tmp_path, "tidas", tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_fault_has_words_that_name_its_facts(lang: str) -> None:
    codes = tables.toml(f"words/exchange_{lang}")
    assert {f"FMT0{number}" for number in range(30, 44)} <= set(codes)
    for code in codes:
        told = fault_words(FormatFault(code, "advise", "a.zip!b.xml", "found", "expected"))
        assert "a.zip!b.xml" in told[lang], code
        assert told[f"mend_{lang}"], code


def test_the_mapping_page_names_every_column_in_every_mapped_format() -> None:
    text = page()
    for name in ("tidas", "ilcd", "ilcd_epd"):
        assert f"\n## {name}\n" in text
    assert text.count("| `canonical_value` |") >= 3


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("factordb"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize(("lang", "word"), [("zh", "国家数据包"), ("en", "National package")])
def test_the_command_lists_the_formats(lang: str, word: str) -> None:
    done = run("formats", "--lang", lang)
    assert done.returncode == 0
    assert word in done.stdout


def test_the_commands_export_and_convert(small_library: Path, tmp_path: Path) -> None:
    release = release_of(small_library).name
    done = run("release", "export", release, "--library", small_library, "--format", "ilcd", "--to", tmp_path / "a.zip",
               "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["written"] > 0
    done = run("convert", tmp_path / "a.zip", tmp_path / "b.zip", "--to", "tidas", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "0 refused" in done.stdout
    (tmp_path / "c.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:2000])
    done = run("convert", tmp_path / "c.zip", tmp_path / "d.zip", "--from", "ilcd", "--to", "tidas", "--lang", "en")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr

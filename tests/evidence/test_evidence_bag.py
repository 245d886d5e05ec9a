"""Bags: complete and unchanged ones pass, every kind of change is told; the `bagit` package agrees."""

from importlib import import_module
from pathlib import Path

import pytest

from factordb.evidence.bag import MANIFEST, TAG_MANIFEST, close_bag, verify_bag

INFO = {"Source-Organization": "示范电厂", "Bagging-Date": "2026-02-10"}


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    folder = tmp_path / "bag"
    (folder / "data" / "原始").mkdir(parents=True)
    (folder / "data" / "submission.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "data" / "原始" / "记录 1.csv").write_text("x\n", encoding="utf-8")
    close_bag(folder, INFO)
    return folder


def test_a_sound_bag_has_no_fault_and_signatures_are_beside_it(sound: Path) -> None:
    (sound / "signatures").mkdir()
    (sound / "signatures" / "submission.dsse.json").write_text("{}", encoding="utf-8")
    assert verify_bag(sound) == []


def test_the_same_payload_gives_the_same_tag_manifest(sound: Path) -> None:
    before = (sound / TAG_MANIFEST).read_bytes()
    close_bag(sound, INFO)
    assert (sound / TAG_MANIFEST).read_bytes() == before


def test_the_bagit_package_accepts_it(sound: Path) -> None:
    assert import_module("bagit").Bag(str(sound)).is_valid()


@pytest.mark.parametrize("victim", ["data/submission.csv", "bag-info.txt", "bagit.txt", MANIFEST])
def test_a_changed_byte_is_told(sound: Path, victim: str) -> None:
    content = bytearray((sound / victim).read_bytes())
    content[0] ^= 1
    (sound / victim).write_bytes(content)
    assert any(one.kind in {"changed", "malformed", "missing"} for one in verify_bag(sound))


def test_a_missing_and_an_extra_file_are_told(sound: Path) -> None:
    (sound / "data" / "submission.csv").rename(sound / "data" / "other.csv")
    assert {(one.kind, one.path) for one in verify_bag(sound)} == {
        ("missing", "data/submission.csv"), ("extra", "data/other.csv"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "data/..\\x", "C:evil"])
def test_a_path_out_of_the_bag_is_refused_unread(sound: Path, name: str) -> None:
    with (sound / MANIFEST).open("a", encoding="utf-8") as file:
        file.write(f"{'0' * 64}  {name}\n")
    assert ("unsafe", name) in {(one.kind, one.path) for one in verify_bag(sound)}


def test_a_link_is_no_file_of_the_bag(sound: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_bytes((sound / "data" / "submission.csv").read_bytes())
    (sound / "data" / "submission.csv").unlink()
    (sound / "data" / "submission.csv").symlink_to(outside)
    assert ("unsafe", "data/submission.csv") in {(one.kind, one.path) for one in verify_bag(sound)}


def test_a_line_twice_or_no_line_at_all_is_malformed(sound: Path) -> None:
    lines = (sound / MANIFEST).read_text(encoding="utf-8")
    (sound / MANIFEST).write_text(lines + lines + "nonsense\n", encoding="utf-8")
    assert sum(one.kind == "malformed" for one in verify_bag(sound)) == 3


def test_percent_and_line_ends_in_names_are_written_as_rfc_8493_says(sound: Path) -> None:
    (sound / "data" / "100%\n.csv").write_text("x", encoding="utf-8")
    close_bag(sound, INFO)
    assert "data/100%25%0A.csv" in (sound / MANIFEST).read_text(encoding="utf-8")
    assert verify_bag(sound) == []

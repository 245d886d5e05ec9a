"""A submission begun, packed and signed: what is handed over is whole, signed, and the same bytes twice."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factordb.errors import ConflictError, IntegrityError, UsageError
from factordb.evidence import bag, dsse
from factordb.evidence.keys import KeyFact, PrivateKey, make_key
from factordb.formats.submission_form import write_form
from factordb.model.submission import Kind
from factordb.stages.submission import FORM, RECIPE, load, unpacked
from factordb.stages.submission_pack import PAYLOAD_TYPE, SIGNATURE, pack, start

COVER = {
    "submission_id": "SUB-ABC123-20260210-01",
    "kind": "fuel",
    "organisation": "示范电厂",
    "created_on": "2026-02-10",
}


@pytest.fixture
def key(tmp_path: Path) -> PrivateKey:
    return make_key(tmp_path / "keys" / "zhang.pem", "correct horse battery")


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    start(folder, Kind.FUEL)
    write_form(folder / FORM, Kind.FUEL, {"submission": [COVER]})
    return folder


@pytest.mark.parametrize("kind", Kind)
def test_a_submission_begins_with_form_recipe_and_read_me(tmp_path: Path, kind: Kind) -> None:
    written = start(tmp_path / "new", kind)
    assert {FORM, RECIPE, "README.md"} <= set(written)
    assert all((tmp_path / "new" / name).exists() for name in written)
    assert load(tmp_path / "new").faults == ()


def test_nothing_is_written_over(begun: Path) -> None:
    with pytest.raises(ConflictError):
        start(begun, Kind.CEMS)


def test_the_packed_bag_is_whole_and_signed(begun: Path, key: PrivateKey, tmp_path: Path) -> None:
    target = tmp_path / "out" / "mine.zip"
    pack(begun, target, key)
    fact = KeyFact(key.key_id, key.public_key, "zhang-san", "示范电厂", frozenset(), datetime(2020, 1, 1, tzinfo=UTC))
    with unpacked(target) as folder:
        loaded = load(folder)
        assert loaded.bagged
        assert loaded.faults == ()
        said = dsse.verified((folder / SIGNATURE).read_bytes(), [fact], payload_type=PAYLOAD_TYPE, threshold=1)
        assert said.payload == bag.signed_bytes(folder)
    other = make_key(tmp_path / "keys" / "other.pem", "another passphrase")
    strange = KeyFact(other.key_id, other.public_key, "li", "x", frozenset(), datetime(2020, 1, 1, tzinfo=UTC))
    with unpacked(target) as folder, pytest.raises(IntegrityError):
        dsse.verified((folder / SIGNATURE).read_bytes(), [strange], payload_type=PAYLOAD_TYPE, threshold=1)


def test_packing_twice_gives_the_same_bytes(begun: Path, key: PrivateKey, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        pack(begun, tmp_path / name, key)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist()[0].startswith("SUB-ABC123-20260210-01/")


def test_a_package_without_a_number_is_not_packed(tmp_path: Path, key: PrivateKey) -> None:
    start(tmp_path / "empty", Kind.PEMS)
    with pytest.raises(UsageError, match="number"):
        pack(tmp_path / "empty", tmp_path / "x.zip", key)
    assert not (tmp_path / "x.zip").exists()


def test_a_package_handed_over_is_not_written_over(begun: Path, key: PrivateKey, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_bytes(b"kept")
    with pytest.raises(ConflictError):
        pack(begun, tmp_path / "there.zip", key)
    assert (tmp_path / "there.zip").read_bytes() == b"kept"

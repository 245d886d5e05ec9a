"""XML and archives from strangers are read safely or refused with a code and a place."""

import io
import zipfile
from pathlib import Path

import pytest

from factordb.formats.safe_xml import MAX_MARKS, xml_tree
from factordb.formats.safe_zip import Limits, RefusedDocumentError, ZipTarget, package

BOMB = '<?xml version="1.0"{}?>\n<!-- a -->\n<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (BOMB.format("").encode(), "XML-DOCTYPE"),
        (BOMB.format(' encoding="utf-16"').encode("utf-16"), "XML-DOCTYPE"),
        (BOMB.format(' encoding="utf-16"').encode("utf-16-be"), "XML-DOCTYPE"),
        (b'<?xml version="1.0" encoding="utf-7"?>+ADw-a/>', "XML-ENCODING"),
        (b"<a>" * 200_000 + b"</a>" * 200_000, "XML-BROKEN"),
        (b"<a>" + b"<b/>" * MAX_MARKS + b"</a>", "XML-NODES"),
        (b"<a>" + b"x" * (65 << 20) + b"</a>", "XML-SIZE"),
        ('<?xml version="1.0" encoding="utf-8"?><a>\u4e2d</a>'.encode("gb18030"), "XML-BROKEN"),
        (b"<a><b></a>", "XML-BROKEN"),
        (b"", "XML-BROKEN"),
        (b"{}", "XML-BROKEN"),
    ],
    ids=range(11),
)
def test_xml_that_is_not_read_has_a_code_and_a_place(data: bytes, code: str) -> None:
    with pytest.raises(RefusedDocumentError) as refused:
        xml_tree(data, "a.zip!b.xml")
    assert refused.value.fault.code == code
    assert refused.value.fault.place.startswith("a.zip!b.xml")
    assert refused.value.fault.severity == "block"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "gbk"])
def test_xml_in_a_known_encoding_is_read(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><a><!-- no <!DOCTYPE --><b>\u4e2d\u6587</b></a>'
    assert xml_tree(text.encode(encoding), "a").findtext("b") == "\u4e2d\u6587"


def _zip(path: Path, members: dict[str, bytes], **links: bool) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if links.get("link"):
                info.external_attr = 0o120777 << 16
            archive.writestr(info, data)
    return path


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"../a.xml": b"<a/>"}, "ZIP-PATH"),
        ({"/etc/a.xml": b"<a/>"}, "ZIP-PATH"),
        ({"a.xml": b"<a/>", "A.XML": b"<a/>"}, "ZIP-DUP"),
        ({"a\x07.xml": b"<a/>"}, "ZIP-NAME"),
        ({"a.xml": b"0" * (64 << 20)}, "ZIP-BOMB"),
        ({f"{number}.xml": b"" for number in range(12)}, "ZIP-TOTAL"),
    ],
    ids=["out", "root", "twin", "control", "bomb", "many"],
)
def test_an_archive_that_is_not_read_yields_the_fault(tmp_path: Path, members: dict[str, bytes], code: str) -> None:
    with package(_zip(tmp_path / "a.zip", members), limits=Limits(members=10)) as found:
        assert found.names == ()
        assert found.fault is not None
        assert found.fault.code == code


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    with package(_zip(tmp_path / "a.zip", {"a.xml": b"/etc/passwd"}, link=True)) as found:
        assert found.fault is not None
        assert found.fault.code == "ZIP-LINK"


def test_a_member_whose_size_lies_is_refused_when_it_is_read(tmp_path: Path) -> None:
    data = bytearray(_zip(tmp_path / "a.zip", {"a.xml": b"<a>" + b"1234567890" * 9 + b"</a>"}).read_bytes())
    directory = data.rfind(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (20).to_bytes(4, "little")
    (tmp_path / "b.zip").write_bytes(data)
    with package(tmp_path / "b.zip") as found, pytest.raises(RefusedDocumentError) as refused:
        found.read("a.xml")
    assert refused.value.fault.code == "ZIP-BROKEN"


def test_a_truncated_archive_and_an_absent_one_yield_a_fault(tmp_path: Path) -> None:
    whole = _zip(tmp_path / "a.zip", {"a.xml": b"<a/>" * 99}).read_bytes()
    (tmp_path / "b.zip").write_bytes(b"PK\x05\x06" + whole[:30] + whole[-22:])
    for path in (tmp_path / "b.zip", tmp_path / "none.zip"):
        with package(path) as found:
            assert found.fault is not None
            assert found.fault.code == "ZIP-BROKEN"


def test_a_link_in_a_folder_is_not_followed_out_of_it(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.xml").write_text("<a/>")
    (inside / "mine.xml").write_text("<b/>")
    (inside / "theirs.xml").symlink_to(tmp_path / "secret.xml")
    with package(inside, (".xml",)) as found:
        assert found.names == ("mine.xml",)
        assert found.read("mine.xml") == b"<b/>"
        assert found.place("mine.xml") == "inside!mine.xml"


def test_a_document_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"<a>12345</a>")
    with package(tmp_path / "a.xml") as found:
        assert found.read("a.xml", limit=12) == b"<a>12345</a>"
        with pytest.raises(RefusedDocumentError) as refused:
            found.read("a.xml", limit=11)
    assert refused.value.fault.code == "ZIP-SIZE"


def test_the_same_members_give_the_same_archive(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        with ZipTarget(tmp_path / name) as target:
            target.add("x/1.xml", b"<a/>" * 100)
            target.add("x/0.xml", b"<b/>")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert zipfile.ZipFile(io.BytesIO((tmp_path / "a.zip").read_bytes())).namelist() == ["x/1.xml", "x/0.xml"]

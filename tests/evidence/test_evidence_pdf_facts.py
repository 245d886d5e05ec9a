"""What a PDF says of itself is read; an edit leaves a second end; scripts are named; what is none has no pages."""

import io
from datetime import date
from pathlib import Path

import pytest

from factordb.evidence.pdf_facts import read_pdf
from tests.package.small_pdf import edited, small_pdf


def _at(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "one.pdf"
    path.write_bytes(data)
    return path


def test_producer_days_ends_and_text_are_read(tmp_path: Path) -> None:
    facts = read_pdf(_at(tmp_path, small_pdf("MJ250231\ncarbon ad 58.32", produced=date(2025, 2, 7))))
    assert (facts.pages, facts.ends, facts.producer) == (1, 1, "demonstration")
    assert facts.created_on == facts.modified_on == date(2025, 2, 7)
    assert facts.text.split() == ["MJ250231", "carbon", "ad", "58.32"]
    assert facts.scripts == ()
    assert not facts.signed


def test_an_incremental_edit_leaves_a_second_end_and_a_later_day(tmp_path: Path) -> None:
    facts = read_pdf(_at(tmp_path, edited(small_pdf("one", produced=date(2025, 2, 7)), date(2026, 1, 20))))
    assert facts.ends == 2
    assert facts.modified_on == date(2026, 1, 20)
    assert facts.text.strip() == "one"


def test_a_full_rewrite_leaves_no_trace(tmp_path: Path) -> None:
    """The limit of DOC001: whoever writes the document anew sets any day and any producer."""
    facts = read_pdf(_at(tmp_path, small_pdf("carbon ad 40.00", produced=date(2025, 2, 7))))
    assert (facts.ends, facts.modified_on) == (1, date(2025, 2, 7))


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>", "/OpenAction"),
        ("/OpenAction << /S /Launch /F (cmd.exe) >>", "/OpenAction"),
        ("/Names << /JavaScript << /Names [] >> >>", "/JavaScript"),
        ("/Names << /EmbeddedFiles << /Names [] >> >>", "/EmbeddedFiles"),
    ],
)
def test_what_runs_or_hides_is_named(tmp_path: Path, action: str, told: str) -> None:
    assert told in read_pdf(_at(tmp_path, small_pdf("x", produced=date(2025, 1, 1), action=action))).scripts


def test_an_action_that_only_turns_a_page_is_none(tmp_path: Path) -> None:
    made = small_pdf("x", produced=date(2025, 1, 1), action="/OpenAction [3 0 R /Fit]")
    assert read_pdf(_at(tmp_path, made)).scripts == ()


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.4\n", b"%PDF-1.4\n%%EOF", b"%PDF-1.7\n" + b"\xff" * 300])
def test_what_is_no_pdf_has_no_pages(tmp_path: Path, data: bytes) -> None:
    assert read_pdf(_at(tmp_path, data)).pages == 0


def test_every_cut_of_a_pdf_is_read_or_has_no_pages(tmp_path: Path) -> None:
    whole = small_pdf("one line", produced=date(2025, 1, 1))
    for end in range(0, len(whole), 37):
        assert read_pdf(_at(tmp_path, whole[:end])).pages in {0, 1}


def test_a_code_in_a_picture_is_decoded_where_its_reader_is_installed(tmp_path: Path) -> None:
    zxingcpp = pytest.importorskip("zxingcpp", reason="the extra [evidence] is not installed")
    image = pytest.importorskip("PIL.Image")
    code = zxingcpp.create_barcode("https://demo.example/v?no=MJ250231", zxingcpp.BarcodeFormat.QRCode)
    drawn = image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6)).convert("L")
    page = io.BytesIO()
    drawn.save(page, format="PDF")
    facts = read_pdf(_at(tmp_path, page.getvalue()))
    assert facts.codes == ("https://demo.example/v?no=MJ250231",)
    assert read_pdf(tmp_path / "one.pdf", codes=False).codes is None

"""BOM, strict UTF-8, strict GB18030, and a refusal of everything else."""

from pathlib import Path

import pytest

from factordb.errors import FileProblemError
from factordb.formats.archive import file_source
from factordb.formats.text_encoding import TextFacts, examine

CHINESE = "名称,单位,数值\n烟煤,kgCO₂e/m³,2.05\n天然气,千克/标准立方米,2.16\n柴油(车用),吨,3.10\n"


def told(folder: Path, raw: bytes) -> TextFacts:
    (folder / "t.csv").write_bytes(raw)
    return examine(file_source(folder / "t.csv"))


@pytest.mark.parametrize(
    ("encoding", "label"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 (BOM)"), ("gb18030", "GB18030"), ("ascii", "UTF-8")],
)
def test_the_encodings_of_the_house(tmp_path: Path, encoding: str, label: str) -> None:
    text = CHINESE if encoding != "ascii" else "a,b\n1,2\n"
    facts = told(tmp_path, text.encode(encoding))
    assert (facts.label, facts.broken, facts.nul) == (label, False, False)
    assert text.encode(encoding).decode(facts.encoding) == text
    assert (facts.note is not None) == (encoding == "gb18030")


def test_a_sign_cut_by_the_block_is_whole(tmp_path: Path) -> None:
    for lead in range(3):
        assert told(tmp_path, b"a" * ((1 << 20) - lead) + "煤".encode()).label == "UTF-8"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_refused_with_a_remedy(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(FileProblemError, match="UTF-16") as fault:
        told(tmp_path, "name,unit,value\n煤,kg,2\n".encode(encoding))
    assert "UTF-8" in fault.value.remedy_zh


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin-1", "name,région\ncafé thé,Côte d'Ivoire\nGrünkohl über,Österreich\n"),
        ("big5", "名稱,單位,數值\n煙煤,公斤,二點零五\n天然氣,標準立方公尺,電力係數與燃料\n汽電共生,臺灣,環境部公告\n"),
        ("shift_jis", "名称,単位\nガソリン,リットル\nソーダ,トン\n"),
    ],
)
def test_other_encodings_are_not_read_as_nonsense(tmp_path: Path, encoding: str, text: str) -> None:
    with pytest.raises(FileProblemError, match="neither UTF-8 nor GB18030"):
        told(tmp_path, text.encode(encoding))


def test_a_few_damaged_lines_do_not_make_another_encoding(tmp_path: Path) -> None:
    facts = told(tmp_path, CHINESE.encode() + b"\xff\xfe\n")
    assert (facts.label, facts.broken) == ("UTF-8", True)
    facts = told(tmp_path, CHINESE.encode("gb18030") + b"\xff\xff\n")
    assert (facts.label, facts.broken) == ("GB18030", True)


def test_nul_and_the_longest_line_are_seen(tmp_path: Path) -> None:
    facts = told(tmp_path, b"abc,def\n" + b"x" * 3_000_000 + b"\r\ny\0z\n")
    assert facts.nul
    assert facts.longest == 3_000_000

"""The head of a SimaPro file: encoding, separators, date format."""

import codecs
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

_ENTRY: Final = re.compile(r'^"?\{([^:}]+):\s*([^}]*)\}')
SEPARATORS: Final = {"semicolon": ";", "comma": ",", "tab": "\t"}
_PARTS: Final = {"y": "year", "m": "month", "d": "day"}
CREDIBLE: Final = 0.8
"""Least share of a text's Chinese characters that stand in GB 2312: below it the bytes are Latin, read as GB 18030."""

DEFAULT_DATE: Final = "dd.MM.yyyy"
CENTURY: Final = 2000


@dataclass(frozen=True)
class Header:
    """What the head of the file says.

    Attributes:
        separator: sign between cells.
        decimal: decimal sign.
        date_format: order of day, month and year, such as dd/MM/yyyy.
        entries: every entry as it stands.
    """

    separator: str
    decimal: str
    date_format: str
    entries: dict[str, str]

    def day(self, text: str) -> date | None:
        """Return the day that `text` is in this file's date format; None where it is none."""
        order = [_PARTS[sign] for sign in dict.fromkeys(self.date_format.lower()) if sign in _PARTS]
        numbers = re.findall(r"\d+", text)
        if len(numbers) != len(order) or len(order) != len(_PARTS):
            return None
        cells = dict(zip(order, map(int, numbers), strict=True))
        if cells["year"] < CENTURY - 1900:
            cells["year"] += CENTURY
        try:
            return date(**cells)
        except ValueError:
            return None

    def number(self, text: str) -> str:
        """Return the text of a number with a decimal point; SimaPro writes no thousands separators."""
        plain = text.strip()
        return plain.replace(",", ".") if self.decimal == "," else plain


def header_of(lines: list[str]) -> Header:
    """Return the header in the first lines; what it does not say is seen from the lines themselves."""
    entries: dict[str, str] = {}
    for line in lines:
        found = _ENTRY.match(line)
        if found:
            entries.setdefault(found[1].strip().casefold(), found[2].strip())
    named = SEPARATORS.get(entries.get("csv separator", "").casefold())
    seen = "\t" if any("\t" in line for line in lines) else ";"
    return Header(
        separator=named or seen,
        decimal=entries.get("decimal separator", ".") or ".",
        date_format=entries.get("short date format", DEFAULT_DATE),
        entries=entries,
    )


def decoded(data: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding: BOM, else UTF-8, else GB 18030 where credible, else Windows-1252.

    SimaPro writes Windows-1252; files that went through a Chinese Windows are GB 18030.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace"), "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig" or _is_chinese(text):
            return text, encoding
    return data.decode("cp1252", errors="replace"), "cp1252"


def _is_chinese(text: str) -> bool:
    strange = [sign for sign in text if ord(sign) > 0x7F]  # noqa: PLR2004 - end of ASCII
    common = sum(_in_gb2312(sign) for sign in strange)
    return bool(strange) and common >= CREDIBLE * len(strange)


def _in_gb2312(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True

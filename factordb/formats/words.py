"""Words of a release in Chinese and English, from `reference/words/release_{zh,en}.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

LANGUAGES: Final = ("zh", "en")

OTHER_SECTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "changes": "change_columns",
        "sources": "source_columns",
        "held_back": "held_back_columns",
        "gas_amounts": "gas_columns",
        "overrides": "override_columns",
        "withheld": "withheld_columns",
        "cite": "cite_columns",
    }
)
"""Tables of a release that hold no release rows -> the words of their columns."""


@dataclass(frozen=True)
class ColumnWords:
    """Title, unit and description of a column in one language; the unit is empty where there is none."""

    title: str
    unit: str
    description: str

    @property
    def heading(self) -> str:
        """The title with its unit in brackets; the unit "1" of a plain ratio says nothing in a heading."""
        return f"{self.title} ({self.unit})" if self.unit not in {"", "1"} else self.title


@cache
def table_of_words(lang: str) -> Mapping[str, Any]:
    """Return every word of a release in `lang`, by section and key; read-only."""
    raw = files("factordb.reference").joinpath("words", f"release_{lang}.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: MappingProxyType(section) for name, section in tomllib.loads(raw).items()})


def word(lang: str, section: str, key: str, **facts: object) -> str:
    """Return one sentence in `lang` with its `{…}` marks filled; an unknown key is returned as it is.

    Codes that the tables do not know (a tier of a later edition) must still be readable in a report.
    """
    found = table_of_words(lang)[section].get(key, key)
    return str(found).format(**facts) if facts else str(found)


def column_words(lang: str, name: str, section: str = "columns") -> ColumnWords:
    """Return the words of column `name`; a column that `section` does not know is called by its machine name.

    Sections: `columns` (release rows) and those of `OTHER_SECTIONS`.
    """
    found = table_of_words(lang)[section].get(name)
    return ColumnWords(**found) if found else ColumnWords(title=name, unit="", description="")

"""How commands speak: language, console, what a GBK console can print, errors as one sentence and a remedy."""

import errno
import json
import locale
import os
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

LANGUAGES = ("zh", "en")

_FALLBACK = str.maketrans(
    {
        "₂": "2", "₄": "4", "₆": "6", "²": "2", "³": "3", "⁴": "4", "⁸": "8", "⁻": "-", "¹": "1", "✓": "[OK]",
        "✗": "[X]", "⚠": "[!]", "µ": "u", "μ": "u", "·": ".", "−": "-", "–": "-", "␀": "", "▁": "_", "\u2009": " ",
    }
)  # fmt: skip
"""What a console whose encoding lacks a character prints instead; Chinese itself is in GBK."""


class Speech:
    """The language and the output mode of one run of the program."""

    def __init__(self) -> None:
        self.lang = "zh"
        self.json = False
        self.quiet = False

    def use(self, arguments: Sequence[str]) -> list[str]:
        """Take `--lang` and `--quiet` wherever they stand, the language else from FACTORDB_LANG or the locale.

        Returns the other arguments; a language that is not known stays among them for the parser to refuse.
        """
        asked, rest, following = "", [], False
        for here in arguments:
            if following or here.startswith("--lang="):
                asked, following = here.removeprefix("--lang="), False
                if asked not in LANGUAGES:
                    rest += ["--lang", asked]
            elif here == "--lang":
                following = True
            elif here in {"--quiet", "-q"}:
                self.quiet = True
            else:
                rest.append(here)
        told = (
            (asked if asked in LANGUAGES else "")
            or os.environ.get("FACTORDB_LANG", "")
            or (locale.getlocale()[0] or "zh")
        )
        self.lang = "en" if told.lower().startswith("en") else "zh"
        return rest


speech = Speech()


@cache
def _words(lang: str) -> Mapping[str, Any]:
    """Return section -> name -> words of `cli_{lang}.toml` and of the tables `cli_<room>_{lang}.toml` beside it."""
    merged: dict[str, dict[str, Any]] = {}
    tables = resources.files("factordb").joinpath("reference", "words").iterdir()
    for table in sorted((one for one in tables if one.name.startswith("cli_")), key=lambda one: one.name):
        if table.name.endswith(f"_{lang}.toml"):
            for section, words in tomllib.loads(table.read_text(encoding="utf-8")).items():
                merged.setdefault(section, {}).update(words)
    return merged


@cache
def _shared_words(lang: str) -> Mapping[str, Any]:
    table = resources.files("factordb").joinpath("reference", "words", f"ui_{lang}.toml")
    return tomllib.loads(table.read_text(encoding="utf-8"))


def t(key: str, **facts: object) -> str:
    """Return the words of `key` ("section.name") in the chosen language, facts filled in."""
    section, _, name = key.partition(".")
    found = _words(speech.lang)[section][name]
    return str(found).format(**facts) if facts else str(found)


@cache
def frame_words(lang: str) -> Mapping[str, Mapping[str, str]]:
    """Return the words of the frame in `lang`, whatever language was chosen; that one table alone is read."""
    table = resources.files("factordb").joinpath("reference", "words", f"cli_frame_{lang}.toml")
    return tomllib.loads(table.read_text(encoding="utf-8"))


def word(section: str, name: object) -> str:
    """Return the shared word for a vocabulary value, such as the verdict `pass`; unknown ones as they are."""
    return str(_shared_words(speech.lang).get(section, {}).get(str(name), name))


def word_of_system(code: str, otherwise: str) -> str:
    """Return the words of a system error such as "EACCES"; of unknown ones what the system says."""
    return str(_words(speech.lang)["system"].get(code, otherwise))


def printable(text: str) -> str:
    """Return `text` as the console's encoding can carry it."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_FALLBACK)
        return text.encode(encoding, errors="replace").decode(encoding)
    return text


def _console(*, stderr: bool) -> Console:
    plain = bool(os.environ.get("NO_COLOR"))
    stream = sys.stderr if stderr else sys.stdout
    wide = None if stream.isatty() else 160
    return Console(
        stderr=stderr, highlight=False, markup=False, emoji=False, no_color=plain, width=wide,
        color_system=None if plain or not stream.isatty() else "auto", soft_wrap=False,
    )  # fmt: skip


def out(text: str = "") -> None:
    """Write a line of the result to stdout."""
    print(printable(text))  # noqa: T201 - stdout is the result


def note(text: str) -> None:
    """Write a remark to stderr, unless --quiet."""
    if not speech.quiet:
        print(printable(text), file=sys.stderr)  # noqa: T201 - stderr is everything else


def out_json(value: object) -> None:
    """Write one JSON object to stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201 - stdout is the result


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a table to stdout; numbers are right-aligned by their column's name ending in #."""
    grid = Table(title=printable(title) if title else None, title_justify="left", show_edge=False, pad_edge=False)
    for name in columns:
        right = name.endswith("#")
        grid.add_column(printable(name.rstrip("#")), justify="right" if right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(printable("" if cell is None else str(cell)) for cell in row))
    from rich import box

    utf = (sys.stdout.encoding or "").lower().replace("-", "") in {"utf8", "gb18030"}
    grid.box = box.SIMPLE_HEAD if utf else box.ASCII2
    _console(stderr=False).print(grid)


def write_text(path: Path, text: str) -> None:
    """Write a page to a file the user named.

    Raises:
        FileProblemError: the file cannot be written.
    """
    from factordb.errors import FileProblemError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise FileProblemError(
            path,
            problem=f"cannot be written ({fault.strerror})",
            remedy="choose a folder that exists and may be written to",
            problem_zh=f"无法写入（{fault.strerror}）",
            remedy_zh="请选择存在且可写的文件夹",
        ) from fault


def _system_said(text: str) -> str:
    """Return `text` with what the system says in English of a file, said in the user's language."""
    if speech.lang == "en":
        return text
    for code, said in _words("zh")["system"].items():
        text = text.replace(f"（{os.strerror(getattr(errno, code))}）", f"（{said}）")
    return text


def fail(problem: str, remedy: str) -> None:
    """Write an error and its remedy to stderr."""
    words = {"zh": ("错误", "补救"), "en": ("error", "mend")}[speech.lang]
    print(printable(f"{words[0]}: {_system_said(problem)}"), file=sys.stderr)  # noqa: T201 - stderr is for errors
    print(printable(f"{words[1]}: {remedy}"), file=sys.stderr)  # noqa: T201 - as above


class Bar:
    """A progress bar on stderr, only on a terminal; told of (step, done, total)."""

    def __init__(self) -> None:
        console = _console(stderr=True)
        show = console.is_terminal and not speech.quiet and not speech.json
        self._progress = Progress(
            SpinnerColumn("line"), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(), console=console, transient=True, disable=not show,
        )  # fmt: skip
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show that `done` of `total` parts of a step are done."""
        words = _words(speech.lang)["step"].get(step, step)
        self._progress.update(self._task, description=printable(str(words)), completed=done, total=total or None)

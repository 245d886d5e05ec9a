"""The frame that typer draws around the house's words, in the language of the user.

Typer speaks English: headings of help pages, and what was wrong with what was typed. Each of its sentences stands in
`cli_frame_en.toml` as typer says it; beside it, in `cli_frame_zh.toml`, what is said instead. A sentence that is in
neither is passed on as it is.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

import typer.core
from typer._click import HelpFormatter  # what typer draws help pages with; it has no public name

from factordb.cli.console import frame_words, speech

_FACTS = re.compile(r"\[[^\[\]]*\]$")
_QUOTED = re.compile(r"'([^']*)'")


class _Page(HelpFormatter):
    """A help page whose own words are in the language of the user."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that says how a command is typed."""
        for mark in ("options_mark", "command_mark"):
            args = args.replace(frame_words("en")["frame"][mark], frame_words(speech.lang)["frame"][mark])
        super().write_usage(prog, args, prefix or frame_words(speech.lang)["frame"]["usage"])

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        self.write(f"{'':>{self.current_indent}}{heading}{frame_words(speech.lang)['frame']['colon']}\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options or commands with what they do."""
        super().write_dl([(first, _spaced(word(second))) for first, second in rows], col_max, col_spacing)


def _spaced(help_text: str) -> str:
    """Return the help of an option; in Chinese, marks between the facts in its last brackets are full-width."""
    return help_text if speech.lang == "en" else _FACTS.sub(lambda found: found[0].replace("; ", "；"), help_text)


def dress() -> None:
    """Give typer's help pages and refusals the language of the user. Done once or many times, it is the same."""
    typer.core.TyperCommand.context_class.formatter_class = _Page
    vars(typer.core)["_"] = word  # as typer marks what may be translated


@cache
def _frame() -> Mapping[str, str]:
    """Return what typer says -> the name it has among our words."""
    return {said: name for name, said in frame_words("en")["frame"].items()}


def word(said: str) -> str:
    """Return a heading or mark of typer in the language of the user; one with facts keeps their braces."""
    name = _frame().get(said)
    return frame_words(speech.lang)["frame"][name] if name else said


@cache
def _sentences() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return (name, pattern) of what typer refuses with, the narrower sentences first."""
    patterns = []
    for name, said in frame_words("en")["refused"].items():
        parts = re.split(r"\{(\w+)\}", said)
        text = "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
        patterns.append((name, re.compile(text, re.DOTALL)))
    return tuple(patterns)


def refusal(said: str) -> str:
    """Return what typer says of a wrong command line in the language of the user."""
    if speech.lang == "en":
        return said
    for name, pattern in _sentences():
        found = pattern.fullmatch(said)
        if found:
            facts = {fact: _told(fact, text) for fact, text in found.groupdict().items()}
            return frame_words(speech.lang)["refused"][name].format(**facts)
    return said


def _told(fact: str, text: str) -> str:
    """Return a fact of a sentence: a reason is a sentence itself, names stand without quotation marks."""
    if fact == "why":
        return refusal(text)
    return _QUOTED.sub(r"\1", text).replace(", ", "、").replace("%Y-%m-%d", "YYYY-MM-DD")

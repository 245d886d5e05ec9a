"""Trial footprints of a published release: one inventory, scenarios side by side, many plants for a benchmark value."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from factordb.errors import ConflictError, FileProblemError, UsageError
from factordb.formats.tabular import read
from factordb.formats.trial_docx import trial_docx
from factordb.formats.trial_form import read_trial_form, toml_template, write_trial_form
from factordb.formats.trial_page import trial_page
from factordb.formats.trial_report import trial_blocks
from factordb.reference import toml
from factordb.searching import ReleasedFactors, Searching
from factordb.selection.places import region_code
from factordb.trial.benchmark import batch
from factordb.trial.footprint import trial
from factordb.trial.inventory import Inventory, inventory_of, schema
from factordb.trial.plants import plants_of
from factordb.trial.resolving import Lookup
from factordb.trial.scenarios import compare

Stated = Path | Mapping[str, Any] | Inventory
"""An inventory: a TOML or XLSX file, its plain data, or one that was read."""
SPREADSHEETS = frozenset({".xlsx", ".xlsm"})
TITLE = {
    "zh": "产品碳足迹试算清单（示例为虚构数据，请修改）",
    "en": "Inventory of a trial footprint (the example is invented: edit it)",
}


def read_inventory(stated: Stated) -> Inventory:
    """Return an inventory, read and checked against the schema.

    Raises:
        FileProblemError: the file cannot be read as what it is called.
        UsageError: a key is not known or holds no value of its kind.
        NotFoundError: the region of the study is not known.
    """
    if isinstance(stated, Inventory):
        return stated
    inventory = _parsed(stated)
    # asked here once: every line without a place of its own takes that of the study
    region_code(inventory.study["region"])
    return inventory


def _parsed(stated: Path | Mapping[str, Any]) -> Inventory:
    if isinstance(stated, Mapping):
        return inventory_of(stated)
    if stated.suffix.lower() in SPREADSHEETS:
        return inventory_of(read_trial_form(stated, schema()))
    try:
        return inventory_of(tomllib.loads(stated.read_text(encoding="utf-8-sig")))
    except FileNotFoundError as fault:
        raise FileProblemError(
            stated, problem="there is no such file", remedy="check the path; `factordb footprint init` writes one",
            problem_zh="没有这个文件", remedy_zh="请检查路径；`factordb footprint init` 可新建清单",
        ) from fault  # fmt: skip
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise FileProblemError(
            stated, problem=f"it is no TOML: {fault}", remedy="correct it there, or use the XLSX form",
            problem_zh=f"不是有效的 TOML：{fault}", remedy_zh="请在该处更正，或改用 XLSX 表格",
        ) from fault  # fmt: skip


def lookup_of(asked: ReleasedFactors) -> Lookup:
    """Return the two questions a trial asks of a release; the same question is asked once."""
    known: dict[str, Any] = {}

    def once(name: str, verb: Any, *words: Any, **named: Any) -> dict[str, Any]:
        key = f"{name} {words} {sorted(named.items())}"
        if key not in known:
            known[key] = verb(*words, **named)
        return dict(known[key])

    return Lookup(
        lambda *words, **named: once("choose", asked.choose, *words, **named),
        lambda identifier: once("released", asked.released, identifier),
    )


def trial_of(asked: ReleasedFactors, stated: Stated) -> dict[str, Any]:
    """Return the trial footprint of an inventory with the factors of one release."""
    found = trial(read_inventory(stated), lookup_of(asked))
    return {"release": asked.release, "inventory_sha256": _digest(stated), **found}


def _digest(stated: Stated) -> str | None:
    """Return the SHA-256 of the file of an inventory; None where it came from no file."""
    return hashlib.sha256(stated.read_bytes()).hexdigest() if isinstance(stated, Path) else None


class Footprinting(Searching):
    """What a drafter calculates with a published release."""

    def trial_footprint(self, inventory: Stated, *, release: str = "") -> dict[str, Any]:
        """Return the trial footprint of an inventory: findings, result with its interval, contributions, factors.

        Args:
            inventory: a TOML or XLSX file, or the same as plain data.
            release: id of a release; the one the inventory names, else the newest.

        Raises:
            FileProblemError: the file cannot be read.
            UsageError: a key is not known, or a number cannot be used.
            NotFoundError: there is no such release.
        """
        named = release or read_inventory(inventory).study["release"] or ""
        return trial_of(self.released_factors(named), inventory)

    def compare_scenarios(
        self, scenarios: Mapping[str, Stated] | Sequence[Stated], *, release: str = ""
    ) -> dict[str, Any]:
        """Return scenarios beside the first: difference with its interval, P(first < other) under common draws.

        Args:
            scenarios: inventories, named or in order; the first is the baseline.
            release: id of a release, the newest by default.

        Raises:
            UsageError: there are fewer than two; and as `trial_footprint`.
        """
        return compare_of(self.released_factors(release), scenarios)

    def batch_trial(
        self, inventory: Stated, plants: Path | Sequence[Mapping[str, str]], *, release: str = ""
    ) -> dict[str, Any]:
        """Return the footprints of many plants, their production-weighted mean and quantiles, each with its interval.

        `method` says how electricity is counted in them; `ways` holds both ways where the data are there: a column for
        what each plant holds of a certificate or contract, or a residual mix in the inventory.

        Args:
            inventory: what the plants have in common.
            plants: a table with the columns plant, production, and identifiers of lines, certificates or contracts;
                or its rows as text.
            release: id of a release; the one the inventory names, else the newest.

        Raises:
            UsageError: a column is no line or contract, or a cell holds no number; and as `trial_footprint`.
        """
        stated = read_inventory(inventory)
        return batch_of(self.released_factors(release or stated.study["release"] or ""), stated, plants)


def footprint_template(target: Path, lang: str = "zh", *, force: bool = False) -> Path:
    """Write a commented example inventory, TOML or XLSX by its ending, and return its path.

    Raises:
        UsageError: the ending is neither.
        ConflictError: a file is there and `force` is false.
    """
    if target.exists() and not force:
        raise ConflictError(
            problem=f"{target} is there already", remedy="give another name, or --force",
            problem_zh=f"{target} 已存在", remedy_zh="请换一个文件名，或使用 --force",
        )  # fmt: skip
    title, example = TITLE[lang], toml(f"trial/example_{lang}")
    if target.suffix.lower() == ".toml":
        target.write_text(toml_template(schema(), example, lang, title), encoding="utf-8", newline="\n")
    elif target.suffix.lower() == ".xlsx":
        write_trial_form(target, schema(), example, lang, title)
    else:
        raise UsageError(
            problem=f"{target.name} is neither .toml nor .xlsx", remedy="give it one of the two endings",
            problem_zh=f"{target.name} 既不是 .toml 也不是 .xlsx", remedy_zh="请使用其中一种扩展名",
        )  # fmt: skip
    return target


def compare_of(asked: ReleasedFactors, scenarios: Mapping[str, Stated] | Sequence[Stated]) -> dict[str, Any]:
    """Return scenarios side by side, with the factors of one release; paths are named by their stems."""
    named = scenarios if isinstance(scenarios, Mapping) else {_title(one, at): one for at, one in enumerate(scenarios)}
    read = {name: read_inventory(one) for name, one in named.items()}
    return {"release": asked.release, **compare(read, lookup_of(asked))}


def _title(stated: Stated, at: int) -> str:
    return stated.stem if isinstance(stated, Path) else chr(ord("A") + at)


def batch_of(asked: ReleasedFactors, stated: Stated, plants: Path | Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return the footprints of many plants and benchmark values, with the factors of one release."""
    inventory = read_inventory(stated)
    rows = _table(plants) if isinstance(plants, Path) else plants
    return {"release": asked.release, **batch(inventory, plants_of(rows, inventory), lookup_of(asked))}


def _table(path: Path) -> list[dict[str, str]]:
    found = read(path)
    rows = [row for block in found.batches for row in block.to_pylist()]
    return [{name: row[name] or "" for name in found.columns} for row in rows]


def trial_report(found: Mapping[str, Any], target: Path, lang: str = "zh") -> Path:
    """Write the report of a usable trial footprint, HTML or DOCX by the ending, and return its path.

    The same result gives the same bytes.

    Raises:
        UsageError: the ending is neither, or the trial gave no result.
    """
    if not found["usable"]:
        raise UsageError(
            problem="the trial gave no result", remedy="repair what its findings name, then run it again",
            problem_zh="试算没有结果", remedy_zh="请先按核查发现修正清单",
        )  # fmt: skip
    ending = target.suffix.lower()
    if ending not in {".html", ".htm", ".docx"}:
        raise UsageError(
            problem=f"{target.name} is neither .html nor .docx", remedy="give it one of the two endings",
            problem_zh=f"{target.name} 既不是 .html 也不是 .docx", remedy_zh="请使用其中一种扩展名",
        )  # fmt: skip
    blocks = trial_blocks(found, lang)
    if ending == ".docx":
        target.write_bytes(trial_docx(blocks, lang))
    else:
        target.write_text(trial_page(blocks, lang), encoding="utf-8", newline="\n")
    return target

"""A package judged: its factors recomputed from the raw records, the checklist asked, and every finding told.

The same function serves the submitter's desk and the receiving side. Offline, what needs the library, other submitters
or the key of the submitter is not asked, and told so.
"""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from factordb.checks.package.catalogue import Checked, check_package
from factordb.checks.package.context import Columns, Context, LibraryFacts, LoadFact, SignatureFacts
from factordb.derivation.recipe import Recipe, read_recipe
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_run import Outcome, Tables, run_recipe
from factordb.errors import FileProblemError, IntegrityError
from factordb.evidence import bag, dsse
from factordb.evidence.keys import KeyFact
from factordb.evidence.lab_results import read_signed_results
from factordb.model.evidence_facts import CertificateFacts, PdfFacts, SignedResults
from factordb.model.submission import Package
from factordb.stages.package_parsing import BrokenLimitError, certificate_facts, pdf_facts
from factordb.stages.submission import RECIPE, Loaded, recipe_tables, small_text
from factordb.stages.submission_pack import PAYLOAD_TYPE, SIGNATURE

T = TypeVar("T")
__all__ = ["DRAWS", "Examined", "examine"]

DRAWS: Final = 4_000
"""Draws of a recipe's uncertainty: 1.1 % on the standard uncertainty, enough for a comparison within 5 %."""

FEWEST: Final = 1_000
SIGNED_RESULTS: Final = "tests/lab_results/"
"""Where laboratories' signed results lie in a package."""
WIDEST: Final = 16_000_000
"""Numbers drawn of one column: a year of hours is drawn 1,826 times, 1.7 % on u, and is judged within three seconds."""


@dataclass(frozen=True)
class Examined:
    """A package, what it came to, and what the checklist said of it."""

    loaded: Loaded
    context: Context
    checked: Checked

    @property
    def package(self) -> Package:
        """The package itself."""
        return self.loaded.package

    @property
    def recomputed(self) -> Mapping[str, Outcome | RecipeError]:
        """factor_key -> what its recipe came to."""
        return self.context.recomputed


def examine(
    loaded: Loaded,
    folder: Path,
    *,
    today: date,
    keys: Collection[KeyFact] | None = None,
    library: LibraryFacts | None = None,
    draws: int = DRAWS,
    seed: int = 20260101,
) -> Examined:
    """Return what the checklist says of a package.

    Args:
        loaded: from `stages.submission.load`.
        folder: that was loaded, for the signature beside the payload.
        today: day of the check.
        keys: public keys of submitters; None: the signature is not asked.
        library: what the receiving side knows of others; None offline.
        draws: of the uncertainty from the records; fewer where a table is long.
        seed: of the draws.
    """
    faults = [LoadFact(one.code, one.place, one.found, one.expected, one.zh, one.en) for one in loaded.faults]
    tables: Tables = {}
    try:
        tables = recipe_tables(loaded)
    except BrokenLimitError as fault:
        faults.append(_limit_broken(loaded, fault))
    except FileProblemError as fault:
        faults.append(LoadFact("PKG003", str(fault.problem)[:80], zh=fault.problem_zh, en=fault.problem))
    recipe = _recipe(loaded)
    longest = max((len(column) for columns in tables.values() for column in columns.values()), default=1)
    draws = min(draws, max(FEWEST, WIDEST // max(1, longest)))
    with ThreadPoolExecutor(1) as beside:  # a child looks into the documents while this process computes
        documents = beside.submit(_documents, loaded)
        recomputed = _recomputed(loaded.package, recipe, tables, draws, seed) if isinstance(recipe, Recipe) else {}
        pdfs, certificates, broken = documents.result()
    faults += broken
    names = {row["table_id"].text for row in loaded.package.table("raw") if "table_id" in row}

    @cache
    def table(name: str) -> Columns:
        return tables.get(name, MappingProxyType({})) if name in names else MappingProxyType({})

    context = Context(
        today=today,
        pdf=pdfs.get,
        certificate=certificates.get,
        bagged=loaded.bagged,
        faults=tuple(faults),
        recipe=recipe,
        recomputed=MappingProxyType(recomputed),
        table=table,
        signature=_signature(folder, keys, today) if loaded.bagged and keys is not None else None,
        library=library,
        signed_results=_signed_results(loaded, keys, today, faults),
    )
    return Examined(loaded, context, check_package(loaded.package, context))


def _documents(loaded: Loaded) -> tuple[dict[str, PdfFacts], dict[str, CertificateFacts], list[LoadFact]]:
    """Return the facts of PDFs and digital certificates by path, and the limits that were broken."""
    broken: list[LoadFact] = []
    pdfs = _facts_of(loaded, ".pdf", "pdf", pdf_facts, broken)
    return pdfs, _facts_of(loaded, ".xml", "certificate", certificate_facts, broken), broken


def _facts_of(
    loaded: Loaded, ending: str, task: str, facts: Callable[[dict[str, Any]], T], faults: list[LoadFact]
) -> dict[str, T]:
    """Return the facts of the files with an ending; one that broke a limit is added to the faults."""
    found: dict[str, T] = {}
    for path in loaded.package.files:
        if path.lower().endswith(ending):
            try:
                found[path] = facts(loaded.parse(task, loaded.payload / path))
            except BrokenLimitError as fault:
                faults.append(_limit_broken(loaded, fault))
    return found


def _limit_broken(loaded: Loaded, fault: BrokenLimitError) -> LoadFact:
    place = fault.path.relative_to(loaded.payload).as_posix()
    return LoadFact("PKG004", place, found=fault.limit, zh=fault.zh, en=fault.en)


def _recipe(loaded: Loaded) -> Recipe | RecipeError | None:
    path = loaded.payload / RECIPE
    if not path.is_file():
        return None
    try:
        return read_recipe(small_text(path))
    except RecipeError as fault:
        return fault
    except BrokenLimitError as fault:
        return RecipeError("form", RECIPE, found=fault.limit)
    except (
        OSError,
        ValueError,
        RecursionError,
    ) as fault:  # no UTF-8, a number of thousands of digits, tables in tables
        return RecipeError("form", RECIPE, found=type(fault).__name__)


def _recomputed(
    package: Package, recipe: Recipe, tables: Tables, draws: int, seed: int
) -> dict[str, Outcome | RecipeError]:
    """Return what each claimed factor's own node comes to, in the unit of the claim."""
    found: dict[str, Outcome | RecipeError] = {}
    for row in package.table("factors"):
        if "factor_key" not in row:
            continue
        wanted = replace(
            recipe,
            result=row["result"].text if "result" in row else recipe.result,
            unit=row["unit"].text if "unit" in row else recipe.unit,
        )
        known = {*recipe.columns, *recipe.constants, *(step.name for step in recipe.steps)}
        key = row["factor_key"].text
        if wanted.result not in known:
            found[key] = RecipeError("unknown_name", key, found=wanted.result)
            continue
        try:
            found[key] = run_recipe(wanted, tables, draws=draws, seed=seed)
        except RecipeError as fault:
            found[key] = fault
    return found


def _signed_results(
    loaded: Loaded, keys: Collection[KeyFact] | None, today: date, faults: list[LoadFact]
) -> tuple[SignedResults, ...]:
    """Return what laboratories signed themselves; a file that is too large or no text is added to the faults."""
    found = []
    for path in sorted(loaded.package.files):
        if path.startswith(SIGNED_RESULTS) and path.endswith(".dsse.json"):
            try:
                content = small_text(loaded.payload / path).encode()
            except BrokenLimitError as fault:
                faults.append(_limit_broken(loaded, fault))
            except (OSError, ValueError) as fault:
                found.append(SignedResults(path, fault=str(fault)[:80]))
            else:
                found.append(read_signed_results(path, content, keys, today))
    return tuple(found)


def _signature(folder: Path, keys: Collection[KeyFact], today: date) -> SignatureFacts:
    path = folder / SIGNATURE
    moment = datetime.combine(today, time.max, tzinfo=UTC)
    try:
        said = dsse.signed_by(small_text(path).encode(), keys)
        holds = said.payload_type == PAYLOAD_TYPE and said.payload == bag.signed_bytes(folder) and bool(said.keys)
    except (OSError, ValueError, RecursionError, BrokenLimitError, IntegrityError):
        return SignatureFacts("", holds=False, key_valid=False)
    signer = said.keys[0] if said.keys else None
    return SignatureFacts(
        signer.person_id if signer else "", holds=holds, key_valid=bool(signer and signer.holds(moment))
    )

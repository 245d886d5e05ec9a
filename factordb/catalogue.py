"""What the house holds in checks, pipelines and mapping fields, described for its faces."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factordb.checks import all_checks, words_of
from factordb.checks.suite_export import export_suite
from factordb.errors import FileProblemError, NotFoundError
from factordb.model import declaration
from factordb.model.factor import Factor
from factordb.model.package_finding import package_words
from factordb.model.pipeline import FIELDS, Pipeline
from factordb.model.source import Source
from factordb.model.workflow import words
from factordb.stages import sources as register
from factordb.stages.relations import reference_relations
from factordb.store.appraisal import COMPARABLE, violations

if TYPE_CHECKING:
    from factordb.checks.package.base import PackageCheck


def describe_checks(code: str = "", *, package: bool = False) -> list[dict[str, Any]]:
    """Return every check over candidates with its words, or the one called `code`, of a package's checklist too.

    Args:
        code: of one check or rule; empty: all.
        package: the checklist for submission packages instead.

    Raises:
        NotFoundError: there is no such check.
    """
    registry = all_checks()
    if package or (code and code not in registry.codes):
        from factordb.checks.package import all_package_checks  # noqa: PLC0415 - with scipy, a second, on use

        rules = [_rule(one) for one in all_package_checks() if code in {"", one.code}]
        if rules or package:
            if not rules:
                raise NotFoundError("check", code, known="`factordb checks --package`")
            return rules
    if code and code not in registry.codes:
        raise NotFoundError("check", code, known="`factordb checks`")
    chosen = [registry[code]] if code else list(registry)
    return [
        {
            "code": one.code,
            "family": one.family,
            "severity": one.severity.value,
            "core": one.core,
            "clause": one.clause,
            "requires": ", ".join(one.requires),
            "when": "" if one.when == "true" else one.when,
            "needs_library": one.needs_library,
            "sql": one.sql,
            **words_of(one.code),
        }
        for one in chosen
    ]


def _rule(one: "PackageCheck") -> dict[str, Any]:
    """Return a rule of the checklist under the names of a check; `by` says who judges: A, AH or H."""
    return {
        "code": one.code,
        "family": one.family,
        "severity": one.severity.value,
        "core": one.core,
        "clause": one.basis,
        "status": one.status,
        "by": one.who,
        "kinds": [kind.value for kind in one.kinds],
        "requires": "",
        "when": ", ".join(one.sheets),
        "needs_library": any(ground.why == "library" for ground in one.grounds),
        "sql": "",
        **package_words()[one.code],
    }


def export_checks(directory: Path, as_of: date) -> list[Path]:
    """Write the checks as a Great Expectations suite, with the relations they name, and return the files.

    Args:
        directory: where to write; made if need be.
        as_of: the day that dates are held against.
    """
    sources = register.as_table(register.register().values())
    relations = reference_relations(sources, as_of)
    views = {
        "pool": "SELECT * FROM candidate LIMIT 0",
        "comparable": COMPARABLE,
        "contract_violation": violations(),
    }
    return export_suite(directory, all_checks(), relations=relations, views=views)


def describe_pipelines() -> list[dict[str, Any]]:
    """Return every pipeline: name, titles, source, files."""
    return [
        {"name": one.name, "title_zh": one.title_zh, "title_en": one.title_en, "source": one.source,
         "files": list(one.files)}
        for one in register.pipelines().values()
    ]  # fmt: skip


def mapping_fields() -> dict[str, str]:
    """Return the canonical fields a mapping may feed, with their meaning."""
    own = {
        "value_and_unit": "value and unit in one cell, split by the grammar",
        "lineage": "factors this is built on: JSON list of {factor_id, version_id, role, amount, unit, share, exact}",
        "region_text": "place as published; spellings of reference/regions are understood",
    }
    known = {name: info.description or "" for name, info in Factor.model_fields.items()}
    return {name: own.get(name) or known.get(name, "") for name in sorted(FIELDS)}


def mapping_template() -> str:
    """Return a commented mapping file to fill in."""
    return declaration.to_template()


def read_mapping(path: Path) -> tuple[Pipeline, tuple[Source, ...]]:
    """Return the pipeline of a mapping file, and the source it declares, if it does.

    Raises:
        FileProblemError: the file is missing.
        UsageError: the mapping has a mistake; names the place in the file.
    """
    if not path.is_file():
        raise FileProblemError(
            path,
            problem="there is no such file",
            remedy="check the path; `factordb pipelines --template` prints a mapping to fill in",
            problem_zh="没有此文件",
            remedy_zh="请检查路径；`factordb pipelines --template` 可打印映射模板",
        )
    declared = declaration.from_toml(path)
    return declared.pipeline, (declared.source,) if declared.source else ()


def review_words(part: str) -> Mapping[str, Mapping[str, str]]:
    """Return zh and en of every state, standing, action, role or kind of review, by name.

    Args:
        part: `states`, `standings`, `actions`, `roles`, `kinds` or `conditions`.
    """
    return words(part)

"""The label of a check and the questions the engine asks with it.

A check is a function without arguments that returns SQL over the relations named in `RELATIONS`. The text, not a
Python callable over rows, is the rule: the same words run here, in the Great Expectations suite and at a
submitter's desk. The SQL selects candidate_id, field, found, expected, detail of the candidates that break the rule.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from factordb.errors import UsageError
from factordb.model.vocabulary import Severity

FAMILIES = {
    "TRA": ("source and trail", "来源与溯源"),
    "VAL": ("value", "数值"),
    "GAS": ("gases and GWP", "气体与全球变暖潜势"),
    "UNI": ("units", "单位"),
    "TIM": ("dates", "时间"),
    "DUP": ("identity and duplicates", "标识与重复"),
    "PLA": ("plausibility", "合理性"),
    "CMP": ("comparison", "比对"),
    "UNC": ("uncertainty", "不确定性"),
    "FMT": ("file and format", "文件与格式"),
}

RELATIONS = {
    "candidate": "candidates under appraisal: the columns of model Factor",
    "gas_amount": "gas amounts of candidates",
    "recipe_input": "inputs of derived candidates",
    "pool": "what the library holds already: the columns of model Factor",
    "comparable": "candidates and pool together, with `origin` and the comparison keys",
    "gwp": "gas_set, gas, gwp100",
    "source": "the source register",
    "region": "region code, parent, level",
    "plausible_range": "declared ranges by family, gas or quantity, and canonical unit",
    "flow_family": "flow as written by a source -> family of comparable flows",
    "threshold": "name, value: limits the checks use, with their basis in reference/thresholds",
    "day": "one row: as_of",
    "uncertainty": "results of the uncertainty stage, for rules of phase 2",
}

_CODE = re.compile(r"[A-Z]{3,4}\d{3}")


@dataclass(frozen=True)
class Check:
    """A labelled rule over staged candidates.

    Attributes:
        code: family and number, never reused.
        rule: what it requires, English; first line of the function's docstring.
        notes: the rest of the docstring.
        clause: legal or methodological basis, or "ours" with the reason.
        severity: what a broken rule means for the candidate.
        core: whether a broken gap makes the verdict 信息不足.
        requires: codes that must be kept before this one is asked.
        when: SQL condition on candidate c: the evidence this rule needs is present.
        sql: SELECT candidate_id, field, found, expected, detail of the candidates that break it.
        needs_library: not asked in an offline check.
        phase: 1 before the uncertainty stage, 2 after it.
    """

    code: str
    rule: str
    notes: str
    clause: str
    severity: Severity
    core: bool
    requires: tuple[str, ...]
    when: str
    sql: str
    needs_library: bool
    phase: int

    @property
    def family(self) -> str:
        """Return the family's letters."""
        return self.code.rstrip("0123456789")


def check(
    code: str,
    *,
    clause: str,
    severity: Severity,
    requires: Iterable[str] = (),
    when: str = "true",
    core: bool = True,
    needs_library: bool = False,
    phase: int = 1,
) -> Callable[[Callable[[], str]], Check]:
    """Return a decorator that labels a function returning SQL as a check."""
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code} is no code: three or four capitals and three digits")

    def label(question: Callable[[], str]) -> Check:
        rule, _, notes = (inspect.getdoc(question) or "").partition("\n")
        if not rule:
            raise ValueError(f"{code} has no docstring: its first line is the rule")
        return Check(
            code=code,
            rule=rule,
            notes=notes.strip(),
            clause=clause,
            severity=severity,
            core=core,
            requires=tuple(requires),
            when=when,
            sql=question(),
            needs_library=needs_library,
            phase=phase,
        )

    return label


def rows_that(broken: str, *, field: str, found: str = "c.value_text", expected: str = "''", detail: str = "''") -> str:
    """Return the SQL of a row rule: candidates c for which the condition `broken` holds."""
    return (
        f"SELECT c.candidate_id, '{field}' AS field, CAST({found} AS VARCHAR) AS found, "
        f"CAST({expected} AS VARCHAR) AS expected, CAST({detail} AS VARCHAR) AS detail "
        f"FROM candidate c WHERE coalesce(({broken}), false)"
    )


SIGNIFICANT = "length(ltrim(regexp_replace(regexp_extract({}, '^[^0-9]*([0-9., ]*)', 1), '[^0-9]', '', 'g'), '0'))"
"""SQL for the count of significant digits in a published number string; the exponent is left out."""


def limit(name: str) -> str:
    """Return SQL for a named limit of `reference/thresholds`: never a number in a check's text."""
    return f"(SELECT value FROM threshold WHERE name = '{name}')"


class Registry:
    """Checks by code, in order of family and number. Refuses a second check of one code and unknown requirements."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._checks: dict[str, Check] = {}
        for one in checks:
            if one.code in self._checks:
                raise UsageError(
                    problem=f"two checks are called {one.code}",
                    remedy="give the newer one a code of its own",
                    problem_zh=f"有两条规则同名 {one.code}",
                    remedy_zh="请为新规则另取代码",
                )
            self._checks[one.code] = one
        for one in self._checks.values():
            unknown = [code for code in one.requires if code not in self._checks]
            if unknown:
                raise UsageError(
                    problem=f"{one.code} requires {', '.join(unknown)}, which no check is called",
                    remedy="correct the requirement's code",
                    problem_zh=f"{one.code} 要求不存在的规则 {', '.join(unknown)}",
                    remedy_zh="请更正所要求的规则代码",
                )
        order = list(FAMILIES)
        self.codes = sorted(self._checks, key=lambda code: (order.index(self._checks[code].family), code))

    def __iter__(self) -> Iterator[Check]:
        return iter([self._checks[code] for code in self.codes])

    def __getitem__(self, code: str) -> Check:
        return self._checks[code]

    def __len__(self) -> int:
        return len(self._checks)

    def closure(self, code: str) -> tuple[str, ...]:
        """Return every code that must be kept before `code` is asked, nearest first."""
        seen: dict[str, None] = {}
        waiting = list(self._checks[code].requires)
        while waiting:
            current = waiting.pop(0)
            if current not in seen:
                seen[current] = None
                waiting.extend(self._checks[current].requires)
        return tuple(seen)

    def ground(self, code: str) -> str:
        """Return the SQL condition on candidate c that the evidence of `code` and of all it requires is there."""
        conditions = {self._checks[one].when for one in (code, *self.closure(code))} - {"true"}
        return " AND ".join(f"coalesce(({condition}), false)" for condition in sorted(conditions)) or "true"

    def in_asking_order(self) -> list[Check]:
        """Return the checks so that each comes after those it requires."""
        done: dict[str, None] = {}
        waiting = list(self.codes)
        while waiting:
            ready = [code for code in waiting if all(one in done for one in self._checks[code].requires)]
            if not ready:
                raise UsageError(
                    problem=f"checks require each other in a circle: {', '.join(waiting)}",
                    remedy="remove one of the requirements",
                    problem_zh=f"规则互相要求成环:{', '.join(waiting)}",
                    remedy_zh="请去掉其中一项要求",
                )
            done.update(dict.fromkeys(ready))
            waiting = [code for code in waiting if code not in done]
        return [self._checks[code] for code in done]


def asking(registry: Registry, one: Check) -> str:
    """Return the INSERT into `finding` that asks one check where its ground holds."""
    stop = registry.closure(one.code)
    codes = ", ".join(f"'{code}'" for code in stop)
    broken_ground = (
        f" AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.candidate_id = b.candidate_id AND f.code IN ({codes}))"
        if stop
        else ""
    )
    return (
        f"INSERT INTO finding SELECT c.batch_id, b.candidate_id, '{one.code}', '{one.severity.value}', b.field, "
        f"c.place, b.found, b.expected, b.detail FROM ({one.sql}) b JOIN candidate c USING (candidate_id) "
        f"WHERE {registry.ground(one.code)}{broken_ground}"
    )


def counting(registry: Registry) -> str:
    """Return the INSERT into `rule_count`: kept, broken and not asked of every rule, over all candidates."""
    grounds = ", ".join(f"count(*) FILTER ({registry.ground(code)}) AS {code}" for code in registry.codes)
    parts = []
    for code in registry.codes:
        stop = ", ".join(f"'{one}'" for one in registry.closure(code)) or "''"
        parts.append(
            f"SELECT '{code}' AS code, (SELECT count(*) FROM candidate) AS candidates, "
            f"(SELECT {code} FROM ground) - (SELECT count(DISTINCT c.candidate_id) FROM finding f "
            f"JOIN candidate c USING (candidate_id) WHERE f.code IN ({stop}) AND {registry.ground(code)}) AS asked, "
            f"(SELECT count(DISTINCT candidate_id) FROM finding WHERE code = '{code}') AS broken"
        )
    return (
        f"INSERT INTO rule_count WITH ground AS (SELECT {grounds} FROM candidate c) "
        "SELECT code, candidates, asked - broken, broken, candidates - asked FROM (" + " UNION ALL ".join(parts) + ")"
    )


def outcomes_of(registry: Registry, candidate: str) -> str:
    """Return SELECT code, outcome, waits_for of every rule for one candidate (parameter `$candidate`)."""
    parts = []
    for code in registry.codes:
        stop = ", ".join(f"'{one}'" for one in registry.closure(code)) or "''"
        parts.append(
            f"SELECT '{code}' AS code, CASE WHEN EXISTS (SELECT 1 FROM finding WHERE candidate_id = {candidate} "
            f"AND code = '{code}') THEN 'broken' WHEN NOT ({registry.ground(code)}) THEN 'not_asked' "
            f"WHEN EXISTS (SELECT 1 FROM finding WHERE candidate_id = {candidate} AND code IN ({stop})) "
            f"THEN 'not_asked' ELSE 'kept' END AS outcome FROM candidate c WHERE c.candidate_id = {candidate}"
        )
    return " UNION ALL ".join(parts)


def fill(template: str, facts: Mapping[str, object]) -> str:
    """Return a message with {found}, {expected} and {detail} filled in; a missing fact stands as an em dash."""
    return re.sub(r"\{(\w+)\}", lambda hit: str(facts.get(hit[1]) or "—"), template)

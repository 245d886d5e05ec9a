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
    "jump": "name, ratio, tolerance: ratios that betray a slip of unit",
    "tier_rank": "tier, rank: the order of sources of clause (五), 1 first",
    "day": "one row: as_of",
    "uncertainty": "results of the uncertainty stage, for rules of phase 2",
}

_BITS = 62
"""Rules a word of broken rules holds: the bits of a signed 64-bit integer but sign and one."""

_CODE = re.compile(r"[A-Z]{3,4}\d{3}")


@dataclass(frozen=True)
class RowRule:
    """A rule over one row, candidate c: SQL of the condition that breaks it and of what a finding says.

    Most rules are of this kind. Kept in parts, so that the engine need not join their findings back to their rows.
    """

    broken: str
    field: str
    found: str
    expected: str
    detail: str

    @property
    def facts(self) -> tuple[str, str, str, str]:
        """Return SQL of field, found, expected and detail, each as text."""
        found, expected, detail = (f"CAST({text} AS VARCHAR)" for text in (self.found, self.expected, self.detail))
        return f"'{self.field}'", found, expected, detail

    @property
    def sql(self) -> str:
        """Return the question in the form of every check."""
        names = ("field", "found", "expected", "detail")
        facts = ", ".join(f"{sql} AS {name}" for sql, name in zip(self.facts, names, strict=True))
        return f"SELECT c.candidate_id, {facts} FROM candidate c WHERE coalesce(({self.broken}), false)"


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
        row: the parts of `sql`, where the rule looks at one row alone.
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
    row: RowRule | None = None

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
) -> Callable[[Callable[[], str | RowRule]], Check]:
    """Return a decorator that labels a function returning SQL as a check."""
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code} is no code: three or four capitals and three digits")

    def label(question: Callable[[], str | RowRule]) -> Check:
        rule, _, notes = (inspect.getdoc(question) or "").partition("\n")
        if not rule:
            raise ValueError(f"{code} has no docstring: its first line is the rule")
        asked = question()
        return Check(
            code=code,
            rule=rule,
            notes=notes.strip(),
            clause=clause,
            severity=severity,
            core=core,
            requires=tuple(requires),
            when=when,
            sql=asked.sql if isinstance(asked, RowRule) else asked,
            needs_library=needs_library,
            phase=phase,
            row=asked if isinstance(asked, RowRule) else None,
        )

    return label


def rows_that(
    broken: str, *, field: str, found: str = "c.value_text", expected: str = "''", detail: str = "''"
) -> RowRule:
    """Return a row rule: candidates c for which the condition `broken` holds."""
    return RowRule(broken, field, found, expected, detail)


SIGNIFICANT = "length(ltrim(translate(split_part(lower({}), 'e', 1), '.,+- ', ''), '0'))"
"""SQL for the count of significant digits in a plain published number string; the exponent is left out."""


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
                    problem_zh=f"规则互相要求成环：{'、'.join(waiting)}",
                    remedy_zh="请去掉其中一项要求",
                )
            done.update(dict.fromkeys(ready))
            waiting = [code for code in waiting if code not in done]
        return [self._checks[code] for code in done]


def asking(registry: Registry, one: Check) -> str:
    """Return the INSERT into `finding` that asks one check where its ground holds."""
    stop = _listed(registry.closure(one.code))
    where = registry.ground(one.code)
    if stop:
        where += f" AND c.candidate_id NOT IN (SELECT candidate_id FROM finding WHERE code IN ({stop}))"
    head = f"INSERT INTO finding SELECT c.batch_id, c.candidate_id, '{one.code}', '{one.severity.value}'"
    if one.row:
        field, found, expected, detail = one.row.facts
        return (
            f"{head}, {field}, c.place, {found}, {expected}, {detail} FROM candidate c "
            f"WHERE coalesce(({one.row.broken}), false) AND {where}"
        )
    return (
        f"{head}, b.field, c.place, b.found, b.expected, b.detail FROM ({one.sql}) b "
        f"JOIN candidate c USING (candidate_id) WHERE {where}"
    )


def counting(registry: Registry, *, offline: bool = False) -> str:
    """Return the INSERT into `rule_count`: kept, broken and not asked of every rule, over all candidates.

    Candidates with the same broken rules and the same grounds are counted together, so that the rules are reckoned
    on some hundred kinds of candidate.

    Args:
        registry: the checks.
        offline: rules that need the library were not asked of anybody.
    """
    place = {code: divmod(number, _BITS) for number, code in enumerate(registry.codes)}
    words = range(len(registry) // _BITS + 1)
    rows = ", ".join(
        f"('{code}', {', '.join(str(1 << bit if word == mine else 0) for word in words)})"
        for code, (mine, bit) in place.items()
    )
    names = ", ".join(f"w{word}" for word in words)
    ors = ", ".join(f"bit_or(w{word}) AS w{word}" for word in words)
    grounds = sorted({registry.ground(code) for code in registry.codes})
    holds = ", ".join(f"({ground}) AS g{number}" for number, ground in enumerate(grounds))

    def broken(codes: Iterable[str]) -> str:
        masks = [sum(1 << place[code][1] for code in codes if place[code][0] == word) for word in words]
        return " OR ".join(f"coalesce(w{word} & {mask}, 0) <> 0" for word, mask in enumerate(masks) if mask) or "false"

    def counts(one: Check) -> str:
        if offline and one.needs_library:
            return f"SELECT '{one.code}' AS code, sum(n) AS n, 0 AS broken, 0 AS asked FROM kind_of_candidate"
        ground = f"g{grounds.index(registry.ground(one.code))}"
        return (
            f"SELECT '{one.code}' AS code, sum(n) AS n, coalesce(sum(n) FILTER ({broken([one.code])}), 0) AS broken, "
            f"coalesce(sum(n) FILTER ({ground} AND NOT ({broken(registry.closure(one.code))})), 0) AS asked "
            "FROM kind_of_candidate"
        )

    return (
        f"INSERT INTO rule_count WITH broken AS (SELECT candidate_id, {ors} FROM finding "
        f"JOIN (VALUES {rows}) v(code, {names}) USING (code) GROUP BY candidate_id), "
        f"kind_of_candidate AS MATERIALIZED (SELECT {names}, {holds}, count(*) AS n FROM candidate c "
        "LEFT JOIN broken USING (candidate_id) GROUP BY ALL) "
        "SELECT code, coalesce(n, 0), asked - broken, broken, coalesce(n, 0) - asked FROM ("
        + " UNION ALL ".join(counts(one) for one in registry)
        + ")"
    )


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def outcomes_of(registry: Registry, candidate: str, *, offline: bool = False) -> str:
    """Return SELECT code, outcome of every rule for one candidate.

    Args:
        registry: the checks.
        candidate: SQL of the candidate's id, such as a quoted string or a parameter.
        offline: rules that need the library were not asked.
    """
    outcomes = []
    for one in registry:
        asked = "false" if offline and one.needs_library else registry.ground(one.code)
        stop = _listed(registry.closure(one.code))
        outcomes.append(
            f"CASE WHEN list_contains(m.codes, '{one.code}') THEN 'broken' "
            f"WHEN NOT ({asked}) OR list_has_any(m.codes, [{stop}]) THEN 'not_asked' ELSE 'kept' END"
        )
    return (
        f"SELECT unnest([{_listed(registry.codes)}]) AS code, unnest([{', '.join(outcomes)}]) AS outcome "
        f"FROM candidate c, (SELECT coalesce(list(code), CAST([] AS VARCHAR[])) AS codes FROM finding "
        f"WHERE candidate_id = {candidate}) m WHERE c.candidate_id = {candidate}"
    )


def fill(template: str, facts: Mapping[str, object]) -> str:
    """Return a message with {found}, {expected} and {detail} filled in; a missing fact stands as an em dash."""

    def fact(hit: re.Match[str]) -> str:
        told = facts.get(hit[1])
        return "—" if told is None or told == "" else str(told)

    return re.sub(r"\{(\w+)(?:!r)?\}", fact, template)

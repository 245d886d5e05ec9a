"""The trail of a measured factor in words: sections of lines, each in zh and en, as `factor explain` prints them."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

from factordb.model.evidence_trail import Calibrated, EvidenceTrail, Figure, RawRead
from factordb.reference import tables

__all__ = ["evidence_sections", "withdrawn_section"]

Line = dict[str, str]
_LANGUAGES: Final = ("zh", "en")
_CODED: Final = frozenset({"accreditation", "level"})
"""Facts whose first word is a choice of the form."""


def evidence_sections(trail: EvidenceTrail) -> list[dict[str, Any]]:
    """Return the sections from the package to its verifier."""
    return [
        _section("package", _package(trail)),
        _section("claim", _claim(trail)),
        _section("recipe", _recipe(trail)),
        _section("raw", _raws(trail.raws)),
        _section("instruments", _instruments(trail.instruments)),
        _section("reports", _reports(trail)),
        _section("verification", _verifications(trail)),
    ]


def withdrawn_section(facts: Iterable[Line]) -> dict[str, Any]:
    """Return the one section of a submission that was withdrawn: the sentence, then what the tombstone says."""
    return _section("package", [_said("withdrawn"), *facts])


def _section(key: str, lines: Iterable[Line]) -> dict[str, Any]:
    titles = {f"title_{lang}": _words(lang)["section"][key] for lang in _LANGUAGES}
    return {**titles, "lines": list(lines)}


def _words(lang: str) -> Any:
    return tables.toml(f"words/evidence_trail_{lang}")


def _said(key: str, /, *, indent: bool = False, **facts: object) -> Line:
    found = {}
    for lang in _LANGUAGES:
        told = {name: _coded(lang, _text(fact)) if name in _CODED else _text(fact) for name, fact in facts.items()}
        found[lang] = ("  " if indent else "") + str(_words(lang)["said"][key]).format(**told)
    return found


def _coded(lang: str, said: str) -> str:
    """Return a code of the form in words, and what stands after it as it is: `CMA 2021-01`."""
    code, blank, rest = said.partition(" ")
    return f"{_words(lang)['code'].get(code, code)}{blank}{rest}"


def _text(fact: object) -> str:
    if fact is None or fact == "":
        return "—"
    if isinstance(fact, date):
        return fact.isoformat()
    return f"{fact:.6g}" if isinstance(fact, float) else str(fact)


def _package(trail: EvidenceTrail) -> Iterator[Line]:
    if trail.demonstration:
        yield _said("demonstration")
    yield _said("submission", submission=trail.submission, version=trail.version, submitter=trail.submitter,
                organisation=trail.organisation)  # fmt: skip
    if trail.package_sha256:
        yield _said("sha256", sha256=trail.package_sha256)
    if trail.period:
        yield _said("period", start=trail.period[0], end=trail.period[1], zone=trail.time_zone)
    if trail.level:
        yield _said("level", level=trail.level)
    for zh, en in trail.why:
        line = _said("missing", indent=True, missing="{missing}")
        yield {"zh": line["zh"].format(missing=zh), "en": line["en"].format(missing=en)}


def _claim(trail: EvidenceTrail) -> Iterator[Line]:
    one = trail.claim
    yield {"zh": one.name_zh or one.name_en, "en": one.name_en or one.name_zh}
    yield _said("claim", value=one.value, unit=one.unit, u=one.expanded_u, k=one.coverage_k, place=one.place)
    if one.recomputed is not None:
        yield _said("recomputed", value=one.recomputed, unit=one.unit, u=f"{one.u:.3g}" if one.u is not None else "")
    elif any(one.fault):
        line = _said("fault", fault="{fault}")
        yield {lang: line[lang].format(fault=said) for lang, said in zip(_LANGUAGES, one.fault, strict=True)}
    else:
        yield _said("no_recipe")


def _recipe(trail: EvidenceTrail) -> Iterator[Line]:
    if trail.recipe_sha256:
        yield _said("recipe", sha256=trail.recipe_sha256)
    for one in trail.figures:
        yield _figure(one)


def _figure(one: Figure) -> Line:
    facts = {"name": one.name, "made_by": one.made_by, "unit": "" if one.unit == "1" else one.unit, "low": one.low}
    if one.kind == "constant":
        found = _said("constant", indent=True, **facts, source=one.source)
    elif one.rows == 1:
        found = _said(f"{one.kind}_one", indent=True, **facts)
    else:
        found = _said(one.kind, indent=True, **facts, rows=one.rows, high=one.high)
    return {lang: said.replace(" —", "") if one.unit == "1" else said for lang, said in found.items()}


def _raws(raws: tuple[RawRead, ...]) -> Iterator[Line]:
    if not raws:
        yield _said("no_raw")
    for one in raws:
        key = "raw_outside" if one.outside else "raw"
        yield _said(key, table=one.table, file=one.file, rows=one.rows, size=one.size, sha256=one.sha256)
        if one.columns:
            yield _said("raw_columns", indent=True, columns=", ".join(one.columns))
        if one.instruments:
            yield _said("raw_instruments", indent=True, instruments=", ".join(one.instruments))


def _instruments(instruments: tuple[Calibrated, ...]) -> Iterator[Line]:
    if not instruments:
        yield _said("no_instrument")
    for one in instruments:
        start, end = one.used or (None, None)
        yield _said("instrument", key=one.key, type=one.type_name, model=one.model, serial=one.serial,
                    place=one.place, start=start, end=end)  # fmt: skip
        for each in one.certificates:
            yield _said("certificate", indent=True, number=each.number, laboratory=each.laboratory,
                        accreditation=each.accreditation, start=each.calibrated_on, end=each.due_on,
                        u=each.expanded_u, file=each.file, sha256=each.sha256)  # fmt: skip
        if not one.certificates:
            yield _said("no_certificate", indent=True)
        elif one.used and not one.holes:
            yield _said("covered", indent=True)
        for low, high in one.holes:
            yield _said("hole", indent=True, start=low, end=high, days=(high - low).days + 1)


def _reports(trail: EvidenceTrail) -> Iterator[Line]:
    if not trail.reports:
        yield _said("no_report")
    for one in trail.reports:
        yield _said("report", number=one.number, laboratory=one.laboratory, accreditation=one.accreditation,
                    sampled=one.sampled_on, received=one.received_on, issued=one.issued_on,
                    quantities=", ".join(one.quantities), sha256=one.sha256)  # fmt: skip


def _verifications(trail: EvidenceTrail) -> Iterator[Line]:
    if not trail.verifications:
        yield _said("not_verified")
    for one in trail.verifications:
        yield _said("verified", verifier=one.verifier, organisation=one.organisation, accreditation=one.accreditation,
                    level=one.level, day=one.statement_on, site=one.site_days, samples=one.samples_checked,
                    sha256=one.sha256)  # fmt: skip

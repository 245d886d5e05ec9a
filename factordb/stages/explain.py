"""A factor explained in words: where the number comes from, how sure it is, how it is rated, what the rules said."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from factordb.checks import words_of
from factordb.checks.base import Registry, fill
from factordb.model.source import Source
from factordb.rating import Evidence, TableScheme, explain, gathered, scheme, scheme_names
from factordb.reference import tables
from factordb.stages.made_of import made_of, title
from factordb.stages.words import reason_text
from factordb.uncertainty.assumptions import assumption_words

DEFAULT_POLICY = "clause5"
"""The policy whose limits are quoted; an appraisal under another one names its own codes."""

Rows = Mapping[str, list[dict[str, Any]]]
Line = dict[str, str]

_BASES = {
    "reported": ("来源给出的不确定性", "uncertainty reported by the source"),
    "derived": ("由各输入的不确定性传播得到", "propagated from the uncertainty of the inputs"),
    "default": (
        "来源未给出，采用声明的默认值（来源类型 + 谱系矩阵）",
        "none stated: declared default (source kind + pedigree)",
    ),
    "none": ("无法给出", "none could be given"),
}
_SAMPLES_DEFAULT = (
    "由样本的不确定性合并得到；其中有声明的默认值",
    "combined from the uncertainty of the samples, of which some are declared defaults",
)
_OUTCOMES = {"kept": ("符合", "kept"), "broken": ("不符合", "broken"), "not_asked": ("未检查", "not asked")}


def explained(parts: Rows, registry: Registry, sources: Mapping[str, Source]) -> dict[str, Any]:
    """Return sections of lines, each in zh and en, about one candidate.

    Args:
        parts: everything about it, as `Library.factor` gives it.
        registry: the checks.
        sources: the source register.
    """
    row = parts["candidate"][0]
    built = made_of(row, parts.get("factor_input", []))
    return {
        "candidate_id": row["candidate_id"],
        "factor_id": row["factor_id"],
        "version_id": row["version_id"],
        "sections": [
            _section("数值", "Value", _value(row, parts["recipe_input"], parts["gas_amount"])),
            *([_section(*title(), built)] if built else []),
            _section("来源与溯源", "Source and trail", _trail(row, sources)),
            _section("不确定性", "Uncertainty", _uncertainty(row, parts["uncertainty"], parts["contribution"])),
            _section("评级与结论", "Rating and verdict", _rating(parts["assessment"], parts["rating_evidence"])),
            _section("规则", "Rules", _rules(parts["outcome"], parts["finding"], registry)),
        ],
    }


def _section(zh: str, en: str, lines: Iterable[Line]) -> dict[str, Any]:
    return {"title_zh": zh, "title_en": en, "lines": list(lines)}


def _line(zh: str, en: str) -> Line:
    return {"zh": zh, "en": en}


def _value(row: Mapping[str, Any], inputs: list[dict[str, Any]], gases: list[dict[str, Any]]) -> Iterable[Line]:
    yield _line(f"名称：{row['name_zh'] or row['name_en']}", f"name: {row['name_en'] or row['name_zh']}")
    if row["expression"]:
        yield _line(
            f"推导值：{row['value_text']} {row['unit_text']} = {row['expression']}",
            f"derived: {row['value_text']} {row['unit_text']} = {row['expression']}",
        )
        for one in inputs:
            stated = one["cv_percent"] is not None
            cv, cv_en = (f"，CV {one['cv_percent']} %", f", CV {one['cv_percent']} %") if stated else ("", "")
            yield _line(
                f"  {one['name']} = {one['value_text']} {one['unit_text'] or ''}{cv}({one['place']})",
                f"  {one['name']} = {one['value_text']} {one['unit_text'] or ''}{cv_en} ({one['place']})",
            )
    else:
        yield _line(
            f"公布值：{row['value_text']} {row['unit_text']}（原文照录）",
            f"published: {row['value_text']} {row['unit_text']} (as printed)",
        )
    if row["conversion"]:
        yield _line(
            f"换算：{row['conversion']}，得 {row['canonical_value']:.6g} {row['canonical_unit']}",
            f"conversion: {row['conversion']}, gives {row['canonical_value']:.6g} {row['canonical_unit']}",
        )
    for gas in gases:
        yield _line(
            f"  气体 {gas['gas']}：{gas['amount_text']} {gas['unit_text']}",
            f"  gas {gas['gas']}: {gas['amount_text']} {gas['unit_text']}",
        )
    if row["gas"] == "CO2e":
        yield _line(
            f"GWP 版本：{row['gwp_set'] or '来源未说明'}", f"GWP set: {row['gwp_set'] or 'not stated by the source'}"
        )


def _trail(row: Mapping[str, Any], sources: Mapping[str, Source]) -> Iterable[Line]:
    source = sources.get(row["source_id"])
    if source:
        publisher = source.publisher.split(" / ")
        yield _line(f"来源：{source.title_zh}（{publisher[0]}）", f"source: {source.title_en} ({publisher[-1]})")
        obtain = (source.obtain or "—").split(" / ")
        yield _line(f"取得原件：{obtain[0]}", f"original: {obtain[-1]}")
    yield _line(
        f"出处：{row['source_place'] or '未说明'}", f"place in the source: {row['source_place'] or 'not stated'}"
    )
    yield _line(
        f"录入自：{row['place']}（批次 {row['batch_id']}）", f"read from: {row['place']} (batch {row['batch_id']})"
    )
    if row["read_from"]:
        yield _line(f"所据转载本：{row['read_from']}", f"copy it was read from: {row['read_from']}")
    if row["source_value"]:
        yield _line(f"在出处查得：{row['source_value']}", f"found at that place: {row['source_value']}")


def _uncertainty(
    row: Mapping[str, Any], results: list[dict[str, Any]], contributions: list[dict[str, Any]]
) -> Iterable[Line]:
    if not results:
        yield _line("尚未评估", "not appraised yet")
        return
    one = results[0]
    if one["reason"]:
        zh, en = (assumption_words(one["reason"], lang) for lang in ("zh", "en"))
        yield _line(f"无法传播：{zh}", f"could not be propagated: {en}")
        return
    assumed_in_samples = one["basis"] == "default" and row["pipeline"] == "aggregate"
    zh, en = _SAMPLES_DEFAULT if assumed_in_samples else _BASES[one["basis"]]
    yield _line(f"依据：{zh}", f"basis: {en}")
    if row["statement_text"]:
        yield _line(
            f"来源所述：{_word('zh', 'statement', row['statement'])} {row['statement_text']}",
            f"as stated: {_word('en', 'statement', row['statement'])} {row['statement_text']}",
        )
    if one["assumption"]:
        zh, en = (assumption_words(one["assumption"], lang) for lang in ("zh", "en"))
        yield _line(f"所作假设：{zh}", f"assumed: {en}")
    shown = {
        lang: [_word(lang, "family", one["family"]), _word(lang, "method", one["method"])] for lang in ("zh", "en")
    }
    seed = one["seed"] is not None
    yield _line(
        f"分布：{shown['zh'][0]}；方法：{shown['zh'][1]}" + (f"，种子 {one['seed']}" if seed else ""),
        f"distribution: {shown['en'][0]}; method: {shown['en'][1]}" + (f", seed {one['seed']}" if seed else ""),
    )
    unit = row["unit_text"] or ""
    yield _line(
        f"均值 {one['mean']:.6g}，标准差 {one['sd']:.4g}，中位数 {one['median']:.6g}，CV {100 * one['cv']:.2f} %",
        f"mean {one['mean']:.6g}, sd {one['sd']:.4g}, median {one['median']:.6g}, CV {100 * one['cv']:.2f} %",
    )
    for zh, en, low, high in (
        ("最短 95 % 区间", "shortest 95 % interval", "shortest_low95", "shortest_high95"),
        ("概率对称 95 % 区间", "probabilistically symmetric 95 % interval", "low95", "high95"),
    ):
        yield _line(
            f"{zh}：[{one[low]:.5g}, {one[high]:.5g}] {unit}", f"{en}: [{one[low]:.5g}, {one[high]:.5g}] {unit}"
        )
    for part in contributions:
        yield _line(
            f"  方差贡献 {part['input']}：{100 * part['share']:.1f} %",
            f"  share of variance {part['input']}: {100 * part['share']:.1f} %",
        )


def _rating(assessments: list[dict[str, Any]], evidence: list[dict[str, Any]]) -> Iterable[Line]:
    if not assessments:
        yield _line("尚未评估", "not appraised yet")
        return
    one = assessments[0]
    dqr = "—" if one["dqr"] is None else f"{one['dqr']:.2f}"
    band_zh, band_en = (_word(lang, "band", one["band"] or "—") for lang in ("zh", "en"))
    yield _line(f"{one['scheme']}：DQR {dqr}（{band_zh}）", f"{one['scheme']}: DQR {dqr} ({band_en})")
    known = _evidence(evidence)
    if known is not None:
        yield from _criteria(known, scheme(str(one["scheme"]).split()[0]))
        others = [name for name in scheme_names() if not str(one["scheme"]).startswith(f"{name} ")]
        yield _line("同一证据在其他方案下的评分：", "the same evidence under other schemes:")
        for name in others:
            yield _other(known, scheme(name))
    verdict_zh, verdict_en = (_word(lang, "verdict", one["verdict"]) for lang in ("zh", "en"))
    yield _line(f"结论：{verdict_zh}", f"verdict: {verdict_en}")
    if one["eligible"]:
        yield _line("可纳入", "may be promoted")
    for code in (one["reasons"] or "").split():
        words = reason_text(code, policy=DEFAULT_POLICY)
        yield _line(
            f"未纳入，{code}：{words['zh']} → {words['fix_zh']}",
            f"held back, {code}: {words['en']} → {words['fix_en']}",
        )
    if one["beaten_by"]:
        yield _line(f"优先者：{one['beaten_by']}", f"preferred to it: {one['beaten_by']}")


def _evidence(rows: list[dict[str, Any]]) -> Evidence | None:
    if not rows:
        return None
    columns = {name: value for name, value in rows[0].items() if name in Evidence.__dataclass_fields__}
    return gathered(1, **{name: np.array([np.nan if value is None else value]) for name, value in columns.items()})


def _criteria(evidence: Evidence, asked: TableScheme) -> Iterable[Line]:
    for part in explain(evidence, asked):
        score = "—" if np.isnan(part.score) else f"{part.score:g}"
        zh, en = (_word(lang, "criterion", part.criterion) for lang in ("zh", "en"))
        yield _line(f"  {zh} {score}：{part.reason_zh}", f"  {en} {score}: {part.reason_en}")


def _other(evidence: Evidence, asked: TableScheme) -> Line:
    scores = asked.score(evidence)
    rating = asked.combine(scores).dqr[0]
    given = ["—" if np.isnan(score) else f"{score:g}" for score in scores.values[0]]
    total = "" if np.isnan(rating) else f" → {rating:.2f}"
    card = tables.toml(f"rating/{asked.name.replace('-', '_')}")
    told = {
        lang: comma.join(
            f"{card['criterion'][name][f'title_{lang}']} {score}"
            for name, score in zip(scores.criteria, given, strict=True)
        )
        for lang, comma in (("zh", "，"), ("en", ", "))
    }
    which = f"{asked.name} {asked.version}"
    return _line(
        f"  {card['scheme']['title_zh']}（{which}）：{told['zh']}{total}",
        f"  {card['scheme']['title_en']} ({which}): {told['en']}{total}",
    )


def _word(lang: str, section: str, name: object) -> str:
    return str(tables.toml(f"words/ui_{lang}").get(section, {}).get(str(name), name))


def _rules(outcomes: list[dict[str, Any]], findings: list[dict[str, Any]], registry: Registry) -> Iterable[Line]:
    broken = {one["code"]: one for one in findings}
    counts = {name: sum(1 for one in outcomes if one["outcome"] == name) for name in _OUTCOMES}
    yield _line(
        "，".join(f"{_OUTCOMES[name][0]} {count}" for name, count in counts.items()),
        ", ".join(f"{_OUTCOMES[name][1]} {count}" for name, count in counts.items()),
    )
    for code in registry.codes:
        if code not in broken:
            continue
        words, found = words_of(code), broken[code]
        zh, en = fill(words["zh"], found), fill(words["en"], found)
        yield _line(f"{code} {zh} → {words['fix_zh']}", f"{code} {en} → {words['fix_en']}")
    silent = [one["code"] for one in outcomes if one["outcome"] == "not_asked"]
    if silent:
        yield _line(f"未检查：{' '.join(silent)}", f"not asked: {' '.join(silent)}")

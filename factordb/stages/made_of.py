"""What a factor was made of, in words: samples, weights, variance between and within, inputs and their coefficients."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from factordb.derivation.sample_rules import Remark
from factordb.reference import tables

Line = dict[str, str]


def made_of(row: Mapping[str, Any], inputs: list[dict[str, Any]]) -> list[Line]:
    """Return lines in zh and en about the factors a candidate is built on; empty: it is built on none.

    Args:
        row: the candidate.
        inputs: its rows of `factor_input`. Of a restricted one neither value nor weight is told.
    """
    if not inputs:
        return []
    facts = json.loads(json.loads(row["attributes"] or "{}").get("aggregation") or "null")
    both = [list(_lines(lang, row, inputs, facts)) for lang in ("zh", "en")]
    return [{"zh": zh, "en": en} for zh, en in zip(*both, strict=True)]


def title() -> tuple[str, str]:
    """Return the title of this part of an explanation, zh and en."""
    zh, en = (_words(lang)["explain"]["title"] for lang in ("zh", "en"))
    return zh, en


def _words(lang: str) -> dict[str, dict[str, str]]:
    return tables.toml(f"words/aggregate_{lang}")


def _lines(
    lang: str, row: Mapping[str, Any], inputs: list[dict[str, Any]], facts: dict[str, Any] | None
) -> Iterator[str]:
    words = _words(lang)["explain"]
    if facts is None:
        for one in inputs:
            yield words["hidden" if one["restricted"] else "input"].format(**_input(one))
        return
    yield words["made"].format(
        k=facts["samples"], method=_words(lang)["method"][facts["method"]], between=facts["between"]
    )
    yield words["parts"].format(**facts["parts"])
    yield words["interval"].format(**facts["interval"])
    if facts["coverage"] is None:
        yield words["uncovered"]
    else:
        yield words["coverage"].format(
            percent=f"{100 * facts['coverage']:.3g}", total=f"{facts['population']:g}", unit=facts["weight_unit"]
        )
    scores = ", ".join(f"{name} {'—' if value is None else value}" for name, value in facts["scores"].items())
    yield words["scores"].format(scores=scores)
    if facts["equal_weights"]:
        yield words["equal"]
    elif facts["weight_source"]:
        yield words["weights"].format(source=facts["weight_source"])
    shown = {one["factor_id"]: one for one in facts["shown"]}
    for one in inputs:
        own = shown.get(one["input_factor_id"])
        yield (words["sample"] if own else words["hidden"]).format(**_sample(one, own, facts, row))
    for caution in facts["cautions"]:
        told = {**caution, "members": tuple(caution["members"])}
        yield f"  {Remark(**told).words(lang)}"
    yield words["definition"].format(sha256=facts["definition"])


def _input(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "id": one["input_factor_id"][:10],
        "name": one["label"] or one["input_factor_id"][:10],
        "amount": f"{one['amount']:.6g}",
        "unit": one["unit"] or "",
        "version": (one["input_version_id"] or "—")[:10],
    }


def _sample(
    one: Mapping[str, Any], own: Mapping[str, Any] | None, facts: Mapping[str, Any], row: Mapping[str, Any]
) -> dict[str, str]:
    told = _input(one)
    if own is None:
        return told
    weight = "—" if own["weight"] is None else f"{own['weight']:g} {facts['weight_unit']}"
    return {
        **told, "value": f"{own['value']} {row['unit_text']}", "weight": weight, "share": f"{one['amount']:.1%}"
    }  # fmt: skip

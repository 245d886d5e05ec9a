"""The table of product codes: known products, codes of the right form, CPC and ISIC as the house lists them."""

import re

import pyarrow as pa

from factordb import reference
from factordb.model.standard import rules
from factordb.selection.released import concepts
from factordb.selection.words import synonyms

ROWS = reference.table("codes/product_codes").to_pylist()
SYSTEMS = ("hs", "cpc", "gbt4754", "isic")


def test_every_product_is_a_concept_or_a_flow_in_one_spelling_once() -> None:
    keys = [row["concept"] for row in ROWS]
    assert len(keys) == len(set(keys)) > 60
    flows = [one for one in keys if one not in synonyms().words]
    assert concepts(pa.chunked_array([flows])).to_pylist() == flows
    assert all(any(row[system] for system in SYSTEMS) for row in ROWS)


def test_every_code_has_the_form_of_its_classification() -> None:
    forms = {name: re.compile(one) for name, one in rules()["codes"].items()}
    for row in ROWS:
        for system in SYSTEMS:
            assert not row[system] or forms[system].fullmatch(row[system]), row


def test_cpc_and_isic_are_those_that_the_house_lists() -> None:
    listed = {(one["scheme"], one["code"]) for one in reference.table("mapping/class_names").to_pylist()}
    used = {(name.upper(), row[name]) for row in ROWS for name in ("cpc", "isic") if row[name]}
    assert used <= listed


def test_a_product_that_the_rules_by_word_know_stands_in_the_same_class_there() -> None:
    by_word = [
        (re.compile(one["pattern"]), one["cpc"].split()) for one in reference.table("mapping/classes").to_pylist()
    ]
    unlike = []
    for row in ROWS:
        word = next(iter(synonyms().words.get(row["concept"], (row["concept"],))))
        placed = next(path for pattern, path in by_word if pattern.search(word))
        if row["cpc"] and row["cpc"] not in placed and placed != by_word[-1][1]:
            unlike.append(word)
    assert unlike == ["煤气焦炭"], "coke of gas works, which the rules by word take for a gas"

"""Answers as bytes: JSON that every reader reads, whatever stands in it."""

import json
import math

import numpy as np
import pytest

from factordb.api.answers import encoded, etag_of, same_tag


@pytest.mark.parametrize(
    "body",
    [
        {"a": 1.5, "b": [None, True, "电力 ²"]},
        {"a": 0.1 + 0.2, "b": 5e-324, "c": 1.7976931348623157e308},
        [],
        {"a": (1, 2)},
    ],
)
def test_what_is_sent_is_what_is_read(body: object) -> None:
    assert json.loads(encoded(body)) == json.loads(json.dumps(body))


def test_what_json_does_not_know_is_null_or_text() -> None:
    body = {"a": math.inf, "b": math.nan, "c": [-math.inf], "d": np.float64(1.5), "e": np.bool_(True), 3: np.int64(4)}  # noqa: FBT003 - a number of numpy's
    assert json.loads(encoded(body)) == {"a": None, "b": None, "c": [None], "d": 1.5, "e": True, "3": 4}


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_a_character_and_a_huge_number_are_sent_all_the_same(text: str) -> None:
    assert json.loads(encoded({"a": text, "b": 10**40, "c": math.inf})) == {"a": text, "b": 10**40, "c": None}


def test_tags_are_compared_as_rfc_9110_says() -> None:
    tag = etag_of(b"x")
    assert same_tag(tag, tag)
    assert same_tag(f'"a", W/{tag}', tag)
    assert same_tag("*", tag)
    assert not same_tag('"a"', tag)
    assert not same_tag("", tag)

"""The answer key: questions over the shipped release with their allowed answers and reasons, in Chinese and English.

`answer_key.csv` holds one question a row. `with` are criteria or what a choice is asked with. By `kind`:

    first        the first hit is one of the answers
    among        every answer is among the first twenty hits
    every        there are hits, and each holds field=value of the answers
    count        so many hits
    facet        so many values of a criterion, criterion:value=number
    none         no hit
    choose       one factor is chosen, one of the answers; `expect`: steps (axes, exactly), value of the emission, flags
    ambiguous    nothing is chosen, every answer is a candidate; unclear: the same for near words
    not_found    nothing is chosen and there is no candidate
    unusable     nothing is chosen; `expect`: the reason the nearest was rejected for, and words both languages say
    compare      two factors, asked and with; `expect`: comparable, ratio, axes that forbid it
    abroad       a factor beside its like elsewhere: every answer is compared, comparable or not
    refuse       the search raises; `expect`: the exception and a word of its sentence; refuse_choice: the choice does
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from factordb import errors
from factordb.errors import FactorDBError
from factordb.searching import ReleasedFactors

FILE = Path(__file__).parent / "answer_key.csv"
SEVERAL = ("gas", "tier", "direction")


def _key() -> list[dict[str, str]]:
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines(keepends=True) if not line.startswith("#")]
    return list(csv.DictReader(lines))


KEY = _key()


def _pairs(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in filter(None, text.split(";")):
        name, _, value = pair.partition("=")
        found[name] = value.split(",") if name in SEVERAL and "," in value else value
    return found


def _name(row: dict[str, Any]) -> str:
    return f"{row['name_zh']}={row['value_text']}"


def _answers(one: dict[str, str]) -> list[str]:
    return [part.strip() for part in one["answers"].split(" / ")]


def _choice(asked: ReleasedFactors, one: dict[str, str]) -> dict[str, Any]:
    given = _pairs(one["with"])
    numbers: dict[str, Callable[[str], Any]] = {"amount": float, "year": int}
    given |= {name: read(given[name]) for name, read in numbers.items() if name in given}
    if "allow_flags" in given:
        given["allow_flags"] = str(given["allow_flags"]).split(",")
    return asked.choose(one["asked"], **given)


# ── one judge a kind ─────────────────────────────────────────────────────────────────────────────────────


def _hits(asked: ReleasedFactors, one: dict[str, str], limit: int = 20) -> dict[str, Any]:
    return asked.search(one["asked"], limit=limit, **_pairs(one["with"]))


def _first(asked: ReleasedFactors, one: dict[str, str]) -> None:
    hits = _hits(asked, one)["hits"]
    assert hits
    assert _name(hits[0]) in _answers(one)


def _among(asked: ReleasedFactors, one: dict[str, str]) -> None:
    assert set(_answers(one)) <= {_name(hit) for hit in _hits(asked, one)["hits"]}


def _every(asked: ReleasedFactors, one: dict[str, str]) -> None:
    field, _, value = one["answers"].partition("=")
    found = _hits(asked, one, 1000)
    assert found["total"] == len(found["hits"]) > 0
    assert {str(hit[field]) for hit in found["hits"]} == {value}


def _count(asked: ReleasedFactors, one: dict[str, str]) -> None:
    assert _hits(asked, one)["total"] == int(one["answers"])


def _facet(asked: ReleasedFactors, one: dict[str, str]) -> None:
    facets = _hits(asked, one)["facets"]
    for part in one["answers"].split(";"):
        value, _, number = part.rpartition("=")
        criterion, _, value = value.partition(":")
        assert facets[criterion].get(value) == int(number), (part, facets[criterion])


def _none(asked: ReleasedFactors, one: dict[str, str]) -> None:
    assert _hits(asked, one)["total"] == 0


def _choose(asked: ReleasedFactors, one: dict[str, str]) -> None:
    answer, expected = _choice(asked, one), _pairs(one["expect"])
    assert answer["outcome"] == "chosen", [_name(each) for each in answer["candidates"]]
    assert _name(answer["factor"]) in _answers(one)
    if "steps" in expected:
        assert sorted(step["axis"] for step in answer["steps"]) == sorted(filter(None, expected["steps"].split(",")))
    if "value" in expected:
        assert answer["emission"]["value"] == pytest.approx(float(expected["value"]), rel=2e-4)
    assert set(filter(None, expected.get("flags", "").split(","))) <= set(answer["flags"])
    assert answer["why"]
    assert answer["alternatives"], "an answer names at least one alternative, taken or rejected"
    assert all(each["reason"] is None or each["reason"]["zh"] for each in answer["alternatives"])
    assert answer["release"]["release_id"] in answer["citation"]["en"]


def _candidates(outcome: str) -> Callable[[ReleasedFactors, dict[str, str]], None]:
    def judge(asked: ReleasedFactors, one: dict[str, str]) -> None:
        answer = _choice(asked, one)
        assert (answer["outcome"], answer["factor"]) == (outcome, None)
        assert set(filter(None, _answers(one))) <= {_name(each) for each in answer["candidates"]}

    return judge


def _unusable(asked: ReleasedFactors, one: dict[str, str]) -> None:
    answer, expected = _choice(asked, one), _pairs(one["expect"])
    assert (answer["outcome"], answer["factor"]) == ("none", None)
    reasons = [each["reason"] for each in answer["rejected"] if each["reason"]["code"] == expected["reason"]]
    assert reasons, answer["rejected_by_reason"]
    for word in filter(None, expected.get("said", "").split(",")):
        assert word in reasons[0]["en"]
    assert reasons[0]["zh"]


def _identifier(asked: ReleasedFactors, name: str) -> str:
    title, _, value = name.rpartition("=")
    hits = asked.search(title, limit=100)["hits"]
    return str(next(hit["factor_id"] for hit in hits if (hit["name_zh"], hit["value_text"]) == (title, value)))


def _compared(asked: ReleasedFactors, one: dict[str, str]) -> None:
    expected = _pairs(one["expect"])
    second = one["with"].partition("=")[2]
    found = asked.compare(_identifier(asked, one["asked"]), _identifier(asked, second))["comparisons"][0]
    assert found["comparable"] is (expected["comparable"] == "yes"), [axis["en"] for axis in found["axes"]]
    if "ratio" in expected:
        assert found["difference"]["ratio"] == pytest.approx(float(expected["ratio"]), rel=1e-4)
        assert found["difference"]["low95"] <= found["difference"]["value"] <= found["difference"]["high95"]
    else:
        assert found["difference"] is None
    against = {axis["axis"] for axis in found["axes"] if axis["verdict"] in {"differs", "unknown"}}
    assert set(filter(None, expected.get("axis", "").split(","))) <= against


def _abroad(asked: ReleasedFactors, one: dict[str, str]) -> None:
    found = asked.compare(_identifier(asked, one["asked"]))["comparisons"]
    wanted = _pairs(one["expect"])["comparable"] == "yes"
    ids = {each["second"]["factor_id"]: each["comparable"] for each in found}
    assert {ids.get(_identifier(asked, name)) for name in _answers(one)} == {wanted}


def _refused(
    ask: Callable[[ReleasedFactors, dict[str, str]], Any],
) -> Callable[[ReleasedFactors, dict[str, str]], None]:
    def judge(asked: ReleasedFactors, one: dict[str, str]) -> None:
        name, _, expected = one["expect"].partition(";said=")
        with pytest.raises(FactorDBError) as caught:
            ask(asked, one)
        assert type(caught.value) is getattr(errors, name)
        assert expected in caught.value.problem
        assert caught.value.problem_zh
        assert caught.value.remedy_zh

    return judge


JUDGES: dict[str, Callable[[ReleasedFactors, dict[str, str]], None]] = {
    "first": _first, "among": _among, "every": _every, "count": _count, "facet": _facet, "none": _none,
    "choose": _choose, "ambiguous": _candidates("ambiguous"), "unclear": _candidates("unclear"),
    "not_found": _candidates("not_found"), "unusable": _unusable, "refuse": _refused(_hits),
    "refuse_choice": _refused(_choice), "compare": _compared, "abroad": _abroad,
}  # fmt: skip


@pytest.mark.parametrize("one", KEY, ids=[f"{row['id']}-{row['kind']}" for row in KEY])
def test_the_answer_is_one_that_the_key_allows(shipped: ReleasedFactors, one: dict[str, str]) -> None:
    JUDGES[one["kind"]](shipped, one)


def test_the_key_is_whole() -> None:
    assert len(KEY) >= 150
    assert len({(row["kind"], row["asked"], row["with"]) for row in KEY}) == len(KEY), "no question twice"
    assert {row["kind"] for row in KEY} == set(JUDGES)
    assert all(row["why"] for row in KEY)
    assert min(sum(row["lang"] == lang for row in KEY) for lang in ("zh", "en")) >= 50


def test_every_factor_of_the_key_is_released(shipped: ReleasedFactors) -> None:
    rows = pq.read_table(shipped.parquet, columns=["name_zh", "value_text"]).to_pylist()
    released = {_name(row) for row in rows}
    named = {name for row in KEY if row["kind"] in {"first", "among", "choose", "ambiguous", "unclear", "abroad"}
             for name in filter(None, _answers(row))}  # fmt: skip
    assert named <= released, sorted(named - released)

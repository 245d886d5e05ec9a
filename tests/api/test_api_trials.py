"""Trial footprints over HTTP: the same result as the library's, findings as data, refusals as problems."""

from typing import Any

import pytest

from factordb.footprinting import trial_of
from factordb.reference import toml


def test_the_server_gives_what_the_library_gives(api: Any) -> None:
    told = toml("trial/example_en")
    got = api.http.post("/v1/footprint", json=told)
    assert got.status_code == 200, got.text
    ours = trial_of(api.releases.factors(), told)
    assert got.json()["results"] == ours["results"]
    assert got.json()["factors"] == ours["factors"]


def test_a_blocked_inventory_is_an_answer_with_its_findings(api: Any) -> None:
    told = toml("trial/example_zh")
    told["contract"][0]["numbers"] *= 2
    got = api.http.post("/v1/footprint", json=told).json()
    assert (got["usable"], got["findings"][0]["code"]) == (False, "TRL020")


@pytest.mark.parametrize(
    ("key", "value", "status"), [("gwpset", "AR6", 400), ("samples", 10**6, 400), ("release", "1999.1", 404),
                                 ("amount", 1e300, 400), ("boundary", "gate", 400)]
)  # fmt: skip
def test_what_cannot_be_reckoned_is_a_problem_in_the_readers_language(
    api: Any, key: str, value: object, status: int
) -> None:
    told = toml("trial/example_zh")
    told["study"][key] = value
    for lang in ("zh", "en"):
        got = api.http.post("/v1/footprint", json=told, headers={"Accept-Language": lang})
        assert got.status_code in {status, 422}, got.text
        assert got.json()["message"]

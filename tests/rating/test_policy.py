"""Promotion policies as versioned tables; a workspace's own file is checked and hashed."""

import hashlib
from importlib.resources import files

import pytest

from factordb.errors import NotFoundError, UsageError
from factordb.model.vocabulary import Kind, Tier, Verdict
from factordb.rating import Found, load_policy, policy_names, scheme
from factordb.rating.policy import EVIDENCE

CLAUSE5 = files("factordb.reference").joinpath("policy", "clause5.toml").read_bytes()


def test_the_packaged_policies() -> None:
    assert policy_names() == ("clause5", "guideline468")
    plain, strict = load_policy(), load_policy("guideline468")

    assert plain.digest == hashlib.sha256(CLAUSE5).hexdigest()
    assert plain.verdicts == strict.verdicts == (Verdict.PASS,)
    assert Tier.ESTIMATED not in plain.tiers
    assert strict.kinds == (Kind.FACTOR,)
    assert plain.evidence == ()
    assert strict.evidence == tuple(EVIDENCE)
    assert strict.source_found == (Found.MATCHED,)
    for one in (plain, strict):
        assert {"dqr", *scheme(one.scheme).criteria} <= set(one.limits)
        assert all(limit < 5 for limit in one.limits.values())
        assert not {Found.CONFLICT, Found.NOT_FOUND} & set(one.source_found)


def test_a_workspace_file_replaces_the_packaged_one_and_has_its_own_hash() -> None:
    own = CLAUSE5.replace(b"max = 3.0", b"max = 2.5")
    policy = load_policy("clause5", own)

    assert policy.limits["dqr"] == 2.5
    assert policy.digest == hashlib.sha256(own).hexdigest()
    assert load_policy().limits["dqr"] == 3.0


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b"[limit.ti]\nmax = 4", b"[limit.ti]\nmax = 5", "ti"),  # a limit at the worst score is no floor
        (b"[limit.p]\nmax = 4", b"[limit.p]\nmax = 0", "'p'"),
        (b"[limit.te]\nmax = 4", b"[limit.te]\nmax = nan", "te"),
        (b"[limit.gr]", b"[limit.beauty]", "beauty"),
        (b'id = "clause5"', b'id = "mine"', "mine"),
        (b'verdict = ["pass"]', b'verdict = ["perhaps"]', "perhaps"),
        (b'verdict = ["pass"]', b'verdict = ["pass", "needs_person"]', "needs_person"),
        (b'["matched", "unknown"]', b'["matched", "conflict"]', "conflict"),
        (b'"official", ', b'"hearsay", ', "hearsay"),
        (b"source_stated = true", b"source_stated = true\nunit_procces = true", "unit_procces"),
        (b"source_stated = true", b"", "source_stated"),
        (b'scheme = "cifa-ef"', b'scheme = "pedigree"', "pedigree"),
        (b"[require]", b"[require", "TOML"),
        (b"# Promotion", b"# \xff Promotion", "TOML"),
    ],
)
def test_a_file_that_loosens_a_floor_or_cannot_be_understood_is_refused(old: bytes, new: bytes, named: str) -> None:
    assert old in CLAUSE5
    with pytest.raises(UsageError) as caught:
        load_policy("clause5", CLAUSE5.replace(old, new))

    assert named in caught.value.problem
    assert "clause5" in caught.value.problem_zh
    assert caught.value.remedy_zh


def test_an_unknown_policy_names_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="guideline468"):
        load_policy("clause6")

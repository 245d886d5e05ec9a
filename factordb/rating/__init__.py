"""Rating and promotion: scores from evidence, schemes, policies with a floor on every dimension, order of sources."""

from factordb.rating.combining import Band, weighted
from factordb.rating.evidence import (
    BASES,
    TIERS,
    Evidence,
    Found,
    Known,
    Place,
    Technology,
    begun_years_after,
    codes_of,
    gathered,
)
from factordb.rating.explaining import Explained, explain
from factordb.rating.order import Preferred, prefer, proven_tier, tier_rank
from factordb.rating.places import place_relation
from factordb.rating.policy import Policy, load_policy, policy_names
from factordb.rating.promotion import KINDS, VERDICTS, Judgement, judge, reason_words
from factordb.rating.schemes import (
    ForeignRating,
    Rating,
    Scheme,
    TableScheme,
    scheme,
    scheme_names,
    variance_of_ln,
)
from factordb.rating.scores import Scores, Why, completeness_score, precision_score

__all__ = [
    "BASES",
    "KINDS",
    "TIERS",
    "VERDICTS",
    "Band",
    "Evidence",
    "Explained",
    "ForeignRating",
    "Found",
    "Judgement",
    "Known",
    "Place",
    "Policy",
    "Preferred",
    "Rating",
    "Scheme",
    "Scores",
    "TableScheme",
    "Technology",
    "Why",
    "begun_years_after",
    "codes_of",
    "completeness_score",
    "explain",
    "gathered",
    "judge",
    "load_policy",
    "place_relation",
    "policy_names",
    "precision_score",
    "prefer",
    "proven_tier",
    "reason_words",
    "scheme",
    "scheme_names",
    "tier_rank",
    "variance_of_ln",
    "weighted",
]

"""Candidates that compete: values of one thing and one year, of which clause (五) prefers one."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from factordb.model.vocabulary import Tier
from factordb.rating.evidence import Known, codes_of
from factordb.rating.order import prefer, tier_rank, with_signatures

THING = "concat_ws('|', {0}.series_key, {0}.reference_year)"
"""SQL of the key of competition: the series of `COMPARABLE` and the year."""

WIDTH = "(u.shortest_high95 - u.shortest_low95) / nullif(abs(u.mean), 0)"
"""SQL of the relative width of the shortest 95 % interval."""


def winners(rows: pa.Table, *, dqr: NDArray[np.float64], taking_part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return for each row the position of the row preferred for its thing; a row that takes no part is its own.

    Args:
        rows: candidate_id, thing, tier, verified, trace_level, signed_share, width, published_on of n candidates.
        dqr: rating, NaN without one, shape (n,).
        taking_part: who competes, shape (n,).
    """
    own = np.arange(rows.num_rows)
    some = np.flatnonzero(taking_part)
    if not len(some):
        return own
    chosen = rows.take(pa.array(some))
    verified = np.where(chosen["verified"].to_numpy(), Known.YES, Known.NO)
    rank = tier_rank(codes_of(Tier, chosen["tier"]), verified, chosen["trace_level"])
    signed = chosen["signed_share"].cast(pa.float64()).to_numpy()
    published = chosen["published_on"].cast(pa.int32()).cast(pa.float64()).to_numpy()
    best = prefer(
        chosen["thing"].to_numpy().astype(str),
        with_signatures(rank, signed),
        dqr[some],
        chosen["width"].cast(pa.float64()).to_numpy(),
        published,
        chosen["candidate_id"].to_numpy().astype(str),
    )
    own[some] = some[best.of_row]
    return own

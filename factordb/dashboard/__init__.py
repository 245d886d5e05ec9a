"""What the dashboard needs from the house: its server, and what its pages say and draw. No page code stands here."""

from factordb.dashboard.released import released, released_rows
from factordb.dashboard.serving import serve_dashboard
from factordb.dashboard.wording import Said, findings_said, policy_in_force, reason_said, trail_said
from factordb.pictures import density_of, interval_of, intervals_of, rating_of

__all__ = [
    "Said",
    "density_of",
    "findings_said",
    "interval_of",
    "intervals_of",
    "policy_in_force",
    "rating_of",
    "reason_said",
    "released",
    "released_rows",
    "serve_dashboard",
    "trail_said",
]

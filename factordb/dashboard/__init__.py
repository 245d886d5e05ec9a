"""What the dashboard needs from the house: its server, and what its pages say and draw. No page code stands here."""

from factordb.dashboard.access import IDLE_MINUTES, Auth, bind_login, logins_of, person_at, persons
from factordb.dashboard.aggregating import aggregate, aggregate_anew, aggregate_plot
from factordb.dashboard.board import shares_of, standard_targets, tornado_of
from factordb.dashboard.cases import LIVE, case_page, released_version
from factordb.dashboard.packages import SentPackage, begun, check_package, held_report, package_kinds, send_package
from factordb.dashboard.pairs import abroad_plot, changes_plot, home_beside_abroad, in_the_way
from factordb.dashboard.released import column_titles, kept_files, released, released_rows
from factordb.dashboard.self_check import Checked, CheckedLine, Sent, self_check, send
from factordb.dashboard.serving import serve_dashboard
from factordb.dashboard.wording import Said, findings_said, policy_in_force, reason_said, region_name, trail_said
from factordb.deriving import AggregateReport
from factordb.model.workflow import transitions as route_table
from factordb.model.workflow import words as route_words
from factordb.pictures import contributions_of, density_of, interval_of, intervals_of, rating_of
from factordb.submitting import SubmissionReport

__all__ = [
    "IDLE_MINUTES",
    "LIVE",
    "AggregateReport",
    "Auth",
    "Checked",
    "CheckedLine",
    "Said",
    "Sent",
    "SentPackage",
    "SubmissionReport",
    "abroad_plot",
    "aggregate",
    "aggregate_anew",
    "aggregate_plot",
    "begun",
    "bind_login",
    "case_page",
    "changes_plot",
    "check_package",
    "column_titles",
    "contributions_of",
    "density_of",
    "findings_said",
    "held_report",
    "home_beside_abroad",
    "in_the_way",
    "interval_of",
    "intervals_of",
    "kept_files",
    "logins_of",
    "package_kinds",
    "person_at",
    "persons",
    "policy_in_force",
    "rating_of",
    "reason_said",
    "region_name",
    "released",
    "released_rows",
    "released_version",
    "route_table",
    "route_words",
    "self_check",
    "send",
    "send_package",
    "serve_dashboard",
    "shares_of",
    "standard_targets",
    "tornado_of",
    "trail_said",
]

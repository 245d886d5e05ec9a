"""Questions about published releases: search, choice, comparison. They wait for nobody."""

from factordb.paths import Workspace


class Searching:
    """The questions a drafter asks of a published release."""

    workspace: Workspace

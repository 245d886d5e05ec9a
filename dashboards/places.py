"""Which pages there are, by section of the navigation."""

SECTIONS = {
    "work": ("todo", "review", "check"),
    "use": ("search", "factor", "compare", "footprint", "uncertainty", "trace", "aggregate"),
    "publish": ("release", "diff", "ledger", "standards"),
    "overview": ("quality", "batches", "people", "help"),
}

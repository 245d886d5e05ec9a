"""Which pages there are, by section of the navigation."""

SECTIONS = {
    "work": ("todo", "check"),
    "use": ("factor", "uncertainty", "trace"),
    "publish": ("release",),
    "overview": ("quality", "batches", "help"),
}

"""Tables the code needs, as CSV and TOML with source and edition: GWP, regions, schemes, thresholds, words."""

from factordb.reference.tables import card, digest, names, region_aliases, table, toml

__all__ = ["card", "digest", "names", "region_aliases", "table", "toml"]

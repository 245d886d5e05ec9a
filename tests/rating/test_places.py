"""Relation of places in the region tree (reference/regions; GB/T 2260, ISO 3166-1)."""

import pytest

from factordb.rating import Place, place_relation


@pytest.mark.parametrize(
    ("place", "use", "relation", "steps"),
    [
        ("CN", "CN", Place.SAME, 0),
        ("CN-GRID-NC", "110000", Place.CONTAINS, 1),  # North China grid for Beijing
        ("CN", "110000", Place.CONTAINS, 2),
        ("M49-142", "CN", Place.CONTAINS, 1),
        ("GLO", "CN", Place.WORLD, 2),
        ("110000", "CN", Place.INSIDE, 2),
        ("120000", "110000", Place.SIMILAR, 2),  # Tianjin for Beijing: the same country
        ("440000", "110000", Place.SIMILAR, 4),
        ("JP", "CN", Place.OTHER, 2),
        ("DE", "CN", Place.OTHER, 4),
        ("RoW", "CN", Place.OTHER, 3),
        (None, "CN", Place.UNKNOWN, -1),
        ("CN", None, Place.UNKNOWN, -1),
        ("Atlantis", "Atlantis", Place.UNKNOWN, -1),
    ],
)
def test_relation_of_places(place: str | None, use: str | None, relation: Place, steps: int) -> None:
    codes, apart = place_relation([place, "CN"], [use, "CN"])

    assert codes.tolist() == [relation, Place.SAME]
    assert apart.tolist() == [steps, 0]

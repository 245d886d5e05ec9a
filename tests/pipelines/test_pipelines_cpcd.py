"""CPCD, 558 rows: 135 CO2-only grid factors called CO2e, one id with two values."""

from collections import Counter

from tests.pipelines.real_files import Asked


def test_every_row_is_staged(cpcd: Asked) -> None:
    counts = cpcd.intake.counts

    assert (counts.rows, counts.rows_staged, counts.rows_refused) == (558, 558, 0)
    assert cpcd.kinds() == Counter(factor=558)


def test_every_spelling_of_a_unit_is_read(cpcd: Asked) -> None:
    assert cpcd.rows("SELECT count(DISTINCT unit_text), count(canonical_value) FROM candidate") == [(54, 558)]


def test_what_is_held_back_is_held_back_by_its_name(cpcd: Asked) -> None:
    assert cpcd.found("block") == Counter(GAS005=135, VAL013=5, DUP002=2)
    assert cpcd.rows(
        "SELECT c.value_text, c.product_code FROM finding f JOIN candidate c USING (candidate_id) "
        "WHERE f.code = 'DUP002' ORDER BY ALL"
    ) == [("1723.03", "94311X0232022C"), ("99.41", "94311X0232022C")]


def test_healthy_neighbours_of_the_grid_factors_pass(cpcd: Asked) -> None:
    footprints = cpcd.rows(
        "SELECT value_text FROM candidate c WHERE name_zh LIKE '%全国电力平均碳足迹因子' "
        "AND candidate_id NOT IN (SELECT candidate_id FROM finding WHERE severity = 'block') ORDER BY 1"
    )

    assert footprints == [("0.5777",), ("0.6205",)]


def test_places_of_grid_factors_are_found(cpcd: Asked) -> None:
    assert cpcd.rows("SELECT count(*) FROM candidate WHERE region IS NULL") == [(0,)]

"""Open Emission Factors Database, 6,181 rows: two GWP sets a row, masses of gases, and kg CO2e where masses belong."""

from collections import Counter

from tests.pipelines.real_files import Asked


def test_every_row_is_staged(oefdb: Asked) -> None:
    counts = oefdb.intake.counts

    assert (counts.rows, counts.rows_staged, counts.rows_refused) == (6_181, 6_181, 0)
    assert counts.candidates == 8_503


def test_a_row_gives_a_factor_for_each_gwp_set_or_gas_factors(oefdb: Asked) -> None:
    assert oefdb.rows("SELECT kind, gwp_set, count(*) FROM candidate GROUP BY ALL ORDER BY ALL") == [
        ("factor", "AR4", 5_123),
        ("factor", "AR5", 1_471),
        ("gas_factor", None, 1_909),
    ]
    assert oefdb.rows("SELECT count(DISTINCT row_no) FROM candidate WHERE kind = 'gas_factor'") == [(884,)]
    assert not oefdb.rows("SELECT row_no FROM candidate GROUP BY row_no HAVING count(DISTINCT kind) > 1")


def test_kg_co2e_in_gas_columns_is_held_back_and_masses_are_not(oefdb: Asked) -> None:
    assert oefdb.rows(
        "SELECT c.publisher, count(*) FROM finding f JOIN candidate c USING (candidate_id) WHERE f.code = 'GAS006' "
        "GROUP BY ALL"
    ) == [("BEIS", 806)]
    assert oefdb.rows(
        "SELECT count(*) FROM candidate c WHERE publisher = 'EPA' AND kind = 'factor' AND candidate_id IN "
        "(SELECT candidate_id FROM gas_amount) AND candidate_id NOT IN "
        "(SELECT candidate_id FROM finding WHERE severity = 'block')"
    ) == [(80,)]


def test_blocked_rows_are_blocked_by_their_gases_only(oefdb: Asked) -> None:
    assert oefdb.found("block") == Counter(GAS006=806, GAS003=36, GAS007=12)


def test_a_stated_percentage_becomes_bounds(oefdb: Asked) -> None:
    assert oefdb.rows("SELECT count(*) FROM candidate WHERE statement = 'bounds95'") == [(293,)]
    low, value, high, words = oefdb.rows(
        "SELECT bound_low, value, bound_high, statement_text FROM candidate WHERE statement_text = '± 10 %' LIMIT 1"
    )[0]
    assert (round(low / value, 6), round(high / value, 6), words) == (0.9, 1.1, "± 10 %")


def test_each_row_names_its_publisher_and_the_copy(oefdb: Asked) -> None:
    assert oefdb.rows("SELECT count(DISTINCT publisher), min(read_from), max(read_from) FROM candidate") == [
        (17, "Climatiq OEFDB 2022-05-12", "Climatiq OEFDB 2022-05-12")
    ]

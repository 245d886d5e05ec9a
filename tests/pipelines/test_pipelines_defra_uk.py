"""UK conversion factors, flat file 2022: 8,039 rows of the file, one of them blank."""

from collections import Counter

from tests.pipelines.real_files import Asked


def test_every_row_is_staged_or_refused(uk: Asked) -> None:
    counts = uk.intake.counts

    assert (counts.rows, counts.rows_staged, counts.rows_refused) == (8_038, 6_899, 1_139)
    assert (counts.records, counts.candidates, counts.refused) == (4_195, 3_065, 1_130)
    assert uk.balanced()
    assert "1 blank row(s)" in uk.intake.notes[0].en


def test_blank_rows_and_the_end_are_refused_under_their_codes(uk: Asked) -> None:
    assert uk.refused() == Counter(VAL001=1_130, FMT002=8, FMT003=1)
    assert uk.rows("SELECT found, place FROM refused WHERE code = 'FMT003'") == [
        ("END", "ghg-conversion-factors-2022-flat-format.csv!B8040")
    ]


def test_factors_gas_factors_and_parameters_are_told_apart(uk: Asked) -> None:
    assert uk.kinds() == Counter(factor=2_581, gas_factor=53, parameter=431)
    assert uk.rows("SELECT DISTINCT gas, quantity FROM candidate WHERE kind <> 'factor' ORDER BY ALL") == [
        ("CO2", None),
        (None, "energy use"),
    ]


def test_parts_of_co2e_become_gas_amounts_and_add_up_in_all_groups(uk: Asked) -> None:
    groups = uk.rows("SELECT n, count(*) FROM (SELECT count(*) AS n FROM gas_amount GROUP BY candidate_id) "
                     "GROUP BY n")  # fmt: skip

    assert groups == [(3, 1_278)]
    assert not uk.rows("SELECT 1 FROM finding WHERE code = 'GAS004'")
    assert uk.rows(
        "SELECT g.gas, g.amount_text FROM gas_amount g JOIN candidate c USING (candidate_id) "
        "WHERE c.row_no = 1 ORDER BY g.gas"
    ) == [("CH4", "2.25000"), ("CO2", "3029.26000"), ("N2O", "1.80000")]


def test_energy_is_held_back_by_its_rule_and_its_neighbours_are_not(uk: Asked) -> None:
    assert uk.rows(
        "SELECT c.kind, count(*), min(c.value_text) FROM finding f JOIN candidate c USING (candidate_id) "
        "WHERE f.code = 'UNI015' GROUP BY c.kind"
    ) == [("parameter", 431, "0.00000")]


def test_a_limit_is_no_value(uk: Asked) -> None:
    assert uk.rows(
        "SELECT DISTINCT c.value_text FROM finding f JOIN candidate c USING (candidate_id) WHERE f.code = 'VAL010'"
    ) == [("< 1",)]


def test_nothing_of_the_official_file_is_blocked(uk: Asked) -> None:
    assert uk.found("block") == Counter()

"""Bus emission factors, 1,052,970 rows: gases, pollutants and energy told apart; repeated keys found."""

import pytest

from tests.pipelines.real_files import Asked

pytestmark = pytest.mark.slow


def test_every_row_is_staged_or_refused(buses: Asked) -> None:
    counts = buses.intake.counts

    assert (counts.rows, counts.rows_staged, counts.rows_refused) == (1_052_970, 1_041_562, 11_408)
    assert buses.balanced()


def test_gases_are_gas_factors_and_pollutants_are_parameters(buses: Asked) -> None:
    assert buses.rows("SELECT kind, gas, count(*) FROM candidate GROUP BY ALL ORDER BY ALL") == [
        ("gas_factor", "CH4", 26_723),
        ("gas_factor", "CO2", 84_699),
        ("gas_factor", "N2O", 26_786),
        ("parameter", None, 903_354),
    ]


def test_energy_per_kilometre_in_grams_is_refused_with_its_cell(buses: Asked) -> None:
    assert buses.rows("SELECT code, field, found, count(*) FROM refused GROUP BY ALL") == [
        ("UNI109", "unit", "g/km", 11_408)
    ]


def test_repeated_keys_are_conflicts(buses: Asked) -> None:
    assert buses.rows(
        "SELECT count(*), count(DISTINCT c.factor_id) FROM finding f JOIN candidate c USING (candidate_id) "
        "WHERE f.code = 'DUP002'"
    ) == [(75_932, 37_966)]


def test_each_row_names_its_model(buses: Asked) -> None:
    assert buses.rows("SELECT source_id, count(*) FROM candidate GROUP BY ALL ORDER BY ALL") == [
        ("carb_emfac2017", 79_198),
        ("emep_eea_guidebook_2019", 775_628),
        ("us_epa_moves3", 186_736),
    ]

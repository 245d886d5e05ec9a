"""bonsai_ipcc 0.5.3: 94,526 rows of 396 tables, 21,107 parameters."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from factordb.errors import UsageError
from factordb.stages.sources import pipeline
from tests.pipelines.real_files import Asked, take

pytestmark = pytest.mark.slow


def test_every_row_is_staged_or_refused(bonsai: Asked) -> None:
    counts = bonsai.intake.counts

    assert (counts.rows, counts.rows_staged, counts.rows_refused) == (94_526, 93_876, 650)
    assert (counts.records, counts.candidates, counts.refused) == (21_107, 20_714, 393)
    assert bonsai.balanced()


def test_parameters_without_unit_or_value_are_refused_under_their_codes(bonsai: Asked) -> None:
    """Words in place of values and units (climate zones), placeholders, keys without a default."""
    assert bonsai.refused() == Counter(UNI101=331, VAL101=314, FMT003=97, VAL001=45, UNI102=12, UNI105=4, FMT005=1)


def test_impossible_bounds_are_held_back(bonsai: Asked) -> None:
    """62 keys; one of them is refused before, because its unit cannot be read (mm/year0.5)."""
    assert bonsai.found("block") == Counter(UNC002=61, DUP002=17)


def test_gas_factors_are_told_from_parameters(bonsai: Asked) -> None:
    assert bonsai.rows("SELECT gas, count(*) FROM candidate WHERE kind = 'gas_factor' GROUP BY gas ORDER BY gas") == [
        ("C2F6", 4),
        ("CF4", 4),
        ("CH4", 1_844),
        ("CO2", 141),
        ("HFC-23", 1),
        ("N2O", 396),
        ("N2O-N", 19),
        ("SF6", 2),
    ]
    assert not bonsai.rows("SELECT 1 FROM candidate WHERE kind = 'factor'")


def test_default_minimum_and_maximum_are_one_record(bonsai: Asked) -> None:
    assert bonsai.rows(
        "SELECT value_text, bound_low, bound_high, canonical_unit FROM candidate "
        "WHERE flow = 'par_ef_co2_coke' AND technology = 'by-product_recovery'"
    ) == [("0.51", 0.459, 0.561, "kgCO2/kg")]


def test_misspelt_words_are_corrected_and_the_correction_is_told(bonsai: Asked) -> None:
    assert bonsai.rows("SELECT count(*) FROM candidate WHERE flags LIKE '%corrected: property%'") == [(14,)]


def test_a_repaired_source_fails_loudly(wheel: Path, tmp_path: Path) -> None:
    declared = pipeline("bonsai-ipcc")
    repaired = replace(declared.corrections[0], match={"property": "abs_nay"}, expect="abs_nay")

    with pytest.raises(UsageError, match="finds no 'abs_nay'"):
        take(tmp_path, replace(declared, corrections=(repaired,)), [wheel])

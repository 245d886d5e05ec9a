"""The forms of the IPCC Emission Factor Database: 45 columns for import, 21 for export."""

from collections import Counter

from tests.pipelines.real_files import Asked


def test_every_row_of_the_forms_is_staged_as_a_parameter(forms: Asked) -> None:
    counts = forms.intake.counts

    assert (counts.rows, counts.rows_staged, counts.rows_refused) == (1_435, 1_435, 0)
    assert forms.kinds() == Counter(parameter=1_435)
    assert len(forms.intake.inputs) == 38


def test_confidence_limits_are_bounds_and_na_is_none(forms: Asked) -> None:
    assert forms.rows("SELECT statement, count(*) FROM candidate GROUP BY ALL ORDER BY ALL") == [
        ("bounds95", 388),
        ("none", 1_047),
    ]


def test_a_lost_increment_is_no_fault_of_sign(forms: Asked) -> None:
    assert forms.found("block") == Counter()
    assert forms.rows("SELECT count(*) FROM candidate WHERE value < 0 AND direction = 'removal'")[0][0] > 0


def test_every_country_is_found(forms: Asked) -> None:
    assert forms.rows("SELECT region_text FROM candidate WHERE region IS NULL") == []


def test_every_row_of_the_export_is_staged_or_refused(export: Asked) -> None:
    counts = export.intake.counts

    assert (counts.rows, counts.rows_staged, counts.rows_refused) == (24, 19, 5)
    assert export.refused() == Counter(VAL001=1, VAL101=1, UNI001=1, UNI103=1, UNI108=1)


def test_forms_of_values_of_the_export_are_read(export: Asked) -> None:
    """
    ID,  kind,       gas,   value,   form
    D03, gas_factor, CO2,   98300,   thousands
    D04, gas_factor, CH4,   0.44,    range
    D05, parameter,  ,      18,      plain
    D06, gas_factor, CH4,   12.5,    plus_minus
    D07, gas_factor, CH4,   118,     plus_minus_percent
    D09, gas_factor, CH4,   0.85,    decimal_comma
    D10, gas_factor, N2O-N, 0.00009, scientific
    D11, gas_factor, N2O-N, ,        below
    D12, parameter,  ,      ,        listed
    D15, parameter,  C,     26.8,    plain
    D16, parameter,  ,      98,      plain
    D18, gas_factor, CF4,   0.4,     interval
    D20, gas_factor, N2O,   9,       approximate
    """
    table = (test_forms_of_values_of_the_export_are_read.__doc__ or "").strip().splitlines()[1:]
    expected = [tuple(cell.strip() or None for cell in line.split(",")) for line in table]
    found = {
        one: (kind, gas, value, form)
        for one, kind, gas, value, form in export.rows(
            "SELECT product_code, kind, gas, value, value_form FROM candidate"
        )
    }

    for one, kind, gas, value, form in expected:
        assert found[one] == (kind, gas, float(value) if value else None, form)


def test_cells_of_several_lines_are_kept(export: Asked) -> None:
    assert export.rows("SELECT category FROM candidate WHERE product_code = 'D04'") == [("1.A.1; 1.A.2; 1.A.4",)]


def test_the_example_is_a_demonstration_and_says_so(export: Asked) -> None:
    assert export.rows(
        "SELECT DISTINCT c.source_id, s.demonstration FROM candidate c JOIN source s USING (source_id)"
    ) == [("demo_efdb_export", True)]

"""TIM: the day of appraisal is 2026-01-01."""

from tests.checks.asking_checks import Ask


def test_time_is_stated(ask: Ask) -> None:
    """
    name,      reference_year, published_on, valid_from, outcome
    year,      2024,           -,            ,           kept
    published, -,              2024-05-01,   ,           kept
    valid,     -,              -,            2024-01-01, kept
    silent,    -,              -,            ,           broken
    """
    ask("TIM001")


def test_data_are_not_of_the_future(ask: Ask) -> None:
    """
    name,   reference_year, published_on, outcome
    this,   2026,           ,             kept
    next,   2027,           ,             broken
    silent, -,              -,            not asked
    """
    ask("TIM002")


def test_publication_is_past(ask: Ask) -> None:
    """
    name,     published_on, reference_year, outcome
    today,    2026-01-01,   ,               kept
    tomorrow, 2026-01-02,   ,               broken
    silent,   -,            -,              not asked
    """
    ask("TIM003")


def test_validity_is_in_order(ask: Ask) -> None:
    """
    name,    valid_from, valid_until, outcome
    order,   2024-01-01, 2025-01-01,  kept
    open,    2024-01-01, ,            kept
    reverse, 2025-01-01, 2024-01-01,  broken
    """
    ask("TIM004")


def test_value_has_not_expired(ask: Ask) -> None:
    """
    name,    valid_from, valid_until, outcome
    last,    2024-01-01, 2026-01-01,  kept
    expired, 2024-01-01, 2025-12-31,  broken
    reverse, 2025-01-01, 2024-01-01,  not asked
    open,    ,           ,            not asked
    """
    ask("TIM005")


def test_data_precede_publication(ask: Ask) -> None:
    """
    name,   reference_year, published_on, outcome
    before, 2023,           2025-06-30,   kept
    after,  2025,           2024-06-30,   broken
    future, 2027,           2024-06-30,   not asked
    silent, 2023,           -,            not asked
    """
    ask("TIM006")


def test_update_is_not_overdue(ask: Ask) -> None:
    """
    name,        reference_year, published_on, tier,       flow,        outcome, says
    literature,  2016,           ,             literature, ,            kept,
    old,         2015,           ,             literature, ,            broken,  ≥ 2016
    official,    2021,           ,             official,   ,            kept,
    official_6,  2020,           ,             official,   ,            broken,
    electricity, 2023,           ,             official,   electricity, broken,
    by_date,     -,              2010-01-01,   official,   ,            broken,  2010-01-01
    silent,      -,              -,            ,           ,            not asked,
    """
    ask("TIM007")


def test_year_is_believable(ask: Ask) -> None:
    """
    name,   reference_year, published_on, outcome
    kyoto,  1990,           ,             kept
    slip,   1924,           ,             broken
    silent, -,              -,            not asked
    """
    ask("TIM008")

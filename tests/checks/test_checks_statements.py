"""UNC: stated uncertainties, and results of the uncertainty stage."""

from tests.checks.asking_checks import Ask


def test_spread_is_positive(ask: Ask) -> None:
    """
    name,   cv_percent, sd,   statement_text, outcome
    cv,     12.2,       ,     12.2,           kept
    sd,     ,           0.1,  0.1,            kept
    zero,   0,          ,     0,              broken
    minus,  ,           -0.1, -0.1,           broken
    silent, ,           ,     ,               not asked
    """
    ask("UNC001")


def test_bounds_contain_the_value(ask: Ask) -> None:
    """
    name,    bound_low, bound_high, outcome
    around,  3.0,       3.2,        kept
    reverse, 3.2,       3.0,        broken
    above,   3.2,       3.4,        broken
    silent,  ,          ,           not asked
    """
    ask("UNC002")


def test_geometric_spread_is_above_one(ask: Ask) -> None:
    """
    name,   gsd2,  outcome
    plain,  1.276, kept
    one,    1,     broken
    below,  0.2,   broken
    silent, ,      not asked
    """
    ask("UNC003")


def test_uncertainty_is_stated(ask: Ask) -> None:
    """
    name,    statement,  bound_low, bound_high, expression, outcome
    stated,  cv_percent, ,          ,           ,           kept
    whole,   bounds95,   3.0,       3.2,        ,           kept
    low,     bounds95,   3.0,       ,           ,           broken
    high,    bounds95,   ,          3.2,        ,           broken
    silent,  none,       ,          ,           ,           broken
    derived, none,       ,          ,           ef * ncv,   not asked
    """
    ask("UNC004")


def test_bounds_are_confirmed(ask: Ask) -> None:
    """
    name,      bound_low, bound_high, flags,              outcome
    confirmed, 3.0,       3.2,        ,                   kept
    open,      3.0,       3.2,        bounds unconfirmed, broken
    reverse,   3.2,       3.0,        bounds unconfirmed, not asked
    silent,    ,          ,           ,                   not asked
    """
    ask("UNC005")


def test_uncertainty_can_be_propagated(ask: Ask) -> None:
    """
    name,  value_text, value, u_cv, u_reason,     outcome
    done,  3.10,       ,      0.1,  ,             kept
    stuck, 3.10,       ,      ,     no input ncv, broken
    none,  <0.1,       -,     ,     no value,     not asked
    """
    ask("UNC006")


def test_uncertainty_is_below_its_value(ask: Ask) -> None:
    """
    Valve CH4 of the national database has 376.9 %.

    name,  u_cv,  u_reason,     outcome,   says
    plain, 0.183, ,             kept,
    valve, 3.769, ,             broken,    376.9 %
    stuck, ,      no input ncv, not asked,
    """
    ask("UNC007")


def test_bounds_are_wider_than_rounding(ask: Ask) -> None:
    """
    name,    bound_low, bound_high, outcome
    around,  3.0,       3.2,        kept
    narrow,  3.099,     3.101,      broken
    reverse, 3.2,       3.0,        not asked
    """
    ask("UNC008")


def test_spread_is_possible(ask: Ask) -> None:
    """
    name,    cv_percent, outcome
    valve,   376.9,      kept
    shifted, 37690,      broken
    zero,    0,          not asked
    silent,  ,           not asked
    """
    ask("UNC009")


def test_spread_is_a_percentage(ask: Ask) -> None:
    """
    name,     cv_percent, outcome
    clinker,  2.98,       kept
    fraction, 0.18,       broken
    zero,     0,          not asked
    silent,   ,           not asked
    """
    ask("UNC010")


def test_bounds_are_near_each_other(ask: Ask) -> None:
    """
    name,    bound_low, bound_high, outcome,   says
    plain,   3.0,       3.2,        kept,
    apart,   0.003,     300,        broken,    1e+05
    zero,    0,         300,        not asked,
    reverse, 3.2,       3.0,        not asked,
    """
    ask("UNC011")

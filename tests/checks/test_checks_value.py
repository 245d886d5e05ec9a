"""VAL: one number, its sign, its digits."""

from tests.checks.asking_checks import Ask


def test_value_is_one_number(ask: Ask) -> None:
    """
    name,     value_text, value, value_form,  outcome
    plain,    3.10,       ,      ,            kept
    below,    <0.1,       -,     below,       broken
    infinite, 1e999,      inf,   ,            broken
    """
    ask("VAL010")


def test_range_has_a_centre(ask: Ask) -> None:
    """
    name,  value_text, value, value_form, value_low, value_high, outcome,   says
    plain, 0.44,       ,      ,           ,          ,           kept,
    range, 0.40~0.48,  0.44,  range,      0.40,      0.48,       broken,    0.4 – 0.48
    below, <0.1,       -,     below,      ,          ,           not asked,
    """
    ask("VAL011")


def test_value_is_not_rough(ask: Ask) -> None:
    """
    name,  value_text, value, value_form,  outcome
    plain, 0.8,        ,      ,            kept
    rough, 约0.8,      0.8,   approximate, broken
    none,  <0.1,       -,     below,       not asked
    """
    ask("VAL012")


def test_negative_is_declared(ask: Ask) -> None:
    """
    name,   value_text, value, direction, outcome
    plain,  3.10,       ,      ,          kept
    sink,   -3.10,      ,      removal,   kept
    credit, -3.10,      ,      credit,    kept
    slip,   -3.10,      ,      ,          broken
    none,   <0.1,       -,     ,          not asked
    """
    ask("VAL013")


def test_removal_has_its_sign(ask: Ask) -> None:
    """
    name,     value_text, direction, outcome
    sink,     -3.10,      removal,   kept
    amount,   3.10,       removal,   broken
    emission, 3.10,       ,          not asked
    """
    ask("VAL014")


def test_value_is_not_zero(ask: Ask) -> None:
    """
    name,  value_text, value, outcome
    plain, 3.10,       ,      kept
    zero,  0.0,        ,      broken
    none,  <0.1,       -,     not asked
    """
    ask("VAL015")


def test_share_is_at_most_one(ask: Ask) -> None:
    """
    name,     value_text, unit_text, quantity,         outcome
    share,    98,         %,         oxidation,        kept
    whole,    100,        %,         oxidation,        kept
    over,     101,        %,         oxidation,        broken
    negative, -1,         %,         碳氧化率,         broken
    fraction, 1.2,        1,         oxidation share,  broken
    ratio,    1.2,        1,         air to fuel,      kept
    factor,   101,        ,          ,                 not asked
    """
    ask("VAL016")


def test_percentage_is_a_parameter(ask: Ask) -> None:
    """
    name,    value_text, unit_text, quantity,  outcome
    named,   98,         %,         oxidation, kept
    unnamed, 98,         %,         ,          broken
    factor,  3.10,       ,          ,          not asked
    """
    ask("VAL017")


def test_digits_are_not_residue(ask: Ask) -> None:
    """
    name,      value_text,        value, value_form, outcome,   says
    plain,     0.0031000,         ,      ,           kept,
    ten,       1.234567890,       ,      ,           kept,
    residue,   186.319682732636,  ,      ,           broken,    15
    small,     1.2345678901e-12,  ,      ,           broken,
    worked,    186.319682732636,  ,      derived,    not asked,
    """
    ask("VAL018")

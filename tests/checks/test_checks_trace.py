"""TRA: source, place, what stands there, rights."""

from tests.checks.asking_checks import Ask


def test_place_is_stated(ask: Ask) -> None:
    """
    name,   source_place, outcome
    stated, p. 7,         kept
    bare,   -,            broken
    """
    ask("TRA002")


def test_value_stands_at_its_place(ask: Ask) -> None:
    """
    name,      value_text, value, source_value, source_place, outcome,   says
    same,      0.5440,     ,      0.5440,       ,             kept,
    zero,      0.544,      ,      0.5440,       ,             kept,
    thousands, 96000,      ,      96 000,       ,             kept,
    range,     0.40~0.48,  0.44,  0.40~0.48,    ,             kept,
    other,     0.5440,     ,      0.5540,       ,             broken,    0.5540
    words,     0.5440,     ,      see note,     ,             broken,
    nowhere,   0.5440,     ,      0.5540,       -,            not asked,
    unlooked,  0.5440,     ,      -,            ,             not asked,
    """
    ask("TRA003")


def test_value_was_looked_for(ask: Ask) -> None:
    """
    name,     source_value, source_place, expression, outcome
    looked,   3.10,         ,             ,           kept
    derived,  -,            ,             ef * ncv,   kept
    unlooked, -,            ,             ,           broken
    nowhere,  -,            -,            ,           not asked
    """
    ask("TRA004")


def test_digits_are_kept(ask: Ask) -> None:
    """
    name,     value_text, source_value, outcome
    same,     0.5440,     0.5440,       kept
    spaced,   96000,      96 000,       kept
    lost,     0.544,      0.5440,       broken
    gained,   0.5440,     0.544,        broken
    other,    0.5440,     0.5540,       not asked
    unlooked, 0.544,      -,            not asked
    """
    ask("TRA006")


def test_read_from_the_publisher(ask: Ask) -> None:
    """
    name,     read_from, outcome
    original, ,          kept
    copy,     a website, broken
    """
    ask("TRA007")


def test_rights_are_stated(ask: Ask) -> None:
    """
    name,   source_id, outcome
    stated, source-1,  kept
    silent, bare-1,    broken
    """
    ask("TRA008")


def test_original_can_be_had(ask: Ask) -> None:
    """
    name,   source_id, outcome
    stated, source-1,  kept
    silent, bare-1,    broken
    """
    ask("TRA009")


def test_copies_agree(ask: Ask) -> None:
    """
    IPCC 2006 Vol. 2 Table 1.2, natural gas liquids: one copy says 44.2, another 44.3.

    name,   flags,                         outcome
    agreed, ,                              kept
    differ, copies differ: 44.2 and 44.3,  broken
    """
    ask("TRA010")


def test_measured_is_verified(ask: Ask) -> None:
    """
    name,       tier,                verified, outcome
    verified,   measured_verified,   true,     kept
    unverified, measured_unverified, ,         broken
    label,      measured_verified,   ,         broken
    official,   official,            ,         not asked
    """
    ask("TRA011")


def test_named_in_both_languages(ask: Ask) -> None:
    """
    name,    name_zh, name_en, outcome, says
    both,    柴油,    diesel,  kept,
    chinese, 柴油,    -,       broken,  name_en
    english, -,       diesel,  broken,  name_zh
    """
    ask("TRA012")


def test_an_aggregate_covers_its_production(ask: Ask) -> None:
    """
    name,        pipeline,  flags,       outcome
    whole,       aggregate, -,           kept
    provisional, aggregate, provisional, broken
    sample,      lime,      provisional, not asked
    """
    ask("TRA013")

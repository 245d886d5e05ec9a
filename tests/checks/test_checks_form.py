"""FMT: contract, words, names."""

from tests.checks.asking_checks import Ask


def test_row_keeps_the_contract(ask: Ask) -> None:
    """
    name,     boundary, tier,     reference_year, te, outcome, says
    sound,    ,         ,         ,               ,   kept,
    word,     cradle,   ,         ,               ,   broken,  cradle
    tier,     ,         rumoured, ,               ,   broken,  rumoured
    year,     ,         ,         1850,           ,   broken,  1850
    """
    ask("FMT006")


def test_place_is_known(ask: Ask) -> None:
    """
    name,    region, region_text, outcome, says
    known,   CN,     中国,        kept,
    unknown, -,      Atlantis,    broken,  Atlantis
    """
    ask("FMT007")


def test_text_is_readable(ask: Ask) -> None:
    """
    name,  name_zh, outcome
    plain, 柴油,    kept
    wrong, 柴�,     broken
    """
    ask("FMT008")


def test_english_name_is_english(ask: Ask) -> None:
    """
    name,    name_en,   outcome
    english, diesel,    kept
    chinese, diesel 柴油, broken
    none,    -,         not asked
    """
    ask("FMT009")


def test_text_is_no_formula(ask: Ask) -> None:
    """
    name,    name_zh, name_en, flow,      outcome
    plain,   柴油,    ,        ,          kept
    formula, =1+1,    ,        ,          broken
    at,      ,        @sum,    ,          broken
    flow,    ,        ,        =cmd|'/c', broken
    """
    ask("FMT020")


def test_region_is_called_by_its_name(ask: Ask) -> None:
    """
    name,    region, region_text,    outcome
    full,    450000, 广西壮族自治区, kept
    short,   450000, 广西,           kept
    wrong,   450000, 广西省,         broken
    city,    310000, 上海省,         broken
    unknown, -,      广西省,         not asked
    """
    ask("FMT021")


def test_product_is_named(ask: Ask) -> None:
    """
    name,     flow, name_zh, name_en, outcome
    flow,     soil, -,       -,       kept
    name,     -,    土壤,    -,       kept
    nameless, -,    -,       -,       broken
    """
    ask("FMT022")


def test_boundary_is_stated(ask: Ask) -> None:
    """
    name,      boundary,    unit_text, outcome
    direct,    direct,      ,          kept
    silent,    unspecified, ,          broken
    parameter, unspecified, %,         not asked
    """
    ask("FMT023")

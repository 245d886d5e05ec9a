"""The page of trial footprints: one inventory, scenarios, many plants; findings, results, report, in both languages."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest

from factordb import Library
from factordb.dashboard.footprints import (
    DRAWN_PLANTS,
    batch_uploaded,
    benchmarks_plot,
    compared_uploaded,
    differences_plot,
    number_in_words,
    plants_bytes,
    plants_plot,
    report_bytes,
    scenarios_plot,
    template_bytes,
    trial_uploaded,
)
from factordb.errors import FactorDBError
from tests.dashboards.conftest import HOSTILE, Open
from tests.dashboards.test_dashboards_house import words_of
from tests.dashboards.test_dashboards_pages import sound, texts
from tests.dashboards.test_dashboards_words import words

MIME = "application/octet-stream"
PLANTS = "plant,production,power,gec\n甲,100,1350000,300000\n乙,300,4000000,0\n".encode()


@pytest.mark.parametrize(
    ("lang", "ending", "head"), [("zh", "toml", "每 1 t"), ("en", "xlsx", "carbon footprint of 1 t")]
)
def test_an_uploaded_inventory_shows_findings_result_and_reports(
    desk: Path, page: Open, lang: str, ending: str, head: str
) -> None:
    app = page(desk, "footprint", lang)
    sound(app)
    assert len(app.get("download_button")) == 2
    content = template_bytes(ending, lang)
    app.get("file_uploader")[0].set_value((f"mine.{ending}", content, "application/octet-stream")).run()
    sound(app)
    found = trial_uploaded(Library.open(desk), f"mine.{ending}", content)
    assert head in " ".join(texts(app))
    assert [one.value for one in app.metric] == [f"{one['value']:,.5g} kgCO2e" for one in found["results"].values()]
    assert list(app.dataframe[0].value.iloc[:, 0]) == [one["code"] for one in found["findings"]]
    assert len(app.dataframe[-1].value) == len(found["factors"])
    assert len(app.get("download_button")) == 4
    assert report_bytes(found, "docx", lang)[:2] == b"PK"
    shown = [cell for table in app.dataframe for row in table.value.astype(str).to_numpy() for cell in row]
    [line] = found["electricity"]["lines"]
    for one in (*line["items"]["location"], *line["items"]["market"]):
        assert f"{one['value']:,.6g}" in shown
        assert any(words(lang)["footprintitem"][one["kind"]] in cell for cell in shown)
    cited = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", " ".join(texts(app)))
    assert all(f"[{one['number']}] {one['citation'][lang]}" in cited for one in found["factors"])
    assert "GEC-2024-000001, GEC-2024-000002, GEC-2024-000003" in shown


def _less(content: bytes) -> bytes:
    return content.replace(b"amount = 13500", b"amount = 12800")


def _copied(app: Any) -> str:
    return " ".join(one.value for one in app.code)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_scenarios_are_compared_under_common_draws(desk: Path, page: Open, lang: str) -> None:
    app = page(desk, "footprint", lang, trial="compare")
    sound(app)
    content = template_bytes("toml", lang)
    app.get("file_uploader")[0].set_value(("base.toml", content, MIME)).run()
    sound(app)
    assert words(lang)["footprint"]["others_needed"] in texts(app)
    sent = [("less.toml", _less(content), MIME), ("base.toml", content, MIME)]
    app.get("file_uploader")[1].set_value(sent).run()
    sound(app)
    found = compared_uploaded(Library.open(desk), [("base.toml", content), *((one[0], one[1]) for one in sent)])
    assert list(found["scenarios"]) == ["base", "less", "base (3)"]
    assert [one.value for one in app.metric] == [f"{100 * one['first_below']:.1f} %" for one in found["comparisons"]]
    assert "less" in app.metric[0].label
    low, high = (number_in_words(found["comparisons"][0]["difference"][end]) for end in ("low95", "high95"))
    assert low.startswith("−")
    assert any(re.sub(r"\\", "", one.value).count(f"[{low}, {high}]") for one in app.caption)
    assert list(app.dataframe[-1].value.iloc[:, 0]) == list(found["scenarios"])
    for draw, values in ((scenarios_plot, [one["result"] for one in found["scenarios"].values()]),
                         (differences_plot, [one["difference"] for one in found["comparisons"]])):  # fmt: skip
        said = words_of(draw(found, lang, "t"))
        assert "kgCO2e / 1 t" in said
        assert all(number_in_words(one[key]) in said for one in values for key in ("value", "low95", "high95"))
    assert all(re.search(r"\b(base|less)", cell) for cell in app.dataframe[0].value.iloc[:, 2])
    assert "factordb footprint compare inventory.toml other.toml" in _copied(app)
    assert "trial=compare" in _copied(app)
    assert "library.compare_scenarios(" in _copied(app)


@pytest.mark.parametrize(("lang", "ending"), [("zh", "toml"), ("en", "xlsx")])
def test_many_plants_give_benchmark_values_in_both_ways(desk: Path, page: Open, lang: str, ending: str) -> None:
    app = page(desk, "footprint", lang, trial="batch")
    content = template_bytes(ending, lang)
    app.get("file_uploader")[0].set_value((f"mine.{ending}", content, MIME)).run()
    sound(app)
    assert len(app.get("download_button")) == 3
    app.get("file_uploader")[1].set_value(("plants.csv", PLANTS, "text/csv")).run()
    sound(app)
    found = batch_uploaded(Library.open(desk), (f"mine.{ending}", content), ("plants.csv", PLANTS))
    means = [told["mean"] for told in found["ways"].values()]
    assert list(found["ways"]) == ["location", "market"]
    assert [one.value for one in app.metric] == [f"{one['value']:,.5g} kgCO2e" for one in means]
    assert app.dataframe[-2].value.shape == (2, 6)
    assert app.dataframe[-1].value.shape == (5, 5)
    for way, told in found["ways"].items():
        said = words_of(benchmarks_plot(found, way, lang, "t", "m"))
        assert all(f"{one['value']:,.5g}" in said for one in (told["mean"], *told["quantiles"]))
    assert all(one["plant"] in words_of(plants_plot(found, lang, "t")) for one in found["plants"])
    assert "factordb footprint batch inventory.toml plants.csv" in _copied(app)
    assert "library.batch_trial(" in _copied(app)
    bare = ("plants.csv", b"plant,production,power\nA,1,13500\n", "text/csv")
    app.get("file_uploader")[1].set_value(bare).run()
    sound(app)
    assert words(lang)["footprint"]["one_way"] in texts(app)
    assert "TRL071" in set(app.dataframe[0].value.iloc[:, 0])


def test_a_table_of_plants_to_fill_in_gives_what_the_inventory_gives(desk: Path) -> None:
    mine = ("mine.toml", template_bytes("toml", "zh"))
    table = plants_bytes(mine)
    [row] = csv.DictReader(io.StringIO(table.decode("utf-8-sig")))
    assert (row["production"], row["power"], row["gec"]) == ("1", "13500", "3000")
    library = Library.open(desk)
    single, many = trial_uploaded(library, *mine), batch_uploaded(library, mine, ("plants.csv", table))
    for way, one in single["results"].items():
        assert many["ways"][way]["mean"]["value"] == pytest.approx(one["value"], rel=1e-12)


def test_of_many_plants_the_largest_are_drawn(desk: Path) -> None:
    rows = "".join(f"p{at:02},{1 + at},{13500 * (1 + at)}\n" for at in range(DRAWN_PLANTS + 10))
    table = f"plant,production,power\n{rows}".encode()
    found = batch_uploaded(Library.open(desk), ("mine.toml", template_bytes("toml", "en")), ("plants.csv", table))
    said = words_of(plants_plot(found, "en", "t"))
    assert ("p09" in said, "p10" in said, f"p{DRAWN_PLANTS + 9}" in said) == (False, True, True)


def test_scenarios_of_another_basis_and_blocked_plants_say_why(desk: Path, page: Open) -> None:
    content = template_bytes("toml", "en")
    app = page(desk, "footprint", "en", trial="compare")
    app.get("file_uploader")[0].set_value(("a.toml", content, MIME)).run()
    other = content.replace(b'gwp_set = "AR6"', b'gwp_set = "AR5"', 1)
    app.get("file_uploader")[1].set_value([("b.toml", other, MIME)]).run()
    sound(app)
    assert "TRL070" in set(app.dataframe[0].value.iloc[:, 0])
    assert words("en")["footprint"]["not_comparable"] in [one.value for one in app.warning]
    assert not app.metric
    app = page(desk, "footprint", "en", trial="batch")
    app.get("file_uploader")[0].set_value(("a.toml", content.replace(b"000002", b"000001"), MIME)).run()
    app.get("file_uploader")[1].set_value(("p.csv", PLANTS, MIME)).run()
    sound(app)
    assert "TRL020" in set(app.dataframe[0].value.iloc[:, 0])
    assert not app.metric


def test_a_blocked_inventory_shows_why_and_no_result(desk: Path, page: Open) -> None:
    app = page(desk, "footprint", "en")
    content = template_bytes("toml", "en").replace(b"GEC-2024-000002", b"GEC-2024-000001")
    app.get("file_uploader")[0].set_value(("mine.toml", content, "text/plain")).run()
    sound(app)
    assert "TRL020" in set(app.dataframe[0].value.iloc[:, 0])
    assert any("must be repaired" in one.value for one in app.warning)
    assert not app.metric


def test_hostile_words_stay_words_and_rubbish_is_a_sentence(desk: Path, page: Open) -> None:
    library = Library.open(desk)
    for content in (b"\xff\xfe\x00", b"[study", b"[study]\nname = 1\nunkown = 2\n"):
        with pytest.raises(FactorDBError) as fault:
            trial_uploaded(library, "mine.toml", content)
        assert all(fault.value.words("zh"))
    app = page(desk, "footprint", "zh")
    told = template_bytes("toml", "zh").decode().replace('name = "电解铝"', f"name = '{HOSTILE[1]}'")
    app.get("file_uploader")[0].set_value(("mine.toml", told.encode(), "text/plain")).run()
    sound(app)
    assert not any("![pixel]" in one.value for one in app.markdown)
    app = page(desk, "footprint", "zh", trial="compare")
    app.get("file_uploader")[0].set_value((f"{HOSTILE[3]}.toml", told.encode(), "text/plain")).run()
    app.get("file_uploader")[1].set_value([(f"{HOSTILE[1][:9]}.toml", told.encode(), "text/plain")]).run()
    sound(app)
    assert app.metric
    assert not any("**bold**" in text for text in (*(one.label for one in app.metric), *texts(app)))

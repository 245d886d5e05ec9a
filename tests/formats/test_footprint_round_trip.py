"""PACT v3 and v2.3 and Catena-X: what is written is read back; what no source states is named."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import Content, ExchangeFormat, ReadBack
from factordb.formats.rows import release_schema
from factordb.model.release import RELEASE_COLUMNS
from factordb.reference.tables import card, table
from tests.formats.made_factors import by_key, content_of, contents, gas_lines, hand_made
from tests.formats.made_release import BASE

NAMES = ("pact3", "pact2", "catenax")
BOUNDARIES = ("cradle_to_gate", "cradle_to_grave", "direct", "unspecified")
PLACES = ("CN", "GLO", "RoW", "CN-GRID-CC", "440000", "M49-142", "M49-003", "DE", None)


@pytest.fixture(params=NAMES)
def room(request: pytest.FixtureRequest) -> ExchangeFormat:
    return exchange_format(request.param)


def made(**changed: Any) -> dict[str, Any]:
    blank = dict.fromkeys(release_schema().names)
    return blank | BASE | {"factor_id": f"{1:032x}", "version_id": "v1", "boundary": "cradle_to_gate"} | changed


def one_of(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))["data"]
    assert len(found) == 1
    return dict(found[0])


def written(room: ExchangeFormat, folder: Path, **changed: Any) -> Path:
    target = folder / "made.json"
    room.write(content_of([made(**changed)]), target)
    return target


def native(room: ExchangeFormat, path: Path) -> ReadBack:
    """Read without our own row, as a stranger's file."""
    text = path.read_text(encoding="utf-8").replace("factordb-annex/1", "x").replace("footprint-extension:1", "other:1")
    path.write_text(text, encoding="utf-8")
    path.with_name(f"{path.name}.factordb-sidecar.jsonl").unlink(missing_ok=True)
    return room.read(path)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=contents(), data=st.data())
def test_any_factors_come_back_equal(
    room: ExchangeFormat, content: Content, data: st.DataObject, tmp_path_factory: Any
) -> None:
    rows = [
        row | {"boundary": data.draw(st.sampled_from(BOUNDARIES)), "region": data.draw(st.sampled_from(PLACES))}
        for row in content.rows.to_pylist()
    ]
    content = content_of(rows, content.gases.to_pylist())
    target = tmp_path_factory.mktemp("made") / f"made{data.draw(st.sampled_from(['.json', '.ndjson', '.zip']))}"
    done = room.write(content, target)
    back = room.read(target)
    assert by_key(back.rows) == by_key(content.rows)
    assert gas_lines(back.gases) == gas_lines(content.gases)
    assert [(fault.code, fault.found) for fault in back.faults if fault.code != "FMT058"] == []
    assert back.datasets == content.rows.num_rows == back.rows.num_rows + back.refused
    assert done.datasets + sum(loss.rows for loss in done.losses if loss.how == "sidecar") == content.rows.num_rows
    shutil.rmtree(target.parent)


def test_a_folder_an_archive_and_a_file_say_the_same(room: ExchangeFormat, tmp_path: Path) -> None:
    found = []
    for name in ("made.json", "made.jsonl", "made.zip", "folder"):
        room.write(hand_made(), tmp_path / name)
        assert room.sniff(tmp_path / name) == (room.name != "catenax"), name  # none of them is from the cradle
        found.append(by_key(room.read(tmp_path / name).rows))
    assert all(one == found[0] for one in found)


def test_the_same_content_gives_the_same_bytes(room: ExchangeFormat, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        room.write(hand_made(), tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_without_our_row_the_footprint_still_says_it(room: ExchangeFormat, tmp_path: Path) -> None:
    told = {"name_en": "wind power", "technology": "offshore", "unit": "gCO2e/kWh", "value": 12.5, "value_text": "12.5"}
    back = native(room, written(room, tmp_path, **told, region="440000"))
    assert back.refused == 0
    row = back.rows.to_pylist()[0]
    assert (row["name_en"], row["technology"], row["region"]) == ("wind power", "offshore", "440000")
    assert (row["value"], row["unit"], row["gwp_set"]) == (pytest.approx(0.0125), "kgCO2e/kWh", "AR5")
    assert (row["boundary"], row["reference_year"]) == ("cradle_to_gate", 2024)
    assert (row["te"], row["gr"], row["ti"], row["p"]) == (1, 1, 2, None)


@pytest.mark.parametrize(
    ("unit", "name", "value"),
    [
        ("kgCO2e/MWh", "kilowatt hour", 0.001),
        ("gCO2e/MJ", "megajoule", 0.001),
        ("tCO2e/10^4 t", "kilogram", 0.0001),
        ("kgCO2e/L", "liter", 1.0),
        ("kgCO2e/m3", "cubic meter", 1.0),
        ("kgCO2e/(t·km)", "ton kilometer", 1.0),
    ],
)
def test_values_are_per_one_listed_unit(
    room: ExchangeFormat, tmp_path: Path, unit: str, name: str, value: float
) -> None:
    text = written(room, tmp_path, unit=unit, value=1.0, value_text="1").read_text(encoding="utf-8")
    assert f'"{name}"' in text
    row = native(room, tmp_path / "made.json").rows.to_pylist()[0]
    assert row["value"] == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("unit", ["kgCO2e/Nm3", "kgCO2e/kg Al", "tCO2e/10^4 CNY", "kgCO2e/tce", "kgCO2e/weight box"])
def test_a_unit_that_is_not_listed_goes_to_the_sidecar(room: ExchangeFormat, tmp_path: Path, unit: str) -> None:
    target = tmp_path / "made.json"
    done = room.write(content_of([made(unit=unit)]), target)
    assert (done.datasets, [(loss.field, loss.how, loss.rows) for loss in done.losses]) == (0, [("unit", "sidecar", 1)])
    assert room.read(target).rows.num_rows == 1


def test_a_removal_is_no_footprint(room: ExchangeFormat, tmp_path: Path) -> None:
    done = room.write(content_of([made(value=-1.0, direction="removal")]), tmp_path / "made.json")
    assert [(loss.field, loss.how) for loss in done.losses] == [("value", "sidecar")]


def test_what_no_source_states_is_named_and_read_as_nothing(tmp_path: Path) -> None:
    room = exchange_format("pact3")
    path = written(room, tmp_path, gwp_set=None, region=None, reference_year=None)
    found = one_of(path)
    absent = found["extensions"][0]["data"]["notStated"]
    assert {"ipccCharacterizationFactors", "geography", "referencePeriod", "fossilCarbonContent"} <= set(absent)
    assert all(name in found["comment"] for name in absent)
    assert found["pcf"]["ipccCharacterizationFactors"] == ["AR0"]
    row = room.read(path).rows.to_pylist()[0]
    assert (row["gwp_set"], row["region"], row["reference_year"]) == (None, None, None)


def test_a_place_is_named_once_and_the_world_by_none(tmp_path: Path) -> None:
    room = exchange_format("pact3")
    names = {"geographyCountry", "geographyCountrySubdivision", "geographyRegionOrSubregion"}
    for region, expected in (
        ("CN", {"geographyCountry": "CN"}),
        ("CN-GRID-CC", {"geographyCountry": "CN"}),
        ("440000", {"geographyCountrySubdivision": "CN-GD"}),
        ("M49-142", {"geographyRegionOrSubregion": "Asia"}),
        ("GLO", {}),
    ):
        pcf = one_of(written(room, tmp_path, region=region))["pcf"]
        assert {name: pcf[name] for name in names & set(pcf)} == expected, region


def test_scores_of_version_2_run_from_one_to_three(tmp_path: Path) -> None:
    room = exchange_format("pact2")
    path = written(room, tmp_path, te=5, gr=1, ti=2)
    dqi = one_of(path)["pcf"]["dqi"]
    assert (dqi["technologicalDQR"], dqi["geographicalDQR"], dqi["temporalDQR"]) == (3.0, 1.0, 1.5)
    assert dqi["completenessDQR"] == dqi["reliabilityDQR"] == 3.0
    row = native(room, path).rows.to_pylist()[0]
    assert (row["te"], row["gr"], row["ti"]) == (5, 1, 2)


def test_a_decimal_has_no_exponent_and_all_its_digits(tmp_path: Path) -> None:
    room = exchange_format("pact3")
    pcf = one_of(written(room, tmp_path, value=1.2e-7, value_text="1.2e-7"))["pcf"]
    assert pcf["pcfExcludingBiogenicUptake"] == "0.00000012"


def test_a_changed_value_is_taken_and_our_row_is_not(room: ExchangeFormat, tmp_path: Path) -> None:
    path = written(room, tmp_path)
    key = "pCfExcludingBiogenic" if room.name == "pact2" else "pcfExcludingBiogenicUptake"
    found = json.loads(path.read_text(encoding="utf-8"))
    inner = found["data"][0]
    inner = (
        inner["productLifeCycleStagesAndEmissions"][0]["productionStage"][0] if room.name == "catenax" else inner["pcf"]
    )
    inner[key] = 9.5 if room.name == "catenax" else "9.5"
    path.write_text(json.dumps(found), encoding="utf-8")
    back = room.read(path)
    assert back.rows.to_pylist()[0]["value"] == 9.5
    assert [fault.code for fault in back.faults] == ["FMT056"]


def test_the_specification_divides_by_the_amount_in_version_3_only(shared: Path, tmp_path: Path) -> None:
    for name, key in (("pact3", "declaredUnitAmount"), ("pact2", "unitaryProductAmount")):
        found = json.loads((shared / "formats" / "examples" / f"pact_v{name[-1]}.json").read_text(encoding="utf-8"))
        found["pcf"][key] = "2"
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(found), encoding="utf-8")
        back = exchange_format(name).read(path)
        assert back.rows.to_pylist()[0]["value"] == (0.31025 if name == "pact3" else 0.6205)
        assert [fault.code for fault in back.faults] == ([] if name == "pact3" else ["FMT053"])


def test_a_key_twice_and_a_number_without_end_refuse_the_footprint(room: ExchangeFormat, tmp_path: Path) -> None:
    path = tmp_path / "bad.ndjson"
    path.write_text('{"id": "a", "id": "b"}\n{"pcf": 1e400}\n{"pcf": NaN}\n[1]\n{}\n', encoding="utf-8")
    back = room.read(path)
    assert (back.datasets, back.refused) == (5, 5)
    assert {fault.code for fault in back.faults if fault.severity == "block"} == {"FMT050"}
    assert [fault.place for fault in back.faults if fault.severity == "block"] == [
        f"bad.ndjson:{n}" for n in range(1, 6)
    ]


def test_the_mapping_names_every_column_once_with_a_card(room: ExchangeFormat) -> None:
    lines = table(f"mapping/{room.name}").to_pylist()
    assert [one["field"] for one in lines] == [*(column.name for column in RELEASE_COLUMNS), "gases"]
    assert len(card(f"mapping/{room.name}")) > 60
    assert {one["loss"] or "" for one in lines} <= {"", "extension", "sidecar", "rounded", "dropped"}


def test_an_archive_can_hold_thousands(room: ExchangeFormat, tmp_path: Path) -> None:
    rows = [made(factor_id=f"{number:032x}", version_id=str(number)) for number in range(2000)]
    target = tmp_path / "made.zip"
    assert room.write(content_of(rows), target).datasets == 2000
    with zipfile.ZipFile(target) as archive:
        assert len(archive.namelist()) == 2000
    assert room.read(target).rows.num_rows == 2000

"""TIDAS judged a second time, by the npm package @tiangong-lca/tidas-sdk, where node and the package are here.

Install it with `npm install @tiangong-lca/tidas-sdk` in any folder and name that folder's `node_modules` in
FACTORDB_TIDAS_SDK (or install it with `npm install -g`). It is 146 MB, and CI does without.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import Content
from factordb.formats.release_content import content_of_release
from tests.formats.made_factors import hand_made

PROGRAM = Path(__file__).parent / "oracles" / "tidas_sdk.cjs"
AT_ODDS = {
    # tidas-tools 0.0.43 and the XML schema ask for what the SDK 0.1.30 refuses; both cannot be kept
    "referenceToReferenceProcess": "an integer for tidas-tools, a text here",
    "normalisation": "a boolean for tidas-tools, a text here",
    "weighting": "a boolean for tidas-tools, a text here",
    "relativeStandardDeviation95In": "up to 99,999 in tidas-tools and ILCD, up to 100 here",
    "processInstance": "asks for connections, and a model of one process has none",
    "common:class": "asks for three levels; the classes of impact methods have fewer",
    # the national package states two classifications (ISIC and ours) and extends common:other, as ILCD allows
    "common:classification": "one classification here, any number in ILCD",
    "common:other": "a text here, any element of another name space in ILCD",
}
"""Last part of a place -> why the two oracles contradict each other there."""


@pytest.fixture(scope="module")
def modules() -> Path:
    """Return the folder `node_modules` that holds the SDK, or skip."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        pytest.skip("node is not here")
    named = os.environ.get("FACTORDB_TIDAS_SDK", "")
    if not named and npm:
        done = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False)
        named = done.stdout.strip()
    if not (Path(named) / "@tiangong-lca" / "tidas-sdk").is_dir():
        pytest.skip("@tiangong-lca/tidas-sdk is not here: npm install it and name node_modules in FACTORDB_TIDAS_SDK")
    return Path(named)


@pytest.mark.parametrize("which", ["hand made", pytest.param("shipped", marks=pytest.mark.slow)])
def test_the_sdk_finds_nothing_but_what_tidas_tools_asks_for(
    which: str, modules: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    content: Content = hand_made()
    if which == "shipped":
        content = content_of_release(next((request.getfixturevalue("main_job") / "releases").iterdir()))
    exchange_format("tidas").write(content, tmp_path / "tidas")
    command = ["node", PROGRAM, modules, tmp_path / "tidas"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert all(found["judged"].values())
    wrong = {(re.split(r"[#/]", one["place"])[-1], one["said"]) for one in found["issues"]}
    assert {(name, said) for name, said in wrong if name not in AT_ODDS} == set()


def test_the_sdk_judges_at_all(modules: Path, tmp_path: Path) -> None:
    exchange_format("tidas").write(hand_made(), tmp_path / "tidas")
    path = next((tmp_path / "tidas" / "processes").iterdir())
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"common:referenceYear":2024', '"common:referenceYear":"x"'), encoding="utf-8")
    command = ["node", PROGRAM, modules, tmp_path / "tidas"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert any(one["place"].endswith("common:referenceYear") for one in json.loads(done.stdout)["issues"])

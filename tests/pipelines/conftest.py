"""The real files of issue 3: each is taken in once a session; what is not here is skipped with its reason."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.pipelines.real_files import Asked, ask_rules

WHEEL = "bonsai_ipcc-0.5.3-py3-none-any.whl"


@pytest.fixture(scope="session")
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened_files:
        yield opened_files


def _asked(stack: ExitStack, folders: pytest.TempPathFactory, name: str, files: list[Path]) -> Asked:
    missing = [file.name for file in files if not file.is_file()]
    if missing or not files:
        pytest.skip(f"the real input of {name} is not here: {', '.join(missing) or 'no file'}")
    return ask_rules(stack, folders.mktemp(name), name, files)


@pytest.fixture(scope="session")
def uk(stack: ExitStack, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Asked:
    file = shared / "data" / "defra_uk_2022" / "ghg-conversion-factors-2022-flat-format.csv"
    return _asked(stack, tmp_path_factory, "defra-uk", [file])


@pytest.fixture(scope="session")
def cpcd(stack: ExitStack, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Asked:
    return _asked(stack, tmp_path_factory, "cpcd", [shared / "data" / "cpcd" / "cpcd_core_copy.csv"])


@pytest.fixture(scope="session")
def oefdb(stack: ExitStack, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Asked:
    file = shared / "data" / "oefdb" / "OpenEmissionFactorsDB_677c3be.csv"
    return _asked(stack, tmp_path_factory, "oefdb", [file])


@pytest.fixture(scope="session")
def forms(stack: ExitStack, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Asked:
    files = sorted((shared / "data" / "forc_efdb" / "approved").glob("*.csv"))
    return _asked(stack, tmp_path_factory, "efdb-bulk-form", files)


@pytest.fixture(scope="session")
def export(stack: ExitStack, tmp_path_factory: pytest.TempPathFactory, root: Path) -> Asked:
    return _asked(stack, tmp_path_factory, "efdb-export", [root / "data" / "efdb_export_example.csv"])


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel of bonsai_ipcc: from the folder FACTORDB_BONSAI_WHEEL, or from the package registry."""
    given = os.environ.get("FACTORDB_BONSAI_WHEEL")
    if given:
        return Path(given) / WHEEL
    folder = tmp_path_factory.mktemp("wheel")
    asked = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    try:
        subprocess.run([*asked, "bonsai_ipcc==0.5.3"], check=True, capture_output=True, timeout=60)
    except (subprocess.SubprocessError, OSError):
        pytest.skip("no wheel of bonsai_ipcc 0.5.3: set FACTORDB_BONSAI_WHEEL, or let the package registry answer")
    return folder / WHEEL


@pytest.fixture(scope="session")
def bonsai(stack: ExitStack, tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Asked:
    return _asked(stack, tmp_path_factory, "bonsai-ipcc", [wheel])


@pytest.fixture(scope="session")
def buses(stack: ExitStack, tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Asked:
    file = shared / "data" / "scale" / "scale_1m_real_bus_factors.parquet"
    return _asked(stack, tmp_path_factory, "bus-factors", [file])

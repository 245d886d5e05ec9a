"""What the tests of the dashboard share: libraries to look at, pages run by AppTest, a server and a browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from streamlit.testing.v1 import AppTest

from factordb import Library, read_mapping
from tests.conftest import AS_OF, ROOT, SMALL_MAPPING

HOSTILE = (
    "<script>alert(1)</script>",
    "![pixel](http://evil.example/p.png)",
    "[click](javascript:alert(2)) http://evil.example www.evil.example",
    "**bold** :red[red] $x^2$ `code` # head\u202e0.9",
)
"""What a submitter might put into any text field: script, tracking pixel, links, Markdown, a turned direction."""

HOSTILE_TABLE = "名称,地区,年份,数值,单位,变异系数,位置\n" + "".join(
    f'"{name}",全国,2024,{1.25 + place},kgCO2e/kg,8,"{name}"\n' for place, name in enumerate(HOSTILE)
)
Open = Callable[..., AppTest]
CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def desk(once: Path) -> Path:
    """Return a library of three official sources, appraised, adopted and released. Look, do not touch."""
    folder = once / "desk"
    with FileLock(once / "desk.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            opened = Library.open(folder / "library", create=True)
            for name in ("mee-grid-co2", "mee-footprint", "cn-national-db"):
                opened.intake(name, actor="tester")
            opened.appraise(as_of=AS_OF, actor="tester")
            opened.adopt(actor="tester", reason="test")
            opened.release(actor="tester")
            (folder / "done").touch()
    return folder / "library"


@pytest.fixture
def desk_copy(desk: Path, tmp_path: Path) -> Path:
    """Return a copy of the desk's library that a test may break."""
    return Path(shutil.copytree(desk, tmp_path / "library"))


@pytest.fixture(scope="session")
def hostile_library(once: Path) -> Path:
    """Return a library whose names and places are hostile strings, appraised."""
    folder = once / "hostile_library"
    library = folder / "library"
    with FileLock(once / "hostile_library.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            mapping, table = folder / "small.toml", folder / "small.csv"
            mapping.write_text(SMALL_MAPPING, encoding="utf-8")
            table.write_text(HOSTILE_TABLE, encoding="utf-8")
            opened = Library.open(library, create=True)
            pipeline, sources = read_mapping(mapping)
            opened.intake(pipeline, [table], sources=sources, actor="tester")
            opened.appraise(as_of=AS_OF, actor="tester")
            opened.adopt(actor="<b>tester</b>", reason="test")
            opened.release(actor="tester")
            (folder / "done").touch()
    return library


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that runs a page of the dashboard on a library: `page(library, "factor", "zh", id=...)`."""
    monkeypatch.delenv("FACTORDB_LANG", raising=False)

    def run(library: Path, name: str, lang: str = "", **query: str) -> AppTest:
        monkeypatch.setenv("FACTORDB_LIBRARY", str(library))
        if os.environ.get("FACTORDB_AUTH") not in {"dev", "oidc"}:
            monkeypatch.setenv("FACTORDB_AUTH", "read")
        app = AppTest.from_file(str(ROOT / "dashboards" / "app.py"), default_timeout=60)
        if lang:
            app.query_params["lang"] = lang
        app.run()
        if name != "todo":
            app.switch_page(f"views/{name}.py")
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return run


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Return a function that serves a library on a free port and returns its address; the server ends with the test."""
    started = []

    def start(library: Path, auth: str = "read") -> str:
        with socket.socket() as asked:
            asked.bind(("127.0.0.1", 0))
            port = asked.getsockname()[1]
        program = (
            "from pathlib import Path; from factordb import serve_dashboard\n"
            f"serve_dashboard(Path({str(library)!r}), port={port}, auth={auth!r})"
        )
        server = subprocess.Popen([sys.executable, "-c", program], cwd="/", stdout=subprocess.DEVNULL)
        started.append((port, server))
        _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
        return f"http://127.0.0.1:{port}"

    yield start
    for port, server in started:
        server.terminate()
        server.wait(timeout=30)
        with socket.socket() as asked:
            assert asked.connect_ex(("127.0.0.1", port)), "the server outlived its command"


def _wait(address: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=1) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer within a minute")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Yield Debian's Chromium; where CI demands it, its absence is a failure and no skip."""
    if os.environ.get("FACTORDB_TEST_BROWSER") == "required":
        assert CHROMIUM.exists(), "CI must not skip the browser: apt-get install chromium fonts-wqy-microhei"
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed: apt-get install chromium fonts-wqy-microhei")
    if os.environ.get("FACTORDB_TEST_BROWSER") == "required":
        import playwright.sync_api as playwright  # noqa: PLC0415 - not there: an error, no skip
    else:
        playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Return where screenshots go: a folder that FACTORDB_SCREENSHOTS names, to be kept and looked at."""
    folder = Path(os.environ.get("FACTORDB_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""`factordb api`: clients, the description, the server as a process that answers and ends."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from factordb.cli.app import run
from factordb.store.api_access import SCOPES


@pytest.fixture(scope="module")
def library(small_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(small_library, tmp_path_factory.mktemp("served") / "library"))


def test_a_client_is_added_listed_and_revoked(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["api", "client", "add", "示范企业", "--library", str(library), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["scopes"] == ["footprint:list", "footprint:read"]
    assert len(made["secret"]) > 40
    assert Path(made["access"]).stat().st_mode & 0o077 == 0
    assert run(["api", "client", "list", "--library", str(library), "--json"]) == 0
    listed = capsys.readouterr().out
    assert made["secret"] not in listed
    assert json.loads(listed)[0]["state"] == "active"
    assert run(["api", "client", "revoke", made["client_id"], "--library", str(library)]) == 0
    assert run(["api", "client", "list", "--library", str(library), "--json"]) == 0
    newest = json.loads(capsys.readouterr().out.partition("\n")[2])[0]
    assert (newest["state"], newest["scopes"]) == ("revoked", [])


def test_the_secret_is_shown_once_in_words(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--library", str(library), *(word for one in SCOPES for word in ("--scope", one))]
    assert run(["api", "client", "add", "all rights", *options]) == 0
    assert re.search(r"[\w-]{43}", capsys.readouterr().out)
    assert run(["api", "client", "list", "--library", str(library)]) == 0
    assert "all rights" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["add", ""], ["add", "a\nb"], ["add", "x", "--scope", "everything"], ["revoke", "c-nobody"]],
    ids=["no name", "two lines", "no such right", "nobody"],
)
def test_what_cannot_be_is_refused(library: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["api", "client", *arguments, "--library", str(library)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_there_are_no_clients_of_no_library(tmp_path: Path) -> None:
    assert run(["api", "client", "add", "x", "--library", str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists()
    assert run(["api", "serve", "--library", str(tmp_path / "none")]) == 2


def test_a_downloaded_release_has_clients_beside_it(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = library / "releases" / "2026.1"
    assert run(["api", "client", "add", "reader", "--release-folder", str(folder), "--json"]) == 0
    assert Path(json.loads(capsys.readouterr().out)["access"]) == folder.parent / "api.sqlite"
    assert run(["api", "client", "list", "--release-folder", str(folder), "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["reader"]


def test_the_description_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["api", "openapi"]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"] == "3.1.0"


def test_a_port_that_is_taken_is_told(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run(["api", "serve", "--library", str(library), "--port", str(taken.getsockname()[1])]) == 75
    assert "--port" in capsys.readouterr().err


@pytest.mark.slow
def test_a_server_of_two_processes_answers_and_ends(library: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).parent / "factordb"
    command = [program, "api", "serve", "--library", library, "--port", str(port), "--workers", "2", "--write"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert _answer(server, f"http://127.0.0.1:{port}/health") == {"status": "ok", "release": "2026.1"}
            found = httpx.get(f"http://127.0.0.1:{port}/v1/factors").json()
            assert found["meta"]["total"] == 2
            one = found["data"][0]["factor_id"]
            assert httpx.get(f"http://127.0.0.1:{port}/v1/factors/{one}").json()["factor"]["factor_id"] == one
        finally:
            server.send_signal(signal.SIGTERM)
            _, told = server.communicate(timeout=30)
    assert f":{port}" in told
    assert "Traceback" not in told


def _answer(server: "subprocess.Popen[str]", url: str) -> object:
    for _ in range(300):
        assert server.poll() is None
        try:
            return httpx.get(url, timeout=5).json()
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(url)

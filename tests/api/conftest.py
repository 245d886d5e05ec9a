"""One API over the main job's release for every test of this room, with clients of all rights and of PACT's only."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from factordb.api import make_api
from factordb.api.gate import Limits
from factordb.publishing import PublishedReleases
from factordb.store.api_access import SCOPES, ApiAccess


@dataclass
class Clock:
    """A clock that a test moves."""

    now: float = 1_795_000_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@dataclass
class Api:
    """The served application, what it stands on, and a caller."""

    app: FastAPI
    http: TestClient
    access: ApiAccess
    clock: Clock
    releases: PublishedReleases

    def login(self, *scopes: str) -> dict[str, str]:
        """Return the header of a fresh client with these rights."""
        client, secret = self.access.add("test", scopes)
        made = self.http.post(
            "/auth/token", auth=(client.client_id, secret), data={"grant_type": "client_credentials"}
        ).json()
        return {"Authorization": f"Bearer {made['access_token']}"}


Make = Callable[..., Api]


@pytest.fixture(scope="session")
def served(main_job: Path, tmp_path_factory: pytest.TempPathFactory) -> PublishedReleases:
    """Return the release of the main job, as it is served."""
    return PublishedReleases(main_job / "releases", tmp_path_factory.mktemp("api_models"))


@pytest.fixture(scope="session")
def make(served: PublishedReleases, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a maker of applications."""

    def made(releases: PublishedReleases | None = None, **settings: Any) -> Api:
        access = ApiAccess(tmp_path_factory.mktemp("access") / "api.sqlite", create=True)
        clock = Clock()
        settings.setdefault("limits", Limits(requests=0, logins=0))
        app = make_api(releases or served, access=access, clock=clock, **settings)
        return Api(app, TestClient(app), access, clock, releases or served)

    return made


@pytest.fixture(scope="session")
def api(make: Make) -> Api:
    """Return an application that takes writes in, without limits of rate."""
    return make(write=True)


@pytest.fixture(scope="session")
def pact(api: Api) -> dict[str, str]:
    """Return the header of a client with every right."""
    return api.login(*SCOPES)


@pytest.fixture(scope="session")
def served_address(make: Make) -> Iterator[tuple[str, Api]]:
    """Return where a real server listens, and its application."""
    api = make()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(api.app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}", api
    server.should_exit = True
    thread.join()

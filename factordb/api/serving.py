"""The server of the API and its clients: started from the command line, settings handed to workers by environment."""

import json
import os
import socket
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from factordb.errors import BusyError, UsageError
from factordb.publishing import PublishedReleases
from factordb.store.api_access import DEFAULT_SCOPES, ApiAccess

if TYPE_CHECKING:
    from fastapi import FastAPI

ADDRESS: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8468
ACCESS: Final = "api.sqlite"
"""File of clients below a library, and beside a release that is served by itself."""
SETTINGS: Final = "FACTORDB_API"


def access_file(library: Path | None, release_folder: Path | None, access: Path | None) -> Path:
    """Return where the clients of a library, or of a release, stand unless `access` names another file."""
    if access is not None:
        return access.resolve()
    return (release_folder.resolve().parent if release_folder else (library or Path("library")).resolve()) / ACCESS


def served(library: Path | None, release_folder: Path | None) -> PublishedReleases:
    """Return the releases of a library, or the one in a folder that was downloaded.

    Raises:
        UsageError: there is no library; NotFoundError: the folder is no release.
    """
    if release_folder is not None:
        return PublishedReleases.of_folder(release_folder)
    return PublishedReleases.of_library(library or Path("library"))


def serve_api(
    library: Path | None = None,
    *,
    release_folder: Path | None = None,
    access: Path | None = None,
    host: str = ADDRESS,
    port: int = DEFAULT_PORT,
    workers: int = 1,
    write: bool = False,
    rate: int | None = None,
) -> None:
    """Serve the API until it is ended with Ctrl+C or by SIGTERM. Call it from the main thread.

    Args:
        library: folder of the library.
        release_folder: serve this release alone instead.
        access: file of clients.
        host: address to listen on; anything but this machine's own wants a proxy with TLS in front.
        port: port to listen on.
        workers: processes.
        write: take events and submissions in from clients that have the right.
        rate: requests of one caller in ten seconds and process; 0: any number; None: the usual limit.

    Raises:
        UsageError: there is nothing to serve.
        BusyError: the port is taken.
    """
    import uvicorn  # noqa: PLC0415 - a server is started rarely

    releases = served(library, release_folder)
    releases.factors()  # a fault of the release is told here, before anybody asks
    if access_file(library, release_folder, access).exists():  # somebody may log in: footprints are rendered now
        releases.footprints()
    _require_free(host, port)
    settings = {
        "library": str(library.resolve()) if library else None,
        "release_folder": str(release_folder.resolve()) if release_folder else None,
        "access": str(access_file(library, release_folder, access)),
        "write": write,
        "rate": rate,
    }
    before = os.environ.get(SETTINGS)
    os.environ[SETTINGS] = json.dumps(settings)
    try:
        uvicorn.run(
            "factordb.api.serving:from_environment", factory=True, host=host, port=port, workers=workers,
            log_level="warning", access_log=False, server_header=False, limit_concurrency=1000, timeout_keep_alive=30,
            lifespan="off",
        )  # fmt: skip
    finally:
        if before is None:
            os.environ.pop(SETTINGS, None)
        else:
            os.environ[SETTINGS] = before


def from_environment() -> "FastAPI":
    """Return the application that a worker of `serve_api` serves."""
    from factordb.api.application import make_api  # noqa: PLC0415 - as above
    from factordb.api.gate import Limits  # noqa: PLC0415 - as above

    settings: dict[str, Any] = json.loads(os.environ[SETTINGS])
    paths = {name: Path(settings[name]) if settings[name] else None for name in ("library", "release_folder")}
    rate = settings["rate"]
    limits = Limits() if rate is None else Limits(**{**asdict(Limits()), "requests": rate})
    releases = served(paths["library"], paths["release_folder"])
    return make_api(
        releases,
        access=ApiAccess(Path(settings["access"])),
        limits=limits,
        write=settings["write"],
        library=paths["library"],
    )


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as fault:
            kind = BusyError if isinstance(fault, OSError) and "in use" in str(fault) else UsageError
            raise kind(
                problem=f"{host}:{port} cannot be listened on ({fault})",
                remedy="choose another with --host and --port",
                problem_zh=f"无法在 {host}:{port} 上监听（{fault}）",
                remedy_zh="请以 --host 与 --port 另行指定",
            ) from fault


def add_api_client(
    name: str,
    *,
    scopes: tuple[str, ...] = (),
    library: Path | None = None,
    release_folder: Path | None = None,
    access: Path | None = None,
    actor: str = "operator",
) -> dict[str, Any]:
    """Add a client; return client_id, secret (shown this once, kept nowhere), name, scopes and the file of clients.

    Raises:
        UsageError: there is no library there, or the name cannot be one; NotFoundError: a right is not known.
    """
    if access is None:
        served(library, release_folder)
    file = ApiAccess(access_file(library, release_folder, access), create=True)
    client, secret = file.add(name, scopes or DEFAULT_SCOPES, actor=actor)
    return {"client_id": client.client_id, "secret": secret, "name": name, "scopes": sorted(client.scopes),
            "access": str(file.path)}  # fmt: skip


def api_clients(
    *, library: Path | None = None, release_folder: Path | None = None, access: Path | None = None
) -> list[dict[str, Any]]:
    """Return the clients: id, name, scopes, state, when and by whom changed."""
    path = access_file(library, release_folder, access)
    return ApiAccess(path).clients() if path.exists() else []


def revoke_api_client(
    client_id: str,
    *,
    library: Path | None = None,
    release_folder: Path | None = None,
    access: Path | None = None,
    actor: str = "operator",
) -> None:
    """Take all rights from a client; tokens it holds are worth nothing from now on.

    Raises:
        NotFoundError: there is no such client.
    """
    ApiAccess(access_file(library, release_folder, access)).revoke(client_id, actor=actor)

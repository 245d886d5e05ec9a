"""The dashboard's server: Streamlit in a process of its own, on this machine only, with nothing sent anywhere."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from factordb.dashboard.access import Auth, oidc_host
from factordb.errors import BusyError, UsageError
from factordb.library import Library
from factordb.paths import workshop

ADDRESS = "127.0.0.1"
"""Nobody but this machine is answered, in every mode: a login is served to others by a proxy with TLS in front."""
DEFAULT_PORT = 8501
UPLOAD_MB = 50
"""Largest table a browser may send for a self-check, in MB; larger ones go through `factordb intake`."""
PRIMARY = "#0072B2"
"""Blue of Okabe and Ito: a chosen row must not look like a failed one."""
LIBRARY_VARIABLE = "FACTORDB_LIBRARY"
LANGUAGE_VARIABLE = "FACTORDB_LANG"
AUTH_VARIABLE = "FACTORDB_AUTH"
NO_SECRETS = "dashboards/no-secrets.toml"
"""A file that is not there."""


def serve_dashboard(
    library: Path, *, port: int = DEFAULT_PORT, lang: str = "", auth: str = Auth.READ, oidc: Path | None = None
) -> None:
    """Serve the dashboard of `library` until it is ended with Ctrl+C or by SIGTERM. Call it from the main thread.

    Args:
        library: folder of the library.
        port: port on 127.0.0.1.
        lang: language where the reader has not chosen one, "zh" or "en"; empty: the browser's.
        auth: how people are known: "read" nobody is, and nothing can be written; "dev" they say so themselves;
            "oidc" by a login.
        oidc: settings of the provider, Streamlit's table [auth]; needed for "oidc".

    Raises:
        UsageError: there is no library there, the mode is not known, or the server ended with a fault.
        FileProblemError: the provider's settings cannot be read.
        BusyError: the port is taken.
    """
    root = Library.open(library).workspace.root
    secrets = _settings(auth, oidc)
    _require_free(port)
    with subprocess.Popen(command(port, secrets), env=environment(root, lang, auth)) as server:  # noqa: S603 - our own words only
        before = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            code = server.wait()
        except KeyboardInterrupt:
            server.terminate()
            return
        finally:
            signal.signal(signal.SIGTERM, before)
    if code > 0:
        raise UsageError(
            problem=f"the dashboard's server ended with exit code {code}",
            remedy="read its lines above; another --port may help",
            problem_zh=f"看板服务以退出码 {code} 结束",
            remedy_zh="请查看上方输出；可换用其他 --port 重试",
        )


def _settings(auth: str, oidc: Path | None) -> Path | None:
    """Return the provider's settings where a login is asked for."""
    if auth not in tuple(Auth):
        raise UsageError(
            problem=f"there is no mode {auth!r} of access",
            remedy=f"choose one of {', '.join(Auth)}",
            problem_zh=f"没有名为 {auth} 的访问方式",
            remedy_zh=f"请从 {'、'.join(Auth)} 中选择",
        )
    if auth != Auth.OIDC:
        return None
    if oidc is None:
        raise UsageError(
            problem="a login needs the settings of its provider",
            remedy="name them with --oidc FILE, or start with --auth dev on this machine alone",
            problem_zh="登录方式需要身份提供方的设置",
            remedy_zh="请用 --oidc 文件 指定；仅在本机使用时可用 --auth dev",
        )
    oidc_host(oidc)
    return oidc.resolve()


def command(port: int, secrets: Path | None = None) -> list[str]:
    """Return the command line of the server; every setting stands here, none in a file of the reader's."""
    settings = {
        "server.address": ADDRESS,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": UPLOAD_MB,
        "server.enableStaticServing": "false",
        "browser.serverAddress": ADDRESS,
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "client.toolbarMode": "viewer",
        "global.developmentMode": "false",
        "runner.magicEnabled": "false",
        "theme.base": "light",
        "theme.primaryColor": PRIMARY,
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    # other names that resolve to this machine are refused, so no foreign page can read the dashboard by DNS rebinding
    hosts = (ADDRESS, "localhost", *([oidc_host(secrets).partition(":")[0]] if secrets else []))
    options += [f"--server.allowedHosts={host}" for host in dict.fromkeys(hosts)]
    # without a login no file of the reader's is looked at for secrets either
    options.append(f"--secrets.files={secrets or workshop() / NO_SECRETS}")
    # -P: a file of the reader's folder never stands in for a library's
    return [sys.executable, "-P", "-m", "streamlit", "run", str(workshop() / "dashboards" / "app.py"), *options]


def environment(root: Path, lang: str, auth: str = Auth.READ) -> dict[str, str]:
    """Return the server's environment: this process's, the library, language, mode, and where the pages stand."""
    known = [str(workshop()), *filter(None, [os.environ.get("PYTHONPATH")])]
    given = {"PYTHONPATH": os.pathsep.join(known), LIBRARY_VARIABLE: str(root), LANGUAGE_VARIABLE: lang}
    given[AUTH_VARIABLE] = str(auth)
    return {**os.environ, **given}


def _require_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asked:
        # as the server itself does: a port whose last connection is still closing is free
        if os.name == "posix":
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((ADDRESS, port))
        except OSError as error:
            raise BusyError(
                problem=f"port {port} on this machine is in use by another program",
                remedy=f"end that program, or choose another port: `factordb dashboard --port {port + 1}`",
                problem_zh=f"本机端口 {port} 正被其他程序占用",
                remedy_zh=f"请结束该程序，或换用其他端口：`factordb dashboard --port {port + 1}`",
            ) from error

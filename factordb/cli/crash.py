"""What remains of an internal error: a report in a file, for whoever mends it; never on the screen."""

import platform
import tempfile
import traceback
from importlib import metadata
from pathlib import Path


def keep_report(fault: BaseException) -> Path:
    """Write the error and the versions to a temporary file and return its path."""
    versions = {name: metadata.version(name) for name in ("factordb", "duckdb", "sqlmodel", "pyarrow", "scipy")}
    text = "\n".join(
        (f"{platform.platform()} {platform.python_version()}", str(versions), *traceback.format_exception(fault))
    )
    handle = tempfile.NamedTemporaryFile("w", prefix="factordb-", suffix=".log", delete=False, encoding="utf-8")
    with handle:
        handle.write(text)
    return Path(handle.name)

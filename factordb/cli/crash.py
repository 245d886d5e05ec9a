"""What remains of an internal error: a report in a file, for whoever mends it; never on the screen."""

import os
import platform
import tempfile
import traceback
from importlib import metadata
from pathlib import Path


def keep_report(fault: BaseException) -> Path:
    """Write the error and the versions to a temporary file and return its path."""
    versions = {name: metadata.version(name) for name in ("factordb", "duckdb", "sqlmodel", "pyarrow", "scipy")}
    head = f"{platform.platform()} {platform.python_version()}\n{versions}\n"
    handle, name = tempfile.mkstemp(prefix="factordb-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(head + "".join(traceback.format_exception(fault)))
    return Path(name)

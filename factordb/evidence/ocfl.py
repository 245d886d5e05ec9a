"""The evidence store in the Oxford Common File Layout 1.1: every package an object, every change a further version.

Nothing in it is ever rewritten or removed: a later version stores only the files that are new by content; a withdrawal
is a version that shows nothing but a tombstone, while the bytes stay for whoever may ask for them. Any OCFL reader can
read the store without this program.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from factordb.errors import IntegrityError, NotFoundError
from factordb.evidence.objects import sha256_of

__all__ = ["TOMBSTONE", "StoreFault", "Stored", "examine", "fetch", "keep_package", "object_ids", "stored", "withdraw"]

_ROOT_MARK: Final = ("0=ocfl_1.1", "ocfl_1.1\n")
_OBJECT_MARK: Final = ("0=ocfl_object_1.1", "ocfl_object_1.1\n")
_LAYOUT: Final = "0004-hashed-n-tuple-storage-layout"
_LAYOUT_FACTS: Final = {
    "extensionName": _LAYOUT, "digestAlgorithm": "sha256", "tupleSize": 3, "numberOfTuples": 3,
    "shortObjectRoot": False,
}  # fmt: skip
_TYPE: Final = "https://ocfl.io/1.1/spec/#inventory"
_DIGEST: Final = "sha256"
"""OCFL allows sha256 beside sha512; it is the hash of all our evidence, and half the work."""
INVENTORY: Final = "inventory.json"
TOMBSTONE: Final = "tombstone.json"


@dataclass(frozen=True)
class Stored:
    """One version of an object: which files it shows (path -> sha256), and the words it was made with."""

    object_id: str
    version: str
    files: Mapping[str, str]
    message: str
    user: str
    created: str

    @property
    def withdrawn(self) -> bool:
        """Whether the object shows nothing but its tombstone."""
        return set(self.files) == {TOMBSTONE}


@dataclass(frozen=True)
class StoreFault:
    """A fault of the store: `kind` is missing, changed, extra or malformed."""

    kind: str
    path: str
    found: str = ""


def _object_path(root: Path, object_id: str) -> Path:
    digest = hashlib.sha256(object_id.encode()).hexdigest()
    return root / digest[:3] / digest[3:6] / digest[6:9] / digest


def keep_package(root: Path, object_id: str, folder: Path, *, message: str, user: str, created: datetime) -> Stored:
    """Keep every file of a folder as a new version of an object; an unchanged folder makes no new version.

    Args:
        root: the store.
        object_id: the submission's number.
        folder: the package.
        message: why this version is there.
        user: who brought it.
        created: when, with a time zone.

    The caller holds the library's writer lock.

    Raises:
        IntegrityError: the object that is there is damaged.
    """
    _prepare(root)
    files = {path: sha256_of(folder / path) for path in sorted(_below(folder))}
    return _add(root, object_id, files, folder, message=message, user=user, created=created)


def withdraw(root: Path, object_id: str, *, reason: str, user: str, created: datetime) -> Stored:
    """Add a version that shows a tombstone only: what was withdrawn, by whom and why.

    Raises:
        NotFoundError: there is no such object.
    """
    before = stored(root, object_id)
    facts = {"object": object_id, "withdrawn": before.version, "files": dict(before.files), "reason": reason,
             "by": user, "on": created.isoformat()}  # fmt: skip
    text = json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    building = root / f".tombstone-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    building.mkdir(exist_ok=True)
    try:
        (building / TOMBSTONE).write_bytes(text.encode())
        files = {TOMBSTONE: hashlib.sha256(text.encode()).hexdigest()}
        return _add(root, object_id, files, building, message=reason, user=user, created=created)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def stored(root: Path, object_id: str, version: str = "") -> Stored:
    """Return a version of an object, the newest unless named.

    Raises:
        NotFoundError: there is no such object or version.
        IntegrityError: its inventory is damaged.
    """
    inventory = _inventory(_object_path(root, object_id), object_id)
    name = version or inventory["head"]
    if name not in inventory["versions"]:
        raise NotFoundError("version", name, known=", ".join(inventory["versions"]))
    said = inventory["versions"][name]
    files = {path: digest for digest, paths in said["state"].items() for path in paths}
    return Stored(object_id, name, dict(sorted(files.items())), said["message"], said["user"]["name"], said["created"])


def fetch(root: Path, object_id: str, path: str, version: str = "") -> Path:
    """Return where a file of an object lies, its bytes compared with their hash.

    Raises:
        NotFoundError: the object, version or file is not there.
        IntegrityError: the bytes are not those that were kept.
    """
    shown = stored(root, object_id, version)
    if path not in shown.files:
        raise NotFoundError("file", path, known=", ".join(list(shown.files)[:10]))
    where = _object_path(root, object_id)
    found = where / str(_inventory(where, object_id)["manifest"][shown.files[path]][0])
    if not found.is_file() or sha256_of(found) != shown.files[path]:
        raise _damaged(object_id, path)
    return found


def object_ids(root: Path) -> list[str]:
    """Return the ids of all objects, sorted."""
    return sorted(json.loads(path.read_text(encoding="utf-8"))["id"] for path in root.glob(f"*/*/*/*/{INVENTORY}"))


def examine(root: Path) -> list[StoreFault]:
    """Return every fault of the store: files missing, changed or extra, inventories that are not what they say."""
    faults: list[StoreFault] = []
    for mark in root.glob(f"*/*/*/*/{_OBJECT_MARK[0]}"):
        faults += _examine_object(mark.parent)
    if root.exists() and not (root / _ROOT_MARK[0]).is_file():
        faults.append(StoreFault("missing", _ROOT_MARK[0]))
    return faults


def _examine_object(where: Path) -> Iterator[StoreFault]:
    name = where.name[:12]
    try:
        inventory = _inventory(where, name)
    except (IntegrityError, NotFoundError) as fault:
        yield StoreFault("malformed", f"{name}/{INVENTORY}", found=str(fault))
        return
    listed = {path: digest for digest, paths in inventory["manifest"].items() for path in paths}
    for path, digest in listed.items():
        file = where / path
        if not file.is_file():
            yield StoreFault("missing", f"{name}/{path}")
        elif sha256_of(file) != digest:
            yield StoreFault("changed", f"{name}/{path}")
    for path in _below(where):
        part = path.split("/")
        if len(part) > 1 and part[1] == "content" and path not in listed:
            yield StoreFault("extra", f"{name}/{path}")


def _prepare(root: Path) -> None:
    if (root / _ROOT_MARK[0]).exists():
        return
    (root / "extensions" / _LAYOUT).mkdir(parents=True, exist_ok=True)
    _write(root / "extensions" / _LAYOUT / "config.json", _json(_LAYOUT_FACTS))
    _write(root / "ocfl_layout.json", _json({"extension": _LAYOUT, "description": "hashed n-tuples of the object id"}))
    _write(root / _ROOT_MARK[0], _ROOT_MARK[1])


def _add(
    root: Path, object_id: str, files: Mapping[str, str], folder: Path, *, message: str, user: str, created: datetime
) -> Stored:
    where = _object_path(root, object_id)
    old = _inventory(where, object_id) if where.exists() else None
    if old and stored(root, object_id).files == dict(sorted(files.items())):
        return stored(root, object_id)
    version = f"v{len(old['versions']) + 1}" if old else "v1"
    manifest: dict[str, list[str]] = dict(old["manifest"]) if old else {}
    building = root / f".{where.name}.{version}"
    shutil.rmtree(building, ignore_errors=True)
    for path, digest in files.items():
        if digest in manifest:
            continue  # the bytes are there already: a version stores what is new
        target = building / "content" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, target)
        manifest[digest] = [f"{version}/content/{path}"]
    inventory = {
        "id": object_id, "type": _TYPE, "digestAlgorithm": _DIGEST, "head": version, "manifest": manifest,
        "versions": {**(old["versions"] if old else {}), version: {
            "created": created.isoformat(), "message": message, "user": {"name": user, "address": f"urn:person:{user}"},
            "state": _state(files),
        }},
    }  # fmt: skip
    building.mkdir(parents=True, exist_ok=True)
    _write_inventory(building, inventory)
    where.mkdir(parents=True, exist_ok=True)
    _write(where / _OBJECT_MARK[0], _OBJECT_MARK[1])
    shutil.rmtree(where / version, ignore_errors=True)  # left by a run that was killed before its inventory
    building.rename(where / version)
    _write_inventory(where, inventory)
    return stored(root, object_id)


def _state(files: Mapping[str, str]) -> dict[str, list[str]]:
    state: dict[str, list[str]] = {}
    for path, digest in sorted(files.items()):
        state.setdefault(digest, []).append(path)
    return state


def _inventory(where: Path, object_id: str) -> Any:
    path = where / INVENTORY
    if not path.is_file():
        raise NotFoundError("object", object_id, known="`factordb submit list`")
    content = path.read_bytes()
    sidecar = where / f"{INVENTORY}.{_DIGEST}"
    said = sidecar.read_text(encoding="utf-8").split()[:1] if sidecar.is_file() else []
    if said != [hashlib.sha256(content).hexdigest()]:
        raise _damaged(object_id, INVENTORY)
    return json.loads(content)


def _write_inventory(folder: Path, inventory: Mapping[str, Any]) -> None:
    text = _json(inventory)
    digest = hashlib.sha256(text.encode()).hexdigest()
    for name, content in ((INVENTORY, text), (f"{INVENTORY}.{_DIGEST}", f"{digest} {INVENTORY}\n")):
        rough = folder / f".{name}.new"
        _write(rough, content)
        rough.replace(folder / name)


def _damaged(object_id: str, path: str) -> IntegrityError:
    return IntegrityError(
        problem=f"{path} of {object_id} in the evidence store is not what was kept",
        remedy="restore the store from a copy; `factordb doctor` lists every fault",
        problem_zh=f"证据库中 {object_id} 的 {path} 与留存内容不符",
        remedy_zh="请由副本恢复证据库；`factordb doctor` 会列出全部问题",
    )


def _below(folder: Path) -> Iterator[str]:
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where) / name
            if not path.is_symlink():
                yield path.relative_to(folder).as_posix()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _write(path: Path, text: str) -> None:
    with path.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())

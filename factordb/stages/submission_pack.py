"""A submission begun and handed over: the folder with its form and recipe, and the signed bag as one zip.

A folder becomes `SUB-…/data/…` with BagIt manifests; the submitter's key signs the tag manifest; everything goes into a
zip with fixed times. The same folder, key and day give the same bytes.
"""

import csv
import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from factordb.errors import ConflictError, FileProblemError, UsageError
from factordb.evidence import bag, dsse
from factordb.evidence.keys import PrivateKey
from factordb.evidence.lab_results import signed_results
from factordb.formats.submission_form import write_form
from factordb.model.evidence_facts import SignedResult
from factordb.model.submission import Kind, Package, schema_name
from factordb.reference import tables
from factordb.stages.submission import FORM, RECIPE, load

__all__ = ["PAYLOAD_TYPE", "SIGNATURE", "pack", "start", "write_signed_results"]

PAYLOAD_TYPE: Final = "application/vnd.factordb.submission-tagmanifest"
"""Type of what a submitter signs, bound into the signature."""
SIGNATURE: Final = f"{bag.SIGNATURES}/submission.dsse.json"
READ_ME: Final = "README.md"
FOLDERS: Final = (
    "instruments/certificates", "labs/accreditation", "tests/reports", "tests/lab_results", "method", "activity",
    "verification", "rights", "raw",
)  # fmt: skip
_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)


def start(folder: Path, kind: Kind) -> tuple[str, ...]:
    """Make an empty submission of `kind` in a new folder; return the paths of what was written.

    Raises:
        ConflictError: the folder holds something already; nothing is written over.
        FileProblemError: the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError(
            problem=f"{folder} exists and is not empty",
            remedy="name a new folder; nothing is written over",
            problem_zh=f"{folder} 已存在且不为空",
            remedy_zh="请另取文件夹名；已有内容不会被覆盖",
        )
    words = tables.toml("submission/form")
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        write_form(folder / FORM, kind)
        recipe = folder / RECIPE
        recipe.parent.mkdir(parents=True, exist_ok=True)
        recipe.write_text(tables.text(f"submission/recipe_{kind}"), encoding="utf-8")
        lines = [
            f"# {words['title']['zh']} · {words['title']['en']}",
            words["kinds"][kind]["zh"],
            words["kinds"][kind]["en"],
        ]
        lines += [one[lang] for one in words["lines"] for lang in ("zh", "en")]
        (folder / READ_ME).write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    except OSError as fault:
        raise _unwritable(folder, fault) from fault
    return (FORM, RECIPE, READ_ME, *(f"{name}/" for name in FOLDERS))


def pack(folder: Path, target: Path, signer: PrivateKey) -> str:
    """Bag the submission in `folder`, sign it, and write it to the zip `target`; return the tag manifest's sha256.

    Raises:
        UsageError: the cover has no number, or is not where a cover is looked for.
        ConflictError: `target` exists already.
        FileProblemError: a file cannot be read or written.
    """
    _new(target)
    loaded = load(folder)
    name = _name(loaded.package)
    with TemporaryDirectory(prefix="factordb-pack-") as temporary:
        made = Path(temporary) / name
        try:
            shutil.copytree(loaded.payload, made / "data", symlinks=False)
            digest = bag.close_bag(made, _info(loaded.package))
            signature = made / SIGNATURE
            signature.parent.mkdir()
            signature.write_bytes(dsse.sealed(PAYLOAD_TYPE, bag.signed_bytes(made), [signer]))
            _zip(made, target)
        except (OSError, shutil.Error) as fault:
            target.unlink(missing_ok=True)
            raise _unwritable(target, fault) from fault
    return digest


def write_signed_results(table: Path, laboratory: str, target: Path, signer: PrivateKey) -> int:
    """Write the results of a CSV as signed by the laboratory's key; return how many.

    Raises:
        UsageError: a column is missing, or there is no result.
        ConflictError: the target exists already.
        FileProblemError: the table cannot be read, or the target not written.
    """
    _new(target)
    names = tuple(SignedResult.__dataclass_fields__)
    try:
        rows = list(csv.DictReader(io.StringIO(table.read_bytes().decode("utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise FileProblemError(
            table,
            problem="cannot be read as CSV in UTF-8",
            remedy="save the results as CSV UTF-8",
            problem_zh="无法按 UTF-8 的 CSV 读取",
            remedy_zh="请将结果另存为 CSV UTF-8",
        ) from fault
    lacking = [name for name in names if not rows or rows[0].get(name) is None]
    if lacking:
        raise UsageError(
            problem=f"the table of results lacks {', '.join(lacking)}",
            remedy=f"give the columns {', '.join(names)} and at least one row",
            problem_zh=f"结果表缺少 {'、'.join(lacking)}",
            remedy_zh=f"请提供 {'、'.join(names)} 各列，至少一行",
        )
    results = [SignedResult(**{name: (row[name] or "").strip() for name in names}) for row in rows]
    try:
        target.write_bytes(signed_results(laboratory, results, signer))
    except OSError as fault:
        raise _unwritable(target, fault) from fault
    return len(results)


def _new(target: Path) -> None:
    if target.exists():
        raise ConflictError(
            problem=f"{target} exists already",
            remedy="name another file; what was handed over is never written over",
            problem_zh=f"{target} 已存在",
            remedy_zh="请换用其他文件名；已交出的文件不会被覆盖",
        )


def _name(package: Package) -> str:
    number = package.cover.get("submission_id")
    if number is None:
        raise UsageError(
            problem="the cover names no number of the submission",
            remedy="fill in the first sheet of the form, then pack again",
            problem_zh="封面没有填写报送编号",
            remedy_zh="请填写表格的第一张工作表后重新打包",
        )
    kept = "".join(one if one.isalnum() or one in "-_." else "-" for one in number.text)
    return kept.strip(".-") or "SUB"


def _info(package: Package) -> dict[str, str]:
    cover = package.cover
    said = {"Source-Organization": "organisation", "External-Identifier": "submission_id", "Bagging-Date": "created_on"}
    facts = {name: " ".join(cover[key].text.split()) for name, key in said.items() if key in cover}
    return {**facts, "Bag-Software-Agent": schema_name()}


def _zip(folder: Path, target: Path) -> None:
    """Write every file below `folder`, its own name first, in one order and with one time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in _files(folder):
            info = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _FIXED_TIME)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _unwritable(path: Path, fault: Exception) -> FileProblemError:
    said = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
    return FileProblemError(
        path,
        problem=f"cannot be written ({said})",
        remedy="choose a folder that exists and may be written to, with room enough",
        problem_zh=f"无法写入（{said}）",
        remedy_zh="请选择存在、可写且空间充足的文件夹",
    )

"""`factordb uncertainty` as people call it: a program, its stdout, stderr and exit code."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from factordb.cli import app as program
from factordb.cli import uncertainty
from factordb.cli.console import speech
from factordb.uncertainty import proof
from factordb.uncertainty.model_file import Reference
from factordb.uncertainty.proof import Line

ROOT = Path(__file__).parents[2]
RESULTS = "实验室,结果,标准不确定度\n甲,2.01,0.02\n乙,2.05,0.03\n丙,1.93,0.015\n"
READINGS = "value\n10.1\n10.0\n9.9\n10.05\n9.95\n12.0\n"
INVENTORY = "category,base,year,activity_u,factor_u\ncoal,1000,900,2,5\nsoils,90,95,30,200\n"


class Done(NamedTuple):
    """How a call ended."""

    returncode: int
    stdout: bytes
    stderr: bytes


@pytest.fixture(scope="module", autouse=True)
def registered() -> None:
    """The program has the noun, wherever it is registered."""
    if "uncertainty" not in {group.name for group in program.app.registered_groups}:
        program.app.add_typer(uncertainty.app, name="uncertainty")


def run(*words: str, text: str = "", encoding: str = "utf-8") -> Done:
    """Call the program with `text` on stdin and strict streams of the given encoding."""
    streams = {name: io.TextIOWrapper(io.BytesIO(), encoding=encoding) for name in ("stdout", "stderr")}
    stdin = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        patch.setenv("FACTORDB_LANG", "zh")
        patch.setattr(sys, "stdin", stdin)
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        code = program.run(speech.use(["uncertainty", *words]))
    for stream in streams.values():
        stream.flush()
    out, err = (stream.buffer.getvalue() for stream in streams.values())  # type: ignore[attr-defined]  # BytesIO's
    return Done(code, out, err)


def test_as_a_program_in_a_chinese_console() -> None:
    """One real process: the others run in this one."""
    start = "from factordb.cli.uncertainty import app; app()"
    done = subprocess.run(
        [sys.executable, "-c", start, "combine", "-"],
        input=RESULTS.encode(),
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "gbk"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "加权平均" in done.stdout.decode("gbk")


def test_starting_needs_no_numpy() -> None:
    """Help and faults of use answer at once: the rooms are imported on use."""
    start = "import sys; import factordb.cli.uncertainty; sys.exit('numpy' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", start], check=False, cwd=ROOT).returncode == 0


@pytest.mark.parametrize(("verb", "text"), [("combine", RESULTS), ("sample", READINGS), ("trend", INVENTORY)])
def test_json_is_one_object_and_nothing_else(verb: str, text: str) -> None:
    done = run(verb, "-", "--json", text=text)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["command"] == verb


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "ascii"])
@pytest.mark.parametrize(("verb", "text"), [("combine", RESULTS), ("sample", READINGS), ("trend", INVENTORY)])
def test_every_console_can_print_it(verb: str, text: str, encoding: str) -> None:
    for lang in ("zh", "en"):
        done = run(verb, "-", "--lang", lang, text=text, encoding=encoding)
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"\x1b" not in done.stdout
        written = done.stdout.decode(encoding)
        if encoding != "ascii":
            assert ("结果" if lang == "zh" else "Result") in written
            assert "?" not in written


def test_numbers_are_the_same_in_text_and_json() -> None:
    value = json.loads(run("sample", "-", "--json", text=READINGS).stdout)["u"]
    assert f"{value:.6g}".encode() in run("sample", "-", text=READINGS).stdout


def test_a_fault_of_use_is_one_sentence_and_a_remedy() -> None:
    done = run("combine", "-", "--lang", "en", text="value\n1\n2\n")
    assert (done.returncode, done.stdout) == (2, b"")
    assert [line.split(b":")[0] for line in done.stderr.splitlines()] == [b"error", b"mend"]
    chinese = run("combine", "-", text="value\n1\n2\n", encoding="gbk")
    assert chinese.stderr.decode("gbk").startswith("错误: 表中缺少 u 列")


def test_a_missing_file_is_said() -> None:
    done = run("sample", "no-such-file.csv", "--lang", "en")
    assert done.returncode == 2
    assert b"cannot be read" in done.stderr


def test_gb18030_files_are_read(tmp_path: Path) -> None:
    file = tmp_path / "结果.csv"
    file.write_bytes(RESULTS.encode("gb18030"))
    assert "甲" in run("combine", str(file)).stdout.decode()


@pytest.mark.parametrize("suffix", [".svg", ".html"])
def test_plots(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"plot{suffix}"
    assert run("combine", "-", "--plot", str(file), text=RESULTS).returncode == 0
    written = file.read_text(encoding="utf-8")
    assert written.startswith("<svg " if suffix == ".svg" else "<!doctype html>")
    assert "多家实验室结果的合成" in written


def test_other_plots_are_refused(tmp_path: Path) -> None:
    done = run("combine", "-", "--lang", "en", "--plot", str(tmp_path / "plot.png"), text=RESULTS)
    assert done.returncode == 2
    assert b".svg or .html" in done.stderr


def test_a_model_is_evaluated_on_every_console() -> None:
    model = 'expression = "a * b"\n' + "".join(
        f'[inputs.{name}]\nfamily = "lognormal"\nmedian = 2\ngsd = 1.2\nunit = "kg/m3"\n' for name in "ab"
    )
    for encoding in ("gbk", "ascii"):
        done = run("evaluate", "-", text=model, encoding=encoding)
        assert (done.returncode, done.stderr) == (0, b"")
    assert "不确定度分量表" in run("evaluate", "-", text=model, encoding="gbk").stdout.decode("gbk")
    found = json.loads(run("evaluate", "-", "--json", text=model).stdout)
    assert found["median"] == pytest.approx(4, rel=1e-3)


def test_the_proof_runs_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = Reference("JCGM 101", "gum", "u", "0.0754")
    made = [Line("c", "u", "gum", reference, computed) for computed in (0.07541, 0.08)]
    monkeypatch.setattr(proof, "lines", lambda _root: made[:1])
    done = run("proof", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["kept"] == 1
    monkeypatch.setattr(proof, "lines", lambda _root: made)
    missed = run("proof", encoding="gbk")
    assert missed.returncode == 7
    assert "逐项对照" in missed.stdout.decode("gbk")

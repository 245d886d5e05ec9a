"""Many files of different columns: what they lack is told once."""

from pathlib import Path

from factordb.formats import tabular


def _files(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{number}.csv" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(f"value,own_{number}\n1,x\n", encoding="utf-8")
    return paths


def test_a_few_files_are_told_one_by_one(tmp_path: Path) -> None:
    notes = tabular.read_many(_files(tmp_path, 2)).notes

    assert [note.en for note in notes] == ["0.csv lacks the column(s) own_1", "1.csv lacks the column(s) own_0"]


def test_many_files_are_told_together(tmp_path: Path) -> None:
    (note,) = tabular.read_many(_files(tmp_path, 9)).notes

    assert note.en == "the 9 files have 10 columns between them; 9 lack some of these"
    assert "9 个文件" in note.zh

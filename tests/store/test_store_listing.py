"""The list of candidates that is prepared with each version: the same answers as its tables, never of another time."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from factordb import Library, read_mapping
from factordb.store import library_file, listing
from factordb.store.library_file import Published
from tests.conftest import AS_OF


@pytest.fixture(scope="module")
def shown(main_job: Path) -> Published:
    """Return the version of the main job's library that is published."""
    found = library_file.current(main_job / "published")
    assert found is not None
    return found


def test_the_list_on_disk_is_the_one_its_tables_make(shown: Published, tmp_path: Path) -> None:
    """A version without a list, as older programs publish it, answers the same."""
    for table in shown.folder.glob("*.parquet"):
        (tmp_path / table.name).hardlink_to(table)
    prepared, made = listing.listing(shown), listing.listing(Published(tmp_path))
    assert (shown.folder / library_file.LISTING).exists()
    assert not (tmp_path / library_file.LISTING).exists()
    assert len(prepared) == len(made) > 1000
    plain = pa.schema([(name, made.take([0], [name]).schema.field(name).type) for name in made.rows.schema.names])
    assert prepared.rows.cast(plain).equals(made.rows.cast(plain))


def test_a_list_that_was_cut_short_is_made_again(shown: Published, tmp_path: Path) -> None:
    """A damaged list is no reason to show nothing, and never one to show less."""
    for table in shown.folder.glob("*.parquet"):
        (tmp_path / table.name).hardlink_to(table)
    whole = (shown.folder / library_file.LISTING).read_bytes()
    (tmp_path / library_file.LISTING).write_bytes(whole[: len(whole) // 2])
    assert len(listing.listing(Published(tmp_path))) == len(listing.listing(shown))


def _count(known: listing.Listing, **filters: str) -> int:
    found = known.hits(**filters)
    assert found is not None
    return len(found)


def test_every_filter_leaves_what_the_tables_say(shown: Published) -> None:
    """Verdict, pipeline and code agree with a count over the published tables; together they narrow."""
    rows = library_file.read(
        shown, "SELECT a.verdict, c.pipeline, a.reasons FROM candidate c LEFT JOIN assessment a USING (candidate_id)"
    ).to_pylist()
    known = listing.listing(shown)
    for name in ("verdict", "pipeline"):
        for value, count in Counter(row[name] for row in rows if row[name]).items():
            assert _count(known, **{name: value}) == count
    codes = Counter(code for row in rows for code in set((row["reasons"] or "").split()))
    for code, count in codes.items():
        assert _count(known, code=code) == count
    both = sum(row["verdict"] == "pass" and row["pipeline"] == "cn-national-db" for row in rows)
    assert _count(known, verdict="pass", pipeline="cn-national-db") == both > 0
    assert _count(known, code=next(iter(codes))[:-1]) == 0, "a part of a code is no code"
    assert _count(known, verdict="unheard of") == 0
    assert known.hits() is None


def test_a_text_is_found_in_any_case_and_literally(shown: Published) -> None:
    """Letters of any case find the same; a sign of a pattern is only itself."""
    known = listing.listing(shown)
    some = known.hits(text="coal")
    assert some is not None
    assert len(some) > 0
    assert len(some) == _count(known, text="COAL")
    words = known.take(some, ["name_zh", "name_en", "flow", "factor_id"]).to_pylist()
    assert all("coal" in " ".join(filter(None, row.values())).lower() for row in words)
    assert [_count(known, text=one) for one in ("c.al", "coal|coal", "[c]oal", "\\", "co\nal")] == [0] * 5
    assert _count(known, text="coal" * 100) == 0


def test_rows_come_back_in_the_order_they_were_asked_for(shown: Published) -> None:
    """Positions of several batches, in any order, give their own rows."""
    known = listing.listing(shown)
    many = listing.Listing(pa.Table.from_batches(known.rows.to_batches(max_chunksize=7)))
    places = [len(known) - 1, 0, 40, 3, 41, 0]
    ids = known.rows["candidate_id"].to_pylist()
    assert many.take(places, ["candidate_id"])["candidate_id"].to_pylist() == [ids[one] for one in places]


def test_a_new_version_takes_the_list_of_the_old_one_away(small_library_copy: Path) -> None:
    """Lists are large: only the newest version keeps its own, and the old one still answers."""
    door = Library.open(small_library_copy)
    before = library_file.current(door.workspace.published)
    assert before is not None
    asked = listing.listing(before).rows["candidate_id"].to_pylist()
    (before.folder / "batches.txt").write_text("other", encoding="utf-8")
    with library_file.opened(door.workspace.factors, read_only=True) as connection:
        visible = dict(connection.execute("SELECT DISTINCT batch_id, appraisal_id FROM assessment").fetchall())
    library_file.publish(door.workspace.factors, door.workspace.published, "v99999999", visible, listing.write)
    kept = [path.parent.name for path in door.workspace.published.glob(f"*/{library_file.LISTING}")]
    assert kept == ["v99999999"]
    assert listing.listing(before).rows["candidate_id"].to_pylist() == asked


def test_a_release_changes_the_impact_without_another_version(small_table: tuple[Path, Path], tmp_path: Path) -> None:
    """What was remembered before a release is not told after it: a released candidate changes nothing more."""
    door = Library.open(tmp_path / "fresh", create=True)
    pipeline, sources = read_mapping(small_table[0])
    door.intake(pipeline, [small_table[1]], sources=sources)
    door.appraise(as_of=AS_OF)
    version = door.version()
    assert {row["impact"] for row in door.waiting().to_pylist()} == {1.0}
    door.adopt(actor="tester", reason="test")
    door.release()
    rows = door.waiting(order="verdict").to_pylist()
    assert {row["impact"] for row in rows if row["eligible"]} == {0.0}
    assert door.version() == version

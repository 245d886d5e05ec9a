import re

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboards.choosing import Chosen, chosen_of, table_key
from dashboards.safe import JOINER, escaped, seen, shown_rows
from tests.dashboards.conftest import HOSTILE

DIRECTION = "".join(map(chr, (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))))


@settings(max_examples=200)
@given(some.text(max_size=60))
def test_every_mark_is_escaped_and_nothing_else_is_changed(text: str) -> None:
    found = escaped(text)
    assert "\n" not in found
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", found))
    bare = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", found).replace(JOINER, "")
    assert bare == " ".join(seen(text).split()).replace(JOINER, "")


def test_an_address_is_no_link() -> None:
    """Markdown's own search for addresses runs after escapes are read."""
    link = re.compile(r"https?://|www\.|[\w.+-]+@[\w-]+\.", re.IGNORECASE)
    for text in ("http://evil.example", "see HTTPS://evil.example/x", "WWW.evil.example", "mail me@evil.example"):
        assert link.search(text)
        assert not link.search(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped(text)))


@settings(max_examples=50)
@given(some.text(alphabet=DIRECTION + "0.9a", min_size=1, max_size=20))
def test_no_mark_turns_the_direction_of_a_line(text: str) -> None:
    assert not set(seen(text)) & set(DIRECTION)
    assert len(seen(text)) == len(text)


def test_tabs_and_line_ends_stay_where_text_is_shown_as_it_is() -> None:
    assert seen("a\tb\nc") == "a\tb\nc"
    assert seen(None) == ""
    assert seen(0) == "0"


def test_rows_are_shown_with_their_numbers_as_they_are() -> None:
    table = pa.table({"name": [HOSTILE[3]], "value": [0.25], "year": pa.array([None], pa.int64())})
    (row,) = shown_rows(table)
    assert "\u202e" not in row["name"]
    assert (row["value"], row["year"]) == (0.25, None)


EDITION = ("folder", "v00000005")
QUERY = {"verdict": "", "text": ""}


def test_a_table_is_another_when_anything_about_its_rows_is() -> None:
    """The selection trap: a browser keeps the chosen position for as long as the table keeps its identity."""
    first = table_key("queue", edition=EDITION, page=1, query=QUERY)
    others = [
        table_key("queue", edition=("folder", "v00000006"), page=1, query=QUERY),
        table_key("queue", edition=("other", "v00000005"), page=1, query=QUERY),
        table_key("queue", edition=EDITION, page=2, query=QUERY),
        table_key("queue", edition=EDITION, page=1, query=QUERY | {"verdict": "pass"}),
        table_key("queue", edition=EDITION, page=1, query=QUERY | {"text": "pass"}),
    ]
    assert len({first, *others}) == 1 + len(others)
    assert first == table_key("queue", edition=EDITION, page=1, query=dict(reversed(QUERY.items())))


def test_positions_become_ids_and_versions_at_once() -> None:
    rows = [{"candidate_id": f"c{n}", "version_id": f"v{n}"} for n in range(3)]
    assert chosen_of(rows, [2, 0]) == [Chosen("c2", "v2"), Chosen("c0", "v0")]
    assert chosen_of(rows, [3, -1]) == []
    assert chosen_of([], [0]) == []

"""What the pages' source may not hold: raw HTML, remote things, SQL, rules; and how long a page may be."""

import ast
import re

from tests.conftest import ROOT
from tests.dashboards.test_dashboards_words import words

FOLDER = ROOT / "dashboards"
FILES = sorted(FOLDER.rglob("*.py"))
FORBIDDEN = {
    "unsafe_allow_html": "raw HTML",
    "unsafe_allow_javascript": "script",
    "st.html": "raw HTML, but for the style sheet of our own words",
    "st.iframe": "another page inside ours",
    "components": "another page inside ours",
    "st.write": "guesses how to show a thing, Markdown included",
    "st.table": "reads its cells as Markdown",
    "st.data_editor": "keeps edits by position",
    "st.session_state.selection": "a position is no candidate",
}


def test_there_are_pages_to_look_at() -> None:
    assert {path.name for path in FILES} >= {"app.py", "todo.py", "factor.py", "release.py", "batches.py"}


def test_nothing_that_runs_or_loads_submitted_text() -> None:
    hits = [
        f"{path.name}: {word}"
        for path in FILES
        for word in FORBIDDEN
        if (path.name, word) != ("overlaid.py", "st.html")
        if re.search(rf"(?<![\w.]){re.escape(word)}\b", path.read_text(encoding="utf-8"))
    ]
    assert hits == []


def test_the_one_style_sheet_is_made_of_our_words_alone() -> None:
    """Nothing in its file takes an argument, reads a row, or asks the library: no submitted text can get into it."""
    source = (FOLDER / "overlaid.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    made = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))]
    assert [ast.unparse(node.args) for node in made] == ["", ""]
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"dashboards.words"}
    assert source.count("st.html(") == 1
    assert not re.search(r"session_state|query_params|st\.context", source)
    for lang in ("zh", "en"):
        assert not any(set(text) & set('<>\\"') for text in words(lang)["overlaid"].values())


def test_no_address_of_another_machine() -> None:
    assert [path.name for path in FILES if re.search(r"https?://(?!\{)", path.read_text(encoding="utf-8"))] == []


def test_no_sql_and_no_database() -> None:
    sql = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE)\b.*\b(FROM|INTO|SET)\b")
    assert [path.name for path in FILES if sql.search(path.read_text(encoding="utf-8"))] == []
    imported = {
        name.split(".")[0]
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert imported & {"duckdb", "sqlalchemy", "sqlmodel", "alembic"} == set()


def test_text_that_reaches_markdown_is_ours_or_escaped() -> None:
    """A value taken from a row by its name never stands bare in an f-string of a Markdown call."""
    bare = re.compile(
        r"st\.(markdown|caption|subheader|header|title|info|error|warning|success|badge)\([^\n]*\{(row|one)\["
    )
    assert [path.name for path in FILES if bare.search(path.read_text(encoding="utf-8"))] == []


def test_router_and_pages_are_thin() -> None:
    lines = {path.relative_to(FOLDER).as_posix(): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert lines["app.py"] <= 40
    assert {name: count for name, count in lines.items() if count > 150} == {}


def test_no_icon_that_a_font_server_would_be_asked_for() -> None:
    """A page's icon becomes the tab's, and Streamlit fetches that from fonts.gstatic.com."""
    router = (FOLDER / "app.py").read_text(encoding="utf-8")
    assert "icon=" not in router

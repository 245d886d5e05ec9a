"""Pieces that pages draw with: verdicts, findings, facts, pictures, tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards import address
from dashboards.safe import escaped, seen
from dashboards.telling import change, either, field, half, interval, moment, number, percent, region, unticked
from dashboards.words import t, word
from factordb.dashboard import Said

__all__ = [
    "change", "either", "facts", "field", "findings", "half", "here_and_there", "interval", "moment", "number",
    "percent", "picture", "region", "table", "tiles", "unticked", "verdict_badge", "which",
]  # fmt: skip

VERDICT_LOOKS = {
    "pass": ("green", ":material/check_circle:"),
    "needs_person": ("orange", ":material/person_search:"),
    "insufficient": ("violet", ":material/help:"),
    "fail": ("red", ":material/cancel:"),
}
TILE = 118
"""Least width of a tile in pixels: one letter of a label is about 8 wide, or 16, one of a figure 20."""
PLACE = "library"
"""Folder of the library in a copied call; the server's own place is nobody's business."""
WIDE = ("category", "publisher", "licence", "obtain", "sha256")
"""Columns that would push the others out of sight; a reader widens them by their edge."""
SEVERITY_LOOKS = {"block": "red", "gap": "violet", "review": "orange", "advise": "gray", "": "blue"}


def verdict_badge(verdict: str | None) -> None:
    """Draw a verdict: colour, sign and word, so that no colour carries the meaning alone."""
    colour, icon = VERDICT_LOOKS.get(verdict or "", ("gray", ":material/hourglass_empty:"))
    st.badge(word("verdict", verdict) if verdict else t("queue.not_appraised"), icon=icon, color=colour)  # type: ignore[arg-type]  # the colours above are of its list


def findings(said: Sequence[Said]) -> None:
    """Draw what the rules said: what is wrong, where, why it is asked, how to mend it."""
    if not said:
        st.caption(t("finding.none"))
    for one in said:
        with st.container(border=True):
            severity = word("severity", one.severity) if one.severity else t("finding.policy")
            st.markdown(f":{SEVERITY_LOOKS[one.severity]}-badge[{severity}] **{escaped(one.code)}**")
            st.text(seen(unticked(one.message)))
            _told("finding.why", one.why)
            _told("finding.fix", one.fix)
            _told("finding.place", one.place)


def _told(key: str, text: str) -> None:
    if text:
        st.markdown(f":gray[{t(key)}] {escaped(unticked(text))}")


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Draw facts as label and text, one a line; those without text are left out."""
    colon = t("frame.colon")
    told = ((label if label.endswith(("：", ":")) else label + colon, value) for label, value in pairs)
    lines = [f":gray[{label}] {escaped(value)}" for label, value in told if value not in (None, "")]
    st.markdown("  \n".join(lines))


def tiles(figures: Iterable[tuple[str, str]]) -> None:
    """Draw figures under their labels, in as many lines as the labels need to be read whole."""
    with st.container(horizontal=True):
        for label, figure in figures:
            needed = 34 + max(sum(16 if one > "\u2e80" else 8 for one in label), 20 * len(figure))
            st.metric(label, figure, border=True, width="content" if needed > TILE else TILE)


def picture(svg: str, alt: str) -> None:
    """Draw an SVG of the house as an image: its text is escaped, and an image can run nothing and load nothing."""
    if svg:
        st.image(svg, alt=alt)


def table(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, str],
    *,
    key: str,
    choose: bool = False,
    many: bool = False,
    alt: str = "",
) -> list[int]:
    """Draw a table of texts and numbers; return the positions of the chosen rows, empty without `choose`.

    Without rows a word stands in its place.

    Args:
        rows: what is shown, ready for the reader.
        columns: name in the rows -> heading, in order.
        key: identity of the table; it must change whenever the rows do.
        choose: whether a row can be chosen.
        many: whether several can.
        alt: what the table holds, for readers who do not see it.
    """
    if len(set(columns.values())) < len(columns):  # one would take the place of the other
        raise ValueError(f"two columns of {key} have one heading: {list(columns.values())}")
    if not rows:
        st.caption(t("frame.no_rows"))
        return []
    shown = {heading: [row.get(name) for row in rows] for name, heading in columns.items()}
    config = {columns[name]: st.column_config.Column(width="medium") for name in WIDE if name in columns}
    if "dqr" in columns:  # 1.75 above 1.50, not above 1.5
        config[columns["dqr"]] = st.column_config.NumberColumn(format="%.2f")
    looks: dict[str, Any] = {"hide_index": True, "alt": alt, "placeholder": "—", "column_config": config}
    if not choose:
        st.dataframe(shown, key=key, **looks)
        return []
    event = st.dataframe(
        shown, key=key, on_select="rerun", selection_mode="multi-row" if many else "single-row", **looks
    )
    return [int(place) for place in event["selection"]["rows"]]


def here_and_there(url: str, command: str, python: str = "", api: str = "") -> None:
    """Draw the ways to this view: its link, the command that says the same, the calls in Python and of the API."""
    ways = [(t("frame.copy_link"), url), (t("frame.copy_command"), command)]
    ways += [(t("frame.copy_api"), f"GET {api}" if api else "")]
    if python:
        opened = f"from pathlib import Path\nfrom factordb import Library\n\nlibrary = Library.open(Path({PLACE!r}))\n"
        ways.append((t("frame.copy_python"), opened + python))
    with st.expander(t("frame.copy"), icon=":material/link:"):
        for caption, text in ways:
            if text:
                st.caption(caption)
                st.code(text, language=None, wrap_lines=True)


def which() -> str:
    """Draw the question for a factor, in the URL as `id`; return it, empty where none was named."""
    address.seed("id")
    name = st.text_input(t("factor.which"), key="id", placeholder=t("factor.which_hint")).strip()
    address.write(id=name)
    if not name:
        st.info(t("factor.none"), icon=":material/search:")
    return name

"""A report of blocks as one HTML page in one language, ready to be printed on A4: no script, no outside file."""

from collections.abc import Sequence
from typing import Final

from factordb.formats.report_page import POLICY, STYLE, TAGS, table
from factordb.formats.svg import escaped
from factordb.formats.trial_report import Block

PRINT: Final = """
@page{size:A4;margin:18mm 16mm}
ol.references{padding-left:0;list-style:none;font-size:13px;overflow-wrap:anywhere}
figure{margin:12px 0}figcaption{font-size:13px}
@media print{body{padding:0;max-width:none}.scroll{overflow:visible}td,th{font-size:10.5px}}
"""


def trial_page(blocks: Sequence[Block], lang: str) -> str:
    """Return the page; the same blocks give the same bytes."""
    title = escaped(blocks[0].text)
    body = "\n".join(map(_markup, blocks))
    return (
        f'<!doctype html>\n<html lang="{TAGS[lang]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}{PRINT}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )


def _markup(block: Block) -> str:
    words = escaped(block.text)
    if block.kind == "heading":
        return f"<h{block.level}>{words}</h{block.level}>"
    if block.kind == "note":
        return f'<p class="note">{words}</p>'
    if block.kind == "table":
        return _table(block)
    if block.kind == "picture":
        caption = "" if block.bars else f"<figcaption>{words}</figcaption>"  # bars carry their title themselves
        return f'<figure><div class="scroll">{block.svg}</div>{caption}</figure>'
    if block.kind == "list":
        return '<ol class="references">' + "".join(f"<li>{escaped(row[0])}</li>" for row in block.rows) + "</ol>"
    return f"<p>{words}</p>"


def _table(block: Block) -> str:
    rows = [[escaped(cell) for cell in row] for row in block.rows]
    if not block.heads:
        return "<dl>" + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows) + "</dl>"
    return table([escaped(head) for head in block.heads], rows, numbers=block.numbers)

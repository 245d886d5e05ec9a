"""The page a report stands on: style, language switch and the small pieces of HTML. No script, no outside file.

Both languages are in the file; two radio buttons at its top and a style rule show one of them, so the switch works
without a script, without a network and in print.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from factordb.formats.svg import FAINT, FONTS, INK, RULE, escaped
from factordb.formats.words import LANGUAGES, word

TAGS: Final = {"zh": "zh-CN", "en": "en"}
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Nothing is loaded and no script runs, even if text from data should ever slip through unescaped."""

STYLE: Final = f"""
*{{box-sizing:border-box}}
body{{margin:0 auto;max-width:1020px;padding:24px 32px 64px;color:{INK};background:#fff;
font:15px/1.6 {FONTS}}}
h1{{font-size:26px;line-height:1.3;margin:8px 0}}
h2{{font-size:19px;margin:40px 0 8px;padding-bottom:4px;border-bottom:2px solid {INK}}}
h3{{font-size:15px;margin:20px 0 4px}}
p{{margin:6px 0;max-width:76ch;overflow-wrap:anywhere}}
.note{{color:{FAINT};font-size:13px}}
.scroll{{overflow-x:auto}}
table{{border-collapse:collapse;width:100%;font-size:13px;margin:8px 0}}
th,td{{text-align:left;vertical-align:top;padding:5px 14px 5px 0;border-bottom:1px solid {RULE};
overflow-wrap:break-word}}
th.number,td.number{{padding-left:8px}}
th{{color:{FAINT};font-weight:600;white-space:nowrap}}
td.number,th.number{{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}}
tr.total td{{font-weight:600;border-top:2px solid {INK}}}
dl{{display:grid;grid-template-columns:max-content 1fr;gap:2px 20px;font-size:14px;margin:8px 0}}
dt{{color:{FAINT}}}dd{{margin:0;overflow-wrap:anywhere}}
.tiles{{display:flex;flex-wrap:wrap;gap:12px;margin:16px 0}}
.tile{{border:1px solid {RULE};border-radius:6px;padding:10px 18px;min-width:120px}}
.tile b{{display:block;font-size:24px;line-height:1.2;font-variant-numeric:tabular-nums}}
.tile span{{color:{FAINT};font-size:13px}}
.legend{{list-style:none;padding:0;font-size:13px}}.legend li{{display:flex;gap:10px;align-items:center;margin:3px 0}}
.legend svg{{flex:none}}
code{{font-family:ui-monospace,Consolas,monospace;font-size:12.5px;white-space:nowrap}}
.short{{display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden;
max-width:34ch;overflow-wrap:break-word}}
.switch{{position:absolute;opacity:0}}
.languages{{text-align:right;font-size:13px}}
.languages label{{cursor:pointer;padding:3px 10px;border:1px solid {RULE};border-radius:4px}}
#lang-zh:checked~.languages [for=lang-zh],#lang-en:checked~.languages [for=lang-en]{{background:{INK};color:#fff}}
#lang-zh:focus-visible~.languages [for=lang-zh],
#lang-en:focus-visible~.languages [for=lang-en]{{outline:3px solid #56B4E9}}
#lang-zh:checked~* .en,#lang-en:checked~* .zh{{display:none}}
@media print{{.languages{{display:none}}h2{{break-after:avoid}}svg,tr{{break-inside:avoid}}}}
"""


def both(section: str, key: str, **facts: object) -> str:
    """Return a sentence in both languages, of which the page shows one."""
    return two(*(word(lang, section, key, **facts) for lang in LANGUAGES))


def two(zh: str, en: str) -> str:
    """Return texts in both languages, escaped; once where they are the same."""
    if zh == en:
        return escaped(zh)
    return f'<span class="zh" lang="zh-CN">{escaped(zh)}</span><span class="en" lang="en">{escaped(en)}</span>'


def pictures(drawn: Sequence[str]) -> str:
    """Return a picture drawn once in each language, in the order of `LANGUAGES`."""
    pairs = zip(LANGUAGES, drawn, strict=True)
    return "".join(f'<div class="scroll {lang}" lang="{TAGS[lang]}">{svg}</div>' for lang, svg in pairs)


def heading(key: str) -> str:
    """Return the heading of a section."""
    return f'<h2 id="{key.replace("_", "-")}">{both("report", key)}</h2>'


def paragraph(content: str, kind: str = "") -> str:
    """Return a paragraph of markup."""
    return f'<p class="{kind}">{content}</p>' if kind else f"<p>{content}</p>"


def number(count: float | None) -> str:
    """Return a count with thousands set apart."""
    if count is None:
        return "–"
    return f"{count:,}" if isinstance(count, int) else f"{count:,.1f}"


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = (), total: bool = False
) -> str:
    """Return a table of markup cells.

    Args:
        heads: headings, markup.
        rows: cells, markup.
        numbers: positions of the columns that hold numbers.
        total: the last row sums up the others.
    """
    lines = [*rows]
    kinds = [' class="number"' if at in numbers else "" for at in range(len(heads))]
    head = "".join(f"<th{kind}>{cell}</th>" for kind, cell in zip(kinds, heads, strict=True))
    last = len(lines) - 1 if total else -1
    body = "".join(_line(kinds, line, "total" if at == last else "") for at, line in enumerate(lines))
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _line(kinds: Sequence[str], cells: Sequence[str], kind: str) -> str:
    filled = "".join(f"<td{of}>{cell}</td>" for of, cell in zip(kinds, cells, strict=True))
    return f'<tr class="{kind}">{filled}</tr>' if kind else f"<tr>{filled}</tr>"


def page(title_zh: str, title_en: str, body: str) -> str:
    """Return a whole HTML document; Chinese is shown first."""
    inputs = "".join(
        f'<input class="switch" type="radio" name="lang" id="lang-{lang}" aria-label="{name}"{checked}>'
        for lang, name, checked in (("zh", "中文", " checked"), ("en", "English", ""))
    )
    labels = '<label for="lang-zh">中文</label> <label for="lang-en">English</label>'
    return (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(title_zh)} / {escaped(title_en)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'{inputs}<div class="languages">{labels}</div>\n<main>\n{body}\n</main>\n</body>\n</html>\n'
    )

"""A report of blocks as DOCX (ECMA-376 WordprocessingML), written by hand: the same blocks give the same bytes.

Chinese text is set in 宋体 with 黑体 headings, which every Chinese office program has; bars are drawn as text, so that
they need no picture.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final

from factordb.formats.svg import escaped
from factordb.formats.trial_report import Block

NAMESPACE: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DATE: Final = (2026, 1, 1, 0, 0, 0)
WIDTH: Final = 9638
"""Width of the text on A4 with 2 cm margins, in twentieths of a point."""
SIZES: Final = {1: 36, 2: 28, 3: 24}
BARS: Final = 30
CELL, PLAIN = 18, 21

_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.styles+xml"/>'
    '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    "</Types>"
)
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_RELATIONS: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
_OF_DOCUMENT: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)


def trial_docx(blocks: Sequence[Block], lang: str) -> bytes:
    """Return the document."""
    title = blocks[0].text
    core = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escaped(title)}</dc:title><dc:creator>factordb</dc:creator>"
        f"<dc:language>{'zh-CN' if lang == 'zh' else 'en'}</dc:language></cp:coreProperties>"
    )
    body = "".join(part for block in blocks for part in _block(block))
    page = (
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" '
        'w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
    )
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<w:document xmlns:w="{NAMESPACE}"><w:body>{body}{page}</w:body></w:document>'
    )
    parts = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "docProps/core.xml": core,
             "word/document.xml": document, "word/styles.xml": _styles(lang),
             "word/_rels/document.xml.rels": _OF_DOCUMENT}  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            member = zipfile.ZipInfo(name, DATE)
            member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            package.writestr(member, text.encode())
    return out.getvalue()


def _styles(lang: str) -> str:
    fonts = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体" w:cs="Times New Roman"/>'
    heads = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
        f'<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr><w:keepNext/>'
        f'<w:spacing w:before="240" w:after="120"/>'
        f'<w:outlineLvl w:val="{level - 1}"/></w:pPr><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" '
        f'w:eastAsia="黑体"/><w:b/><w:sz w:val="{size}"/></w:rPr></w:style>'
        for level, size in SIZES.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<w:styles xmlns:w="{NAMESPACE}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val="{PLAIN}"/>'
        f'<w:lang w:val="en-US" w:eastAsia="{"zh-CN" if lang == "zh" else "en-US"}"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:after="80" w:line="300" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
        '</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal">'
        '<w:name w:val="Normal"/></w:style>'
        f"{heads}</w:styles>"
    )


def _block(block: Block) -> Iterator[str]:
    if block.kind == "heading":
        yield _paragraph(block.text, style=f"Heading{block.level}")
    elif block.kind == "table":
        yield _table(block)
        yield _paragraph("")
    elif block.kind == "picture":
        yield from _bars(block)
    elif block.kind == "list":
        yield from (_paragraph(row[0], size=CELL) for row in block.rows)
    else:
        yield _paragraph(block.text, colour="6B7785" if block.kind == "note" else "")


def _run(text: str, *, colour: str = "", size: int = 0, bold: bool = False) -> str:
    looks = ("<w:b/>" if bold else "") + (f'<w:color w:val="{colour}"/>' if colour else "")
    looks += f'<w:sz w:val="{size}"/>' if size else ""
    return f'<w:r><w:rPr>{looks}</w:rPr><w:t xml:space="preserve">{escaped(text)}</w:t></w:r>'


def _paragraph(text: str, *, style: str = "", colour: str = "", size: int = 0, right: bool = False) -> str:
    form = (f'<w:pStyle w:val="{style}"/>' if style else "") + ('<w:jc w:val="right"/>' if right else "")
    return f"<w:p><w:pPr>{form}</w:pPr>{_run(text, colour=colour, size=size)}</w:p>"


def _table(block: Block) -> str:
    columns = len(block.heads or block.rows[0])
    width = WIDTH // columns
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for _ in range(columns))
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="9AA5B1"/>'
                    for side in ("top", "left", "bottom", "right", "insideH", "insideV"))  # fmt: skip
    head = ""
    if block.heads:
        cells = "".join(_cell(text, width, bold=True) for text in block.heads)
        head = f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{cells}</w:tr>"
    body = "".join(
        "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
        + "".join(_cell(text, width, right=at in block.numbers) for at, text in enumerate(row))
        + "</w:tr>"
        for row in block.rows
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>'
    )


def _cell(text: str, width: int, *, bold: bool = False, right: bool = False) -> str:
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="E4E9EE"/>' if bold else ""
    align = '<w:jc w:val="right"/>' if right else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:after="20" w:line="240" w:lineRule="auto"/>{align}</w:pPr>'
        f"{_run(text, size=CELL, bold=bold)}</w:p></w:tc>"
    )


def _bars(block: Block) -> Iterator[str]:
    """Yield the shares of a picture as bars of text, largest first; a picture without shares is left to its table."""
    if not block.bars:
        return
    yield _paragraph(block.text, size=PLAIN)
    longest = max(abs(share) for _, share in block.bars) or 1.0
    for name, share in sorted(block.bars, key=lambda one: -abs(one[1])):
        bar = "█" * max(round(BARS * abs(share) / longest), 1 if share else 0)
        colour = "0072B2" if share >= 0 else "9AA5B1"
        yield (
            "<w:p><w:pPr><w:tabs>"
            '<w:tab w:val="left" w:pos="3000"/></w:tabs><w:spacing w:after="0"/></w:pPr>'
            f"{_run(name, size=CELL)}<w:r><w:tab/></w:r>{_run(bar, colour=colour, size=CELL)}"
            f"{_run(f' {share:.1%}', size=CELL)}</w:p>"
        )

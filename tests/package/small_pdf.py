"""A minimal PDF writer for demonstration evidence: one page of plain ASCII lines, and how forgers edit one."""

from datetime import date


def small_pdf(text: str, *, produced: date, producer: str = "demonstration", action: str = "") -> bytes:
    """Return a PDF of one page with these lines as its text layer; what is not ASCII becomes a question mark."""
    lines = [line.encode("ascii", "replace").decode() for line in text.splitlines()]
    shown = " ".join(f"({_escaped(line)}) Tj T*" for line in lines)
    stream = f"BT /F1 10 Tf 12 TL 40 800 Td {shown} ET".encode()
    stamp = f"D:{produced:%Y%m%d}090000+08'00'"
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {action} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 7 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Producer ({_escaped(producer)}) /CreationDate ({stamp}) /ModDate ({stamp}) >>".encode(),
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer << /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
    return bytes(out)


def edited(data: bytes, changed: date) -> bytes:
    """Return a PDF with an incremental update that sets a new day of change, as an editor would save it."""
    previous = data.rindex(b"startxref")
    offset = int(data[previous:].split()[1])
    out = bytearray(data)
    place = len(out)
    out += f"6 0 obj\n<< /Producer (demonstration) /ModDate (D:{changed:%Y%m%d}100000) >>\nendobj\n".encode()
    start = len(out)
    out += b"xref\n6 1\n%010d 00000 n \ntrailer << /Size 7 /Root 1 0 R /Info 6 0 R /Prev %d >>\n" % (place, offset)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")

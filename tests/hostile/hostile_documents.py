"""Documents made hostile: XML, JSON, tables of text; each mutation has a name and, where it needs chance, a seed."""

import random
import re
from collections.abc import Callable, Iterator
from functools import cache

Mutation = Callable[[bytes, random.Random], bytes]
NESTED = 200_000


def _after_declaration(data: bytes, inserted: bytes) -> bytes:
    found = re.match(rb"\s*<\?xml[^>]*\?>\s*", data)
    at = found.end() if found else 0
    return data[:at] + inserted + data[at:]


def _root_end(data: bytes) -> int:
    return data.rfind(b"</")


def _bomb(data: bytes, _: random.Random) -> bytes:
    lines = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    return _after_declaration(data, b'<!DOCTYPE x [<!ENTITY a0 "lol">' + lines + b"]>")


def _external(data: bytes, _: random.Random) -> bytes:
    return _after_declaration(data, b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')


def _nested(data: bytes, _: random.Random) -> bytes:
    at = _root_end(data)
    return data[:at] + b"<a>" * NESTED + b"</a>" * NESTED + data[at:]


def _siblings(data: bytes, _: random.Random) -> bytes:
    at = _root_end(data)
    return data[:at] + b"<a/>" * NESTED * 10 + data[at:]


def _attributes(data: bytes, _: random.Random) -> bytes:
    at = _root_end(data)
    return data[:at] + b"<a " + b" ".join(b'b%d="x"' % n for n in range(50_000)) + b"/>" + data[at:]


def _numbers(text: bytes) -> Mutation:
    return lambda data, _: re.sub(rb'="-?\d+(\.\d+)?([eE][+-]?\d+)?"', b'="' + text + b'"', data)


def _contents(text: bytes) -> Mutation:
    return lambda data, _: re.sub(rb">-?\d+(\.\d+)?<", b">" + text + b"<", data)


def _encoding(name: bytes) -> Mutation:
    return lambda data, _: re.sub(rb'encoding="[^"]*"', b'encoding="' + name + b'"', data, count=1)


XML: dict[str, Mutation] = {
    "entity bomb": _bomb,
    "external entity": _external,
    "nested elements": _nested,
    "millions of elements": _siblings,
    "50,000 attributes": _attributes,
    "declares UTF-7": _encoding(b"UTF-7"),
    "declares an encoding nobody knows": _encoding(b"X-NONE"),
    "declares UTF-16 and is not": _encoding(b"UTF-16"),
    "is UTF-16 with a mark": lambda data, _: b"\xff\xfe" + data.decode().encode("utf-16-le"),
    "attributes are NaN": _numbers(b"NaN"),
    "attributes are 1e400": _numbers(b"1e400"),
    "attributes are text": _numbers(b"some"),
    "contents are NaN": _contents(b"NaN"),
    "contents are 1e400": _contents(b"-1e400"),
    "contents are empty": _contents(b""),
    "no root": lambda _data, _: b'<?xml version="1.0"?>',
    "elements of another name space": lambda data, _: data.replace(b"xmlns=", b"xmlns:other="),
}


@cache
def _many_keys() -> bytes:
    return b"{" + b",".join(b'"%d":1' % n for n in range(2_100_000)) + b"}"


def _deep(opening: bytes, closing: bytes) -> Mutation:
    return lambda _data, _: b'{"data":' + opening * NESTED + b"1" + closing * NESTED + b"}"


def _values(text: bytes) -> Mutation:
    """Every number of the document is `text`."""
    return lambda data, _: re.sub(rb"(?<=[:\[,])-?\d+(\.\d+)?([eE][+-]?\d+)?(?=[,}\]])", text, data)


def _strings(text: bytes) -> Mutation:
    """Every text that is a number is `text`."""
    return lambda data, _: re.sub(rb'"-?\d+(\.\d+)?"', b'"' + text + b'"', data)


def _other_types(data: bytes, chance: random.Random) -> bytes:
    """Some values are of another type."""
    others = (b"[]", b"{}", b"null", b"true", b"-1", b'"x"', b"[[1]]", b'{"@id":{}}')
    return re.sub(
        rb'(?<=":)("[^"\\]*"|\d+|true|false|null)',
        lambda found: chance.choice(others) if chance.random() < 0.3 else found[0],
        data,
    )


JSON: dict[str, Mutation] = {
    "deep lists": _deep(b"[", b"]"),
    "deep objects": _deep(b'{"a":', b"}"),
    "numbers are NaN": _values(b"NaN"),
    "numbers are 1e400": _values(b"1e400"),
    "numbers are -Infinity": _values(b"-Infinity"),
    "numbers have 5,000 digits": _values(b"9" * 5000),
    "decimal texts are NaN": _strings(b"NaN"),
    "decimal texts are 1e400": _strings(b"1e400"),
    "a key twice": lambda data, _: data.replace(b"{", b'{"id":"x","@id":"x","id":"y","@id":"y",', 1),
    "half a surrogate pair": lambda data, _: data.replace(b'"name"', b'"na\\ud800me"').replace(b':"', b':"\\ud800', 3),
    "NUL in texts": lambda data, _: data.replace(b':"', b':"\\u0000', 5),
    "values of other types": _other_types,
    "a list": lambda data, _: b"[[[" + data + b"]]]",
    "a number": lambda _data, _: b"1",
    "millions of keys": lambda _data, _: _many_keys(),
    "UTF-16": lambda data, _: data.decode().encode("utf-16"),
    "UTF-32": lambda data, _: data.decode().encode("utf-32"),
    "itself as its provider": lambda data, _: re.sub(
        rb'("@id":"[^"]*")', rb'\1,"category":{"@id":"c","category":{"@id":"c"}},"defaultProvider":{\1}', data
    ),
}


def _field(size: int) -> Mutation:
    return lambda data, _: data + b'"' + b"x" * size


TEXT: dict[str, Mutation] = {
    "an open quote to the end": _field(3_000_000),
    "a line of 30 MB": lambda data, _: data + b"x" * 30_000_000,
    "100,000 columns": lambda data, _: data.replace(b"\n", b"," * 100_000 + b"\n", 1),
    "numbers are 1e400": lambda data, _: re.sub(rb"\d+\.\d+", b"1e400", data),
    "numbers are NaN": lambda data, _: re.sub(rb"\d+\.\d+", b"NaN", data),
    "formulas": lambda data, _: re.sub(rb"\d+\.\d+", b"=cmd|' /C calc'!A0", data),
    "UTF-16 without a mark": lambda data, _: data.decode().encode("utf-16-le"),
    "UTF-32": lambda data, _: data.decode().encode("utf-32"),
    "two encodings": lambda data, _: data + "名称".encode("gbk") + "名称".encode(),
    "only returns": lambda data, _: data.replace(b"\n", b"\r"),
    "blank lines": lambda data, _: data + b"\n" * 200_000,
    "only separators": lambda _data, _: b",;\t\n" * 10_000,
    "each heading twice": lambda data, _: data.replace(b"name", b"value").replace(b"unit", b"value"),
}


def _damage(data: bytes, chance: random.Random) -> bytes:
    spoiled = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
    return bytes(spoiled)


def _swapped(data: bytes, chance: random.Random) -> bytes:
    """A piece of the document stands somewhere else again."""
    start, length = chance.randrange(len(data)), chance.randint(1, 400)
    piece, at = data[start : start + length], chance.randrange(len(data))
    return data[:at] + piece * chance.randint(1, 5) + data[at:]


ANY: dict[str, Mutation] = {
    "empty": lambda _data, _: b"",
    "one byte": lambda _data, _: b"<",
    "zeros": lambda _data, _: bytes(1 << 20),
    "cut": lambda data, chance: data[: chance.randrange(len(data))],
    "no UTF-8": lambda data, _: data.replace(b"e", b"\xff\xfe\xe9", 40),
    "NUL bytes": lambda data, _: data.replace(b" ", b"\0", 40),
    "twice": lambda data, _: data + data,
    "too large": lambda data, _: data + b" " * (70 << 20),
    "chance": lambda _data, chance: chance.randbytes(10_000),
}
CHANCE: tuple[Mutation, ...] = (_damage, _swapped, ANY["cut"], _damage)


def for_document(name: str, data: bytes) -> Iterator[tuple[str, Mutation]]:
    """Yield the mutations that fit a document."""
    kind = XML if data.lstrip().startswith(b"<") else JSON if data[:1] in {b"{", b"["} else TEXT
    yield from kind.items()
    yield from ANY.items()
    if kind is JSON and name.endswith(".jsonl"):
        yield "lines of nothing", lambda _data, _: b"{}\n" * 50_000

"""Archives made hostile: names that leave them, sizes that lie, members that overlap, bombs."""

import random
import struct
import zipfile
from collections.abc import Callable

from tests.hostile.hostile_bases import packed

Members = list[tuple[str, bytes]]
Mutation = Callable[[Members, random.Random], bytes]


def _named(name: str) -> Mutation:
    return lambda members, _: packed([*members, (name, members[0][1])])


def _patched(members: Members, offset: int, form: str, value: int) -> bytes:
    """An archive whose every central entry says something else at `offset`."""
    data = bytearray(packed(members))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into(form, data, at + offset, value)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def _lying(offset: int, form: str, value: int) -> Mutation:
    return lambda members, _: _patched(members, offset, form, value)


def _linked(members: Members, _: random.Random) -> bytes:
    return _patched([*members, ("link.json", b"/etc/passwd")], 38, "<I", 0o120777 << 16)


def _bomb(members: Members, _: random.Random) -> bytes:
    return packed([(members[0][0], bytes(24 << 20)), *members[1:]])


def _nested(members: Members, _: random.Random) -> bytes:
    inner = packed(members)
    for _layer in range(20):
        inner = packed([(members[0][0], inner)], zipfile.ZIP_STORED)
    return inner


def _many(members: Members, _: random.Random) -> bytes:
    name, _, ending = members[0][0].rpartition(".")
    return packed([(f"{name}-{number}.{ending}", b"") for number in range(500)], zipfile.ZIP_STORED)


def _repeated(members: Members, _: random.Random) -> bytes:
    folder, _, file = members[0][0].rpartition("/")
    again = [(f"{folder}/again-{number}-{file}".lstrip("/"), members[0][1]) for number in range(3)]
    return packed([*members, *again])


def _cut(members: Members, chance: random.Random) -> bytes:
    data = packed(members)
    return data[: chance.randrange(len(data))]


def _overlapping(members: Members, _: random.Random) -> bytes:
    """Every central entry points to the first member."""
    return _patched(members, 42, "<I", 0)


ARCHIVES: dict[str, Mutation] = {
    "leaves by dots": _named("../../outside.json"),
    "leaves by root": _named("/etc/outside.xml"),
    "leaves by a drive": _named("C:\\outside.xml"),
    "leaves by back strokes": _named("..\\..\\outside.json"),
    "a name with control characters": _named("a\x1b[2J\n.json"),
    "a name of 60,000 characters": _named("a/" * 20_000 + "b.json"),
    "a name twice": lambda members, _: packed([*members, members[0]]),
    "a data set under four names": _repeated,
    "says it is small": _lying(24, "<I", 1),
    "says it is huge": _lying(24, "<I", 0xFFFFFFF0),
    "says another checksum": _lying(16, "<I", 7),
    "says it is encrypted": _lying(8, "<H", 1),
    "says another method": _lying(10, "<H", 99),
    "members overlap": _overlapping,
    "links": _linked,
    "bomb": _bomb,
    "archives in archives": _nested,
    "500 empty members": _many,
    "cut archive": _cut,
    "no members": lambda _members, _: packed([]),
    "something before it": lambda members, _: b"#!/bin/sh\n" * 100 + packed(members),
    "something after it": lambda members, _: packed(members) + b"\0" * 100_000,
    "two archives": lambda members, _: packed(members) + packed(members[:1]),
}

"""Requests a second of the API over HTTP on this machine: look-up by identifier, search, choice.

    python benchmarks/api.py                   # 20,000 rows, 5 s a question, 2 processes, 16 callers
    python benchmarks/api.py --rows 1000000    # the size of the goals

Goals (issue 9, 1,000,000 rows, 2 cores): ≥ 3,000 look-ups and ≥ 250 searches a second. Callers share the cores with the
server, as in stack.md section 5. They are plain sockets that keep their connection and only find where an answer ends:
a client that parses would be measured instead of the server. Every answer's status is counted. Beside the rate stands
the processor time of the server per request, which holds on a machine that does other work as well. The release is
that of `benchmarks/search.py`; its read model is built first and not timed.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet as pq
from search import CHOICES, FACTS, SEARCHES, made_rows

from factordb import open_release
from factordb.formats import manifest

PORT = 8497
KINDS = ("lookup", "lookup_cold", "search", "search_without_facets", "choose")


def addresses(kind: str, ids: list[str], rng: random.Random) -> list[str]:
    """Return the addresses that callers ask for in turn."""
    if kind == "lookup":
        return [f"/v1/factors/{one}" for one in rng.choices(rng.sample(ids, min(3000, len(ids))), k=20_000)]
    if kind == "lookup_cold":
        return [f"/v1/factors/{one}" for one in rng.sample(ids, len(ids))]
    if kind == "choose":
        return [f"/v1/choose?product={quote(one)}&year=2020" for one in CHOICES]
    more = "" if kind == "search" else "&facets=false"
    return [f"/v1/factors?query={quote(one)}{more}" for one in SEARCHES]


async def caller(urls: list[str], first: int, end: float, seen: Counter[str], times: list[float]) -> None:
    """Ask one question after another on one connection until the time is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    place = first
    while time.perf_counter() < end:
        url = urls[place % len(urls)]
        place += 1
        begin = time.perf_counter()
        writer.write(f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        at = head.index(b"content-length: ") + 16
        await reader.readexactly(int(head[at : head.index(b"\r", at)]))
        times.append(time.perf_counter() - begin)
        seen[head[9:12].decode()] += 1
    writer.close()


async def measured(kind: str, ids: list[str], seconds: float, callers: int) -> tuple[int, str]:
    """Return (requests, a line of the table: requests a second, median and 99th centile of the time, statuses)."""
    urls = addresses(kind, ids, random.Random(1))  # noqa: S311 - a benchmark draws, it keeps no secret
    seen: Counter[str] = Counter()
    times: list[float] = []
    begin = time.perf_counter()
    starts = [one * len(urls) // callers for one in range(callers)]
    await asyncio.gather(*(caller(urls, start, begin + seconds, seen, times) for start in starts))
    passed = time.perf_counter() - begin
    times.sort()
    middle, late = (1000 * times[int(share * (len(times) - 1))] for share in (0.5, 0.99))
    rate = len(times) / passed
    return len(times), f"{kind:22} {rate:8,.0f} req/s   p50 {middle:6.2f} ms   p99 {late:6.2f} ms   {dict(seen)}"


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process and its children so far: what others use of the machine is not in it."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            cells = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid or int(cells[1]) == pid:
            total += (int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK")
    return total


def main() -> None:
    """Build a release, serve it, ask, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--callers", type=int, default=16)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "releases" / "2026.1"
        rows = made_rows(given.rows)
        (folder / "data").mkdir(parents=True)
        pq.write_table(rows, folder / "data" / "factors.parquet")
        manifest.write_manifest(folder, FACTS, counts={})
        open_release(folder)
        program = [Path(sys.executable).parent / "factordb", "api", "serve", "--release-folder", folder]
        command = [str(one) for one in (*program, "--port", PORT, "--workers", given.workers, "--rate", 0)]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            wait_for_it(server)
            print(f"{given.rows:,} rows, {given.workers} processes, {given.callers} callers on the same cores")
            for kind in KINDS:
                before = processor_seconds(server.pid)
                count, line = asyncio.run(measured(kind, rows["factor_id"].to_pylist(), given.seconds, given.callers))
                used = 1000 * (processor_seconds(server.pid) - before) / count
                print(f"{line}   {used:5.2f} ms of the processor each")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def wait_for_it(server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health") as answer:
                if json.load(answer)["status"] == "ok":
                    return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()

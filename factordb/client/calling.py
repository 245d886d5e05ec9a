"""The client: search, choose, compare, look up, cite, convert, releases and footprints, as the library's own verbs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, Self
from urllib.parse import quote

from factordb.client.connection import Connection
from factordb.client.records import Choice, Comparison, Factor, Factors, Footprints, Page, Release
from factordb.client.standards import Standard, StandardPage, StandardRecord, StandardsCoverage

_LARGEST_PAGE: Final = 1000


class Client:
    """A server's released factors.

    with Client("http://127.0.0.1:8468") as fdb:
        fdb.choose("电力", amount=1000, unit="kWh", year=2024).emission
    """

    def __init__(
        self,
        address: str,
        *,
        client_id: str = "",
        secret: str = "",
        release: str = "",
        lang: str = "zh",
        timeout: float = 30.0,
    ) -> None:
        """Ask the server at `address`.

        Args:
            address: such as http://127.0.0.1:8468.
            client_id: for footprints, which need a login.
            secret: of the client; it was shown when the client was added.
            release: the release every question is put to; empty: the newest of the moment.
            lang: language of messages, "zh" or "en".
            timeout: seconds to wait for an answer.
        """
        self._server = Connection(address, client_id=client_id, secret=secret, lang=lang, timeout=timeout)
        self._release = release

    def close(self) -> None:
        """Close the connection."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ── factors ──────────────────────────────────────────────────────────────────────────────────────────

    def search(
        self,
        text: str = "",
        *,
        limit: int = 20,
        cursor: str = "",
        facets: bool = True,
        release: str = "",
        **criteria: Any,
    ) -> Page:
        """Return one page of released factors.

        Args:
            text: name, synonym, pinyin, code or identifier, Chinese or English; empty: everything.
            limit: hits of a page.
            cursor: `next` of the page before.
            facets: count the filters that would still find something.
            release: id of a release.
            **criteria: tier, region, year_from, … ; several values of one are alternatives.

        Raises:
            RemoteError: a criterion or value is not known.
        """
        query = {"query": text, "limit": limit, "cursor": cursor, "facets": facets, **self._at(release), **criteria}
        told, _ = self._server.get("/v1/factors", query)
        meta = told["meta"]
        return Page(
            Release.of(told["release"]), tuple(Factor.of(row) for row in told["data"]), meta["total"],
            meta["corrected"], meta["possible_filters"], told["next"],
        )  # fmt: skip

    def search_all(self, text: str = "", *, release: str = "", **criteria: Any) -> Factors:
        """Return every hit of a search, all pages of one release."""
        pages = list(self._pages(text, release, criteria))
        return Factors(pages[0].release, tuple(one for page in pages for one in page))

    def _pages(self, text: str, release: str, criteria: Mapping[str, Any]) -> Iterator[Page]:
        cursor = ""
        while True:
            page = self.search(text, limit=_LARGEST_PAGE, cursor=cursor, facets=False, release=release, **criteria)
            yield page
            if not page.next:
                return
            cursor, release = page.next, page.release.release_id

    def possible_filters(self, text: str = "", *, release: str = "", **criteria: Any) -> dict[str, dict[str, int]]:
        """Return criterion -> value -> hits: the filters that would still find something."""
        told, _ = self._server.get("/v1/filters", {"query": text, **self._at(release), **criteria})
        found: dict[str, dict[str, int]] = told["possible_filters"]
        return found

    def factor(self, name: str, *, version: str = "", release: str = "") -> Factor:
        """Return one factor with its source, gases and citation, by id or its beginning.

        Args:
            name: identifier of a factor or version, or its beginning.
            version: identifier of a version, in whichever release it stands.
            release: id of a release.

        Raises:
            RemoteError: status 404; there is none, or more than one.
        """
        told, _ = self._server.get(f"/v1/factors/{_part(name)}", {"version": version, **self._at(release)})
        more = {"source": told["source"], "gases": tuple(told["gases"]), "citation": told["citation"]}
        return Factor.of(told["factor"], **more)

    def dataset(self, name: str, form: str, *, version: str = "", release: str = "") -> bytes:
        """Return one factor as a file: jsonld, ilcd, tidas, ecospold1, ecospold2, csv or xlsx.

        Raises:
            RemoteError: status 404, there is none; 422, the format has no place for it.
        """
        query = {"format": form, "version": version, **self._at(release)}
        return self._server.download(f"/v1/factors/{_part(name)}", query)

    def history(self, name: str) -> list[dict[str, Any]]:
        """Return the versions of a factor in all releases, oldest first."""
        told, _ = self._server.get(f"/v1/factors/{_part(name)}/history")
        found: list[dict[str, Any]] = told["data"]
        return found

    def choose(self, product: str = "", *, release: str = "", **asked: Any) -> Choice:
        """Return the best factor for a question by clause (五), with reasons, alternatives and citation.

        Args:
            product: words for the product or activity; empty where `factor` is given.
            release: id of a release.
            **asked: factor, amount, unit, region, year, boundary, gwp_set, technology, gas, allow_flags.

        Raises:
            RemoteError: the question cannot be asked.
        """
        given = {name: list(one) if isinstance(one, (tuple, set, frozenset)) else one for name, one in asked.items()}
        body = {"product": product, **self._at(release), **given}
        return Choice.of(self._server.post("/v1/estimate", body))

    def compare(self, first: str, second: str = "", *, gwp_set: str = "", release: str = "") -> Comparison:
        """Return the comparison of a factor with another, or with its like of other countries and regions."""
        query = {"with": second, "gwp_set": gwp_set, **self._at(release)}
        told, _ = self._server.get(f"/v1/factors/{_part(first)}/compare", query)
        return Comparison(
            Release.of(told["release"]), Factor.of(told["factor"]), tuple(told["comparisons"]), tuple(told["words"])
        )

    def cite(self, name: str, *, release: str = "") -> dict[str, str]:
        """Return how to cite a factor: zh (GB/T 7714) and en."""
        told, _ = self._server.get(f"/v1/factors/{_part(name)}/citation", self._at(release))
        found: dict[str, str] = told["citation"]
        return found

    def convert(self, value: float, source: str, target: str) -> tuple[float, str]:
        """Return (value in the unit `target`, trail of the conversion).

        Raises:
            RemoteError: the units measure different things; the message names what.
        """
        told, _ = self._server.get("/v1/convert", {"value": value, "from": source, "to": target})
        return float(told["value"]), str(told["trail"])

    def trial_footprint(self, inventory: Mapping[str, Any], *, release: str = "") -> dict[str, Any]:
        """Return the trial footprint of an inventory: findings, result with its interval, contributions, factors.

        Args:
            inventory: study, line, contract, allocation, cut_off, as `factordb footprint init` writes them.
            release: id of a release; the one the inventory names, else the newest.

        Raises:
            RemoteError: a key is not known, or a number cannot be used.
        """
        found: dict[str, Any] = self._server.post("/v1/footprint", inventory, self._at(release))
        return found

    # ── releases ─────────────────────────────────────────────────────────────────────────────────────────

    def releases(self) -> list[Release]:
        """Return the releases, oldest first, each with its cover."""
        told, _ = self._server.get("/v1/releases")
        return [Release.of(one) for one in told["data"]]

    def diff(self, old: str, new: str) -> dict[str, Any]:
        """Return what differs between two releases: counts and one row a factor."""
        told, _ = self._server.get(f"/v1/releases/{_part(old)}/diff/{_part(new)}")
        found: dict[str, Any] = told
        return found

    def vocabulary(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a vocabulary: tiers, flags, gwp-sets, units, regions, criteria."""
        told, _ = self._server.get(f"/v1/vocab/{_part(name)}")
        found: list[dict[str, Any]] = told["data"]
        return found

    # ── standards ────────────────────────────────────────────────────────────────────────────────────────

    def standards(
        self, text: str = "", *, limit: int = _LARGEST_PAGE, cursor: str = "", **filters: str
    ) -> StandardPage:
        """Return one page of the registry of standards, by level and number.

        Args:
            text: every word stands in number, title, product or issuer; empty: every standard.
            limit: standards of a page.
            cursor: `next` of the page before.
            **filters: level, status, subject; or gbt4754, nbs, cpc, isic, hs with the beginning of a code.

        Raises:
            RemoteError: a filter or value is not known; status 409: the registry changed between two pages.
        """
        told, _ = self._server.get("/v1/standards", {"query": text, "limit": limit, "cursor": cursor, **filters})
        meta = told["meta"]
        rows = tuple(Standard.of(row) for row in told["data"])
        return StandardPage(rows, meta["total"], meta["possible_filters"], told["next"])

    def standard(self, number: str, *, as_of: date | None = None) -> StandardRecord:
        """Return one standard with source, citations, findings and whether clause (十五) holds on a day.

        Raises:
            RemoteError: status 404; it is not in the registry.
        """
        return StandardRecord.of(self._server.get(f"/v1/standards/{_part(number)}", {"as_of": as_of})[0])

    def standards_coverage(self, *, as_of: date | None = None) -> StandardsCoverage:
        """Return how many standards were issued by level, and how far the targets of 2027 and 2030 are."""
        return StandardsCoverage.of(self._server.get("/v1/standards/coverage", {"as_of": as_of})[0])

    # ── footprints ───────────────────────────────────────────────────────────────────────────────────────

    def footprints(self, *, limit: int = 0, **criteria: str | Sequence[str]) -> Footprints:
        """Return footprints of PACT v3, all pages of them.

        Args:
            limit: most footprints; 0: all.
            **criteria: productId, companyId, geography, classification, validOn, validAfter, validBefore, status.

        Raises:
            RemoteError: a criterion or value is not known, or the client has no right to list footprints.
            UsageError: no client id was given.
        """
        page = min(limit, _LARGEST_PAGE) if limit else _LARGEST_PAGE
        told, answer = self._server.get("/3/footprints", {"limit": page, **criteria}, login=True)
        found: list[Mapping[str, Any]] = list(told["data"])
        while "next" in answer.links and (not limit or len(found) < limit):
            told, answer = self._server.get(answer.links["next"]["url"], login=True)
            found += told["data"]
        return Footprints(tuple(found[:limit] if limit else found))

    def footprint(self, footprint_id: str) -> dict[str, Any]:
        """Return one footprint of PACT v3.

        Raises:
            RemoteError: status 404; there is none of that id.
        """
        told, _ = self._server.get(f"/3/footprints/{_part(footprint_id)}", login=True)
        found: dict[str, Any] = told["data"]
        return found

    def _at(self, release: str) -> dict[str, str]:
        named = release or self._release
        return {"release": named} if named else {}


def _part(name: str) -> str:
    return quote(name, safe="")

"""The typed client against a real server: the same verbs, the same answers, tables out, faults in words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from factordb.client import Client, Factor, RemoteError
from factordb.client.connection import Connection
from factordb.errors import BusyError, ExitCode, UsageError


@pytest.fixture(scope="module")
def client(served_address: tuple[str, Any]) -> Iterator[Client]:
    url, api = served_address
    known, secret = api.access.add("client")
    with Client(url, client_id=known.client_id, secret=secret, lang="en") as made:
        yield made


def test_search_is_that_of_the_library(client: Client, served_address: tuple[str, Any]) -> None:
    page = client.search("电力", limit=3, tier=["official", "industry"], year_from=2000)
    own = served_address[1].releases.factors().search("电力", limit=3, tier=["official", "industry"], year_from=2000)
    assert [one.version_id for one in page] == [row["version_id"] for row in own["hits"]]
    assert (page.total, page.possible_filters) == (own["total"], own["facets"])
    assert page.release.release_id == "2026.1"
    assert page[0].value == own["hits"][0]["value"]
    assert isinstance(page[0], Factor)
    assert client.search("电里", limit=1).corrected == served_address[1].releases.factors().search("电里")["corrected"]
    assert client.possible_filters("电力", kind="factor") == served_address[1].releases.factors().possible_filters(
        "电力", kind="factor"
    )


def test_all_pages_are_one_list(client: Client) -> None:
    assert len(client.search_all()) == 488
    assert len(client.search_all(kind=["parameter"])) == 110


def test_rows_come_as_tables_with_their_types(client: Client) -> None:
    found = client.search_all("电力", kind="factor")
    arrow, pandas, polars = found.to_arrow(), found.to_pandas(), found.to_polars()
    assert isinstance(pandas, pd.DataFrame)
    assert isinstance(polars, pl.DataFrame)
    assert len(found) == arrow.num_rows == len(pandas) == polars.height > 5
    assert arrow.schema.field("published_on").type == pa.date32()
    assert polars["value"].to_list() == pandas["value"].tolist() == [one.value for one in found]
    assert isinstance(polars["published_on"][0], date)


def test_no_hit_is_an_empty_table(client: Client) -> None:
    assert client.search("zzzzzzzzzz").to_pandas().empty


def test_a_choice_has_emission_reasons_and_citation(client: Client) -> None:
    choice = client.choose("电力", amount=1000, unit="kWh", year=2024, allow_flags={"expired"})
    assert choice.outcome == "chosen"
    assert choice.factor is not None
    assert choice.emission is not None
    assert choice.factor.value_text == "0.5777"
    assert choice.emission.value == pytest.approx(577.7)
    assert choice.emission.low95 is not None
    assert choice.emission.low95 < choice.emission.value
    assert choice.why
    assert choice.alternatives
    assert choice.factor.factor_id in choice.citation["zh"]
    several = client.choose("发电", unit="kWh")
    assert (several.outcome, several.factor, several.emission) == ("ambiguous", None, None)
    assert len(several.candidates) > 1


def test_a_factor_is_looked_up_cited_compared_and_traced(client: Client) -> None:
    hit = client.search("电力", limit=1)[0]
    factor = client.factor(hit.factor_id[:12])
    assert client.factor(hit.factor_id, version=hit.version_id) == factor
    assert hit.version_id.encode() in client.dataset(hit.factor_id, "csv")
    assert replace(factor, source={}, gases=(), citation={}).row["version_id"] == hit.version_id
    assert factor.source["title_zh"]
    assert client.cite(hit.factor_id) == factor.citation
    assert [one["release_id"] for one in client.history(hit.factor_id)] == ["2026.1"]
    other = client.search(kind="factor", limit=2)[1]
    compared = client.compare(hit.factor_id, other.factor_id)
    assert compared.to_arrow().num_rows == 1
    assert compared.factor.factor_id == hit.factor_id


def test_releases_vocabularies_and_conversion(client: Client) -> None:
    assert [one.release_id for one in client.releases()] == ["2026.1"]
    assert client.diff("2026.1", "2026.1")["rows"] == []
    assert {row["tier"] for row in client.vocabulary("tiers")} >= {"official"}
    value, trail = client.convert(3.6, "MJ", "kWh")
    assert value == pytest.approx(1)
    assert "kWh" in trail


def test_footprints_need_a_login_and_come_page_by_page(client: Client, served_address: tuple[str, Any]) -> None:
    found = client.footprints(geography=["CN"], status="Active")
    assert len(found) == 11
    assert len(client.footprints(limit=4)) == 4
    assert found.to_polars()["kgco2e_per_declared_unit"].min() > 0
    assert client.footprint(found.documents[0]["id"]) == found.documents[0]
    with Client(served_address[0]) as nobody, pytest.raises(UsageError, match="needs a client id"):
        nobody.footprints()
    with Client(served_address[0], client_id="c-x", secret="y", lang="en") as stranger:  # noqa: S106 - a wrong secret
        with pytest.raises(RemoteError, match="do not fit") as refused:
            stranger.footprints()
        assert refused.value.exit_code == ExitCode.NOT_PERMITTED


def test_faults_of_the_server_are_ours_in_words(client: Client) -> None:
    with pytest.raises(RemoteError, match="no parameter called colour") as unknown:
        client.search("电力", colour="red")
    assert (unknown.value.status, unknown.value.code, unknown.value.exit_code) == (400, "BadRequest", ExitCode.USAGE)
    with pytest.raises(RemoteError) as missing:
        client.factor("nothing/../x")
    assert missing.value.status == 404
    with pytest.raises(RemoteError, match="kg: mass"):
        client.convert(1, "kg", "kWh")


def test_a_question_is_put_to_the_release_that_was_named(served_address: tuple[str, Any]) -> None:
    with (
        Client(served_address[0], release="1999.1", lang="en") as old,
        pytest.raises(RemoteError, match="no release called"),
    ):
        old.search("电力")


def test_a_server_that_is_not_there_is_told_in_words() -> None:
    with Client("http://127.0.0.1:9", timeout=2) as lost, pytest.raises(BusyError, match="cannot be reached"):
        lost.releases()


def test_a_busy_server_is_asked_again_after_the_time_it_names() -> None:
    waits: list[float] = []
    answers = [httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200, json={"data": []})]
    server = Connection("http://server", sleep=waits.append)
    server._http = httpx.Client(base_url="http://server", transport=httpx.MockTransport(lambda _: answers.pop(0)))
    assert server.get("/x")[0] == {"data": []}
    assert waits == [7.0]
    server.close()


def test_an_amount_that_is_no_number_is_refused_before_it_is_sent(client: Client) -> None:
    with pytest.raises(UsageError, match="cannot be sent"):
        client.choose("电力", amount=float("nan"), unit="kWh")

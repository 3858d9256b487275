"""An exchange that does not exist yet: it takes a declaration, its words, its list and how to read a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
from django.test import Client

from events.models import InstrumentRisk, SourceHealth
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient, Payload, json_body
from exchanges import instrument_status
from exchanges.instrument_status import Meaning, declare_statuses
from exchanges.instruments.lists import InstrumentList, Listed, ReadRows, listed_row, named, read_rows
from exchanges.instruments.updater import InstrumentUpdater
from exchanges.models import InstrumentStatusEvent
from exchanges.wire import Name
from markets import venues
from markets.knowledge import InstrumentRow
from tests.exchanges.support import Clock
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer

WORDS = {"open": Meaning.LIVE, "TRADING": Meaning.HALTED, "frozen": Meaning.HALTED}


class FooPair(Listed):
    symbol: Name = msgspec.field(name="id")
    status: Name = msgspec.field(name="state")
    base: Name
    quote: Name


class FooUpdater(InstrumentUpdater):
    name, exchange, venues = "foo.instruments", "foo", ("FOO",)
    url = ""

    def lists(self) -> Sequence[InstrumentList]:
        return (InstrumentList("SPOT", self.name, self.venues, self.url),)

    def parse(self, payload: Payload, instrument_list: InstrumentList) -> ReadRows:
        def read(item: Any) -> InstrumentRow:
            row = listed_row(item, FooPair, WORDS)
            return InstrumentRow("FOO", row.symbol, row.base, row.quote, row.base, row.status, row.status == "open")

        return read_rows(named(json_body(payload), "id"), read, payload.source, "[]", "rows with id")


@pytest.fixture
def foo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(venues, "_declared", dict(venues._declared))
    monkeypatch.setattr(instrument_status, "_declared", dict(instrument_status._declared))
    venues.declare(venues.Exchange("foo", "Foo Exchange", {"FOO": "Foo"}))
    declare_statuses("foo", WORDS)
    yield


@pytest.mark.django_db(transaction=True)
def test_its_pairs_are_stored_detected_and_offered_in_the_admin(
    foo: None, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [{"id": f"{base}_USDT", "base": base, "quote": "USDT", "state": "open"} for base in ("BTC", "ETH", "ABC")]
    clock = Clock()
    with UpstreamServer() as server:
        server.route("/pairs", lambda request: pairs)
        monkeypatch.setattr(FooUpdater, "url", server.url("/pairs"))
        config = loopback_config(server, SPOT_CURRENCIES="BTC")
        fetcher = ArchivingFetcher(HttpClient(deadline_s=3, user_agent="tests", now=clock))
        updater = FooUpdater(config, fetcher, clock)
        assert updater.run().ok  # type: ignore[union-attr]
        # A word that means life on Binance means a halt here.
        pairs[0]["state"] = "TRADING"
        clock.forward(minutes=1)
        assert updater.run().ok  # type: ignore[union-attr]
    event = InstrumentStatusEvent.objects.get()
    assert (event.source, event.title) == ("foo", "BTC_USDT: trading on Foo has stopped")
    assert InstrumentRisk.objects.get().ticker == "FOO:BTC_USDT"
    assert SourceHealth.objects.get(pk="foo.instruments").state == "ok"
    for page, option in (
        ("/admin/events/event/", "foo"),
        ("/admin/events/event/open-manual/", "FOO"),
        ("/admin/markets/instrument/", "FOO"),
    ):
        assert f'value="{option}"' in admin_client.get(page).content.decode(), page

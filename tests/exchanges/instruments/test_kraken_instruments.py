"""Kraken's asset pairs: what is read of them, and what becomes of pairs that stop, vanish or cannot be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command

from alerts.models import Alert
from crypto_ews.conf import parse_config
from events.models import Event, InstrumentRisk, QuarantinedItem, SourceHealth, TokenRisk
from events.replay.engine import Replay
from events.replay.report import report_of
from events.updater import Report
from events.upstream.archive import ArchivingFetcher, recorded_payloads
from events.upstream.client import HttpClient, Payload
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift, UpstreamError
from exchanges.instrument_status import Meaning, meaning
from exchanges.instruments.kraken import KrakenInstrumentUpdater, parse_pairs
from exchanges.models import ExchangeHaltEvent, InstrumentStatusEvent
from markets.identity import Identity
from markets.models import Asset, Instrument
from markets.shipped_assets import shipped_assets
from tests.exchanges.support import Clock
from tests.support.captures import capture, kraken_asset_pairs
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer
from tests.upstreams.kraken_instruments import KrakenSite, asset_pair, asset_pairs, failed

NOW = datetime(2026, 10, 4, tzinfo=UTC)
WATCHED = {"SPOT_CURRENCIES": "BTC ETH ABC DOGE", "USDM_CURRENCIES": "BTC"}
BACKGROUND = tuple(f"C{number}/USD" for number in range(20))


def payload(answer: Any) -> Payload:
    return Payload("kraken.instruments", "http://127.0.0.1/", 200, {}, json.dumps(answer).encode(), NOW, 0.0, None)


def captured() -> dict[str, Any]:
    """The answer of April 2021."""
    answer: dict[str, Any] = json.loads(kraken_asset_pairs())
    return answer


def test_the_captured_list_is_read_whole_but_for_the_dark_pool() -> None:
    answer = captured()
    rows, bad_rows = parse_pairs(payload(answer))
    assert not bad_rows and all(row.live and row.venue == "KRAKEN" for row in rows)
    left_out = set(answer["result"]) - {row.symbol for row in rows}
    assert len(rows) == 293 and len(left_out) == 11 and all(key.endswith(".d") for key in left_out)
    pairs = {row.symbol: (row.base, row.quote) for row in rows}
    assert pairs["XXBTZUSD"] == ("BTC", "USD") and pairs["XETHXXBT"] == ("ETH", "BTC")
    assert pairs["XDGUSD"] == ("DOGE", "USD") and pairs["ETH2.SETH"] == ("ETH2.S", "ETH")


def test_base_and_quote_are_the_pairs_name_on_the_second_websocket_api() -> None:
    rows, _ = parse_pairs(payload(captured()))
    names = {f"{row.base}/{row.quote}" for row in rows}
    assert not any(part in ("XBT", "XDG", "XXBT", "ZUSD") for name in names for part in name.split("/"))
    frames = map(json.loads, capture("streams/kraken_book.jsonl").read_text().splitlines())
    streamed = {book["symbol"] for frame in frames if frame.get("channel") == "book" for book in frame["data"]}
    assert streamed and streamed <= names


def test_what_the_list_calls_an_asset_and_what_we_call_it_are_one_asset() -> None:
    """Kraken's own codes (XXBT, ZUSD, XREP) and its short names, through the reviewed table alone."""
    shipped = shipped_assets()
    identity = Identity(shipped.rows, shipped.kinds)

    def asset(name: str) -> str:
        return identity.asset("KRAKEN", name, NOW)

    answer = captured()
    rows, _ = parse_pairs(payload(answer))
    for row in rows:
        item = answer["result"][row.symbol]
        assert (asset(item["base"]), asset(item["quote"])) == (asset(row.base), asset(row.quote)), row.symbol
    codes = ("XXBT", "XBT", "ZUSD", "XXDG", "XDG", "XETH", "REPV2", "LUNA", "LUNA2")
    assert [asset(name) for name in codes] == ["BTC", "BTC", "USD", "DOGE", "DOGE", "ETH", "REP", "LUNC", "LUNA"]
    # Nothing is cut off a name: Tezos, and a coin that nobody knows.
    assert asset("XTZ") == "XTZ" and identity.resolve("KRAKEN", "XABC", NOW) is None


@pytest.mark.parametrize(
    "status, what",
    [
        ("online", Meaning.LIVE),
        ("limit_only", Meaning.RESTRICTED),
        ("reduce_only", Meaning.RESTRICTED),
        ("post_only", Meaning.HALTED),
        ("cancel_only", Meaning.HALTED),
        ("maintenance", Meaning.HALTED),
        ("work_in_progress", Meaning.PENDING),
        ("delisted", Meaning.ENDED),
    ],
)
def test_each_status_means_what_kraken_documents(status: str, what: Meaning) -> None:
    rows, _ = parse_pairs(payload(asset_pairs([asset_pair("BTC/USD", status)])))
    assert [(meaning(row), row.live) for row in rows] == [(what, what is Meaning.LIVE)]


def test_a_row_that_cannot_be_read_is_put_aside_and_many_are_drift() -> None:
    good = [asset_pair(f"C{number}/USD") for number in range(20)]
    unusable = asset_pair("ABC/USD", None), asset_pair("BTC/USD", wsname="XBTUSD")
    rows, bad_rows = parse_pairs(payload(asset_pairs([*good, *unusable])))
    assert len(rows) == 20 and [bad.key for bad in bad_rows] == ["ABCUSD", "XXBTZUSD"]
    assert "status was None" in bad_rows[0].error and "expected BASE/QUOTE" in bad_rows[1].error
    with pytest.raises(SchemaDrift, match="wsname"):
        parse_pairs(payload(asset_pairs([*good[:5], unusable[1]])))
    # Unknown statuses, however many, are drift of their rows.
    siesta = [asset_pair(f"D{number}/USD", "siesta") for number in range(9)]
    assert len(parse_pairs(payload(asset_pairs([*good[:1], *siesta])))[1]) == 9


@pytest.mark.parametrize(
    "answer, error",
    [
        (failed("EService:Unavailable"), RetryableError),
        (failed("EAPI:Rate limit exceeded"), RetryableError),
        (failed("EGeneral:Invalid arguments"), PermanentError),
        ({"result": {}}, SchemaDrift),
        ({"error": [], "result": {}}, SchemaDrift),
        ({"error": [], "result": [asset_pair("BTC/USD")]}, SchemaDrift),
        ({"error": [], "result": {"XXBTZUSD.d": {"base": "XXBT", "quote": "ZUSD"}}}, SchemaDrift),
        ([], SchemaDrift),
    ],
)
def test_an_answer_without_pairs_says_what_it_is(answer: Any, error: type[UpstreamError]) -> None:
    with pytest.raises(error):
        parse_pairs(payload(answer))


def test_a_warning_beside_the_pairs_is_no_error() -> None:
    rows, _ = parse_pairs(payload(asset_pairs([asset_pair("BTC/USD")]) | {"error": ["WGeneral:Deprecated"]}))
    assert len(rows) == 1


class Kraken:
    """Kraken on loopback, read with an injected clock."""

    def __init__(self, server: UpstreamServer) -> None:
        self.clock = Clock()
        self.config = loopback_config(server, TIMEOUT="3", **WATCHED)
        self.site = KrakenSite(server, ("BTC/USD", "BTC/EUR", "ETH/BTC", "ABC/USD", "ABC/EUR", "DOGE/USD", *BACKGROUND))

    def lists(self, **forward: float) -> Report:
        """One round of a new updater, as after a restart."""
        self.clock.forward(**(forward or {"minutes": 1}))
        client = HttpClient(deadline_s=3, user_agent="tests", now=self.clock)
        updater = KrakenInstrumentUpdater(self.config, ArchivingFetcher(client), self.clock)
        report = updater.run(even_if_backing_off=True)
        assert report is not None
        return report


@pytest.fixture
def kraken() -> Iterator[Kraken]:
    with UpstreamServer() as server:
        yield Kraken(server)


@pytest.mark.django_db(transaction=True)
def test_a_watched_pair_that_leaves_online_is_an_event_until_it_is_back(kraken: Kraken) -> None:
    assert kraken.lists().ok and not Event.objects.exists()
    # EUR does not count here.
    kraken.site.set_status("cancel_only", "BTC/USD", "ABC/EUR")
    assert kraken.lists().outcomes["opened"] == 1
    event = InstrumentStatusEvent.objects.get()
    assert (event.source, event.venue, event.token, event.state) == ("kraken", "KRAKEN", "BTC", "cancel_only")
    assert (event.category, event.priority) == ("trading_suspension", "high")
    assert event.title == "XXBTZUSD: trading on Kraken has stopped"
    row = TokenRisk.objects.get()
    assert (row.token, row.venues, row.tickers, row.action) == ("BTC", ["KRAKEN"], ["KRAKEN:XXBTZUSD"], "halt")
    kraken.site.set_status("online")
    kraken.lists()
    assert not TokenRisk.objects.exists()
    assert list(Alert.objects.order_by("id").values_list("reason", flat=True)) == ["opened", "closed"]


@pytest.mark.django_db(transaction=True)
def test_a_pair_quoted_in_bitcoin_by_its_old_name_counts_and_limit_orders_alone_are_a_warning(kraken: Kraken) -> None:
    kraken.lists()
    kraken.site.set_status("limit_only", "ETH/BTC")
    kraken.lists()
    risk = InstrumentRisk.objects.get()
    assert (risk.ticker, risk.token, risk.action, risk.trading_status) == (
        "KRAKEN:XETHXXBT", "ETH", "avoid_new", "trading",
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_pair_that_vanishes_is_a_delisting(kraken: Kraken) -> None:
    kraken.lists()
    kraken.site.remove("DOGE/USD")
    kraken.lists()
    event = InstrumentStatusEvent.objects.get()
    assert (event.category, event.state, event.title) == ("delisting", "GONE", "XDGUSD: no longer listed on Kraken")
    assert InstrumentRisk.objects.get(ticker="KRAKEN:XDGUSD").trading_status == "delisted"
    assert Instrument.objects.get(venue="KRAKEN", symbol="XDGUSD").status == "GONE"


@pytest.mark.django_db(transaction=True)
def test_a_list_that_lost_more_than_a_tenth_is_broken_and_one_half_halted_is_one_halt(kraken: Kraken) -> None:
    kraken.lists()
    whole = kraken.site.pairs
    kraken.site.pairs = whole[3:]
    assert "missing" in kraken.lists().error
    assert not Event.objects.exclude(category="operations").exists()
    kraken.site.pairs = whole
    kraken.site.set_status("post_only", *(row["wsname"] for row in whole[: len(whole) // 2]))
    kraken.site.set_status("post_only", "BTC/USD", "DOGE/USD")
    kraken.lists()
    halt = ExchangeHaltEvent.objects.get(category="exchange_halt")
    assert (halt.source, halt.title, halt.priority) == ("kraken", "Kraken has halted trading", "high")
    assert set(TokenRisk.objects.values_list("token", flat=True)) == {"BTC", "ETH", "ABC", "DOGE"}
    kraken.site.set_status("online")
    kraken.lists()
    assert not TokenRisk.objects.exists()
    assert not InstrumentStatusEvent.objects.filter(category="trading_suspension").exists()


@pytest.mark.django_db(transaction=True)
def test_an_unknown_status_is_drift_of_its_row_only(kraken: Kraken) -> None:
    kraken.lists()
    kraken.site.set_status("siesta", "ABC/USD")
    kraken.site.set_status("cancel_only", "DOGE/USD")
    assert kraken.lists().ok
    assert InstrumentStatusEvent.objects.get().token == "DOGE"
    assert QuarantinedItem.objects.get().item_key == "SPOT:ABCUSD"
    assert Instrument.objects.get(symbol="ABCUSD").live


@pytest.mark.django_db(transaction=True)
def test_an_error_that_comes_with_status_200_is_a_failure_of_the_source(kraken: Kraken) -> None:
    kraken.lists()
    with UpstreamServer() as other:
        other.route("/0/public/AssetPairs", failed("EService:Unavailable"))
        kraken.config = loopback_config(other, TIMEOUT="3", **WATCHED)
        assert "EService:Unavailable" in kraken.lists().error
    assert SourceHealth.objects.get(pk="kraken.instruments").state == "failing"
    assert Instrument.objects.filter(venue="KRAKEN", live=True).count() == 26


@pytest.mark.django_db(transaction=True)
def test_the_captured_list_makes_no_event_and_teaches_coins_but_no_names(kraken: Kraken) -> None:
    names = Asset.objects.count()
    with UpstreamServer() as server:
        server.route("/0/public/AssetPairs", captured())
        kraken.config = loopback_config(server, TIMEOUT="3", **WATCHED)
        assert kraken.lists().items == 293
    assert not Event.objects.exists()
    assert Asset.objects.get(code="KEEP").note == "listed on KRAKEN"
    assert Asset.objects.count() > names and not Asset.objects.filter(code__in=("XBT", "XXBT", "ZUSD", "XDG")).exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_recorded_of_kraken_replays_to_the_same_event(kraken: Kraken) -> None:
    kraken.lists()
    kraken.site.set_status("cancel_only", "BTC/USD")
    kraken.lists()
    opened_at = Event.objects.get().opened_at
    payloads = list(recorded_payloads())
    assert {recorded.source for recorded in payloads} == {"kraken.instruments"}
    call_command("flush", verbosity=0, interactive=False)
    config = parse_config({**WATCHED, "KRAKEN_BASE_TRADING_URL": kraken.config.kraken_base_trading_url})
    report = report_of(Replay(config, iter(payloads)).run(None))
    (event,) = report["events"]
    assert (event["kind"], event["source"], event["tickers"]) == ("instrument_status", "kraken", ["KRAKEN:XXBTZUSD"])
    assert datetime.fromisoformat(event["opened_at"]) == opened_at and report["failures"] == []

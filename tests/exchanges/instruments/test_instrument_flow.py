"""From instrument lists, product tags and system status on loopback to events, the view and the outbox."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.models import Alert
from crypto_ews.conf import Config
from events.lifecycle import close_event, expire, reopenable_events
from events.models import Event, InstrumentRisk, QuarantinedItem, SourceHealth, TokenRisk
from events.updater import EventUpdater, Report
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient
from exchanges.halts.updater import BinanceStatusUpdater, OkxStatusUpdater
from exchanges.instruments.okx import OkxInstrumentUpdater
from exchanges.models import ExchangeHaltEvent, InstrumentStatusEvent, StatusSpell, TagSpell
from exchanges.tags.updater import BinanceProductUpdater
from markets.models import Instrument
from tests.exchanges.support import RELEASED, Bench, Clock
from tests.support.captures import capture
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import removal_notice
from tests.upstreams.binance_instruments import product, spot_symbol, usdm_symbol
from tests.upstreams.okx_instruments import OkxInstrumentSite, maintenance, okx_contract, okx_spot

# The view moves at commit.
pytestmark = pytest.mark.django_db(transaction=True)

ENDS = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)


def run(kind: type[EventUpdater], config: Config, clock: Clock) -> Report:
    """A new updater each time, as after a restart."""
    client = HttpClient(deadline_s=3, user_agent="tests", now=clock)
    report = kind(config, ArchivingFetcher(client), clock).run(even_if_backing_off=True)
    assert report is not None
    return report


class Desk(Bench):
    """The bench with the lists at hand."""

    def set_status(self, status: str, *symbols: str) -> None:
        for row in self.instruments.spot:
            if row["symbol"] in symbols:
                row["status"] = status

    def set_all(self, status: str) -> None:
        self.set_status(status, *(row["symbol"] for row in self.instruments.spot))

    def lists(self, **forward: float) -> Report:
        self.clock.forward(**(forward or {"minutes": 1}))
        return self.run_instruments()

    def products(self, *, tagged: dict[str, list[str]], leave_out: int = 0) -> Report:
        rows = [f"{row['baseAsset']}/{row['quoteAsset']}" for row in self.instruments.spot][leave_out:]
        self.instruments.products = [product(row, tagged.get(row.partition("/")[0], ["pos"])) for row in rows]
        self.clock.forward(minutes=5)
        return run(BinanceProductUpdater, self.config, self.clock)

    def binance_status(self) -> Report:
        return run(BinanceStatusUpdater, self.config, self.clock)


def reasons() -> list[str]:
    return list(Alert.objects.order_by("id").values_list("reason", flat=True))


def test_the_first_reading_opens_nothing_and_an_unannounced_break_is_an_event_in_the_view(
    server: UpstreamServer,
) -> None:
    desk = Desk(server)
    desk.set_status("BREAK", "ETHBTC", "XYZUSDT")
    desk.run_instruments()
    assert not Event.objects.exists()
    desk.set_status("BREAK", "ABCUSDT")
    assert desk.lists().outcomes["opened"] == 1
    event = InstrumentStatusEvent.objects.get()
    assert (event.venue, event.token, event.state, event.priority) == ("BINANCE", "ABC", "BREAK", "high")
    assert InstrumentRisk.objects.get(ticker="BINANCE:ABCUSDT").action == "halt"
    assert TokenRisk.objects.get(token="ABC").action == "watch"
    assert desk.lists().outcomes["unchanged"] == 1
    desk.set_status("TRADING", "ABCUSDT")
    desk.lists()
    assert not TokenRisk.objects.exists()
    assert reasons() == ["opened", "closed"]
    periods = StatusSpell.objects.filter(symbol="ABCUSDT").values_list("status", "live")
    assert list(periods) == [("BREAK", False), ("TRADING", True)]


def test_a_pair_that_breaks_again_later_is_a_new_event(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    for status in ("BREAK", "TRADING", "BREAK"):
        desk.set_status(status, "ABCUSDT")
        desk.lists(days=1)
    assert list(Event.objects.order_by("id").values_list("status", flat=True)) == ["closed", "open"]


def test_pending_trading_for_one_minute_is_nothing_and_for_five_is_an_event(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    desk.set_status("PENDING_TRADING", "ABCUSDT")
    desk.lists()
    desk.set_status("TRADING", "ABCUSDT")
    desk.lists()
    assert not Event.objects.exists()
    desk.set_status("PENDING_TRADING", "ABCUSDT")
    for minutes in (0, 1, 2, 1):
        desk.lists(minutes=minutes)
        assert not Event.objects.exists()
    desk.lists()
    assert Event.objects.get().category == "trading_suspension"


def test_a_list_that_lost_more_than_a_tenth_of_its_rows_is_broken_and_says_nothing(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    del desk.instruments.spot[6:8]
    report = desk.lists()
    assert not report.ok and "missing" in report.error
    assert not Event.objects.exclude(category="operations").exists()
    assert Instrument.objects.get(symbol="ABCUSDT").live


def lacking(desk: Desk, symbols: set[str]) -> None:
    desk.instruments.spot[:] = [row for row in desk.instruments.spot if row["symbol"] not in symbols]


def test_a_list_that_goes_on_lacking_the_same_rows_is_believed_after_half_an_hour(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    lacking(desk, {"ABCUSDT", "ABCUSDC"})
    # Each reading has an updater of its own, as after a restart.
    for _ in range(6):
        assert not desk.lists(minutes=5).ok
    (item,) = QuarantinedItem.objects.filter(resolved_at=None)
    assert (item.title, item.excerpt) == ("BINANCE lost 2 of 14 instruments", "ABCUSDC, ABCUSDT")
    assert Instrument.objects.get(symbol="ABCUSDT").live
    assert desk.lists(minutes=5).ok
    assert not Instrument.objects.get(symbol="ABCUSDT").live
    event = InstrumentStatusEvent.objects.get()
    assert (event.category, {effect.token for effect in event.effects.all()}) == ("delisting", {"ABC"})
    assert not QuarantinedItem.objects.filter(resolved_at=None).exists()
    assert desk.lists().ok


@pytest.mark.parametrize("between", ["whole", "other rows"])
def test_a_list_that_changes_its_mind_begins_anew(server: UpstreamServer, between: str) -> None:
    desk = Desk(server)
    desk.run_instruments()
    whole = list(desk.instruments.spot)
    lacking(desk, {"ABCUSDT", "ABCUSDC"})
    for _ in range(5):
        assert not desk.lists(minutes=6).ok
    desk.instruments.spot[:] = whole
    if between == "other rows":
        lacking(desk, {"XYZUSDT", "XYZBTC"})
    assert desk.lists().ok == (between == "whole")
    desk.instruments.spot[:] = whole
    lacking(desk, {"ABCUSDT", "ABCUSDC"})
    for _ in range(5):
        assert not desk.lists(minutes=6).ok
    assert QuarantinedItem.objects.filter(resolved_at=None).count() == 1
    assert Instrument.objects.get(symbol="ABCUSDT").live


def test_a_list_without_half_of_its_rows_is_never_believed_by_itself(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    del desk.instruments.spot[3:11]
    for _ in range(8):
        assert not desk.lists(minutes=30).ok
    assert not Event.objects.exclude(category="operations").exists()


def test_two_readings_far_apart_are_not_half_an_hour_of_the_same(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    lacking(desk, {"ABCUSDT", "ABCUSDC"})
    for _ in range(4):
        assert not desk.lists(minutes=60).ok
    assert desk.lists().ok


def test_all_of_spot_halted_on_24_march_2023_is_one_halt_from_11_27_to_13_30(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.clock.at = datetime(2023, 3, 24, 11, 20, tzinfo=UTC)
    desk.run_instruments()
    desk.clock.at = datetime(2023, 3, 24, 11, 26, tzinfo=UTC)
    desk.set_all("BREAK")
    assert desk.lists().outcomes["opened"] == 1
    halt = ExchangeHaltEvent.objects.get()
    assert (halt.category, halt.priority, halt.opened_at.minute) == ("exchange_halt", "high", 27)
    rows = {row.token: row for row in TokenRisk.objects.all()}
    assert {token: (row.action, row.venues) for token, row in rows.items()} == {
        token: ("halt", ["BINANCE"]) for token in ("BTC", "ETH", "ABC")
    }
    assert InstrumentRisk.objects.get(ticker="BINANCE:BTCUSDT").action == "halt"
    for _ in range(3):
        desk.lists(minutes=30)
    # It comes back in two steps.
    desk.set_status("TRADING", "BTCUSDT", "BTCUSDC", "ETHUSDT")
    desk.lists(minutes=32)
    assert halt.pk in TokenRisk.objects.get(token="ABC").event_ids
    desk.set_all("TRADING")
    desk.lists()
    halt.refresh_from_db()
    assert (halt.status, halt.closed_at) == ("closed", datetime(2023, 3, 24, 13, 30, tzinfo=UTC))
    assert Event.objects.count() == 1 and not TokenRisk.objects.exists()
    assert reasons() == ["opened", "closed"]


def test_binance_maintenance_and_halted_lists_are_one_event_until_both_are_over(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    assert desk.binance_status().ok
    assert not Event.objects.exists()
    desk.instruments.maintenance = True
    desk.binance_status()
    assert TokenRisk.objects.get(token="BTC").action == "halt"
    desk.set_all("BREAK")
    desk.lists()
    desk.binance_status()
    desk.instruments.maintenance = False
    desk.binance_status()
    assert ExchangeHaltEvent.objects.get().status == "open"
    desk.set_all("TRADING")
    desk.lists()
    assert ExchangeHaltEvent.objects.get().status == "closed"
    assert reasons() == ["opened", "closed"]


def test_an_announced_removal_is_confirmed_by_the_list_without_a_second_event_or_card(server: UpstreamServer) -> None:
    desk = Desk(server, [removal_notice("2026-10-02", {"2026-10-02 03:00": ["ABC/USDC"]}, RELEASED)])
    desk.run_instruments()
    desk.run_announcements()
    expire(ENDS)
    before = reasons()
    desk.clock.at = ENDS
    desk.set_status("BREAK", "ABCUSDC")
    desk.lists()
    event = Event.objects.get()
    assert event.facts["instruments"]["BINANCE:ABCUSDC"]["status"] == "BREAK"
    for _ in range(2):
        desk.run_edits()
        desk.lists()
    again = Event.objects.get()
    assert (again.facts["instruments"], again.revision) == (event.facts["instruments"], event.revision)
    assert reasons() == before
    assert InstrumentRisk.objects.get(ticker="BINANCE:ABCUSDC").trading_status == "delisted"


def test_a_pair_that_stops_before_its_announced_time_halts_now_and_reading_the_article_again_keeps_it(
    server: UpstreamServer,
) -> None:
    desk = Desk(server, [removal_notice("2026-10-02", {"2026-10-02 03:00": ["ABC/USDC", "XYZ/BTC"]}, RELEASED)])
    desk.run_instruments()
    desk.run_announcements()
    desk.set_status("BREAK", "ABCUSDC")
    desk.lists()
    for _ in range(2):
        assert InstrumentRisk.objects.get(ticker="BINANCE:ABCUSDC").action == "halt"
        assert InstrumentRisk.objects.get(ticker="BINANCE:XYZBTC").action == "reduce_only"
        desk.run_edits()
    assert Event.objects.count() == 1
    assert reasons() == ["opened", "updated"]


def test_a_row_that_postgresql_cannot_store_is_quarantined_and_leaves_the_others_to_work(
    server: UpstreamServer,
) -> None:
    desk = Desk(server)
    desk.run_instruments()
    desk.instruments.spot.append(spot_symbol("NEW/USDT", symbol="N\0W"))
    desk.set_status("BREAK", "BTCUSDC")
    for _ in range(2):
        assert desk.lists().ok
        assert [item.item_key for item in QuarantinedItem.objects.filter(resolved_at=None)] == ["BINANCE:NW"]
    assert not Instrument.objects.get(symbol="BTCUSDC").live


def test_an_unknown_status_puts_its_row_aside_and_leaves_the_others_to_work(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    desk.set_status("SIESTA", "ABCUSDT", "ETHUSDT")
    desk.set_status("BREAK", "BTCUSDC")
    assert desk.lists().ok
    assert Event.objects.get().facts["status"] == "BREAK"
    assert {item.item_key for item in QuarantinedItem.objects.all()} == {"BINANCE:ABCUSDT", "BINANCE:ETHUSDT"}
    assert Instrument.objects.get(venue="BINANCE", symbol="ABCUSDT").live
    desk.set_status("TRADING", "ABCUSDT")
    desk.lists()
    assert QuarantinedItem.objects.get(resolved_at=None).item_key == "BINANCE:ETHUSDT"


def test_a_perpetual_that_gets_an_end_is_a_delisting_of_its_venue(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    desk.instruments.usdm[0] = usdm_symbol("BTC/USDT", delivery_ms=round(ENDS.timestamp() * 1000))
    desk.lists()
    event = InstrumentStatusEvent.objects.get()
    assert (event.category, event.next_important_at) == ("delisting", ENDS)
    row = TokenRisk.objects.get(token="BTC")
    assert (row.action, row.venues, row.trading_ends_at) == ("reduce_only", ["BINANCE_USDM"], ENDS)


def test_a_monitoring_tag_is_a_warning_until_it_is_removed_and_its_history_is_kept(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    desk.products(tagged={})
    assert not Event.objects.exists()
    desk.products(tagged={"ABC": ["pos", "Monitoring"], "XYZ": ["Monitoring"]})
    event = InstrumentStatusEvent.objects.get()
    assert (event.category, event.state, event.token) == ("risk_warning", "Monitoring", "ABC")
    row = TokenRisk.objects.get(token="ABC")
    assert (row.action, row.categories, row.venues) == ("avoid_new", ["risk_warning"], ["BINANCE"])
    began_at = desk.clock.at
    for _ in range(10):
        desk.clock.forward(days=3)
        desk.products(tagged={"ABC": ["Monitoring"], "XYZ": ["Monitoring"]})
        expire(desk.clock.at)
    assert TokenRisk.objects.get().token == "ABC"
    desk.products(tagged={"XYZ": ["Monitoring"]})
    assert not TokenRisk.objects.exists()
    period = TagSpell.objects.get(token="ABC")
    assert (period.began_at, period.ended_at, period.at_first_reading) == (began_at, desk.clock.at, False)
    assert TagSpell.objects.get(token="XYZ").ended_at is None
    assert reasons() == ["opened", "closed"]


def test_a_tag_that_was_there_when_we_first_looked_is_in_the_view_and_no_news(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    desk.products(tagged={"ABC": ["Seed"]})
    assert TokenRisk.objects.get(token="ABC").action == "avoid_new"
    assert TagSpell.objects.get().at_first_reading and reasons() == []


def test_a_product_list_that_shrank_or_lost_a_common_tag_is_broken(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.instruments.spot += [spot_symbol(f"C{number}/USDT") for number in range(20)]
    desk.run_instruments()
    tagged = {f"C{number}": ["Monitoring"] for number in range(5)}
    assert desk.products(tagged=tagged).ok
    assert "tags" in desk.products(tagged={}).error
    assert not desk.products(tagged=tagged, leave_out=10).ok
    assert TagSpell.objects.filter(ended_at=None).count() == 5
    assert SourceHealth.objects.get(pk="binance.products").state == "drift"


class Okx:
    """OKX on loopback."""

    def __init__(self, server: UpstreamServer, clock: Clock) -> None:
        self.clock = clock
        self.config = Bench(server).config
        self.site = OkxInstrumentSite(
            server,
            spot=[okx_spot(f"{base}/USDT") for base in ("BTC", "ETH", "ABC", "STORJ", *(f"C{n}" for n in range(20)))],
            swaps=[okx_contract("BTC/USDT"), okx_contract("BTC/USD"), okx_contract("ETH/USDT")],
            futures=[okx_contract("BTC/USD", "261225", ends_at=datetime(2026, 12, 25, 8, 0, tzinfo=UTC))],
        )

    def lists(self) -> Report:
        self.clock.forward(minutes=1)
        return run(OkxInstrumentUpdater, self.config, self.clock)

    def status(self) -> Report:
        return run(OkxStatusUpdater, self.config, self.clock)

    def set_spot(self, state: str) -> None:
        for row in self.site.spot:
            row["state"] = state


@pytest.fixture
def okx(server: UpstreamServer) -> Okx:
    return Okx(server, Clock())


def without(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["instId"] != name]


def test_an_okx_pair_that_is_gone_as_captured_is_an_event_and_one_left_out_by_mistake_is_none(
    okx: Okx, server: UpstreamServer
) -> None:
    okx.lists()
    assert not Event.objects.exists() and Instrument.objects.filter(venue="OKX_COINM").count() == 2
    gone = json.loads(capture("instruments/delistwatch__okx_instruments_STORJ-USDT_gone_2026-10-04.json").read_text())
    assert gone["code"] == "51001"
    okx.site.unlisted = [row for row in okx.site.spot if row["instId"] == "ABC-USDT"]
    okx.site.spot = without(okx.site.spot, "ABC-USDT")
    assert okx.lists().ok and not Event.objects.exists()
    okx.site.unlisted = []
    assert okx.lists().outcomes["opened"] == 1
    event = InstrumentStatusEvent.objects.get()
    assert (event.source, event.category, event.state) == ("okx", "delisting", "GONE")
    assert InstrumentRisk.objects.get(ticker="OKX:ABC-USDT").trading_status == "delisted"


def test_an_okx_answer_with_an_error_code_for_a_whole_list_is_a_failure_and_no_empty_list(
    okx: Okx, server: UpstreamServer
) -> None:
    okx.lists()
    gone = json.loads(capture("instruments/delistwatch__okx_instruments_STORJ-USDT_gone_2026-10-04.json").read_text())
    server.route("/api/v5/public/instruments", gone)
    assert "51001" in okx.lists().error
    assert not Event.objects.exists() and Instrument.objects.filter(venue="OKX", live=True).count() == 24


def test_an_okx_swap_that_gets_an_end_and_a_spot_pair_that_is_suspended_are_events(okx: Okx) -> None:
    okx.lists()
    okx.site.swaps[0] = okx_contract("BTC/USDT", ends_at=ENDS)
    okx.site.spot[2]["state"] = "suspend"
    okx.lists()
    found = {event.venue: event for event in InstrumentStatusEvent.objects.all()}
    assert found["OKX_USDM"].category == "delisting" and found["OKX"].category == "trading_suspension"
    assert TokenRisk.objects.get(token="BTC").venues == ["OKX_USDM"]
    assert TokenRisk.objects.get(token="ABC").action == "halt"


def test_a_planned_okx_maintenance_steps_from_avoid_new_to_halt_and_ends_with_its_list(okx: Okx) -> None:
    okx.lists()
    begins = okx.clock.at + timedelta(days=2)
    plan = maintenance("Trading service upgrade", begins, begins + timedelta(hours=1))
    okx.site.status = [plan, maintenance("WebSocket upgrade", begins, None, service="0")]
    assert okx.status().ok
    assert TokenRisk.objects.get(token="ETH").action == "avoid_new"
    assert set(TokenRisk.objects.get(token="BTC").venues) == {"OKX", "OKX_USDM", "OKX_COINM"}
    okx.status()
    assert Event.objects.filter(priority="high").count() == 1 and reasons() == ["opened"]
    okx.clock.at = begins
    expire(begins)
    assert TokenRisk.objects.get(token="ETH").action == "halt"
    okx.set_spot("suspend")
    okx.site.status[0] = {**plan, "state": "ongoing"}
    okx.lists()
    okx.status()
    # OKX reports that it is done, and its list is still halted.
    okx.site.status = []
    okx.clock.forward(hours=1)
    okx.status()
    okx.lists()
    assert TokenRisk.objects.get(token="ETH").action == "halt"
    okx.set_spot("live")
    okx.lists()
    assert not TokenRisk.objects.exists()
    halts = ExchangeHaltEvent.objects.filter(priority="high")
    assert [event.status for event in halts] == ["closed"]
    assert reasons() == ["opened", "reminder", "closed"]


def test_an_unplanned_okx_outage_is_a_halt_at_once(okx: Okx) -> None:
    okx.lists()
    okx.site.status = [maintenance("System disruption", okx.clock.at, None, state="ongoing", maintType="3")]
    okx.status()
    event = ExchangeHaltEvent.objects.get()
    assert (event.category, event.priority) == ("exchange_halt", "high")
    assert TokenRisk.objects.get(token="BTC").action == "halt"


def test_a_maintenance_that_vanishes_before_its_end_is_over_after_several_readings_only(okx: Okx) -> None:
    okx.lists()
    begins = okx.clock.at + timedelta(days=2)
    plan = maintenance("Trading service upgrade", begins, begins + timedelta(hours=1))
    okx.site.status = [plan]
    okx.status()
    # A row that cannot be read is no absence, however often it is so.
    okx.site.status = [{**plan, "state": "?"}]
    for _ in range(6):
        okx.clock.forward(minutes=1)
        okx.status()
    okx.site.status = []
    for _ in range(2):
        okx.clock.forward(minutes=1)
        okx.status()
    assert TokenRisk.objects.get(token="ETH").action == "avoid_new"
    okx.clock.forward(minutes=1)
    okx.status()
    assert not TokenRisk.objects.exists()
    event = ExchangeHaltEvent.objects.get(priority="high")
    assert event.close_reason == "OKX no longer lists the maintenance"


def test_a_halt_that_an_admin_kept_away_until_a_date_opens_again_if_it_still_holds(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    desk.set_status("BREAK", "ABCUSDT", "ETHUSDT")
    desk.lists()
    for event in Event.objects.filter(status="open"):
        until = desk.clock() + timedelta(hours=1)
        close_event(event.pk, desk.clock(), by="ann", reason="known", suppress_until=until)
    desk.lists()
    assert not Event.objects.filter(status="open").exists()
    desk.set_status("TRADING", "ETHUSDT")
    desk.lists(hours=1)
    desk.lists()
    event = Event.objects.get(status="open")
    assert InstrumentStatusEvent.objects.get(pk=event.pk).token == "ABC"
    assert InstrumentRisk.objects.get().ticker == "BINANCE:ABCUSDT"
    # What was over by then is settled: nothing looks at it any more.
    assert [event.natural_key for event in reopenable_events("binance", desk.clock())] == []
    desk.set_status("TRADING", "ABCUSDT")
    desk.lists()
    assert not Event.objects.filter(status="open").exists()


def test_a_halt_of_the_exchange_that_was_kept_away_opens_again_while_it_lasts(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    desk.set_all("BREAK")
    desk.lists()
    halt = ExchangeHaltEvent.objects.get(status="open")
    close_event(halt.pk, desk.clock(), by="ann", reason="known", suppress_until=desk.clock() + timedelta(minutes=30))
    desk.lists()
    assert not ExchangeHaltEvent.objects.filter(status="open").exists()
    desk.lists(hours=1)
    again = ExchangeHaltEvent.objects.get(status="open")
    assert again.priority == "high" and TokenRisk.objects.get(token="BTC").action == "halt"
    desk.set_all("TRADING")
    desk.lists()
    assert not TokenRisk.objects.exists()


def test_a_tagged_token_without_a_row_keeps_its_tag_until_that_has_lasted(server: UpstreamServer) -> None:
    desk = Desk(server, SPOT_CURRENCIES="BTC ETH ABC 0G")
    desk.run_instruments()
    desk.products(tagged={})
    desk.products(tagged={"ABC": ["Monitoring"]})
    assert TokenRisk.objects.get(token="ABC").action == "avoid_new"
    # Its three pairs are too many of these few to go at once: as if the others had gone before.
    lacking(desk, {row["symbol"] for row in desk.instruments.spot if row["baseAsset"] == "ABC"})
    rows = [f"{row['baseAsset']}/{row['quoteAsset']}" for row in desk.instruments.spot]
    health = SourceHealth.objects.get(pk="binance.products")
    SourceHealth.objects.filter(pk=health.pk).update(
        content={part: {**known, "rows": len(rows)} for part, known in health.content.items()}
    )

    def products() -> None:
        desk.instruments.products = [product(row, ["pos"]) for row in rows]
        desk.clock.forward(minutes=6)
        run(BinanceProductUpdater, desk.config, desk.clock)

    for _ in range(3):
        products()
        assert TokenRisk.objects.get(token="ABC").action == "avoid_new"
    products()
    assert not TokenRisk.objects.exists()


def test_a_coin_that_left_and_is_listed_again_in_one_pair_is_no_longer_halted_there(server: UpstreamServer) -> None:
    pairs = ["ABC/USDT", "ABC/USDC", "ABC/BNB"]
    desk = Desk(server, [removal_notice("2026-10-02", {"2026-10-02 03:00": pairs}, RELEASED)])
    desk.run_instruments()
    desk.run_announcements()
    desk.clock.at = ENDS
    expire(ENDS)
    desk.set_status("BREAK", "ABCUSDT", "ABCUSDC", "ABCBNB")
    desk.lists()
    assert TokenRisk.objects.get(token="ABC").action == "halt"
    desk.set_status("TRADING", "ABCBNB")
    desk.lists(days=1)
    # BNB is no quote that counts here: whoever holds ABC cannot leave it yet.
    assert TokenRisk.objects.get(token="ABC").action == "halt"
    desk.set_status("TRADING", "ABCUSDC")
    desk.lists(days=1)
    for _ in range(2):
        assert TokenRisk.objects.get(token="ABC").action == "watch"
        assert InstrumentRisk.objects.get(ticker="BINANCE:ABCUSDT").action == "halt"
        assert not InstrumentRisk.objects.filter(ticker="BINANCE:ABCUSDC").exists()
        desk.run_edits()
        desk.lists()
    desk.set_status("TRADING", "ABCUSDT")
    desk.lists()
    assert not TokenRisk.objects.exists()


def test_a_perpetual_that_is_made_a_dated_contract_is_a_delisting_in_the_view(server: UpstreamServer) -> None:
    desk = Desk(server)
    desk.run_instruments()
    ends = RELEASED + timedelta(days=20)
    place = next(n for n, row in enumerate(desk.instruments.usdm) if row["symbol"] == "BTCUSDT")
    desk.instruments.usdm[place] |= {
        "contractType": "CURRENT_MONTH",
        "deliveryDate": round(ends.timestamp() * 1000),
    }
    for _ in range(3):
        desk.lists()
        risk = InstrumentRisk.objects.get(ticker="BINANCE_USDM:BTCUSDT")
        assert (risk.action, risk.trading_status, risk.trading_ends_at) == ("reduce_only", "delisting", ends)
    assert reasons() == ["opened"]
    expire(ends - timedelta(hours=24))
    assert InstrumentRisk.objects.get().action == "exit"
    desk.instruments.usdm[place]["status"] = "DELIVERING"
    desk.clock.at = ends
    expire(ends)
    desk.lists()
    assert InstrumentRisk.objects.get().trading_status == "delisted"


def test_an_okx_swap_that_moves_to_the_futures_is_a_delisting_and_a_placeholder_hides_nothing(okx: Okx) -> None:
    okx.lists()
    moved = okx_contract("BTC/USDT") | {"instType": "FUTURES", "expTime": str(round(ENDS.timestamp() * 1000))}
    okx.site.swaps = okx.site.swaps[1:]
    okx.site.futures = [*okx.site.futures, moved]
    okx.site.futures += [okx_contract("NEW/USDT", "") | {"instId": "", "state": "preopen"} for _ in range(9)]
    for _ in range(2):
        assert okx.lists().ok
        risk = InstrumentRisk.objects.get(ticker="OKX_USDM:BTC-USDT-SWAP")
        assert (risk.trading_status, risk.trading_ends_at) == ("delisting", ENDS)
    assert reasons() == ["opened"]
    assert QuarantinedItem.objects.filter(resolved_at=None).count() == 1
    okx.site.futures = okx.site.futures[:2]
    okx.lists()
    assert not QuarantinedItem.objects.filter(resolved_at=None).exists()

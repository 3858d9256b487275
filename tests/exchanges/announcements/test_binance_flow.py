"""From a Binance list on loopback to events, the view and the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.lifecycle import expire
from events.models import Effect, Event, InstrumentRisk, PayloadPoll, QuarantinedItem, SourceHealth, TokenRisk
from exchanges.models import BinanceAnnouncement, SeenArticle
from markets.models import Instrument, WatchListEntry
from tests.exchanges.support import CONTRACT_POSTPONED, CONTRACT_REMOVAL, RELEASED, Bench, removal
from tests.upstreams import Reply, UpstreamServer, cut_json
from tests.upstreams.binance import DETAIL_PATH, LIST_PATH, Article, bullets, paragraph, removal_notice

# The view moves at commit.
pytestmark = pytest.mark.django_db(transaction=True)

ENDS = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)


def other_news(number: int, released: datetime = RELEASED) -> Article:
    title = f"Trade Futures and Share {number},000 USDC in Rewards"
    return Article(title, released - timedelta(minutes=number), ("Join the promotion and win.",), catalog_id=93)


def test_a_removal_of_a_watched_pair_is_an_open_high_priority_event_with_pairs_and_dates(
    server: UpstreamServer,
) -> None:
    bench = Bench(server, [removal("ABC/USDC", "XYZ/BTC"), other_news(1)])
    bench.run_instruments()
    report = bench.run_announcements()
    assert report.ok and report.outcomes["opened"] == 1
    event = BinanceAnnouncement.objects.get()
    assert (event.status, event.priority, event.category) == ("open", "high", "delisting")
    assert [datetime.fromisoformat(date["at"]) for date in event.important_dates] == [ENDS]
    tickers = {ticker for effect in event.effects.all() for ticker in effect.tickers}
    assert tickers == {"BINANCE:ABCUSDC", "BINANCE:XYZBTC"}
    row = TokenRisk.objects.get(token="ABC")
    assert (row.action, row.trading_status) == ("watch", "trading")
    assert InstrumentRisk.objects.get(ticker="BINANCE:ABCUSDC").action == "reduce_only"
    assert event.alerts.count() == 1


def test_reading_the_same_list_again_changes_nothing_and_sends_nothing(server: UpstreamServer) -> None:
    bench = Bench(server, [removal("ABC/USDC")])
    bench.run_instruments()
    bench.run_announcements()
    before = list(Event.objects.values())
    bench.clock.forward(minutes=5)
    assert bench.run_announcements().outcomes["opened"] == 0
    bench.run_edits()
    assert list(Event.objects.values()) == before
    assert Event.objects.get().alerts.count() == 1


def test_a_removal_of_nothing_watched_is_low_and_absent_from_the_view(server: UpstreamServer) -> None:
    bench = Bench(server, [removal("XYZ/BTC", "0G/BNB")])
    bench.run_instruments()
    bench.run_announcements()
    event = Event.objects.get()
    assert (event.priority, event.alerts.count()) == ("low", 0)
    assert not TokenRisk.objects.exists()


def test_an_exotic_pair_of_a_large_coin_leaves_the_coin_at_watch_while_the_pair_steps(server: UpstreamServer) -> None:
    bench = Bench(server, [removal("BTC/RON", "BTC/ZAR", "0G/BNB", "ABC/USDC")])
    bench.run_instruments()
    bench.run_announcements()

    def actions() -> tuple[str, str]:
        return TokenRisk.objects.get(token="BTC").action, InstrumentRisk.objects.get(ticker="BINANCE:BTCRON").action

    assert actions() == ("watch", "reduce_only")
    expire(ENDS - timedelta(hours=24))
    assert actions() == ("watch", "exit")
    expire(ENDS)
    assert actions() == ("watch", "halt")
    assert TokenRisk.objects.get(token="BTC").trading_status == "trading"


def test_a_coin_whose_last_counted_pair_goes_is_delisting_then_delisted_and_still_there_a_week_later(
    server: UpstreamServer,
) -> None:
    bench = Bench(server, [removal("LAST/USDT")], SPOT_CURRENCIES="LAST")
    bench.run_instruments()
    bench.run_announcements()
    assert Effect.objects.get().scope == "venue"
    row = TokenRisk.objects.get(token="LAST")
    assert (row.action, row.trading_status, row.venues) == ("reduce_only", "delisting", ["BINANCE"])
    expire(ENDS)
    expire(ENDS + timedelta(days=7))
    row = TokenRisk.objects.get(token="LAST")
    assert (row.action, row.trading_status, row.risk_level) == ("halt", "delisted", "critical")


def test_a_coin_that_leaves_in_two_notices_leaves_the_venue_with_the_second(server: UpstreamServer) -> None:
    bench = Bench(server, [removal("ABC/USDC", "ABC/BNB")])
    bench.run_instruments()
    bench.run_announcements()
    assert TokenRisk.objects.get(token="ABC").action == "watch"
    bench.site.publish(removal("ABC/USDT", at="2026-10-03 03:00", released=RELEASED + timedelta(minutes=2)))
    bench.clock.forward(minutes=5)
    bench.run_announcements()
    assert TokenRisk.objects.get(token="ABC").trading_status == "delisting"


def test_one_article_with_several_hours_gives_each_pair_its_own(server: UpstreamServer) -> None:
    notice = removal_notice(
        "2026-10-02", {"2026-10-02 03:00": ["ABC/USDC"], "2026-10-02 08:00": ["ETH/BTC", "XYZ/BTC"]}, RELEASED
    )
    bench = Bench(server, [notice])
    bench.run_instruments()
    bench.run_announcements()
    ends = dict(Effect.objects.values_list("token", "trading_ends_at"))
    assert ends == {"ABC": ENDS, "ETH": ENDS + timedelta(hours=5), "XYZ": ENDS + timedelta(hours=5)}


def test_an_edit_of_an_open_article_updates_the_event_and_is_alerted_once(server: UpstreamServer) -> None:
    bench = Bench(server, [article := removal("ABC/USDC")])
    bench.run_instruments()
    bench.run_announcements()
    edited = removal("ABC/USDC", at="2026-10-05 03:00")
    bench.site.edit(article.code, blocks=edited.blocks)
    bench.clock.forward(minutes=5)
    assert bench.run_edits().outcomes["updated"] == 1
    assert bench.run_edits().outcomes["updated"] == 0
    event = Event.objects.get()
    assert event.important_dates[0]["at"].startswith("2026-10-05T03:00")
    assert [alert.reason for alert in event.alerts.order_by("id")] == ["opened", "updated"]


def test_a_postponement_changes_the_event_it_concerns_and_a_re_read_does_not_change_it_back(
    server: UpstreamServer,
) -> None:
    original = CONTRACT_REMOVAL
    later = CONTRACT_POSTPONED
    bench = Bench(server, [original], USDM_CURRENCIES="ABC")
    bench.run_instruments()
    bench.run_announcements()
    bench.site.publish(later)
    bench.clock.forward(hours=2)
    bench.run_announcements()
    event = Event.objects.get()
    moved = datetime(2026, 10, 9, 9, 0, tzinfo=UTC)
    assert event.effects.get().trading_ends_at == moved
    assert [alert.reason for alert in event.alerts.order_by("id")] == ["opened", "updated"]
    bench.clock.forward(minutes=5)
    bench.run_edits()
    event.refresh_from_db()
    assert event.effects.get().trading_ends_at == moved
    assert event.alerts.count() == 2


def test_a_completed_upgrade_closes_the_event_it_concerns(server: UpstreamServer) -> None:
    planned = Article(
        "Binance Will Support the Ethereum (ETH) Network Upgrade & Hard Fork - 2026-10-01",
        RELEASED,
        (
            "Binance will suspend deposits and withdrawals of ETH from 2026-10-01 09:00 (UTC) to support the network "
            "upgrade and hard fork of Ethereum (ETH).",
        ),
    )
    bench = Bench(server, [planned])
    bench.run_instruments()
    bench.run_announcements()
    assert TokenRisk.objects.filter(token="ETH").exists()
    bench.site.publish(
        Article(
            "Binance Has Completed the Ethereum (ETH) Network Upgrade and Hard Fork and Resumes Deposits & Withdrawals",
            RELEASED + timedelta(days=2),
            ("The network upgrade is completed. Deposits and withdrawals of ETH are now open.",),
        )
    )
    bench.clock.forward(days=2, hours=1)
    bench.run_announcements()
    event = Event.objects.get()
    assert event.status == "closed"
    assert not TokenRisk.objects.filter(token="ETH").exists()


def test_a_tag_added_to_one_and_removed_from_others_gives_each_its_effect(server: UpstreamServer) -> None:
    first = Article(
        "Binance Will Extend the Monitoring Tag to Include ABC and ETH on 2026-09-29",
        RELEASED,
        ("Binance will extend the Monitoring Tag to the following tokens on 2026-09-29:", bullets("ABC", "ETH")),
    )
    second = Article(
        "Binance Will Extend the Monitoring Tag to Include BTC and Remove the Monitoring Tag for ABC",
        RELEASED + timedelta(hours=1),
        ("Binance will extend the Monitoring Tag to BTC, and remove the Monitoring Tag for ABC.",),
    )
    bench = Bench(server, [first])
    bench.run_instruments()
    bench.run_announcements()
    assert set(TokenRisk.objects.values_list("token", flat=True)) == {"ABC", "ETH"}
    bench.site.publish(second)
    bench.clock.forward(hours=2)
    bench.run_announcements()
    assert set(TokenRisk.objects.values_list("token", flat=True)) == {"BTC", "ETH"}
    assert set(TokenRisk.objects.values_list("action", flat=True)) == {"avoid_new"}


def test_one_bad_article_in_twenty_is_quarantined_and_the_others_are_read(server: UpstreamServer) -> None:
    articles = [other_news(number) for number in range(1, 20)]
    bad = removal("ABC/USDC")
    bench = Bench(server, [*articles, bad])
    server.route(DETAIL_PATH, Reply({"code": "000000", "data": {"title": bad.title, "body": 17}}),
                 match_query={"articleCode": bad.code})  # fmt: skip
    server.route(f"/en/support/announcement/{bad.code}", Reply("<html><body>nothing here</body></html>"))
    bench.run_instruments()
    bench.run_announcements()
    states = list(SeenArticle.objects.values_list("state", flat=True))
    assert states.count("ignored") == 19 and states.count("quarantined") == 1
    item = QuarantinedItem.objects.get()
    assert item.item_key == bad.code and "body" in item.error and item.payload is not None
    # The title alone is a warning: it is an event already.
    assert Event.objects.filter(natural_key__endswith=bad.code).exists()


def test_an_article_that_cannot_be_fetched_is_read_by_a_later_round(server: UpstreamServer) -> None:
    article = removal("ABC/USDC")
    bench = Bench(server, [article])
    bench.run_instruments()
    failing = server.route(DETAIL_PATH, 503)
    page = server.route(f"/en/support/announcement/{article.code}", 503)
    assert not bench.run_announcements().ok
    assert SeenArticle.objects.get().state == "listed"
    server.unroute(failing)
    server.unroute(page)
    bench.clock.forward(minutes=2)
    assert bench.run_announcements().ok
    assert SeenArticle.objects.get().state == "event"
    event = Event.objects.get()
    assert [effect.tickers for effect in event.effects.all()] == [["BINANCE:ABCUSDC"]]


def test_paging_goes_on_until_something_known_and_a_cut_walk_is_walked_again(server: UpstreamServer) -> None:
    old = [removal("XYZ/BTC"), other_news(1), other_news(2)]
    bench = Bench(server, old)
    bench.run_instruments()
    bench.run_announcements()
    assert SeenArticle.objects.filter(anchors=True).count() == 3
    burst = [
        Article(f"Share {n} USDC in a New Promotion", RELEASED + timedelta(minutes=n), ("Win.",), catalog_id=93)
        for n in range(1, 46)
    ]
    for article in burst:
        bench.site.publish(article)
    broken = server.route(LIST_PATH, 503, match_query={"pageNo": "2"})
    bench.clock.forward(minutes=50)
    assert not bench.run_announcements().ok
    assert SeenArticle.objects.filter(anchors=False).exists()
    server.unroute(broken)
    bench.clock.forward(minutes=5)
    assert bench.run_announcements().ok
    assert SeenArticle.objects.count() == 48
    assert not SeenArticle.objects.filter(anchors=False).exists()


def test_older_notices_of_a_first_start_are_in_the_view_but_not_alerted(server: UpstreamServer) -> None:
    notice = removal("ABC/USDC", at="2026-10-20 03:00", released=RELEASED - timedelta(days=12))
    # Something came since, or the feed itself would count as old.
    bench = Bench(server, [notice, Article("Binance Adds New Pairs on Earn", RELEASED, ("Fellow Binancians,",))])
    bench.run_instruments()
    bench.run_announcements()
    assert TokenRisk.objects.filter(token="ABC").exists()
    assert Event.objects.get().alerts.count() == 0


def test_an_empty_or_challenged_list_is_drift_and_never_an_empty_round(server: UpstreamServer) -> None:
    bench = Bench(server, [])
    report = bench.run_announcements()
    assert not report.ok
    health = SourceHealth.objects.get(source="binance.announcements")
    assert health.state == "drift" and health.error_payload is not None
    assert Event.objects.filter(natural_key="operations:drift:binance.announcements", status="open").exists()


def test_a_truncated_list_is_a_failure_with_its_payload_archived(server: UpstreamServer) -> None:
    bench = Bench(server, [removal("ABC/USDC")])
    server.route(LIST_PATH, cut_json({"data": {"catalogs": []}, "filler": "x" * 500}))
    assert not bench.run_announcements().ok
    assert PayloadPoll.objects.filter(source="binance.announcements").exists()


def test_a_currency_that_an_admin_adds_is_watched_from_the_next_round_on(server: UpstreamServer) -> None:
    bench = Bench(server, [removal("XYZ/USDT")])
    bench.run_instruments()
    bench.run_announcements()
    assert Event.objects.get().priority == "low"
    WatchListEntry.objects.create(watch_list="spot", currency="xyz")
    bench.run_edits()
    event = Event.objects.get()
    assert event.priority == "high"
    assert [alert.reason for alert in event.alerts.all()] == ["opened"]


def test_instruments_are_stored_and_a_truncated_list_is_a_broken_payload(server: UpstreamServer) -> None:
    bench = Bench(server)
    assert bench.run_instruments().ok
    shib = Instrument.objects.get(venue="BINANCE_USDM", symbol="1000SHIBUSDT")
    assert (shib.token, shib.multiplier, shib.live) == ("SHIB", 1000, True)
    kept = bench.instruments.spot
    bench.instruments.spot = kept[:5]
    assert not bench.run_instruments().ok
    assert Instrument.objects.filter(venue="BINANCE", live=True).count() == len(kept)
    bench.instruments.spot = kept[:-1]
    assert bench.run_instruments().ok
    gone = Instrument.objects.get(venue="BINANCE", status="GONE")
    assert not gone.live and gone.symbol == "0GBNB"


def test_a_body_in_paragraphs_and_lists_reaches_the_reading(server: UpstreamServer) -> None:
    notice = Article(
        "Binance Will Delist ABC on 2026-10-02",
        RELEASED,
        (
            paragraph("Binance has decided to delist and cease trading on all spot trading pairs for the following "
                      "token(s) at 2026-10-02 03:00 (UTC):"),
            bullets("ABC Protocol (ABC)"),
            paragraph("The exact trading pairs being removed are: ABC/USDT, ABC/USDC and ABC/BNB."),
        ),
    )  # fmt: skip
    bench = Bench(server, [notice])
    bench.run_instruments()
    bench.run_announcements()
    effect = Effect.objects.get(token="ABC")
    assert (effect.scope, effect.trading_ends_at) == ("venue", ENDS)
    assert {"BINANCE:ABCUSDT", "BINANCE:ABCUSDC", "BINANCE:ABCBNB"} <= set(effect.tickers)


def test_a_halt_of_the_entire_spot_market_halts_every_watched_coin_until_it_resumes(server: UpstreamServer) -> None:
    halt = Article(
        "Binance Has Temporarily Suspended Spot Trading",
        RELEASED,
        ("We are aware of an issue with the matching engine and have temporarily suspended all spot trading.",),
    )
    bench = Bench(server, [halt])
    bench.run_instruments()
    bench.run_announcements()
    rows = dict(TokenRisk.objects.values_list("token", "action"))
    assert rows == {"BTC": "halt", "ETH": "halt", "ABC": "halt"}
    assert Event.objects.get().alerts.count() == 1
    bench.site.publish(
        Article("Binance Resumes Spot Trading", RELEASED + timedelta(hours=2), ("Spot trading has resumed.",))
    )
    bench.clock.forward(hours=3)
    bench.run_announcements()
    assert not TokenRisk.objects.exists()
    assert Event.objects.get().status == "closed"


def test_a_removal_from_alpha_says_nothing_of_a_coin_with_that_ticker_on_spot(server: UpstreamServer) -> None:
    notice = Article(
        "Binance Alpha Will Remove ABC, MORE (2026-10-02)",
        RELEASED,
        ("Binance Alpha will remove the following tokens at 2026-10-02 08:00 (UTC): ABC, MORE.",),
    )
    bench = Bench(server, [notice])
    bench.run_instruments()
    bench.run_announcements()
    assert Event.objects.get().priority == "low"
    assert set(Effect.objects.values_list("venue", "scope")) == {("BINANCE_ALPHA", "pairs")}
    assert not TokenRisk.objects.exists()


def test_a_margin_delisting_that_names_a_watched_coin_and_no_pair_is_alerted(server: UpstreamServer) -> None:
    notice = Article(
        "Binance Margin Will Delist ABC on 2026-10-02",
        RELEASED,
        ("ABC leaves Binance Margin at 2026-10-02 06:00 (UTC).",),
    )
    bench = Bench(server, [notice])
    bench.run_instruments()
    bench.run_announcements()
    assert Event.objects.get().priority == "high"
    row = TokenRisk.objects.get(token="ABC")
    assert (row.action, row.trading_status) == ("watch", "trading")

"""Sequences of upstream answers that once missed, closed, repeated or misclassified an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.lifecycle import expire, reopen_event
from events.models import Effect, Event, PayloadPoll, QuarantinedItem, SourceHealth, TokenRisk
from exchanges.models import SeenArticle
from tests.exchanges.support import CONTRACT_POSTPONED, CONTRACT_REMOVAL, RELEASED, Bench, removal
from tests.upstreams import Reply, UpstreamServer
from tests.upstreams.binance import DETAIL_PATH, LIST_PATH, Article, bullets, removal_notice
from tests.upstreams.binance_instruments import coinm_symbol, spot_symbol

pytestmark = pytest.mark.django_db(transaction=True)
ENDS = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)


def reasons(event: Event) -> list[str]:
    return [alert.reason for alert in event.alerts.order_by("id")]


def first(bench: Bench) -> None:
    bench.run_instruments()
    bench.run_announcements()


def test_a_removed_tag_remains_removed_after_the_next_round_of_edits(server: UpstreamServer) -> None:
    one = Article(
        "Binance Will Extend the Monitoring Tag to Include ABC and ETH on 2026-09-29",
        RELEASED,
        ("Binance will extend the Monitoring Tag to the following tokens on 2026-09-29:", bullets("ABC", "ETH")),
    )
    two = Article(
        "Binance Will Extend the Monitoring Tag to Include BTC and Remove the Monitoring Tag for ABC",
        RELEASED + timedelta(hours=1),
        ("Binance will extend the Monitoring Tag to BTC, and remove the Monitoring Tag for ABC.",),
    )
    bench = Bench(server, [one])
    first(bench)
    bench.site.publish(two)
    bench.clock.forward(hours=2)
    bench.run_announcements()
    event = Event.objects.get(natural_key__endswith=one.code)
    told = reasons(event)
    assert set(TokenRisk.objects.values_list("token", flat=True)) == {"BTC", "ETH"}
    bench.clock.forward(minutes=1)
    bench.run_edits()
    assert set(TokenRisk.objects.values_list("token", flat=True)) == {"BTC", "ETH"}
    assert reasons(event) == told


def test_a_deleted_article_does_not_stop_the_re_reading_of_others(server: UpstreamServer) -> None:
    a, b = removal("ETH/BTC"), removal("ABC/USDC", released=RELEASED + timedelta(seconds=1))
    bench = Bench(server, [a, b])
    first(bench)
    low = Event.objects.order_by("pk").first()
    assert low is not None
    gone = a if low.natural_key.endswith(a.code) else b
    other = b if gone is a else a
    pair = "ABC/USDC" if other is b else "ETH/BTC"
    for path in (DETAIL_PATH,):
        server.route(path, 404, match_query={"articleCode": gone.code})
    server.route(f"/en/support/announcement/{gone.code}", 404)
    bench.site.edit(other.code, blocks=removal(pair, at="2026-10-05 03:00").blocks)
    bench.clock.forward(minutes=5)
    bench.run_edits()
    event = Event.objects.get(natural_key__endswith=other.code)
    assert event.important_dates[0]["at"].startswith("2026-10-05")


def test_an_article_edited_to_cancelled_ends_its_event(server: UpstreamServer) -> None:
    article = Article(
        "Binance Will Delist ABC on 2026-10-02",
        RELEASED,
        (
            "Binance will delist ABC and cease trading on the following spot trading pairs at 2026-10-02 "
            "03:00 (UTC): ABC/USDT, ABC/USDC, ABC/BNB",
        ),
    )
    bench = Bench(server, [article])
    first(bench)
    assert TokenRisk.objects.get(token="ABC").trading_status == "delisting"
    bench.site.edit(
        article.code,
        title="[Cancelled] Binance Will Delist ABC on 2026-10-02",
        blocks=("The delisting of ABC has been cancelled. ABC continues to trade.",),
    )
    bench.clock.forward(minutes=5)
    bench.run_edits()
    expire(ENDS + timedelta(minutes=1))
    row = TokenRisk.objects.filter(token="ABC").first()
    assert row is None or row.action != "halt", (row.action, row.trading_status)


def test_an_edit_of_an_article_older_than_the_look_back_is_alerted(server: UpstreamServer) -> None:
    article = removal("ABC/USDC", at="2026-10-20 03:00")
    bench = Bench(server, [article])
    first(bench)
    bench.clock.forward(days=10)
    bench.run_edits()
    bench.site.edit(article.code, blocks=removal("ABC/USDC", at="2026-10-12 03:00").blocks)
    bench.clock.forward(minutes=5)
    bench.run_edits()
    assert reasons(Event.objects.get()) == ["opened", "updated"]


def test_resumed_trading_does_not_close_a_delisting(server: UpstreamServer) -> None:
    halt = Article(
        "Binance Will Temporarily Suspend Trading of ABC on 2026-09-29",
        RELEASED - timedelta(hours=3),
        (
            "Binance will temporarily suspend spot trading of ABC from 2026-09-29 08:00 (UTC) for a network "
            "issue. ABC/USDT",
        ),
    )
    delist = Article(
        "Binance Will Delist ABC on 2026-10-02",
        RELEASED,
        (
            "Binance will delist ABC and cease trading on the following spot trading pairs at 2026-10-02 "
            "03:00 (UTC): ABC/USDT, ABC/USDC, ABC/BNB",
        ),
    )
    bench = Bench(server, [halt, delist])
    first(bench)
    assert Event.objects.filter(status="open").count() == 2
    bench.site.publish(
        Article("Binance Has Resumed Trading of ABC", RELEASED + timedelta(hours=1), ("Trading of ABC is resumed.",))
    )
    bench.clock.forward(hours=2)
    bench.run_announcements()
    assert Event.objects.get(category="delisting").status == "open"


def test_a_notice_that_a_delisting_is_done_keeps_the_token_delisted(server: UpstreamServer) -> None:
    delist = Article(
        "Binance Will Delist ABC on 2026-10-02",
        RELEASED,
        (
            "Binance will delist ABC and cease trading on the following spot trading pairs at 2026-10-02 "
            "03:00 (UTC): ABC/USDT, ABC/USDC, ABC/BNB",
        ),
    )
    bench = Bench(server, [delist])
    first(bench)
    bench.site.publish(
        Article(
            "Binance Has Delisted ABC",
            ENDS + timedelta(minutes=5),
            ("Binance has delisted ABC. Trading of ABC/USDT has ceased.",),
        )
    )
    bench.clock.at = ENDS + timedelta(minutes=1)
    expire(bench.clock())
    bench.clock.forward(minutes=10)
    bench.run_announcements()
    row = TokenRisk.objects.get(token="ABC")
    assert (row.action, row.trading_status) == ("halt", "delisted")


def test_a_postponement_of_one_pair_leaves_the_other_pair_of_the_token(server: UpstreamServer) -> None:
    orig = Article(
        "Binance Futures Will Delist USDⓈ-M ABCUSDT and ABCUSDC Perpetual Contracts (2026-10-02)",
        RELEASED,
        (
            "Binance Futures will close all positions and conduct an automatic settlement on the USDⓈ-M "
            "ABCUSDT and ABCUSDC "
            "Perpetual Contracts at 2026-10-02 09:00 (UTC). The contracts will be delisted after the settlement.",
        ),
    )
    later = Article(
        "Delisting of USDⓈ-M ABCUSDC Perpetual Contract Postponed",
        RELEASED + timedelta(hours=1),
        (
            "Binance Futures will postpone the delisting of the USDⓈ-M ABCUSDC Perpetual Contract to "
            "2026-10-09 09:00 (UTC).",
        ),
    )
    bench = Bench(server, [orig], USDM_CURRENCIES="ABC")
    first(bench)
    bench.site.publish(later)
    bench.clock.forward(hours=2)
    bench.run_announcements()
    ends = {t: e.trading_ends_at for e in Effect.objects.all() for t in e.tickers}
    assert ends == {
        "BINANCE_USDM:ABCUSDT": datetime(2026, 10, 2, 9, tzinfo=UTC),
        "BINANCE_USDM:ABCUSDC": datetime(2026, 10, 9, 9, tzinfo=UTC),
    }


def test_a_postponement_without_a_date_does_not_end_the_event(server: UpstreamServer) -> None:
    orig = Article(
        "Binance Futures Will Delist USDⓈ-M ABCUSDT Perpetual Contract (2026-10-12)",
        RELEASED,
        (
            "Binance Futures will close all positions and conduct an automatic settlement on the USDⓈ-M ABCUSDT "
            "Perpetual Contract at 2026-10-12 09:00 (UTC). The contract will be delisted after the settlement.",
        ),
    )
    bench = Bench(server, [orig], USDM_CURRENCIES="ABC")
    first(bench)
    bench.clock.forward(days=8)
    bench.site.publish(
        Article(
            "Delisting of USDⓈ-M ABCUSDT Perpetual Contract Postponed",
            bench.clock(),
            (
                "Binance Futures will postpone the delisting of the USDⓈ-M ABCUSDT Perpetual Contract until "
                "further notice.",
            ),
        )
    )
    bench.clock.forward(minutes=1)
    bench.run_announcements()
    bench.clock.forward(minutes=1)
    expire(bench.clock())
    event = Event.objects.get()
    assert (event.status, event.close_reason) == ("open", "")


def test_a_completed_notice_on_a_coin_closes_every_event_it_concerns(server: UpstreamServer) -> None:
    def upgrade(n, name, token):
        return Article(
            f"Binance Will Support the {name} ({token}) Network Upgrade & Hard Fork - 2026-10-0{n}",
            RELEASED + timedelta(minutes=n),
            (
                f"Binance will suspend deposits and withdrawals of {token} from 2026-10-0{n} 09:00 (UTC) to "
                f"support the network upgrade and hard fork of {name} ({token}).",
            ),
        )

    bench = Bench(server, [upgrade(1, "Ethereum", "ETH"), upgrade(2, "Bitcoin", "BTC")])
    bench.clock.forward(minutes=10)
    first(bench)
    assert Event.objects.filter(status="open").count() == 2
    bench.site.publish(
        Article(
            "Binance Has Completed the Network Upgrade and Hard Fork of Ethereum (ETH) and Bitcoin (BTC)",
            RELEASED + timedelta(days=4),
            ("Deposits and withdrawals of ETH and BTC are now open.",),
        )
    )
    bench.clock.forward(days=4, hours=1)
    bench.run_announcements()
    assert list(Event.objects.filter(status="open")) == []


def test_one_dead_article_does_not_slow_the_list_down(server: UpstreamServer) -> None:
    article = removal("ABC/USDC")
    bench = Bench(server, [article])
    bench.run_instruments()
    server.route(DETAIL_PATH, 404, match_query={"articleCode": article.code})
    server.route(f"/en/support/announcement/{article.code}", 404)
    waits = []
    for _ in range(6):
        bench.run_announcements()
        health = SourceHealth.objects.get(pk="binance.announcements")
        due = health.next_attempt_at or bench.clock()
        waits.append((due - bench.clock()).total_seconds() / health.interval_seconds)
        bench.clock.at = max(due, bench.clock() + timedelta(seconds=health.interval_seconds))
    assert max(waits) <= 1, waits


def test_the_payload_of_an_unusable_article_is_its_own_answer(server: UpstreamServer) -> None:
    bad = removal("ABC/USDC")
    good = Article(
        "Trade Futures and Share 1,000 USDC in Rewards", RELEASED - timedelta(minutes=3), ("Join.",), catalog_id=93
    )
    bench = Bench(server, [bad, good])
    server.route(
        DETAIL_PATH,
        Reply({"code": "000000", "data": {"title": bad.title, "body": 17}}),
        match_query={"articleCode": bad.code},
    )
    server.route(f"/en/support/announcement/{bad.code}", Reply("<html><body>nothing here</body></html>"))
    first(bench)
    item = QuarantinedItem.objects.get()
    urls = set(PayloadPoll.objects.filter(body_id=item.payload_id).values_list("url", flat=True))
    assert any(bad.code in url for url in urls), urls


def test_a_ban_stops_the_round(server: UpstreamServer) -> None:
    arts = [
        Article(f"Share {n} USDC in Rewards", RELEASED - timedelta(minutes=n), ("Join.",), catalog_id=93)
        for n in range(1, 15)
    ]
    bench = Bench(server, arts)
    bench.run_instruments()
    server.route(DETAIL_PATH, Reply("banned", 418, headers={"Retry-After": "600"}))
    server.route("/en/support/announcement/*", Reply("banned", 418, headers={"Retry-After": "600"}))
    before = len([r for r in server.requests if DETAIL_PATH in r.path or "/en/support" in r.path])
    bench.run_announcements()
    asked = len([r for r in server.requests if DETAIL_PATH in r.path or "/en/support" in r.path]) - before
    assert asked <= 2, asked
    health = SourceHealth.objects.get(pk="binance.announcements")
    assert health.next_attempt_at is not None
    assert (health.next_attempt_at - bench.clock()).total_seconds() >= 599


def test_reopening_by_hand_survives_the_next_re_read(server: UpstreamServer) -> None:
    planned = Article(
        "Binance Will Support the Ethereum (ETH) Network Upgrade & Hard Fork - 2026-10-03",
        RELEASED,
        (
            "Binance will suspend deposits and withdrawals of ETH from 2026-10-03 09:00 (UTC) to support the "
            "network upgrade and hard fork of Ethereum (ETH).",
        ),
    )
    bench = Bench(server, [planned])
    first(bench)
    bench.site.publish(
        Article(
            "Binance Has Completed the Ethereum (ETH) Network Upgrade and Hard Fork and Resumes Deposits & Withdrawals",
            RELEASED + timedelta(hours=1),
            ("Done.",),
        )
    )
    bench.clock.forward(hours=2)
    bench.run_announcements()
    event = Event.objects.get()
    assert event.status == "closed"
    reopen_event(event.pk, bench.clock(), by="ann", reason="that was another fork")
    bench.clock.forward(minutes=1)
    bench.run_edits()
    event.refresh_from_db()
    assert event.status == "open", event.close_reason


def test_one_coinm_contract_of_several_is_a_pairs_effect(server: UpstreamServer) -> None:
    article = Article(
        "Binance Futures Will Delist COIN-M BTCUSD_261225 Quarterly Contract (2026-10-02)",
        RELEASED,
        (
            "Binance Futures will close all positions and conduct an automatic settlement on the COIN-M "
            "BTCUSD_261225 Quarterly Contract at 2026-10-02 09:00 (UTC).",
        ),
    )
    bench = Bench(server, [article], BASE_CURRENCIES="USDT USDC BTC")
    bench.instruments.coinm = [
        coinm_symbol("BTC"),
        coinm_symbol("BTC", suffix="261225", contract_type="CURRENT_QUARTER"),
    ]
    first(bench)
    effects = [(e.token, e.scope, e.venue, e.tickers) for e in Effect.objects.all()]
    assert [scope for _, scope, _, _ in effects] == ["pairs"], effects


def test_last_pair_leaving_later_does_not_end_the_coin_with_its_first_pair(server: UpstreamServer) -> None:
    bench = Bench(
        server,
        [
            removal_notice(
                "2026-10-02", {"2026-10-02 03:00": ["ABC/USDC", "ABC/BNB"], "2026-10-04 03:00": ["ABC/USDT"]}, RELEASED
            )
        ],
    )
    first(bench)
    expire(ENDS)
    row = TokenRisk.objects.get(token="ABC")
    assert (row.action, row.trading_status) != ("halt", "delisted")


def test_two_notices_that_empty_a_coin_end_it_with_the_later(server: UpstreamServer) -> None:
    bench = Bench(server, [removal("ABC/USDC", "ABC/BNB")])
    first(bench)
    bench.site.publish(removal("ABC/USDT", at="2026-10-06 03:00", released=RELEASED + timedelta(minutes=2)))
    bench.clock.forward(minutes=5)
    bench.run_announcements()
    bench.run_edits()
    expire(ENDS)
    row = TokenRisk.objects.get(token="ABC")
    assert (row.action, row.trading_status) == ("reduce_only", "delisting")


def test_a_halt_of_the_exchange_does_not_make_single_pairs_entire_coins(server: UpstreamServer) -> None:
    bench = Bench(server, [removal("BTC/RON", at="2026-10-12 03:00")])
    first(bench)
    event = Event.objects.get()
    bench.instruments.spot = [{**row, "status": "BREAK"} for row in bench.instruments.spot]
    bench.clock.forward(minutes=5)
    bench.run_instruments()
    bench.run_edits()
    scope = event.effects.get().scope
    bench.instruments.spot = [{**row, "status": "TRADING"} for row in bench.instruments.spot]
    bench.clock.forward(minutes=90)
    bench.run_instruments()
    bench.run_edits()
    assert (scope, reasons(event)) == ("pairs", [])


def test_an_unreadable_postponement_is_not_undone_by_the_re_read(server: UpstreamServer) -> None:
    orig = CONTRACT_REMOVAL
    later = Article(
        "Delisting of USDⓈ-M ABCUSDT Perpetual Contract Postponed",
        RELEASED + timedelta(hours=1),
        ("Postponed to 2026-10-09 09:00 (UTC).",),
    )
    bench = Bench(server, [orig], USDM_CURRENCIES="ABC")
    first(bench)
    bench.site.publish(later)
    server.route(DETAIL_PATH, 503, match_query={"articleCode": later.code})
    server.route(f"/en/support/announcement/{later.code}", 503)
    bench.clock.forward(hours=2)
    for _ in range(4):
        bench.run_announcements()
        bench.run_edits()
        bench.clock.forward(hours=1)
    event = Event.objects.get()
    assert reasons(event) == ["opened", "updated"]


def test_a_round_of_edits_that_began_earlier_does_not_undo_a_newer_state(server: UpstreamServer) -> None:
    from exchanges.announcements.edit_updater import EditUpdater
    from exchanges.announcements.sites.binance import BinanceSite

    orig = CONTRACT_REMOVAL
    later = CONTRACT_POSTPONED
    bench = Bench(server, [orig], USDM_CURRENCIES="ABC")
    first(bench)
    bench.site.publish(later)
    bench.clock.forward(hours=2)

    class Slow(BinanceSite):
        def article(self, get, row):
            found = super().article(get, row)
            bench.run_announcements()
            return found

    EditUpdater(Slow(bench.config), bench.config, bench._fetcher(), bench.clock).run(even_if_backing_off=True)
    event = Event.objects.get()
    assert event.effects.get().trading_ends_at == datetime(2026, 10, 9, 9, tzinfo=UTC)
    assert reasons(event) == ["opened", "updated"]


def test_an_article_without_release_date_is_alerted_once_and_ends(server: UpstreamServer) -> None:
    article = Article(
        "Binance Has Suspended Trading of ABC",
        RELEASED,
        ("Binance has temporarily suspended trading of ABC with immediate effect.",),
    )
    bench = Bench(server, [article])
    row = {"code": article.code, "title": article.title, "type": 1, "releaseDate": None}
    server.route(
        LIST_PATH, Reply({"data": {"catalogs": [{"catalogId": 161, "catalogName": "Delisting", "articles": [row]}]}})
    )
    server.route(
        DETAIL_PATH, Reply({"data": {"title": article.title, "body": article.body_tree(), "publishDate": None}})
    )
    first(bench)
    event = Event.objects.get()
    until = event.valid_until
    for _ in range(3):
        bench.clock.forward(days=1)
        bench.run_edits()
    event.refresh_from_db()
    assert (reasons(event), event.valid_until) == (["opened"], until)


def test_a_row_that_moves_to_the_top_does_not_hide_new_rows_after_it(server: UpstreamServer) -> None:
    old = removal("XYZ/BTC")
    bench = Bench(server, [old])
    first(bench)
    burst = [
        Article(f"Share {n} USDC in a New Promotion", RELEASED + timedelta(minutes=n), ("Win.",)) for n in range(1, 61)
    ]
    hit = removal("ABC/USDC", released=RELEASED + timedelta(seconds=5))
    for a in [*burst, hit]:
        bench.site.publish(a)
    bench.site.edit(old.code, released_at=RELEASED + timedelta(hours=2))
    bench.clock.forward(hours=3)
    bench.run_announcements()
    assert SeenArticle.objects.filter(article_id=hit.code).exists()


def test_a_halt_of_all_spot_trading_is_high(server: UpstreamServer) -> None:
    article = Article(
        "Binance Has Temporarily Suspended All Spot Trading",
        RELEASED,
        ("Due to a technical issue Binance has temporarily suspended all spot trading.",),
    )
    bench = Bench(server, [article])
    first(bench)
    assert Event.objects.get().priority == "high"


def test_a_removal_first_seen_as_completed_is_in_force(server: UpstreamServer) -> None:
    bench = Bench(
        server,
        [
            Article(
                "Binance Has Delisted ABC",
                RELEASED,
                ("Binance has delisted ABC. Trading of ABC/USDT, ABC/USDC and ABC/BNB has ceased.",),
            )
        ],
    )
    first(bench)
    row = TokenRisk.objects.get(token="ABC")
    assert (row.action, row.trading_status) == ("halt", "delisted")


def test_open_deposits_do_not_end_a_halt_of_trading(server: UpstreamServer) -> None:
    halt = Article(
        "Binance Will Temporarily Suspend Trading of ABC on 2026-09-29",
        RELEASED - timedelta(hours=3),
        ("Binance will temporarily suspend spot trading of ABC from 2026-09-29 08:00 (UTC) for a network issue.",),
    )
    bench = Bench(server, [halt])
    first(bench)
    assert Event.objects.get().category == "trading_suspension"
    bench.site.publish(
        Article(
            "Binance Has Resumed Deposits and Withdrawals of ABC",
            RELEASED + timedelta(hours=1),
            ("Deposits of ABC are open.",),
        )
    )
    bench.clock.forward(hours=2)
    bench.run_announcements()
    assert Event.objects.get().status == "open"


def test_a_new_pair_of_a_tagged_token_is_not_alerted(server: UpstreamServer) -> None:
    bench = Bench(
        server,
        [
            Article(
                "Binance Will Extend the Monitoring Tag to Include ABC and ETH on 2026-09-29",
                RELEASED,
                (
                    "Binance will extend the Monitoring Tag to the following tokens on 2026-09-29:",
                    bullets("ABC", "ETH"),
                ),
            )
        ],
    )
    first(bench)
    bench.instruments.spot.append(spot_symbol("ETH/FDUSD"))
    bench.clock.forward(minutes=5)
    bench.run_instruments()
    bench.run_edits()
    assert reasons(Event.objects.get()) == ["opened"]

"""Articles that are taken offline: their events end after several rounds, and follow the watch lists until then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.models import Alert
from events.lifecycle import close_event
from events.models import Event, TokenRisk
from exchanges.models import SeenArticle
from markets.models import WatchListEntry
from tests.exchanges.support import RELEASED, Bench, removal
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import DETAIL_PATH, PAGE_PATH, Article
from tests.upstreams.server import Route

pytestmark = pytest.mark.django_db(transaction=True)


def take_offline(server: UpstreamServer, article: Article) -> list[Route]:
    return [
        server.route(DETAIL_PATH, 404, match_query={"articleCode": article.code}),
        server.route(f"{PAGE_PATH}{article.code}", 404),
    ]


def rounds(bench: Bench, count: int, minutes: float = 12) -> None:
    for _ in range(count):
        bench.clock.forward(minutes=minutes)
        bench.run_edits()


def started(server: UpstreamServer, *articles: Article) -> Bench:
    bench = Bench(server, articles)
    bench.run_instruments()
    bench.run_announcements()
    return bench


def reasons() -> list[str]:
    return list(Alert.objects.order_by("id").values_list("reason", flat=True))


OTHER = removal("XYZ/USDT", released=RELEASED + timedelta(seconds=1))


def test_an_event_whose_article_is_gone_for_several_rounds_ends_with_a_card_that_says_so(
    server: UpstreamServer,
) -> None:
    article = removal("ABC/USDC", at="2026-10-20 03:00")
    bench = started(server, article, OTHER)
    take_offline(server, article)
    rounds(bench, 3)
    event = Event.objects.get(natural_key__endswith=article.code)
    assert event.status == "open"
    rounds(bench, 1)
    event.refresh_from_db()
    assert (event.status, event.close_kind) == ("closed", "retracted")
    assert event.close_reason == f"Binance took its announcement offline: {article.title}"
    assert reasons() == ["opened", "closed"] and not TokenRisk.objects.filter(token="ABC").exists()


def test_an_answer_without_an_article_says_that_it_is_gone_whatever_its_page_shows(server: UpstreamServer) -> None:
    article = removal("ABC/USDC", at="2026-10-20 03:00")
    bench = started(server, article, OTHER)
    nothing = {"code": "000000", "message": None, "data": None, "success": True}
    server.route(DETAIL_PATH, nothing, match_query={"articleCode": article.code})
    server.route(f"{PAGE_PATH}{article.code}", "<html><body><div id='__APP'></div></body></html>")
    rounds(bench, 4)
    assert Event.objects.get(natural_key__endswith=article.code).close_kind == "retracted"


def test_where_nothing_is_found_the_site_has_moved_and_nothing_is_taken_back(server: UpstreamServer) -> None:
    articles = [removal("ABC/USDC", at="2026-10-20 03:00"), OTHER]
    bench = started(server, *articles)
    server.route(DETAIL_PATH, 404)
    for article in articles:
        server.route(f"{PAGE_PATH}{article.code}", 404)
    rounds(bench, 8)
    assert set(Event.objects.values_list("status", flat=True)) == {"open"}


def test_a_single_open_article_is_held_against_another_that_was_read_before(server: UpstreamServer) -> None:
    article = removal("ABC/USDC", at="2026-10-20 03:00")
    party = Article("Trade and Win", RELEASED - timedelta(minutes=3), ("Join the party.",), catalog_id=93)
    bench = started(server, article, party)
    routes = take_offline(server, article)
    assert routes
    rounds(bench, 4)
    assert Event.objects.get().close_kind == "retracted"


def test_a_notice_that_is_taken_offline_together_with_what_came_after_it_ends_all_the_same(
    server: UpstreamServer,
) -> None:
    article = removal("ABC/USDC", at="2026-10-20 03:00")
    parties = [
        Article(f"Trade and Win {n}", RELEASED - timedelta(minutes=n), ("Join the party.",), catalog_id=93)
        for n in (3, 4)
    ]
    bench = started(server, article, *parties)
    assert take_offline(server, article) and take_offline(server, parties[0])
    rounds(bench, 4)
    assert Event.objects.get().close_kind == "retracted"


def test_what_the_exchanges_list_shows_holds_without_its_article(server: UpstreamServer) -> None:
    article = removal("ABC/USDC", at="2026-10-02 03:00")
    bench = started(server, article, OTHER)
    for row in bench.instruments.spot:
        row["status"] = "BREAK" if row["symbol"] == "ABCUSDC" else row["status"]
    bench.clock.forward(minutes=1)
    bench.run_instruments()
    assert Event.objects.get(natural_key__endswith=article.code).facts["instruments"]
    take_offline(server, article)
    rounds(bench, 8)
    assert Event.objects.get(natural_key__endswith=article.code).status == "open"


def test_an_article_that_comes_back_opens_its_event_again_without_a_new_date(server: UpstreamServer) -> None:
    article = removal("ABC/USDC", at="2026-10-20 03:00")
    bench = started(server, article, OTHER)
    routes = take_offline(server, article)
    rounds(bench, 4)
    for route in routes:
        route.retire()
    rounds(bench, 2)
    event = Event.objects.get(natural_key__endswith=article.code)
    assert (event.status, event.life, reasons()) == ("open", 2, ["opened", "closed", "opened"])


@pytest.mark.parametrize("status", [404, 403, 503])
def test_an_open_event_whose_article_cannot_be_had_follows_the_watch_list(server: UpstreamServer, status: int) -> None:
    article = removal("XYZ/USDT", at="2026-10-20 03:00")
    bench = started(server, article)
    assert Event.objects.get().priority == "low"
    server.route(DETAIL_PATH, status, match_query={"articleCode": article.code})
    server.route(f"{PAGE_PATH}{article.code}", status)
    WatchListEntry.objects.create(watch_list="spot", currency="xyz")
    rounds(bench, 1)
    event = Event.objects.get()
    assert (event.priority, reasons()) == ("high", ["opened"])
    assert TokenRisk.objects.get().token == "XYZ"
    WatchListEntry.objects.update(watched=False)
    rounds(bench, 1)
    event.refresh_from_db()
    assert event.priority == "low" and not TokenRisk.objects.exists()


def test_an_event_suppressed_until_a_date_is_rebuilt_after_it(server: UpstreamServer) -> None:
    article = removal("ABC/USDC", at="2026-10-20 03:00")
    bench = started(server, article)
    event = Event.objects.get()
    now = bench.clock()
    close_event(event.pk, now, by="ann", reason="known", suppress_until=now + timedelta(hours=2))
    rounds(bench, 5)
    event.refresh_from_db()
    assert event.status == "closed"
    rounds(bench, 6)
    event.refresh_from_db()
    assert (event.status, event.life, reasons()) == ("open", 2, ["opened", "closed", "opened"])
    assert SeenArticle.objects.get().event_id == event.pk


def test_an_article_of_which_only_the_title_was_ever_read_ends_its_event_too(server: UpstreamServer) -> None:
    removed = Article("Binance Will Delist ABC on 2026-10-20", RELEASED, ("It is gone.",))
    bench = Bench(server, [removed, OTHER])
    bench.run_instruments()
    routes = take_offline(server, removed)
    assert len(routes) == 2
    for _ in range(3):
        bench.run_announcements()
        bench.clock.forward(minutes=5)
    assert Event.objects.get(natural_key__endswith=removed.code).status == "open"
    rounds(bench, 4)
    event = Event.objects.get(natural_key__endswith=removed.code)
    assert (event.status, event.close_kind) == ("closed", "retracted")

"""From an article that nobody can judge to its review, through edits, to an event or to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from events.models import Event, Review
from events.reviews import decide
from exchanges.announcements import context as parser
from exchanges.announcements import edit_updater
from exchanges.announcements.types import Article as Notice
from exchanges.announcements.types import ParsedNotice, ReviewReason
from exchanges.announcements.types import Review as Doubt
from exchanges.models import SeenArticle
from markets.symbols import SymbolSplitter
from tests.exchanges.support import RELEASED, Bench, removal
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import DETAIL_PATH, Article, paragraph

pytestmark = pytest.mark.django_db

TITLE = "Aviso sobre ABC"


@pytest.fixture(autouse=True)
def doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser as it is, but it cannot judge a title that begins with "Aviso", nor the tokens of one with "(?)"."""
    real: Callable[[Notice, SymbolSplitter], ParsedNotice] = parser._read

    def read(article: Notice, splitter: SymbolSplitter) -> ParsedNotice:
        notice = real(article, splitter)
        if article.title.endswith("(?)"):
            return replace(notice, review=Doubt(ReviewReason.PARTIES, True, ("ABC", "XYZ")))
        if not article.title.startswith("Aviso"):
            return notice
        doubt = Doubt(ReviewReason.LANGUAGE, "fin" in article.title, ("ABC",), ("ABC/BNB", "ABC/USDC"))
        return replace(notice, event=False, category=None, impacts=(), rule="no-rule", review=doubt)

    monkeypatch.setattr(parser, "_read", read)


def aviso(title: str = TITLE, text: str = "Texto.", released: datetime = RELEASED) -> Article:
    return Article(title, released, (text,))


def started(server: UpstreamServer, *articles: Article, **environment: str) -> Bench:
    bench = Bench(server, articles, **environment)
    bench.run_instruments()
    bench.run_announcements()
    return bench


def edited(bench: Bench, article: Article, **changes: Any) -> dict[str, int]:
    bench.site.edit(article.code, **changes)
    bench.clock.forward(minutes=5)
    report = bench.run_edits()
    assert report.ok, report.error
    return dict(report.outcomes)


def test_what_nobody_can_judge_is_a_review_and_no_event(server: UpstreamServer) -> None:
    article = aviso()
    started(server, article)
    row = Review.objects.get()
    assert (row.source, row.title, row.text, row.reason) == ("binance", TITLE, "Texto.", "language")
    assert row.natural_key == f"binance.announcement:{article.code}"
    assert (row.tokens, row.venues) == (["ABC"], ["BINANCE"])
    assert row.tickers == ["BINANCE:ABCBNB", "BINANCE:ABCUSDC"]
    assert (row.released_at, row.decided_at, row.payload is not None) == (RELEASED, None, True)
    assert SeenArticle.objects.get().state == "review"
    assert not Event.objects.exists()


def test_an_ending_of_something_watched_is_shown_first(server: UpstreamServer) -> None:
    started(server, aviso("Aviso del fin"), aviso())
    assert dict(Review.objects.values_list("title", "first")) == {"Aviso del fin": True, TITLE: False}
    assert Review.objects.all()[0].title == "Aviso del fin"


@pytest.mark.long
def test_an_ending_of_something_else_is_not(server: UpstreamServer) -> None:
    started(server, aviso("Aviso del fin"), SPOT_CURRENCIES="BTC")
    assert not Review.objects.get().first


def test_a_review_is_closed_by_an_edit_that_explains_it_as_an_event(server: UpstreamServer) -> None:
    bench = started(server, article := aviso())
    clear = removal("ABC/USDC")
    assert edited(bench, article, title=clear.title, blocks=clear.blocks)["opened"] == 1
    event, row = Event.objects.get(), Review.objects.get()
    assert (row.decision, row.decided_by, row.event) == ("explained", "", event)
    assert row.decided_at == bench.clock.at
    assert event.natural_key == row.natural_key and event.alerts.count() == 1
    assert SeenArticle.objects.get().state == "event"
    assert edited(bench, article)["opened"] == 0


def test_an_event_whose_tokens_are_doubtful_is_an_event_and_a_review(server: UpstreamServer) -> None:
    clear = removal("ABC/USDC")
    bench = started(server, article := replace(clear, title=f"{clear.title} (?)"))
    assert (Event.objects.get().status, SeenArticle.objects.get().state) == ("open", "event")
    assert (Review.objects.get().reason, Review.objects.get().tokens) == ("parties", ["ABC", "XYZ"])
    edited(bench, article)
    assert (Event.objects.get().status, Review.objects.get().decided_at) == ("open", None)
    edited(bench, article, title=clear.title)
    assert (Review.objects.get().decision, Review.objects.get().event) == ("explained", Event.objects.get())


@pytest.mark.long
def test_a_review_becomes_an_event_whose_tokens_are_doubtful(server: UpstreamServer) -> None:
    bench = started(server, article := aviso())
    clear = removal("ABC/USDC")
    assert edited(bench, article, title=f"{clear.title} (?)", blocks=clear.blocks)["opened"] == 1
    assert (Event.objects.get().status, Review.objects.get().reason) == ("open", "parties")
    assert Review.objects.get().decided_at is None


@pytest.mark.long
def test_a_review_is_closed_by_an_edit_that_explains_it_as_harmless(server: UpstreamServer) -> None:
    bench = started(server, article := aviso())
    edited(bench, article, title="Trade Futures and Share 5,000 USDC in Rewards")
    row = Review.objects.get()
    assert (row.decision, row.event, SeenArticle.objects.get().state) == ("explained", None, "ignored")
    assert not Event.objects.exists()


@pytest.mark.long
def test_an_edit_that_is_still_unclear_is_the_same_review_with_the_new_text(server: UpstreamServer) -> None:
    bench = started(server, article := aviso())
    pk = Review.objects.get().pk
    edited(bench, article, title="Aviso del fin de ABC")
    row = Review.objects.get()
    assert (row.pk, row.title, row.ending, row.first) == (pk, "Aviso del fin de ABC", True, True)


def test_an_event_whose_article_becomes_unclear_stays_and_has_a_review_until_it_is_clear(
    server: UpstreamServer,
) -> None:
    bench = started(server, article := removal("ABC/USDC"))
    clear = article.title
    edited(bench, article, title=TITLE)
    assert (Event.objects.get().status, Review.objects.get().decided_at) == ("open", None)
    edited(bench, article, title=clear)
    row = Review.objects.get()
    assert (row.decision, row.event, Event.objects.get().status) == ("explained", Event.objects.get(), "open")


@pytest.mark.long
def test_what_a_person_decided_is_not_asked_again_and_a_new_text_is(server: UpstreamServer) -> None:
    bench = started(server, article := aviso())
    decide(Review.objects.get().pk, "harmless", "alice", bench.clock.at)
    SeenArticle.objects.update(state="listed", next_attempt_at=bench.clock.at)
    bench.run_announcements()
    assert Review.objects.get().decision == "harmless"
    bench.site.edit(article.code, blocks=(paragraph("Otro texto."),))
    SeenArticle.objects.update(state="listed", next_attempt_at=bench.clock.at)
    bench.run_announcements()
    assert Review.objects.filter(decided_at=None).count() == 1


@pytest.mark.long
def test_an_event_that_a_person_made_of_a_review_is_not_ended_by_a_parser_that_knows_nothing(
    server: UpstreamServer,
) -> None:
    bench = started(server, article := aviso())
    clear = removal("ABC/USDC")
    edited(bench, article, title=clear.title, blocks=clear.blocks)
    Review.objects.update(decision="event", decided_by="alice")
    edited(bench, article, title="Trade Futures and Share 5,000 USDC in Rewards", blocks=(paragraph("Join."),))
    assert Event.objects.get().status == "open"
    # But a rule that reads an end ends it.
    edited(bench, article, title="Binance Has Cancelled the Delisting of ABC/USDC")
    assert (Event.objects.get().status, Review.objects.get().decision) == ("closed", "event")


@pytest.mark.long
def test_a_title_alone_is_a_review_once_its_body_was_waited_for(server: UpstreamServer) -> None:
    article = aviso()
    bench = Bench(server, [article])
    bench.run_instruments()
    failing = server.route(DETAIL_PATH, 503)
    page = server.route(f"/en/support/announcement/{article.code}", 503)
    bench.run_announcements()
    assert not Review.objects.exists()
    bench.clock.forward(hours=1)
    bench.run_announcements()
    row = Review.objects.get()
    assert (row.title, row.text, SeenArticle.objects.get().state) == (TITLE, "", "listed")
    server.unroute(failing)
    server.unroute(page)
    bench.clock.forward(hours=2)
    bench.run_announcements()
    again = Review.objects.get()
    assert (again.pk, again.text, again.opened_at) == (row.pk, "Texto.", row.opened_at)


@pytest.mark.long
def test_a_body_that_comes_later_explains_its_title(server: UpstreamServer) -> None:
    article = aviso()
    bench = Bench(server, [article])
    bench.run_instruments()
    failing = server.route(DETAIL_PATH, 503)
    page = server.route(f"/en/support/announcement/{article.code}", 503)
    bench.run_announcements()
    bench.clock.forward(hours=1)
    bench.run_announcements()
    clear = removal("ABC/USDC")
    bench.site.edit(article.code, title=clear.title, blocks=clear.blocks)
    server.unroute(failing)
    server.unroute(page)
    bench.clock.forward(hours=2)
    bench.run_announcements()
    row = Review.objects.get()
    assert (row.decision, row.event) == ("explained", Event.objects.get())


@pytest.mark.long
def test_a_first_start_reads_what_may_be_an_ending_and_is_older_than_the_look_back(server: UpstreamServer) -> None:
    old = RELEASED - timedelta(days=20)
    started(server, aviso("Aviso del fin", released=old), aviso("Aviso", released=old), aviso(released=RELEASED))
    assert sorted(Review.objects.values_list("title", flat=True)) == ["Aviso del fin", TITLE]


@pytest.mark.long
def test_a_round_asks_for_some_reviews_only_and_for_none_for_ever(
    server: UpstreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edit_updater, "_MOST_REVIEWS", 2)
    articles = [aviso(f"Aviso {n}", released=RELEASED - timedelta(minutes=n)) for n in range(3)]
    bench = started(server, *articles)
    assert Review.objects.count() == 3

    def asked() -> int:
        before = len(server.requests_to(DETAIL_PATH))
        bench.run_edits()
        return len(server.requests_to(DETAIL_PATH)) - before

    assert asked() == 2
    bench.clock.forward(days=31)
    assert asked() == 0


def test_a_removal_in_a_language_that_is_not_read_is_a_review_of_what_it_names(server: UpstreamServer) -> None:
    """The parser as it is."""
    text = "A las 03:00 (UTC) del 2026-10-02 dejarán de cotizar ABC/USDC y XYZ/BTC."
    started(server, aviso("Binance eliminará los pares de negociación ABC/USDC y XYZ/BTC", text))
    row = Review.objects.get()
    assert {"ABC", "XYZ"} <= set(row.tokens) and {"BINANCE:ABCUSDC", "BINANCE:XYZBTC"} <= set(row.tickers)
    assert not Event.objects.exists()


@pytest.mark.long
def test_characters_that_no_database_takes_cost_no_round_its_events(server: UpstreamServer) -> None:
    odd = aviso(text="Tex\x00to \U0001f680.")
    bench = started(server, odd, removal("ABC/USDC"))
    assert Event.objects.count() == 1
    assert Review.objects.get().text == "Texto \U0001f680."
    bench.clock.forward(minutes=5)
    assert bench.run_edits().ok

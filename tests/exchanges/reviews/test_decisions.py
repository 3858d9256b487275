"""What people decide about reviews: the event that it opens, the labelled line, and the way back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from alerts.models import Alert
from events import reviews
from events.enums import Category
from events.lifecycle import close_event, record
from events.models import Event, KeySuppression, Review
from exchanges.announcements.decided import CATEGORIES, EventDecision, typed_ticker
from exchanges.models import BinanceAnnouncement, SeenArticle
from exchanges.review_decisions import CannotDecide, decide_event, decide_harmless, labelled_lines, take_back
from tests.events.admin.support import draft
from tests.exchanges.reviews.support import ARTICLE, KEY, NOW, TEXT, notice, opened

ENDS = datetime(2026, 12, 4, 8, 0, tzinfo=UTC)
OF_THE_COIN = EventDecision(Category.DELISTING, tokens=("FOO",), at=ENDS)
OF_THE_PAIR = EventDecision(Category.DELISTING, tickers=("BINANCE:FOOUSDT",), at=ENDS)


def decided(decision: EventDecision = OF_THE_COIN, now: datetime = NOW, **changes: Any) -> Event:
    review = opened(**changes)
    event = decide_event(review.pk, review.digest, decision, "ann", now).event
    assert event is not None
    real: Event = event.get_real_instance()
    return real


@pytest.mark.django_db
def test_the_event_is_that_of_the_notice() -> None:
    event = decided()
    assert isinstance(event, BinanceAnnouncement)
    assert (event.natural_key, event.title, event.url) == (KEY, "Abschied von FOO", "https://example.com/foo")
    assert (event.category, event.article_id, event.phase, event.rule) == ("delisting", ARTICLE, "planned", "review")
    (effect,) = event.effects.all()
    assert (effect.token, effect.scope, effect.venue, effect.trading_ends_at) == ("FOO", "venue", "BINANCE", ENDS)
    assert effect.action == "reduce_only"
    review, article = Review.objects.get(), SeenArticle.objects.get()
    assert (review.decision, review.decided_by, review.event_id) == ("event", "ann", event.pk)
    # By its event the article is read again: an edit of it is seen.
    assert (article.state, article.event_id) == ("event", event.pk)


@pytest.mark.django_db
def test_a_pair_takes_its_coin_along_only_where_the_coin_is_meant() -> None:
    (effect,) = decided(OF_THE_PAIR).effects.all()
    assert (effect.token, effect.scope, effect.tickers) == ("FOO", "pairs", ["BINANCE:FOOUSDT"])


@pytest.mark.django_db
@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_puts_the_coin_at_risk(category: str) -> None:
    event = decided(EventDecision(category, tokens=("FOO",), at=ENDS))
    assert [(effect.token, effect.action) for effect in event.effects.all()] == [
        ("FOO", "reduce_only" if category in ("delisting", "token_migration") else "avoid_new")
    ]


@pytest.mark.django_db
def test_a_halt_without_a_date_is_in_force_and_a_removal_is_announced() -> None:
    actions = {}
    for number, category in enumerate((Category.TRADING_SUSPENSION, Category.DELISTING)):
        event = decided(EventDecision(category, tokens=("FOO",)), natural_key=f"binance.announcement:{number}")
        actions[category] = event.effects.get().action
    assert actions == {"trading_suspension": "halt", "delisting": "reduce_only"}


@pytest.mark.django_db
def test_a_halt_may_be_of_an_entire_market_and_nothing_else_may() -> None:
    event = decided(EventDecision(Category.TRADING_SUSPENSION, market="usdm", entire_market=True))
    assert [(effect.token, effect.venue) for effect in event.effects.all() if effect.token == "*"] == [
        ("*", "BINANCE_USDM")
    ]
    review = opened(natural_key="binance.announcement:2")
    for decision in (
        EventDecision(Category.DELISTING, entire_market=True),
        EventDecision(Category.DELISTING),
        EventDecision(Category.DELISTING, tickers=("BINANCE:?",)),
    ):
        with pytest.raises(CannotDecide):
            decide_event(review.pk, review.digest, decision, "ann", NOW)
    review.refresh_from_db()
    assert review.decided_at is None and Event.objects.count() == 1


@pytest.mark.django_db
def test_a_decision_is_never_too_old_to_alert() -> None:
    """The notice is a month old; that a person opened the event is what people have to hear."""
    event = decided(now=NOW, released_at=NOW - timedelta(days=29), tokens=("BTC",))
    assert event.priority == "low"
    watched = decided(
        EventDecision(Category.DELISTING, tokens=("BTC",), at=ENDS),
        natural_key="binance.announcement:btc",
        released_at=NOW - timedelta(days=29),
    )
    assert (watched.priority, Alert.objects.filter(event=watched.pk, reason="opened").count()) == ("high", 1)


@pytest.mark.django_db
def test_of_two_persons_the_first_counts() -> None:
    review = opened()
    decide_harmless(review.pk, review.digest, "bob", NOW)
    for decide in (
        lambda: decide_event(review.pk, review.digest, OF_THE_COIN, "ann", NOW),
        lambda: decide_harmless(review.pk, review.digest, "ann", NOW),
    ):
        with pytest.raises(CannotDecide, match="bob has decided at 2026-11-30 12:00 UTC: harmless"):
            decide()
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_persons_at_the_same_moment_open_one_event() -> None:
    review = opened()
    begin, results = threading.Barrier(3), []

    def decide(by: str, decision: EventDecision | None) -> None:
        begin.wait(5)
        try:
            if decision is None:
                results.append(decide_harmless(review.pk, review.digest, by, NOW).decision)
            else:
                results.append(decide_event(review.pk, review.digest, decision, by, NOW).decision)
        except CannotDecide:
            results.append("refused")
        finally:
            connection.close()

    halt = EventDecision(Category.TRADING_SUSPENSION, tokens=("FOO",))
    threads = [
        threading.Thread(target=decide, args=arguments)
        for arguments in (("ann", OF_THE_COIN), ("bob", halt), ("cid", None))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    review.refresh_from_db()
    assert sorted(results) == sorted(["refused", "refused", review.decision])
    expected = {"ann": ["delisting"], "bob": ["trading_suspension"], "cid": []}[review.decided_by]
    assert [event.category for event in Event.objects.all()] == expected
    assert Alert.objects.filter(reason__in=["updated", "worse"]).count() == 0


@pytest.mark.django_db
def test_a_decision_holds_for_the_text_that_was_seen() -> None:
    review = opened()
    opened(text="Alles bleibt, wie es ist.")
    for decide in (
        lambda: decide_event(review.pk, review.digest, OF_THE_COIN, "ann", NOW),
        lambda: decide_harmless(review.pk, review.digest, "ann", NOW),
    ):
        with pytest.raises(CannotDecide, match="was edited"):
            decide()
    assert Review.objects.get().decided_at is None


@pytest.mark.django_db
def test_what_is_over_opens_nothing_and_stays_undecided() -> None:
    review = opened()
    long_ago = EventDecision(Category.DELISTING, tokens=("FOO",), at=NOW - timedelta(days=90))
    with pytest.raises(CannotDecide, match="no event was opened: it was over"):
        decide_event(review.pk, review.digest, long_ago, "ann", NOW)
    assert Review.objects.get().decided_at is None and SeenArticle.objects.get().state == "review"


@pytest.mark.django_db
def test_a_key_that_an_admin_suppressed_stays_so_and_the_person_reads_why() -> None:
    KeySuppression.objects.create(
        natural_key=KEY, until=None, reason="closed by bob: a mistake", made_by="bob", made_at=NOW
    )
    review = opened()
    with pytest.raises(CannotDecide, match="an admin closed this key: closed by bob"):
        decide_event(review.pk, review.digest, OF_THE_COIN, "ann", NOW)


@pytest.mark.django_db
def test_a_decision_is_taken_back_and_another_one_made() -> None:
    event = decided()
    review = Review.objects.get()
    closed = take_back(review.pk, "ann", NOW + timedelta(minutes=1))
    assert closed is not None and closed.pk == event.pk
    event.refresh_from_db()
    assert (event.status, event.false_alarm) == ("closed", True)
    review.refresh_from_db()
    assert (review.decided_at, review.decision, review.event_id, review.label) == (None, "", None, {})
    article = SeenArticle.objects.get()
    assert (article.state, article.event_id) == ("review", None)
    halt = EventDecision(Category.TRADING_SUSPENSION, tokens=("FOO",))
    again = decide_event(review.pk, review.digest, halt, "bob", NOW + timedelta(minutes=2))
    opened_again = Event.objects.get(status="open")
    assert again.event_id == opened_again.pk and opened_again.category == "trading_suspension"


@pytest.mark.django_db
def test_harmless_is_taken_back_too_but_not_what_a_source_explained() -> None:
    review = opened()
    decide_harmless(review.pk, review.digest, "ann", NOW)
    assert SeenArticle.objects.get().state == "ignored"
    assert take_back(review.pk, "bob", NOW) is None
    assert SeenArticle.objects.get().state == "review"
    with pytest.raises(CannotDecide, match="is not decided"):
        take_back(review.pk, "bob", NOW)
    reviews.close_explained({KEY: None}, NOW)
    with pytest.raises(CannotDecide, match="no person has decided"):
        take_back(review.pk, "bob", NOW)


@pytest.mark.django_db
def test_an_event_that_was_open_before_stays_when_the_decision_is_taken_back() -> None:
    """An article was an event, and its edit is not understood: nothing that a person does there may end the event."""
    earlier = record(draft(natural_key=KEY, tokens=("FOO",)), NOW - timedelta(hours=1)).event
    assert earlier is not None
    review = opened()
    decide_event(review.pk, review.digest, OF_THE_COIN, "ann", NOW)
    assert take_back(review.pk, "ann", NOW) is None
    assert Event.objects.get().status == "open"
    decide_harmless(review.pk, review.digest, "ann", NOW)
    assert Event.objects.get().status == "open"


@pytest.mark.django_db
def test_an_event_that_somebody_closed_meanwhile_is_left_as_it_is() -> None:
    event = decided()
    close_event(event.pk, NOW, by="bob", reason="over")
    assert take_back(Review.objects.get().pk, "ann", NOW) is None
    assert KeySuppression.objects.count() == 1 and not Event.objects.get().false_alarm


@pytest.mark.django_db
def test_decisions_are_labelled_lines() -> None:
    decided(OF_THE_PAIR)
    harmless = opened(natural_key="binance.announcement:2", title="Ein Fest", text="", reason="unexplained")
    decide_harmless(harmless.pk, harmless.digest, "ann", NOW + timedelta(minutes=1))
    opened(natural_key="binance.announcement:3", title="Noch offen")
    explained = notice(natural_key="binance.announcement:4")
    reviews.open_reviews([explained], NOW)
    reviews.close_explained({explained.natural_key: None}, NOW)
    event, other = labelled_lines()
    assert event == {
        "exchange": "binance", "title": "Abschied von FOO", "body": TEXT, "date": "2026-11-30",
        "released_at": "2026-11-30T11:40:00Z", "event": True, "category": "delisting", "category_alt": [],
        "phase": "planned", "market": "spot", "tokens": ["FOO"], "tokens_optional": [], "tickers": ["FOO/USDT"],
        "needs_body": False, "important_dates": ["2026-12-04T08:00:00Z"], "other_dates": [],
        "trading_status": "delisting", "note": "review: language", "source_repo": "", "source_path": KEY,
    }  # fmt: skip
    assert (other["title"], other["body"], other["event"], other["category"]) == ("Ein Fest", None, False, "other")
    assert [line["title"] for line in labelled_lines(NOW + timedelta(seconds=1))] == ["Ein Fest"]


@pytest.mark.parametrize(
    ("exchange", "market", "text", "ticker"),
    [
        ("binance", "spot", "foo/usdt", "BINANCE:FOOUSDT"),
        ("okx", "spot", "FOO/USDT", "OKX:FOO-USDT"),
        ("okx", "usdm", "FOOUSDT", "OKX_USDM:FOO-USDT-SWAP"),
        ("binance", "usdm", "FOOUSDT", "BINANCE_USDM:FOOUSDT"),
        ("binance", "spot", "BINANCE_USDM:FOOUSDT", "BINANCE_USDM:FOOUSDT"),
    ],
)
def test_a_typed_pair_is_the_exchanges_symbol(exchange: str, market: str, text: str, ticker: str) -> None:
    assert typed_ticker(exchange, market, text) == ticker

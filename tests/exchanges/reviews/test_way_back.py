"""Decisions beside an event, before the body is read, and after the clock was corrected."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events import registry
from events.clock import Jump
from events.enums import Category
from events.lifecycle import record
from events.models import Event, Review
from exchanges.announcements.decided import EventDecision
from exchanges.models import SeenArticle
from exchanges.review_decisions import decide_event, decide_harmless, take_back
from tests.events.admin.support import draft
from tests.exchanges.reviews.support import KEY, NOW, opened
from tests.exchanges.support import RELEASED, Bench
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import DETAIL_PATH, Article

pytestmark = pytest.mark.django_db
REMOVAL = EventDecision(Category.DELISTING, tokens=("FOO",))


def test_a_harmless_that_is_taken_back_leaves_the_article_of_an_event_with_its_event() -> None:
    """An event whose tokens are doubtful has a review beside it. By its article the event's edits are seen."""
    event = record(draft(natural_key=KEY, tokens=("FOO",)), NOW - timedelta(hours=1)).event
    assert event is not None
    review = opened()
    SeenArticle.objects.update(state="event", event=event.pk)
    decide_harmless(review.pk, review.digest, "ann", NOW)
    take_back(review.pk, "ann", NOW + timedelta(minutes=1))
    article = SeenArticle.objects.get()
    assert (article.state, article.event_id) == ("event", event.pk)


def test_a_decision_is_taken_back_after_the_clock_was_corrected() -> None:
    review = opened()
    event = decide_event(review.pk, review.digest, REMOVAL, "ann", NOW).event
    assert event is not None
    hour = timedelta(hours=1)
    for repair in registry.clock_jump_repairs():
        repair(Jump(since=NOW - hour, before=NOW + hour, after=NOW))
    assert Event.objects.get().opened_at == NOW - hour
    assert Review.objects.get().opened_at == review.opened_at - hour
    closed = take_back(review.pk, "ann", NOW)
    assert closed is not None and Event.objects.get().status == "closed"
    assert Review.objects.get().decided_at is None


@pytest.mark.long
@pytest.mark.parametrize("body", ["Vamos dizer adeus.", "Adeus."])
def test_an_event_of_a_title_keeps_its_article_once_the_body_is_read(server: UpstreamServer, body: str) -> None:
    article = Article("Despedimo-nos do par ABC/BNB e de todos os seus pedidos em aberto", RELEASED, (body,))
    bench = Bench(server, [article])
    bench.run_instruments()
    failing = [server.route(path, 503) for path in (DETAIL_PATH, f"/en/support/announcement/{article.code}")]
    for _ in range(2):
        bench.run_announcements()
        bench.clock.forward(hours=1)
    review = Review.objects.get()
    decision = EventDecision(Category.DELISTING, tokens=("ABC",))
    event = decide_event(review.pk, review.digest, decision, "ann", bench.clock()).event
    assert event is not None
    for route in failing:
        server.unroute(route)
    bench.clock.forward(hours=2)
    bench.run_announcements()
    seen = SeenArticle.objects.get()
    assert (seen.event_id, seen.state, Event.objects.get().status) == (event.pk, "event", "open")
    bench.site.edit(article.code, title="Binance Has Cancelled the Delisting of ABC/BNB")
    bench.clock.forward(minutes=5)
    assert bench.run_edits().ok
    assert Event.objects.get().status == "closed"

"""From an article that the parser cannot judge to the event that a person makes of it, and what its edits do then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.enums import Category
from events.models import Event, Review
from exchanges.announcements import context as parser
from exchanges.announcements.decided import EventDecision, found_dates
from exchanges.announcements.types import Article as Notice
from exchanges.announcements.types import ParsedNotice
from exchanges.models import SeenArticle
from exchanges.review_decisions import article_of, decide_event, take_back
from markets.symbols import SymbolSplitter
from tests.exchanges.support import RELEASED, Bench
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import Article

pytestmark = pytest.mark.django_db

# Portuguese, which is not read.
ARTICLE = Article(
    "Despedimo-nos do par ABC/BNB e de todos os seus pedidos em aberto",
    RELEASED,
    ("A partir de 2026-10-02 03:00 (UTC) o par ABC/BNB deixa de existir na nossa plataforma.",),
)


def test_a_person_makes_the_event_that_the_parser_could_not_and_edits_do_not_end_it(server: UpstreamServer) -> None:
    bench = Bench(server, [ARTICLE])
    bench.run_instruments()
    bench.run_announcements()
    review = Review.objects.get()
    assert not Event.objects.exists()
    (ends,) = found_dates(article_of(review))
    removal = EventDecision(Category.DELISTING, tickers=("BINANCE:ABCBNB",), at=ends)
    assert removal.title == "Delisting: ABCBNB" and f"{ends:%Y-%m-%d %H:%M}" == "2026-10-02 03:00"
    decide_event(review.pk, review.digest, removal, "ann", bench.clock())
    event = Event.objects.get()
    (effect,) = event.effects.all()
    assert (effect.token, effect.tickers, event.natural_key) == ("ABC", ["BINANCE:ABCBNB"], review.natural_key)
    assert event.payload_id == review.payload_id is not None and event.status == "open"
    # Neither the next rounds nor an edit that is not understood either end it.
    for blocks in (ARTICLE.blocks, (*ARTICLE.blocks, "Obrigado pela vossa confiança.")):
        bench.site.edit(ARTICLE.code, blocks=blocks)
        bench.clock.forward(minutes=5)
        bench.run_announcements()
        assert bench.run_edits().ok
        assert Event.objects.get().status == "open"
    # The edited text is another one: what was decided does not hold for it.
    assert [row.decision for row in Review.objects.order_by("id")] == ["event", ""]


@pytest.mark.long
def test_a_round_after_the_way_back_leaves_it_to_people(server: UpstreamServer) -> None:
    bench = Bench(server, [ARTICLE])
    bench.run_instruments()
    bench.run_announcements()
    review = Review.objects.get()
    decision = EventDecision(Category.TRADING_SUSPENSION, tokens=("ABC",))
    decide_event(review.pk, review.digest, decision, "ann", bench.clock())
    take_back(review.pk, "ann", bench.clock() + timedelta(minutes=1))
    bench.clock.forward(minutes=5)
    bench.run_announcements()
    assert bench.run_edits().ok
    assert (Event.objects.get().status, SeenArticle.objects.get().state) == ("closed", "review")
    assert Review.objects.get().decided_at is None


def test_a_parser_that_learns_the_words_later_does_not_overrule_the_person(
    server: UpstreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person read a removal of the coin; a later release reads a warning in the same text, which is weaker."""
    bench = Bench(server, [ARTICLE])
    bench.run_instruments()
    bench.run_announcements()
    review = Review.objects.get()
    removal = EventDecision(Category.DELISTING, tokens=("ABC",))
    decide_event(review.pk, review.digest, removal, "ann", bench.clock())
    real = parser._read

    def read(article: Notice, splitter: SymbolSplitter) -> ParsedNotice:
        warning = Notice(article.exchange, "", "Binance Will Extend the Monitoring Tag to Include ABC", None, RELEASED)
        return real(warning, splitter)

    monkeypatch.setattr(parser, "_read", read)
    bench.clock.forward(minutes=5)
    assert bench.run_edits().ok
    event = Event.objects.get()
    assert (event.category, event.effects.get().action, event.status) == ("delisting", "reduce_only", "open")
    # An edit is the exchange's word, and no person has read it.
    bench.site.edit(ARTICLE.code, blocks=("Outra coisa.",))
    bench.clock.forward(minutes=5)
    assert bench.run_edits().ok
    assert Event.objects.get().category == "risk_warning"

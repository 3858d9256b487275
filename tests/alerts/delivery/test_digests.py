"""Cards that list many: what they say, what becomes of their members, and storms from queue to receiver."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.contenttypes.models import ContentType

from alerts import outbox
from alerts.delivery.batches import MOST_LISTED
from alerts.delivery.claims import Wait, claim
from alerts.delivery.loader import load_digest
from alerts.delivery.results import record_result
from alerts.models import Alert
from alerts.rendering.message import Digest, DigestLine
from alerts.rendering.teams_card import MAX_BYTES, card_size, render_card
from alerts.routes import route
from events.models import Effect, Event
from tests.alerts.delivery.test_claims import LEASE, result, take
from tests.alerts.delivery.test_worker import step_when_possible, worker_for
from tests.alerts.factories import NOW, Clock, bump, make_event, tell
from tests.upstreams.teams import events_on

pytestmark = pytest.mark.django_db


_numbers = itertools.count()


def storm(count: int, category: str = "volatility", now: datetime = NOW) -> list[int]:
    """So many events of high priority with a token each, and their alerts as they are queued; made at one stroke."""
    channel, urgency = route(category, "binance")
    kind = ContentType.objects.get_for_model(Event)
    events = Event.objects.bulk_create(
        Event(
            polymorphic_ctype=kind,
            source="binance",
            category=category,
            priority="high",
            natural_key=f"storm:{number}",
            title=f"T{number} fell by 12.3 % within 15 minutes",
            seen_at=now,
            opened_at=now,
            updated_at=now,
        )
        for number in itertools.islice(_numbers, count)
    )
    Effect.objects.bulk_create(
        Effect(event=event, token=event.title.split()[0], action="avoid_new") for event in events
    )
    Alert.objects.bulk_create(
        Alert(event=event, reason="opened", channel=channel, urgency=urgency, queued_at=now, due_at=now)
        for event in events
    )
    return [event.pk for event in events]


def claimed(clock: Clock, **options):
    taken = take(clock, throttled=True, **options)
    assert not isinstance(taken, Wait), taken
    return taken


def test_many_that_wait_are_one_alert_whose_members_wait_in_it():
    storm(11, "low_liquidity")
    clock = Clock()
    digest = claimed(clock, channel="token_liquidity").alert
    assert (digest.reason, digest.event_id, digest.state) == ("digest", None, "sending")
    members = Alert.objects.filter(digest=digest)
    assert set(members.values_list("state", flat=True)) == {"grouped"}
    stages = [(row["stage"], row["decision"]) for row in members[0].decisions][-2:]
    assert stages == [("group", "digest"), ("limit", "merged")]


def test_members_are_done_when_their_digest_is_accepted():
    storm(11)
    clock = Clock()
    record_result(claimed(clock, channel="token_volatility"), result(), clock())
    digest = Alert.objects.get(reason="digest")
    members = Alert.objects.filter(digest=digest)
    assert set(members.values_list("state", "done_reason")) == {("digested", f"listed in digest {digest.pk}")}
    assert members[0].decisions[-1]["decision"] == "digested"


def test_a_digest_that_fails_is_tried_again_with_its_members():
    storm(11)
    clock = Clock()
    retry = result("retry", retry_at=NOW + timedelta(seconds=5))
    record_result(claimed(clock, channel="token_volatility"), retry, clock())
    assert set(Alert.objects.exclude(reason="digest").values_list("state", flat=True)) == {"grouped"}
    clock.advance(seconds=6)
    again = claimed(clock, channel="token_volatility")
    assert (again.alert.reason, again.alert.attempts) == ("digest", 2)
    assert len(load_digest(again.alert).lines) == 11


def test_a_digest_whose_dispatcher_was_killed_is_sent_when_its_lease_ends():
    storm(11)
    clock = Clock()
    first = claimed(clock, channel="token_volatility")
    clock.advance(seconds=LEASE.total_seconds() + 1)
    again = claimed(clock, holder="two", channel="token_volatility")
    assert again.alert.pk == first.alert.pk
    record_result(again, result(), clock())
    assert Alert.objects.filter(state="digested").count() == 11


def test_a_refused_digest_is_sent_one_by_one_and_never_listed_again():
    storm(11)
    clock = Clock()
    record_result(claimed(clock, channel="token_volatility"), result("dead", reason="refused_when_minimal"), clock())
    members = Alert.objects.exclude(reason="digest")
    assert set(members.values_list("state", "alone", "digest")) == {("pending", True, None)}
    clock.advance(seconds=2)
    assert claimed(clock, channel="token_volatility").alert.reason == "opened"


def test_a_digest_that_nobody_takes_for_a_day_leaves_its_members_dead_and_visible():
    storm(11)
    clock = Clock()
    record_result(claimed(clock, channel="token_volatility"), result("dead", reason="timeout_for_24_hours"), clock())
    assert set(Alert.objects.values_list("state", flat=True)) == {"dead"}
    member = Alert.objects.exclude(reason="digest").earliest("id")
    assert outbox.resend([member.pk], clock()) == 1
    member.refresh_from_db()
    assert (member.state, member.digest_id) == ("pending", None)


def test_an_update_of_a_listed_event_waits_until_its_list_has_arrived():
    storm(11, "delisting")
    clock = Clock()
    digest = claimed(clock)
    event = Event.objects.earliest("id")
    tell(bump(event), "worse", clock())
    clock.advance(seconds=2)
    assert isinstance(take(clock, holder="two", throttled=True), Wait)
    record_result(digest, result(), clock())
    clock.advance(seconds=2)
    assert claimed(clock, holder="two").alert.reason == "worse"


def test_of_two_cards_of_an_event_that_wait_the_list_names_the_newer():
    clock = Clock()
    event = make_event()
    tell(event)
    under_way = claimed(clock)
    tell(bump(event), "updated")
    record_result(under_way, result("retry", retry_at=NOW), clock())
    storm(11, "delisting")
    clock.advance(seconds=2)
    digest = claimed(clock)
    lines = [line for line in load_digest(digest.alert).lines if line.event_id == event.pk]
    assert [line.reasons for line in lines] == [("opened", "updated")]


def line(number: int, title: str = "A notice", token: str = "LUNA") -> DigestLine:
    return DigestLine(number, ("opened",), "volatility", title, (token,), "avoid_new", "open")


@pytest.mark.parametrize(
    ("title", "token"),
    [
        ("TOKEN fell by 12.3 % within 15 minutes", "TOKEN"),
        ("取引停止のお知らせ" * 30, "取引停止取引停止"),
        ("\N{FIRE}" * 200, "*_[x](http://x)`~" * 3),
        ("\\`*[]~<>" * 50, "\\" * 60),
    ],
    ids=["plain", "not Latin", "emoji", "Markdown"],
)
def test_the_longest_list_of_any_text_fits_and_names_every_event(title, token):
    digest = Digest("digest", "200 events", tuple(line(1_000_000 + n, title, token) for n in range(MOST_LISTED)))
    card = render_card(digest, NOW, "https://ews.example.com")
    assert card_size(card) <= MAX_BYTES
    assert events_on(card) == {1_000_000 + n for n in range(MOST_LISTED)}
    minimal = render_card(digest, NOW, "https://ews.example.com", minimal=True)
    assert card_size(minimal) <= card_size(card)
    assert events_on(minimal) == events_on(card)


def test_a_short_list_shows_what_to_do_and_links_each_event():
    card = render_card(Digest("digest", "2 events at once", (line(1), line(2, "B [x](y)"))), NOW, "https://ews.example")
    text = str(card)
    assert "[#1](https://ews.example/admin/events/event/1/change/) **OPEN NOTHING NEW · LUNA** — A notice" in text
    assert r"B \\[x\\](y)" in text


@pytest.mark.long
def test_a_thousand_events_of_one_cycle_stay_within_the_limit_and_are_all_sent(hooks):
    clock = Clock()
    told = set(storm(500)) | set(storm(500, "delisting"))
    moves, removals = worker_for(hooks, clock, "token_volatility"), worker_for(hooks, clock, "cex")
    starts: dict[str, list] = {"token_volatility": [], "cex": []}
    while Alert.objects.filter(state__in=["pending", "grouped"]).exists():
        for worker in (moves, removals):
            step = worker.step()
            if step.decision is not None:
                starts[worker.channel].append(clock())
        clock.advance(milliseconds=250)
        assert clock() - NOW < timedelta(minutes=5)
    for times in starts.values():
        assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(times))
    assert len(starts["token_volatility"]) <= 10
    assert set().union(*(events_on(card.message) for sink in hooks.sinks.values() for card in sink.cards)) == told
    assert all(card.size <= MAX_BYTES for sink in hooks.sinks.values() for card in sink.cards)


@pytest.mark.long
def test_five_hundred_tokens_that_move_within_a_minute_are_at_most_ten_cards(hooks):
    clock = Clock()
    worker = worker_for(hooks, clock, "token_volatility")
    told: set[int] = set()
    for second in range(60):
        told.update(storm(8 + second % 2, now=clock()))
        for _ in range(4):
            worker.step()
            clock.advance(milliseconds=250)
    within_the_minute = len(hooks.cards("token_volatility"))
    while Alert.objects.filter(state="pending").exists():
        step_when_possible(worker, clock)
    cards = hooks.sinks["token_volatility"].cards
    assert within_the_minute <= len(cards) <= 10
    assert set().union(*(events_on(card.message) for card in cards)) == told
    assert len(told) == 510


def test_a_delisting_that_arrives_in_the_middle_of_a_storm_is_out_within_five_seconds(hooks):
    clock = Clock()
    storm(600, "risk_warning")
    worker = worker_for(hooks, clock)
    for _ in range(6):
        worker.step()
        clock.advance(milliseconds=250)
    alert = tell(make_event("delisting", title="LUNA goes"), now=clock())
    while Alert.objects.get(pk=alert.pk).state != "sent":
        worker.step()
        clock.advance(milliseconds=250)
    assert clock() - alert.queued_at < timedelta(seconds=5)


def test_one_claim_of_a_console_lists_a_market_too():
    storm(6)
    taken = claim("token_volatility", "one", NOW, LEASE, throttled=False, most=40)
    assert isinstance(taken, list)
    assert [one.alert.detail["digest"]["kind"] for one in taken] == ["market"]

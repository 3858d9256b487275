"""What people do about alerts: acknowledgements, silences, and what of them expires."""

from __future__ import annotations

import threading
import tracemalloc
from datetime import timedelta
from itertools import cycle, product
from typing import Any

import pytest
from django.db import connection

from alerts import audit
from alerts.audit import Act, Actor
from alerts.delivery.loader import load_message
from alerts.models import Acknowledgement, Alert, AuditEntry, Silence
from alerts.policy import queue_for
from alerts.rendering.links import DigestLink, Link, LinkRefused, act_links, read_link
from alerts.suppression import acknowledgements, silences
from alerts.suppression.acknowledgements import (
    AlreadyAcknowledged,
    acknowledge,
    acknowledgement_text,
    current,
    expire,
    unacknowledge,
)
from events.models import Event
from tests.alerts.factories import NOW, bump, make_config, make_effect, make_event, tell

pytestmark = pytest.mark.django_db

ANN = Actor("ann", "admin")
BOB = Actor("bob", "admin")
BASE = "https://ews.example"
DAY = timedelta(days=1)


def silence(**fields: Any) -> Silence:
    return Silence.objects.create(**{"until": NOW + timedelta(hours=1), "reason": "known", "made_by": "ops", **fields})


def match(event: Event, reason: str = "opened") -> Silence | None:
    return silences.matching(event, list(event.effects.all()), reason, NOW)


def test_the_first_to_acknowledge_has_the_event() -> None:
    event = make_event()
    acknowledge(event.pk, ANN, "on it", NOW)
    with pytest.raises(AlreadyAcknowledged, match="acknowledged by ann"):
        acknowledge(event.pk, BOB, "", NOW)
    first = current(event.pk)
    assert first is not None and (first.by, first.note) == ("ann", "on it")
    assert [(entry.act, entry.by) for entry in AuditEntry.objects.all()] == [(Act.ACKNOWLEDGED, "ann")]


def test_an_acknowledgement_survives_updates_and_ends_when_the_event_gets_worse() -> None:
    event = make_event()

    def said() -> str:
        return acknowledgement_text(acknowledgements.latest([event.pk]).get(event.pk))

    acknowledge(event.pk, ANN, "on it", NOW)
    for reason in ("updated", "reminder", "repeat", "closed"):
        assert not expire(event.pk, reason, NOW)
    assert said() == "ann, since 2026-10-02 08:00 UTC: on it"
    assert expire(event.pk, "worse", NOW + timedelta(hours=1))
    assert current(event.pk) is None
    assert said() == "nobody; was ann, until the event got worse"
    acknowledge(event.pk, BOB, "", NOW + timedelta(hours=2))
    assert Acknowledgement.objects.count() == 2
    assert said().startswith("bob, since 2026-10-02 10:00")


def test_the_pipeline_suppresses_renotifications_of_an_acknowledged_event_until_it_gets_worse() -> None:
    event = make_event()
    tell(event)
    Alert.objects.update(state="sent", done_at=NOW)
    assert queue_for(event, "repeat", 100, NOW) == 1
    acknowledge(event.pk, ANN, "", NOW)
    waiting = Alert.objects.get(reason="repeat")
    assert (waiting.state, waiting.muted_by) == ("muted", "acknowledged"), "what waited is withdrawn"
    queue_for(event, "repeat", 101, NOW)
    assert Alert.objects.get(reason="repeat", revision=101).state == "muted"
    assert tell(bump(event), "updated").state == "pending", "news is told"
    assert current(event.pk) is not None
    assert tell(bump(event), "worse").state == "pending"
    assert current(event.pk) is None
    queue_for(event, "repeat", 102, NOW)
    assert Alert.objects.get(reason="repeat", revision=102).state == "pending"


def test_what_is_given_back_can_be_taken_by_another() -> None:
    event = make_event()
    assert not unacknowledge(event.pk, ANN, NOW)
    acknowledge(event.pk, ANN, "", NOW)
    assert unacknowledge(event.pk, ANN, NOW)
    acknowledge(event.pk, BOB, "", NOW)
    assert [entry.act for entry in AuditEntry.objects.order_by("pk")] == ["acknowledged", "released", "acknowledged"]


@pytest.mark.parametrize(
    ("fields", "silenced"),
    [
        ({"exchange": "BINANCE"}, True),
        ({"exchange": "binance", "token": "LUNA"}, True),
        ({"exchange": "OKX"}, False),
        ({"exchange": "BINANCE", "token": "BTC"}, False),
        ({"category": "delisting", "source": "binance"}, True),
        ({"category": "hack"}, False),
        ({}, True),
        ({"until": NOW}, False),
    ],
)
def test_a_silence_matches_by_all_that_it_names(fields: dict[str, Any], silenced: bool) -> None:
    silence(**fields)
    assert (match(make_event()) is not None) == silenced


def test_an_exchanges_silence_covers_its_futures_and_no_effect_on_the_coin_itself() -> None:
    silence(exchange="BINANCE")
    event = make_event()
    make_effect(event, "LUNA", venue="BINANCE_USDM")
    assert match(event) is not None
    make_effect(event, "LUNA", venue="", scope="asset")
    assert match(event) is None


def test_silences_of_single_tokens_hide_an_event_only_together() -> None:
    event = make_event(tokens=("LUNA", "ABC"))
    silence(token="LUNA")
    assert match(event) is None
    silence(token="ABC", exchange="BINANCE")
    assert match(event) is not None


def test_an_event_without_tokens_is_silenced_by_category_or_source_only() -> None:
    event = make_event("operations", tokens=())
    silence(token="LUNA")
    silence(exchange="BINANCE")
    assert match(event) is None
    silence(category="operations")
    assert match(event) is not None


@pytest.mark.parametrize("reason", ["worse", "turned"])
def test_a_worsening_is_sent_through_a_silence_unless_the_silence_is_strict(reason: str) -> None:
    event = make_event()
    made = silence(token="LUNA")
    assert match(event, reason) is None
    assert match(event, "repeat") is not None
    made.lets_worse_through = False
    made.save()
    assert match(event, reason) is not None


def test_silencing_an_event_names_its_tokens_and_its_category() -> None:
    event = make_event("depeg", tokens=("USDE", "DAI"))
    until = NOW + timedelta(hours=4)
    silences.silence_event(event, event.effects.all(), until, "known", ANN, NOW)
    made = Silence.objects.order_by("token").values_list("token", "category", "source", "until", "made_by")
    assert list(made) == [("DAI", "depeg", "", until, "ann"), ("USDE", "depeg", "", until, "ann")]
    assert match(event) is not None
    assert match(make_event("delisting", tokens=("USDE",))) is None
    assert AuditEntry.objects.get().event_id == event.pk


def test_an_event_of_too_many_tokens_is_silenced_by_category_and_source() -> None:
    event = make_event(tokens=tuple(f"T{number}" for number in range(silences.MOST_TOKENS + 1)))
    silences.silence_event(event, event.effects.all(), NOW + timedelta(hours=1), "known", ANN, NOW)
    made = Silence.objects.get()
    assert (made.token, made.category, made.source) == ("", "delisting", "binance")


def test_a_card_carries_links_while_there_is_something_to_do() -> None:
    config = make_config(PUBLIC_BASE_URL=BASE)
    event = make_event()
    alert = Alert(event=event, reason="opened", channel="cex")

    def acts() -> list[str]:
        return [link.act for link in load_message(alert, config, NOW, shrunk=False).acts]

    assert acts() == ["acknowledge", "silence"]
    acknowledge(event.pk, ANN, "on it", NOW)
    assert acts() == ["silence"]
    assert load_message(alert, config, NOW, shrunk=False).acknowledged_by.startswith("ann, since")
    Event.objects.non_polymorphic().filter(pk=event.pk).update(priority="low")
    assert acts() == [], "it demands nothing any more"
    Event.objects.non_polymorphic().filter(pk=event.pk).update(priority="high", status="closed", closed_at=NOW)
    assert acts() == []


def token_of(act: str = "acknowledge", event_id: int = 7, channel: str = "cex", hours: float = 2) -> str:
    link = next(link for link in act_links(event_id, channel, f"{BASE}/", NOW, hours) if link.act == act)
    assert link.url.startswith(f"{BASE}/act/")
    return link.url.removeprefix(f"{BASE}/act/")


def test_a_link_names_event_act_and_channel_and_is_one_of_its_own() -> None:
    link = read_link(token_of("silence"), NOW)
    assert isinstance(link, Link)
    assert (link.event_id, link.act, link.channel, link.ends_at) == (7, "silence", "cex", NOW + timedelta(hours=2))
    assert token_of() != token_of()


def test_a_link_ends_to_the_second() -> None:
    token = token_of()
    assert read_link(token, NOW + timedelta(hours=2) - timedelta(seconds=1))
    with pytest.raises(LinkRefused, match="expired"):
        read_link(token, NOW + timedelta(hours=2))


def test_no_character_of_a_link_can_be_changed() -> None:
    token = token_of()
    for place, character in enumerate(token):
        for other in "A0.:-" if character not in "A0.:-" else "z":
            with pytest.raises(LinkRefused, match="altered"):
                read_link(token[:place] + other + token[place + 1 :], NOW)
    for wrong in ("", "preview", token[:-1], token + "A", token.replace("acknowledge", "silence"), "\x00", "é" * 50):
        with pytest.raises(LinkRefused, match="altered"):
            read_link(wrong, NOW)


def test_a_link_of_a_card_that_an_earlier_release_sent_still_works(settings: Any) -> None:
    settings.SECRET_KEY = "x" * 50
    link = read_link("silence.7.cex.1893456000.n0nce:eXJWfy2JyuL-5YWS2tjBmcLdkL-jvp8JFBMJcuSEyJ4", NOW)
    assert isinstance(link, Link)
    assert (link.event_id, link.act, link.channel, link.nonce) == (7, "silence", "cex", "n0nce")


def test_another_secret_key_makes_no_links_for_us(settings: Any) -> None:
    settings.SECRET_KEY = "x" * 50
    token = token_of()
    settings.SECRET_KEY = "y" * 50
    with pytest.raises(LinkRefused):
        read_link(token, NOW)


def test_acts_are_dropped_after_a_while_but_for_the_use_of_links_that_still_run() -> None:
    from django.utils import timezone

    now = timezone.now()
    old = now - timedelta(days=91)
    audit.record(Act.RELEASED, ANN, old, "old")
    audit.record(Act.RELEASED, ANN, now, "new")
    used = audit.record(Act.ACKNOWLEDGED, ANN, old, "running")
    AuditEntry.objects.filter(pk=used.pk).update(link="n1", link_ends_at=now + timedelta(hours=1))
    over = audit.record(Act.ACKNOWLEDGED, ANN, old, "over")
    AuditEntry.objects.filter(pk=over.pk).update(link="n2", link_ends_at=now - timedelta(hours=1))
    assert audit.prune(now - timedelta(days=90)) == 2
    assert set(AuditEntry.objects.values_list("what", flat=True)) == {"new", "running"}


@pytest.mark.django_db(transaction=True)
def test_of_ten_people_at_once_one_has_the_event() -> None:
    event = make_event()
    outcomes: list[str] = []
    start = threading.Barrier(10)

    def take(name: str) -> None:
        start.wait(5)
        try:
            acknowledgements.acknowledge(event.pk, Actor(name, "admin"), "", NOW)
            outcomes.append("took")
        except AlreadyAcknowledged:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(f"p{number}",)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(outcomes) == ["late"] * 9 + ["took"]
    assert AuditEntry.objects.count() == Acknowledgement.objects.count() == 1


def test_a_link_of_a_digest_that_this_release_sent_keeps_working(settings: Any) -> None:
    settings.SECRET_KEY = "x" * 50
    signed = "acknowledge.digest-57-0123456789abcdef01234567.cex.1893456000.n0nce"
    link = read_link(f"{signed}:CkFwt8TnbiL8Sr90K8trN3_g439N1RVdMtq7fMPWBug", NOW)
    assert isinstance(link, DigestLink)
    found = (link.digest_id, link.events, link.act, link.channel, link.nonce)
    assert found == (57, "0123456789abcdef01234567", "acknowledge", "cex", "n0nce")


def test_what_a_silence_would_hide_is_what_it_matches() -> None:
    """The database leaves out what cannot match; what is left is decided as alerts are."""
    ticks: Any = {"exchange": ["", "BINANCE", "OKX"], "source": ["", "okx"], "category": ["", "depeg"]}
    events = [
        make_event(category, tokens=tokens, source=source)
        for category in ("depeg", "delisting")
        for source in ("okx", "binance")
        for tokens in ((), ("LUNA",), ("LUNA", "ABC"))
    ]
    make_effect(events[-1], "LUNA", venue="OKX_USDM")
    for event, said in zip(events, cycle(([], ["worse"])), strict=False):
        detail = {"said": said} if said else {}
        Alert.objects.create(
            event=event, reason="updated", channel="cex", queued_at=NOW, due_at=NOW, urgency=1, detail=detail
        )
    others = [silence(token="ABC", category="delisting")]
    for token, exchange, source, category in product(["", "LUNA"], *ticks.values()):
        made = Silence(token=token, exchange=exchange, source=source, category=category, until=NOW + DAY)

        def hides(event: Event, reason: str, made: Silence = made) -> bool:
            about = (event, list(event.effects.all()), reason)
            return silences.match([*others, made], *about) is not None and silences.match(others, *about) is None

        hidden = silences.would_hide([made], NOW)
        assert {event.pk for event in hidden.events} == {event.pk for event in events if hides(event, "updated")}
        alerts = Alert.objects.select_related("event")
        assert hidden.waiting == sum(hides(one.event, silences.effective_reason(one)) for one in alerts if one.event)
        assert (hidden.open, hidden.more) == (len(hidden.events), 0)


def test_who_opens_a_link_waits_for_no_alert_that_it_is_not_about() -> None:
    """Of 100,000 that waited each look at a public page took 9 s and 490 MB."""
    event, other = make_event("depeg", tokens=("USDE",)), make_event()
    tell(event)
    made = silences.silences_of(event, event.effects.all(), NOW + DAY, "", "")

    def peak() -> int:
        tracemalloc.start()
        hidden = silences.would_hide(made, NOW)
        assert (hidden.open, hidden.waiting) == (1, 1)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak()
    alone = peak()
    rows = (
        Alert(event=other, reason="updated", revision=number, channel="cex", queued_at=NOW, due_at=NOW, urgency=1)
        for number in range(500)
    )
    Alert.objects.bulk_create(rows)
    assert peak() < 2 * alone

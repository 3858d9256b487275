"""What Telegram, PagerDuty and Opsgenie report becomes one acknowledgement, once, and only if it is theirs."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import math
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.test import Client
from django.utils import timezone

from alerts.audit import Actor
from alerts.delivery.dispatcher import Dispatcher
from alerts.delivery.loader import load_message
from alerts.inbound import views
from alerts.models import Acknowledgement, AddedReceiver, Alert, AuditEntry
from alerts.rendering.incidents import paging_steps
from alerts.rendering.telegram_html import render_telegram
from alerts.suppression.acknowledgements import unacknowledge
from crypto_ews.conf import get_config
from events.models import Event, plain_events
from tests.alerts.channels.services import RETURN_SECRET, SERVICES
from tests.alerts.conftest import running
from tests.alerts.factories import bump, make_event, tell
from tests.upstreams import UpstreamServer

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = ("telegram", "pagerduty", "opsgenie")
NAMES = {"telegram": "Telegram", "pagerduty": "PagerDuty", "opsgenie": "Opsgenie"}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    views.minute.clear()
    yield
    views.minute.clear()


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    with UpstreamServer() as server:
        for service in SERVICES.values():
            service.listen(server)
        yield server


def receiver(kind: str, server: UpstreamServer, follows: tuple[str, ...] = ("cex",)) -> AddedReceiver:
    row = AddedReceiver(name=f"my_{kind}", kind=kind, follows=list(follows), made_by="ann")
    row.set_secrets(SERVICES[kind].address(server), RETURN_SECRET)
    row.save()
    return row


def body(kind: str, event_id: int, *, number: int = 1, did: str = "acknowledged", at: datetime | None = None) -> Any:
    """As each service documents it."""
    when = at or timezone.now()
    if kind == "telegram":
        return {
            "update_id": 9000 + number,
            "callback_query": {
                "id": "4382",
                "from": {"id": 5, "is_bot": False, "first_name": "Ann", "username": "ann"},
                "message": {"message_id": 3, "date": 1, "chat": {"id": -100200, "type": "supergroup"}},
                "data": f"ack:{event_id}:{math.ceil(when.timestamp())}",
            },
        }
    if kind == "pagerduty":
        agent = {"id": "PLH1HKV", "summary": "Ann", "type": "user_reference"}
        data = {"id": "PGR0VU2", "type": "incident", "incident_key": f"ews-event-{event_id}", "status": did}
        kept = {"id": f"5ac64822-{number}", "event_type": f"incident.{did}", "resource_type": "incident"}
        return {"event": {**kept, "occurred_at": when.isoformat(), "agent": agent, "data": data}}
    action = {"acknowledged": "Acknowledge", "unacknowledged": "UnAcknowledge", "resolved": "Close"}[did]
    alert = {"alertId": f"a{number}", "alias": f"ews-event-{event_id}", "username": "Ann"}
    # The documentation has nanoseconds.
    stamp = int(when.timestamp() * 1000) * 1_000_000
    return {"action": action, "source": {"name": "web", "type": "web"}, "alert": {**alert, "updatedAt": stamp}}


def post(kind: str, content: Any, *, secret: str = RETURN_SECRET, channel: str = "", sent: bytes = b"") -> Any:
    raw = sent or (content if isinstance(content, bytes) else json.dumps(content).encode())
    signed = content if isinstance(content, bytes) else json.dumps(content).encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    headers = {
        "telegram": {"X-Telegram-Bot-Api-Secret-Token": secret},
        # While a secret is changed there are two signatures.
        "pagerduty": {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={digest}"},
        "opsgenie": {"Authorization": f"Bearer {secret}"},
    }[kind]
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/{channel or f'my_{kind}'}", raw, "application/json", headers=headers, REMOTE_ADDR="192.0.2.9"
    )


def event_told(**fields: Any) -> Event:
    """An event of which all receivers that follow its channel had a card."""
    event = make_event(**fields)
    tell(event, now=timezone.now() - timedelta(minutes=1))
    return event


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_acknowledges_and_the_audit_says_who_and_where_from(kind: str, server: UpstreamServer) -> None:
    receiver(kind, server)
    event = event_told()
    assert post(kind, body(kind, event.pk)).status_code == 200
    made = Acknowledgement.objects.get()
    assert (made.event_id, made.ended_at) == (event.pk, None) and made.by.startswith("Ann")
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.where, entry.address) == ("acknowledged", f"{NAMES[kind]} in my_{kind}", "192.0.2.9")
    assert entry.by == made.by and entry.event_id == event.pk


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_works_once_even_after_it_was_taken_back(kind: str, server: UpstreamServer) -> None:
    receiver(kind, server)
    event = event_told()
    same = json.dumps(body(kind, event.pk)).encode()
    post(kind, same)
    unacknowledge(event.pk, Actor("bob", "admin"), timezone.now())
    assert "before" in post(kind, same).content.decode()
    assert not Acknowledgement.objects.filter(ended_at=None).exists()
    assert post(kind, body(kind, event.pk, number=2)).status_code == 200
    assert Acknowledgement.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("kind", KINDS)
def test_who_comes_second_is_in_the_audit_and_changes_nothing(kind: str, server: UpstreamServer) -> None:
    receiver(kind, server)
    event = event_told()
    first, second = (json.dumps(body(kind, event.pk, number=number)).encode() for number in (1, 2))
    post(kind, first)
    assert "had acknowledged it" in post(kind, second).content.decode()
    post(kind, second)
    assert Acknowledgement.objects.count() == 1 and AuditEntry.objects.count() == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_signature_an_unknown_channel_and_an_altered_body_are_the_same_refusal(
    kind: str, server: UpstreamServer
) -> None:
    receiver(kind, server)
    good = body(kind, event_told().pk)
    refused = [post(kind, good, secret="another-secret-of-ours"), post(kind, good, channel="nobody")]
    if kind == "pagerduty":
        refused.append(post(kind, good, sent=json.dumps(good).replace("Ann", "Eve").encode()))
    refused.append(Client().post(f"/hooks/my_{kind}", json.dumps(good), "application/json"))
    assert {answer.status_code for answer in refused} == {401}
    assert len({answer.content for answer in refused}) == 1
    assert not Acknowledgement.objects.exists() and not AuditEntry.objects.exists()


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie"])
@pytest.mark.parametrize("age", [timedelta(hours=2), timedelta(minutes=-10)])
def test_an_old_report_and_one_of_the_future_are_refused(kind: str, age: timedelta, server: UpstreamServer) -> None:
    receiver(kind, server)
    answer = post(kind, body(kind, event_told().pk, at=timezone.now() - age))
    # PagerDuty turns a webhook off for a day after three refusals.
    assert answer.status_code == 200 and "too old" in answer.json()["done"]
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie"])
def test_resolving_acknowledges_and_never_closes_the_event(kind: str, server: UpstreamServer) -> None:
    receiver(kind, server)
    event = event_told()
    post(kind, body(kind, event.pk, did="resolved"))
    assert Acknowledgement.objects.get().note == f"resolved in {NAMES[kind]}"
    assert plain_events().get(pk=event.pk).status == "open"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sent", [b"", b"[]", b"{", b'{"event": 1}', b'{"callback_query": {"data": "ack:1"}}', b"\xff"])
def test_what_is_no_report_is_refused_and_does_nothing(kind: str, sent: bytes, server: UpstreamServer) -> None:
    receiver(kind, server)
    answer = post(kind, sent or b" ")
    assert answer.status_code == 200 and answer.json()["done"].startswith("nothing")
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_other_news_and_closed_or_deleted_events_are_answered_and_ignored(kind: str, server: UpstreamServer) -> None:
    receiver(kind, server)
    for event_id in (event_told(status="closed", closed_at=timezone.now()).pk, 10**9):
        assert post(kind, body(kind, event_id, number=event_id)).status_code == 200
    other = body(kind, event_told().pk)
    if kind == "telegram":
        other["callback_query"]["data"] = "another:bot"
    elif kind == "pagerduty":
        other["event"]["agent"]["type"] = "integration_reference"
    else:
        other["source"]["type"] = "API"
    assert post(kind, other).status_code == 200
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_became_worse_after_somebody_looked_is_not_acknowledged(kind: str, server: UpstreamServer) -> None:
    """A card is pressed late, or a report comes late: its sender accepted something less."""
    receiver(kind, server)
    event = event_told()
    before = timezone.now() - timedelta(minutes=2)
    report = json.dumps(body(kind, event.pk, at=before + timedelta(seconds=30))).encode()
    tell(bump(event), "worse", now=timezone.now() - timedelta(minutes=1))
    for _ in range(2):
        said = post(kind, report).content.decode()
    assert "carried out before" in said and not Acknowledgement.objects.exists()
    assert "got worse after that" in AuditEntry.objects.get().what
    assert "has acknowledged" in post(kind, body(kind, event.pk, number=2)).content.decode()


def test_what_became_worse_in_the_second_of_the_card_is_not_acknowledged_by_a_press_on_it(
    server: UpstreamServer,
) -> None:
    """A card has the state that was read for it, which a transaction of the same second may change."""
    receiver("telegram", server)
    event = event_told()
    card = Alert.objects.filter(channel="my_telegram").latest("pk")
    sent = render_telegram(load_message(card, get_config(), timezone.now(), False), "-100200", answers=True)
    tell(bump(event), "worse", now=timezone.now())
    pressed = body("telegram", event.pk)
    pressed["callback_query"]["data"] = sent["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert "got worse after that" in post("telegram", pressed).json()["text"]
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize("did", ["acknowledged", "resolved"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_service_that_took_what_has_become_worse_is_told_to_page_anew(
    kind: str, did: str, server: UpstreamServer
) -> None:
    """It has the incident as somebody's, or as over, and stays quiet about what nobody knows."""
    if kind == "telegram" and did == "resolved":
        return
    receiver(kind, server)
    event = event_told()
    seen = timezone.now() - timedelta(seconds=30)
    tell(bump(event), "worse", now=timezone.now() - timedelta(seconds=10))
    worse = Alert.objects.filter(channel=f"my_{kind}", event=event).latest("pk")
    Alert.objects.filter(pk=worse.pk).update(state="sent", done_at=timezone.now())
    assert "got worse after that" in post(kind, body(kind, event.pk, at=seen, did=did)).content.decode()
    lines = Alert.objects.filter(event=None, state="pending")
    if kind == "telegram":
        assert not lines.exists()
        return
    (line,) = lines
    assert line.channel == f"my_{kind}"
    does = [step.does for step in paging_steps(load_message(line, get_config(), timezone.now(), False))]
    assert does == ["reopen", "trigger"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_of_an_earlier_life_says_nothing_of_this_one(kind: str, server: UpstreamServer) -> None:
    receiver(kind, server)
    event = event_told(life=2)
    post(kind, body(kind, event.pk, at=timezone.now() - timedelta(minutes=2)))
    assert not Acknowledgement.objects.exists() and "opened again" in AuditEntry.objects.get().what


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie"])
def test_what_is_given_back_there_is_given_back_here_unless_somebody_took_it_since(
    kind: str, server: UpstreamServer
) -> None:
    receiver(kind, server)
    event = event_told()
    long_ago = timezone.now() - timedelta(minutes=30)
    post(kind, body(kind, event.pk))
    post(kind, body(kind, event.pk, number=2, did="unacknowledged", at=long_ago))
    assert Acknowledgement.objects.filter(ended_at=None).exists()
    post(kind, body(kind, event.pk, number=3, did="unacknowledged"))
    assert not Acknowledgement.objects.filter(ended_at=None).exists()
    whats = [(entry.act, entry.where, entry.address) for entry in AuditEntry.objects.order_by("pk")]
    where = (f"{NAMES[kind]} in my_{kind}", "192.0.2.9")
    assert whats == [("acknowledged", *where), ("released", *where), ("released", *where)]
    # Its own service is right already: it hears the line, and nothing that pages.
    notices = Alert.objects.filter(channel=f"my_{kind}", event=None).values_list("detail", flat=True)
    assert {(len(row["notice"]["acknowledged"]), len(row["notice"]["released"])) for row in notices} == {(0, 0)}


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie"])
def test_acts_count_when_they_were_done_and_not_when_their_reports_arrive(kind: str, server: UpstreamServer) -> None:
    """Reports wait where we were away, and one that is tried again arrives after later ones. The odd ones take."""
    receiver(kind, server)
    for order in ((1, 2, 3), (2, 1), (1, 2, 3, 4), (2, 3, 4)):
        event = event_told()
        for number in order:
            at = timezone.now() - timedelta(minutes=10) + timedelta(seconds=number)
            did = "acknowledged" if number % 2 else "unacknowledged"
            report = body(kind, event.pk, number=event.pk * 10 + number, did=did, at=at)
            assert post(kind, report).status_code == 200
        stands = Acknowledgement.objects.filter(event=event.pk, ended_at=None).exists()
        assert (order, stands) == (order, max(order) % 2 == 1)
        assert AuditEntry.objects.filter(event=event.pk).count() == len(order)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_service_was_never_told_of_is_not_acknowledged_from_there(kind: str, server: UpstreamServer) -> None:
    """The incident of another installation on the same account has the same key; a press may be made up."""
    receiver(kind, server)
    event = event_told(category="hack")
    said = post(kind, body(kind, event.pk)).content.decode()
    assert "had no alert of" in said and not Acknowledgement.objects.exists()
    assert post(kind, body(kind, event_told().pk, number=2)).status_code == 200
    assert Acknowledgement.objects.get().event_id != event.pk


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("pagerduty", {"type": "service_reference", "summary": "Timeout"}),
        ("pagerduty", None),
        ("opsgenie", {"type": "System"}),
        ("opsgenie", {"type": "API", "name": "crypto-ews"}),
    ],
)
@pytest.mark.parametrize("did", ["acknowledged", "unacknowledged", "resolved"])
def test_what_no_person_did_changes_nothing(kind: str, change: Any, did: str, server: UpstreamServer) -> None:
    """Our own acts, come back; a timeout; a policy that closes by itself."""
    receiver(kind, server)
    report = body(kind, event_told().pk, did=did)
    if kind == "pagerduty":
        report["event"]["agent"] = change
    else:
        report["source"] = change
    assert post(kind, report).json()["done"].startswith("nothing")
    assert not AuditEntry.objects.exists()


def test_a_bot_has_one_webhook_for_all_its_receivers(server: UpstreamServer) -> None:
    receiver("telegram", server)
    second = AddedReceiver(name="second", kind="telegram", follows=["cex"], made_by="ann")
    second.set_secrets(SERVICES["telegram"].address(server).replace("-100200", "@Desk"), RETURN_SECRET)
    second.save()
    event = event_told()
    pressed = body("telegram", event.pk)
    pressed["callback_query"]["message"]["chat"] = {"id": -5, "username": "nobodys"}
    answer = post("telegram", pressed).json()
    assert answer["method"] == "answerCallbackQuery" and "no receiver" in answer["text"]
    # Names of chats have no case.
    pressed["callback_query"]["message"]["chat"] = {"id": -100300, "username": "desK"}
    assert "has acknowledged" in post("telegram", pressed).json()["text"]
    assert AuditEntry.objects.get().where == "Telegram in second"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("v1={good}", 200),
        ("v1={wrong}, v1={good}", 200),
        ("v1={good},v1={wrong}", 200),
        ("v0={good},v2={good}", 401),
        ("{good}", 401),
        ("v1={wrong}", 401),
        ("", 401),
        ("v1=é,,=,v1", 401),
    ],
)
def test_one_of_pagerdutys_signatures_must_fit_in_version_1(header: str, code: int, server: UpstreamServer) -> None:
    receiver("pagerduty", server)
    sent = json.dumps(body("pagerduty", event_told().pk)).encode()
    good = hmac.new(RETURN_SECRET.encode(), sent, hashlib.sha256).hexdigest()
    given = header.format(good=good, wrong="0" * 64)
    answer = Client().post("/hooks/my_pagerduty", sent, "application/json", headers={"X-PagerDuty-Signature": given})
    assert answer.status_code == code
    assert Acknowledgement.objects.exists() == (code == 200)


def test_guesses_are_limited_by_address_and_reports_by_channel(
    server: UpstreamServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver("telegram", server)
    good = body("telegram", event_told().pk)
    codes = [post("telegram", good, secret="wrong-secret-of-ours").status_code for _ in range(12)]
    assert codes == [401] * 10 + [429] * 2
    # Behind one proxy who guesses has the address of the service itself.
    assert post("telegram", good).status_code == 200
    views.minute.clear()
    monkeypatch.setattr(views, "REPORTS_A_MINUTE", 3)
    assert [post("telegram", good).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_only_a_post_within_the_size_is_read(server: UpstreamServer) -> None:
    receiver("telegram", server)
    assert Client().get("/hooks/my_telegram").status_code == 405
    assert post("telegram", b" " * (views.LARGEST + 1)).status_code == 413
    scope = {"type": "http", "method": "POST", "path": "/hooks/my_telegram", "headers": []}
    # In chunks, without a length.
    assert views.hook(ASGIRequest(scope, io.BytesIO(b" " * (views.LARGEST + 1))), "my_telegram").status_code == 413


def test_telegram_end_to_end_a_card_a_press_and_every_other_place_knows(server: UpstreamServer) -> None:
    """The card goes out, its button is pressed, and within two seconds the pager is acknowledged too."""
    for kind in KINDS:
        receiver(kind, server)
    event = event_told(seen_at=timezone.now(), opened_at=timezone.now(), updated_at=timezone.now())
    telegram, pagerduty = SERVICES["telegram"], SERVICES["pagerduty"]
    with running(Dispatcher(get_config())):
        (card,) = server.wait_for(1, telegram.path)
        server.wait_for(1, pagerduty.path)
        key = json.loads(card.body)["reply_markup"]["inline_keyboard"][0][0]
        pressed = body("telegram", event.pk)
        pressed["callback_query"]["data"] = key["callback_data"]
        time.sleep(1.1)
        started = time.monotonic()
        answer = post("telegram", pressed).json()
        assert answer["method"] == "answerCallbackQuery" and "has acknowledged" in answer["text"]
        _, acknowledged = server.wait_for(2, pagerduty.path)
        server.wait_for(1, "/v2/alerts/*/acknowledge")
        server.wait_for(2, telegram.path)
        assert time.monotonic() - started < 2
    sent = json.loads(acknowledged.body)
    assert (sent["event_action"], sent["dedup_key"]) == ("acknowledge", f"ews-event-{event.pk}")
    assert AuditEntry.objects.get().where == "Telegram in my_telegram"


def test_a_receiver_that_follows_nothing_gets_no_alert_of_its_own(server: UpstreamServer) -> None:
    receiver("pagerduty", server, follows=())
    event_told()
    assert set(Alert.objects.values_list("channel", flat=True)) == {"cex"}
    connection.close()

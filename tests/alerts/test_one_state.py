"""One state: what is acknowledged in one place is acknowledged in all of them within two seconds, and given back so.

The daemon's web server and its dispatcher in threads, all services on loopback over real connections.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from alerts.delivery.dispatcher import Dispatcher
from alerts.inbound import views
from alerts.models import AddedReceiver, AuditEntry
from api.models import Scope
from api.tokens.store import make_token
from crypto_ews.asgi import application
from events.models import Event
from tests.alerts.channels.services import RETURN_SECRET, SERVICES
from tests.alerts.conftest import Hooks, eventually, running
from tests.alerts.factories import bump, make_event, tell
from tests.alerts.test_inbound import body
from tests.support.web_server import serving
from tests.upstreams import UpstreamServer

pytestmark = pytest.mark.django_db(transaction=True)

WITHIN = 2.0
CHATS = ("telegram", "discord", "slack")
PAGERS = {"pagerduty": "/v2/enqueue", "opsgenie": "/v2/alerts*"}


class Everything:
    """A desk with Teams, three chats and two pagers, all of which have the card of one event."""

    def __init__(self, server: UpstreamServer, hooks: Hooks, url: str, client: httpx.Client, admin: Client) -> None:
        self.server, self.hooks, self.url, self.client, self.admin = server, hooks, url, client, admin
        for kind, service in SERVICES.items():
            service.listen(server)
            row = AddedReceiver(name=f"my_{kind}", kind=kind, follows=["cex"], made_by="ann")
            row.set_secrets(service.address(server), service.secret)
            row.save()
        now = timezone.now()
        self.event: Event = make_event(title="Exchange will remove LUNA", seen_at=now, opened_at=now, updated_at=now)
        tell(self.event, now=now)

    def until_all_have_the_card(self) -> None:
        for service in SERVICES.values():
            self.server.wait_for(1, service.path)
        self.hooks.wait_for(1, "cex")
        # A channel gets one message a second.
        time.sleep(1.1)

    def by_hook(self, kind: str, did: str = "acknowledged", number: int = 1) -> None:
        sent = json.dumps(body(kind, self.event.pk, did=did, number=number)).encode()
        signature = hmac.new(RETURN_SECRET.encode(), sent, hashlib.sha256).hexdigest()
        headers = {
            "X-Telegram-Bot-Api-Secret-Token": RETURN_SECRET,
            "X-PagerDuty-Signature": f"v1={signature}",
            "Authorization": f"Bearer {RETURN_SECRET}",
        }
        answer = httpx.post(f"{self.url}/hooks/my_{kind}", content=sent, headers=headers, trust_env=False)
        assert (answer.status_code == 200 and "acknowledged" in answer.text) or did != "acknowledged", answer.text

    def by_link(self) -> None:
        """As a person does: the link in the card, its form, the button."""
        (link,) = set(re.findall(r"/act/acknowledge[^\"\\ )]+", self.hooks.cards("cex")[0]))
        with httpx.Client(base_url=self.url, trust_env=False) as browser:
            page = browser.get(link)
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
            assert token, page.text
            typed = {"csrfmiddlewaretoken": token[1], "name": "Ann", "note": ""}
            assert "has acknowledged" in browser.post(link, data=typed, headers={"Referer": str(page.url)}).text

    def page(self, path: str) -> str:
        return self.admin.get(path).content.decode()

    def said(self, words: str) -> set[str]:
        """Where a line with these words has come."""
        found = {kind for kind in CHATS if any(words in str(sent) for sent in self._to(SERVICES[kind].path))}
        return found | ({"teams"} if any(words in card for card in self.hooks.cards("cex")) else set())

    def paged(self) -> dict[str, list[str]]:
        """What each pager was told of the event's incident."""
        key = f"ews-event-{self.event.pk}"
        pagerduty = [sent["event_action"] for sent in self._to("/v2/enqueue") if sent["dedup_key"] == key]
        paths = [request.path for request in self.server.requests_to("/v2/alerts*")]
        return {"pagerduty": pagerduty, "opsgenie": [path.rpartition("/")[2] for path in paths]}

    def _to(self, path: str) -> list[Any]:
        return [json.loads(request.body) for request in self.server.requests_to(path)]

    def shown(self, who: str) -> dict[str, bool]:
        """Whether each place shows that the event is acknowledged by somebody; "" for nobody."""
        at_api = self.client.get(f"/api/v1/events/{self.event.pk}").json()["event"]["acknowledged"]
        page, overview = self.page(f"/admin/events/event/{self.event.pk}/change/"), self.page("/admin/")
        return {
            "api": (at_api or {}).get("by", "").startswith(who) if who else at_api is None,
            "event page": bool(re.search(rf"acknowledged</span>\s*{who}", page)) == bool(who),
            "overview": (f"/admin/alerts/acknowledgement/of/{self.event.pk}/" in overview) != bool(who),
        }


@pytest.fixture
def url(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(application, monkeypatch) as base:
        yield base


@pytest.fixture
def reader(url: str) -> Iterator[httpx.Client]:
    token = make_token("bot", (Scope.READ,), timezone.now(), "test")
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
        yield client


@pytest.fixture
def everything(url: str, reader: httpx.Client, admin_client: Client) -> Iterator[Everything]:
    views.minute.clear()
    with UpstreamServer() as server:
        hooks = Hooks(server)
        made = Everything(server, hooks, url, reader, admin_client)
        with running(Dispatcher(hooks.config("cex"))):
            # The first look at a page compiles its template.
            assert set(made.shown("").values()) == {True}
            made.until_all_have_the_card()
            yield made
    views.minute.clear()


WAYS: dict[str, tuple[Callable[[Everything], None], str]] = {
    "pagerduty": (lambda desk: desk.by_hook("pagerduty"), "PagerDuty in my_pagerduty"),
    "opsgenie": (lambda desk: desk.by_hook("opsgenie"), "Opsgenie in my_opsgenie"),
    "telegram": (lambda desk: desk.by_hook("telegram"), "Telegram in my_telegram"),
    "link": (Everything.by_link, "card in cex"),
}


@pytest.mark.parametrize(
    "way", [way if way in ("pagerduty", "link") else pytest.param(way, marks=pytest.mark.long) for way in WAYS]
)
def test_acknowledged_anywhere_is_acknowledged_everywhere_within_two_seconds(everything: Everything, way: str) -> None:
    act, where = WAYS[way]
    others = {kind for kind in PAGERS if kind != way}
    started = time.monotonic()
    act(everything)
    eventually(lambda: everything.said("Acknowledged by Ann") == {*CHATS, "teams"}, "a line in every channel", WITHIN)
    eventually(
        lambda: all(everything.paged()[kind][-1] == "acknowledge" for kind in others), "the other pagers", WITHIN
    )
    shown = everything.shown("Ann")
    took = time.monotonic() - started
    assert set(shown.values()) == {True}, shown
    assert took < WITHIN
    print(f"acknowledged by {way}: everywhere after {took:.2f} s")
    entry = AuditEntry.objects.get(event=everything.event.pk)
    assert (entry.act, entry.where, entry.address, entry.event_id) == (
        "acknowledged", where, "127.0.0.1", everything.event.pk
    )  # fmt: skip
    assert entry.by.startswith("Ann")


@pytest.mark.parametrize("way", ["admin", pytest.param("opsgenie", marks=pytest.mark.long)])
def test_given_back_anywhere_pages_anew_everywhere_within_two_seconds(everything: Everything, way: str) -> None:
    everything.by_hook("telegram")
    eventually(lambda: everything.paged()["pagerduty"][-1:] == ["acknowledge"], "PagerDuty is told", WITHIN)
    eventually(lambda: everything.paged()["opsgenie"][-1:] == ["acknowledge"], "Opsgenie is told", WITHIN)
    time.sleep(1.1)
    started = time.monotonic()
    if way == "admin":
        answer = everything.admin.post(f"/admin/alerts/acknowledgement/of/{everything.event.pk}/release/")
        assert answer.status_code == 302
    else:
        everything.by_hook("opsgenie", "unacknowledged", 2)
    eventually(lambda: everything.said("Acknowledgement ended by") == {*CHATS, "teams"}, "a line everywhere", WITHIN)
    eventually(lambda: everything.paged()["pagerduty"][-2:] == ["resolve", "trigger"], "PagerDuty pages", WITHIN)
    if way == "admin":
        eventually(lambda: everything.paged()["opsgenie"][-2:] == ["unacknowledge", "alerts"], "Opsgenie pages", WITHIN)
    shown = everything.shown("")
    assert time.monotonic() - started < WITHIN
    assert set(shown.values()) == {True}, shown
    trigger = json.loads(everything.server.requests_to("/v2/enqueue")[-1].body)["payload"]
    assert trigger["severity"] != "info" and "LUNA" in trigger["summary"], "the whole card, not the line of the act"
    acts = [
        (entry.act, entry.where, entry.event_id)
        for entry in AuditEntry.objects.filter(event=everything.event.pk).order_by("pk")
    ]
    assert acts == [
        ("acknowledged", "Telegram in my_telegram", everything.event.pk),
        ("released", {"admin": "admin", "opsgenie": "Opsgenie in my_opsgenie"}[way], everything.event.pk),
    ]


@pytest.mark.long
def test_what_gets_worse_pages_anew_though_it_was_acknowledged_and_its_end_resolves(everything: Everything) -> None:
    steps: list[tuple[str, str]] = []

    def becomes(*more: tuple[str, str]) -> None:
        """Both pagers have been told this, after what they were told before."""
        steps.extend(more)
        wanted = {"pagerduty": [step for step, _ in steps], "opsgenie": [step for _, step in steps]}
        eventually(lambda: everything.paged() == wanted, f"{wanted}, not {everything.paged()}")

    def tells(reason: str) -> None:
        tell(bump(everything.event), reason, now=timezone.now())

    trigger, acknowledge = ("trigger", "alerts"), ("acknowledge", "acknowledge")
    becomes(trigger)
    everything.by_hook("telegram")
    becomes(acknowledge)
    tells("updated")
    becomes(acknowledge)
    tells("worse")
    becomes(("resolve", "unacknowledge"), trigger)
    tells("worse")
    becomes(trigger)
    everything.event.status, everything.event.closed_at = "closed", timezone.now()
    everything.event.save()
    tells("closed")
    becomes(("resolve", "close"))

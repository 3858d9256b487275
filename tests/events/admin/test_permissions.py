"""Who may do what: each kind of user at each address of the admin that shows, exports or does something."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.models import Acknowledgement, Alert, AuditEntry, Silence
from events.lifecycle import close_event
from events.models import Event, KeySuppression, QuarantinedItem, Review
from tests.events.admin.support import LIST, act_page, archived, open_event, page_of
from tests.exchanges.reviews.support import opened

pytestmark = pytest.mark.django_db

# Of each kind, what Django calls its permissions; a superuser has every one.
KINDS: dict[str, Any] = {
    "anonymous": None,
    "nobody": Q(pk=None),
    "viewer": Q(codename__startswith="view_"),
    "events": Q(codename__in=["view_event", "change_event"]),
    "alerts": Q(codename__in=["view_alert", "change_alert", "add_silence"]),
    "superuser": Q(pk__isnull=False),
}
STORED = (Event, KeySuppression, Silence, Acknowledgement, Alert, AuditEntry, LogEntry, Review, QuarantinedItem, User)


def pages() -> list[tuple[str, str, tuple[str, ...]]]:
    """(method, address, permissions of which one is needed, or all where they are written "a b")."""
    now = timezone.now()
    event, over = open_event("a"), open_event("b", tokens=("KDA",))
    close_event(over.pk, now, by="sam", reason="mistake")
    Alert.objects.update(state="dead")
    alert = Alert.objects.get(event=event)
    silence = Silence.objects.create(token="ETH", until=now + timedelta(hours=5), reason="known", made_by="ann")
    review = opened(now, text="FOO/USDT")
    item = QuarantinedItem.objects.create(
        source="x", item_key="k", title="Odd", error="no date", attempts=1, first_at=now, last_at=now
    )
    body = archived(b"{}").pk
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for model in admin.site._registry:
        app, name = model._meta.app_label, model._meta.model_name
        may_look = (f"{app}.view_{name}", f"{app}.change_{name}")
        found += [("GET", f"/admin/csv/{app}/{name}/", may_look), ("GET", f"/admin/{app}/{name}/", may_look)]
    for method in ("GET", "POST"):
        acts = [*((event, act) for act in ("correct", "close", "false-alarm", "unpin")), (over, "reopen")]
        found += [(method, act_page(one, act), ("events.change_event",)) for one, act in acts]
        found += [
            (method, f"{LIST}open-manual/", ("events.add_event",)),
            (method, "/admin/alerts/silence/add/", ("alerts.add_silence",)),
            (method, f"/admin/alerts/silence/{silence.pk}/delete/", ("alerts.delete_silence",)),
            (method, "/admin/api/apitoken/add/", ("superuser",)),
            (method, f"/admin/events/keysuppression/{KeySuppression.objects.get().pk}/delete/",
             ("events.delete_keysuppression",)),
            (method, "/admin/alerts/addedreceiver/add/", ("alerts.add_addedreceiver",)),
            (method, "/admin/auth/user/add/", ("auth.add_user",)),
        ]  # fmt: skip
    looked_at = ("alerts.view_silence", "alerts.change_silence")
    found += [
        ("GET", f"/admin/alerts/silence/{silence.pk}/change/", looked_at),
        ("POST", f"/admin/alerts/silence/{silence.pk}/change/", looked_at[1:]),
        ("POST", f"/admin/alerts/silence/of/{event.pk}/", ("alerts.add_silence",)),
        ("POST", f"/admin/alerts/acknowledgement/of/{event.pk}/", ("alerts.add_acknowledgement",)),
        ("POST", f"/admin/alerts/acknowledgement/of/{event.pk}/release/", ("alerts.add_acknowledgement",)),
        ("POST", f"/admin/alerts/alert/{alert.pk}/resend/", ("alerts.change_alert",)),
        ("GET", f"/admin/alerts/alert/{alert.pk}/preview/", ("alerts.view_alert",)),
        ("GET", f"/admin/alerts/alert/preview/{event.pk}/", ("alerts.view_alert",)),
        ("POST", "/admin/alerts/channelstate/cex/test/", ("alerts.change_channelstate",)),
        ("POST", f"/admin/events/review/{review.pk}/decide/", ("events.change_review",)),
        ("POST", f"/admin/events/review/{review.pk}/take-back/", ("events.change_review",)),
        ("GET", f"{LIST}payload/{body}/", ("events.view_payloadbody",)),
        ("GET", f"{LIST}payload/{body}/raw/", ("events.view_payloadbody",)),
        ("GET", page_of(event), ("events.view_event", "events.change_event")),
        # What an action on a list needs is that it is done at all: without it the list is shown.
        ("POST", f"/admin/alerts/silence/?end_now={silence.pk}", ("alerts.change_silence",)),
        ("POST", f"/admin/alerts/silence/?delete_selected={silence.pk}", ("alerts.delete_silence",)),
        ("POST", f"/admin/alerts/alert/?resend={alert.pk}", ("alerts.change_alert",)),
        ("POST", f"/admin/events/quarantineditem/?resolve={item.pk}", ("events.change_quarantineditem",)),
    ]
    return found


def stored() -> list[Any]:
    return [list(model._base_manager.order_by("pk").values()) for model in STORED]


def client_of(kind: str) -> Client:
    client = Client()
    if (permissions := KINDS[kind]) is not None:
        user = User.objects.create_user("kim", is_staff=True, is_superuser=kind == "superuser")
        user.user_permissions.set(Permission.objects.filter(permissions))
        client.force_login(user)
        User.objects.update(last_login=None)
    return client


# Of those who may do nothing, and of those who may do something, one is asked in the quick suite.
_IN_LONG = ("nobody", "alerts")


@pytest.mark.parametrize("kind", [pytest.param(k, marks=pytest.mark.long) if k in _IN_LONG else k for k in KINDS])
def test_each_kind_of_user_at_each_address(kind: str) -> None:
    asked, client = pages(), client_of(kind)
    may = set() if KINDS[kind] is None else User.objects.get(username="kim").get_all_permissions()
    may |= {"superuser"} if kind == "superuser" else set()
    before, wrong = stored(), []
    for method, address, needs in asked:
        if may.intersection(needs):
            continue
        answer = send(client, method, address)
        refused = answer.status_code == 403 or (answer.status_code in (200, 302) and "?" in address)
        if kind == "anonymous":
            refused = answer.status_code == 302 and answer["Location"].startswith(reverse("admin:login"))
        wrong += [] if refused else [f"{method} {address}: {answer.status_code}, expected a refusal"]
    assert stored() == before, "nothing is saved where somebody is refused"
    # Lists as people see them have tests of their own, and so has what each act does.
    mine = [row for row in asked if may.intersection(row[2]) and (row[0] == "POST" or "/admin/csv/" in row[1])]
    for method, address, _ in mine if kind != "superuser" else []:
        answer = send(client, method, address)
        wrong += [] if answer.status_code in (200, 302) else [f"{method} {address}: {answer.status_code}"]
    assert wrong == [], "\n".join(wrong)


def send(client: Client, method: str, address: str) -> Any:
    """address: with "?action=row" for an action on a list."""
    path, _, chosen = address.partition("?")
    action, _, row = chosen.partition("=")
    form = {"action": action, "_selected_action": [row], "post": "yes"} if action else {}
    return client.get(path) if method == "GET" else client.post(path, form)

"""What tests of the admin share: events as sources tell them, archived bodies, staff with single permissions."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.lifecycle import record
from events.models import Event, PayloadBody, PayloadPoll, plain_events

LIST = "/admin/events/event/"


def draft(key: str = "abc", *, tokens: tuple[str, ...] = ("LUNA",), **changes: Any) -> EventDraft:
    """A removal of coins from Binance, a day and three hours from now."""
    ends = timezone.now() + timedelta(hours=27)
    fields: dict[str, Any] = {
        "source": "binance",
        "category": "delisting",
        "natural_key": f"binance:{key}",
        "title": f"Binance Will Delist {' '.join(tokens)} ({key})",
        "effects": tuple(
            EffectDraft(
                token=token,
                scope="venue",
                venue="BINANCE",
                tickers=(f"BINANCE:{token}USDT",),
                trading_ends_at=ends,
            )
            for token in tokens
        ),
        "important_dates": (ImportantDate(ends, "trading stops", ("BINANCE:LUNAUSDT",)),),
        "published_at": timezone.now(),
    }
    return EventDraft(**{**fields, **changes})


def open_event(key: str = "abc", *, now: datetime | None = None, **changes: Any) -> Event:
    outcome = record(draft(key, **changes), now or timezone.now())
    assert outcome.event is not None, outcome.reason
    return plain_events().get(pk=outcome.event.pk)


def page_of(event: Event) -> str:
    return f"{LIST}{event.pk}/change/"


def act_page(event: Event, name: str) -> str:
    return f"{LIST}{event.pk}/act/{name}/"


def staff(*permissions: str, **options: Any) -> Client:
    """A logged-in member of staff who may do just this (`app.codename`)."""
    user = User.objects.create_user(username="sam", is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client(**options)
    client.force_login(user)
    return client


def while_it_changes(event: Event, act: Callable[[], Any]) -> Any:
    """What an act answers that comes while a source's change of its event is not committed yet."""
    with ThreadPoolExecutor(1) as beside:
        with transaction.atomic():
            plain_events().filter(pk=event.pk).update(revision=event.revision + 1, title="It got worse")

            def acting() -> Any:
                try:
                    return act()
                finally:
                    connection.close()

            answer = beside.submit(acting)
            for _ in range(500):
                with connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    if cursor.fetchone()[0] or answer.done():
                        break
                time.sleep(0.01)
        return answer.result(10)


def archived(body: bytes) -> PayloadBody:
    """A body that one poll brought."""
    compressed, now = zlib.compress(body), timezone.now()
    kept = PayloadBody.objects.create(
        sha256=sha256(body).hexdigest(),
        compressed=compressed,
        size=len(body),
        stored_size=len(compressed),
        first_seen_at=now,
    )
    PayloadPoll.objects.create(
        source="binance.announcements", url="https://upstream.test/list", received_at=now, status=200, body=kept
    )
    return kept


def confirm(client: Client, url: str, form: dict[str, Any], **options: Any) -> Any:
    """Send a form, look at what it would do, and confirm that; the refusal where it is refused."""
    shown = client.post(url, form, **options)
    sent = shown.context["form"]["confirmed"].value() if shown.status_code == 200 and shown.context else ""
    return client.post(url, {**form, "confirmed": sent}, **options) if sent else shown


def assert_only_pressed(client: Client, address: str) -> None:
    """Who comes by GET to where a button leads, as after a login in between, is told on the page of the button."""
    page = client.get(address, follow=True)
    assert page.status_code == 200 and "Nothing was done. Press the button again." in page.content.decode()

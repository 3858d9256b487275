"""Events and alerts as rows, made directly: these tests are about what becomes of them afterwards."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from alerts.models import Alert
from alerts.policy import queue_alerts
from crypto_ews.conf import Config, parse_config
from events.enums import OutcomeKind
from events.models import Effect, Event
from events.outcomes import Outcome

NOW = datetime(2026, 10, 2, 8, 0, tzinfo=UTC)
_numbers = itertools.count(1)


class Clock:
    """A clock that moves only on request."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


def make_config(**variables: str) -> Config:
    return parse_config({"SPOT_CURRENCIES": "LUNA BTC", "USDM_CURRENCIES": "LUNA", **variables})


def make_event(category: str = "delisting", *, tokens: tuple[str, ...] = ("LUNA",), **fields: Any) -> Event:
    """An open high-priority event with a venue effect per token."""
    number = next(_numbers)
    event = Event.objects.create(
        **{
            "source": "binance",
            "category": category,
            "priority": "high",
            "natural_key": f"test:{number}",
            "title": f"Notice {number}",
            "seen_at": NOW,
            "opened_at": NOW,
            "updated_at": NOW,
            **fields,
        }
    )
    for token in tokens:
        make_effect(event, token)
    return event


def make_effect(event: Event, token: str, **fields: Any) -> Effect:
    return Effect.objects.create(
        **{
            "event": event,
            "token": token,
            "scope": "venue",
            "venue": "BINANCE",
            "tickers": [f"BINANCE:{token}USDT"],
            "action": "reduce_only",
            "trading_status": "delisting",
            **fields,
        }
    )


def unsaved_event(**fields: Any) -> Event:
    """For pure tests, which have no database."""
    return Event(
        **{
            "pk": 7,
            "source": "binance",
            "category": "delisting",
            "priority": "high",
            "status": "open",
            "title": "A notice",
            "url": "https://exchange.example/notice/7",
            "seen_at": NOW,
            "opened_at": NOW,
            "updated_at": NOW,
            **fields,
        }
    )


def unsaved_effect(token: str = "LUNA", **fields: Any) -> Effect:
    return Effect(
        **{
            "token": token,
            "scope": "venue",
            "venue": "BINANCE",
            "tickers": [f"BINANCE:{token}USDT"],
            "action": "reduce_only",
            "trading_status": "delisting",
            "risk_level": "high",
            **fields,
        }
    )


def tell(event: Event, reason: str = "opened", now: datetime = NOW, changes: Any = None) -> Any:
    """Pass an outcome to the policy in a transaction, as the lifecycle does. The Alert that it queued, or None."""
    known = set(Alert.objects.values_list("pk", flat=True))
    with transaction.atomic():
        queue_alerts(Outcome(OutcomeKind.OPENED, "test", event, reason, changes), now)
    return Alert.objects.exclude(pk__in=known).first()


def bump(event: Event) -> Event:
    """The event's next revision."""
    event.revision += 1
    event.save(update_fields=["revision"])
    return event

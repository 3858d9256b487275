"""Many open events at once, as rows of the tables: what a very bad day leaves behind."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.contenttypes.models import ContentType

from events.models import Effect, Event

_KINDS = (("delisting", "exit"), ("wallet_suspension", "reduce_only"), ("volatility", "watch"), ("depeg", "halt"))


def fill(count: int, now: datetime, tokens: int = 700) -> None:
    """Open events of high priority, each on one of so many coins."""
    kind = ContentType.objects.get_for_model(Event)
    events = [
        Event(
            source="binance",
            category=_KINDS[number % 4][0],
            priority="high",
            natural_key=f"world:{number}",
            title=f"Notice {number} on COIN{number % tokens}",
            seen_at=now,
            opened_at=now - timedelta(minutes=number),
            updated_at=now,
            important_dates=[],
            facts={},
            polymorphic_ctype=kind,
        )
        for number in range(count)
    ]
    for event in events:
        event.save()
    Effect.objects.bulk_create(
        Effect(
            event=event,
            token=f"COIN{number % tokens}",
            scope="venue",
            venue=("BINANCE", "OKX")[number % 2],
            tickers=[f"BINANCE:COIN{number % tokens}USDT"],
            action=_KINDS[number % 4][1],
            trading_status="delisting",
            trading_ends_at=now + timedelta(hours=number % 40 + 1),
        )
        for number, event in enumerate(events)
    )

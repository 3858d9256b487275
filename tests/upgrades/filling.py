"""Fills every table of the current schema, so that a dump of it has a row of everything that a release may hold.

It reads the models instead of naming their fields, so that the next release's tables are filled without a change here:
an event of every kind and category, a row for every value of every vocabulary (the alerts in each of their states among
them), at least one row of every table.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction

from events import registry
from events.database.partitions import DAY, make_partitions
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Action, Category, Priority, Scope
from events.lifecycle import close_event, correct_event, open_manual_event, record
from events.models import Event
from events.upstream import archive
from events.upstream.client import Payload
from markets.models import Instrument
from volatility.baseline import save_minute

_numbers = itertools.count(1)
# (venue, exchange, symbol, base, quote, contract type, status, live, days until it ends)
_INSTRUMENTS = (
    ("BINANCE", "BTCUSDT", "BTC", "USDT", "", "TRADING", True, None),
    ("BINANCE", "ETHUSDC", "ETH", "USDC", "", "TRADING", True, None),
    ("BINANCE", "BTCRON", "BTC", "RON", "", "BREAK", False, None),
    ("BINANCE", "1000SATSUSDT", "1000SATS", "USDT", "", "TRADING", True, None),
    ("BINANCE_USDM", "1000SHIBUSDT", "1000SHIB", "USDT", "PERPETUAL", "TRADING", True, 3),
    ("BINANCE_USDM", "BTCUSDT_261225", "BTC", "USDT", "CURRENT_QUARTER", "TRADING", True, 30),
    ("BINANCE_COINM", "BTCUSD_PERP", "BTC", "USD", "PERPETUAL", "TRADING", True, None),
    ("OKX", "BTC-USDT", "BTC", "USDT", "SPOT", "live", True, None),
    ("OKX", "DOGE-USDT-SWAP", "DOGE", "USDT", "SWAP", "live", True, None),
    ("OKX", "LUNA-USDT", "LUNA", "USDT", "SPOT", "suspend", False, None),
    ("KRAKEN", "XXBTZUSD", "XXBT", "ZUSD", "", "online", True, None),
)


@dataclass
class Filled:
    """What was made: rows per table, and vocabulary that no row could take (a constraint wants more of it)."""

    rows: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def empty(self) -> list[str]:
        return [name for name, count in self.rows.items() if not count]


def _partitioned() -> list[str]:
    """The tables that have a partition a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'p' AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def fill_everything(now: datetime) -> Filled:
    """A row of everything, as of `now`. The database has its migrations and its reference data, and nothing else."""
    filled = Filled()
    _fill_people(now)
    _fill_instruments(now)
    _fill_events(now)
    _fill_archive(now)
    for day in (now - DAY, now):
        for table in _partitioned():
            make_partitions(table, [day.date()])
    _fill_vocabularies(now, filled)
    for model in our_models():
        if not model._default_manager.exists():
            _make(model, now)
    filled.rows = {model._meta.db_table: model._default_manager.count() for model in our_models()}
    return filled


def our_models() -> list[type[models.Model]]:
    """Every model with a table, those of Django's own apps too, because they migrate as well."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def _fill_people(now: datetime) -> None:
    user = get_user_model().objects.create(username="admin", is_staff=True, is_superuser=True, date_joined=now)
    user.set_unusable_password()
    user.save()


def _fill_instruments(now: datetime) -> None:
    for venue, symbol, base, quote, contract, status, live, days in _INSTRUMENTS:
        token = {"1000SHIB": "SHIB", "XXBT": "BTC"}.get(base, base)
        Instrument.objects.create(
            venue=venue,
            symbol=symbol,
            base=base,
            quote=quote,
            token=token,
            multiplier=Decimal(1000 if base == "1000SHIB" else 1),
            contract_type=contract,
            status=status,
            live=live,
            ends_at=None if days is None else now + timedelta(days=days),
            since=now - timedelta(days=400),
            first_seen_at=now - timedelta(days=400),
            last_seen_at=now,
        )


def _fill_archive(now: datetime) -> None:
    """What is kept as bytes is written by the code that reads it again."""
    body = b'[{"symbol": "BTCUSDT", "status": "TRADING"}]'
    url = "https://exchange.example/instruments"
    archive.store(Payload("binance.instruments", url, 200, {}, body, now - timedelta(hours=1), 0.25, 0.0))
    for minutes in (2, 1):
        at = now - timedelta(minutes=minutes)
        save_minute(at, ["BINANCE:BTCUSDT", "OKX:ETH-USDT"], np.array([91_000.5, 2_950.25]), {})


def _fill_events(now: datetime) -> None:
    """Of every kind and every category: open and high, open and low, closed. Then what admins do to events."""
    kinds = registered_kinds()
    opened = [
        _record(_draft(kind, category, priority, number, now), now - timedelta(days=2))
        for number, (kind, category) in enumerate(_kinds_and_categories(kinds))
        for priority in (Priority.HIGH, Priority.LOW)
    ]
    opened += [
        _record(_draft("", category, Priority.HIGH, number, now), now - timedelta(days=2))
        for number, category in enumerate(Category.values, start=100)
    ]
    ended = [event for event in opened if event.category == Category.RISK_WARNING]
    for event in ended:
        draft = _draft("", event.category, event.priority, 0, now)
        changed = {"natural_key": event.natural_key, "state": "closed", "close_reason": "it is over"}
        record(EventDraft(**{**vars(draft), **changed}), now - timedelta(days=1))
    whole = [event for event in opened if event.category == Category.DELISTING]
    correct_event(whole[0].pk, now, by="admin", fields={"title": "Corrected by hand"})
    correct_event(whole[0].pk, now, by="admin", fields={}, effects={_token(whole[0]): {"action": Action.EXIT}})
    close_event(whole[1].pk, now, by="admin", reason="a mistake", false_alarm=True)
    open_manual_event(now, by="admin", tokens=["DOGE"], title="Block DOGE", action=Action.HALT, venues=["OKX"])
    open_manual_event(now, by="admin", tokens=["ETH", "BTC"], title="Take care", valid_until=now + timedelta(days=7))


def registered_kinds() -> Mapping[str, type[Event]]:
    return {
        registry.kind_of(model): model for model in apps.get_models() if issubclass(model, Event) and model != Event
    }


def _kinds_and_categories(kinds: Mapping[str, type[Event]]) -> Iterator[tuple[str, str]]:
    """Each kind with a category of its own name where there is one, the others with all that announcements have."""
    for kind in kinds:
        if kind.endswith("_announcement"):
            yield from ((kind, category) for category in ("delisting", "hard_fork", "trading_suspension"))
        else:
            named = [category for category in Category.values if category in kind or kind in category]
            yield kind, named[0] if named else Category.DELISTING.value


def _draft(kind: str, category: str, priority: str, number: int, now: datetime) -> EventDraft:
    """Effects of every scope, on two venues, with dates that lie behind, close by, and ahead."""
    token = f"TOK{number}"
    hours = (-3.0, 5.0, 90.0)[number % 3]
    ends = now + timedelta(hours=hours)
    model = registry.event_model(kind) if kind else None
    extra = {} if model is None else dict(_own_values(model, now))
    return EventDraft(
        source="binance" if number % 2 else "okx",
        category=category,
        natural_key=f"release:{kind}:{category}:{priority}:{number}",
        title=f"Notice {number} of {token} – “quoted”, ünïcode, 100 %",
        kind=kind,
        priority=priority,
        url=f"https://exchange.example/notice/{number}",
        network_tokens=("ETH",),
        important_dates=(ImportantDate(ends, "trading ends", (f"BINANCE:{token}USDT",)),),
        valid_until=None if number % 2 else now + timedelta(days=30),
        published_at=now - timedelta(days=2),
        seen_at=now - timedelta(days=2),
        facts={"amount": 1.5, "windows": ["1h"], "worst_deviation": -0.03, "note": None},
        extra=extra,
        effects=(
            EffectDraft(token, Scope.ASSET, "", (f"BINANCE:{token}USDT", f"OKX:{token}-USDT")),
            EffectDraft(token, Scope.VENUE, "BINANCE", (f"BINANCE:{token}USDT",), trading_ends_at=ends),
            EffectDraft("BTC", Scope.PAIRS, "BINANCE", (f"BINANCE:BTC{token}",), in_force_at=ends),
            EffectDraft(f"{token}X", Scope.VENUE, "OKX", (), action=Action.values[number % len(Action.values)]),
        ),
    )


def _record(draft: EventDraft, now: datetime) -> Event:
    outcome = record(draft, now)
    assert outcome.event is not None, outcome
    return outcome.event


def _token(event: Event) -> str:
    return str(event.effects.order_by("id").values_list("token", flat=True)[0])


def _fill_vocabularies(now: datetime, filled: Filled) -> None:
    """One row, at least, for each value of each field with choices."""
    for model in our_models():
        for one in model._meta.local_concrete_fields:
            choices = [value for value, _label in one.flatchoices if value != ""]
            present = set(model._base_manager.values_list(one.attname, flat=True)) if choices else set()
            for value in choices:
                if value in present:
                    continue
                try:
                    with transaction.atomic():
                        _make(model, now, **{one.attname: value})
                except DatabaseError as error:
                    filled.left_out.append(f"{model._meta.label}.{one.name} = {value}: {str(error).splitlines()[0]}")


def _make(model: type[models.Model], now: datetime, **values: Any) -> models.Model:
    """A row with a plausible value in every field of its model, and of the models that it inherits from."""
    wanted = dict(values)
    for one in model._meta.concrete_fields:
        if one.attname not in wanted and one.name not in wanted and not _filled_by_itself(one):
            wanted[one.attname] = _value(one, now)
    if issubclass(model, Event) and wanted.get("status") == "closed":
        wanted["closed_at"] = now
    if model._meta.app_label == "axes":
        # Nothing writes its tables here, as attempts are counted in a cache, whose handler cannot take its signals.
        return model._base_manager.bulk_create([model(**wanted)])[0]
    return model._base_manager.create(**wanted)


def _own_values(model: type[models.Model], now: datetime) -> list[tuple[str, Any]]:
    fields = [one for one in model._meta.local_concrete_fields if not _filled_by_itself(one)]
    return [(one.attname, _value(one, now)) for one in fields]


def _filled_by_itself(one: models.Field[Any, Any]) -> bool:
    if isinstance(one, models.AutoField | models.BigAutoField) or getattr(one.remote_field, "parent_link", False):
        return True
    return bool(getattr(one, "auto_now", False) or getattr(one, "auto_now_add", False))


def _value(one: models.Field[Any, Any], now: datetime) -> Any:
    number = next(_numbers)
    target = one.related_model
    if target is not None:
        return _related(one, target, now)
    if one.choices:
        return random.Random(number).choice([value for value, _label in one.flatchoices if value != ""])
    if one.has_default() and not one.unique:
        return one.get_default()
    if isinstance(one, ArrayField) and one.base_field.choices:
        # The first of its vocabulary, once: others may exclude each other.
        return [one.base_field.flatchoices[0][0]]
    if isinstance(one, ArrayField):
        return [_value(one.base_field, now) for _ in range(2)]
    samples: Sequence[tuple[type[models.Field[Any, Any]], Any]] = (
        (models.JSONField, {"number": number}),
        (models.BooleanField, True),
        (models.DateTimeField, now - timedelta(minutes=number)),
        (models.DateField, date(2026, 10, 1) - timedelta(days=number)),
        (models.DecimalField, Decimal(number)),
        (models.FloatField, float(number)),
        (models.IntegerField, number),
        (models.BinaryField, f"bytes {number}".encode()),
        (models.GenericIPAddressField, "192.0.2.1"),
        (models.CharField, f"{one.name} {number}"[: one.max_length or 200]),
        (models.TextField, f"{one.name} {number}"),
    )
    for kind, sample in samples:
        if isinstance(one, kind):
            return sample
    raise TypeError(
        f"{one.model._meta.label}.{one.name}: a {type(one).__name__} is not known here; add a sample for it"
    )


def _related(one: models.Field[Any, Any], target: Any, now: datetime) -> Any:
    """Of a row that is there; a new one where each may be taken once; none where it may be absent and none is there."""
    rows = target._base_manager.all()
    if one.unique:
        rows = rows.exclude(pk__in=one.model._base_manager.values_list(one.attname, flat=True))
    found = rows.order_by("pk").values_list("pk", flat=True).first()
    if found is None and not one.null:
        found = _make(target, now).pk
    return found

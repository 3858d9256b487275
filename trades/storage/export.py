"""Which minutes and bars are exported, a day at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import models
from django.db.models import Max, Min

from events.database.export import Columns, bound, export_rows, selected
from trades.models import FiveMinuteBar, HourBar, MinuteBar, TradedInstrument

MODELS: dict[str, tuple[type[models.Model], str]] = {
    "minutes": (MinuteBar, "minute"),
    "5m": (FiveMinuteBar, "open_at"),
    "1h": (HourBar, "open_at"),
}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class TradeSelection:
    """Rows of `what` from `start` (included) to `end` (not included); no venues or symbols: all of them."""

    what: str
    start: datetime
    end: datetime
    venues: Sequence[str] = ()
    symbols: Sequence[str] = ()
    complete_only: bool = False


def export_trades(selection: TradeSelection, file: Path) -> int:
    """Write the rows, by pair and time within each day; how many. Raises ExportError.

    Prices and volumes are texts, as exact as they are stored.
    """
    return export_rows(_columns(selection.what), _days(selection), file)


def _columns(what: str) -> Columns:
    names = {field.attname: field for field in TradedInstrument._meta.concrete_fields if field.attname != "id"}
    fields = MODELS[what][0]._meta.concrete_fields
    return names | {field.attname: field for field in fields if field.attname not in ("pk", "instrument_id")}


def _days(selection: TradeSelection) -> Iterator[str]:
    model, column = MODELS[selection.what]
    known = model._default_manager.filter(
        **{f"{column}__gte": selection.start, f"{column}__lt": selection.end}
    ).aggregate(first=Min(column), last=Max(column))
    if known["first"] is None:
        return
    start = known["first"].astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while start <= known["last"]:
        yield _query(selection, max(start, selection.start), min(start + _DAY, selection.end))
        start += _DAY


def _query(selection: TradeSelection, start: datetime, end: datetime) -> str:
    model, column = MODELS[selection.what]
    conditions, parameters = [f"{column} >= %s", f"{column} < %s"], [start, end]
    for name, chosen in (("venue", selection.venues), ("symbol", selection.symbols)):
        if chosen:
            conditions.append(f"{name} = ANY(%s)")
            parameters.append(list(chosen))  # type: ignore[arg-type]
    if selection.complete_only:
        conditions.append("complete")
    return bound(
        f'SELECT {selected(_columns(selection.what))} FROM "{model._meta.db_table}" AS row'
        f' JOIN "{TradedInstrument._meta.db_table}" AS instrument ON instrument.id = row.instrument_id'
        f" WHERE {' AND '.join(conditions)} ORDER BY venue, symbol, {column}",
        parameters,
    )

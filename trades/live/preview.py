"""How often an event key would have fired in the last 28 days, from the stored rows of the tracker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from trades.volume.keys import HALF, EventKey
from trades.volume.observations import spans

DAYS = 28
_SECONDS = 20
# The rank of a minute is that of the benchmark of the day before; a day ends 30 seconds before midnight.
_FIRES = """
SELECT t.instrument_id, (extract(epoch FROM t.at) * 1000)::bigint
FROM trades_trackerrow t
JOIN trades_volumeday d
  ON d.instrument_id = t.instrument_id AND d.day = ((t.at + interval '30 s') AT TIME ZONE 'UTC')::date - 1
WHERE t.at > %(since)s AND t.at <= %(now)s AND d.rank <= %(rank)s AND t.vol_{window}m >= %(times)s {share}
ORDER BY 1, 2
"""


class Preview(NamedTuple):
    """fires: minutes at which it would have fired. opened: observations that they would have made. instruments: with a
    fire. first: the earliest row that was looked at, None where none is stored."""

    fires: int
    opened: int
    instruments: int
    first: datetime | None

    def __str__(self) -> str:
        if self.first is None:
            return "Nothing is known of the last 28 days yet: no row of the tracker is stored."
        return (
            f"It would have fired {self.fires:,} times in the last {DAYS} days (rows since {self.first:%d %b %Y %H:%M} "
            f"UTC): {self.opened:,} observations on {self.instruments:,} instruments."
        )


def preview(key: EventKey, now: datetime) -> Preview:
    """Raises DatabaseError, also where it takes longer than 20 s."""
    since = now - timedelta(days=DAYS)
    share = ""
    if key.share:
        share = f"AND t.buy_vol_{key.share_window}m {'>=' if key.share > HALF else '<='} %(share)s"
    values: dict[str, datetime | float | int] = {
        "since": since,
        "now": now,
        "rank": key.rank,
        "times": float(key.times),
        "share": float(key.share),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{_SECONDS}s'")
        cursor.execute("SELECT min(at) FROM trades_trackerrow WHERE at > %s AND at <= %s", [since, now])
        ((first,),) = cursor.fetchall()
        cursor.execute(_FIRES.format(window=key.window, share=share), values)
        found: dict[int, list[int]] = {}
        for number, at in cursor.fetchall():
            found.setdefault(number, []).append(at)
    opened = sum(sum(1 for _ in spans(times, key.timeframe)) for times in found.values())
    return Preview(sum(map(len, found.values())), opened, len(found), first)

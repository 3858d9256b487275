"""Keeps the table of Binance's instruments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from crypto_ews.conf import Config
from events import quarantine
from events.errors import SchemaDrift, UpstreamError
from events.registry import Outcome
from events.updater import Cycle, EventUpdater, Fetcher, Stopping
from exchanges.binance_instruments import instrument_lists, parse_exchange_info
from markets.instruments import store_instruments
from markets.knowledge import GONE, InstrumentRow
from markets.models import Instrument

# A list that lost more than this share of its rows is a broken payload, not a mass delisting.
_BROKEN_SHARE = 0.1


class BinanceInstrumentUpdater(EventUpdater):
    """Spot, USD-M and COIN-M; a market that cannot be read leaves the others as they are."""

    name = "binance.instruments"

    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        # Megabytes that change a few times a day: once a minute is enough for what announcements need.
        self.interval_seconds = max(60.0, config.update_refresh_minutes * 60)

    def cycle(self) -> Cycle:
        cycle = Cycle()
        lists: dict[str, Sequence[InstrumentRow]] = {}
        for wanted in instrument_lists(self.config):
            try:
                payload = self.fetch(wanted.source, wanted.url)
                rows, bad_rows = parse_exchange_info(payload, wanted.venue)
                check_not_broken(wanted.source, wanted.venue, rows)
            except Stopping:
                raise
            except UpstreamError as error:
                cycle.failures.append(error)
                continue
            for bad in bad_rows:
                quarantine.put_aside(
                    self.name,
                    bad.key,
                    self.now(),
                    title=wanted.venue,
                    error=bad.error,
                    excerpt=bad.excerpt,
                    payload=self.fetcher.last_digest,
                )
            lists[wanted.venue] = rows
            cycle.items += len(rows)
        if not lists:
            raise cycle.failures[0]

        def settle(_outcomes: Sequence[Outcome]) -> None:
            for venue, rows in lists.items():
                store_instruments(venue, rows, self.now())

        cycle.settle = settle
        return cycle


def check_not_broken(source: str, venue: str, rows: Sequence[InstrumentRow]) -> None:
    """Raises SchemaDrift where more than a tenth of the listed instruments is suddenly missing."""
    known = set(Instrument.objects.filter(venue=venue).exclude(status=GONE).values_list("symbol", flat=True))
    missing = known - {row.symbol for row in rows}
    if len(missing) > len(known) * _BROKEN_SHARE and len(missing) > 1:
        expected = f"most of the {len(known)} instruments known on {venue}"
        raise SchemaDrift(source, "symbols", expected, f"{len(missing)} of them missing")

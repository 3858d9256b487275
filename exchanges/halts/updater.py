"""Records outages and maintenance from the system status of Binance and OKX."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from crypto_ews.conf import Config
from events.protocols import Fetcher
from events.sources import quarantine
from events.sources.absence import Patience, gone_for_good
from events.sources.content import ContentRule
from events.updater import Cycle, EventUpdater
from exchanges.content import status
from exchanges.halts.maintenance import detect_maintenance, detect_outage, vanished
from exchanges.halts.system_status import parse_binance_status, parse_okx_status
from exchanges.open_events import open_drafts
from markets.instruments import load_knowledge
from markets.watch_store import effective_watch_lists

# The list is short and read each half minute: a maintenance that is missing for two minutes is over.
_PATIENCE = Patience(at_least=timedelta(minutes=2))


class _StatusUpdater(EventUpdater):
    def __init__(self, config: Config, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        super().__init__(config, fetcher, now)
        self.interval_seconds = config.update_refresh_minutes * 60

    def content(self) -> ContentRule:
        return status(self.name.partition(".")[0])


class BinanceStatusUpdater(_StatusUpdater):
    """Whether Binance is in maintenance."""

    name = "binance.status"

    def cycle(self) -> Cycle:
        payload = self.fetch(self.name, self.config.binance_system_status_url)
        in_maintenance = parse_binance_status(payload)
        self.saw("")
        now = self.now()
        knowledge = load_knowledge(at=now)
        watch = effective_watch_lists(self.config, now)
        drafts = detect_outage("binance", in_maintenance, open_drafts("binance"), knowledge, watch, now)
        return Cycle(items=1, drafts=drafts)


class OkxStatusUpdater(_StatusUpdater):
    """OKX's maintenances, planned and ongoing."""

    name = "okx.status"

    def cycle(self) -> Cycle:
        now = self.now()
        url = self.config.okx_base_trading_url.rstrip("/") + "/api/v5/system/status"
        payload = self.fetch(self.name, url)
        found, bad_rows = parse_okx_status(payload)
        self.saw("")
        for bad in bad_rows:
            quarantine.quarantine_item(
                self.name,
                bad.key,
                now,
                title="a maintenance",
                error=bad.error,
                excerpt=bad.excerpt,
                payload=payload.archived_as,
            )
        knowledge = load_knowledge(at=now)
        watch = effective_watch_lists(self.config, now)
        open_events = open_drafts("okx")
        unread = " ".join(bad.excerpt for bad in bad_rows)
        missing = [key for key, title in vanished("okx", found, open_events, now).items() if title not in unread]
        gone = gone_for_good(self.name, missing, now, _PATIENCE)
        drafts = detect_maintenance("okx", found, open_events, knowledge, watch, now, gone)
        return Cycle(items=len(found), drafts=drafts)

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig

from events import registry

if TYPE_CHECKING:
    from crypto_ews.conf import Config
    from events.updater import EventUpdater, Fetcher


class ExchangesConfig(AppConfig):
    name = "exchanges"
    verbose_name = "Exchanges"

    def ready(self) -> None:
        from exchanges.binance import BinanceSite
        from exchanges.instrument_updater import BinanceInstrumentUpdater
        from exchanges.models import BinanceAnnouncement
        from exchanges.updaters import AnnouncementUpdater, EditUpdater

        def announcements(config: "Config", fetcher: "Fetcher", now: Callable[[], datetime]) -> "EventUpdater":
            return AnnouncementUpdater(BinanceSite(config), config, fetcher, now)

        def edits(config: "Config", fetcher: "Fetcher", now: Callable[[], datetime]) -> "EventUpdater":
            return EditUpdater(BinanceSite(config), config, fetcher, now)

        registry.register_kind("binance_announcement", BinanceAnnouncement)
        # Instruments first: with --once the announcements are judged by them.
        registry.register_updater(BinanceInstrumentUpdater.name, BinanceInstrumentUpdater)
        registry.register_updater("binance.announcements", announcements)
        registry.register_updater("binance.edits", edits)

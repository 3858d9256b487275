from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.module_loading import import_string

from events import registry

if TYPE_CHECKING:
    from crypto_ews.conf import Config
    from events.updater import EventUpdater, Fetcher

# A further exchange's instruments are one module, and its line here.
INSTRUMENT_UPDATERS = (
    "exchanges.binance_instruments.BinanceInstrumentUpdater",
    "exchanges.okx_instruments.OkxInstrumentUpdater",
    "exchanges.kraken_instruments.KrakenInstrumentUpdater",
)


class ExchangesConfig(AppConfig):
    name = "exchanges"
    verbose_name = "Exchanges"

    def ready(self) -> None:
        from exchanges.binance import BinanceSite
        from exchanges.edit_updater import EditUpdater
        from exchanges.models import BinanceAnnouncement, ExchangeHaltEvent, InstrumentStatusEvent, OkxAnnouncement
        from exchanges.okx import OkxSite
        from exchanges.product_updater import BinanceProductUpdater
        from exchanges.status_updater import BinanceStatusUpdater, OkxStatusUpdater
        from exchanges.updaters import AnnouncementUpdater

        def announcements(config: "Config", fetcher: "Fetcher", now: Callable[[], datetime]) -> "EventUpdater":
            return AnnouncementUpdater(BinanceSite(config), config, fetcher, now)

        def edits(config: "Config", fetcher: "Fetcher", now: Callable[[], datetime]) -> "EventUpdater":
            return EditUpdater(BinanceSite(config), config, fetcher, now)

        def okx_announcements(config: "Config", fetcher: "Fetcher", now: Callable[[], datetime]) -> "EventUpdater":
            return AnnouncementUpdater(OkxSite(config), config, fetcher, now)

        def okx_edits(config: "Config", fetcher: "Fetcher", now: Callable[[], datetime]) -> "EventUpdater":
            return EditUpdater(OkxSite(config), config, fetcher, now)

        registry.register_kind("binance_announcement", BinanceAnnouncement)
        registry.register_kind("okx_announcement", OkxAnnouncement)
        registry.register_kind("instrument_status", InstrumentStatusEvent)
        registry.register_kind("exchange_halt", ExchangeHaltEvent)
        # Instruments first: with --once the announcements are judged by them.
        for updater in (
            *map(import_string, INSTRUMENT_UPDATERS),
            BinanceProductUpdater,
            BinanceStatusUpdater,
            OkxStatusUpdater,
        ):
            registry.register_updater(updater.name, updater)
        registry.register_updater("binance.announcements", announcements)
        registry.register_updater("binance.edits", edits)
        registry.register_updater("okx.announcements", okx_announcements)
        registry.register_updater("okx.edits", okx_edits)

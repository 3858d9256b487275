from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.utils.module_loading import import_string

from events import registry

if TYPE_CHECKING:
    from crypto_ews.conf import Config
    from events.models import Event
    from events.protocols import Fetcher
    from events.updater import EventUpdater

# The instruments of another exchange are one module, and its line here.
INSTRUMENT_UPDATERS = (
    "exchanges.instruments.binance.BinanceInstrumentUpdater",
    "exchanges.instruments.okx.OkxInstrumentUpdater",
    "exchanges.instruments.kraken.KrakenInstrumentUpdater",
)
# The site of an exchange's announcements, and the model of their events.
ANNOUNCEMENTS = (
    ("exchanges.announcements.sites.binance.BinanceSite", "exchanges.models.BinanceAnnouncement"),
    ("exchanges.announcements.sites.okx.OkxSite", "exchanges.models.OkxAnnouncement"),
)


class ExchangesConfig(AppConfig):
    name = "exchanges"
    verbose_name = "Exchanges"

    def ready(self) -> None:
        from exchanges import quotes
        from exchanges.halts.updater import BinanceStatusUpdater, OkxStatusUpdater
        from exchanges.models import ExchangeHaltEvent, InstrumentStatusEvent
        from exchanges.tags.updater import BinanceProductUpdater

        registry.register_kind("instrument_status", InstrumentStatusEvent)
        registry.register_kind("exchange_halt", ExchangeHaltEvent)
        # Instruments first: with --once the detection of announcements needs them.
        for updater in (
            *map(import_string, INSTRUMENT_UPDATERS),
            BinanceProductUpdater,
            BinanceStatusUpdater,
            OkxStatusUpdater,
        ):
            registry.register_updater(updater.name, updater)
        registry.register_feeds(quotes.content_rules)
        for site, model in ANNOUNCEMENTS:
            _register_announcements(import_string(site), import_string(model))
        _register_venue_sources()


def _register_announcements(site: "type[Any]", model: "type[Event]") -> None:
    from exchanges.announcements.archived import register_site
    from exchanges.announcements.edit_updater import EditUpdater
    from exchanges.announcements.updater import AnnouncementUpdater

    def announcements(config: "Config", fetcher: "Fetcher", now: Callable[[], datetime]) -> "EventUpdater":
        return AnnouncementUpdater(site(config), config, fetcher, now)

    def edits(config: "Config", fetcher: "Fetcher", now: Callable[[], datetime]) -> "EventUpdater":
        return EditUpdater(site(config), config, fetcher, now)

    registry.register_kind(f"{site.exchange}_announcement", model)
    register_site(site.exchange, site)
    registry.register_updater(f"{site.exchange}.announcements", announcements)
    registry.register_updater(f"{site.exchange}.edits", edits)


def _register_venue_sources() -> None:
    """Register the sources that an answer about a venue depends on: its lists, announcements and system status."""
    from exchanges.halts.updater import BinanceStatusUpdater, OkxStatusUpdater
    from exchanges.instruments.binance import SPOT
    from exchanges.tags.updater import BinanceProductUpdater

    # Only the product list has the risk warnings of single coins.
    registry.register_venue_source(SPOT, BinanceProductUpdater.name, "instruments")
    announcements = {
        import_string(site).exchange: f"{import_string(site).exchange}.announcements" for site, _ in ANNOUNCEMENTS
    }
    status = {updater.name.partition(".")[0]: updater.name for updater in (BinanceStatusUpdater, OkxStatusUpdater)}
    for updater in map(import_string, INSTRUMENT_UPDATERS):
        for venue in updater.venues:
            registry.register_venue_source(venue, updater.name, "instruments")
            for names, role in ((announcements, "announcements"), (status, "status")):
                if updater.exchange in names:
                    registry.register_venue_source(venue, names[updater.exchange], role)

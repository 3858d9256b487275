from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from events import registry

if TYPE_CHECKING:
    from crypto_ews.conf import Config
    from events.protocols import Fetcher
    from events.updater import EventUpdater


class DefillamaConfig(AppConfig):
    name = "defillama"
    verbose_name = "DeFiLlama"

    def ready(self) -> None:
        _register_hacks()
        _register_stablecoins()
        post_migrate.connect(_load_reference_data, sender=self)


def _register_hacks() -> None:
    from defillama.hacks.detect import KIND
    from defillama.hacks.models import HackEvent
    from defillama.hacks.updaters import BridgeHackUpdater, HackUpdater

    registry.register_kind(KIND, HackEvent)
    registry.register_updater(HackUpdater.name, HackUpdater)
    registry.register_updater(BridgeHackUpdater.name, BridgeHackUpdater)
    for name in (HackUpdater.name, BridgeHackUpdater.name):
        registry.register_venue_source("", name, "hacks")


def _load_reference_data(**_signal: object) -> None:
    from defillama.hacks.reference import load_reference_data

    load_reference_data()


def _register_stablecoins() -> None:
    from defillama.stablecoins.detect import KIND
    from defillama.stablecoins.models import DepegEvent
    from defillama.stablecoins.updaters import RatesUpdater, StablecoinUpdater
    from defillama.stablecoins.venue_updater import VenuePegUpdater

    def on_exchange(exchange: str) -> "Callable[[Config, Fetcher, Callable[[], datetime]], EventUpdater]":
        return lambda config, fetcher, now: VenuePegUpdater(exchange, config, fetcher, now)

    registry.register_kind(KIND, DepegEvent)
    # Rates first: with --once the pegs of other currencies depend on them.
    registry.register_updater(RatesUpdater.name, RatesUpdater)
    registry.register_updater(StablecoinUpdater.name, StablecoinUpdater)
    for exchange in ("binance", "okx"):
        registry.register_updater(f"{exchange}.pegs", on_exchange(exchange))
        # The pegs of an exchange apply to all its markets.
        for venue in ("", "_USDM", "_COINM"):
            registry.register_venue_source(exchange.upper() + venue, f"{exchange}.pegs", "pegs")
    registry.register_venue_source("", StablecoinUpdater.name, "pegs")

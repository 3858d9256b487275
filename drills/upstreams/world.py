"""All upstreams of a drill, and the configuration that leads to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from crypto_ews.conf import Config, variables
from drills.upstreams.binance import Binance
from drills.upstreams.defillama import DefiLlama
from drills.upstreams.okx import Okx
from drills.upstreams.server import CrisisServer

SOURCES = (
    "binance.instruments", "okx.instruments", "binance.products", "binance.status", "okx.status",
    "binance.announcements", "binance.edits", "okx.announcements", "okx.edits", "defillama.hacks",
    "defillama.bridge_hacks", "defillama.rates", "defillama.stablecoins", "binance.pegs", "okx.pegs",
    "volatility.prices",
)  # fmt: skip
"""The sources that a world answers. Others are left out: a source without upstream would only report its silence."""


class World:
    """What the upstreams say. A crisis changes it while the drill runs."""

    def __init__(self, server: CrisisServer, now: Callable[[], datetime]) -> None:
        self.server = server
        self.binance = Binance(server, now)
        self.okx = Okx(server, now)
        self.defillama = DefiLlama(server, now)

    def price(self, pair: str, price: float) -> None:
        """The price of a pair on every exchange that lists it."""
        for exchange in (self.binance, self.okx):
            exchange.prices.set(pair, price)

    def configuration(self, config: Config) -> Config:
        """`config` with every upstream in this world: no other address is left in it."""
        nowhere = {
            attribute: self.server.url()
            for attribute, variable in variables()
            if variable.default.startswith(("https://", "wss://"))
        }
        addresses: dict[str, Any] = {
            **nowhere,
            **self.binance.addresses(),
            **self.okx.addresses(),
            **self.defillama.addresses(),
        }
        return replace(config, **addresses)

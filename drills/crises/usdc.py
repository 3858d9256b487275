"""The crisis "usdc": a weekend as in March 2023. The issuer's bank fails on a Friday evening; USDC leaves its peg,
first on exchanges, then everywhere, falls to 0.87, and is back two days later.

Prices are made for this, after the course of 10 to 13 March 2023; no recorded price is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from drills.crises.calm import calm
from drills.crises.crisis import Chapter, Crisis
from drills.upstreams.world import World


def _prepare(world: World, now: datetime) -> None:
    calm(world, now)
    world.binance.spot["ETH/USDC"] = "TRADING"
    world.okx.spot["ETH/USDC"] = "live"
    _everywhere(1.0)(world, now)


def _everywhere(dollars: float, dai: float | None = None) -> Callable[[World, datetime], None]:
    def happens(world: World, now: datetime) -> None:
        _on_exchanges(dollars)(world, now)
        world.defillama.prices["USDC"] = dollars
        # Half of what backs it is the other coin.
        world.defillama.prices["DAI"] = dollars if dai is None else dai

    return happens


def _on_exchanges(dollars: float) -> Callable[[World, datetime], None]:
    def happens(world: World, now: datetime) -> None:
        world.price("USDC/USDT", dollars)
        for pair, price in (("BTC/USDC", 60_000.0), ("ETH/USDC", 3_000.0)):
            # What is quoted in it is worth what it was, in more of it.
            world.price(pair, price / dollars)

    return happens


USDC = Crisis(
    name="usdc",
    title="a stablecoin leaves its peg over a weekend",
    watched=("BTC", "ETH"),
    stablecoins=("USDC", "DAI"),
    pairs=(("binance", "BTC/USDC"), ("okx", "ETH/USDC")),
    prepare=_prepare,
    chapters=(
        Chapter(timedelta(0), "USDC is sold on the exchanges: 0.97 on both", _on_exchanges(0.97), "USDC", "depeg"),
        Chapter(
            timedelta(minutes=20),
            "DeFiLlama: USDC at 0.94, DAI at 0.96",
            _everywhere(0.94, 0.96),
            "USDC",
            "depeg",
            "defillama",
        ),
        Chapter(
            timedelta(hours=5),
            "the low: USDC at 0.87, DAI at 0.90",
            _everywhere(0.87, 0.90),
            "USDC",
            "depeg",
            "defillama",
        ),
        Chapter(timedelta(hours=16), "it recovers to 0.95", _everywhere(0.95, 0.97)),
        Chapter(timedelta(hours=48), "the deposits are safe: it is back at 0.999", _everywhere(0.999, 0.999)),
    ),
    lasts=timedelta(hours=51),
)

"""The markets before any crisis: large coins that trade, old notices, stablecoins at their pegs."""

from __future__ import annotations

from datetime import datetime, timedelta

from drills.upstreams import binance, okx
from drills.upstreams.world import World

_PRICES = {"BTC/USDT": 60_000.0, "ETH/USDT": 3_000.0, "SOL/USDT": 150.0, "XRP/USDT": 0.6, "BTC/USDC": 60_000.0,
           "USDC/USDT": 1.0}  # fmt: skip
_FILLED = tuple(f"C{number:02}/USDT" for number in range(24))
"""Coins that nobody watches: a list that loses two of six rows would be a broken answer, not news."""


def calm(world: World, now: datetime) -> None:
    for pair, price in (*_PRICES.items(), *((pair, 1.0 + place) for place, pair in enumerate(_FILLED))):
        world.binance.spot[pair] = "TRADING"
        world.okx.spot[pair] = "live"
        world.price(pair, price)
    for pair in ("BTC/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT"):
        world.binance.usdm[pair] = "TRADING"
        world.okx.swaps[pair] = "live"
    before = now - timedelta(days=2)
    # Calm, not silent: a list whose newest notice is old would be reported as a source without news.
    world.binance.notices += [
        binance.Notice("Binance Has Completed the Removal of XYZ Margin Trading Pairs", before, ("It is over.",)),
        binance.Notice("Binance Completes Wallet Maintenance of Bitcoin (BTC)", before, ("It is over.",), 157),
        binance.Notice("Trade and Share 50,000 USDC in Rewards", before, ("Win.",), 49),
        binance.Notice("Binance Will List ABC", before, ("It opens tomorrow.",), 48),
    ]
    world.okx.notices.append(okx.Notice("OKX has delisted XYZ spot trading pairs", before, "They are gone."))

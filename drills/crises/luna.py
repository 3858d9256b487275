"""The crisis "luna": five days as in May 2022, in four. UST leaves its peg; LUNA falls by half, by nine tenths, to
nothing; exchanges stop its withdrawals, its contract, its trade.

Prices are made for this, after the course of 9 to 13 May 2022; no recorded price is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from drills.crises.calm import calm
from drills.crises.crisis import Chapter, Crisis
from drills.upstreams import binance
from drills.upstreams.world import World

_UST = "USTC"
"""Its name since June 2022; a name that an exchange writes today is the coin's of today."""


def _prepare(world: World, now: datetime) -> None:
    calm(world, now)
    for pair in ("LUNA/USDT", "LUNA/BTC", "UST/USDT"):
        world.binance.spot[pair] = "TRADING"
    world.binance.usdm["LUNA/USDT"] = "TRADING"
    world.okx.spot["LUNA/USDT"] = "live"
    _prices(64.0, 1.0)(world, now)


def _prices(luna: float, ust: float) -> Callable[[World, datetime], None]:
    def happens(world: World, now: datetime) -> None:
        world.price("LUNA/USDT", luna)
        world.price("LUNA/BTC", luna / 60_000)
        world.price("UST/USDT", ust)
        world.defillama.prices["UST"] = ust

    return happens


def _wallets_close(world: World, now: datetime) -> None:
    world.binance.notices.append(
        binance.Notice(
            "Binance Temporarily Suspends Withdrawals for LUNA and UST on the Terra (LUNA) Network",
            now,
            (
                f"Binance has temporarily suspended withdrawals for LUNA and UST on the Terra (LUNA) network as of "
                f"{now:%Y-%m-%d %H:%M} (UTC), due to a high volume of pending withdrawal transactions.",
            ),
            binance.WALLETS,
        )
    )


def _contract_ends(world: World, now: datetime) -> None:
    ends = (now + timedelta(hours=15)).replace(minute=0, second=0, microsecond=0)
    world.binance.ends["LUNA/USDT"] = ends
    world.binance.notices.append(
        binance.Notice(
            f"Binance Futures Will Delist USDⓈ-M LUNAUSDT Perpetual Contract ({ends:%Y-%m-%d})",
            now,
            (
                "Binance Futures will close all positions and conduct an automatic settlement on the USDⓈ-M LUNAUSDT "
                f"perpetual contract at {ends:%Y-%m-%d %H:%M} (UTC). The contract will be delisted after that.",
            ),
        )
    )


def _trading_stops(world: World, now: datetime) -> None:
    _prices(0.00005, 0.12)(world, now)
    for pair in ("LUNA/USDT", "LUNA/BTC", "UST/USDT"):
        world.binance.spot[pair] = "BREAK"
    world.binance.usdm["LUNA/USDT"] = "SETTLING"
    world.okx.spot["LUNA/USDT"] = "suspend"


def _delisted(world: World, now: datetime) -> None:
    world.binance.notices.append(
        binance.Notice(
            f"Binance Will Delist LUNA and UST on {now:%Y-%m-%d}",
            now,
            (
                "Binance has decided to cease trading on all spot trading pairs for the following token(s) at "
                f"{now:%Y-%m-%d %H:%M} (UTC):",
                ("Terra (LUNA)", "TerraUSD (UST)"),
                "The exact trading pairs being removed are: LUNA/USDT, LUNA/BTC, UST/USDT.",
            ),
        )
    )


LUNA = Crisis(
    name="luna",
    title="a stablecoin and the coin behind it fall to nothing",
    watched=("LUNA", "UST"),
    stablecoins=("UST",),
    pairs=(("binance", "LUNA/USDT"), ("BINANCE_USDM", "LUNAUSDT"), ("okx", "LUNA/USDT")),
    prepare=_prepare,
    chapters=(
        Chapter(timedelta(0), "UST at 0.94; LUNA loses a twelfth", _prices(58.5, 0.94), "LUNA", "volatility"),
        Chapter(timedelta(minutes=40), "UST at 0.85", _prices(52.0, 0.85), _UST, "depeg", "defillama"),
        Chapter(timedelta(hours=10), "UST at 0.62; LUNA loses half", _prices(27.0, 0.62), _UST, "depeg", "defillama"),
        Chapter(
            timedelta(hours=12),
            "Binance stops withdrawals of both",
            _wallets_close,
            "LUNA",
            "wallet_suspension",
            "binance",
        ),
        Chapter(timedelta(hours=40), "LUNA at 5, UST at 0.45", _prices(5.0, 0.45), "LUNA", "volatility"),
        Chapter(timedelta(hours=54), "LUNA at 0.4", _prices(0.4, 0.40), "LUNA", "volatility"),
        Chapter(
            timedelta(hours=57), "Binance ends the perpetual of LUNA", _contract_ends, "LUNA", "delisting", "binance"
        ),
        Chapter(timedelta(hours=64), "LUNA at 0.005", _prices(0.005, 0.30), "LUNA", "volatility"),
        Chapter(
            timedelta(hours=73),
            "trading stops on both exchanges",
            _trading_stops,
            "LUNA",
            "trading_suspension",
            "binance",
        ),
        Chapter(timedelta(hours=73, minutes=20), "Binance delists both", _delisted, "LUNA", "delisting", "binance"),
    ),
    lasts=timedelta(hours=74),
)

"""The crisis "delisting": Binance and then OKX remove a coin; it stops trading a day and a half later."""

from __future__ import annotations

from datetime import datetime, timedelta

from drills.crises.calm import calm
from drills.crises.crisis import Chapter, Crisis
from drills.upstreams import binance, okx
from drills.upstreams.world import World

_ENDS = timedelta(hours=30)


def _prepare(world: World, now: datetime) -> None:
    calm(world, now)
    for pair in ("ICX/USDT", "ICX/BTC"):
        world.binance.spot[pair] = "TRADING"
    world.okx.spot["ICX/USDT"] = "live"
    world.price("ICX/USDT", 0.2)
    world.price("ICX/BTC", 0.2 / 60_000)


def _end(now: datetime) -> datetime:
    """The end of trading that the notice gives, on a full hour."""
    return (now + _ENDS).replace(minute=0, second=0, microsecond=0)


def _binance_notice(world: World, now: datetime) -> None:
    ends = _end(now)
    world.binance.notices.append(
        binance.Notice(
            f"Binance Will Delist ICX on {ends:%Y-%m-%d}",
            now,
            (
                "Binance has decided to delist and cease trading on all spot trading pairs for the following token(s) "
                f"at {ends:%Y-%m-%d %H:%M} (UTC):",
                ("ICON (ICX)",),
                "The exact trading pairs being removed are: ICX/USDT, ICX/BTC.",
                "All trade orders will be automatically removed after trading ceases in each respective trading pair.",
            ),
        )
    )


def _okx_notice(world: World, now: datetime) -> None:
    ends = (now + timedelta(hours=26)).replace(minute=0, second=0, microsecond=0)
    world.okx.notices.append(
        okx.Notice(
            "OKX to delist ICX spot trading pairs",
            now,
            "We will delist the following spot trading pairs according to the schedule below:",
            (("Spot trading pairs", "Delisting time"), ("ICX/USDT", f"{ends:%B} {ends.day}, {ends:%Y, %H:%M} UTC")),
        )
    )
    world.okx.ends["ICX/USDT"] = ends


def _prices_fall(world: World, now: datetime) -> None:
    world.price("ICX/USDT", 0.13)
    world.price("ICX/BTC", 0.13 / 60_000)


def _trading_stops(world: World, now: datetime) -> None:
    for pair in ("ICX/USDT", "ICX/BTC"):
        world.binance.spot[pair] = "BREAK"
    world.okx.spot.pop("ICX/USDT", None)


DELISTING = Crisis(
    name="delisting",
    title="a coin is removed by two exchanges",
    watched=("ICX",),
    pairs=(("binance", "ICX/USDT"), ("okx", "ICX/USDT")),
    prepare=_prepare,
    chapters=(
        Chapter(
            timedelta(0), "Binance publishes: ICX leaves in 30 hours", _binance_notice, "ICX", "delisting", "binance"
        ),
        Chapter(
            timedelta(minutes=2), "ICX falls by a third; its delisting is known, so no card says that", _prices_fall
        ),
        Chapter(
            timedelta(hours=2), "OKX publishes: its ICX pair leaves as well", _okx_notice, "ICX", "delisting", "okx"
        ),
        Chapter(_ENDS, "trading stops; the lists shrink", _trading_stops),
    ),
    lasts=timedelta(hours=31),
)

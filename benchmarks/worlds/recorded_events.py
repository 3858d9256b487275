"""The events of the made-up day: one of every kind that the sources report, each at its hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from orderbooks.detection.observations import BookObservations, OrderPlaced, OrderRemoved
from tests.upstreams import binance, okx_announcements, okx_instruments
from tests.upstreams.binance import Article, bullets
from tests.upstreams.defillama_hacks import hack_row
from tests.upstreams.okx_announcements import OkxArticle

DAY = datetime(2026, 10, 1, tzinfo=UTC)
# The first articles, this many, are events and are read again in each round.
BINANCE_EVENTS = 6
# From and to, in hours of the day.
_SPOT_HALT, _ONE_HALT = (12.0, 12.5), (7.0, 7.5)
_GLOBAL_DEPEG, _VENUE_DEPEG = (18.0, 19.0), (21.0, 21.5)
_CRASH_FROM, _CRASH_HOURS = 10.0, 1.0
_WHALE, _BOOK_THINS = (13.0, 13.2), (19.0, 19.5)
_DRIES_UP, _TAGGED, _HACKED, _BRIDGE_HACKED, _LEAVES_OKX = 15.0, 6.0, 14.0, 17.0, 20.0
_HALTED_COIN, _TAGGED_COIN, _CRASHED_COIN, _LEAVING_COIN, _DRY_COIN = "LTC", "INJ", "ENA", "WIF", "BTC"


def hours(at: datetime) -> float:
    return (at - DAY) / timedelta(hours=1)


def _within(at: datetime, span: tuple[float, float]) -> bool:
    return span[0] <= hours(at) < span[1]


def binance_articles(coins: Sequence[str], watched: Sequence[str]) -> list[Article]:
    """Articles that are events, then others."""
    ahead = binance.removal_notice(
        "2026-10-03", {"2026-10-03 03:00": [f"{coins[-1]}/USDT", f"{watched[0]}/BNB"]}, _at(1)
    )
    today = binance.removal_notice("2026-10-01", {"2026-10-01 20:00": [f"{_LEAVING_COIN}/USDT"]}, _at(4.5))
    old = binance.removal_notice("2026-09-20", {"2026-09-20 03:00": ["OLD/BNB"]}, _at(-14 * 24))
    others = [
        Article(
            "Binance Will Support the Cosmos (ATOM) Network Upgrade & Hard Fork - 2026-10-02",
            _at(2.25),
            (
                "Binance will suspend deposits and withdrawals of ATOM from 2026-10-02 09:00 (UTC) to support the"
                " network upgrade and hard fork of Cosmos (ATOM).",
            ),
            catalog_id=49,
        ),
        Article(
            "Wallet Maintenance for Sui Network (SUI) - 2026-10-01",
            _at(3.25),
            ("Deposits and withdrawals on the Sui Network (SUI) will be suspended from 2026-10-01 16:00 (UTC).",),
            catalog_id=157,
        ),
        Article(
            "Binance Will Support the Filecoin (FIL) Token Swap and Rebranding to Filecore (FILX)",
            _at(5.25),
            ("Binance will suspend trading of FIL at 2026-10-05 03:00 (UTC) for the token swap.",),
            catalog_id=49,
        ),
        Article(
            f"Binance Will Extend the Monitoring Tag to Include {_TAGGED_COIN} on 2026-10-01",
            _at(_TAGGED),
            ("Binance will extend the Monitoring Tag to the following tokens on 2026-10-01:", bullets(_TAGGED_COIN)),
            catalog_id=49,
        ),
    ]
    promotions = [
        Article(f"Trade and Share {number},000 USDC", _at(-number - 1), ("Join.",), catalog_id=93)
        for number in range(20)
    ]
    return [ahead, today, *others, old, *promotions]


def okx_articles(unwatched: str) -> list[OkxArticle]:
    """Delistings of an unwatched coin and of a watched one."""
    return [
        okx_announcements.delisting(
            f"OKX to delist {name} spot trading pair", _at(2 + number), {f"{name}/USDT": "October 3, 2026, 08:00"}
        )
        for number, name in enumerate((unwatched, _LEAVING_COIN))
    ]


def spot_statuses(at: datetime, symbols: Iterable[str]) -> dict[str, str]:
    """Symbol → status of the spot pairs of Binance that do not trade."""
    if _within(at, _SPOT_HALT):
        return dict.fromkeys(symbols, "BREAK")
    halted = {f"{_HALTED_COIN}USDT": "HALT"} if _within(at, _ONE_HALT) else {}
    return halted | ({f"{_LEAVING_COIN}USDT": "BREAK"} if hours(at) >= 20 else {})


def in_maintenance(at: datetime) -> bool:
    return _within(at, _SPOT_HALT)


def okx_end_of(pair: str, at: datetime) -> datetime | None:
    """The end of an instrument in OKX's list."""
    leaves = pair == f"{_LEAVING_COIN}/USDT" and hours(at) >= _LEAVES_OKX
    return DAY + timedelta(days=2, hours=8) if leaves else None


def okx_maintenances(at: datetime) -> list[dict[str, Any]]:
    begins, ends = _at(22), _at(22.5)
    if not begins - timedelta(hours=12) <= at < ends:
        return []
    return [okx_instruments.maintenance("Spot upgrade", begins, ends, "ongoing" if at >= begins else "scheduled")]


def tags_of(pair: str, at: datetime) -> tuple[str, ...]:
    return ("Monitoring",) if pair.startswith(f"{_TAGGED_COIN}/") and hours(at) >= _TAGGED else ()


def fallen(at: datetime) -> Mapping[str, float]:
    """Coin → its price as a share of the usual one."""
    fall = 1 - min(max((hours(at) - _CRASH_FROM) / _CRASH_HOURS, 0.0), 1.0) / 3
    return {_CRASHED_COIN: round(fall, 3)}


def dollar_coins(at: datetime) -> Mapping[str, float]:
    """Prices of stablecoins on Binance; one loses its peg there and nowhere else."""
    return {"USDC": 1.0, "FDUSD": 0.9995, "DAI": 1.0002, "USDE": 0.65 if _within(at, _VENUE_DEPEG) else 0.9991}


def peg_of(coin: str, at: datetime) -> float:
    """A stablecoin's price by DeFiLlama."""
    return 0.93 if coin == "USDD" and _within(at, _GLOBAL_DEPEG) else 1.0


def is_dry(coin: str, at: datetime) -> bool:
    return coin == _DRY_COIN and hours(at) > _DRIES_UP


def hacks(at: datetime) -> list[dict[str, Any]]:
    """The list of hacks: five hundred old ones, a protocol's at 14:00 and a bridge's at 17:00."""
    today = round(DAY.timestamp())
    first = round((DAY - timedelta(days=500)).timestamp())
    rows = [hack_row(f"Protocol {number}", first + 86_400 * number) for number in range(500)]
    if hours(at) >= _HACKED:
        rows.append(hack_row("Uniswap", today, 25_000_000))
    if hours(at) >= _BRIDGE_HACKED:
        rows.append(hack_row("Ronin Bridge", today, 120_000_000, chain=["Ronin"], bridgeHack=True))
    return rows


def _at(hour: float) -> datetime:
    return DAY + timedelta(hours=hour)


def book_depth(at: datetime, place: int) -> float:
    """Within ±1 %, in dollars, of the pair at this place of the watch list: one dries up in the evening."""
    thin = place == 2 and _within(at, _BOOK_THINS)
    return (2e6 + 1e4 * ((place * 7 + at.minute) % 13)) * (0.2 if thin else 1.0)


def whale_observations(pair: str, at: datetime) -> BookObservations:
    """The observations of whales in the minute before: one is placed, stays and is removed."""
    at_ms, since = round(at.timestamp() * 1000), at - timedelta(minutes=1)
    comes, goes = (since < _at(hour) <= at for hour in _WHALE)
    return BookObservations(
        placed=[OrderPlaced(pair, True, 100.0, 5000.0, 5, 0.004, at_ms)] if comes else [],
        ended=[OrderRemoved(pair, True, 100.0, at_ms, False)] if goes else [],
    )

"""Redemption runs: the supply of a watched stablecoin falls by a tenth in a day, whatever its price does. Pure.

It opens at the first reading that says so and is told when a second one confirms it, again when the fall is twice the
one told last, and is over after three readings in a row of less than half of it. Where a depeg of the coin was told
already, the run is said there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from defillama.stablecoins.client import Stablecoin
from defillama.stablecoins.detect import (
    SUPPLY_RUN,
    closing,
    is_namesake,
    largest_by_symbol,
    open_until,
    page_url,
    supply_change,
)
from defillama.stablecoins.track import CALM_READINGS
from events.drafts import EffectDraft, EventDraft
from events.enums import AlertReason, Category, Scope

SOURCE, KEY_PREFIX = "defillama", "supply_run:"
_CONFIRMING = 2


@dataclass(frozen=True)
class SupplyRun:
    """The state of an open run; it stands in the event's facts, so that it survives a restart.

    fallen: readings beyond a tenth. calm: readings in a row of less than half of it. worst, told: signed fractions;
    `told` is 0 before the first alert. snapshot: the answer that was read last.
    """

    since: str
    snapshot: str = ""
    fallen: int = 0
    calm: int = 0
    worst: float = 0.0
    told: float = 0.0

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)


@dataclass(frozen=True)
class SupplySnapshot:
    """An answer of DeFiLlama's and what is known when it is judged.

    told_depegs: ids of coins whose open depeg was told. open_runs: coin id → its open run. tickers: symbol → live
    instruments. site: prefix of DeFiLlama's pages. gone: ids that the list has dropped for good.
    """

    coins: Sequence[Stablecoin]
    digest: str
    at: datetime
    watch: frozenset[str]
    told_depegs: frozenset[str]
    open_runs: Mapping[str, SupplyRun]
    tickers: Mapping[str, Sequence[str]]
    site: str
    assets: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


def fallen(coins: Sequence[Stablecoin], watch: frozenset[str]) -> frozenset[str]:
    """Ids of the watched coins whose supply fell by a tenth in a day."""
    return frozenset(coin.coin_id for coin in _watched(coins, watch) if (supply_change(coin) or 0) <= -SUPPLY_RUN)


def detect_runs(snapshot: SupplySnapshot) -> list[EventDraft]:
    """What becomes of each run by a snapshot, which counts once."""
    drafts = []
    watched = {coin.coin_id: coin for coin in _watched(snapshot.coins, snapshot.watch)}
    for coin_id, coin in watched.items():
        change, run = supply_change(coin), snapshot.open_runs.get(coin_id)
        if change is None or (run is not None and run.snapshot == snapshot.digest):
            continue
        if run is None:
            if change > -SUPPLY_RUN or coin_id in snapshot.told_depegs:
                continue
            run = SupplyRun(snapshot.at.isoformat())
        drafts.append(_step(coin, change, run, snapshot))
    listed = {coin.coin_id: coin for coin in snapshot.coins}
    for coin_id in snapshot.open_runs.keys() & (listed.keys() - watched.keys()):
        run = snapshot.open_runs[coin_id]
        drafts.append(_closing(listed[coin_id], run, "it is no longer watched"))
    for coin_id in snapshot.open_runs.keys() & (snapshot.gone - listed.keys()):
        run = snapshot.open_runs[coin_id]
        reason = no_longer_listed(coin_id)
        end = closing(f"{KEY_PREFIX}{coin_id}", SOURCE, reason, reason, told=bool(run.told), retracted=True)
        drafts.append(replace(end, category=Category.RISK_WARNING))
    return drafts


def no_longer_listed(coin_id: str, symbol: str = "") -> str:
    return f"DeFiLlama no longer lists {symbol + ', ' if symbol else ''}stablecoin {coin_id}"


def _watched(coins: Sequence[Stablecoin], watch: frozenset[str]) -> list[Stablecoin]:
    largest = largest_by_symbol(coins)
    return [
        coin
        for coin in coins
        if coin.symbol.upper() in watch and not coin.retired and not is_namesake(coin, largest.get(coin.symbol.upper()))
    ]


def _step(coin: Stablecoin, change: float, run: SupplyRun, snapshot: SupplySnapshot) -> EventDraft:
    falls = change <= -SUPPLY_RUN
    run = replace(
        run,
        snapshot=snapshot.digest,
        fallen=run.fallen + falls,
        calm=run.calm + 1 if change > -SUPPLY_RUN / 2 else 0,
        worst=min(run.worst, change),
    )
    if run.calm >= CALM_READINGS:
        return _closing(coin, run, f"three readings with less than {SUPPLY_RUN / 2:.0%} redeemed in a day")
    alert = None
    if falls and run.fallen >= _CONFIRMING and (not run.told or change <= 2 * run.told):
        alert = AlertReason.WORSE.value if run.told else AlertReason.OPENED.value
        run = replace(run, told=change)
    symbol = coin.symbol.upper()
    return EventDraft(
        source=SOURCE,
        category=Category.RISK_WARNING,
        natural_key=f"{KEY_PREFIX}{coin.coin_id}",
        title=_title(coin, run),
        url=page_url(snapshot.site, coin),
        effects=(
            EffectDraft(
                snapshot.assets.get(symbol, symbol),
                scope=Scope.ASSET,
                tickers=tuple(snapshot.tickers.get(symbol, ())),
            ),
        ),
        valid_until=open_until(snapshot.at),
        seen_at=snapshot.at,
        facts={
            "coin": coin.name,
            "defillama_id": coin.coin_id,
            "supply": coin.supply,
            "supply_day_ago": coin.supply_day_ago,
            "supply_change_day": change,
            "worst_supply_change_day": run.worst,
            "run": asdict(run),
        },
        alert=alert,
        quiet=alert is None,
        reopen="always",
    )


def _title(coin: Stablecoin, run: SupplyRun) -> str:
    """It changes with alerts only: what moves between them is in the facts."""
    if not run.told:
        return f"{coin.symbol}: supply falls by more than {SUPPLY_RUN:.0%} in a day, not confirmed"
    return f"{coin.symbol}: supply fell by {-run.told:.0%} in a day, a redemption run"


def _closing(coin: Stablecoin, run: SupplyRun, reason: str) -> EventDraft:
    return EventDraft(
        source=SOURCE,
        category=Category.RISK_WARNING,
        natural_key=f"{KEY_PREFIX}{coin.coin_id}",
        title=_title(coin, run),
        effects=(),
        state="closed",
        close_reason=reason,
        # Nobody hears of the end of what nobody heard of.
        quiet=not run.told,
    )

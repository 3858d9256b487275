"""Redemption runs: the supply of a watched stablecoin falls by a tenth in a day, whatever its price. Pure.

The first reading with such a fall opens the event, a second one confirms it and alerts. It alerts again when the fall
is twice that of the last alert, and closes after three readings in a row of less than half a tenth. If a depeg of the
coin has alerted already, the run is reported there.
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
from events.facts import SupplyRunFacts

SOURCE, KEY_PREFIX = "defillama", "supply_run:"
_CONFIRMING = 2


@dataclass(frozen=True)
class SupplyRun:
    """The state of an open run, stored in the event's facts (`as_json`), so that it survives a restart.

    fallen: readings with a fall of a tenth or more. calm: readings in a row with less than half of that. worst,
    alerted: signed fractions; `alerted` is that of the last alert, 0 before. snapshot: the answer that was read last.
    """

    since: str
    snapshot: str = ""
    fallen: int = 0
    calm: int = 0
    worst: float = 0.0
    alerted: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """`alerted` is stored under its key of the first release, `told`."""
        return {"told" if name == "alerted" else name: value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**{"alerted" if name == "told" else name: value for name, value in stored.items()})


@dataclass(frozen=True)
class SupplySnapshot:
    """An answer of DeFiLlama's with its context.

    alerted_depegs: ids of coins whose open depeg has alerted. open_runs: coin id → its open run. tickers: symbol → live
    instruments. site: prefix of DeFiLlama's pages. gone: ids that the list has dropped for good.
    """

    coins: Sequence[Stablecoin]
    digest: str
    at: datetime
    watch: frozenset[str]
    alerted_depegs: frozenset[str]
    open_runs: Mapping[str, SupplyRun]
    tickers: Mapping[str, Sequence[str]]
    site: str
    assets: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


def fallen(coins: Sequence[Stablecoin], watch: frozenset[str]) -> frozenset[str]:
    """Ids of the watched coins whose supply fell by a tenth or more in a day."""
    return frozenset(coin.coin_id for coin in _watched(coins, watch) if (supply_change(coin) or 0) <= -SUPPLY_RUN)


def detect_runs(snapshot: SupplySnapshot) -> list[EventDraft]:
    """The drafts of all runs after a snapshot. A snapshot counts once."""
    drafts = []
    watched = {coin.coin_id: coin for coin in _watched(snapshot.coins, snapshot.watch)}
    for coin_id, coin in watched.items():
        change, run = supply_change(coin), snapshot.open_runs.get(coin_id)
        if change is None or (run is not None and run.snapshot == snapshot.digest):
            continue
        if run is None:
            if change > -SUPPLY_RUN or coin_id in snapshot.alerted_depegs:
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
        end = closing(f"{KEY_PREFIX}{coin_id}", SOURCE, reason, reason, alerted=bool(run.alerted), retracted=True)
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
    if falls and run.fallen >= _CONFIRMING and (not run.alerted or change <= 2 * run.alerted):
        alert = AlertReason.WORSE.value if run.alerted else AlertReason.OPENED.value
        run = replace(run, alerted=change)
    facts: SupplyRunFacts = {
        "coin": coin.name,
        "defillama_id": coin.coin_id,
        "supply": coin.supply,
        "supply_day_ago": coin.supply_day_ago,
        "supply_change_day": change,
        "worst_supply_change_day": run.worst,
        "run": run.as_json(),
    }
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
        facts=facts,
        alert=alert,
        quiet=alert is None,
        reopen="always",
    )


def _title(coin: Stablecoin, run: SupplyRun) -> str:
    """The title. It changes with alerts only; what moves in between is in the facts."""
    if not run.alerted:
        return f"{coin.symbol}: supply falls by more than {SUPPLY_RUN:.0%} in a day, not confirmed"
    return f"{coin.symbol}: supply fell by {-run.alerted:.0%} in a day, a redemption run"


def _closing(coin: Stablecoin, run: SupplyRun, reason: str) -> EventDraft:
    return EventDraft(
        source=SOURCE,
        category=Category.RISK_WARNING,
        natural_key=f"{KEY_PREFIX}{coin.coin_id}",
        title=_title(coin, run),
        effects=(),
        state="closed",
        close_reason=reason,
        # An event that never alerted closes without an alert.
        quiet=not run.alerted,
    )

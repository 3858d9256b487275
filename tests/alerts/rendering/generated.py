"""Messages as no golden file has them: every category and reason, up to 2,000 pairs, odd names. From a seed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from alerts.rendering.links import links_without_effect
from alerts.rendering.message import Message, Unanswered
from alerts.rendering.past import Restriction
from alerts.rendering.summary import Deferral, Manual, summarize
from events.enums import Action, Category, RiskLevel, TradingStatus
from events.models import Effect, Event
from events.positions.exposure import Exposure
from events.positions.phrases import touched
from markets.watch import WatchLists
from tests.alerts.factories import NOW
from tests.alerts.rendering.cards import samples

BASE = "https://ews.example"
NAMES = (
    "LUNA", "ETH", "BTC", "USDC", "UST", "1INCH", "1000SHIB", "币安人生", "$WIF", "A",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "X*Y", "[Z](x)", "‮EVIL", "👩‍👩‍👧‍👦", "T<b>", "BTCDOM", "C98", "0X0", "XBT",
)  # fmt: skip
VENUES = ("BINANCE", "BINANCE_USDM", "BINANCE_COINM", "OKX", "OKX_USDM", "KRAKEN", "GATE", "KUCOIN", "BYBIT_USDM")
TITLES = (
    "Binance Will Delist LUNA and UST on 2026-10-03",
    "x" * 900,
    "**bold** [click](http://evil.example) <script>",
    "‮ reversed \x1b[31m \ud83d",
    "",
    "币安将下架 LUNA",
)
FACTS: dict[str, tuple[dict[str, Any], ...]] = {
    "delisting": (samples.NOTICE, samples.NOTICE_WITH_ALL, samples.LIST),  # type: ignore[dict-item]
    "trading_suspension": (samples.NOTICE, samples.LIST, samples.MAINTENANCE),  # type: ignore[dict-item]
    "risk_warning": (samples.TAG, samples.SUPPLY_RUN, samples.NOTICE),  # type: ignore[dict-item]
    "depeg": (samples.DEPEG, samples.DEPEG_ON_VENUE),  # type: ignore[dict-item]
    "hack": (samples.HACK,),  # type: ignore[dict-item]
    "bridge_hack": (samples.HACK,),  # type: ignore[dict-item]
    "volatility": (samples.VOLATILITY,),  # type: ignore[dict-item]
    "low_liquidity": (samples.LIQUIDITY,),  # type: ignore[dict-item]
    "exchange_halt": (samples.HALT, samples.MAINTENANCE),  # type: ignore[dict-item]
    "whale": (samples.WHALE,),  # type: ignore[dict-item]
    "depth_drop": (samples.DEPTH_DROP,),  # type: ignore[dict-item]
    "volume_anomaly": (samples.VOLUME, samples.VOLUME_MARKET, samples.VOLUME_DIGEST),  # type: ignore[dict-item]
    "manual": (samples.MANUAL,),
    "operations": (samples.OPERATIONS,),
}
SOURCES = {
    "depeg": "defillama", "hack": "defillama", "bridge_hack": "defillama", "low_liquidity": "coinmarketcap",
    "whale": "orderbooks", "depth_drop": "orderbooks", "volume_anomaly": "trades", "manual": "manual",
    "operations": "operations",
}  # fmt: skip
REASONS = ("opened", "worse", "turned", "updated", "reminder", "repeat", "escalated", "closed")
SIZES = (0, 1, 1, 1, 2, 3, 8, 40)


def generated(seed: int) -> Message:
    random = Random(seed)
    category = random.choice(Category.values)
    reasons = random.sample(REASONS[:-1], random.choice((1, 1, 1, 2)))
    closed = random.random() < 0.25
    event = _event(random, category, closed)
    effects = [] if category == "operations" else _effects(random)
    others = [
        Restriction(12 + number, random.choice(NAMES), "asset", "", (), random.choice(Action.values), "trading")
        for number in range(random.choice((0, 0, 1, 2)))
    ]
    late = Deferral(NOW - timedelta(hours=3), random.choice(("silenced", "delayed", "deferred")))
    manual = Manual("ann", "rumours of a hack") if category == "manual" else None
    rows = [Exposure(random.choice(VENUES), "LUNA", "", Decimal("-3.5"), Decimal(7), False, NOW, ("desk",))]
    watched = frozenset(random.sample(NAMES, 8))
    summary = summarize(
        event,
        effects,
        WatchLists(watched, watched, frozenset({"USDT", "USDC", "USD"})),
        [*reasons, "closed"] if closed else reasons,
        _changes(random, effects),
        random.choice((0, 0, 0, 3)),
        others,
        late if random.random() < 0.1 else None,
        manual,
        positions=touched(rows, NOW, timedelta(hours=24)) if random.random() < 0.2 else None,
    )
    return Message(
        summary,
        NOW,
        BASE,
        random.random() < 0.1,
        "cex",
        "alert-1",
        () if closed else links_without_effect(BASE),
        random.choice(("", "", "ann, since 2026-10-02 07:59 UTC: on it")),
        Unanswered("cex", NOW - timedelta(minutes=35)) if "escalated" in reasons else None,
        "ann: a renaming" if reasons == ["updated"] and random.random() < 0.3 else "",
    )


def _event(random: Random, category: str, closed: bool) -> Event:
    facts = random.choice((*FACTS.get(category, (samples.NOTICE,)), {}))
    dates = [
        {"at": (NOW + timedelta(hours=random.randint(-50, 900))).isoformat(),
         "what": random.choice(("trading ends", "withdrawals end", "", "deposits and withdrawals close " * 9)),
         "tickers": [f"BINANCE:{random.choice(NAMES)}USDT"] * random.choice((0, 1, 50))}
        for _ in range(random.choice((0, 0, 1, 3, 60)))
    ]  # fmt: skip
    lowered = not closed and category != "operations" and random.random() < 0.05
    ended = {
        "status": "closed",
        "closed_at": NOW,
        "close_reason": random.choice(("resumed", "closed by ann: over", "")),
    }
    return Event(
        **{
            "pk": 7,
            "source": SOURCES.get(category, random.choice(("binance", "okx"))),
            "category": category,
            "priority": "low" if lowered or category == "operations" else "high",
            "status": "open",
            "title": random.choice(TITLES),
            "url": random.choice(("", "https://www.binance.com/en/support/7", "javascript:alert(1)")),
            "published_at": random.choice((None, NOW - timedelta(minutes=2))),
            "seen_at": NOW - timedelta(minutes=1),
            "opened_at": NOW - timedelta(hours=3),
            "updated_at": NOW,
            "important_dates": dates,
            "network_tokens": random.sample(NAMES, random.choice((0, 0, 3))),
            "false_alarm": closed and random.random() < 0.2,
            "facts": facts,
            **(ended if closed else {}),
        }
    )


def _effects(random: Random) -> list[Effect]:
    return [_effect(random, number) for number in range(random.choice(SIZES))]


def _effect(random: Random, number: int) -> Effect:
    token = random.choice(NAMES) if number < len(NAMES) else f"COIN{number}"
    scope, venue = random.choice((("asset", ""), ("venue", None), ("pairs", None)))
    venue = random.choice(VENUES) if venue is None else venue
    pairs = 2000 if not number and random.random() < 0.05 else random.choice((0, 1, 2, 9))
    quotes = [
        f"{venue or 'BINANCE'}:{token}{random.choice(('USDT', 'USDC', 'BTC', 'TRY'))}{n or ''}" for n in range(pairs)
    ]
    ends = random.choice((None, None, NOW + timedelta(minutes=random.randint(-900, 90_000))))
    return Effect(
        token=token,
        scope=scope,
        venue=venue,
        tickers=quotes,
        action=random.choice(Action.values),
        trading_status=random.choice(TradingStatus.values),
        risk_level=random.choice(RiskLevel.values),
        trading_ends_at=ends,
    )


def _changes(random: Random, effects: list[Effect]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if random.random() < 0.4:
        found["title"] = ["Before", "After"]
    if effects and random.random() < 0.4:
        found[f"{effects[0].token} on BINANCE"] = ["exit trading", "watch delisting"]
    if random.random() < 0.2:
        moved = [[(NOW + timedelta(days=day)).isoformat(), "trading ends", []] for day in (1, 9)]
        found["important_dates"] = [moved[:1], moved[1:]]
    return found

"""`can_trade` in plain Python, from the text of the contract (DESIGN_DESK.md section 12), and random worlds for both.

Nothing here reads our SQL: rows of the tables as plain data, one rule of the contract after the other.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

SEVERITY = {"none": 0, "watch": 1, "avoid_new": 2, "reduce_only": 3, "exit": 4, "halt": 5}
STATUSES = (
    "trading", "deposits_suspended", "withdrawals_suspended", "wallet_suspended", "delisting", "trading_suspended",
    "delisted",
)  # fmt: skip
WHOLE_EXCHANGE = ("depeg", "wallet_suspension", "exchange_halt")


@dataclass
class Instrument:
    venue: str
    symbol: str
    base: str  # as the exchange writes it
    token: str
    quote: str
    settle: str = ""
    live: bool = True
    ends_at: datetime | None = None

    @property
    def exchange(self) -> str:
        return self.venue.split("_")[0].lower()


@dataclass
class Effect:
    token: str
    scope: str
    venue: str
    tickers: list[str]
    action: str
    trading_status: str
    trading_ends_at: datetime | None


@dataclass
class Event:
    category: str
    priority: str
    open: bool
    effects: list[Effect]
    id: int = 0


@dataclass
class Review:
    tokens: list[str]
    tickers: list[str]
    venues: list[str]
    decided: bool
    age: float  # days since its release
    id: int = 0

    @property
    def counts(self) -> bool:
        return not self.decided and self.age < 30


@dataclass
class Source:
    name: str
    state: str
    interval: float
    answered: float | None  # seconds ago


@dataclass
class World:
    now: datetime
    instruments: list[Instrument]
    events: list[Event]
    sources: list[Source]
    needed: dict[str, list[tuple[str, str]]]  # venue → (source, role)
    stablecoins: set[str]
    spot: set[str]
    usdm: set[str]
    quotes: set[str]
    heartbeat: float | None  # seconds ago
    refreshed: float = 0.0
    trade_listed: bool = False
    reviews: list[Review] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)


def strictest(actions: list[str]) -> str:
    return max(actions, key=SEVERITY.__getitem__, default="none")


def expected(world: World, one: Instrument, asked_venue: str) -> dict[str, Any]:
    """The contract's answer for an instrument, asked for on a venue (margin trades the instruments of spot)."""
    places = {one.venue, asked_venue}
    names = {f"{place}:{one.symbol}" for place in places}
    base: list[str] = []
    money: list[str] = []
    own: list[str] = []
    statuses, ends, ids = ["trading"], [], set()
    for event in world.events:
        if not event.open:
            continue
        for effect in event.effects:
            exchange = effect.venue.split("_")[0].lower()
            here = (
                not effect.venue
                or effect.venue in places
                or (event.category in WHOLE_EXCHANGE and exchange == one.exchange)
            )
            concerns = False
            if here and effect.token == one.token and effect.scope == "asset":
                base.append(effect.action)
                concerns = True
            of_venue = here and (effect.token == "*" or (effect.token == one.token and effect.scope == "venue"))
            unnamed = here and effect.token == one.token and effect.scope == "pairs" and not effect.tickers
            if of_venue or unnamed or names & set(effect.tickers):
                own.append(effect.action)
                concerns = True
            if concerns:
                statuses.append(effect.trading_status)
                ends += [effect.trading_ends_at] if effect.trading_ends_at else []
            if here and effect.scope != "pairs" and effect.token in (one.quote, one.settle):
                money.append(effect.action)
                concerns = True
            if concerns:
                ids.add(event.id)
    reviewed: dict[int, list[str]] = {}
    for review in world.reviews:
        exchanges = [venue.split("_")[0].lower() for venue in review.venues]
        here = review.counts and (not exchanges or one.exchange in exchanges)
        concerns_what = [
            ("base", base, here and one.token in review.tokens),
            ("quote", money, here and bool({one.quote, one.settle} & set(review.tokens))),
            ("instrument", own, review.counts and bool(names & set(review.tickers))),
        ]
        for word, actions, concerned in concerns_what:
            if concerned:
                actions.append("watch")
                reviewed.setdefault(review.id, []).append(word)
    over = one.ends_at is not None and one.ends_at <= world.now
    if over or not one.live:
        own.append("halt")
        statuses.append("delisted" if over else "trading_suspended")
    if one.ends_at:
        ends.append(one.ends_at)
    action = strictest([*base, *money, *own])

    futures = asked_venue.endswith(("_USDM", "_COINM", "_OPTIONS"))
    watched = one.token in (world.usdm if futures else world.spot) and (
        one.quote in world.quotes or (futures and one.quote == "USD")
    )
    stale = stale_sources(world, one)
    alive = world.heartbeat is not None and -5 <= world.heartbeat <= 12
    if not alive:
        status = "unknown"
    else:
        status = "stale" if stale or world.refreshed < -5 or not world.needed.get(one.venue) else "fresh"
    return {
        "exchange": one.exchange,
        "venue": asked_venue,
        "symbol": one.symbol,
        "base": one.token,
        "quote": one.quote,
        "settle": one.settle,
        "base_action": strictest(base),
        "quote_action": strictest(money),
        "instrument_action": strictest(own),
        "action": action,
        "trading_status": max(statuses, key=STATUSES.index),
        "trading_ends_at": min(ends, default=None),
        "event_ids": sorted(ids),
        "reviewed": reviewed,
        "covered": "watched" if watched else "listed",
        "status": status,
        "may_open": SEVERITY[action] <= SEVERITY["watch"] and status == "fresh" and (watched or world.trade_listed),
        "may_close": action != "halt",
    }


def stale_sources(world: World, one: Instrument) -> list[str]:
    known = {source.name: source for source in world.sources}
    pegged = {one.token, one.quote, one.settle} & world.stablecoins
    found = []
    for name, role in world.needed.get(one.venue, []):
        if role == "pegs" and not pegged:
            continue
        source = known.get(name)
        if (
            source is None
            or source.state == "stale"
            or source.answered is None
            or source.answered > 5 * source.interval
            or source.answered < -5
        ):
            found.append(name)
    return found


# ------------------------------------------------------------------------------------------------------------ worlds

COINS = ("BTC", "ETH", "XYZ", "ABC", "SHIB", "NEW")
MONEY = ("USDT", "USDC", "BTC", "EUR")
SPOT_VENUES = ("BINANCE", "OKX", "KRAKEN")


def random_world(chance: random.Random, now: datetime) -> World:
    instruments = []
    for venue in SPOT_VENUES:
        for base in chance.sample(COINS, 3):
            for quote in chance.sample(MONEY, 2):
                if base != quote:
                    dash = "-" if venue == "OKX" else ""
                    instruments.append(Instrument(venue, f"{base}{dash}{quote}", base, base, quote))
    for base in chance.sample(COINS, 3):
        name = "1000SHIB" if base == "SHIB" else base
        quote = chance.choice(("USDT", "USDC"))
        settle = chance.choice((quote, "USDC"))
        instruments.append(Instrument("BINANCE_USDM", f"{name}{quote}", name, base, quote, settle))
        if chance.random() < 0.5:
            instruments.append(Instrument("BINANCE_COINM", f"{base}USD_PERP", base, base, "USD", base))
        if chance.random() < 0.5:
            instruments.append(Instrument("OKX_USDM", f"{base}-{quote}-SWAP", base, base, quote, quote))
    for one in instruments:
        one.live = chance.random() > 0.08
        if chance.random() < 0.15:
            one.ends_at = now + timedelta(hours=chance.choice((-30, -1, 2, 40)))
    venues = sorted({one.venue for one in instruments})
    needed = {
        venue: [
            (f"{venue.split('_')[0].lower()}.{role}", role)
            for role in ("announcements", "instruments", "status", "pegs")
            if chance.random() < 0.9
        ]
        + [("defillama.hacks", "hacks")]
        for venue in venues
        if chance.random() < 0.95
    }
    quiet = chance.random() < 0.5
    sources = [
        Source(
            name,
            "ok" if quiet else chance.choice(("ok", "ok", "ok", "failing", "drift", "stale", "waiting")),
            30.0,
            chance.choice((1.0, 60.0)) if quiet else chance.choice((1.0, 140.0, 170.0, 4000.0, None, -2.0, -60.0)),
        )
        for name in sorted({name for rows in needed.values() for name, _ in rows})
        if quiet or chance.random() < 0.95
    ]
    world = World(
        now=now,
        instruments=instruments,
        events=[_event(chance, instruments, venues, now) for _ in range(chance.randrange(9))],
        sources=sources,
        needed=needed,
        stablecoins={"USDT", "USDC"},
        spot=set(chance.sample(COINS, 4)),
        usdm=set(chance.sample(COINS, 4)),
        quotes=set(chance.sample(MONEY, 3)),
        heartbeat=chance.choice((0.0, 1.0, 2.0, 4.0, 1.0, 2.0, 4.0, 16.0, 3600.0, -3.0, -60.0, None)),
        refreshed=chance.choice((0.0, 0.0, 0.0, 20.0, -3.0, -60.0)),
        trade_listed=chance.random() < 0.2,
    )
    if chance.random() < 0.6:
        world.reviews = [_review(chance, instruments, venues) for _ in range(chance.randrange(1, 6))]
    return world


def _review(chance: random.Random, instruments: list[Instrument], venues: list[str]) -> Review:
    named = [chance.choice(instruments) for _ in range(chance.randrange(3))]
    return Review(
        tokens=chance.sample((*COINS, *MONEY), chance.choice((0, 1, 1, 2))),
        tickers=[f"{chance.choice((one.venue, 'BINANCE_MARGIN'))}:{one.symbol}" for one in named],
        venues=chance.sample(venues, chance.choice((0, 1, 1, 1, 2))),
        decided=chance.random() < 0.3,
        age=chance.choice((0.0, 3.0, 29.0, 31.0, 400.0, -1.0)),
    )


def _event(chance: random.Random, instruments: list[Instrument], venues: list[str], now: datetime) -> Event:
    category = chance.choice(("delisting", "hack", "risk_warning", "trading_suspension", *WHOLE_EXCHANGE))
    effects = []
    for _ in range(chance.randrange(1, 4)):
        one = chance.choice(instruments)
        scope = chance.choice(("asset", "asset", "venue", "venue", "pairs"))
        venue = "" if scope == "asset" and chance.random() < 0.8 else chance.choice([*venues, "BINANCE_MARGIN"])
        tickers = [f"{one.venue}:{one.symbol}"] if chance.random() < 0.4 else []
        if chance.random() < 0.1:
            tickers.append(f"BINANCE_MARGIN:{one.symbol}")
        token = chance.choice((one.token, one.token, one.quote, one.settle or one.quote, chance.choice(COINS)))
        if category == "exchange_halt" and chance.random() < 0.4:
            token, scope, tickers = "*", "venue", []
            venue = venue or chance.choice(venues)
        effects.append(
            Effect(
                token, scope, venue, tickers, chance.choice(list(SEVERITY)[1:]), chance.choice(STATUSES),
                now + timedelta(hours=chance.randrange(-5, 50)) if chance.random() < 0.3 else None,
            )
        )  # fmt: skip
    return Event(category, chance.choice(("high", "low")), chance.random() < 0.7, effects)

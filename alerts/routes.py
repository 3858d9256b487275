"""Which channel is told of which event, and what goes first when a channel is behind."""

from __future__ import annotations

from alerts.models import Channel
from alerts.receivers import extra_followers
from crypto_ews.conf import get_config
from events.enums import Category

# category: (channel, urgency). Where money can be lost within minutes the urgency is highest; a storm of price
# moves, which can put hundreds of cards into one channel, is lowest.
ROUTES: dict[str, tuple[Channel, int]] = {
    Category.EXCHANGE_HALT: (Channel.CEX, 50),
    Category.DELISTING: (Channel.CEX, 40),
    Category.TRADING_SUSPENSION: (Channel.CEX, 40),
    Category.MANUAL: (Channel.CEX, 40),
    Category.TOKEN_MIGRATION: (Channel.CEX, 30),
    Category.HARD_FORK: (Channel.CEX, 30),
    Category.NETWORK_UPGRADE: (Channel.CEX, 30),
    Category.WALLET_SUSPENSION: (Channel.CEX, 30),
    Category.RISK_WARNING: (Channel.CEX, 30),
    Category.OPERATIONS: (Channel.CEX, 30),
    Category.HACK: (Channel.DEFI, 50),
    Category.BRIDGE_HACK: (Channel.DEFI, 50),
    Category.DEPEG: (Channel.STABLECOIN, 50),
    Category.VOLATILITY: (Channel.TOKEN_VOLATILITY, 0),
    Category.WHALE: (Channel.TOKEN_VOLATILITY, 0),
    Category.DEPTH_DROP: (Channel.TOKEN_VOLATILITY, 0),
    Category.LOW_LIQUIDITY: (Channel.TOKEN_LIQUIDITY, 10),
}

# (source, category): channel, where a source's events of that category go elsewhere.
EXCEPTIONS: dict[tuple[str, str], Channel] = {
    # A stablecoin that is redeemed in haste.
    ("defillama", Category.RISK_WARNING): Channel.STABLECOIN,
}

# Of a category that a later source brings and nobody has routed yet: better in a busy channel than in none.
UNROUTED = (Channel.CEX, 20)

# Somebody sits in front of it.
TEST_URGENCY = 100
NOTICE_URGENCY = ROUTES[Category.OPERATIONS][1]


# From here on up an alert is told by itself as long as the channel's limit leaves room, and passes ahead of a storm.
URGENT = 40

# What comes in storms, and is stale before anybody could take it in hand: told once, neither repeated nor escalated.
TRANSIENT_CATEGORIES = frozenset({Category.VOLATILITY, Category.WHALE, Category.DEPTH_DROP})


def route(category: str, source: str) -> tuple[str, int]:
    """Channel and urgency of an event's alerts; a higher urgency goes first."""
    channel, urgency = ROUTES.get(category, UNROUTED)
    return EXCEPTIONS.get((source, category), channel).value, urgency


def channels(category: str, source: str) -> list[tuple[str, int]]:
    """Every channel that is told of an event, with the urgency there; the event's own channel first."""
    own, urgency = route(category, source)
    return [(channel, urgency) for channel in (own, *extra_followers(get_config(), own))]

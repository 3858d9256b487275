"""The routes: the channel and the urgency of an event's alerts."""

from __future__ import annotations

from alerts.models import Channel
from alerts.receivers import extra_followers
from crypto_ews.conf import get_config
from events.enums import Category

# category: (channel, urgency). Urgency is highest where money can be lost within minutes, and lowest for price moves,
# which can put hundreds of cards into one channel.
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
    Category.VOLUME_ANOMALY: (Channel.TOKEN_VOLATILITY, 0),
    Category.LOW_LIQUIDITY: (Channel.TOKEN_LIQUIDITY, 10),
}

# (source, category): channel, where a source's events of a category go to another channel.
EXCEPTIONS: dict[tuple[str, str], Channel] = {
    # A run on a stablecoin: its supply is redeemed fast.
    ("defillama", Category.RISK_WARNING): Channel.STABLECOIN,
}

# For a category without a route: better in a busy channel than in none.
UNROUTED = (Channel.CEX, 20)

# A person is waiting for the result.
TEST_URGENCY = 100
NOTICE_URGENCY = ROUTES[Category.OPERATIONS][1]
# Behind every event of an exchange: nothing is known to be at risk.
REVIEW_URGENCY = 10


# From this urgency up an alert gets a card of its own while the channel's quota lasts, and overtakes routine alerts.
URGENT = 40

# Alerts that come in storms and are stale before anybody can react: never repeated, never escalated.
TRANSIENT_CATEGORIES = frozenset({Category.VOLATILITY, Category.WHALE, Category.DEPTH_DROP, Category.VOLUME_ANOMALY})


def route(category: str, source: str) -> tuple[str, int]:
    """The main channel and the urgency of an event's alerts; a higher urgency goes first."""
    channel, urgency = ROUTES.get(category, UNROUTED)
    return EXCEPTIONS.get((source, category), channel).value, urgency


def channels(category: str, source: str) -> list[tuple[str, int]]:
    """Every channel of an event's alerts, with the urgency there; the main channel first."""
    main, urgency = route(category, source)
    return [(channel, urgency) for channel in (main, *extra_followers(get_config(), main))]

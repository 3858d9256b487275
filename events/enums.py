"""The closed vocabularies of events, in the order that the public enum types have."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.db import models


class Priority(models.TextChoices):
    HIGH = "high"
    LOW = "low"


class Status(models.TextChoices):
    OPEN = "open"
    CLOSED = "closed"


EVERYTHING = "*"
"""Used as a token: everything that the venue trades, watched or not."""


class Scope(models.TextChoices):
    """The extent of an effect: the coin itself, all instruments of the coin on a venue, or single pairs."""

    ASSET = "asset"
    VENUE = "venue"
    PAIRS = "pairs"


class _Ordered(models.TextChoices):
    """Choices whose order of declaration is their severity, as in the PostgreSQL enum of the same name."""

    @property
    def severity(self) -> int:
        return list(type(self)).index(self)

    @classmethod
    def most_severe(cls, values: Iterable[str]) -> str:
        """The most severe of the values, "" where there is none."""
        return str(max(map(cls, values), key=lambda value: value.severity, default=""))


class Action(_Ordered):
    """What a bot should do now (`risk_action`)."""

    WATCH = "watch"
    AVOID_NEW = "avoid_new"
    REDUCE_ONLY = "reduce_only"
    EXIT = "exit"
    HALT = "halt"


class TradingStatus(_Ordered):
    """What is possible now (`trading_status`). A wallet is suspended where deposits and withdrawals are."""

    TRADING = "trading"
    DEPOSITS_SUSPENDED = "deposits_suspended"
    WITHDRAWALS_SUSPENDED = "withdrawals_suspended"
    WALLET_SUSPENDED = "wallet_suspended"
    DELISTING = "delisting"
    TRADING_SUSPENDED = "trading_suspended"
    DELISTED = "delisted"


class RiskLevel(_Ordered):
    HIGH = "high"
    CRITICAL = "critical"


class Category(models.TextChoices):
    DELISTING = "delisting"
    HARD_FORK = "hard_fork"
    NETWORK_UPGRADE = "network_upgrade"
    TOKEN_MIGRATION = "token_migration"
    TRADING_SUSPENSION = "trading_suspension"
    WALLET_SUSPENSION = "wallet_suspension"
    RISK_WARNING = "risk_warning"
    DEPEG = "depeg"
    HACK = "hack"
    BRIDGE_HACK = "bridge_hack"
    VOLATILITY = "volatility"
    LOW_LIQUIDITY = "low_liquidity"
    EXCHANGE_HALT = "exchange_halt"
    WHALE = "whale"
    DEPTH_DROP = "depth_drop"
    VOLUME_ANOMALY = "volume_anomaly"
    MANUAL = "manual"
    OPERATIONS = "operations"


MEASURED = frozenset(
    {Category.VOLATILITY, Category.WHALE, Category.DEPTH_DROP, Category.VOLUME_ANOMALY, Category.LOW_LIQUIDITY}
)
"""Measured on the markets, repeatedly and under the present name of the coin. Such an event is valid for a while after
it was measured, and ends by itself."""


class Stage(models.TextChoices):
    """The phase of an effect; with the category it decides the action (`ActionRule`)."""

    MINOR = "minor"
    ANNOUNCED = "announced"
    NEAR = "near"
    IN_FORCE = "in_force"
    CONFIRMED = "confirmed"
    SEVERE = "severe"


class CloseKind(models.TextChoices):
    """Who closed an event; decides whether the key may open again without a new date."""

    SOURCE = "source", "its source closed it"
    EXPIRED = "expired", "its time had passed"
    RETRACTED = "retracted", "its source no longer lists it"
    MANUAL = "by_hand", "an admin closed it"


class OutcomeKind(StrEnum):
    OPENED = "opened"
    UPDATED = "updated"
    ROLLED_FORWARD = "rolled_forward"
    CLOSED = "closed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class AlertReason(models.TextChoices):
    OPENED = "opened"
    WORSE = "worse"
    TURNED = "turned"
    UPDATED = "updated"
    REMINDER = "reminder"
    CLOSED = "closed"
    REPEAT = "repeat"
    ESCALATED = "escalated"
    DIGEST = "digest"
    TEST = "test"


def max_length(choices: Any) -> int:
    """A column length for every value of a vocabulary and for later ones."""
    return max(32, *(len(value) for value in choices.values))

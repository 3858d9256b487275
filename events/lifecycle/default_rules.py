"""The shipped rules, loaded after each migrate, so that a flushed database has them again. Admins' changes stay."""

from __future__ import annotations

from typing import Any

from events.enums import Category as C
from events.enums import Stage
from events.models import ActionRule, RetentionRule

# category, stage, action, trading status, risk level, lead hours
_ACTIONS: tuple[tuple[str, str, str, str, str, float], ...] = (
    (C.RISK_WARNING, Stage.ANNOUNCED, "avoid_new", "trading", "high", 0),
    (C.NETWORK_UPGRADE, Stage.ANNOUNCED, "avoid_new", "trading", "high", 0),
    (C.NETWORK_UPGRADE, Stage.IN_FORCE, "avoid_new", "wallet_suspended", "high", 0),
    (C.HARD_FORK, Stage.ANNOUNCED, "avoid_new", "trading", "high", 0),
    (C.HARD_FORK, Stage.IN_FORCE, "avoid_new", "wallet_suspended", "high", 0),
    (C.WALLET_SUSPENSION, Stage.ANNOUNCED, "avoid_new", "trading", "high", 0),
    (C.WALLET_SUSPENSION, Stage.IN_FORCE, "avoid_new", "wallet_suspended", "high", 0),
    (C.VOLATILITY, Stage.ANNOUNCED, "avoid_new", "trading", "high", 0),
    (C.LOW_LIQUIDITY, Stage.ANNOUNCED, "avoid_new", "trading", "high", 0),
    (C.DELISTING, Stage.ANNOUNCED, "reduce_only", "delisting", "high", 0),
    (C.DELISTING, Stage.NEAR, "exit", "delisting", "high", 24),
    (C.DELISTING, Stage.IN_FORCE, "halt", "delisted", "critical", 0),
    (C.TRADING_SUSPENSION, Stage.ANNOUNCED, "avoid_new", "trading", "high", 0),
    (C.TRADING_SUSPENSION, Stage.IN_FORCE, "halt", "trading_suspended", "critical", 0),
    (C.TOKEN_MIGRATION, Stage.ANNOUNCED, "reduce_only", "trading", "high", 0),
    (C.TOKEN_MIGRATION, Stage.IN_FORCE, "halt", "trading_suspended", "critical", 0),
    (C.DEPEG, Stage.ANNOUNCED, "watch", "trading", "high", 0),
    (C.DEPEG, Stage.CONFIRMED, "reduce_only", "trading", "high", 0),
    (C.DEPEG, Stage.SEVERE, "exit", "trading", "critical", 0),
    (C.HACK, Stage.MINOR, "watch", "trading", "high", 0),
    (C.HACK, Stage.ANNOUNCED, "exit", "trading", "critical", 0),
    (C.BRIDGE_HACK, Stage.MINOR, "watch", "trading", "high", 0),
    (C.BRIDGE_HACK, Stage.ANNOUNCED, "exit", "trading", "critical", 0),
    (C.EXCHANGE_HALT, Stage.ANNOUNCED, "halt", "trading_suspended", "critical", 0),
    (C.WHALE, Stage.ANNOUNCED, "watch", "trading", "high", 0),
    (C.DEPTH_DROP, Stage.ANNOUNCED, "watch", "trading", "high", 0),
    (C.VOLUME_ANOMALY, Stage.ANNOUNCED, "watch", "trading", "high", 0),
    (C.MANUAL, Stage.ANNOUNCED, "avoid_new", "trading", "high", 0),
)

# category, days open after release where undated, days open after the last important date
_RETENTION: tuple[tuple[str, float, float], ...] = (
    (C.DELISTING, 7, 30),
    (C.TRADING_SUSPENSION, 30, 30),
    (C.WALLET_SUSPENSION, 30, 30),
    (C.HARD_FORK, 7, 7),
    (C.NETWORK_UPGRADE, 7, 7),
    (C.TOKEN_MIGRATION, 7, 7),
    (C.RISK_WARNING, 7, 30),
    (C.HACK, 7, 7),
    (C.BRIDGE_HACK, 7, 7),
)


def load_reference_data(**_signal: Any) -> None:
    """Add the shipped rules that are missing. Receiver of `post_migrate`; idempotent."""
    ActionRule.objects.bulk_create(
        [
            ActionRule(
                category=category,
                stage=stage,
                action=action,
                trading_status=status,
                risk_level=risk,
                lead_hours=lead,
            )
            for category, stage, action, status, risk, lead in _ACTIONS
        ],
        ignore_conflicts=True,
    )
    RetentionRule.objects.bulk_create(
        [
            RetentionRule(category=category, undated_days=undated, dated_days=dated)
            for category, undated, dated in _RETENTION
        ],
        ignore_conflicts=True,
    )

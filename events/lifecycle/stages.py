"""The state of an effect at a moment, from its dates, its source's declarations and the action rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.enums import Action, RiskLevel, Stage, TradingStatus


@dataclass(frozen=True)
class StageRule:
    """What a category means at a stage. lead: of the stage `near`, how long before the effect is in force."""

    action: str
    trading_status: str
    risk_level: str
    lead: timedelta = timedelta(0)


Rules = Mapping[tuple[str, str], StageRule]

_UNKNOWN = StageRule(Action.AVOID_NEW, TradingStatus.TRADING, RiskLevel.HIGH)


@dataclass(frozen=True)
class Resolved:
    """An effect's present state, and when time alone next changes it (None: never)."""

    stage: str
    action: str
    trading_status: str
    risk_level: str
    next_step_at: datetime | None


def resolve(
    category: str,
    declared: Mapping[str, str],
    in_force_at: datetime | None,
    rules: Rules,
    now: datetime,
) -> Resolved:
    """The state of an effect of `category` at `now`.

    declared: `stage`, `action`, `trading_status`, `risk_level` where the source or an admin set them. They apply at any
        time, except `stage`, which ends at in_force_at; `in_force_status` applies from then on.
    in_force_at: when the announced state begins, or None where no moment is known.
    """
    near = rules.get((category, Stage.NEAR))
    near_at = in_force_at - near.lead if in_force_at and near else None
    if in_force_at and now >= in_force_at:
        stage = str(Stage.IN_FORCE)
    elif near_at and now >= near_at:
        stage = str(Stage.NEAR)
    else:
        stage = declared.get("stage") or str(Stage.ANNOUNCED)
    rule = rules.get((category, stage)) or rules.get((category, Stage.ANNOUNCED)) or _UNKNOWN
    begun = declared.get("in_force_status") if stage == Stage.IN_FORCE else None
    upcoming = [at for at in (near_at, in_force_at) if at and at > now]
    return Resolved(
        stage=stage,
        action=declared.get("action") or rule.action,
        trading_status=declared.get("trading_status") or begun or rule.trading_status,
        risk_level=declared.get("risk_level") or rule.risk_level,
        next_step_at=min(upcoming, default=None),
    )

"""Which phrases an event's facts have: by the facts that it was stored with, else by its category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.rendering.cards.facts.defi import DEPEG, HACK, SUPPLY_RUN
from alerts.rendering.cards.facts.exchange_notices import NOTICE
from alerts.rendering.cards.facts.internal_kinds import HALT, MANUAL, OPERATIONS
from alerts.rendering.cards.facts.market_data import DEPTH_DROP, LIQUIDITY, VOLATILITY, WHALE
from alerts.rendering.cards.facts.phrase import Kind
from alerts.rendering.cards.facts.volume import VOLUME
from events.enums import Category

# A key that only the events of this kind store. An admin may correct the category; the facts remain.
_BY_KEY: Mapping[str, Kind] = {
    "run": SUPPLY_RUN,
    "track": DEPEG,
    "amount_complete": HACK,
    "last_alert": VOLATILITY,
    "depth_usd": LIQUIDITY,
    "told_depth": DEPTH_DROP,
    "measured_at": VOLUME,
    "possible_spoofs": WHALE,
    "signals": HALT,
}
_BY_CATEGORY: Mapping[str, Kind] = {
    Category.DEPEG: DEPEG,
    Category.HACK: HACK,
    Category.BRIDGE_HACK: HACK,
    Category.VOLATILITY: VOLATILITY,
    Category.LOW_LIQUIDITY: LIQUIDITY,
    Category.DEPTH_DROP: DEPTH_DROP,
    Category.VOLUME_ANOMALY: VOLUME,
    Category.WHALE: WHALE,
    Category.EXCHANGE_HALT: HALT,
    Category.MANUAL: MANUAL,
    Category.OPERATIONS: OPERATIONS,
}


def kind_of(category: str, source: str, facts: Mapping[str, Any]) -> Kind:
    """The kind of an event. source: as stored; "manual" for one that an admin opened, whatever its category."""
    if source == "manual":
        return MANUAL
    found = next((kind for key, kind in _BY_KEY.items() if key in facts), None)
    return found or _BY_CATEGORY.get(category, NOTICE)

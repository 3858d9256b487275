"""Preview of a manual event: the pairs it concerns, and the rows that bots would read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from events.enums import Action, RiskLevel, Scope, TradingStatus
from events.lifecycle.effects import build_effects, load_rules
from events.lifecycle.manual import manual_effects
from events.models import Effect, TokenRisk
from markets.models import Instrument


@dataclass(frozen=True)
class TokenPreview:
    """A row of `token_risk_view` as it would be. before: its present action, empty where there is no row.

    action, risk_level and trading_status are the strictest of this event and of all open ones. ordered: the action of
    this event alone; tickers: the live pairs that it covers. paid_in: how many more pairs are quoted or settled in the
    token; `can_trade` answers for these with the same action.
    """

    token: str
    venues: tuple[str, ...]
    before: str
    action: str
    risk_level: str
    trading_status: str
    ordered: str
    tickers: tuple[str, ...]
    paid_in: int = 0


def preview_manual_event(
    now: datetime,
    *,
    tokens: Sequence[str],
    venues: Sequence[str],
    action: str,
    risk_level: str,
    trading_status: str,
    category: str,
    pairs: Sequence[tuple[str, str]] = (),
) -> list[TokenPreview]:
    """The rows that bots would read, one per asset, with the pairs concerned. Writes nothing.

    Raises LifecycleError as `open_manual_event` would.
    """
    drafts = manual_effects(
        now,
        tokens=tokens,
        venues=venues,
        action=action,
        risk_level=risk_level,
        trading_status=trading_status,
        pairs=pairs,
    )
    effects = build_effects(drafts, category, load_rules(), now)
    rows = {row.token: row for row in TokenRisk.objects.filter(token__in={effect.token for effect in effects})}
    found = []
    for token in dict.fromkeys(effect.token for effect in effects):
        of_token = [effect for effect in effects if effect.token == token]
        row = rows.get(token)
        actions, risks, statuses = (
            [_as_read(item, name) for item in of_token] + ([getattr(row, name)] if row else [])
            for name in ("action", "risk_level", "trading_status")
        )
        everywhere = any(not effect.venue for effect in of_token) or (row is not None and not row.venues)
        places = {effect.venue for effect in of_token} | set(row.venues if row else ())
        found.append(
            TokenPreview(
                token=token,
                venues=() if everywhere else tuple(sorted(places)),
                before=row.action if row else "",
                action=Action.most_severe(actions),
                risk_level=RiskLevel.most_severe(risks),
                trading_status=TradingStatus.most_severe(statuses),
                ordered=of_token[0].action,
                tickers=tuple(sorted({ticker for effect in of_token for ticker in effect.tickers})),
                paid_in=_paid_in(token, {item.venue for item in of_token if item.scope != Scope.PAIRS}),
            )
        )
    return found


def _as_read(effect: Effect, name: str) -> str:
    """A state of a token as the view has it: a token whose single pairs are blocked goes on trading."""
    if effect.scope != Scope.PAIRS:
        return str(getattr(effect, name))
    return {"action": Action.WATCH, "trading_status": TradingStatus.TRADING, "risk_level": RiskLevel.HIGH}[name].value


def _paid_in(token: str, venues: set[str]) -> int:
    """How many live pairs and contracts of other coins are quoted or settled in a token, on these venues."""
    paid = Instrument.objects.filter(Q(quote_token=token) | Q(settle_token=token), live=True).exclude(token=token)
    return (paid if "" in venues else paid.filter(venue__in=venues)).count()

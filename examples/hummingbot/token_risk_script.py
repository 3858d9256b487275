"""A script for hummingbot that bids below the market, and only for what CRYPTO_EWS allows to be opened.

Copy it with token_risk.py and risk_guard.py into hummingbot's folder `scripts/`; `start --script
token_risk_script.py`. It trades on paper. docs/bots/hummingbot.md says what goes into hummingbot's configuration.
"""

from __future__ import annotations

from decimal import Decimal

from hummingbot.core.data_type.common import OrderType, PriceType
from hummingbot.strategy.script_strategy_base import ScriptStrategyBase
from scripts.risk_guard import RiskGuard


class TokenRiskScript(RiskGuard, ScriptStrategyBase):
    """One bid for each market, one percent below the middle."""

    markets = {"binance_paper_trade": {"BTC-USDT", "ETH-USDT"}}
    amounts = {"BTC-USDT": Decimal("0.001"), "ETH-USDT": Decimal("0.02")}

    def on_tick(self) -> None:
        """Bid where no order stands and opening is allowed."""
        for connector, pairs in self.markets.items():
            bidden = {order.trading_pair for order in self.get_active_orders(connector)}
            for pair in sorted(pairs - bidden):
                # Asked first, so that no veto has to be logged; the guard asks again.
                if self.may_open(connector, pair):
                    middle = self.connectors[connector].get_price_by_type(pair, PriceType.MidPrice)
                    self.buy(connector, pair, self.amounts[pair], OrderType.LIMIT, middle * Decimal("0.99"))

    def format_status(self) -> str:
        """What `status` shows: why a market is not opened."""
        lines = [super().format_status(), "", "  Risk:"]
        for connector, pairs in self.markets.items():
            for pair in sorted(pairs):
                lines.append(f"    {connector} {pair}: {self.risk.why_not(connector, pair) or 'may be opened'}")
        return "\n".join(lines)

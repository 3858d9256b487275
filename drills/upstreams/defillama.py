"""DeFiLlama as a drill plays it: stablecoins with their prices, daily rates, and a list of old hacks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from drills.upstreams.server import CrisisServer

_COINS = {"USDT": ("1", "Tether", 8e10), "USDC": ("2", "USD Coin", 4e10), "UST": ("3", "TerraUSD", 1.8e10),
          "DAI": ("5", "Dai", 5e9)}  # fmt: skip


class DefiLlama:
    """Change `prices` (dollars) and `supply` (of what it was) while the server runs; a coin without price is not
    listed."""

    def __init__(self, server: CrisisServer, now: Callable[[], datetime]) -> None:
        self._now, self._url = now, server.url
        self.prices: dict[str, float] = {"USDT": 1.0, "USDC": 1.0, "DAI": 1.0}
        self.supply: dict[str, float] = {}
        server.serve("/stablecoins", lambda path, query: self._stablecoins())
        server.serve("/rates", lambda path, query: self._rates())
        server.serve("/hacks", lambda path, query: self._hacks())

    def addresses(self) -> dict[str, str]:
        """The URLs of the configuration that lead here, by attribute."""
        return {
            "defillama_stablecoin_url": self._url("/stablecoins?includePrices=true"),
            "defillama_rates_url": self._url("/rates"),
            "defillama_hacks_url": self._url("/hacks"),
            "defillama_bridge_hacks_url": self._url("/hacks"),
        }

    def _stablecoins(self) -> dict[str, Any]:
        # As there: a new snapshot every half hour, whose prices differ in the last digits.
        snapshot = int(self._now().timestamp()) // 1800 % 997
        coins = []
        for place, (symbol, price) in enumerate(self.prices.items()):
            number, name, supply = _COINS[symbol]
            now = supply * self.supply.get(symbol, 1.0)
            shown = round(price + (snapshot * 7 + place * 31) % 1000 / 1e7, 7)
            coins.append(
                {"id": number, "name": name, "symbol": symbol, "pegType": "peggedUSD", "price": shown,
                 "circulating": {"peggedUSD": now}, "circulatingPrevDay": {"peggedUSD": supply}}
            )  # fmt: skip
        return {"peggedAssets": coins, "chains": []}

    def _rates(self) -> list[dict[str, Any]]:
        day = self._now().replace(hour=0, minute=0, second=0, microsecond=0)
        return [{"date": round(day.timestamp()), "rates": {"USD": 1.0, "EUR": 0.92}}]

    def _hacks(self) -> list[dict[str, Any]]:
        day = (self._now() - timedelta(days=20)).replace(hour=0, minute=0, second=0, microsecond=0)
        return [
            {"date": round(day.timestamp()), "name": "Old Exchange", "classification": "Protocol Logic",
             "technique": "Reentrancy", "amount": 5_000_000, "chain": ["Ethereum"], "bridgeHack": False,
             "targetType": "DeFi Protocol", "source": "", "returnedFunds": None, "defillamaId": None,
             "language": "Solidity"}
        ]  # fmt: skip

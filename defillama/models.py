"""The tables of this app, by what they are of."""

from defillama.hacks.models import HackEvent, Network, ProtocolToken, SeenHack
from defillama.stablecoins.models import CurrencyRate, DepegEvent, PeggedCoin

__all__ = ["CurrencyRate", "DepegEvent", "HackEvent", "Network", "PeggedCoin", "ProtocolToken", "SeenHack"]

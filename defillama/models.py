"""The tables of this app, by what they are of."""

from defillama.models_hacks import HackEvent, Network, ProtocolToken, SeenHack
from defillama.models_stablecoins import CurrencyRate, DepegEvent, PeggedCoin

__all__ = ["CurrencyRate", "DepegEvent", "HackEvent", "Network", "PeggedCoin", "ProtocolToken", "SeenHack"]

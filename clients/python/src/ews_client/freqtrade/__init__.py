"""For freqtrade: a mixin that vetoes in the bot (`TokenRiskGuard`), and a driver that keeps locks in it (`ews drive`).

freqtrade is not needed to import any of it, and nothing of it is imported with a module.
"""

from ews_client.freqtrade.guard import TokenRiskGuard

__all__ = ["TokenRiskGuard"]

"""What freqtrade does with `/bots/freqtrade/block` at each fault, in the second chain of docs/bots/freqtrade.md.

Measured on freqtrade 2026.9 by tests/peers/freqtrade/test_faults.py. A list of what is blocked fails open: where the
words say so, a pair that is at risk can be opened.
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words
from api.botcheck.adapters.freqtrade_allow import AS_EVER, EMPTIES, HANGS, STARTS_EMPTY, STOPS, WAITS

BLOCKS_NOTHING = "blocks nothing: opens pairs that are at risk"
KEEPS = "keeps its last list: opens what gets at risk meanwhile, and goes on blocking what was"

WORDS: Words = {
    "401": (STOPS, KEEPS),
    "403": (STOPS, KEEPS),
    "404": (STOPS, KEEPS),
    "429": (STOPS, KEEPS),
    "500_json": (BLOCKS_NOTHING, BLOCKS_NOTHING),
    "html_200": (STOPS, KEEPS),
    "empty": (STOPS, KEEPS),
    "truncated": (STOPS, KEEPS),
    "slow_drip": (WAITS, HANGS),
    "dead": (STOPS, KEEPS),
    "stale_leader": (STARTS_EMPTY, EMPTIES),
    "clock_skew": (AS_EVER, AS_EVER),
}

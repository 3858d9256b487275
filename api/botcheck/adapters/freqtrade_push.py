"""What freqtrade does at each fault of our push door (`ws_token` behind `token=`) with `allow` behind it, and without.

Measured on freqtrade 2026.9. Push alone does not close: freqtrade keeps what it heard last for ever (DOOR, proven by
tests/peers/freqtrade/test_push_faults.py). The chain of docs/bots/freqtrade.md has `allow` as a filter behind it, and
does what that one does (WORDS, proven by test_faults.py).
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words
from api.botcheck.adapters.freqtrade_allow import AS_EVER, STARTS_EMPTY
from api.botcheck.adapters.freqtrade_allow import WORDS as ALLOW

EMPTIES = "hears that nothing may be opened: opens nothing from its next loop on; manages exits"
KEEPS = "keeps its last list: opens what gets at risk meanwhile, unless `allow` stands behind as a filter"

DOOR: Words = {
    "401": (STARTS_EMPTY, KEEPS),
    "403": (STARTS_EMPTY, KEEPS),
    "404": (STARTS_EMPTY, KEEPS),
    "429": (STARTS_EMPTY, KEEPS),
    "500_json": (STARTS_EMPTY, KEEPS),
    "html_200": (STARTS_EMPTY, KEEPS),
    "empty": (STARTS_EMPTY, KEEPS),
    "truncated": (STARTS_EMPTY, KEEPS),
    "slow_drip": (STARTS_EMPTY, KEEPS),
    "dead": (STARTS_EMPTY, KEEPS),
    "stale_leader": (EMPTIES, EMPTIES),
    "clock_skew": (AS_EVER, AS_EVER),
}
WORDS: Words = ALLOW

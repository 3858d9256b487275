"""What freqtrade does with our push door at each fault: with `allow` as a filter behind it, and without.

Measured on freqtrade 2026.9: the chain of docs/bots/freqtrade.md by tests/peers/freqtrade/test_faults.py, the pushed
list alone by test_push_faults.py. Alone it does not close: freqtrade keeps what it heard last for ever.
"""

from __future__ import annotations

from api.botcheck.adapters import freqtrade_allow
from api.botcheck.adapters.base import Words
from api.botcheck.adapters.freqtrade_allow import AS_EVER, STARTS_EMPTY

WORDS: Words = freqtrade_allow.WORDS

OPENS_NOTHING = "hears that nothing may be opened: opens nothing from its next loop on; manages exits"
KEEPS = "keeps its last list: opens what gets at risk meanwhile"

ALONE: Words = {
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
    "stale_leader": (OPENS_NOTHING, OPENS_NOTHING),
    "clock_skew": (AS_EVER, AS_EVER),
}
"""Of a ProducerPairList with nothing behind it."""

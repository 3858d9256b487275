"""What freqtrade does with `/bots/freqtrade/allow` at each fault, in the chain that docs/bots/freqtrade.md recommends.

Measured on freqtrade 2026.9 by tests/peers/freqtrade/test_faults.py.
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words

STOPS = "does not start (exit code 2): opens nothing, and manages no exits"
STARTS_EMPTY = "starts with no pair: opens nothing, manages exits"
WAITS = "waits for the last byte: opens nothing, and manages no exits"
AS_EVER = "works as without the fault"
EMPTIES = "opens nothing from its next fetch on, until a good answer comes; manages exits"
HANGS = "stands still until the last byte: opens nothing, and manages no exits"

WORDS: Words = {
    "401": (STOPS, EMPTIES),
    "403": (STOPS, EMPTIES),
    "404": (STOPS, EMPTIES),
    "429": (STOPS, EMPTIES),
    "500_json": (STARTS_EMPTY, EMPTIES),
    "html_200": (STOPS, EMPTIES),
    "empty": (STOPS, EMPTIES),
    "truncated": (STOPS, EMPTIES),
    "slow_drip": (WAITS, HANGS),
    "dead": (STOPS, EMPTIES),
    "stale_leader": (STARTS_EMPTY, EMPTIES),
    "clock_skew": (AS_EVER, AS_EVER),
}

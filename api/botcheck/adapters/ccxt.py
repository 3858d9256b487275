"""What a bot of ccxt does behind `ews_client.ccxt.guard` at each fault, with `fail="closed"`.

Measured on ccxt 4.5.90 by tests/peers/ccxt/test_faults.py: sync, async and pro.
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words

NOTHING = "opens nothing: every order that opens ends with OrderVetoed; closes and cancels"
AFTER_THE_LIMIT = "opens nothing, closes and cancels; each order waits for the client's time limit (2 s)"
AS_EVER = "works as without the fault: ages are counted by the server's clock alone"
AFTER_A_JUMP = "opens nothing after a jump back, until it is believed again (60 s); goes on after a jump ahead"

WORDS: Words = {
    "401": (NOTHING, NOTHING),
    "403": (NOTHING, NOTHING),
    "404": (NOTHING, NOTHING),
    "429": (NOTHING, NOTHING),
    "500_json": (NOTHING, NOTHING),
    "html_200": (NOTHING, NOTHING),
    "empty": (NOTHING, NOTHING),
    "truncated": (NOTHING, NOTHING),
    "slow_drip": (AFTER_THE_LIMIT, AFTER_THE_LIMIT),
    "dead": (AFTER_THE_LIMIT, AFTER_THE_LIMIT),
    "stale_leader": (NOTHING, NOTHING),
    "clock_skew": (AS_EVER, AFTER_A_JUMP),
}

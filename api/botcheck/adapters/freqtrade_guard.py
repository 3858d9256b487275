"""What freqtrade does with a strategy of `TokenRiskGuard` at each fault, with `fail="closed"`.

Measured on freqtrade 2026.9 by tests/peers/freqtrade/test_guard.py and test_guard_bot.py.
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words

STOPS = "does not start (exit code 2), and says why in one line; manages no exits"
STARTS = "starts: opens nothing, manages exits"
NOTHING = "opens and enlarges nothing, cancels entries that wait, from its next question on; manages exits, keeps locks"
SLOWLY = "the same; one question waits 1.5 s at most, then nothing is asked for 7.5 s"
AS_EVER = "works as without the fault: ages are counted by the server's clock alone"
AFTER_A_JUMP = (
    "opens nothing after our clock jumped back, until it is believed again (60 s); works on after a jump ahead"
)

WORDS: Words = {
    "401": (STOPS, NOTHING),
    "403": (STOPS, NOTHING),
    "404": (STOPS, NOTHING),
    "429": (STARTS, NOTHING),
    "500_json": (STARTS, NOTHING),
    "html_200": (STARTS, NOTHING),
    "empty": (STARTS, NOTHING),
    "truncated": (STARTS, NOTHING),
    "slow_drip": (STARTS, SLOWLY),
    "dead": (STARTS, SLOWLY),
    "stale_leader": (STARTS, NOTHING),
    "clock_skew": (AS_EVER, AFTER_A_JUMP),
}

"""What freqtrade does beside `ews drive freqtrade` at each fault, with `--when-unknown lock-all`.

Measured on freqtrade 2026.9 by tests/peers/freqtrade/test_driver.py.
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words

LOCKED = "opens nothing once the driver has looked: every pair is locked; manages exits"
AT_ONCE = "opens nothing from the driver's next look on (2 s): every pair is locked, and no lock is taken back"
LATER = "the same, after the driver's time limit (5 s)"
AS_EVER = "works as without the fault: ages are counted by the server's clock alone"
AFTER_A_JUMP = "is locked for 60 s after our clock jumped back; works on after a jump ahead"

WORDS: Words = {
    "401": (LOCKED, AT_ONCE),
    "403": (LOCKED, AT_ONCE),
    "404": (LOCKED, AT_ONCE),
    "429": (LOCKED, AT_ONCE),
    "500_json": (LOCKED, AT_ONCE),
    "html_200": (LOCKED, AT_ONCE),
    "empty": (LOCKED, AT_ONCE),
    "truncated": (LOCKED, AT_ONCE),
    "slow_drip": (LOCKED, LATER),
    "dead": (LOCKED, LATER),
    "stale_leader": (LOCKED, AT_ONCE),
    "clock_skew": (AS_EVER, AFTER_A_JUMP),
}

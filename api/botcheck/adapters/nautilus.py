"""What a node of nautilus_trader with examples/nautilus does at each fault: `TokenRiskActor` and `guard`.

Measured on nautilus_trader 1.231.0 by tests/peers/nautilus/test_faults.py. `refresh` and `timeout` are 2 s, `max_age`
is 8 s, unless they are set otherwise.
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words

STARTS = "starts and runs, opens nothing; closes"
AT_NEXT = "opens nothing from its next question on (`refresh`), until a good answer comes; closes"
AT_TIMEOUT = "opens nothing once its next question was not answered (`refresh` and `timeout`); closes"
AT_ONCE = "opens nothing as soon as the stream or an answer says so; closes"
AS_EVER = "works as without the fault: ages count, not dates"
BACK = "works as without the fault; where dates go back, opens nothing for 12 s; closes"

WORDS: Words = {
    "401": (STARTS, AT_NEXT),
    "403": (STARTS, AT_NEXT),
    "404": (STARTS, AT_NEXT),
    "429": (STARTS, AT_NEXT),
    "500_json": (STARTS, AT_NEXT),
    "html_200": (STARTS, AT_NEXT),
    "empty": (STARTS, AT_NEXT),
    "truncated": (STARTS, AT_NEXT),
    "slow_drip": (STARTS, AT_TIMEOUT),
    "dead": (STARTS, AT_TIMEOUT),
    "stale_leader": (STARTS, AT_ONCE),
    "clock_skew": (AS_EVER, BACK),
}

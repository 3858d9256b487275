"""What a hummingbot with the guard of examples/hummingbot does at each fault, as MQTT has it (docs/bots/hummingbot.md).

Measured on hummingbot 20251103 and the broker amqtt by tests/peers/hummingbot/test_faults.py.
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words

NOTHING = "opens nothing; may close"
RUNS_OUT = "opens what its last message allows for at most 90 s after it, and nothing from then on; may close"
AT_ONCE = "opens nothing from the next message on, until a good one comes; may close"
AS_EVER = "works as without the fault"

WORDS: Words = {
    "401": (NOTHING, RUNS_OUT),
    "403": (NOTHING, RUNS_OUT),
    "404": (NOTHING, RUNS_OUT),
    "429": (NOTHING, RUNS_OUT),
    "500_json": (NOTHING, AT_ONCE),
    "html_200": (NOTHING, RUNS_OUT),
    "empty": (NOTHING, RUNS_OUT),
    "truncated": (NOTHING, RUNS_OUT),
    "slow_drip": (NOTHING, RUNS_OUT),
    "dead": (NOTHING, RUNS_OUT),
    "stale_leader": (NOTHING, AT_ONCE),
    "clock_skew": (AS_EVER, AS_EVER),
}

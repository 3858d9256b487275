"""What a script that reads `/bots/allow.txt` does at each fault, as docs/bots/lists.md has it.

It takes `curl --fail` and a time limit, and looks at the last line.

Measured by tests/api/botcheck/test_botcheck.py, which runs the page's script with curl itself.
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words

NOTHING = "has no list: opens nothing"
AFTER_THE_LIMIT = "has no list after its time limit: opens nothing"
NO_NAME = "reads a list without a name: opens nothing"
AS_EVER = "works as without the fault"

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
    "stale_leader": (NO_NAME, NO_NAME),
    "clock_skew": (AS_EVER, AS_EVER),
}

"""What the receiver of examples/webhook/receiver.py does while the way to it, or our side, has a fault.

The way is a webhook's: we post, so a fault is what answers in the receiver's place, or what reaches it. Measured by
tests/api/push/test_risk_webhooks.py.
"""

from __future__ import annotations

from api.botcheck.adapters.base import Words

NOTHING_CAME = "opens nothing: no snapshot came"
SILENT = "goes on with what it knew, and opens nothing after 30 s of silence"
AS_EVER = "works as without the fault: only the answer to us is hurt, and what was sent comes again"

WORDS: Words = {
    "401": (NOTHING_CAME, SILENT),
    "403": (NOTHING_CAME, SILENT),
    "404": (NOTHING_CAME, SILENT),
    "429": (NOTHING_CAME, SILENT),
    "500_json": (NOTHING_CAME, SILENT),
    "html_200": (NOTHING_CAME, SILENT),
    "empty": (NOTHING_CAME, SILENT),
    "truncated": (AS_EVER, AS_EVER),
    "slow_drip": (AS_EVER, AS_EVER),
    "dead": (NOTHING_CAME, SILENT),
    "stale_leader": ("opens nothing: the snapshot says `unknown`", "opens nothing within a second of our noticing it"),
    "clock_skew": ("opens nothing: what is older than 30 s is refused", SILENT),
}

"""What the streams of this process have done, for /metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

resyncs = Counter("ews_push_resyncs", "Readers of streams that were told that their picture was not complete.")
messages = Counter("ews_push_messages", "Messages to readers of streams, by kind.", ["kind"])
open_streams = Gauge("ews_push_open", "Open streams, by transport.", ["transport"])
tickets = Counter("ews_push_tickets", "One-time tickets that were given.")
aborted = Counter("ews_push_aborted", "Readers of streams that took nothing for too long and were cut off.")

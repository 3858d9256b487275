"""The connection engine: keeps every exchange's streams open, within its limits, and reports where data is missing.

Decisions, free of I/O: `rate_limit` (back-off, budgets), `watchdog` (silence, lag), `handover` (from an old connection
to a new one), `shards` (which connection carries which symbol). I/O: `connection`, `venue_streams`, `snapshots`.
Between them: `dispatch` (from a frame to the books, shared with replays) and `venue_dispatch` (what live streams do
about faults).
"""

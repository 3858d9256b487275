"""The connection engine: what keeps every exchange's streams open, within its limits, and says where data is missing.

Decisions are pure and stand apart: `pacing` (back-off, budgets), `watchdog` (silence, lag), `handover` (from an old
connection to a new one), `pool` (which connection carries which symbol). `connection`, `streams` and `snapshots` do
I/O.
"""

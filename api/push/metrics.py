"""What the streams and the risk messages of this process have done, for /metrics and /healthz."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

resyncs = Counter("ews_push_resyncs", "Readers of streams that were told that their picture was not complete.")
messages = Counter("ews_push_messages", "Messages to readers of streams, by kind.", ["kind"])
open_streams = Gauge("ews_push_open", "Open streams, by transport.", ["transport"])
tickets = Counter("ews_push_tickets", "One-time tickets that were given.")
aborted = Counter("ews_push_aborted", "Readers of streams that took nothing for too long and were cut off.")
risk_messages = Counter("ews_risk_webhook_messages", "Risk messages that webhooks have confirmed, by kind.", ["kind"])
risk_faults = Counter("ews_risk_webhook_faults", "Risk messages that webhooks have not confirmed.")

_failing: set[str] = set()


def risk_webhook(channel: str, takes: bool) -> None:
    """What became of the last message to a channel. True also where it is sent nothing more."""
    (_failing.discard if takes else _failing.add)(channel)


def health_gauges() -> dict[str, float]:
    """`risk_webhooks_failing`: how many webhooks did not take their last risk message, in the daemon that leads."""
    return {"risk_webhooks_failing": float(len(_failing))}

"""The tables of the alerts."""

from alerts.models.outbox import Alert, AlertAttempt, Channel, ChannelState
from alerts.models.people import Acknowledgement, AddedReceiver, AuditEntry, Silence

__all__ = [
    "Acknowledgement",
    "AddedReceiver",
    "Alert",
    "AlertAttempt",
    "AuditEntry",
    "Channel",
    "ChannelState",
    "Silence",
]

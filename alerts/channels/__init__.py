"""One module for each kind of receiver; adding one is a module and a line here, and a line in `conf_channels`."""

from __future__ import annotations

from alerts.channels import apprise, console, mail, teams, webhook
from alerts.channels.base import Transport, TransportFactory, Unusable
from alerts.receiver import CONSOLE, Receiver
from crypto_ews.conf import Config

OPENERS: dict[str, TransportFactory] = {
    "apprise": apprise.open_transport,
    "console": console.open_transport,
    "email": mail.open_transport,
    "teams": teams.open_transport,
    "webhook": webhook.open_transport,
}


def transport_for(receiver: Receiver, config: Config) -> Transport:
    """The transport of a channel. One whose address cannot be read any more refuses every message."""
    if receiver.kind != CONSOLE and not receiver.target:
        return Unusable(receiver.kind, "its address was sealed with another SECRET_KEY; enter it again in the admin")
    return OPENERS[receiver.kind](receiver, config)

"""One module per kind of receiver. To add a kind: a module, a line here and a line in `crypto_ews.conf.channels`."""

from __future__ import annotations

from alerts.channels import apprise, console, discord, mail, opsgenie, pagerduty, slack, teams, telegram, webhook
from alerts.channels.base import Transport, TransportFactory, Unusable
from alerts.receiver import CONSOLE, Receiver
from crypto_ews.conf import Config

FACTORIES: dict[str, TransportFactory] = {
    "apprise": apprise.open_transport,
    "console": console.open_transport,
    "discord": discord.open_transport,
    "email": mail.open_transport,
    "opsgenie": opsgenie.open_transport,
    "pagerduty": pagerduty.open_transport,
    "slack": slack.open_transport,
    "teams": teams.open_transport,
    "telegram": telegram.open_transport,
    "webhook": webhook.open_transport,
}


def transport_for(receiver: Receiver, config: Config) -> Transport:
    """The transport of a receiver. If its address cannot be decrypted, every message is refused with the reason."""
    if receiver.kind != CONSOLE and not receiver.target:
        return Unusable(receiver.kind, "its address was encrypted with another SECRET_KEY; enter it again in the admin")
    return FACTORIES[receiver.kind](receiver, config)

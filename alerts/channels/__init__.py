"""One module for each kind of receiver; adding one is a module and a line here, and a line in `conf_channels`."""

from __future__ import annotations

from alerts.channels import apprise, console, mail, teams, webhook
from alerts.channels.base import TransportFactory

OPENERS: dict[str, TransportFactory] = {
    "apprise": apprise.open_transport,
    "console": console.open_transport,
    "email": mail.open_transport,
    "teams": teams.open_transport,
    "webhook": webhook.open_transport,
}

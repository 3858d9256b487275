"""Who gets alerts: the base channels, the further ones of ALERT_CHANNELS, and those that admins added.

Each is a queue of its own, so that one that hangs delays no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.models import AddedReceiver
from alerts.receiver import CONSOLE, Receiver
from crypto_ews.conf.channels import BASE_CHANNELS

if TYPE_CHECKING:
    from crypto_ews.conf import Config


def configured_receivers(config: Config) -> dict[str, Receiver]:
    """Those that the configuration names: channel → receiver."""
    base = {
        channel: Receiver(channel, "teams" if url else CONSOLE, (channel,), url or "")
        for channel, url in config.webhook_urls.items()
    }
    further = {
        channel.name: Receiver(channel.name, channel.kind, channel.follows, channel.target, channel.secret)
        for channel in config.further_channels
    }
    return {**base, **further}


def all_receivers(config: Config) -> dict[str, Receiver]:
    """The configured ones, and those in the database that are switched on. The configuration's names win."""
    added = {row.name: row.receiver() for row in AddedReceiver.objects.filter(enabled=True)}
    return {**added, **configured_receivers(config)}


def extra_followers(config: Config, channel: str) -> list[str]:
    """The further channels that are told what is routed to `channel`, without unsealing anybody's address."""
    configured = [further.name for further in config.further_channels if channel in further.follows]
    added = AddedReceiver.objects.filter(enabled=True, follows__contains=[channel]).order_by("name")
    return list(dict.fromkeys([*configured, *added.values_list("name", flat=True)]))


def where_set(channel: str) -> str:
    """Where people correct the channel's address."""
    if channel in BASE_CHANNELS:
        return f"{channel.upper()}_WEBHOOK_URL, then restart"
    return "in ALERT_CHANNELS, then restart, or among the receivers in the admin"

"""Who gets alerts: the base channels, the further ones of ALERT_CHANNELS, and those that admins added.

Each is a queue of its own, so that one that hangs delays no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crypto_ews.conf_channels import BASE_CHANNELS

if TYPE_CHECKING:
    from crypto_ews.conf import Config

CONSOLE = "console"


@dataclass(frozen=True)
class Receiver:
    """Where the alerts of one channel go.

    target: a URL, or e-mail addresses separated by commas; secret: what signs webhooks. Neither shows in its repr.
    follows: the base channels whose alerts it gets; a base channel follows itself. added: in the admin.
    """

    channel: str
    kind: str
    follows: tuple[str, ...]
    target: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    added: bool = False


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
    from alerts.models import AddedReceiver

    added = {row.name: row.receiver() for row in AddedReceiver.objects.filter(enabled=True)}
    return {**added, **configured_receivers(config)}


def followers(channel: str, receivers: Mapping[str, Receiver]) -> list[str]:
    """The channels that are told what is routed to `channel`, that one first."""
    further = [name for name, receiver in receivers.items() if name != channel and channel in receiver.follows]
    return [channel, *further]


def is_base(channel: str) -> bool:
    return channel in BASE_CHANNELS

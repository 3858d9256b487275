"""All receivers: of the base channels, of the extra channels in ALERT_CHANNELS, and those that admins added.

Each channel is a queue, so that a receiver that hangs delays no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.models import AddedReceiver
from alerts.receiver import CONSOLE, Receiver
from crypto_ews.conf.channels import BASE_CHANNELS

if TYPE_CHECKING:
    from crypto_ews.conf import Config


def configured_receivers(config: Config) -> dict[str, Receiver]:
    """The receivers in the configuration: channel → receiver."""
    base = {
        channel: Receiver(channel, "teams" if url else CONSOLE, (channel,), url or "")
        for channel, url in config.webhook_urls.items()
    }
    extra = {
        channel.name: Receiver(
            channel.name, channel.kind, channel.follows, channel.target, channel.secret, risk=channel.risk
        )
        for channel in config.further_channels
    }
    return {**base, **extra}


def all_receivers(config: Config) -> dict[str, Receiver]:
    """The configured receivers and the enabled ones in the database. On a name clash, the configuration wins."""
    added = {row.name: row.receiver() for row in AddedReceiver.objects.filter(enabled=True)}
    return {**added, **configured_receivers(config)}


def extra_followers(config: Config, channel: str) -> list[str]:
    """The extra channels that follow `channel`. No address is decrypted."""
    configured = [extra.name for extra in config.further_channels if channel in extra.follows]
    added = AddedReceiver.objects.filter(enabled=True, follows__contains=[channel]).order_by("name")
    return list(dict.fromkeys([*configured, *added.values_list("name", flat=True)]))


def for_escalations(config: Config) -> tuple[str, ...]:
    """The channels of what nobody acknowledges: ALERT_ESCALATE_TO, and receivers of admins that follow nothing."""
    added = AddedReceiver.objects.filter(enabled=True, follows=[], risk=False).order_by("name")
    return tuple(dict.fromkeys([*filter(None, [config.escalate_to]), *added.values_list("name", flat=True)]))


def where_set(channel: str) -> str:
    """Where an operator corrects the channel's address."""
    if channel in BASE_CHANNELS:
        return f"{channel.upper()}_WEBHOOK_URL, then restart"
    return "in ALERT_CHANNELS, then restart, or in the admin under Receivers"

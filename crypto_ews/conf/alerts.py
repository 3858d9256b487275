"""The variables of the alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crypto_ews.conf import channels, values
from crypto_ews.conf.channels import ExtraChannel, MailServer
from crypto_ews.conf.values import ConfigurationFault
from crypto_ews.conf.variable import declared

ALERTS = "Alerts"


@dataclass(frozen=True)
class AlertVariables:
    """Where alerts go."""

    cex_webhook_url: str | None = declared(
        "CEX_WEBHOOK_URL",
        "",
        channels.optional_teams_url,
        "Teams Workflows webhook of the channel cex (exchanges); empty: cards are printed on the console",
        ALERTS,
        secret=True,
    )
    defi_webhook_url: str | None = declared(
        "DEFI_WEBHOOK_URL",
        "",
        channels.optional_teams_url,
        "webhook of the channel defi",
        ALERTS,
        secret=True,
    )
    stablecoin_webhook_url: str | None = declared(
        "STABLECOIN_WEBHOOK_URL",
        "",
        channels.optional_teams_url,
        "webhook of the channel stablecoin",
        ALERTS,
        secret=True,
    )
    token_volatility_webhook_url: str | None = declared(
        "TOKEN_VOLATILITY_WEBHOOK_URL",
        "",
        channels.optional_teams_url,
        "webhook of the channel token_volatility",
        ALERTS,
        secret=True,
    )
    token_liquidity_webhook_url: str | None = declared(
        "TOKEN_LIQUIDITY_WEBHOOK_URL",
        "",
        channels.optional_teams_url,
        "webhook of the channel token_liquidity",
        ALERTS,
        secret=True,
    )
    further_channels: tuple[ExtraChannel, ...] = declared(
        "ALERT_CHANNELS",
        "",
        channels.further_channels,
        'extra receivers, each with its own channel: a JSON list of objects with "name", "kind" (teams, webhook, '
        'email, apprise, telegram, discord, slack, pagerduty, opsgenie; docs/alerts.md has the form of each), "url" '
        '("to" for email), "secret" (webhook: it signs; slack: the token of a bot; telegram, pagerduty, opsgenie: '
        'checks the acknowledgements that come back), "follows" (the channels above whose alerts it gets too; all when '
        'absent; [] with ALERT_ESCALATE_TO: escalations alone) and "risk" (webhook: true, or {"venues": […], '
        '"min_action": "…"}: it gets every change of the token view, beside alerts or, with "follows": '
        "[], instead of them). Example: "
        '[{"name": "desk_mail", "kind": "email", "to": ["ops@example.com"], "follows": ["cex", "defi"]}]',
        ALERTS,
        secret=True,
    )
    mail_server: MailServer | None = declared(
        "EMAIL_URL",
        "",
        channels.optional_mail_server,
        "the server that sends mail: smtp+starttls://user:password@host:587, smtps://… (TLS at once) or smtp://… "
        "(not encrypted); needed by channels of kind email",
        ALERTS,
        secret=True,
    )
    mail_from: str = declared(
        "EMAIL_FROM",
        "",
        channels.optional_mail_address,
        "sender of mail; needed by channels of kind email",
        ALERTS,
    )
    link_hours: float = declared(
        "ALERT_LINK_HOURS",
        "72",
        channels.link_hours,
        "how long the one-click links of a card (acknowledge, silence) can be used, in hours; at most 168",
        ALERTS,
    )
    positions_on: tuple[str, ...] = declared(
        "ALERT_POSITIONS",
        "teams email",
        channels.kinds_with_positions,
        "kinds of receivers whose cards say what the desk holds of what an event touches: any of teams, email, "
        "webhook, apprise, telegram, discord, slack, pagerduty, opsgenie, console (it prints into the log of the "
        "service), separated by spaces; 0: none",
        ALERTS,
    )
    canary_at: str = declared(
        "ALERT_CANARY_AT",
        "",
        channels.optional_time_of_day,
        "UTC time of day, such as 07:30, at which every channel gets a card marked as a drill; empty: never",
        ALERTS,
    )

    reminder_hours: tuple[float, ...] = declared(
        "ALERT_REMINDER_HOURS",
        "24 1",
        values.hours,
        "how long before an important date a reminder is sent, in hours, separated by spaces; the moment itself is "
        "always sent",
        ALERTS,
    )
    repeat_hours: tuple[float, ...] = declared(
        "ALERT_REPEAT_HOURS",
        "4 8 24 48 72 96 120 144 168",
        values.hours,
        "hours after an event's last update at which it is repeated while it is open and not acknowledged; 0: never",
        ALERTS,
    )
    escalate_to: str = declared(
        "ALERT_ESCALATE_TO",
        "",
        values.text,
        "channel that gets high-priority events which nobody acknowledges, besides the receivers in the admin that "
        "follow nothing",
        ALERTS,
    )
    escalate_after_minutes: float = declared(
        "ALERT_ESCALATE_AFTER_MINUTES",
        "15",
        values.positive_number,
        "how long ALERT_ESCALATE_TO waits for an acknowledgement, in minutes",
        ALERTS,
    )

    @property
    def webhook_urls(self) -> Mapping[str, str | None]:
        """Webhook of each base channel, or None where the channel prints to the console."""
        return {
            "cex": self.cex_webhook_url,
            "defi": self.defi_webhook_url,
            "stablecoin": self.stablecoin_webhook_url,
            "token_volatility": self.token_volatility_webhook_url,
            "token_liquidity": self.token_liquidity_webhook_url,
        }

    def alert_faults(self) -> Iterator[ConfigurationFault]:
        """What does not go together."""
        known = [*self.webhook_urls, *(channel.name for channel in self.further_channels)]
        if self.escalate_to and self.escalate_to not in known:
            expected = f"one of the channels {', '.join(known)}"
            yield ConfigurationFault("ALERT_ESCALATE_TO", repr(self.escalate_to), expected)
        for channel in self.further_channels:
            if not (channel.follows or channel.risk or channel.name == self.escalate_to):
                expected = "one that follows a channel, gets risk messages or is ALERT_ESCALATE_TO"
                yield ConfigurationFault("ALERT_CHANNELS", repr(channel.name), expected)
        if any(channel.kind == "email" for channel in self.further_channels):
            if self.mail_server is None:
                yield ConfigurationFault("EMAIL_URL", "empty", "a mail server, as ALERT_CHANNELS has one of kind email")
            if not self.mail_from:
                yield ConfigurationFault("EMAIL_FROM", "empty", "a sender, as ALERT_CHANNELS has one of kind email")

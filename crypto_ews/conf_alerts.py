"""The variables of the alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crypto_ews import conf_values as values
from crypto_ews.conf_values import ConfigurationFault
from crypto_ews.conf_variable import declared

ALERTS = "Alerts"


@dataclass(frozen=True)
class AlertVariables:
    """Where alerts go."""

    cex_webhook_url: str | None = declared(
        "CEX_WEBHOOK_URL",
        "",
        values.optional_http_url,
        "Teams Workflows webhook of the channel cex (exchanges); empty: cards are printed on the console",
        ALERTS,
        secret=True,
    )
    defi_webhook_url: str | None = declared(
        "DEFI_WEBHOOK_URL",
        "",
        values.optional_http_url,
        "webhook of the channel defi",
        ALERTS,
        secret=True,
    )
    stablecoin_webhook_url: str | None = declared(
        "STABLECOIN_WEBHOOK_URL",
        "",
        values.optional_http_url,
        "webhook of the channel stablecoin",
        ALERTS,
        secret=True,
    )
    token_volatility_webhook_url: str | None = declared(
        "TOKEN_VOLATILITY_WEBHOOK_URL",
        "",
        values.optional_http_url,
        "webhook of the channel token_volatility",
        ALERTS,
        secret=True,
    )
    token_liquidity_webhook_url: str | None = declared(
        "TOKEN_LIQUIDITY_WEBHOOK_URL",
        "",
        values.optional_http_url,
        "webhook of the channel token_liquidity",
        ALERTS,
        secret=True,
    )

    reminder_hours: tuple[float, ...] = declared(
        "ALERT_REMINDER_HOURS",
        "24 1",
        values.hours,
        "how long before an important date a reminder is sent, in hours, separated by spaces; the moment itself is "
        "always told",
        ALERTS,
    )
    repeat_hours: tuple[float, ...] = declared(
        "ALERT_REPEAT_HOURS",
        "4 8 24 48 72 96 120 144 168",
        values.hours,
        "hours after the last news of an event at which it is told again while it is open and not acknowledged; "
        "0: never",
        ALERTS,
    )
    escalate_to: str = declared(
        "ALERT_ESCALATE_TO",
        "",
        values.text,
        "channel that is told of high-priority events which nobody acknowledges; empty: none",
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
        """Webhook of each alert channel, or None where the channel prints to the console."""
        return {
            "cex": self.cex_webhook_url,
            "defi": self.defi_webhook_url,
            "stablecoin": self.stablecoin_webhook_url,
            "token_volatility": self.token_volatility_webhook_url,
            "token_liquidity": self.token_liquidity_webhook_url,
        }

    def alert_faults(self) -> Iterator[ConfigurationFault]:
        """What does not go together."""
        if self.escalate_to and self.escalate_to not in self.webhook_urls:
            known = ", ".join(self.webhook_urls)
            yield ConfigurationFault("ALERT_ESCALATE_TO", repr(self.escalate_to), f"one of the channels {known}")

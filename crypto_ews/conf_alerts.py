"""The variables of the alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crypto_ews import conf_values as values
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

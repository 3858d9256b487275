"""The variables of what the database gives to others than the daemon."""

from __future__ import annotations

from dataclasses import dataclass

from crypto_ews.conf import values
from crypto_ews.conf.variable import declared

DATABASE = "Database"


@dataclass(frozen=True)
class DatabaseVariables:
    """How much of it the trading bots may take."""

    bot_connection_limit: int = declared(
        "BOT_CONNECTION_LIMIT",
        "40",
        values.positive_whole_number,
        "connections that all bots together may hold as ews_bot; the daemon needs about fifty of the server's "
        "max_connections for itself",
        DATABASE,
    )

"""Which PostgreSQL is used: the one that DATABASE_URL names, or the embedded one."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from crypto_ews.conf import Config

# Keep-alives let a daemon notice within seconds that the server's machine is gone.
KEEP_ALIVES = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}


def without_jit(connection: Any, **_signal: Any) -> None:
    """Of `connection_created`: compiling our short queries takes ten times as long as running them.

    A statement of its own, because poolers refuse the `options` of a connection. The embedded cluster has it set.
    """
    if connection.settings_dict["ENGINE"] == "django.db.backends.postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")


def database_settings(config: Config) -> dict[str, Any]:
    """Django's DATABASES entry. The embedded database starts with the first connection, not here."""
    common: dict[str, Any] = {
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "connect_timeout": 10,
            "application_name": "crypto_ews",
            **KEEP_ALIVES,
        },
    }
    if config.database_url is None:
        return {
            **common,
            "ENGINE": "crypto_ews.postgres.backend",
            "NAME": "crypto_ews",
            "EWS_DATA_DIR": config.data_dir,
        }
    parts = urlsplit(config.database_url)
    common["OPTIONS"].update(dict(parse_qsl(parts.query)))
    return {
        **common,
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
    }

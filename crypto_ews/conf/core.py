"""The variables of the program itself: its database, its pages, its secrets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crypto_ews.conf import values
from crypto_ews.conf.variable import declared

CORE, DATABASE = "Core", "Database"


@dataclass(frozen=True)
class CoreVariables:
    """Of the groups Core and Database."""

    database_url: str | None = declared(
        "DATABASE_URL",
        "",
        values.optional_postgres_url,
        "postgresql://user:password@host:port/name of a PostgreSQL 14 or newer; empty: embedded PostgreSQL "
        "under EWS_DATA_DIR",
        CORE,
        secret=True,
    )
    data_dir: Path = declared(
        "EWS_DATA_DIR",
        ".data",
        values.path,
        "folder of the embedded database and of generated secrets; relative to the project",
        CORE,
    )
    secret_key: str = declared(
        "SECRET_KEY",
        "",
        values.optional_secret_key,
        "Django's secret key, 50 or more random characters; empty: one is made and kept in EWS_DATA_DIR",
        CORE,
        secret=True,
    )
    allowed_hosts: tuple[str, ...] = declared(
        "ALLOWED_HOSTS",
        "localhost, 127.0.0.1, [::1]",
        values.host_names,
        "host names under which the web pages are served",
        CORE,
    )
    debug: bool = declared("DEBUG", "false", values.boolean, "true only while developing", CORE)
    port: int = declared(
        "PORT", "8000", values.port, "port of the web pages on this machine, as `make run` serves them", CORE
    )
    public_base_url: str = declared(
        "PUBLIC_BASE_URL",
        "",
        values.optional_http_url,
        "where people reach the web pages; links in cards point there; empty: http://127.0.0.1 with PORT",
        CORE,
    )
    log_level: str = declared("LOG_LEVEL", "INFO", values.log_level, "DEBUG, INFO, WARNING or ERROR", CORE)
    dead_man_ping_url: str | None = declared(
        "DEAD_MAN_PING_URL",
        "",
        values.optional_http_url,
        "whole URL asked with GET once a minute while the daemon is healthy; empty: none",
        CORE,
        secret=True,
    )

    bot_connection_limit: int = declared(
        "BOT_CONNECTION_LIMIT",
        "40",
        values.positive_integer,
        "connections that all bots together may hold as ews_bot; the daemon needs about sixty of the server's "
        "max_connections for itself",
        DATABASE,
    )

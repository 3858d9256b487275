"""Django's PostgreSQL backend on the embedded cluster, which starts with the first connection of a process.

Commands that open no database never start it. The cluster is found through `EWS_DATA_DIR` (a Path) in the entry of
DATABASES; host, port, user and password come from the cluster, whatever the entry says.
"""

from __future__ import annotations

import shutil
from typing import Any

from django.db.backends.postgresql import base, client
from django.db.utils import OperationalError
from psycopg2.extensions import libpq_version

from crypto_ews.postgres.cluster import binaries
from crypto_ews.postgres.cluster_use import EmbeddedPostgresError, ensure_running


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell`, with the psql of the embedded PostgreSQL where the system has none."""

    def runshell(self, parameters: Any) -> None:
        self.connection.attach()  # type: ignore[attr-defined]
        super().runshell(parameters)

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Any
    ) -> tuple[list[str], dict[str, str] | None]:
        arguments, environment = super().settings_to_cmd_args_env(settings_dict, parameters)
        program = shutil.which(arguments[0]) or str(binaries() / arguments[0])
        return [program, *arguments[1:]], environment


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that makes its process a user of the embedded cluster before it opens."""

    client_class = DatabaseClient

    def attach(self) -> None:
        """Start the cluster if need be, and take its address and login into the settings of this connection."""
        try:
            info = ensure_running(self.settings_dict["EWS_DATA_DIR"])
        except EmbeddedPostgresError as error:
            raise OperationalError(str(error)) from error
        self.settings_dict.update(HOST=info.host, PORT=str(info.port), USER=info.user, PASSWORD=info.password)

    def get_connection_params(self) -> dict[str, Any]:
        self.attach()
        parameters = super().get_connection_params()
        if libpq_version() >= 160000:
            # Another program might listen on the port by now: it must not get the password.
            parameters["require_auth"] = "scram-sha-256"
        return parameters

"""Print how to connect to the database."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any
from urllib.parse import quote, urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection, transaction
from django.utils import timezone
from psycopg2.extensions import encrypt_password

from crypto_ews.conf import get_config
from crypto_ews.postgres.cluster_use import ClusterFiles, EmbeddedPostgresError, connection_url, ensure_running, status
from crypto_ews.postgres.private_files import replace_private
from events.database.bot_role import BOT, remember_password


class Command(BaseCommand):
    help = (
        "Print the connection string of the database: the owner's, or with --bot that of the role ews_bot, which may "
        "read the views and LISTEN, and nothing else. The password is in it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bot", action="store_true", help="print the connection string for trading bots")
        parser.add_argument(
            "--set-password", action="store_true", help="with --bot: give ews_bot a new password; the old one ends"
        )

    def handle(self, *args: Any, bot: bool, set_password: bool, **options: Any) -> None:
        if set_password and not bot:
            raise CommandError("--set-password is for --bot: the owner's password is not changed here.")
        try:
            config = get_config()
            if config.database_url is not None:
                url = config.database_url
                password = secrets.token_urlsafe(24) if set_password else None
            else:
                url, password = self._embedded(ClusterFiles(config.data_dir), set_password)
            if bot:
                url = self._bot_url(url, password)
        except (EmbeddedPostgresError, Error) as error:
            raise CommandError(f"The database cannot be reached: {error}") from error
        self.stdout.write(url)

    def _embedded(self, files: ClusterFiles, fresh: bool) -> tuple[str, str]:
        """The owner's connection string, and the bot's password: the stored one, or a fresh one."""
        if not status(files.data_dir).in_use:
            self.stderr.write(
                "No daemon is running: the embedded PostgreSQL stops with its last user, so this works only while "
                "`runschedulers` runs."
            )
        url = connection_url(ensure_running(files.data_dir))
        stored = files.bot_password.read_text().strip() if files.bot_password.exists() and not fresh else ""
        return url, stored or secrets.token_urlsafe(24)

    def _bot_url(self, url: str, password: str | None) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [BOT])
            role = cursor.fetchone()
            if role is None:
                raise CommandError(f"The role {BOT} does not exist yet: run `manage.py migrate` first.")
            if password is not None:
                # Hashed here, so that the password itself reaches no log of the server.
                verifier = encrypt_password(password, BOT, scope=connection.connection, algorithm="scram-sha-256")
                with transaction.atomic():
                    cursor.execute(f"ALTER ROLE {BOT} LOGIN PASSWORD %s", [verifier])
                    remember_password(verifier, timezone.now())
        if password is None:
            state = "is not known here" if role[0] else "is not set, so that it cannot log in"
            self.stderr.write(f"The password of {BOT} {state}: add it, or set a new one with --set-password.")
        elif get_config().database_url is None:
            replace_private(ClusterFiles(get_config().data_dir).bot_password, password)
        parts = urlsplit(url)
        login = BOT if password is None else f"{BOT}:{quote(password, safe='')}"
        return parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}").geturl()

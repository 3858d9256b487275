"""Makes a token of the HTTP API, and prints it once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.models import Scope
from api.tokens.store import make_token
from events import clock


class Command(BaseCommand):
    help = "Makes a token of the HTTP API and prints it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="who uses it; it is in the audit log")
        parser.add_argument("--scope", action="append", required=True, choices=Scope.values, help="repeatable")
        parser.add_argument("--days", type=float, help="until it expires; without it the token does not expire")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = make_token(options["name"], options["scope"], clock.now(), "command line", options["days"])
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(token)

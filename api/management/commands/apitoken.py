"""Makes a token of the HTTP API and prints it once; lists and revokes tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.models import ApiToken, Scope
from api.tokens.store import make_token, revoke
from crypto_ews.command_line import command
from crypto_ews.conf import Config, get_config
from events import clock

BY = "command line"
FIRST_NAME = "first"


def offer_token(config: Config, now: datetime, write: Callable[[str], object]) -> bool:
    """Make a token to read with where there was never one, and print it once; whether it was made.

    Only on the embedded database, as the first login is offered: on a shared one tokens are its owner's affair.
    """
    if config.database_url is not None or ApiToken.objects.exists():
        return False
    token = make_token(FIRST_NAME, [Scope.READ], now, BY)
    url = f"{config.public_base_url.rstrip('/')}/api/v1/risk"
    frame = "=" * 72
    write(
        f"{frame}\n"
        f"  A token to read the HTTP API with, shown this once:\n"
        f"  {token}\n"
        f'  curl -H "Authorization: Bearer {token}" {url}\n'
        f"  Others: {command('apitoken')} NAME --scope read\n"
        f"{frame}"
    )
    return True


class Command(BaseCommand):
    help = "Makes a token of the HTTP API and prints it once; or lists tokens, or revokes one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="who uses the new token; it is in the audit log")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            choices=Scope.values,
            help="what it may do, repeatable: read; act (write); trade; admin (all of these); pairs (lists of pairs, "
            "the only token that may stand in a URL)",
        )
        parser.add_argument("--days", type=float, help="until it expires; without it the token does not expire")
        parser.add_argument("--list", action="store_true", help="every token, with its scopes, end and last use")
        parser.add_argument("--revoke", metavar="NAME", help="nobody gets in with this token any more, within a second")
        parser.add_argument(
            "--offer", action="store_true", help="on a new embedded database: make one to read with, as make run does"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = [name for name in ("name", "list", "revoke", "offer") if options[name]]
        if len(chosen) != 1:
            given = " and ".join(chosen) or "nothing"
            raise CommandError(f"{given} was given, expected one of NAME --scope …, --list, --revoke NAME, --offer")
        if options["list"]:
            self._list(clock.now())
        elif options["revoke"]:
            self._revoke(options["revoke"])
        elif options["offer"]:
            offer_token(get_config(), clock.now(), self.stdout.write)
        else:
            try:
                token = make_token(options["name"], options["scope"], clock.now(), BY, options["days"])
            except ValueError as error:
                raise CommandError(str(error)) from None
            self.stdout.write(token)

    def _list(self, now: datetime) -> None:
        for token in ApiToken.objects.order_by("name"):
            used = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never"
            self.stdout.write(
                f"{token.name}  {token.shown}…  {','.join(token.scopes)}  {token.condition(now)}  last used {used}"
            )

    def _revoke(self, name: str) -> None:
        token = ApiToken.objects.filter(name=name).first()
        if token is None:
            known = ", ".join(ApiToken.objects.filter(revoked_at=None).order_by("name").values_list("name", flat=True))
            raise CommandError(f"no token is called {name!r}, expected one of: {known or 'there is none'}")
        done = revoke(token, clock.now(), BY)
        self.stdout.write(f"{name} is revoked" if done else f"{name} was revoked before")

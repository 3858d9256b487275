"""Deletes old audit rows; the daemon does the same once an hour."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crypto_ews.conf import get_config
from events import clock, retention
from events.daemon.clock_watch import is_untrusted


class Command(BaseCommand):
    help = "Deletes alerts, attempts, decisions and admin actions that are older than AUDIT_KEEP_DAYS, or than --days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=float, help="keep the last DAYS days instead")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        days = get_config().audit_keep_days if options["days"] is None else options["days"]
        if days < 0:
            raise CommandError(f"--days is {days:g}; expected 0 or more", returncode=2)
        if is_untrusted():
            raise CommandError("the clock is not trusted, so nothing is deleted; see `manage.py confirmclock`")
        for trail, count in retention.prune(clock.now(), days).items():
            self.stdout.write(f"{trail}: {count} deleted")

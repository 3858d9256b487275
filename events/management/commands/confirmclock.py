"""Confirms the database's clock, where no two upstreams can be reached."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from events import clock
from events.models import ClockState


class Command(BaseCommand):
    help = (
        "Shows the clocks and what waits for them. With --yes the daemon trusts the database's clock within seconds: "
        "it closes events that have expired by that clock and deletes rows that are too old by it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="the database's clock, as shown, is right")

    def handle(self, *args: Any, **options: Any) -> None:
        state = ClockState.objects.first()
        self.stdout.write(f"the database's clock  {clock.database_now():%Y-%m-%d %H:%M:%S} UTC")
        self.stdout.write(f"this machine's clock  {timezone.now():%Y-%m-%d %H:%M:%S} UTC")
        if state is None or not state.held:
            self.stdout.write("nothing waits: the daemon trusts the clocks" if state else "no daemon has run yet")
            return
        self.stdout.write(state.says)
        if not options["yes"]:
            raise CommandError("nothing was confirmed; if the database's clock is right, run it again with --yes")
        ClockState.objects.filter(held=True).update(confirmed_by=getpass.getuser()[:150])
        self.stdout.write("confirmed; the daemon reads it with its next heartbeat")

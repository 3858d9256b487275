"""`manage.py explain [FILE]`: why an announcement is, or is not, an event. JSON lines in, JSON lines out; opens no
database.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crypto_ews.conf import get_config
from exchanges.announcements.explain import explain_lines
from markets.venues import exchange_names
from markets.watch import configured_watch_lists


class Command(BaseCommand):
    help = "Says for each announcement (a JSON object a line) whether it is an event, and which rule decided."
    # Nothing here needs a database, migrations or the other apps' checks.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="JSON lines; standard input when absent or -")
        parser.add_argument(
            "--frames",
            action="store_true",
            help="also print how each notice was read: its clauses, what each says, and which of them gave which part",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        if name in (None, "-"):
            self._answer(sys.stdin.buffer, options["frames"])
            return
        try:
            with Path(name).open("rb") as lines:
                self._answer(lines, options["frames"])
        except OSError as fault:
            raise CommandError(f"cannot read {name}: {fault.strerror or fault}", returncode=2) from None

    def _answer(self, lines: Iterable[bytes], frames: bool) -> None:
        config = get_config()
        known = exchange_names()
        unknown: set[str] = set()

        def note(number: int, exchange: str) -> None:
            # On the error stream, once for each name: the answers keep their contract.
            if exchange not in unknown:
                unknown.add(exchange)
                self.stderr.write(
                    f"line {number}: unknown exchange {exchange!r}, read by the common rules; known: {', '.join(known)}"
                )

        watch = configured_watch_lists(config)
        answers = explain_lines(lines, watch, known_exchanges=known, on_unknown_exchange=note, frames=frames)
        try:
            for result in answers:
                self.stdout.write(json.dumps(result))
                self.stdout.flush()
        except BrokenPipeError:
            # The reader has gone (`| head`): nothing more is wanted, and the flush at exit must not complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

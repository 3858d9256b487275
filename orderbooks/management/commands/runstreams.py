"""The order books' collector as a process of its own."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from types import FrameType
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crypto_ews.conf import get_config
from events import clock
from events.daemon.clock_watch import follow
from events.daemon.process import EXIT_BAD_REQUEST, EXIT_OK, leave_threads_behind
from events.daemon.readiness import require_migrated, unreachable
from events.database.pooler import PoolerError, check_for_pooler
from orderbooks.collector.service import chosen_feeds, run

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Keeps the live order books of every watched pair. Several may share the venues; one that dies is replaced."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--venues", nargs="+", default=[], metavar="VENUE", help="only these of ORDERBOOK_VENUES, e.g. BINANCE OKX"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        config = get_config()
        try:
            feeds = chosen_feeds(config, options["venues"])
        except ValueError as error:
            raise CommandError(str(error), returncode=EXIT_BAD_REQUEST) from None
        try:
            check_for_pooler()
        except psycopg2.Error as error:
            message = str(error) if isinstance(error, PoolerError) else unreachable(error)
            raise CommandError(message, returncode=EXIT_BAD_REQUEST) from None
        require_migrated(EXIT_BAD_REQUEST)
        stop = threading.Event()

        def on_signal(number: int, _frame: FrameType | None) -> None:
            logger.info("%s received, stopping", signal.Signals(number).name)
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, on_signal)
        guard = clock.Guard()
        clock.install(guard)
        threading.Thread(target=follow, args=(guard, stop), name="clock", daemon=True).start()
        run(config, stop, feeds)
        leave_threads_behind()
        sys.exit(EXIT_OK)

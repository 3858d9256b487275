"""`manage.py runtrades`: trades to minutes, their repairs and their history, as a separate process."""

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
from trades.collector.service import run
from trades.collector.venues import chosen_venues

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Counts the trades of every watched pair to minutes. Several processes share the venues, for failover."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--venues", nargs="+", default=[], metavar="VENUE", help="only these of TRADE_VENUES, e.g. BINANCE OKX"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        config = get_config()
        try:
            venues = chosen_venues(config, options["venues"])
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
        run(config, stop, venues)
        leave_threads_behind()
        sys.exit(EXIT_OK)

"""`manage.py runstreams`: the collector of the order books as a separate process."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from types import FrameType
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from crypto_ews.conf import get_config
from events import clock
from events.daemon.clock_watch import follow
from events.daemon.process import EXIT_BAD_REQUEST, EXIT_OK, leave_threads_behind
from events.daemon.readiness import migrate_first, pending_migrations
from events.database.locks import check_for_pooler
from events.database.pooler import PoolerError
from orderbooks.collector.service import chosen_feeds, run

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Collects the live order books of every watched pair. Several processes share the venues, for failover."

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
            pending = pending_migrations()
            check_for_pooler()
        except PoolerError as error:
            raise CommandError(str(error), returncode=EXIT_BAD_REQUEST) from None
        except (OperationalError, psycopg2.Error) as error:
            message = f"the database cannot be reached: {str(error).strip()}"
            raise CommandError(message, returncode=EXIT_BAD_REQUEST) from None
        if pending:
            raise CommandError(migrate_first(pending), returncode=EXIT_BAD_REQUEST)
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

"""`manage.py runapi`: the web pages and the API in a process of their own, beside the daemon.

It never leads, polls nothing and sends nothing. It goes on when the daemon dies, and then says that nobody knows.
"""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from typing import Any

import sdnotify
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crypto_ews.conf import get_config, use_port
from events.daemon.endpoints import health
from events.daemon.process import EXIT_BAD_REQUEST, leave_threads_behind
from events.daemon.webserver import Role, WebServer
from events.management.commands.runschedulers import parse_address

logger = logging.getLogger("api.runapi")
_ALIVE_SECONDS = 5.0


def health_beside_the_daemon() -> tuple[int, dict[str, Any]]:
    """As the daemon's /healthz, by its heartbeat; only the role is another."""
    status, body = health()
    return status, {**body, "role": "api"} if "role" in body else body


class Command(BaseCommand):
    help = "Serves the web pages and the API beside the daemon, without leading; several may run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--serve", metavar="HOST[:PORT]", default="127.0.0.1", help="where; the port is PORT's unless it is given"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def on_signal(number: int, _frame: FrameType | None) -> None:
            logger.info("%s received, stopping", signal.Signals(number).name)
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, on_signal)
        web = _web_server(options["serve"])
        web.start()
        # The address of a port that the system chose is known now.
        logger.info("pages and API on %s", web.url)
        notifier = sdnotify.SystemdNotifier()
        notifier.notify("READY=1\nSTATUS=serving")
        while not stop.wait(_ALIVE_SECONDS):
            if not web.is_serving:
                web.stop()
                raise CommandError("the web server has ended; the log has why", returncode=1)
            notifier.notify("WATCHDOG=1")
        notifier.notify("STOPPING=1")
        web.stop()
        leave_threads_behind()
        logger.info("stopped")


def _web_server(serve: str) -> WebServer:
    """Raises CommandError."""
    try:
        host, port = parse_address(serve, get_config().port)
        if port:
            use_port(port)
        # Only here: it loads every page.
        from crypto_ews.asgi import application

        role = Role()
        role.leading = True
        return WebServer(host, port, role, application, health_beside_the_daemon)
    except ValueError as error:
        raise CommandError(str(error), returncode=EXIT_BAD_REQUEST) from None
    except OSError as error:
        raise CommandError(f"nothing can be served on {serve}: {error.strerror}", returncode=EXIT_BAD_REQUEST) from None

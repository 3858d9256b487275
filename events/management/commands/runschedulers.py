"""The daemon: every source on its interval, delivery of alerts, and optionally the web pages."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crypto_ews.conf import get_config, use_port
from events.daemon.endpoints import health
from events.daemon.process import EXIT_BAD_REQUEST, Daemon, run_once
from events.daemon.webserver import Role, WebServer


def parse_address(text: str, default_port: int) -> tuple[str, int]:
    """HOST:PORT or HOST, also [::1]:8000 and [::1]. Raises ValueError."""
    if text and ":" not in text.rpartition("]")[2] and not text.isdigit():
        text = f"{text}:{default_port}"
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"--serve was {text!r}, expected HOST:PORT such as 127.0.0.1:8000, or HOST alone")
    return host.strip("[]"), int(port)


def _web_server(host: str, port: int, role: Role) -> WebServer:
    # Only where pages are served: it loads every page.
    from crypto_ews.asgi import application

    return WebServer(host, port, role, application, health)


class Command(BaseCommand):
    help = "Runs the early-warning daemon."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="run every source once, deliver, print a line per source, and exit (0: all answered; 1: some failed; "
            "3: another daemon leads)",
        )
        parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these sources")
        parser.add_argument("--streams", action="store_true", help="also keep the live order books (see runstreams)")
        parser.add_argument("--trades", action="store_true", help="also count trades to minutes (see runtrades)")
        parser.add_argument("--serve", metavar="HOST[:PORT]", help="serve the web pages there; the port is PORT's")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            sys.exit(run_once(get_config(), options["only"], self.stdout.write))
        try:
            serve = parse_address(options["serve"], get_config().port) if options["serve"] else None
            if serve is not None and serve[1]:
                use_port(serve[1])
            config = get_config()
            web = partial(_web_server, *serve) if serve else None
            also = [name for name in ("streams", "trades") if options[name]]
            daemon = Daemon(config, options["only"], web, also)
        except ValueError as error:
            raise CommandError(str(error), returncode=EXIT_BAD_REQUEST) from None
        except OSError as error:
            message = f"the web pages cannot be served on {options['serve']}: {error.strerror}"
            raise CommandError(message, returncode=EXIT_BAD_REQUEST) from None
        sys.exit(daemon.run())

"""Plays a crisis through the running code, in a database of its own, and reports how fast people and bots knew."""

from __future__ import annotations

import logging
import signal
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event as StopFlag
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from alerts.receivers import all_receivers
from crypto_ews.conf import get_config
from crypto_ews.conf.drills import CRISES, parse_listen
from drills.crises import CRISIS_BY_NAME
from drills.database import DrillDatabaseError
from drills.receiver import ReceiverError, chosen
from drills.report import as_html, as_text
from drills.run import Order, run_drill

EXIT_FAILED, EXIT_BAD_REQUEST = 1, 2


class Command(BaseCommand):
    help = "Plays a crisis through the running code in a database of its own, and reports how fast it was known."

    def add_arguments(self, parser: CommandParser) -> None:
        config = get_config()
        parser.add_argument("crisis", choices=CRISES)
        parser.add_argument("--speed", type=float, default=600.0, help="seconds of quiet that pass in one (600)")
        parser.add_argument("--minutes", type=float, metavar="N", help="play the first minutes of the crisis alone")
        parser.add_argument(
            "--receiver", metavar="NAME", default="", help="send the cards there; else they are printed"
        )
        parser.add_argument(
            "--serve", metavar="HOST[:PORT]", default=config.drill_listen, help="where the links of cards are answered"
        )
        parser.add_argument("--base-url", default=config.drill_base_url, help="what the links of cards begin with")
        parser.add_argument(
            "--wait", type=float, default=0.0, metavar="SECONDS", help="for an acknowledgement, at the end"
        )
        parser.add_argument("--report", type=Path, metavar="OUT.html", help="where the report goes as a page")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["speed"] <= 1e9:
            raise _refused(f"--speed was {options['speed']:g}, expected 1 (as it was) to 1e9 (as fast as it goes)")
        if options["wait"] < 0:
            raise _refused(f"--wait was {options['wait']:g}, expected seconds, 0 or more")
        if options["minutes"] is not None and options["minutes"] <= 0:
            raise _refused(f"--minutes was {options['minutes']:g}, expected minutes above 0")
        page: Path | None = options["report"]
        if page is not None and not page.absolute().parent.is_dir():
            raise _refused(f"--report was {str(page)!r}, expected a file in a folder that exists")
        config = get_config()
        if options["verbosity"] < 2:
            logging.disable(logging.INFO)
        stop = StopFlag()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: stop.set())
        try:
            receiver = chosen(options["receiver"], all_receivers(config)) if options["receiver"] else None
            order = Order(
                CRISIS_BY_NAME[options["crisis"]],
                options["speed"],
                receiver,
                parse_listen(options["serve"]),
                options["base_url"],
                options["wait"],
                timedelta(minutes=options["minutes"]) if options["minutes"] is not None else None,
            )
            report = run_drill(config, order, stop, self.stderr.write)
        except (DrillDatabaseError, ReceiverError, ValueError) as error:
            raise _refused(str(error)) from None
        except DatabaseError as error:
            raise _refused(f"the drill has lost its database: {str(error).strip().splitlines()[0]}") from None
        except OSError as error:
            raise _refused(f"the drill's pages cannot be served on {options['serve']}: {error.strerror}") from None
        finally:
            logging.disable(logging.NOTSET)
        self.stdout.write(as_text(report))
        if page is not None:
            page.write_text(as_html(report), encoding="utf-8")
            self.stderr.write(f"the report is in {page}")
        if not report.passed:
            sys.exit(EXIT_FAILED)


def _refused(message: str) -> CommandError:
    return CommandError(message, returncode=EXIT_BAD_REQUEST)

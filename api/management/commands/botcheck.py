"""`manage.py botcheck`: what every bot would do, for each way in which what it reads can go wrong."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from api.botcheck.adapters.base import Adapter, Words
from api.botcheck.adapters.registry import ADAPTERS
from crypto_ews.conf import get_config
from events import clock

OPENS, UNREACHABLE, INTERRUPTED = 1, 2, 130


def words_of(adapter: Adapter) -> Words:
    """The words of an adapter, as its page has them."""
    found: Words = import_module(adapter.module).WORDS
    return found


@contextmanager
def _in_order() -> Iterator[None]:
    """A signal that ends this process does so as Ctrl-C does: no token outlives the check."""
    before = {one: signal.signal(one, signal.default_int_handler) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class Command(BaseCommand):
    help = (
        "Asks the running system what bots ask, plays every fault in between, and prints what each bot would do. Exit "
        "code 1: one would open a pair that is denied, and promises not to; 2: the system could not be asked, or "
        "nothing could be tried."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME", help=f"one of {', '.join(ADAPTERS)}; all without it")
        parser.add_argument("--url", help="where the web pages are, http://HOST:PORT; without it this machine, at PORT")
        parser.add_argument("--venue", default="BINANCE", help="the market whose pairs are asked about (BINANCE)")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if name is not None and name not in ADAPTERS:
            raise CommandError(f"NAME was {name!r}, expected one of {', '.join(ADAPTERS)}", returncode=UNREACHABLE)
        # Only here: they load what is sent and asked.
        from api.botcheck.examination import Bots, check, pairs_of, tokens, venues
        from api.botcheck.outcomes import conclusion, nothing_tried
        from api.botcheck.proxy import FaultProxy
        from api.botcheck.simulated import Case, client_class

        url = (options["url"] or f"http://127.0.0.1:{get_config().port}").rstrip("/")
        venue = options["venue"]
        try:
            denied, allowed, count = pairs_of(venue)
            known = () if count else venues()
        except DatabaseError as error:
            raise CommandError(f"the database could not be asked: {error}", returncode=UNREACHABLE) from None
        if not count:
            expected = (
                f"one of {', '.join(known)}"
                if known
                else "a market that is known; none is yet, the daemon has read no list"
            )
            raise CommandError(f"--venue was {venue!r}, expected {expected}", returncode=UNREACHABLE)
        sys.path.append(str(settings.BASE_DIR / "clients" / "python" / "src"))
        client = client_class()
        sys.path.pop()
        found = []
        try:
            with _in_order(), FaultProxy(url) as proxy, tokens(clock.now()) as (pairs, read):
                case = Case(venue, denied, allowed, pairs, read)
                bots = Bots(proxy, case, client)
                for adapter in [ADAPTERS[name]] if name else ADAPTERS.values():
                    found.append(check(adapter, bots.of(adapter), words_of(adapter), denied))
            if any(one.broken for one in found) and pairs_of(venue)[0] != denied:
                what = f"{denied} was denied at the beginning, and is not what is denied now"
                raise CommandError(f"{what}: nothing is proven, ask again", returncode=UNREACHABLE)
        except (OSError, ValueError) as error:
            raise CommandError(f"{url} could not be asked: {error}", returncode=UNREACHABLE) from None
        except DatabaseError as error:
            raise CommandError(f"the database could not be asked: {error}", returncode=UNREACHABLE) from None
        except KeyboardInterrupt:
            raise CommandError("ended before the end; the tokens are revoked", returncode=INTERRUPTED) from None
        head = {"url": url, "venue": venue, "denied": denied, "allowed": allowed}
        if options["json"]:
            self.stdout.write(json.dumps({**head, "adapters": [one.as_json() for one in found]}, indent=1))
        else:
            spelt = f"denied now: {denied or 'no pair, so that nothing can be tried'}"
            self.stdout.write(f"{url}, {venue}: {count} pairs; {spelt}; allowed now: {allowed or 'no pair'}\n\n")
            self.stdout.write("\n\n".join(one.as_text() for one in found))
        if any(one.broken for one in found):
            raise CommandError(conclusion(found), returncode=OPENS)
        if nothing_tried(found):
            raise CommandError(conclusion(found), returncode=UNREACHABLE)
        if not options["json"]:
            self.stdout.write(f"\n{conclusion(found)}")

"""Polls every configured upstream once and prints status, latency and the parsed items."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crypto_ews.conf import get_config
from events import clock, registry
from events.daemon.check_sources import Checked, check_source
from events.daemon.process import EXIT_BAD_REQUEST, EXIT_OK, EXIT_SOME_FAILED, USER_AGENT, unknown_sources
from events.daemon.readiness import require_migrated
from events.upstream.client import HttpClient


class Command(BaseCommand):
    help = "Polls every upstream once; exit code 1 if some failed. Records and sends nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these sources")

    def handle(self, *args: Any, **options: Any) -> None:
        factories = registry.updater_factories()
        unknown = [name for name in options["only"] if name not in factories]
        if unknown:
            raise CommandError(unknown_sources(unknown, factories), returncode=EXIT_BAD_REQUEST)
        require_migrated(EXIT_BAD_REQUEST)
        # A copy: caches that sources share through the configuration must not reach a check.
        config = replace(get_config())
        failed = []
        with HttpClient(deadline_s=config.request_deadline_seconds, user_agent=USER_AGENT, now=clock.now) as client:
            for name, factory in factories.items():
                if options["only"] and name not in options["only"]:
                    continue
                checked = check_source(name, factory, replace(config), client, clock.now)
                for line in lines_of(checked):
                    self.stdout.write(line)
                if not checked.ok:
                    failed.append(name)
        if failed:
            self.stdout.write(f"failed: {', '.join(failed)}")
        sys.exit(EXIT_SOME_FAILED if failed else EXIT_OK)


def lines_of(checked: Checked) -> Iterator[str]:
    """A line about the source, and one about each request."""
    if checked.errors:
        yield f"{checked.name}: FAILED: {checked.errors[0]}"
    elif not checked.answers:
        yield f"{checked.name}: ok, nothing to request now"
    else:
        yield f"{checked.name}: ok, {checked.items} items parsed, {checked.drafts} would be recorded"
    for answer in checked.answers:
        came = f"{answer.size:,} bytes" if answer.status else answer.error
        yield f"  {answer.status or 'none':>4}  {answer.seconds * 1000:6.0f} ms  {answer.source}  {answer.url}  {came}"

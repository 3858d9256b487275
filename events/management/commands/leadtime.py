"""How fast each source's news reached people, and its false alarms."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from events import clock
from events.ledger.history import way_of_events
from events.ledger.lead_times import LEGS, SourceFigures, Spread, lead_times
from events.upstream.archive_file import parse_iso

_DAYS = 30


class Command(BaseCommand):
    help = (
        "Shows per source how long events took from published to seen, committed, delivered and acknowledged, and how "
        "many were false alarms; from the ledger alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", metavar="TIME", help=f"events opened from then on: ISO date or time, UTC; default {_DAYS} days"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object; times in seconds")

    def handle(self, *args: Any, since: str | None, json: bool, **options: Any) -> None:
        begin = clock.now() - timedelta(days=_DAYS) if since is None else _moment(since)
        try:
            figures = lead_times(way_of_events(begin))
        except DatabaseError as error:
            said = str(error).strip().splitlines()[0]
            raise CommandError(f"the ledger cannot be read: {said}", returncode=2) from None
        if json:
            self.stdout.write(_as_json(begin, figures))
            return
        self.stdout.write(f"Events opened since {begin:%Y-%m-%d %H:%M} UTC; p50 / p90 / max (number)")
        if not figures:
            self.stdout.write("none")
        for source, of_source in figures.items():
            alarms = f"{of_source.events} events, {of_source.false_alarms} false alarms"
            self.stdout.write(f"{source}: {alarms}")
            for leg in LEGS:
                self.stdout.write(f"  {leg.replace('_to_', ' → '):<26} {_in_words(of_source.legs[leg])}")


def _moment(text: str) -> datetime:
    try:
        return parse_iso(text)
    except ValueError:
        raise CommandError(f"--since {text!r}, expected a date or time such as 2026-11-01", returncode=2) from None


def _as_json(begin: datetime, figures: dict[str, SourceFigures]) -> str:
    return json.dumps(
        {"since": begin.isoformat(), "sources": {source: asdict(one) for source, one in figures.items()}}, indent=2
    )


def _in_words(leg: Spread) -> str:
    if leg.p50 is None or leg.p90 is None or leg.max is None:
        return "–"
    return f"{_span(leg.p50)} / {_span(leg.p90)} / {_span(leg.max)} ({leg.n})"


def _span(seconds: float) -> str:
    for size, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds:.3g} s"

"""`manage.py exportlabels [FILE]`: what people decided about reviews, as labelled announcements in JSON lines."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from events.upstream.archive_file import parse_iso
from exchanges.review_decisions import labelled_lines


class Command(BaseCommand):
    help = (
        "Writes what people decided about reviews as labelled announcements, a JSON object a line, oldest first: what "
        "the parser is measured with."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="standard output when absent or -")
        parser.add_argument("--since", metavar="TIME", help="decided from then on: ISO date or time, UTC")

    def handle(self, *args: Any, file: str | None, since: str | None, **options: Any) -> None:
        begin = _moment(since) if since is not None else None
        if file in (None, "-"):
            try:
                self._write(self.stdout, begin)
            except BrokenPipeError:
                # The reader has gone (`| head`); the flush at exit must not complain.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        assert file is not None
        try:
            with Path(file).open("w", encoding="utf-8", errors="replace") as lines:
                count = self._write(lines, begin)
        except OSError as fault:
            raise CommandError(f"cannot write {file}: {fault.strerror or fault}", returncode=2) from None
        self.stdout.write(f"{count} labelled announcement(s) written to {file}")

    @staticmethod
    def _write(target: TextIO | Any, since: datetime | None) -> int:
        count = 0
        for line in labelled_lines(since):
            target.write(json.dumps(line, ensure_ascii=False) + "\n")
            count += 1
        return count


def _moment(text: str) -> datetime:
    try:
        return parse_iso(text)
    except ValueError:
        raise CommandError(f"--since {text!r}, expected a date or time such as 2026-11-01", returncode=2) from None

"""Stores a book of positions from a file, for a desk without the API."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crypto_ews.conf import get_config
from events import clock
from events.models import PositionBook
from events.positions.book import DEFAULT_ACCOUNT, MAX_BYTES, BookRefused, parse_book
from events.positions.phrases import age_text
from events.positions.store import delete_book, replace_book


class Command(BaseCommand):
    help = (
        "Stores FILE (.csv, else JSON; -: standard input, JSON) as the book of positions of an account, in place of "
        "its former one. Without FILE it shows the accounts with their age; with --delete it forgets one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="the book")
        parser.add_argument("--account", help=f"whose it is; default: as in the file, else {DEFAULT_ACCOUNT}")
        parser.add_argument("--as-of", help="when the positions were so, 2026-11-30T12:00:00Z, unless the file has it")
        parser.add_argument("--empty", action="store_true", help="the book has no rows, and that is right")
        parser.add_argument("--delete", action="store_true", help="forget the account's book")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["delete"]:
            account = options["account"] or DEFAULT_ACCOUNT
            count = delete_book(account)
            if count is None:
                raise CommandError(f"account was {account!r}; expected one that has a book")
            self.stdout.write(f"forgot the book of {account}, {count} positions")
            return
        if options["file"] is None:
            self._show()
            return
        kind = "text/csv" if options["file"].lower().endswith(".csv") else "application/json"
        try:
            book = parse_book(_read(options["file"]), kind, options["account"], options["as_of"], options["empty"])
            stored = replace_book(book, getpass.getuser(), clock.now())
        except BookRefused as refused:
            raise CommandError(f"nothing was stored: {refused}") from None
        self.stdout.write(f"stored {stored.count} positions of {stored.account}, instead of {stored.replaced}")
        for one in stored.unresolved:
            self.stdout.write(f"row {one.row}: nobody knows the {one.field} {one.value!r}; it is stored as written")

    def _show(self) -> None:
        now = clock.now()
        books = list(PositionBook.objects.all())
        if not books:
            self.stdout.write("no book of positions is stored")
        for book in books:
            late = " (OLD)" if now - book.as_of > get_config().positions_max_age else ""
            self.stdout.write(f"{book.account}: {book.positions.count()} positions, {age_text(book.as_of, now)}{late}")


def _read(name: str) -> bytes:
    """The file's bytes, one more than allowed at most."""
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"FILE was {name}; expected a file that can be read ({error.strerror})") from None

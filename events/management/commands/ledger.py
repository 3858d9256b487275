"""Checks the ledger, and prints the anchor that proves what lies before it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from events.ledger.chain import Report, anchor_text, parse_anchor
from events.ledger.verification import head, verify

CHANGED, BAD_REQUEST = 1, 2


class Command(BaseCommand):
    help = (
        "verify: checks that no sealed row of the ledger was changed, deleted, inserted or reordered; exit code 1 "
        "where one was, 2 where the database cannot be read. head: prints the newest anchor, to be kept elsewhere."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["verify", "head"], metavar="verify|head", help="what to do")
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="N:HASH",
            help="with verify: an anchor that was kept elsewhere, repeatable; without one a chain that was recomputed "
            "as a whole is not found",
        )

    def handle(self, *args: Any, what: str, anchor: list[str], **options: Any) -> None:
        if what == "head" and anchor:
            raise CommandError("--anchor belongs to `ledger verify`", returncode=BAD_REQUEST)
        anchors: dict[int, bytes] = {}
        for text in anchor:
            try:
                n, hash_ = parse_anchor(text)
            except ValueError as error:
                raise CommandError(str(error), returncode=BAD_REQUEST) from None
            if anchors.setdefault(n, hash_) != hash_:
                raise CommandError(f"two anchors of seal {n} differ: one of them is wrong", returncode=BAD_REQUEST)
        try:
            if what == "head":
                self._print_head()
            else:
                self._verify(anchors)
        except DatabaseError as error:
            said = str(error).strip().splitlines()[0]
            raise CommandError(f"the ledger cannot be read: {said}", returncode=BAD_REQUEST) from None

    def _print_head(self) -> None:
        last = head()
        if last is None:
            raise CommandError("nothing is sealed yet: a leading daemon seals each second", returncode=BAD_REQUEST)
        self.stdout.write(anchor_text(*last))

    def _verify(self, anchors: dict[int, bytes]) -> None:
        report = verify(anchors)
        for finding in report.findings:
            self.stdout.write(f"CHANGED: {finding}")
        if report.found > len(report.findings):
            self.stdout.write(f"CHANGED: {report.found - len(report.findings)} more finding(s)")
        counts = f"{report.seals} seals, {report.rows} rows, {report.view_rows} changes of the view"
        self.stdout.write(f"{counts}; {report.unsealed} row(s) behind the last seal")
        self.stdout.write(verdict(report))
        if not report.ok:
            raise CommandError("the ledger was changed", returncode=CHANGED)


def verdict(report: Report) -> str:
    """What the check proves, in one or two sentences."""
    if not report.ok:
        proven = f" Up to seal {report.proven_to} it is as the anchor says." if report.proven_to else ""
        return f"The ledger was changed after it was written.{proven}"
    if report.proven_to:
        return (
            f"Proven to seal {report.proven_to}: the anchor confirms every row up to it. Whether later rows were "
            "changed and sealed anew, or taken away with their seals, is not detectable."
        )
    if not report.seals:
        return "Nothing is sealed yet: nothing is proven."
    return (
        "Consistent, not proven: whoever may switch triggers off can recompute all seals. Keep what `ledger head` "
        "prints elsewhere, and give it as --anchor."
    )

"""The chain of seals: how a row and a seal are hashed, and whether rows, seals and anchors agree.

docs/contracts/ledger.md has the format, with which anybody can check it without this program. Nothing here reads a
database: rows and seals come in their order, one at a time, so memory does not grow with them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

NO_SEAL = bytes(32)
"""`prev` of the first seal."""
_VERSION = "ews-seal-1"
_MOST_FINDINGS = 20
_ANCHOR = re.compile(r"([1-9][0-9]{0,18}):([0-9a-fA-F]{64})")


@dataclass(frozen=True)
class Row:
    """A row as texts. place: (era, xid, n), its place in the order. rest: the other fields as they are hashed."""

    place: tuple[int, int, int]
    rest: tuple[str, ...]

    def line(self) -> str:
        era, xid, n = self.place
        return "|".join((str(n), str(era), str(xid), *self.rest))

    def hash(self) -> bytes:
        # A lone surrogate cannot be in a database; PostgreSQL stores UTF-8.
        return hashlib.sha256(self.line().encode()).digest()


@dataclass(frozen=True)
class Seal:
    """Covers the rows of its era with from_xid <= xid < to_xid. at: as hashed, ISO in UTC with microseconds."""

    n: int
    at: str
    era: int
    from_xid: int
    to_xid: int
    count: int
    root: bytes
    view_count: int
    view_root: bytes
    prev: bytes
    stored_hash: bytes

    def hash(self) -> bytes:
        fields = (
            _VERSION, self.n, self.at, self.era, self.from_xid, self.to_xid,
            self.count, self.root.hex(), self.view_count, self.view_root.hex(), self.prev.hex(),
        )  # fmt: skip
        return hashlib.sha256("|".join(map(str, fields)).encode()).digest()


@dataclass
class Report:
    """What a check found. findings: the first of them in words, `found` counts all.

    proven_to: the last seal that an anchor confirms with all before it, 0 for none. unsealed: rows behind the last one.
    """

    seals: int = 0
    rows: int = 0
    view_rows: int = 0
    unsealed: int = 0
    head: bytes = NO_SEAL
    proven_to: int = 0
    found: int = 0
    findings: list[str] = field(default_factory=list)

    def add(self, finding: str) -> None:
        self.found += 1
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(finding)

    @property
    def ok(self) -> bool:
        return not self.found


def parse_anchor(text: str) -> tuple[int, bytes]:
    """The number of a seal and its hash, of "N:HASH". Raises ValueError with what was expected."""
    found = _ANCHOR.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"anchor {text!r}, expected N:HASH as `ledger head` prints it (HASH: 64 hexadecimal digits)")
    return int(found[1]), bytes.fromhex(found[2])


def anchor_text(n: int, hash_: bytes) -> str:
    return f"{n}:{hash_.hex()}"


class _Covered:
    """Hands each seal the rows of one table that it covers, and reports those that lie between seals."""

    def __init__(self, table: str, rows: Iterable[Row], report: Report) -> None:
        self._table, self._rows, self._report = table, iter(rows), report
        self._next: Row | None = None
        self._last: tuple[int, int, int] | None = None
        self.total = 0
        self._advance()

    def root(self, seal: Seal) -> tuple[int, bytes]:
        """How many rows the seal covers now, and the root of them."""
        count, root = 0, hashlib.sha256()
        for row in self._until((seal.era, seal.to_xid)):
            if row.place[:2] < (seal.era, seal.from_xid):
                self._report.add(f"{self._table} row {row.place[2]} lies before seal {seal.n}, which no seal covers")
                continue
            count += 1
            root.update(row.hash())
        return count, root.digest()

    def rest(self) -> int:
        """How many rows are behind the last seal."""
        before = self.total
        while self._next is not None:
            self._advance()
            self.total += 1
        return self.total - before

    def _until(self, end: tuple[int, int]) -> Iterator[Row]:
        while self._next is not None and self._next.place[:2] < end:
            row = self._next
            self.total += 1
            self._advance()
            yield row

    def _advance(self) -> None:
        row = next(self._rows, None)
        if row is not None:
            if self._last is not None and row.place <= self._last:
                self._report.add(f"{self._table} row {row.place[2]} is out of order or there twice")
            # The last field takes what is left, and a token is written as JSON: its quotes say where it ends.
            if any("|" in field and not field.startswith('"') for field in row.rest[:-1]):
                self._report.add(f"{self._table} row {row.place[2]} has fields that the hash cannot tell apart")
            self._last = row.place
        self._next = row


def check(seals: Iterable[Seal], rows: Iterable[Row], view_rows: Iterable[Row], anchors: Mapping[int, bytes]) -> Report:
    """Compare everything with everything.

    seals: in the order of n. rows, view_rows: of `ledger` and `view_changed`, in the order of (era, xid, n).
    anchors: number of a seal → its hash as it was written down elsewhere.
    """
    report = Report()
    ledger, view = _Covered("ledger", rows, report), _Covered("view_changed", view_rows, report)
    previous: Seal | None = None
    for seal in seals:
        _check_seal(seal, previous, report.head, report)
        for covered, count, root in ((ledger, seal.count, seal.root), (view, seal.view_count, seal.view_root)):
            has, root_now = covered.root(seal)
            table = "ledger" if covered is ledger else "view_changed"
            if has != count:
                report.add(f"seal {seal.n} covers {count} rows of {table}, there are {has}")
            elif root_now != root:
                report.add(f"rows of {table} that seal {seal.n} covers were changed")
        report.head = seal.hash()
        report.seals = seal.n
        expected_hash = anchors.get(seal.n)
        if expected_hash is not None and expected_hash != report.head:
            report.add(f"seal {seal.n} is not the one of the anchor: it or what lies before it was changed")
        elif expected_hash is not None and report.ok:
            report.proven_to = seal.n
        previous = seal
    for n in sorted(anchors):
        if n > report.seals:
            report.add(f"the anchor's seal {n} is not there: the chain ends with {report.seals}")
    report.unsealed = ledger.rest() + view.rest()
    report.rows, report.view_rows = ledger.total, view.total
    return report


def _check_seal(seal: Seal, previous: Seal | None, head: bytes, report: Report) -> None:
    expected_n = 1 if previous is None else previous.n + 1
    if seal.n != expected_n:
        report.add(f"seal {expected_n} is missing: seal {seal.n} follows")
    if seal.prev != head:
        report.add(f"seal {seal.n} does not continue the one before it")
    if seal.stored_hash != seal.hash():
        report.add(f"seal {seal.n} was changed: its hash is another")
    begins = previous.to_xid if previous is not None and previous.era == seal.era else 0
    if seal.from_xid != begins or seal.to_xid <= begins or (previous is not None and seal.era < previous.era):
        report.add(f"seal {seal.n} covers transactions {seal.from_xid} to {seal.to_xid}, expected from {begins} on")

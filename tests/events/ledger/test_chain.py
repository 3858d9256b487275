"""The chain by itself: every change before an anchor is found, whatever else was made to fit it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from events.ledger.chain import NO_SEAL, Report, Row, Seal, anchor_text, check, parse_anchor


def make_rows(count: int, chooser: random.Random) -> list[Row]:
    rows, xid = [], 700
    for n in range(1, count + 1):
        xid += chooser.randrange(3)
        rows.append(Row((1, xid, n), (f"2026-11-30T12:00:{n % 60:02d}.000000Z", "event.updated", str(n), "", "{}")))
    return rows


def root_of(rows: list[Row]) -> bytes:
    return hashlib.sha256(b"".join(row.hash() for row in rows)).digest()


def sealed(rows: list[Row], views: list[Row], ends: list[int]) -> list[Seal]:
    """Seals that end before these transactions."""
    seals: list[Seal] = []
    prev, begin = NO_SEAL, 0
    for number, end in enumerate(ends, start=1):
        mine, seen = ([row for row in table if begin <= row.place[1] < end] for table in (rows, views))
        seal = Seal(
            number, "2026-11-30T12:00:00.000000Z", 1, begin, end, len(mine), root_of(mine), len(seen), root_of(seen),
            prev, b"",
        )  # fmt: skip
        seals.append(replace(seal, stored_hash=seal.hash()))
        prev, begin = seal.hash(), end
    return seals


@pytest.fixture(scope="module")
def world() -> tuple[list[Row], list[Row], list[Seal]]:
    chooser = random.Random(1)
    rows, views = make_rows(80, chooser), make_rows(30, chooser)
    last = max(rows[-1].place[1], views[-1].place[1]) + 1
    return rows, views, sealed(rows, views, [*range(710, last, 8), last])


def test_an_untouched_chain_is_consistent_and_an_anchor_proves_it(
    world: tuple[list[Row], list[Row], list[Seal]],
) -> None:
    rows, views, seals = world
    report = check(seals, rows, views, {})
    assert (report.findings, report.rows, report.view_rows, report.seals) == ([], 80, 30, len(seals))
    assert report.proven_to == 0 and report.head == seals[-1].hash()
    assert check(seals, rows, views, {3: seals[2].hash()}).proven_to == 3


def _edit(rows: list[Row], chooser: random.Random) -> None:
    at = chooser.randrange(len(rows))
    rest = list(rows[at].rest)
    field = chooser.randrange(len(rest))
    rest[field] += "x"
    rows[at] = replace(rows[at], rest=tuple(rest))


def _delete(rows: list[Row], chooser: random.Random) -> None:
    del rows[chooser.randrange(len(rows))]


def _insert(rows: list[Row], chooser: random.Random) -> None:
    at = chooser.randrange(len(rows))
    era, xid, _n = rows[at].place
    rows.insert(at + 1, replace(rows[at], place=(era, xid, 1000 + at)))
    rows.sort(key=lambda row: row.place)


def _reorder(rows: list[Row], chooser: random.Random) -> None:
    one, other = chooser.sample(range(len(rows)), 2)
    (a, b) = (replace(rows[one], place=rows[other].place), replace(rows[other], place=rows[one].place))
    rows[one], rows[other] = b, a


TAMPERS: tuple[Callable[[list[Row], random.Random], None], ...] = (_edit, _delete, _insert, _reorder)


@pytest.mark.parametrize("recomputed", [False, True], ids=["seals left", "seals recomputed"])
@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__.strip("_"))
def test_each_of_many_changes_is_found_before_an_anchor(
    world: tuple[list[Row], list[Row], list[Seal]], tamper: Callable[..., None], recomputed: bool
) -> None:
    rows, views, seals = world
    chooser = random.Random(tamper.__name__)
    anchors = {len(seals): seals[-1].hash()}
    for turn in range(60):
        changed, seen = list(rows), list(views)
        tamper(changed if turn % 2 else seen, chooser)
        chain = sealed(changed, seen, [seal.to_xid for seal in seals]) if recomputed else seals
        report = check(chain, changed, seen, anchors)
        assert not report.ok and report.proven_to == 0
        if recomputed:
            # Nothing but the anchor can tell.
            assert check(chain, changed, seen, {}).ok


def findings(seals: list[Seal], rows: list[Row], views: list[Row], anchors: dict[int, bytes] | None = None) -> Report:
    return check(seals, rows, views, anchors or {})


def test_seals_that_were_taken_away_or_changed_are_found(world: tuple[list[Row], list[Row], list[Seal]]) -> None:
    rows, views, seals = world
    assert "missing" in findings([*seals[:3], *seals[4:]], rows, views).findings[0]
    cut = findings(seals[:-2], rows, views, {len(seals): seals[-1].hash()})
    assert cut.findings == [f"the anchor's seal {len(seals)} is not there: the chain ends with {len(seals) - 2}"]
    later = [*seals[:2], replace(seals[2], at="2026-11-30T12:00:01.000000Z"), *seals[3:]]
    assert "its hash is another" in findings(later, rows, views).findings[0]
    wider = [*seals[:2], replace(seals[2], from_xid=seals[2].from_xid + 1), *seals[3:]]
    assert any("expected from" in finding for finding in findings(wider, rows, views).findings)


def test_a_row_of_an_era_that_is_over_belongs_to_no_seal(world: tuple[list[Row], list[Row], list[Seal]]) -> None:
    rows, views, seals = world
    late = replace(rows[-1], place=(1, 10**9, 999))
    new = Row((2, 5, 1001), rows[0].rest)
    seal = Seal(
        len(seals) + 1, "2026-12-01T12:00:00.000000Z", 2, 0, 9, 1, root_of([new]), 0, root_of([]), seals[-1].hash(), b""
    )
    chain = [*seals, replace(seal, stored_hash=seal.hash())]
    assert check(chain, [*rows, new], views, {}).ok
    assert "no seal covers" in check(chain, [*rows, late, new], views, {}).findings[0]


def test_rows_behind_the_last_seal_are_counted_and_not_judged(world: tuple[list[Row], list[Row], list[Seal]]) -> None:
    rows, views, seals = world
    report = check(seals[:-1], rows, views, {})
    assert report.ok and report.unsealed == seals[-1].count + seals[-1].view_count


def test_many_findings_are_counted_and_the_first_are_told(world: tuple[list[Row], list[Row], list[Seal]]) -> None:
    _rows, views, seals = world
    report = check([replace(seal, prev=NO_SEAL) for seal in seals], [], views, {})
    assert report.found > len(report.findings) == 20


@pytest.mark.parametrize("text", ["", "5", "0:" + "0" * 64, "5:" + "0" * 63, "-1:" + "0" * 64, "5:" + "g" * 64])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected N:HASH"):
        parse_anchor(text)


def test_an_anchor_is_read_as_it_is_printed() -> None:
    assert parse_anchor(anchor_text(12, b"\x01" * 32)) == (12, b"\x01" * 32)

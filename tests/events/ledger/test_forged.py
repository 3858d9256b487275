"""Edits before an anchor that leave hashes, or what a check reads, as they were. A superuser can drop constraints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from events.ledger import verification
from events.ledger.verification import head, verify
from tests.events.ledger.test_seals import seal_everything
from tests.events.risk_view.support import make_event, query

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = 3


@contextmanager
def forged(*statements: str) -> Iterator[None]:
    """As a superuser who switches off what protects the tables, and is undone behind the block."""
    with transaction.atomic():
        for table in ("ledger", "view_changed", "ledger_seal"):
            query(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            query(statement)
        yield
        transaction.set_rollback(True)


def _drop(table: str, *columns: str) -> tuple[str, ...]:
    dropped = (f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey",)
    return dropped + tuple(f"ALTER TABLE {table} ALTER {column} DROP NOT NULL" for column in columns)


def _copied(table: str, place: str, changed: str) -> str:
    """A second row in the place of that one, with something changed."""
    return (
        f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT (one).* FROM (SELECT jsonb_populate_record(entry,"
        f" '{changed}') AS one FROM {table} AS entry WHERE n = ({place})) AS made"
    )


_LAST_OF_FIRST_PAGE = "SELECT n FROM {} ORDER BY {} OFFSET 2 LIMIT 1"
_IN_ORDER = "era, xid, n"
FORGERIES: dict[str, tuple[str, ...]] = {
    "a year before Christ": ("UPDATE ledger SET at = (at::text || ' BC')::timestamptz",),
    "a year before Christ in the view": ("UPDATE view_changed SET at = (at::text || ' BC')::timestamptz",),
    "for ever": ("UPDATE view_changed SET at = 'infinity'",),
    "a seal for ever": ("UPDATE ledger_seal SET at = '-infinity'",),
    "a row of no era": (
        *_drop("ledger", "era"),
        _copied("ledger", "SELECT max(n) FROM ledger", '{"era": null}'),
    ),
    "a change of no transaction": (
        *_drop("view_changed", "xid"),
        _copied("view_changed", "SELECT max(n) FROM view_changed", '{"xid": null}'),
    ),
    "another row behind the last of a page": (
        *_drop("ledger"),
        _copied("ledger", _LAST_OF_FIRST_PAGE.format("ledger", _IN_ORDER), '{"body": {"forged": true}}'),
    ),
    "another change behind the last of a page": (
        *_drop("view_changed"),
        _copied("view_changed", _LAST_OF_FIRST_PAGE.format("view_changed", _IN_ORDER), '{"token": "FORGED"}'),
    ),
    "another seal behind the last of a page": (
        *_drop("ledger_seal"),
        _copied("ledger_seal", _LAST_OF_FIRST_PAGE.format("ledger_seal", "n"), '{"count": 99}'),
    ),
    "the first place of all": (
        "INSERT INTO ledger (n, era, xid, at, kind, body) OVERRIDING SYSTEM VALUE"
        f" VALUES ({-(2**63)}, {-(2**31)}, '0', now(), 'event.closed', '{{}}')",
    ),
    # Fields that are cut elsewhere are the same line.
    "a field that is moved": (
        "ALTER TABLE ledger DROP CONSTRAINT ledger_kind_check",
        "ALTER TABLE ledger DROP CONSTRAINT ledger_payload_sha256_check",
        "UPDATE ledger SET kind = kind || '|' || coalesce(event_id::text, ''), event_id = NULL, payload_sha256 = NULL"
        " WHERE payload_sha256 IS NULL",
    ),
}


@pytest.fixture
def anchor(monkeypatch: pytest.MonkeyPatch) -> tuple[int, bytes]:
    monkeypatch.setattr(verification, "PAGE", PAGE)
    for number in range(4):
        make_event({"token": f"FORGED{number}"})
        seal_everything()
    found = head()
    assert found is not None and verify(dict([found])).proven_to == found[0] >= 4
    return found


@pytest.mark.long
def test_what_no_hash_shows_is_found_nevertheless(anchor: tuple[int, bytes]) -> None:
    missed = []
    for name, statements in FORGERIES.items():
        with forged(*statements):
            report = verify(dict([anchor]))
            if report.ok or report.proven_to:
                missed.append(name)
    assert missed == []
    assert verify(dict([anchor])).ok

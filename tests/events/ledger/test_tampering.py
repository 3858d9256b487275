"""A superuser who switches the triggers off changes what was sealed, a thousand times; an anchor tells each time."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from events.ledger.seals import seal_all
from events.ledger.verification import head, verify
from tests.events.risk_view.support import make_event, query
from tests.support.daemon_process import eventually
from tests.upgrades.databases import fresh_database

pytestmark = pytest.mark.long
TRIALS = 1000
TABLES = ("ledger", "view_changed")
# As the database seals, with the rows that there are now.
RECOMPUTE = """
DO $$
DECLARE
    seal ledger_seal;
    previous bytea := decode(repeat('00', 32), 'hex');
BEGIN
    FOR seal IN SELECT * FROM ledger_seal ORDER BY n LOOP
        SELECT count(*), sha256(COALESCE(string_agg(sha256(convert_to(ledger_line(entry), 'UTF8')), ''
                                                    ORDER BY entry.xid, entry.n), ''))
          INTO seal.count, seal.root
          FROM ledger AS entry WHERE era = seal.era AND xid >= seal.from_xid AND xid < seal.to_xid;
        SELECT count(*), sha256(COALESCE(string_agg(sha256(convert_to(view_changed_line(entry), 'UTF8')), ''
                                                    ORDER BY entry.xid, entry.n), ''))
          INTO seal.view_count, seal.view_root
          FROM view_changed AS entry WHERE era = seal.era AND xid >= seal.from_xid AND xid < seal.to_xid;
        seal.prev := previous;
        previous := sha256(convert_to(concat_ws('|', 'ews-seal-1', seal.n,
            to_char(seal.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), seal.era, seal.from_xid, seal.to_xid,
            seal.count, encode(seal.root, 'hex'), seal.view_count, encode(seal.view_root, 'hex'),
            encode(seal.prev, 'hex')), 'UTF8'));
        UPDATE ledger_seal SET count = seal.count, root = seal.root, view_count = seal.view_count,
               view_root = seal.view_root, prev = seal.prev, hash = previous WHERE n = seal.n;
    END LOOP;
END
$$
"""
EDITS = {
    "ledger": (
        "at = at + interval '1 microsecond'",
        "kind = kind || 'x'",
        "event_id = COALESCE(event_id, 0) + 1",
        "payload_sha256 = repeat('ab', 32)",
        "body = body || '{\"x\": 1}'",
        "body = jsonb_set(body, '{event}', '\"nothing\"')",
        "n = DEFAULT",
    ),
    "view_changed": (
        "at = at - interval '1 microsecond'",
        "seq = seq + 1",
        "base = base - 1",
        "token = token || 'X'",
        "snapshot = NOT snapshot",
        '"row" = CASE WHEN "row" IS NULL THEN \'{}\'::jsonb END',
        "n = DEFAULT",
    ),
}


def edit(table: str, chooser: random.Random) -> None:
    query(f"UPDATE {table} SET {chooser.choice(EDITS[table])} WHERE n = %s", one_of(table, chooser))


def delete(table: str, chooser: random.Random) -> None:
    query(f"DELETE FROM {table} WHERE n = %s", one_of(table, chooser))


def insert(table: str, chooser: random.Random) -> None:
    columns = [
        name
        for (name,) in query(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attname <> 'n'",
            table,
        )
    ]
    names = ", ".join(columns)
    query(f"INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE n = %s", one_of(table, chooser))


def reorder(table: str, chooser: random.Random) -> None:
    """Two rows change places: what one said stands where the other was."""
    one, other = chooser.sample(numbers(table), 2)
    moved = "at, kind, event_id, payload_sha256, body" if table == "ledger" else 'at, seq, base, token, snapshot, "row"'
    before = query(
        f"SELECT md5(array_agg(row({moved}) ORDER BY n)::text) FROM {table} WHERE n = ANY (%s)", [one, other]
    )
    query(
        f"UPDATE {table} AS entry SET ({moved}) = (SELECT {moved} FROM {table} AS twin WHERE twin.n ="
        " CASE entry.n WHEN %s THEN %s ELSE %s END) WHERE entry.n = ANY (%s)",
        one, other, one, [one, other],
    )  # fmt: skip
    assert before != query(
        f"SELECT md5(array_agg(row({moved}) ORDER BY n)::text) FROM {table} WHERE n = ANY (%s)", [one, other]
    )


def numbers(table: str) -> list[int]:
    return [n for (n,) in query(f"SELECT n FROM {table} ORDER BY n")]


def one_of(table: str, chooser: random.Random) -> int:
    return chooser.choice(numbers(table))


CHANGES: tuple[Callable[[str, random.Random], None], ...] = (edit, delete, insert, reorder)


def test_each_of_a_thousand_changes_before_an_anchor_is_found(django_db_setup: None, django_db_blocker: Any) -> None:
    with fresh_database("ews_tampered", django_db_blocker):
        call_command("migrate", verbosity=0, interactive=False)
        for number in range(25):
            event = make_event({"token": f"T{number}"})
            query("UPDATE events_event SET title = 'Another' WHERE id = %s", event.pk)
            if number % 3 == 0:
                query("UPDATE events_event SET status = 'closed', closed_at = now() WHERE id = %s", event.pk)
            # What is younger than the oldest transaction of the whole server waits: another worker's may be long.
            eventually(lambda: seal_all() >= 0 and verify({}).unsealed == 0, 60, "all is sealed")
        anchor = head()
        assert anchor is not None and anchor[0] > 10
        assert verify(dict([anchor])).ok
        found = {False: 0, True: 0}
        blind = 0
        for trial in range(TRIALS):
            chooser = random.Random(trial)
            recomputed = trial % 2 == 1
            with transaction.atomic():
                for table in (*TABLES, "ledger_seal"):
                    query(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                chooser.choice(CHANGES)(chooser.choice(TABLES), chooser)
                if recomputed:
                    query(RECOMPUTE)
                    blind += verify({}).ok
                report = verify(dict([anchor]))
                found[recomputed] += not report.ok and report.proven_to == 0
                transaction.set_rollback(True)
        assert found == {False: TRIALS // 2, True: TRIALS // 2}
        # Without the anchor the recomputed chain is consistent: that is why it must be kept elsewhere.
        assert blind > TRIALS // 3
        assert verify(dict([anchor])).ok

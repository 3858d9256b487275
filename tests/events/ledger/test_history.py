"""What the view was at any moment, and rows that no reader loses however late they commit."""

from __future__ import annotations

import json
import random
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.database.view_refresh import refresh_now
from events.ledger.history import (
    CursorLostError,
    all_rows_after,
    head_cursor,
    history_begins,
    rows_after,
    view_at,
    view_changes,
)
from events.ledger.seals import keep_snapshot
from events.models import Event
from tests.events.ledger.support import unlocked
from tests.events.risk_view.support import make_event, query, raw_connection

FAR = datetime(2100, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def now_of_database() -> datetime:
    ((moment,),) = query("SELECT clock_timestamp()")
    assert isinstance(moment, datetime)
    return moment


def without_update(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "updated_at"} for row in rows]


def present() -> list[dict[str, Any]]:
    query("SET timezone = 'UTC'")
    rows = query('SELECT to_jsonb(view)::text FROM token_risk_view AS view ORDER BY token COLLATE "C"')
    return [json.loads(row) for (row,) in rows]


@pytest.mark.django_db(transaction=True)
def test_the_view_of_every_moment_is_what_it_was_then() -> None:
    chooser = random.Random(3)
    moments: list[tuple[datetime, list[dict[str, Any]]]] = [(now_of_database(), present())]
    events: list[Event] = []
    for turn in range(40):
        kind = chooser.randrange(4)
        if kind == 0 or not events:
            token = f"H{chooser.randrange(6)}"
            events.append(make_event({"token": token}, {"token": f"{token}X", "scope": "venue", "venue": "OKX"}))
        elif kind == 1:
            query("UPDATE events_event SET title = %s WHERE id = %s", f"T{turn}", chooser.choice(events).pk)
        elif kind == 2:
            query("UPDATE events_event SET updated_at = now() WHERE id = %s", chooser.choice(events).pk)
        else:
            gone = events.pop(chooser.randrange(len(events)))
            query("UPDATE events_event SET status = 'closed', closed_at = now() WHERE id = %s", gone.pk)
        if turn == 20:
            query("SELECT view_changed_keep(0)")
        moments.append((now_of_database(), present()))
    for moment, rows in moments:
        assert without_update(view_at(moment)) == without_update(rows)
    assert view_at(LONG_AGO) == []
    begins = history_begins()
    assert begins is not None and begins < moments[-1][0]
    ((seq,),) = query("SELECT seq FROM risk_view_state")
    ((last,),) = query("SELECT max(seq) FROM view_changed")
    assert last == seq


@pytest.mark.django_db(transaction=True)
def test_every_change_of_a_token_is_there_in_pages_and_no_change_is_none() -> None:
    before = now_of_database()
    event = make_event({"token": "PAGE"})
    for turn in range(5):
        query("UPDATE events_event SET title = %s WHERE id = %s", f"T{turn}", event.pk)
        query("UPDATE events_event SET updated_at = clock_timestamp() WHERE id = %s", event.pk)
    refresh_now()
    query("UPDATE events_event SET priority = 'low' WHERE id = %s", event.pk)
    found, after = [], 0
    while page := view_changes("PAGE", before, FAR, after, limit=2):
        found += page
        after = page[-1].n
    titles = [None if change.row is None else change.row["reasons"][0]["title"] for change in found]
    assert titles == [event.title, "T0", "T1", "T2", "T3", "T4", None]
    assert [change.seq for change in found] == sorted({change.seq for change in found})
    assert not any(change.snapshot for change in found)
    assert view_changes("PAGE", before, before) == [] and view_changes("NONE", before, FAR) == []


@pytest.mark.django_db(transaction=True)
def test_a_whole_view_is_kept_after_many_changes_only() -> None:
    make_event({"token": "WHOLE"})
    assert not keep_snapshot()
    assert query("SELECT view_changed_keep(-100000)") == [(True,)]
    latest = view_changes("WHOLE", LONG_AGO, FAR, limit=1000)[-1]
    assert latest.snapshot and latest.row is not None


@pytest.mark.django_db(transaction=True)
def test_a_row_that_commits_late_is_not_lost_and_none_comes_twice() -> None:
    append = "SELECT ledger_append('test.late', NULL, NULL, jsonb_build_object('name', %s::text))"
    start = cursor = head_cursor()
    slow = raw_connection()
    slow.autocommit = False
    seen: list[str] = []

    def read(limit: int = 2) -> None:
        nonlocal cursor
        while True:
            rows, cursor = rows_after(cursor, limit)
            seen.extend(row.body["name"] for _cursor, row in rows if row.kind == "test.late")
            if len(rows) < limit:
                return

    try:
        with slow.cursor() as writing:
            writing.execute(append, ["slow 1"])
            for number in range(5):
                query(append, f"quick {number}")
            read()
            assert seen == [f"quick {number}" for number in range(5)]
            writing.execute(append, ["slow 2"])
            query(append, "quick 5")
            read()
            slow.commit()
            read(1)
        read()
    finally:
        slow.close()
    assert sorted(seen) == sorted([*(f"quick {number}" for number in range(6)), "slow 1", "slow 2"])
    # From the middle of a page: what follows it, once.
    rows, _end = rows_after(start, 100)
    places = [place for place, row in rows if row.kind == "test.late"]
    again = [row.body["name"] for _place, row in all_rows_after(places[2]) if row.kind == "test.late"]
    assert again == [row.body["name"] for place, row in rows if place in places[3:]]


@pytest.mark.django_db(transaction=True)
def test_many_writers_lose_no_row_to_a_reader_of_small_pages() -> None:
    cursor, names = head_cursor(), []

    def write(writer: int) -> None:
        session = raw_connection()
        session.autocommit = False
        mine = random.Random(writer)
        with session.cursor() as writing:
            for number in range(25):
                writing.execute(
                    "SELECT ledger_append('test.many', NULL, NULL, jsonb_build_object('name', %s::text))",
                    [f"{writer}/{number}"],
                )
                time.sleep(mine.random() / 100)
                session.commit()
        session.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        rows, cursor = rows_after(cursor, 7)
        names += [row.body["name"] for _cursor, row in rows if row.kind == "test.many"]
    names += [row.body["name"] for _cursor, row in all_rows_after(cursor) if row.kind == "test.many"]
    assert sorted(names) == sorted(f"{writer}/{number}" for writer in range(6) for number in range(25))


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "x", "1~2", "1~5:3:", "1~5:9:4", "a~1:1:", "1~1:1:~2", "1~1:1:'; DROP TABLE x"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorLostError, match="no cursor"):
        rows_after(text)


@pytest.mark.django_db
def test_a_cursor_of_a_database_that_went_further_is_lost() -> None:
    ((era,),) = query("SELECT era FROM ledger_state")
    for text in (f"{era}~900000000000:900000000000:", f"{era + 1}~5:5:"):
        with pytest.raises(CursorLostError, match="older backup"):
            rows_after(text)


@pytest.mark.django_db
def test_a_clock_that_was_set_back_does_not_bring_an_older_view_back() -> None:
    event = make_event({"token": "BACK"})
    query("SET CONSTRAINTS ALL IMMEDIATE")
    with unlocked():
        # Written while the clock was half an hour ahead.
        query("UPDATE view_changed SET at = at + interval '30 minutes' WHERE token = 'BACK'")
    query("UPDATE events_event SET title = 'Written when the clock was right again' WHERE id = %s", event.pk)
    later = now_of_database() + timedelta(hours=1)
    assert without_update(view_at(later)) == without_update(present())
    assert without_update(view_at(now_of_database())) == without_update(present())

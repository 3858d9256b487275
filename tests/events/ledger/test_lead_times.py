"""Lead times and false alarms, from rows alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from alerts.models import Acknowledgement, Alert
from events.ledger.lead_times import LEGS, Entry, Spread, lead_times, spread
from events.lifecycle import close_event, record
from tests.events.ledger.support import commit, draft
from tests.events.risk_view.support import query

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def opened(event: int, second: float, life: int = 1, kind: str = "event.opened", source: str = "okx") -> Entry:
    return Entry(at(second), kind, event, life, source, at(second - 70), at(second - 10))


def test_each_leg_counts_what_has_both_ends() -> None:
    found = lead_times(
        [
            opened(1, 0),
            Entry(at(4), "alert.delivered", 1, 1),
            Entry(at(9), "alert.delivered", 1, 1),
            Entry(at(64), "event.acknowledged", 1, 1),
            Entry(at(99), "event.acknowledged", 1, 1),
            opened(2, 100),
            Entry(at(180), "event.closed", 2, 1, "okx", false_alarm=True),
            # Another life: not read anew, and told anew.
            opened(2, 200, life=2, kind="event.reopened"),
            Entry(at(206), "alert.delivered", 2, 2),
            # Opened before the first row.
            Entry(at(300), "event.updated", 7, 1, "binance"),
            Entry(at(301), "alert.delivered", 7, 1),
            opened(8, 400, source="binance"),
        ]
    )
    assert list(found) == ["binance", "okx"]
    okx = found["okx"]
    assert (okx.events, okx.false_alarms) == (3, 1)
    assert okx.legs["published_to_seen"] == Spread(2, 60.0, 60.0, 60.0)
    assert okx.legs["seen_to_committed"] == Spread(3, 10.0, 10.0, 10.0)
    assert okx.legs["committed_to_delivered"] == Spread(2, 4.0, 6.0, 6.0)
    assert okx.legs["delivered_to_acknowledged"] == Spread(1, 60.0, 60.0, 60.0)
    assert found["binance"].legs["committed_to_delivered"] == Spread(0, None, None, None)
    assert lead_times([]) == {}


def test_what_a_person_opened_again_was_seen_in_its_last_life() -> None:
    by_hand = Entry(at(86_400), "event.reopened", 1, 2, "okx", at(-70), at(-10))
    assert lead_times([opened(1, 0), by_hand])["okx"].legs["seen_to_committed"] == Spread(1, 10.0, 10.0, 10.0)
    # It opened before the first row: of the row that closed it the time is known, and without that not.
    closed = Entry(at(50), "event.closed", 1, 1, "okx", at(-70), at(-10))
    for entries in ([closed, by_hand], [by_hand]):
        assert lead_times(entries)["okx"].legs["seen_to_committed"].n == 0
    by_source = opened(1, 200, life=2, kind="event.reopened")
    assert lead_times([closed, by_source])["okx"].legs["seen_to_committed"] == Spread(1, 10.0, 10.0, 10.0)


def test_ranks_are_values_that_were_there() -> None:
    assert spread([float(n) for n in range(1, 11)]) == Spread(10, 5.0, 9.0, 10.0)
    assert spread([3.0]) == Spread(1, 3.0, 3.0, 3.0)
    assert spread([]).n == 0


def without_the_others() -> None:
    """In this test's own transaction: the ledger keeps what tests before it committed, and the default looks back."""
    query("ALTER TABLE ledger DISABLE TRIGGER ledger_append_only")
    query("DELETE FROM ledger")


@pytest.mark.django_db
def test_the_command_tells_the_way_of_an_event() -> None:
    from django.db import connection

    without_the_others()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    event = record(
        draft(
            "lead:1", source="of_a_test", published_at=now - timedelta(minutes=2), seen_at=now - timedelta(minutes=1)
        ),
        now,
    ).event
    assert event is not None
    commit()
    Alert.objects.filter(event=event).update(state="sent")
    Acknowledgement.objects.create(event=event, by="bob", at=now)
    close_event(event.pk, now, by="bob", reason="wrong", false_alarm=True)
    commit()
    out = StringIO()
    call_command("leadtime", "--since", now.isoformat(), "--json", stdout=out)
    told = json.loads(out.getvalue())["sources"]["of_a_test"]
    assert (told["events"], told["false_alarms"]) == (1, 1)
    assert told["legs"]["published_to_seen"] == {"n": 1, "p50": 60.0, "p90": 60.0, "max": 60.0}
    assert 60 <= told["legs"]["seen_to_committed"]["max"] < 90
    for leg in ("committed_to_delivered", "delivered_to_acknowledged"):
        assert told["legs"][leg]["n"] == 1 and 0 <= told["legs"][leg]["max"] < 30
    assert list(told["legs"]) == list(LEGS)
    out = StringIO()
    call_command("leadtime", stdout=out)
    assert "of_a_test: 1 events, 1 false alarms" in out.getvalue() and "published → seen" in out.getvalue()
    with pytest.raises(CommandError, match="expected a date"):
        call_command("leadtime", "--since", "yesterday")

"""Reviews: who opens, decides and takes back, what can_trade and the ledger have of them."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from events import clock, registry
from events.daemon.trade_tables import mend_copies
from events.drafts import ReviewDraft
from events.lifecycle import expire
from events.models import Review
from events.reviews import (
    AlreadyDecided,
    CannotReopen,
    close_explained,
    decide,
    decided_to_be_events,
    open_reviews,
    prune,
    reopen,
)
from exchanges.announcements.types import ReviewReason
from tests.events.ledger.support import Written
from tests.events.risk_view.support import make_event, query

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return clock.now()


def draft(now: datetime, **changes: Any) -> ReviewDraft:
    fields: dict[str, Any] = {
        "source": "binance",
        "natural_key": "binance.announcement:a1",
        "title": "Aviso sobre XYZ",
        "text": "Texto.",
        "reason": "language",
        "released_at": now - timedelta(minutes=5),
        "tokens": ("XYZ",),
        "tickers": ("BINANCE:XYZUSDT",),
        "venues": ("BINANCE",),
    }
    return ReviewDraft(**{**fields, **changes})


def commit() -> None:
    """Fire what fires at commit."""
    query("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def opened(now: datetime, **changes: Any) -> Review:
    (row,) = open_reviews([draft(now, **changes)], now)
    commit()
    return row


def state() -> tuple[Any, Any]:
    commit()
    ((until, names),) = query("SELECT reviews_until, reviewed_names FROM risk_view_state")
    return until, names


def test_a_notice_has_one_undecided_review_and_reading_it_again_writes_nothing(now: datetime) -> None:
    first = opened(now)
    written = Written()
    again = opened(now + DAY)
    assert (again.pk, again.opened_at, written.rows) == (first.pk, now, [])
    changed = opened(now + DAY, tokens=("XYZ", "ABC"), first=True)
    assert (changed.pk, changed.tokens, changed.first) == (first.pk, ["XYZ", "ABC"], True)
    assert written.kinds == ["review.changed"]


def test_a_release_that_is_dated_ahead_does_not_count_for_longer(now: datetime) -> None:
    assert opened(now, released_at=now + 70 * 365 * DAY).released_at == now
    assert state()[0] == now + 30 * DAY


def test_a_review_names_its_coins_by_their_present_names_too(now: datetime) -> None:
    """Bots ask for S, and its instruments have that asset, while a notice from before the day said FTM."""
    written = Written()
    row = opened(now, tokens=("FTM",), tickers=())
    assert row.tokens == ["FTM", "S"]
    query("UPDATE events_review SET tokens = '{FTM}'")
    assert expire(now) == []
    assert state()[1] == ["FTM", "S"]
    assert expire(now) == [] and written.kinds == ["review.opened", "review.changed", "review.changed"]


def test_what_a_person_decided_holds_for_the_text_however_it_is_laid_out(now: datetime) -> None:
    row = opened(now)
    decide(row.pk, "harmless", "alice", now)
    assert open_reviews([draft(now, text="TEXTO\n\n")], now) == []
    (other,) = open_reviews([draft(now, text="Otro texto.")], now)
    assert (other.pk != row.pk, other.decided_at) == (True, None)
    # Explained by the source, it holds only as long as the source explains it.
    assert close_explained({other.natural_key: None}, now) == 1
    (third,) = open_reviews([draft(now, text="Otro texto.")], now)
    assert third.pk != other.pk


def test_of_two_persons_the_first_decides_and_a_decision_can_be_taken_back(now: datetime) -> None:
    row, event = opened(now), make_event({"token": "XYZ"})
    decide(row.pk, "event", "alice", now, event, {"category": "delisting", "tokens": ["XYZ"]})
    with pytest.raises(AlreadyDecided, match=r"alice has decided at .*: event"):
        decide(row.pk, "harmless", "bob", now)
    with pytest.raises(ValueError, match="expected one of event, harmless"):
        decide(row.pk, "explained", "bob", now)
    assert decided_to_be_events("binance") == {row.natural_key}
    reopen(row.pk)
    again = Review.objects.get(pk=row.pk)
    assert (again.decided_at, again.decision, again.event, again.label) == (None, "", None, {})
    with pytest.raises(CannotReopen, match="is not decided"):
        reopen(row.pk)


def test_a_decision_is_not_taken_back_where_the_notice_has_a_new_review(now: datetime) -> None:
    row = opened(now)
    decide(row.pk, "harmless", "alice", now)
    other = opened(now, text="Otro texto.")
    with pytest.raises(CannotReopen, match=f"has the review {other.pk}"):
        reopen(row.pk)


def test_each_change_is_in_the_ledger_and_no_name_of_a_person_is(now: datetime) -> None:
    written = Written()
    row = opened(now)
    decide(row.pk, "harmless", "alice", now)
    reopen(row.pk)
    query("UPDATE events_review SET notified_at = now()")
    query("DELETE FROM events_review")
    assert written.kinds == ["review.opened", "review.decided", "review.reopened", "review.deleted"]
    body = written.rows[1].body
    assert (body["review"], body["title"], body["decision"], body["tokens"]) == (row.pk, row.title, "harmless", ["XYZ"])
    assert len(body["decided_by"]) == 64 and "alice" not in json.dumps(body)


def test_the_state_of_the_view_has_what_undecided_reviews_name(now: datetime) -> None:
    assert state() == (None, [])
    row = opened(now)
    assert state() == (row.released_at + 30 * DAY, ["XYZ", "XYZUSDT"])
    later = opened(now, natural_key="binance.announcement:a2", tokens=("ABC",), tickers=(), released_at=now)
    assert state() == (now + 30 * DAY, ["ABC", "XYZ", "XYZUSDT"])
    decide(later.pk, "harmless", "alice", now)
    assert state() == (row.released_at + 30 * DAY, ["XYZ", "XYZUSDT"])
    opened(now, tokens=("NEW",), tickers=())
    assert state()[1] == ["NEW"]
    query("DELETE FROM events_review")
    assert state() == (None, [])


def test_too_many_names_are_not_compared(now: datetime) -> None:
    row = opened(now, tokens=tuple(f"T{number}" for number in range(501)))
    assert state() == (row.released_at + 30 * DAY, None)


def test_a_state_written_past_the_triggers_is_mended(now: datetime) -> None:
    row = opened(now)
    query("UPDATE risk_view_state SET reviews_until = NULL, reviewed_names = '{}'")
    assert mend_copies()
    assert state() == (row.released_at + 30 * DAY, ["XYZ", "XYZUSDT"])
    assert not mend_copies()


def test_with_the_audit_go_the_names_of_people_and_what_sources_closed(now: datetime) -> None:
    assert registry.audit_trails()["decided reviews"] is prune
    old, new = now - 400 * DAY, now - DAY
    for number, at in enumerate((old, old, new, old)):
        opened(at, natural_key=f"k{number}")
    decide(Review.objects.get(natural_key="k0").pk, "harmless", "alice", old)
    decide(Review.objects.get(natural_key="k2").pk, "harmless", "bob", new)
    close_explained({"k3": None}, old)
    assert prune(now - 365 * DAY) == 2
    assert prune(now - 365 * DAY) == 0
    left = Review.objects.order_by("natural_key").values_list("natural_key", "decision", "decided_by")
    assert list(left) == [("k0", "harmless", ""), ("k1", "", ""), ("k2", "harmless", "bob")]


def test_a_refused_round_leaves_no_review(now: datetime) -> None:
    with transaction.atomic():
        opened(now)
        transaction.set_rollback(True)
    assert not Review.objects.exists() and state() == (None, [])


def test_a_bot_may_not_read_reviews(now: datetime) -> None:
    opened(now)
    ((may,),) = query("SELECT has_table_privilege('ews_bot', 'events_review', 'SELECT')")
    assert may is False
    ((may,),) = query("SELECT has_function_privilege('ews_bot', 'copy_reviews()', 'EXECUTE')")
    assert may is False


def test_the_reasons_of_the_parser_are_those_of_the_table() -> None:
    assert {reason.name.lower(): reason.value for reason in ReviewReason} == dict(Review.Reason.choices)


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_do_not_wait_for_each_other_for_ever(now: datetime) -> None:
    """A round with an event and a review, and an admin's decision, each in its transaction."""
    row = opened(now)
    faults: list[DatabaseError] = []

    def decide_it() -> None:
        try:
            for _ in range(15):
                with transaction.atomic():
                    decide(row.pk, "harmless", "alice", now)
                with transaction.atomic():
                    reopen(row.pk)
        except DatabaseError as fault:
            faults.append(fault)
        finally:
            connection.close()

    thread = threading.Thread(target=decide_it)
    thread.start()
    for number in range(15):
        with transaction.atomic():
            open_reviews([draft(now, natural_key=f"k{number}")], now)
            make_event({"token": "XYZ"})
    thread.join()
    assert faults == []
    assert state()[1] == ["XYZ", "XYZUSDT"]


def test_a_draft_keeps_what_it_was_given(now: datetime) -> None:
    row = opened(now, ending=True, url="https://example.org/a", title="  Aviso\ufeff ")
    assert (row.ending, row.url, row.reason, row.source) == (True, "https://example.org/a", "language", "binance")
    assert row.digest == draft(now, title="aviso").digest()
    assert replace(draft(now), title="x").digest() != row.digest

"""`record` and its fellows: what becomes of a draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from events import lifecycle, registry
from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import OutcomeKind
from events.lifecycle import DraftError, LifecycleError, expire, record, record_many
from events.lifecycle.restore import draft_of
from events.models import Effect, Event, KeySuppression, ManualEvent
from events.outcomes import Outcome

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def told() -> Iterator[list[Outcome]]:
    """The outcomes that the alert policy was handed."""
    outcomes: list[Outcome] = []
    before = registry.alert_policy()
    registry.register_alert_policy(lambda outcome, now: outcomes.append(outcome))
    yield outcomes
    if before:
        registry.register_alert_policy(before)


def delisting(ends: datetime, **changes: object) -> EventDraft:
    draft = EventDraft(
        source="binance",
        category="delisting",
        natural_key="binance.announcement:abc",
        title="Binance Will Delist ABC",
        effects=(
            EffectDraft("ABC", scope="venue", venue="BINANCE", tickers=("BINANCE:ABCUSDT",), trading_ends_at=ends),
        ),
        important_dates=(ImportantDate(ends, "trading ends", ("BINANCE:ABCUSDT",)),),
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def effect_of(token: str) -> Effect:
    return Effect.objects.get(token=token)


def test_a_draft_with_only_the_required_fields_opens_a_high_priority_event(now: datetime) -> None:
    outcome = record(
        EventDraft(source="x", category="hack", natural_key="k", title="t", effects=(EffectDraft("abc"),)), now
    )
    assert outcome.kind == OutcomeKind.OPENED
    event = Event.objects.get()
    assert (event.priority, event.status, event.seen_at, event.valid_until) == ("high", "open", now, now + 7 * DAY)
    effect = effect_of("ABC")
    assert (effect.scope, effect.action, effect.risk_level) == ("asset", "exit", "critical")


def test_the_same_draft_again_changes_nothing_and_tells_nobody(now: datetime, told: list[Outcome]) -> None:
    draft = delisting(now + 5 * DAY)
    record(draft, now)
    again = record(draft, now + HOUR)
    assert again.kind == OutcomeKind.UNCHANGED
    assert [outcome.alert for outcome in told] == ["opened"]
    assert Event.objects.get().revision == 1


def test_a_delisting_steps_with_the_clock_from_reduce_only_to_exit_to_halt(now: datetime, told: list[Outcome]) -> None:
    ends = now + 5 * DAY
    record(delisting(ends), now)
    assert (effect_of("ABC").action, effect_of("ABC").trading_status) == ("reduce_only", "delisting")

    assert expire(ends - DAY - timedelta(seconds=1)) == []
    expire(ends - DAY)
    assert (effect_of("ABC").action, effect_of("ABC").trading_status) == ("exit", "delisting")

    expire(ends)
    effect = effect_of("ABC")
    assert (effect.action, effect.trading_status, effect.risk_level) == ("halt", "delisted", "critical")
    assert [outcome.alert for outcome in told] == ["opened", "reminder", "reminder"]

    expire(ends + 7 * DAY)
    assert Event.objects.get().status == "open", "bots must still see a delisted token a week later"
    expire(ends + 30 * DAY)
    event = Event.objects.get()
    assert (event.status, event.close_reason) == ("closed", "expired")
    assert len(told) == 3, "expiry tells nobody"


def test_each_important_date_gives_one_reminder_even_when_the_daemon_was_down(
    now: datetime, told: list[Outcome]
) -> None:
    dates = tuple(ImportantDate(now + n * DAY, f"step {n}") for n in (1, 2, 3))
    record(delisting(now + 10 * DAY, important_dates=dates), now)
    expire(now + 1 * DAY)
    expire(now + 1 * DAY + HOUR)
    expire(now + 3 * DAY)
    assert [outcome.alert for outcome in told] == ["opened", "reminder", "reminder"]
    event = Event.objects.get()
    assert event.next_important_at is None


def test_an_update_says_what_changed_and_counts_a_revision(now: datetime, told: list[Outcome]) -> None:
    record(delisting(now + 5 * DAY), now)
    outcome = record(delisting(now + 6 * DAY), now + HOUR)
    assert outcome.kind == OutcomeKind.UPDATED
    assert outcome.changes is not None and set(outcome.changes) == {"important_dates", "effects"}
    assert Event.objects.get().revision == 2
    assert [outcome.alert for outcome in told] == ["opened", "updated"]


def test_new_facts_alone_roll_the_event_forward_without_a_card(now: datetime, told: list[Outcome]) -> None:
    record(delisting(now + 5 * DAY), now)
    outcome = record(delisting(now + 5 * DAY, facts={"price": 1.5}), now + HOUR)
    assert outcome.kind == OutcomeKind.ROLLED_FORWARD
    event = Event.objects.get()
    assert (event.facts, event.revision, event.updated_at) == ({"price": 1.5}, 1, now + HOUR)
    assert len(told) == 1


def test_a_draft_may_ask_for_an_alert_of_its_own(now: datetime, told: list[Outcome]) -> None:
    record(delisting(now + 5 * DAY), now)
    record(delisting(now + 5 * DAY, facts={"move": -0.3}, alert="worse"), now + HOUR)
    assert [outcome.alert for outcome in told] == ["opened", "worse"]
    assert Event.objects.get().revision == 2


def test_new_instruments_of_a_whole_asset_reach_the_row_without_a_card(now: datetime, told: list[Outcome]) -> None:
    def hack(*tickers: str) -> EventDraft:
        return EventDraft("x", "hack", "k", "t", (EffectDraft("ABC", tickers=tickers),))

    record(hack("BINANCE:ABCUSDT"), now)
    outcome = record(hack("BINANCE:ABCUSDT", "OKX:ABC-USDT"), now + HOUR)
    assert outcome.kind == OutcomeKind.ROLLED_FORWARD
    assert effect_of("ABC").tickers == ["BINANCE:ABCUSDT", "OKX:ABC-USDT"]
    assert len(told) == 1


def test_an_event_raised_to_high_priority_is_told_as_opened(now: datetime, told: list[Outcome]) -> None:
    record(delisting(now + 5 * DAY, priority="low"), now)
    record(delisting(now + 5 * DAY), now + HOUR)
    assert told[-1].alert == "opened"


def test_its_source_closes_an_event_and_a_second_close_finds_nothing(now: datetime, told: list[Outcome]) -> None:
    draft = delisting(now + 5 * DAY)
    record(draft, now)
    closing = replace(draft, state="closed", close_reason="cancelled")
    assert record(closing, now + HOUR).kind == OutcomeKind.CLOSED
    assert record(closing, now + HOUR).kind == OutcomeKind.UNCHANGED
    event = Event.objects.get()
    assert (event.status, event.close_reason, event.closed_at) == ("closed", "cancelled", now + HOUR)
    assert [outcome.alert for outcome in told] == ["opened", "closed"]


def test_a_closed_announcement_reopens_only_for_a_new_date_in_the_future(now: datetime) -> None:
    draft = delisting(now + 5 * DAY)
    record(draft, now)
    record(replace(draft, state="closed"), now + HOUR)
    assert record(draft, now + 2 * HOUR).kind == OutcomeKind.UNCHANGED
    assert record(delisting(now - DAY), now + 2 * HOUR).kind == OutcomeKind.UNCHANGED
    outcome = record(delisting(now + 9 * DAY), now + 3 * HOUR)
    assert outcome.kind == OutcomeKind.OPENED
    event = Event.objects.get()
    assert (event.status, event.closed_at, event.revision) == ("open", None, 3)


def test_a_peg_may_break_again_under_the_same_key(now: datetime) -> None:
    draft = EventDraft("defillama", "depeg", "defillama.depeg:1", "USDC off its peg", (EffectDraft("USDC"),))
    record(draft, now)
    record(replace(draft, state="closed"), now + HOUR)
    assert record(draft, now + DAY).kind == OutcomeKind.OPENED
    assert Event.objects.count() == 2


def test_news_that_is_over_already_opens_nothing(now: datetime) -> None:
    outcome = record(delisting(now - 31 * DAY), now)
    assert outcome.kind == OutcomeKind.UNCHANGED
    assert "over" in outcome.reason
    assert not Event.objects.exists()


def test_quiet_news_is_recorded_and_told_to_nobody(now: datetime, told: list[Outcome]) -> None:
    assert record(delisting(now + 5 * DAY, quiet=True), now).kind == OutcomeKind.OPENED
    assert told == []


def test_one_bad_draft_of_a_cycle_fails_alone(now: datetime) -> None:
    good = [delisting(now + 5 * DAY, natural_key=f"k{n}") for n in range(19)]
    bad = delisting(now + 5 * DAY, natural_key="bad", category="nonsense")
    outcomes = record_many([*good[:10], bad, *good[10:]], now)
    assert [outcome.kind for outcome in outcomes].count(OutcomeKind.OPENED) == 19
    assert outcomes[10].kind == OutcomeKind.FAILED and "nonsense" in outcomes[10].reason
    assert Event.objects.count() == 19


def test_a_value_that_the_database_refuses_fails_its_own_draft_only(now: datetime) -> None:
    outcomes = record_many(
        [delisting(now + DAY, natural_key="a", title="NUL \0 byte"), delisting(now + DAY, natural_key="b")], now
    )
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.FAILED, OutcomeKind.OPENED]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"source": "Not A Source"}, "Not A Source"),
        ({"title": "  "}, "title"),
        ({"priority": "medium"}, "medium"),
        ({"natural_key": ""}, "natural_key"),
        ({"published_at": datetime(2026, 1, 1)}, "published_at"),  # noqa: DTZ001
        ({"effects": (EffectDraft(""),)}, "token"),
        ({"effects": (EffectDraft("ABC", action="sell"),)}, "sell"),
        ({"effects": (EffectDraft("ABC", tickers=("ABCUSDT",)),)}, "ABCUSDT"),
    ],
)
def test_a_draft_that_no_event_can_come_of_is_refused_by_name(
    now: datetime, changes: dict[str, object], named: str
) -> None:
    with pytest.raises(DraftError, match=named):
        record(delisting(now + DAY, **changes), now)


def test_one_notice_may_do_different_things_to_one_token_at_different_hours(now: datetime) -> None:
    early, late = now + 2 * HOUR, now + 4 * DAY
    record(
        delisting(
            late,
            effects=(
                EffectDraft("0G", scope="pairs", venue="BINANCE", tickers=("BINANCE:0GBNB",), trading_ends_at=early),
                EffectDraft("0G", scope="pairs", venue="BINANCE", tickers=("BINANCE:0GBTC",), trading_ends_at=late),
            ),
        ),
        now,
    )
    by_end = {effect.trading_ends_at: effect.action for effect in Effect.objects.filter(token="0G")}
    assert by_end == {early: "exit", late: "reduce_only"}
    expire(early)
    by_end = {effect.trading_ends_at: effect.action for effect in Effect.objects.filter(token="0G")}
    assert by_end == {early: "halt", late: "reduce_only"}


# By hand


def test_a_correction_is_pinned_against_the_next_poll_until_it_is_unpinned(now: datetime) -> None:
    draft = delisting(now + 5 * DAY)
    event = record(draft, now).event
    assert event is not None
    lifecycle.correct_event(event.pk, now, by="ann", fields={"title": "Corrected"}, effects={"ABC": {"action": "halt"}})
    assert effect_of("ABC").action == "halt"
    record(delisting(now + 6 * DAY, title="From the source"), now + HOUR)
    assert Event.objects.get().title == "Corrected"
    assert effect_of("ABC").action == "halt"
    lifecycle.unpin_event(event.pk, now, by="ann", fields=["title", "effects"])
    record(delisting(now + 6 * DAY, title="From the source"), now + HOUR)
    assert Event.objects.get().title == "From the source"
    assert effect_of("ABC").action == "reduce_only"


def test_a_close_by_hand_keeps_the_key_away_until_its_date(now: datetime) -> None:
    draft = EventDraft("x", "depeg", "k", "t", (EffectDraft("USDC"),))
    event = record(draft, now).event
    assert event is not None
    lifecycle.close_event(event.pk, now, by="ann", reason="known", suppress_until=now + 2 * DAY)
    assert record(draft, now + DAY).kind == OutcomeKind.UNCHANGED
    assert record(draft, now + 3 * DAY).kind == OutcomeKind.OPENED


def test_a_false_alarm_is_recorded_as_such_and_never_comes_back(now: datetime) -> None:
    draft = EventDraft("x", "depeg", "k", "t", (EffectDraft("USDC"),))
    event = record(draft, now).event
    assert event is not None
    lifecycle.close_event(event.pk, now, by="ann", reason="wrong coin", false_alarm=True)
    assert Event.objects.get().false_alarm
    assert record(draft, now + 4000 * DAY).kind == OutcomeKind.UNCHANGED


def test_reopening_lifts_the_suppression_and_survives_the_next_expiry(now: datetime) -> None:
    event = record(delisting(now + DAY), now).event
    assert event is not None
    lifecycle.close_event(event.pk, now, by="ann", reason="mistake", false_alarm=True)
    later = now + 60 * DAY
    lifecycle.reopen_event(event.pk, later, by="bob", reason="it was true")
    assert not KeySuppression.objects.exists()
    expire(later + HOUR)
    event.refresh_from_db()
    assert (event.status, event.false_alarm) == ("open", False)


def test_reopening_beside_another_open_event_of_the_key_is_refused_in_words(now: datetime) -> None:
    draft = EventDraft("x", "depeg", "k", "t", (EffectDraft("USDC"),))
    first = record(draft, now).event
    assert first is not None
    record(replace(draft, state="closed"), now)
    record(draft, now)
    with pytest.raises(LifecycleError, match="another event"):
        lifecycle.reopen_event(first.pk, now, by="ann", reason="?")


def test_a_manual_event_blocks_a_token_now(now: datetime) -> None:
    outcome = lifecycle.open_manual_event(
        now, by="ann", tokens=["xyz"], title="Block XYZ", action="halt", note="phone call"
    )
    assert outcome.kind == OutcomeKind.OPENED
    event = ManualEvent.objects.get()
    assert (event.opened_by, event.source, event.priority) == ("ann", "manual", "high")
    assert effect_of("XYZ").action == "halt"


def test_corrections_of_unknown_fields_and_tokens_are_refused(now: datetime) -> None:
    event = record(delisting(now + DAY), now).event
    assert event is not None
    with pytest.raises(LifecycleError, match="natural_key"):
        lifecycle.correct_event(event.pk, now, by="ann", fields={"natural_key": "z"})
    with pytest.raises(LifecycleError, match="NOPE"):
        lifecycle.correct_event(event.pk, now, by="ann", fields={}, effects={"NOPE": {"action": "halt"}})
    with pytest.raises(LifecycleError, match="sell"):
        lifecycle.correct_event(event.pk, now, by="ann", fields={}, effects={"ABC": {"action": "sell"}})


def test_an_event_read_back_as_a_draft_is_the_draft_that_made_it(now: datetime) -> None:
    draft = delisting(now + 5 * DAY, valid_until=now + 35 * DAY, published_at=now)
    event = record(draft, now).event
    assert event is not None
    again = draft_of(event)
    assert record(replace(again, facts={}), now).kind in (OutcomeKind.UNCHANGED, OutcomeKind.ROLLED_FORWARD)
    assert Event.objects.get().revision == 1


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_key_open_one_event(now: datetime) -> None:
    import threading

    barrier = threading.Barrier(4)
    kinds: list[OutcomeKind] = []

    def write() -> None:
        barrier.wait()
        try:
            kinds.append(record(delisting(now + 5 * DAY), now).kind)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kinds) == [OutcomeKind.OPENED, *[OutcomeKind.UNCHANGED] * 3]
    assert Event.objects.count() == 1


def test_times_are_kept_in_utc_whatever_zone_the_draft_used(now: datetime) -> None:
    from datetime import timezone

    tokyo = timezone(timedelta(hours=9))
    record(delisting((now + DAY).astimezone(tokyo)), now)
    event = Event.objects.get()
    assert event.important_dates[0]["at"] == (now + DAY).astimezone(UTC).isoformat()

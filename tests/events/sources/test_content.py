"""How old content is judged to be: pure, and in the row of health with its pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from alerts.models import Alert
from crypto_ews.conf import ConfigurationError, parse_config
from events import registry
from events.daemon.process import check_bounds, declared
from events.models import OperationsEvent, SourceHealth
from events.sources import health
from events.sources.content import (
    Age,
    AgeFrom,
    ContentRule,
    PartState,
    Seen,
    content_age,
    duration,
    newest,
    parts_as_json,
    parts_from_json,
)
from events.sources.content_watch import ContentWatch
from events.updater import Cycle, EventUpdater
from events.upstream.errors import SchemaDrift
from exchanges.content import announcements

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHY = {"rows": "it is one row", "name": "it has no name", "frozen": "it stands still"}


def rule(*ages: Age, **more: Any) -> ContentRule:
    by_digest = any(age.since in (AgeFrom.DIGEST, AgeFrom.SERVER_TIME) for age in ages)
    exempt = {case: why for case, why in WHY.items() if case != "frozen" or not by_digest}
    return ContentRule("delistings", ages, exempt=exempt, **more)


RELEASES = rule(Age(AgeFrom.RELEASE, 7 * 24 * HOUR, "news"), Age(AgeFrom.RELEASE, 45 * 24 * HOUR, "delistings"))


def test_each_part_has_its_own_bound_and_the_one_nearest_to_it_is_shown() -> None:
    seen = [Seen("news", NOW - 6 * 24 * HOUR), Seen("delistings", NOW - 30 * 24 * HOUR)]
    age = content_age(RELEASES, {}, seen, NOW)
    assert (age.problem, age.at, age.bound) == ("", seen[0].at, 7 * 24 * HOUR)
    later = content_age(RELEASES, age.parts, [Seen("news", seen[0].at), seen[1]], NOW + 25 * HOUR)
    assert later.overdue == ("news",) and later.since == seen[0].at
    assert later.problem == "news: its newest entry is of 25 Sep 2026 12:00 UTC, 7 days ago; expected at most 7 days"


def test_a_digest_ages_from_its_last_change_over_restarts_and_a_thin_list_may_stand_still_for_longer() -> None:
    quotes = rule(Age(AgeFrom.DIGEST, HOUR, thin_below=100, thin_bound=10 * HOUR))
    first = content_age(quotes, {}, [Seen("", digest="a", rows=500)], NOW)
    kept = parts_from_json(parts_as_json(first.parts))
    assert kept == first.parts
    assert not content_age(quotes, kept, [Seen("", digest="a", rows=500)], NOW + HOUR).problem
    assert content_age(quotes, kept, [Seen("", digest="a", rows=500)], NOW + 1.1 * HOUR).since == NOW
    assert not content_age(quotes, kept, [Seen("", digest="b", rows=500)], NOW + 1.1 * HOUR).problem
    assert not content_age(quotes, kept, [Seen("", digest="a", rows=3)], NOW + 9 * HOUR).problem


def test_an_older_answer_and_one_without_time_take_nothing_back() -> None:
    server = rule(Age(AgeFrom.SERVER_TIME, HOUR))
    fresh = content_age(server, {}, [Seen("", NOW)], NOW)
    for older in (NOW - 6 * HOUR, None):
        assert content_age(server, fresh.parts, [Seen("", older)], NOW + 0.5 * HOUR).at == NOW
        assert content_age(server, fresh.parts, [Seen("", older)], NOW + 2 * HOUR).overdue == ("",)
    assert content_age(server, {}, [Seen("", None)], NOW).at is None, "what is not known is not judged"


def test_what_lies_ahead_is_as_old_as_can_be_and_no_measure_afterwards() -> None:
    server = rule(Age(AgeFrom.SERVER_TIME, HOUR))
    ahead = content_age(server, {}, [Seen("", NOW + 3 * HOUR)], NOW)
    assert "lies ahead" in ahead.problem
    assert not content_age(server, ahead.parts, [Seen("", NOW + HOUR)], NOW + HOUR).problem
    assert newest([NOW + 3 * HOUR, NOW - HOUR, None], NOW) == NOW - HOUR


def test_parts_that_nobody_asks_for_any_more_are_forgotten_and_not_judged() -> None:
    known = {"gone": PartState(NOW - 70 * 24 * HOUR), "left": PartState(NOW - HOUR, at=NOW - 90 * 24 * HOUR)}
    age = content_age(RELEASES, known, [Seen("news", NOW)], NOW)
    assert set(age.parts) == {"left", "news"} and not age.problem


def test_a_rule_without_words_without_ages_or_without_a_reason_is_refused() -> None:
    age = Age(AgeFrom.DIGEST, HOUR)
    with pytest.raises(ValueError, match="at least one age"):
        ContentRule("x", ())
    with pytest.raises(ValueError, match="rows: expected either a rule or the reason"):
        ContentRule("x", (age,), exempt={"name": "none"})
    with pytest.raises(ValueError, match="expected a positive duration"):
        Age(AgeFrom.DIGEST, timedelta(0))


def test_a_desk_sets_bounds_by_source_or_by_list() -> None:
    config = parse_config({"CONTENT_MAX_AGE": "a.b/news:5d, c.d:90m"})
    bounded = RELEASES.bounded(config.content_max_age, "a.b")
    assert [age.bound for age in bounded.ages] == [5 * 24 * HOUR, 45 * 24 * HOUR]
    assert [age.bound for age in RELEASES.bounded(config.content_max_age, "c.d").ages] == [1.5 * HOUR] * 2
    for wrong in ("a.b", "a.b:5", "a.b:-1h", ":5d", "a.b:5w", "a.b:nand"):
        with pytest.raises(ConfigurationError, match="CONTENT_MAX_AGE"):
            parse_config({"CONTENT_MAX_AGE": wrong})


def test_a_bound_for_a_source_that_does_not_exist_is_named() -> None:
    config = parse_config({"CONTENT_MAX_AGE": "binance.anouncements:5d, okx.status:1h, a.b/news:1d"})
    assert check_bounds(config, {"a.b": RELEASES}) == ["binance.anouncements"]


def test_durations_are_told_in_the_unit_that_people_use() -> None:
    spans = (timedelta(seconds=90), timedelta(minutes=35), timedelta(hours=6.2), timedelta(days=14))
    assert [duration(span) for span in spans] == ["90 seconds", "35 minutes", "6.2 hours", "14 days"]


class Undeclared(EventUpdater):
    name = "nobody.knows"
    interval_seconds = 60.0

    def cycle(self) -> Cycle:
        return Cycle()


def test_a_source_without_a_rule_is_none_of_the_declared_ones() -> None:
    """`tests/test_content_age.py` refuses it where it is registered."""
    config = parse_config({})
    updater = Undeclared(config, None, lambda: NOW)  # type: ignore[arg-type]
    assert updater.name not in declared(config, [updater])
    assert {"okx.quotes", "streams.okx"} <= set(declared(config, []))


def watch_of(source: str = "okx.quotes") -> ContentWatch:
    health.register(source, 30, NOW)
    return ContentWatch(source, rule(Age(AgeFrom.DIGEST, HOUR)))


def told() -> list[tuple[str, str]]:
    rows = Alert.objects.filter(event__category="operations").order_by("id").values_list("event__title", "reason")
    return [(str(title).removeprefix("Source okx.quotes "), reason) for title, reason in rows]


def read(watch: ContentWatch, at: datetime, digest: str = "same") -> str:
    watch.begin()
    watch.saw("", at, digest=digest)
    watch.succeeded(at, 1, 0.1, None)
    return SourceHealth.objects.get().state


@pytest.mark.django_db
def test_old_content_and_silence_are_two_truths_each_told_once() -> None:
    watch = watch_of()
    assert read(watch, NOW) == "ok"
    assert read(watch, NOW + 1.5 * HOUR) == "stale"
    # It falls silent as well: whoever knows that nothing new is seen learns nothing by that.
    assert health.mark_stale(NOW + 3 * HOUR) == []
    assert read(watch, NOW + 4 * HOUR, "new") == "ok"
    assert told() == [("answers with old content", "opened"), ("answers with old content", "closed")]
    assert SourceHealth.objects.get().content_overdue == []


@pytest.mark.django_db
def test_a_source_that_answers_again_with_what_it_said_before_is_not_well() -> None:
    watch = watch_of()
    read(watch, NOW)
    assert health.mark_stale(NOW + 2 * HOUR) == ["okx.quotes"]
    assert read(watch, NOW + 2.1 * HOUR) == "stale"
    assert [title for title, _ in told()] == ["is silent", "is silent", "answers with old content"]
    assert OperationsEvent.objects.get(status="open").facts["not seen"].startswith("Delistings: what came since 01 Oct")


@pytest.mark.django_db
def test_of_two_lists_with_one_that_cannot_be_read_only_that_ones_news_is_said_not_to_be_seen() -> None:
    health.register("binance.announcements", 30, NOW)
    watch = ContentWatch("binance.announcements", announcements("binance"))
    watch.begin()
    watch.saw("news", NOW, at=NOW)
    with pytest.raises(SchemaDrift):
        watch.saw("delistings", NOW, at=NOW, names=["Airdrop"])
    watch.failed(NOW)
    health.failed("binance.announcements", NOW, "odd", 0.1, None, True, None, back_off=False)
    facts = OperationsEvent.objects.get().facts
    assert facts["not seen"].startswith("Delistings on Binance: what came since ")
    watch.begin()
    assert registry.unseen("binance.announcements").startswith("announcements of Binance (")


@pytest.mark.django_db
def test_drift_amid_old_content_ends_when_the_source_can_be_read_again_though_its_content_stays_old() -> None:
    watch = watch_of()
    read(watch, NOW)
    assert read(watch, NOW + 1.5 * HOUR) == "stale"
    health.failed("okx.quotes", NOW + 1.6 * HOUR, "odd", 0.1, None, True, None)
    assert read(watch, NOW + 1.7 * HOUR) == "stale"
    assert list(OperationsEvent.objects.filter(status="open").values_list("natural_key", flat=True)) == [
        "operations:content:okx.quotes"
    ]
    assert read(watch, NOW + 1.8 * HOUR) == "stale" and len(told()) == 3


@pytest.mark.django_db
def test_the_answer_of_a_source_whose_content_is_old_is_kept_by_the_databases_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead = timedelta(hours=7)
    monkeypatch.setattr("events.clock.as_database", lambda at: at + ahead)
    watch = watch_of()
    read(watch, NOW)
    assert read(watch, NOW + 1.5 * HOUR) == "stale"
    row = SourceHealth.objects.get()
    assert row.last_success_at == row.last_error_at == NOW + 1.5 * HOUR + ahead


@pytest.mark.django_db
def test_a_silent_and_a_drifting_source_say_what_cannot_be_seen_and_since_when() -> None:
    watch = watch_of()
    read(watch, NOW)
    health.failed("okx.quotes", NOW + HOUR, "odd", 0.1, None, True, None)
    expected = "Delistings: what came since 01 Oct 2026 12:00 UTC is not seen"
    assert OperationsEvent.objects.get().facts == {"error": "odd", "not seen": expected}


@pytest.mark.django_db
def test_a_list_that_lost_rows_is_believed_after_half_an_hour_unless_more_than_half_is_gone() -> None:
    from events.sources.content import Rows

    health.register("okx.quotes", 30, NOW)
    kept = replace(rule(Age(AgeFrom.DIGEST, HOUR)), rows=Rows(), exempt={"name": "it has no name"})
    watch = ContentWatch("okx.quotes", kept)

    def rows(count: int, minutes: float) -> str:
        at = NOW + timedelta(minutes=minutes)
        watch.begin()
        try:
            watch.saw("", at, digest=str(minutes), rows=count)
        except SchemaDrift as error:
            return str(error)
        watch.succeeded(at, count, 0.1, None)
        return "read"

    assert rows(100, 0) == "read" and rows(92, 1) == "read"
    assert [rows(60, 2 + 6 * n) == "read" for n in range(7)] == [False] * 5 + [True] * 2
    assert all("most of the 60 rows known before" in rows(20, 60 + 6 * n) for n in range(12))
    assert rows(58, 140) == "read"


@pytest.mark.django_db
def test_pages_that_an_exchange_makes_shorter_for_good_are_read_again_after_an_hour() -> None:
    """Of fifty rows twenty: it gives twenty for a page size that it does not know any more."""
    health.register("okx.quotes", 30, NOW)
    watch = ContentWatch("okx.quotes", announcements("binance"))
    found = []
    for minutes, count in [(0, 50), *((10 * n, 20) for n in range(1, 10))]:
        at = NOW + timedelta(minutes=minutes)
        watch.begin()
        try:
            watch.saw("news", at, at=at, rows=count, asked="pageSize=50")
        except SchemaDrift:
            found.append(minutes)
            continue
        watch.succeeded(at, count, 0.1, None)
    assert found == [10, 20, 30, 40, 50, 60]


def test_a_quiet_week_is_no_old_feed_and_a_small_exchange_may_be_quiet_for_a_month() -> None:
    quiet = {exchange: NOW - timedelta(days=days) for exchange, days in (("binance", 8), ("okx", 8), ("small", 32))}
    for exchange, at in quiet.items():
        seen = [Seen("news", at), Seen("delistings", at)]
        assert content_age(announcements(exchange), {}, seen, NOW).problem == "", exchange
    for exchange in ("binance", "okx"):
        assert content_age(announcements(exchange), {}, [Seen("news", NOW - timedelta(days=14))], NOW).overdue == (
            "news",
        )


@pytest.mark.django_db
def test_the_content_age_stands_beside_the_answers_age_on_pages_and_in_metrics(admin_client: Client) -> None:
    from django.utils import timezone

    now = timezone.now()
    watch = watch_of()
    read(watch, now - 3 * HOUR)
    read(watch, now)
    registry.note_unseen("okx.quotes", "prices on OKX")
    lines = admin_client.get("/metrics").content.decode().splitlines()
    figures = {line.split(" ")[0]: float(line.split(" ")[1]) for line in lines if 'source="okx.quotes"' in line}
    assert figures['ews_source_content_age_seconds{source="okx.quotes"}'] == pytest.approx(10_800, abs=60)
    assert figures['ews_source_content_bound_seconds{source="okx.quotes"}'] == 3600
    assert figures['ews_source_age_seconds{source="okx.quotes"}'] < 60
    answer = admin_client.get("/healthz").json()
    assert answer["sources"] == {"okx.quotes": "stale"}
    assert answer["source_ages"]["okx.quotes"]["content"] == pytest.approx(10_800, abs=60)
    for page in ("/admin/events/sourcehealth/", "/admin/events/sourcehealth/okx.quotes/change/", "/admin/"):
        shown = admin_client.get(page)
        assert shown.status_code == 200, page
        assert "3 hours ago" in shown.content.decode() or "3 h" in shown.content.decode(), page


@pytest.mark.django_db(transaction=True)
def test_rows_of_suspended_channels_leave_source_health_with_the_upgrade() -> None:
    """A database of the last release, in which a channel had been suspended for long enough to count as silent."""
    before, after = [("alerts", "0005_life")], [("alerts", "0006_channels_are_no_sources")]
    MigrationExecutor(connection).migrate(before)
    try:
        for source in ("alerts.cex", "okx.status"):
            health.register(source, 30, NOW)
        assert len(health.mark_stale(NOW + 9 * HOUR)) == 2
        MigrationExecutor(connection).migrate(after)
        assert list(SourceHealth.objects.values_list("source", flat=True)) == ["okx.status"]
        assert list(OperationsEvent.objects.filter(status="open").values_list("subject", flat=True)) == ["okx.status"]
    finally:
        call_command("migrate", verbosity=0)

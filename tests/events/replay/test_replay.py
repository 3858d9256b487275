"""Replay end to end: what the daemon's sources recorded gives the same events again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from benchmarks.worlds.recorded_day import RecordedDay
from crypto_ews.conf import Config, parse_config
from events.models import Event
from events.replay.engine import Replay
from events.replay.report import report_of
from events.upstream.archive import recorded_payloads
from events.upstream.archive_file import RecordedPayload, iso, write_archive
from tests.exchanges.support import RELEASED, Bench
from tests.support.daemon_process import manage
from tests.support.postgres_cluster import ThrowawayCluster
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import Article, removal_notice
from tests.upstreams.coinmarketcap import market, market_pairs

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
PAIRS_URL = "https://api.coinmarketcap.com/data-api/v3/cryptocurrency/market-pairs/latest?slug="
WATCHED = {"SPOT_CURRENCIES": "BTC ETH ABC", "USDM_CURRENCIES": "BTC"}


def config(**environment: str) -> Config:
    return parse_config({**WATCHED, "MINIMUM_LIQUIDITY_THRESHOLD": "1000", "CURRENCY_NAMES": "ABC:abc", **environment})


def pairs(minutes: float, depth: float, slug: str = "abc", status: int = 200) -> RecordedPayload:
    at = START + timedelta(minutes=minutes)
    body = market_pairs(slug.upper(), market("KuCoin", f"{slug.upper()}/USDT", depth, depth * 2, updated=at))
    return RecordedPayload("coinmarketcap.market_pairs", at, PAIRS_URL + slug, status, json.dumps(body).encode())


def replayed(payloads: Sequence[RecordedPayload], until: datetime | None = None, **environment: str) -> dict[str, Any]:
    """The report of a replay into the test's own database, which must be empty of events."""
    assert not Event.objects.exists()
    return report_of(Replay(config(**environment), iter(payloads)).run(until))


def empty_database() -> None:
    call_command("flush", verbosity=0, interactive=False)


def recorded_day(server: UpstreamServer) -> list[RecordedPayload]:
    """A removal, its edit and quiet rounds between, as the daemon's sources archive them."""
    notice = removal_notice("2026-10-02", {"2026-10-02 03:00": ["ABC/USDC", "XYZ/BTC"]}, RELEASED)
    promotion = Article("Join the Trading Promotion", RELEASED, ("Win.",), catalog_id=93)
    bench = Bench(server, [notice, promotion], SPOT_CURRENCIES=WATCHED["SPOT_CURRENCIES"])
    bench.run_instruments()
    for minute in range(10):
        if minute == 6:
            later = removal_notice("2026-10-05", {"2026-10-05 03:00": ["ABC/USDC", "XYZ/BTC"]}, RELEASED)
            bench.site.edit(notice.code, blocks=later.blocks)
        bench.clock.forward(minutes=1)
        assert bench.run_announcements().ok
        bench.run_edits()
    return list(recorded_payloads())


def test_what_the_daemon_recorded_gives_its_events_and_alerts_again_at_the_same_times(server: UpstreamServer) -> None:
    payloads = recorded_day(server)
    live = {
        event.natural_key: (
            event.opened_at,
            [(alert.reason, alert.queued_at) for alert in event.alerts.order_by("id")],
            event.important_dates,
        )
        for event in Event.objects.all()
    }
    assert len(live) == 1
    empty_database()
    report = replayed(payloads)
    again = {
        event.natural_key: (
            event.opened_at,
            [(alert.reason, alert.queued_at) for alert in event.alerts.order_by("id")],
            event.important_dates,
        )
        for event in Event.objects.all()
    }
    assert again == live
    assert (report["payloads"], report["failures"]) == (len(payloads), [])
    (event,) = report["events"]
    assert (event["kind"], event["category"], event["priority"]) == ("binance_announcement", "delisting", "high")
    assert event["tickers"] == ["BINANCE:ABCUSDC", "BINANCE:XYZBTC"]
    assert [(alert["reason"], alert["channel"]) for alert in event["alerts"]] == [("opened", "cex"), ("updated", "cex")]
    times = {iso(payload.received_at) for payload in payloads}
    assert {event["opened_at"], *(alert["at"] for alert in event["alerts"])} <= times
    assert report["view"] == [{"at": event["opened_at"], "added": ["ABC", "XYZ"], "removed": []}]


def test_the_same_payloads_give_the_same_report(server: UpstreamServer) -> None:
    payloads = recorded_day(server)
    reports = []
    for _ in range(2):
        empty_database()
        reports.append(json.dumps(replayed(payloads)))
    assert reports[0] == reports[1]


def test_an_article_whose_page_is_another_one_each_time_gives_the_same_report(server: UpstreamServer) -> None:
    payloads = recorded_day(server)
    empty_database()
    report = replayed(payloads)
    empty_database()
    assert replayed([replace(item, body=item.body + b" " * number) for number, item in enumerate(payloads)]) == report


@pytest.mark.long
def test_a_made_up_day_of_all_sources_gives_the_same_report_twice() -> None:
    defaults = parse_config({})
    payloads = list(RecordedDay(defaults).payloads(7.1, start=6.95))
    reports = []
    for _ in range(2):
        empty_database()
        replay = Replay(defaults, iter(payloads))
        reports.append(json.dumps(report_of(replay.run())))
        assert replay.result.unread == {}
    assert reports[0] == reports[1]
    report = json.loads(reports[0])
    assert (report["payloads"], report["failures"]) == (len(payloads), [])
    (halt,) = (event for event in report["events"] if event["category"] == "trading_suspension")
    assert (halt["tokens"], halt["opened_at"][:16]) == (["LTC"], "2026-10-01T07:00")
    assert {"delisting", "hard_fork", "token_migration", "risk_warning"} <= {
        event["category"] for event in report["events"]
    }


def test_what_the_archive_holds_nothing_for_is_named() -> None:
    replay = Replay(config(), iter([pairs(0, 900)]))
    assert "coinmarketcap.market_pairs" not in replay.run().unanswered and "okx.status" in replay.result.unanswered


@pytest.mark.long
def test_time_passes_between_payloads_and_until_the_end(server: UpstreamServer) -> None:
    payloads = [item for item in recorded_day(server) if item.received_at < RELEASED + timedelta(minutes=4)]
    empty_database()
    report = replayed(payloads, until=datetime(2026, 10, 2, 3, 0, 30, tzinfo=UTC))
    reminders = [alert["at"] for alert in report["events"][0]["alerts"] if alert["reason"] == "reminder"]
    assert reminders == ["2026-10-01T03:00:00Z", "2026-10-02T02:00:00Z", "2026-10-02T03:00:00Z"]
    # Nobody takes it in hand: four, eight and 24 hours after its last news, and from the reminder on a day later.
    repeats = [alert["at"] for alert in report["events"][0]["alerts"] if alert["reason"] == "repeat"]
    assert repeats == ["2026-09-29T11:17:00Z", "2026-09-29T15:17:00Z", "2026-09-30T07:17:00Z"]
    assert report["events"][0]["action"] == "halt"


def test_an_article_recorded_long_after_its_list_updates_what_the_title_opened(server: UpstreamServer) -> None:
    payloads = [item for item in recorded_day(server) if item.received_at < RELEASED + timedelta(minutes=3)]
    empty_database()
    late = [
        replace(item, received_at=item.received_at + timedelta(minutes=5)) if item.source == "binance.article" else item
        for item in payloads
    ]
    late.sort(key=lambda item: item.received_at)
    report = replayed(late)
    (event,) = report["events"]
    assert event["tickers"] == ["BINANCE:ABCUSDC", "BINANCE:XYZBTC"] and report["failures"] == []


def test_readings_open_at_the_payload_that_confirms_them() -> None:
    report = replayed([pairs(0, 5000), pairs(10, 900), pairs(20, 800), pairs(30, 390)])
    (event,) = report["events"]
    assert (event["source"], event["opened_at"]) == ("coinmarketcap", "2026-10-01T12:20:00Z")
    assert [(alert["reason"], alert["at"]) for alert in event["alerts"]] == [
        ("opened", "2026-10-01T12:20:00Z"),
        ("worse", "2026-10-01T12:30:00Z"),
    ]
    assert event["facts"]["depth_usd"] == 390


def test_a_round_of_several_currencies_is_one_reading_of_each() -> None:
    rounds = [item for minute in (0, 10, 20) for item in (pairs(minute, 900), pairs(minute + 0.02, 900, "other"))]
    report = replayed(rounds, CURRENCY_NAMES="ABC:abc, OTHER:other")
    assert [event["opened_at"] for event in report["events"]] == ["2026-10-01T12:10:01.200000Z"] * 2
    assert [len(event.important_dates) for event in Event.objects.all()] == [1, 1]


def test_one_currencys_payload_is_no_reading_of_another() -> None:
    payloads = [pairs(0, 900), *(pairs(minute, 5000, "other") for minute in range(1, 9))]
    assert replayed(payloads, CURRENCY_NAMES="ABC:abc, OTHER:other")["events"] == []


def test_a_recorded_http_error_is_neither_a_reading_nor_a_parse_failure() -> None:
    report = replayed([pairs(0, 900), pairs(10, 900, status=503), pairs(20, 5000)])
    assert (report["events"], report["failures"], report["payloads"]) == ([], [], 3)


def test_a_payload_that_cannot_be_read_is_a_failure_once_and_only_itself() -> None:
    broken = replace(pairs(10, 1), body=b"<!doctype html><html></html>")
    report = replayed(
        [pairs(0, 900), broken, pairs(11, 5000, "other"), pairs(12, 5000, "other"), pairs(20, 900)],
        CURRENCY_NAMES="ABC:abc, OTHER:other",
    )
    assert [(failure["source"], failure["received_at"]) for failure in report["failures"]] == [
        ("coinmarketcap.market_pairs", "2026-10-01T12:10:00Z")
    ]
    assert "expected JSON" in report["failures"][0]["error"]
    assert [event["category"] for event in report["events"] if event["category"] != "operations"] == ["low_liquidity"]


def test_the_same_broken_answer_recorded_twice_is_two_failures() -> None:
    broken = replace(pairs(10, 1), body=b"{")
    report = replayed([broken, replace(broken, received_at=START + timedelta(minutes=20))])
    assert [failure["received_at"] for failure in report["failures"]] == [
        "2026-10-01T12:10:00Z",
        "2026-10-01T12:20:00Z",
    ]


def test_payloads_that_no_source_asks_for_are_counted_and_left_out() -> None:
    odd = [RecordedPayload("nobody.asks", START + timedelta(minutes=n), "https://a.test", 200, b"") for n in range(9)]
    replay = Replay(config(), iter(odd))
    assert report_of(replay.run())["payloads"] == 9
    assert replay.result.unread["nobody.asks"] == 6


ENVIRONMENT = {**WATCHED, "CURRENCY_NAMES": "ABC:abc", "MINIMUM_LIQUIDITY_THRESHOLD": "1000"}


@pytest.mark.long
def test_the_command_writes_the_same_report_twice_and_touches_no_configured_database(tmp_path: Path) -> None:
    archive = tmp_path / "day.jsonl.gz"
    write_archive(archive, [pairs(0, 900), pairs(10, 800), pairs(20, 700)])
    unreachable = {**ENVIRONMENT, "DATABASE_URL": "postgresql://x:y@127.0.0.1:1/z"}
    reports = []
    for number in range(2):
        out = tmp_path / f"report{number}.json"
        done = manage("replay", str(archive), "--report", str(out), environment=unreachable, capture_output=True)
        assert "3 payloads, 0 unreadable, 1 events, 1 alerts" in done.stderr
        reports.append(out.read_text())
    assert reports[0] == reports[1]
    assert json.loads(reports[0])["events"][0]["opened_at"] == "2026-10-01T12:10:00Z"


@pytest.mark.long
def test_a_named_database_must_be_empty_and_keeps_what_was_replayed(tmp_path: Path) -> None:
    archive = tmp_path / "day.jsonl"
    write_archive(archive, [pairs(0, 900), pairs(10, 800), pairs(20, 700)])
    with ThrowawayCluster() as url:
        arguments = ["replay", str(archive), "--from", "2026-10-01T12:05:00Z", "--database-url", url]
        done = manage(*arguments, environment=ENVIRONMENT, capture_output=True)
        report = json.loads(done.stdout)
        assert (report["payloads"], report["events"][0]["opened_at"]) == (2, "2026-10-01T12:20:00Z")
        again = manage(*arguments, environment=ENVIRONMENT, capture_output=True, check=False)
        assert again.returncode == 2 and "expected an empty one" in again.stderr and "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["absent.jsonl"], "absent.jsonl: no such file"),
        (["absent.jsonl", "--from", "noon"], "--from was 'noon'"),
        (["absent.jsonl", "--database-url", "mysql://a:secretword@h/d"], "--database-url"),
        (["{file}", "--report", "/no/such/folder/r.json"], "/no/such/folder/r.json"),
    ],
)
def test_what_replay_cannot_do_is_one_line_and_exit_code_2(arguments: list[str], named: str, tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("")
    with pytest.raises(CommandError) as caught:
        call_command("replay", *(argument.format(file=file) for argument in arguments))
    assert caught.value.returncode == 2
    assert named in str(caught.value) and "secretword" not in str(caught.value)


def test_an_exported_archive_holds_what_was_received(server: UpstreamServer, tmp_path: Path) -> None:
    payloads = recorded_day(server)
    file = tmp_path / "out.jsonl.gz"
    call_command("exportarchive", str(file), "--source", "binance.announcements", verbosity=0)
    from events.upstream.archive_file import read_archives

    assert list(read_archives([file])) == [item for item in payloads if item.source == "binance.announcements"]
    start = payloads[5].received_at
    call_command("exportarchive", str(file), "--from", iso(start), verbosity=0)
    assert list(read_archives([file])) == [item for item in payloads if item.received_at >= start]

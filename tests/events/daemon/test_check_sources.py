"""`check_sources` against loopback upstreams."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from events import registry
from events.daemon.check_sources import Checked, check_source
from events.management.commands import check_sources
from events.models import Event, PayloadPoll, QuarantinedItem, SourceHealth
from events.upstream.client import HttpClient
from tests.exchanges.support import RELEASED, Bench
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import DETAIL_PATH, LIST_PATH, removal_notice
from tests.upstreams.kraken_instruments import KrakenSite

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with UpstreamServer() as server:
        notices = [
            removal_notice("2026-10-02", {"2026-10-02 03:00": [f"A{n}/USDT"]}, RELEASED - timedelta(minutes=n))
            for n in range(9)
        ]
        yield Bench(server, notices)


def check(bench: Bench, name: str) -> Checked:
    with HttpClient(deadline_s=3, now=bench.clock) as client:
        return check_source(name, registry.updater_factories()[name], bench.config, client, bench.clock)


def test_a_source_that_answers_is_told_with_status_latency_and_what_parsed(bench: Bench) -> None:
    checked = check(bench, "binance.announcements")
    assert checked.ok and checked.items == 18 and checked.drafts >= 1
    lines = list(check_sources.lines_of(checked))
    assert lines[0].startswith("binance.announcements: ok, 18 items parsed")
    assert " 200 " in lines[1] and " ms " in lines[1] and LIST_PATH in lines[1]


def test_a_check_of_kraken_says_how_many_pairs_were_read(bench: Bench) -> None:
    KrakenSite(bench.server, ("BTC/USD", "ETH/USD"))
    checked = check(bench, "kraken.instruments")
    assert checked.ok and checked.items == 2
    assert [answer.status for answer in checked.answers] == [200]


def test_a_check_asks_each_list_once_and_few_articles_and_records_nothing(bench: Bench) -> None:
    check(bench, "binance.announcements")
    assert len(bench.server.requests_to(LIST_PATH)) == 2
    assert len(bench.server.requests_to(DETAIL_PATH)) == 3
    for model in (Event, PayloadPoll, QuarantinedItem, SourceHealth):
        assert not model._default_manager.exists(), model


def test_an_upstream_that_fails_is_named_with_what_it_did(bench: Bench) -> None:
    bench.server.route(LIST_PATH, 503)
    checked = check(bench, "binance.announcements")
    assert not checked.ok
    assert "503" in next(iter(check_sources.lines_of(checked)))
    bench.server.route(LIST_PATH, {"surprise": 1})
    assert "expected a list of catalogues" in check(bench, "binance.announcements").errors[0]


def run_command(bench: Bench, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(check_sources, "get_config", lambda: bench.config)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_sources", *arguments, stdout=out)
    return int(str(ended.value.code)), out.getvalue()


def test_the_exit_code_says_whether_some_failed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run_command(bench, monkeypatch, "--only", "binance.announcements", "binance.edits")
    assert code == 0 and "binance.edits: ok, nothing to request now" in text
    bench.server.route(LIST_PATH, 503)
    code, text = run_command(bench, monkeypatch)
    assert code == 1
    assert "failed: " in text.splitlines()[-1] and "binance.announcements" in text.splitlines()[-1]


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CommandError, match=r"nonsense.*expected some of: .*binance\.announcements") as caught:
        call_command("check_sources", "--only", "nonsense")
    assert caught.value.returncode == 2

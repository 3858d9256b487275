"""What is kept from round to round: lists, open events, articles. Nothing that changed may be missed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from events.drafts import EffectDraft, EventDraft
from events.lifecycle import expire, record
from events.models import Event, QuarantinedItem
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient, Payload
from exchanges.instruments.binance import BinanceInstrumentUpdater
from exchanges.instruments.lists import list_version
from exchanges.models import SeenArticle
from exchanges.open_events import open_announcement_drafts, open_drafts
from exchanges.quotes.lists import BookRow, binance_rows, okx_rows, plain_binance_rows, plain_okx_rows
from markets.models import Instrument
from tests.exchanges.support import Bench
from tests.upstreams import UpstreamServer
from tests.upstreams.binance_instruments import SPOT_PATH, spot_exchange_info, spot_symbol
from tests.upstreams.quotes import book_tickers, okx_tickers

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


def payload(body: bytes, source: str = "binance.quotes") -> Payload:
    return Payload(source, "http://127.0.0.1/", 200, {}, body, NOW, 0.1, None)


def test_two_lists_are_the_same_when_only_the_time_they_were_made_at_differs() -> None:
    one, same = b'{"serverTime": 1, "symbols": [{"a": 1}]}', b'{"serverTime": 22, "symbols": [{"a": 1}]}'
    assert list_version(payload(one)) == list_version(payload(same))
    others = (
        one.replace(b'"a": 1', b'"a": 2'), one.replace(b"serverTime", b"servertime"), one + b" ",
        b'{"serverTime": "1", "symbols": [{"a": 1}]}', b'{"symbols": [{"a": 1, "serverTime": 5, "serverTime": 6}]}',
    )  # fmt: skip
    assert len({list_version(payload(other)) for other in (one, *others)}) == 6


@pytest.mark.django_db
def test_a_list_is_told_of_whatever_changes_in_it_and_a_row_that_stays_odd_stays_aside(server: UpstreamServer) -> None:
    bench = Bench(server)
    rows = [*bench.instruments.spot, {"symbol": "ODDUSDT", "status": "DANCING"}]
    server.route(SPOT_PATH, lambda _request: spot_exchange_info(rows, round(bench.clock().timestamp() * 1000)))
    fetcher = ArchivingFetcher(HttpClient(deadline_s=3, user_agent="tests", now=bench.clock))
    updater = BinanceInstrumentUpdater(bench.config, fetcher, bench.clock)

    def run() -> None:
        bench.clock.forward(minutes=1)
        report = updater.run()
        assert report is not None and report.ok

    run()
    run()
    assert QuarantinedItem.objects.get(item_key="BINANCE:ODDUSDT").attempts == 2
    rows[6] = spot_symbol("ABC/USDT", "HALT")
    run()
    halted = Instrument.objects.get(venue="BINANCE", symbol="ABCUSDT")
    assert (halted.status, halted.since) == ("HALT", bench.clock.at)
    assert Event.objects.get().natural_key == "binance.instrument:BINANCE:ABC"
    # Another writer's change of the table is undone by the next reading of the same list.
    Instrument.objects.filter(symbol="BTCUSDT", venue="BINANCE").update(status="HALT", live=False)
    run()
    assert Instrument.objects.get(symbol="BTCUSDT", venue="BINANCE").live
    rows[6] = spot_symbol("ABC/USDT")
    rows[-1] = spot_symbol("ODD/USDT")
    run()
    assert Event.objects.get().status == "closed"
    assert QuarantinedItem.objects.get(item_key="BINANCE:ODDUSDT").resolved_at == bench.clock.at


def draft(**changes: object) -> EventDraft:
    ends = NOW + timedelta(hours=30)
    effect = EffectDraft("ABC", venue="BINANCE", scope="venue", trading_ends_at=ends, in_force_at=ends)
    delisting = EventDraft(
        "binance", "delisting", "binance:1", "ABC goes", (effect,), priority="high", published_at=NOW
    )
    return replace(delisting, **changes)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_open_events_are_read_again_after_whatever_became_of_them() -> None:
    assert open_drafts("binance") == []
    opened = record(draft(), NOW).event
    assert opened is not None
    assert [event.title for event in open_drafts("binance")] == ["ABC goes"] and open_drafts("okx") == []
    record(draft(title="ABC goes soon", facts={"a": 1}), NOW)
    assert [(event.title, event.facts) for event in open_drafts("binance")] == [("ABC goes soon", {"a": 1})]
    opened.effects.update(tickers=["BINANCE:ABCUSDT"])
    assert open_drafts("binance")[0].effects[0].tickers == ("BINANCE:ABCUSDT",)
    open_drafts("binance").clear()
    assert len(open_drafts("binance")) == 1
    expire(NOW + timedelta(days=200))
    assert open_drafts("binance") == []


@pytest.mark.django_db
def test_an_event_is_told_from_the_moment_an_article_is_tied_to_it() -> None:
    event = record(draft(), NOW).event
    assert open_announcement_drafts("binance") == [] and len(open_drafts("binance")) == 1
    article = SeenArticle.objects.create(exchange="binance", article_id="1", title="ABC goes", first_seen_at=NOW)
    assert open_announcement_drafts("binance") == []
    SeenArticle.objects.filter(pk=article.pk).update(event=event)
    assert [known.natural_key for known in open_announcement_drafts("binance")] == ["binance:1"]
    SeenArticle.objects.filter(pk=article.pk).update(event=None)
    assert open_announcement_drafts("binance") == []


ROW = b'{"symbol": "AUSDT", "bidPrice": "1.5", "askPrice": "1.6", "bidQty": "9"}'


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"[" + ROW + b"]", [("AUSDT", 1.5, 1.6)]),
        (b'[{"symbol": "A", "bidPrice": 1, "askPrice": 2.5}]', [("A", 1.0, 2.5)]),
        # From here on the answer needs a closer look.
        (b'[{"symbol": "A", "bidPrice": "", "askPrice": "1"}]', [("A", 0.0, 1.0)]),
        (b'[{"symbol": "A", "bidPrice": " 1 ", "askPrice": "1_0"}]', [("A", 1.0, 10.0)]),
        (b"\xef\xbb\xbf[" + ROW + b"]", [("AUSDT", 1.5, 1.6)]),
        *(
            (b"[" + b",".join([*[ROW] * 11, bad]) + b"]", [("AUSDT", 1.5, 1.6)] * 11)
            for bad in (
                b'{"symbol": "B", "bidPrice": "nan", "askPrice": "1"}',
                b'{"symbol": "B", "bidPrice": "1e999", "askPrice": "1"}',
                b'{"symbol": "B", "bidPrice": true, "askPrice": "1"}',
                b'{"symbol": "", "bidPrice": "1", "askPrice": "1"}',
                b'{"symbol": "B", "bidPrice": "1"}',
                b'{"symbol": "B", "bidPrice": 1' + b"0" * 400 + b', "askPrice": "1"}',
                b"null",
            )
        ),
    ],
)
def test_quotes_are_the_same_whether_an_answer_is_plain_or_odd(body: bytes, rows: list[BookRow]) -> None:
    assert binance_rows(payload(body)) == rows and plain_binance_rows(body) in (rows, [])
    names = {b"symbol": b"instId", b"bidPrice": b"bidPx", b"askPrice": b"askPx"}
    for name, theirs in names.items():
        body = body.replace(name, theirs)
    bom, body = (body[:3], body[3:]) if body.startswith(b"\xef") else (b"", body)
    whole = bom + b'{"code": "0", "msg": "", "data": ' + body + b"}"
    assert okx_rows(payload(whole)) == rows and plain_okx_rows(whole) in (rows, [])


def test_an_answer_as_documented_takes_the_short_way() -> None:
    prices = {"AUSDT": 1.5, "BUSDT": 0.0}
    for rows, answer in ((plain_binance_rows, book_tickers(prices)), (plain_okx_rows, okx_tickers(prices))):
        assert [row.symbol for row in rows(json.dumps(answer).encode())] == ["AUSDT", "BUSDT"]

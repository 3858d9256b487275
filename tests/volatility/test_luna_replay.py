"""LUNA's last hours and its return as another token, as recorded quotes through the production path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crypto_ews.conf import parse_config
from events.replay.engine import Replay
from events.replay.report import report_of
from events.upstream.archive_file import RecordedPayload, parse_iso
from tests.support.captures import capture
from tests.upstreams.binance_instruments import spot_exchange_info, spot_symbol
from tests.upstreams.quotes import book_tickers
from tests.volatility.support import minute_closes

pytestmark = pytest.mark.django_db(transaction=True)

ENDING, RELISTED = datetime(2022, 5, 12, 23, tzinfo=UTC), datetime(2022, 5, 31, 6, tzinfo=UTC)
SHOWN_OF_THE_NEW = datetime(2022, 5, 31, 6, 20, tzinfo=UTC)


def quotes() -> Iterator[RecordedPayload]:
    """Best bid and ask around each minute's close; nothing between the end of one token and the other's beginning."""
    config = parse_config({})
    for at, close in minute_closes(capture("prices/LUNAUSDT-1m-2022-05.zip")):
        if ENDING <= at < RELISTED or RELISTED < at <= SHOWN_OF_THE_NEW:
            body = json.dumps(book_tickers({"LUNAUSDT": close, "BTCUSDT": 30_000.0})).encode()
            yield RecordedPayload("binance.quotes", at, config.binance_orderbook_url, 200, body)


@pytest.mark.long
def test_the_ruin_is_told_to_its_end_and_the_relisting_is_another_event() -> None:
    config = parse_config({"SPOT_CURRENCIES": "LUNA BTC", "STABLECOINS": "USDC"})
    report = report_of(Replay(config, quotes()).run())
    assert report["failures"] == []
    ruin, *later = report["events"]
    # What was called LUNA then is Terra Classic.
    assert (ruin["kind"], ruin["source"], ruin["tokens"]) == ("volatility", "binance", ["LUNC"])
    assert ruin["facts"]["direction"] == "down" and ruin["facts"]["price"] < 0.0001
    # Each alert is for a fall of at least 13 % of the price before.
    assert [alert["reason"] for alert in ruin["alerts"]].count("worse") >= 2
    assert len(ruin["alerts"]) <= 10
    last = parse_iso(ruin["alerts"][-1]["at"])
    assert datetime(2022, 5, 13, 0, tzinfo=UTC) < last < datetime(2022, 5, 13, 0, 40, tzinfo=UTC)
    assert last < parse_iso(ruin["closed_at"])
    assert ruin["close_reason"] == "expired" and parse_iso(ruin["closed_at"]) <= datetime(
        2022, 5, 14, 0, 41, tzinfo=UTC
    )
    assert later and all(parse_iso(event["opened_at"]) > RELISTED for event in later)
    for event in later:
        assert event["tokens"] == ["LUNA"]
        assert event["facts"]["extreme"] > 1 and abs(event["facts"]["move"]) < 1
    assert {change["at"][:10] for change in report["view"]} <= {"2022-05-12", "2022-05-13", "2022-05-14", "2022-05-31"}


# The calm day before the first fall with that fall, some hours of the collapse, and the first ones of the new coin.
HOURS = (
    (datetime(2022, 5, 6, 20, tzinfo=UTC), datetime(2022, 5, 7, 23, tzinfo=UTC)),
    (datetime(2022, 5, 12, 0, tzinfo=UTC), datetime(2022, 5, 12, 4, tzinfo=UTC)),
    (RELISTED, datetime(2022, 5, 31, 8, tzinfo=UTC)),
)


def hourly() -> Iterator[RecordedPayload]:
    """Closes of whole hours, behind Binance's list of instruments."""
    config = parse_config({})
    listed = json.dumps(spot_exchange_info([spot_symbol("LUNA/USDT"), spot_symbol("BTC/USDT")])).encode()
    url = config.binance_base_trading_url + "/api/v3/exchangeInfo"
    yield RecordedPayload("binance.instruments", HOURS[0][0] - timedelta(minutes=1), url, 200, listed)
    for at, close in minute_closes(capture("prices/LUNAUSDT-1m-2022-05.zip")):
        if at.minute == 0 and any(first <= at <= last for first, last in HOURS):
            body = json.dumps(book_tickers({"LUNAUSDT": close, "BTCUSDT": 30_000.0})).encode()
            yield RecordedPayload("binance.quotes", at, config.binance_orderbook_url, 200, body)


def test_whoever_watches_luna_in_may_2022_watches_what_was_called_luna_then() -> None:
    """Today's LUNA is another coin than the one that fell; its first hour is no move against the old one's last."""
    config = parse_config({"SPOT_CURRENCIES": "LUNA", "USDM_CURRENCIES": "LUNA"})
    report = report_of(Replay(config, hourly()).run())
    assert report["failures"] == []
    events = report["events"]
    assert (events[0]["opened_at"], events[0]["kind"]) == ("2022-05-07T22:00:00Z", "volatility")
    assert {tuple(event["tokens"]) for event in events if parse_iso(event["opened_at"]) < RELISTED} == {("LUNC",)}
    assert {tuple(event["tokens"]) for event in events if parse_iso(event["opened_at"]) >= RELISTED} <= {("LUNA",)}
    alerted = [alert["at"] for event in events for alert in event["alerts"]]
    assert "2022-05-31T07:00:00Z" not in alerted + [event["opened_at"] for event in events]
    assert any("2022-05-12" <= at < "2022-05-13" for at in alerted), "the collapse is told"

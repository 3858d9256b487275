"""Stored books: replaced whole or not at all, read by no bot, and of no weight in any decision."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.utils import timezone

from events.models import Event, Position, PositionBook
from events.positions.book import Book, BookRefused, BookRow, parse_book
from events.positions.store import delete_book, exposures_of_open, replace_book, stored_positions
from tests.alerts.factories import make_effect, make_event, tell
from tests.events.risk_view.support import query
from tests.trade import worlds
from tests.trade.oracle import random_world
from tests.trade.test_can_trade import ask, database_now, world

__all__ = ["world"]  # a fixture

MINUTE = timedelta(minutes=1)


def book(*rows: BookRow, at: datetime, account: str = "desk") -> Book:
    return Book(account, at, rows)


def held(venue: str, asset: str = "", quantity: str = "1", symbol: str = "", value: str | None = None) -> BookRow:
    return BookRow(venue, asset, symbol, Decimal(quantity), None if value is None else Decimal(value))


def stored(*names: str) -> list[tuple[Any, ...]]:
    return list(Position.objects.order_by("book__account", "row").values_list(*names))


@pytest.mark.usefixtures("world")
def test_names_are_stored_as_written_and_as_what_they_mean() -> None:
    now = database_now()
    answer = replace_book(
        book(
            held("okx", "btc"),
            held("Binance", "BTC"),
            held("binanceusdm", "1000SHIB"),
            held("BINANCE_USDM", symbol="1000SHIBUSDT"),
            held("binance", symbol="BTC/USDT:USDT"),
            held("BINANCE", "BTC", symbol="BTC/USDT"),
            held("", symbol="BINANCE_USDM:BTCUSDT"),
            held("binance", symbol="BTC-USDT"),
            held("OKX", symbol="NEW-USDT-SWAP"),
            held("Cold wallet", "BTC"),
            held("OKX", "Whatever"),
            held("BINANCE_USDM", "ETH", symbol="BTCUSDT"),
            held("BINANCE_USDM", "USDT", symbol="BTCUSDT"),
            at=now,
        ),
        "test",
        now,
    )
    assert stored("venue", "token", "symbol", "tickers", "money", "contract", "unresolved") == [
        ("OKX", "BTC", "", [], [], False, []),
        ("BINANCE", "BTC", "", [], [], False, []),
        ("BINANCE_USDM", "SHIB", "", [], [], False, []),
        ("BINANCE_USDM", "SHIB", "1000SHIBUSDT", ["BINANCE_USDM:1000SHIBUSDT"], ["USDT"], True, []),
        ("BINANCE_USDM", "BTC", "BTCUSDT", ["BINANCE_USDM:BTCUSDT"], ["USDT"], True, []),
        ("BINANCE", "BTC", "BTCUSDT", ["BINANCE:BTCUSDT"], [], False, []),
        ("BINANCE_USDM", "BTC", "BTCUSDT", ["BINANCE_USDM:BTCUSDT"], ["USDT"], True, []),
        # A name of the pair and of the contract: it may be either.
        ("BINANCE", "BTC", "BTC-USDT", ["BINANCE:BTCUSDT", "BINANCE_USDM:BTCUSDT"], ["USDT"], True, ["symbol"]),
        ("OKX", "NEW", "NEW-USDT-SWAP", ["OKX:NEW-USDT-SWAP"], ["USDT"], True, ["symbol"]),
        ("COLD WALLET", "BTC", "", [], [], False, ["venue"]),
        ("OKX", "WHATEVER", "", [], [], False, ["asset"]),
        # Of the asset that is written nothing is known to be held there, so it is said.
        ("BINANCE_USDM", "BTC", "BTCUSDT", ["BINANCE_USDM:BTCUSDT"], ["USDT"], True, ["asset"]),
        ("BINANCE_USDM", "BTC", "BTCUSDT", ["BINANCE_USDM:BTCUSDT"], ["USDT"], True, []),
    ]
    assert answer.unresolved_count == 5
    assert [(one.row, one.field, one.value) for one in answer.unresolved] == [
        (8, "symbol", "BTC-USDT"), (9, "symbol", "NEW-USDT-SWAP"), (10, "venue", "Cold wallet"),
        (11, "asset", "Whatever"), (12, "asset", "ETH"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_post_replaces_the_book_of_its_account_alone() -> None:
    now = database_now()
    replace_book(book(held("OKX", "BTC"), held("OKX", "ETH"), at=now), "a", now)
    replace_book(book(held("OKX", "SOL"), at=now, account="arb"), "b", now)
    # The same time again is a repeat, or a correction.
    answer = replace_book(book(held("OKX", "XRP"), at=now), "c", now + MINUTE)
    assert (answer.count, answer.replaced) == (1, 2)
    assert stored("book__account", "asset", "book__by") == [("arb", "SOL", "b"), ("desk", "XRP", "c")]
    assert delete_book("arb") == 1
    assert delete_book("arb") is None
    assert stored("asset") == [("XRP",)]


@pytest.mark.django_db
def test_an_older_book_never_takes_the_place_of_a_newer_one_even_of_an_empty_one() -> None:
    now = database_now()
    replace_book(book(at=now), "a", now)
    with pytest.raises(BookRefused, match=r"^as_of was .*or later: a newer book of desk is stored$"):
        replace_book(book(held("OKX", "BTC"), at=now - MINUTE), "a", now)
    with pytest.raises(BookRefused, match="expected a time that is not ahead of ours"):
        replace_book(book(held("OKX", "BTC"), at=now + 2 * MINUTE), "a", now)
    assert stored("asset") == []
    assert PositionBook.objects.get().as_of == now


@pytest.mark.django_db(transaction=True)
def test_posts_at_once_leave_one_whole_book() -> None:
    now = database_now()

    def post(number: int) -> str:
        try:
            rows = [held("OKX", f"A{number}") for _ in range(20)]
            replace_book(book(*rows, at=now + number * timedelta(milliseconds=1)), str(number), now + MINUTE)
            if number % 5 == 0:
                delete_book("desk")
            return ""
        except BookRefused as refused:
            return str(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(post, range(1, 25)))
    assert all(not answer or "a newer book" in answer for answer in answers)
    assert len({asset for (asset,) in stored("asset")}) <= 1
    assert Position.objects.count() in (0, 20)


@pytest.mark.django_db
def test_no_bot_may_read_positions() -> None:
    tables = [Position._meta.db_table, PositionBook._meta.db_table]
    for table in tables:
        assert query("SELECT has_any_column_privilege('ews_bot', %s, 'SELECT')", table) == [(False,)]
        assert query("SELECT has_table_privilege('ews_bot', %s, 'SELECT, INSERT, UPDATE, DELETE')", table) == [(False,)]
    readable = (
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = current_schema()::regnamespace"
    )
    for (view,) in query(readable):
        ((definition,),) = query("SELECT pg_get_viewdef(%s::regclass)", view)
        assert "events_position" not in definition, view


@pytest.mark.django_db
def test_what_open_events_touch_is_found_by_tokens_tickers_and_whole_venues() -> None:
    now = database_now()
    assert stored_positions(now) is None
    replace_book(book(held("BINANCE", "LUNA", "5", value="50"), held("OKX", "WHAT"), at=now), "a", now)
    luna, other, halt = (
        make_event(tokens=("LUNA",)),
        make_event(tokens=("BTC",)),
        make_event("exchange_halt", tokens=()),
    )
    make_effect(halt, "*", venue="OKX", tickers=[])
    closed = make_event(tokens=("LUNA",), status="closed", closed_at=now)
    positions = stored_positions(now)
    assert positions is not None and stored_positions(now) is positions
    found = exposures_of_open(positions)
    assert {pk: [one.asset for one in rows] for pk, rows in found.items()} == {luna.pk: ["LUNA"], halt.pk: ["WHAT"]}
    assert other.pk not in found and closed.pk not in found
    # A new book is read at once.
    replace_book(book(held("BINANCE", "BTC"), at=now), "a", now)
    again = stored_positions(now)
    assert again is not None and set(exposures_of_open(again)) == {other.pk}


# ---------------------------------------------------------------------------------------------------- decides nothing


def random_book(number: random.Random, now: datetime, account: str = "desk") -> Book:
    rows = [
        held(
            number.choice(["BINANCE", "binance", "OKX", "", "Nowhere", "BINANCE_USDM"]),
            number.choice(["LUNA", "BTC", "USDT", "SHIB", "1000SHIB", "Whatever"]),
            str(number.choice([-1, 1]) * number.randrange(10**12)),
            value=number.choice([None, "0", str(number.randrange(10**12))]),
        )
        for _ in range(number.randrange(1, 12))
    ] + [held("binance", symbol=number.choice(["BTC/USDT:USDT", "BTCUSDT", "1000SHIBUSDT"]))]
    return book(*rows, at=now - number.randrange(60) * 60 * MINUTE, account=account)


def everything_decided(seed: int, now: datetime, with_positions: bool) -> list[Any]:
    """What bots read and what becomes of alerts after some random events, with ids counted from the first."""
    number = random.Random(seed)
    positions = random.Random(seed + 1)
    decided: list[Any] = []
    sid = transaction.savepoint()
    if with_positions:
        replace_book(random_book(positions, now), "test", now)
    first = None
    for _ in range(3):
        token, venue = number.choice(["LUNA", "BTC", "USDT", "SHIB"]), number.choice(["BINANCE", "BINANCE_USDM", ""])
        event = make_event(
            number.choice(["delisting", "depeg", "hack", "volatility", "wallet_suspension", "exchange_halt"]),
            tokens=(),
            priority=number.choice(["high", "high", "low"]),
            title="A notice", natural_key=f"random:{number.random()}", seen_at=now, opened_at=now, updated_at=now,
        )  # fmt: skip
        first = first or event.pk
        make_effect(
            event, token, venue=venue, tickers=[f"{venue}:{token}USDT"] if venue else [],
            scope=number.choice(["asset", "venue", "pairs"]), action=number.choice(["watch", "reduce_only", "halt"]),
        )  # fmt: skip
        if with_positions:
            replace_book(random_book(positions, now, f"account {event.pk}"), "test", now)
        alert = tell(event, number.choice(["opened", "worse", "updated"]), now)
        decided.append(
            alert and (alert.event_id - first, alert.channel, alert.state, alert.urgency, alert.severity,
                       alert.queued_at, alert.due_at, alert.muted_by, alert.decisions)
        )  # fmt: skip
    pairs = [("BINANCE", "BTCUSDT"), ("BINANCE_USDM", "BTCUSDT"), ("BINANCE_USDM", "1000SHIBUSDT"), ("OKX", "BTC-USDT")]
    for pair in pairs:
        for row in ask(*pair):
            kept = {name: value for name, value in row.items() if name not in ("age_ms", "seq", "reasons", "as_of")}
            decided.append({**kept, "event_ids": [one - first for one in row["event_ids"]]})
    query("SET CONSTRAINTS ALL IMMEDIATE")
    columns = "token, action, risk_level, trading_status, trading_ends_at, venues, tickers, categories"
    for (document,) in query("SELECT to_jsonb(view) FROM token_risk_view AS view ORDER BY token"):
        shown = json.loads(document)
        decided.append({name: shown[name] for name in columns.split(", ")})
    transaction.savepoint_rollback(sid)
    return decided


@pytest.mark.usefixtures("world")
def test_with_any_positions_every_decision_is_as_without() -> None:
    now = database_now()
    queued = viewed = 0
    for seed in range(6):
        with_positions, without = (everything_decided(seed, now, given) for given in (True, False))
        assert with_positions == without, seed
        queued += sum(isinstance(one, tuple) for one in without)
        viewed += sum("venues" in one for one in without if isinstance(one, dict))
    # Something was decided.
    assert queued > 5 and viewed > 5


@pytest.mark.django_db
@pytest.mark.parametrize("count", [3, pytest.param(30, marks=pytest.mark.long)])
def test_an_event_touches_the_contracts_that_can_trade_says_it_concerns(count: int) -> None:
    compared = concerned = 0
    for seed in range(count):
        with transaction.atomic():
            world = random_world(random.Random(seed), timezone.now())
            worlds.write(world)
            contracts = [one for one in world.instruments if "_" in one.venue]
            for one in contracts:
                account = Book("desk", world.now, (held(one.venue, symbol=one.symbol),))
                replace_book(account, "test", world.now)
                positions = stored_positions(world.now)
                assert positions is not None
                (row,) = ask(one.venue, one.symbol)
                namesakes = set(
                    Event.objects.filter(category="depeg", priority="low", facts__has_key="namesake_of").values_list(
                        "pk", flat=True
                    )
                )
                assert set(exposures_of_open(positions)) - namesakes == set(row["event_ids"]) - namesakes, (seed, one)
                compared, concerned = compared + 1, concerned + bool(row["event_ids"])
            transaction.set_rollback(True)
    assert compared > count and concerned > count


# ------------------------------------------------------------------------------------------------------------ command


@pytest.mark.django_db
def test_the_command_stores_shows_and_forgets(tmp_path: Any, capsys: Any) -> None:
    file = tmp_path / "book.csv"
    as_of = database_now().isoformat()
    file.write_text("venue;asset;quantity\nOKX;USDC;12,5\n")
    with pytest.raises(CommandError, match=r"^nothing was stored: row 1 \(line 2\), quantity was '12,5'; expected"):
        call_command("positions", str(file), "--as-of", as_of)
    file.write_text("venue;asset;quantity\nOKX;WHATEVER;12.5\n")
    call_command("positions", str(file), "--as-of", as_of, "--account", "arb")
    call_command("positions")
    call_command("positions", "--account", "arb", "--delete")
    call_command("positions")
    assert capsys.readouterr().out.splitlines() == [
        "stored 1 positions of arb, instead of 0",
        "row 1: nobody knows the asset 'WHATEVER'; it is stored as written",
        "arb: 1 positions, as of 0 s ago",
        "forgot the book of arb, 1 positions",
        "no book of positions is stored",
    ]
    with pytest.raises(CommandError, match="expected a file that can be read"):
        call_command("positions", str(tmp_path / "none.json"))


@pytest.mark.django_db
def test_a_large_book_is_stored_and_looked_through_in_little_time() -> None:
    now = database_now()
    text = "venue,asset,quantity\n" + "".join(f"OKX,A{number},1\n" for number in range(400))
    replace_book(parse_book(text.encode(), "text/csv", as_of=now.isoformat()), "test", now)
    positions = stored_positions(now)
    assert positions is not None and len(positions.tokens) == 400


@pytest.mark.django_db
def test_all_books_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.positions.store.MAX_ACCOUNTS", 2)
    monkeypatch.setattr("events.positions.store.MAX_POSITIONS", 3)
    now = database_now()
    for account in ("a", "b"):
        replace_book(book(held("OKX", "BTC"), at=now, account=account), "test", now)
    with pytest.raises(BookRefused, match=r"^account was 'c'; expected one of the 2 that have a book"):
        replace_book(book(held("OKX", "BTC"), at=now, account="c"), "test", now)
    with pytest.raises(BookRefused, match=r"^positions was 3; expected at most 2: other accounts have 1"):
        replace_book(book(*[held("OKX", "BTC")] * 3, at=now, account="a"), "test", now)
    replace_book(book(*[held("OKX", "BTC")] * 2, at=now, account="a"), "test", now)
    assert PositionBook.objects.count() == 2 and Position.objects.count() == 3

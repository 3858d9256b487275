"""Deposits and withdrawals suspended, alone or together: what a notice stops and what it opens again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from events.enums import TradingStatus
from events.lifecycle import expire
from events.models import ActionRule, Effect, Event, TokenRisk
from exchanges.announcements.reader import read
from exchanges.announcements.types import Article as Told
from markets.symbols import SymbolSplitter
from tests.events.risk_view.support import make_event
from tests.exchanges.support import RELEASED, Bench
from tests.upstreams import UpstreamServer
from tests.upstreams.binance import Article

STARTS = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)
BOTH = "Binance will suspend deposits and withdrawals of ABC at 2026-10-02 03:00 (UTC)."


def sides(title: str, body: str | None = None) -> set[str] | None:
    told = Told("binance", "", title, body, RELEASED)
    found = read(told, SymbolSplitter()).wallet
    return None if found is None else set(found)


def test_the_states_stand_in_the_order_of_the_contract_in_code_and_in_the_database(db: None) -> None:
    order = "trading deposits_suspended withdrawals_suspended wallet_suspended delisting trading_suspended delisted"
    assert TradingStatus.values == order.split()
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_to_string(enum_range(NULL::trading_status), ' ')")
        assert cursor.fetchone()[0] == order


@pytest.mark.parametrize(
    ("title", "body", "found"),
    [
        ("Binance Has Resumed Deposits of ABC", None, {"deposits"}),
        ("Withdrawals of ABC Are Now Open Again", "ABC withdrawals have resumed.", {"withdrawals"}),
        ("Binance Has Resumed Deposits and Withdrawals of ABC", None, {"deposits", "withdrawals"}),
        ("Binance Has Completed the ABC (ABC) Network Upgrade", None, {"deposits", "withdrawals"}),
        (
            "Binance Has Completed the ABC (ABC) Network Upgrade",
            "Deposits of ABC are now open. Withdrawals will be opened once the network is deemed to be stable.",
            {"deposits"},
        ),
        (
            "Binance Has Completed the ABC (ABC) Network Upgrade",
            "Binance has reopened deposits and withdrawals of ABC.",
            {"deposits", "withdrawals"},
        ),
        ("Binance Has Resumed Deposits of ABC", "Withdrawals remain suspended.", {"deposits"}),
    ],
)
def test_what_a_notice_opens_again(title: str, body: str | None, found: set[str]) -> None:
    assert sides(title, body) == found


def test_a_notice_that_opens_one_side_says_what_stays_shut() -> None:
    told = Told("binance", "", "Binance Has Resumed Deposits of ABC", "Withdrawals remain suspended.", RELEASED)
    assert read(told, SymbolSplitter()).trading_status == "withdrawals_suspended"


def now_of(token: str) -> str | None:
    return TokenRisk.objects.filter(token=token).values_list("trading_status", flat=True).first()


@pytest.mark.django_db(transaction=True)
def test_one_of_two_that_opens_again_leaves_the_other_suspended(server: UpstreamServer) -> None:
    bench = Bench(server, [Article("Binance Will Suspend Deposits and Withdrawals of ABC", RELEASED, (BOTH,))])
    bench.run_instruments()
    bench.run_announcements()
    assert now_of("ABC") == "trading"
    bench.clock.forward(hours=(STARTS - bench.clock()).total_seconds() / 3600 + 0.1)
    expire(bench.clock())
    assert now_of("ABC") == "wallet_suspended"
    released = bench.clock()
    bench.site.publish(Article("Binance Has Resumed Deposits of ABC", released, ("ABC deposits are open again.",)))
    bench.clock.forward(minutes=5)
    bench.run_announcements()
    assert now_of("ABC") == "withdrawals_suspended"
    bench.clock.forward(minutes=5)
    bench.run_edits()
    assert now_of("ABC") == "withdrawals_suspended", "and is not reset when the article is read again"
    later = bench.clock()
    bench.site.publish(Article("Binance Has Resumed Withdrawals of ABC", later, ("ABC withdrawals are open again.",)))
    bench.clock.forward(minutes=5)
    bench.run_announcements()
    assert now_of("ABC") is None
    assert Event.objects.get().close_reason.startswith("resumed")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("title", "body", "status"),
    [
        (
            "Binance Will Suspend Withdrawals of ABC",
            "Withdrawals of ABC will be suspended at 2026-10-02 03:00 (UTC). Deposits are not affected.",
            "withdrawals_suspended",
        ),
        (
            "Binance Will Support the ABC (ABC) Network Upgrade",
            "Binance will suspend deposits of ABC at 2026-10-02 03:00 (UTC).",
            "deposits_suspended",
        ),
        ("Binance Will Support the ABC (ABC) Network Upgrade", BOTH, "wallet_suspended"),
    ],
)
def test_a_suspension_is_in_the_view_from_its_hour_on(
    server: UpstreamServer, title: str, body: str, status: str
) -> None:
    bench = Bench(server, [Article(title, RELEASED, (body,))])
    bench.run_instruments()
    bench.run_announcements()
    expire(STARTS - timedelta(minutes=1))
    assert now_of("ABC") == "trading"
    expire(STARTS)
    assert now_of("ABC") == status


@pytest.mark.django_db(transaction=True)
def test_deposits_that_stop_before_withdrawals_are_two_steps(server: UpstreamServer) -> None:
    body = (
        "Deposits of ABC will be suspended at 2026-10-02 03:00 (UTC).",
        "Withdrawals of ABC will be suspended at 2026-10-02 09:00 (UTC).",
    )
    bench = Bench(server, [Article("Binance Will Suspend Deposits and Withdrawals of ABC", RELEASED, body)])
    bench.run_instruments()
    bench.run_announcements()
    expire(STARTS)
    assert now_of("ABC") == "deposits_suspended"
    expire(STARTS + timedelta(hours=6))
    assert now_of("ABC") == "wallet_suspended"


@pytest.mark.django_db(transaction=True)
def test_a_database_of_the_last_release_gets_the_states_while_a_bot_reads() -> None:
    loader = MigrationLoader(connection)
    added = loader.get_migration("events", "0008_wallet_states")
    used = loader.get_migration("events", "0009_wallet_states_used")
    before = loader.project_state(("events", "0008_wallet_states"))
    with connection.schema_editor() as editor:
        used.unapply(before.clone(), editor)
    try:
        assert set(ActionRule.objects.filter(stage="in_force").values_list("trading_status", flat=True)) <= {
            "deposits_suspended",
            "delisted",
            "trading_suspended",
        }
        event = make_event({"token": "ABC", "trading_status": "deposits_suspended"}, category="wallet_suspension")
        own = {"trading_status": "deposits_suspended", "declared": {"trading_status": "deposits_suspended"}}
        make_event({"token": "ETH", **own}, category="wallet_suspension")
        assert now_of("ABC") == "deposits_suspended"
        seen: list[Any] = []
        over = Flag()
        bot = Thread(target=_read_until, args=(over, seen))
        bot.start()
    finally:
        # Also where something failed: the next tests need the table as it is now.
        with connection.schema_editor(atomic=False) as editor:
            added.apply(before.clone(), editor)
        with connection.schema_editor() as editor:
            used.apply(before.clone(), editor)
    over.set()
    bot.join(10)
    assert now_of("ABC") == "wallet_suspended"
    assert seen and set(seen) <= {"deposits_suspended", "wallet_suspended"}
    assert now_of("ETH") == "deposits_suspended", "what somebody declared is left as it is"
    assert ActionRule.objects.get(category="hard_fork", stage="in_force").trading_status == "wallet_suspended"
    Effect.objects.filter(event=event).update(trading_status="withdrawals_suspended")
    assert now_of("ABC") == "withdrawals_suspended"


def _read_until(over: Flag, seen: list[Any]) -> None:
    try:
        while not over.is_set():
            seen.append(now_of("ABC"))
    finally:
        connection.close()

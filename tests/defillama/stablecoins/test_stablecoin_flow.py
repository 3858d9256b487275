"""From DeFiLlama's stablecoins on loopback to depeg events, the view and the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from defillama.models import CurrencyRate, DepegEvent, PeggedCoin
from events.lifecycle import close_event
from events.models import QuarantinedItem, SourceHealth, TokenRisk
from markets.models import Instrument
from tests.defillama.stablecoins.support import START, Bench, coin, listing, reasons
from tests.upstreams import UpstreamServer, challenge_page

# The view moves at commit.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with UpstreamServer() as server:
        yield Bench(server)


def test_a_single_stray_reading_opens_quietly_is_watched_and_never_alerts(bench: Bench) -> None:
    bench.read(coin(price=0.9998))
    bench.read(coin(price=0.93))
    event = DepegEvent.objects.get()
    assert (event.status, event.priority, event.opened_at) == ("open", "high", bench.clock.at)
    assert TokenRisk.objects.get(token="USDC").action == "watch"
    for price in (0.9991, 1.0002, 0.9995):
        bench.read(coin(price=price))
    event.refresh_from_db()
    assert (event.status, reasons()) == ("closed", [])
    assert not TokenRisk.objects.exists()


def test_equal_bytes_twice_are_one_reading_also_after_a_restart(bench: Bench) -> None:
    bench.read(coin(price=0.97))
    before = DepegEvent.objects.values().get()
    bench.read(coin(price=0.97))
    restarted = Bench(bench.server)
    restarted.clock.at = bench.clock.at
    restarted.read(coin(price=0.97))
    assert DepegEvent.objects.values().get() == before
    assert reasons() == []
    restarted.read(coin(price=0.97), coin("1", "USDT", 0.9999))
    assert reasons() == ["opened"]


def test_a_confirmed_depeg_is_reduce_only_beyond_five_times_the_threshold_exit_and_back(bench: Bench) -> None:
    Instrument.objects.create(
        venue="OKX", symbol="USDC-USDT", base="USDC", quote="USDT", token="USDC", status="live", live=True,
        since=START, first_seen_at=START, last_seen_at=START,
    )  # fmt: skip

    def risk() -> tuple[str, str]:
        row = TokenRisk.objects.get(token="USDC")
        return row.action, row.risk_level

    bench.read(coin(price=0.97))
    bench.read(coin(price=0.971))
    assert risk() == ("reduce_only", "high")
    assert TokenRisk.objects.get().tickers == ["OKX:USDC-USDT"]
    bench.read(coin(price=0.949))
    assert risk() == ("exit", "critical")
    for price in (0.96, 0.961, 0.962):
        bench.read(coin(price=price))
    assert risk() == ("reduce_only", "high")
    assert reasons() == ["opened", "worse"]


def test_an_event_whose_coin_has_no_price_for_a_while_stays_open_and_one_that_is_retired_closes(bench: Bench) -> None:
    bench.read(coin(price=0.9))
    bench.read(coin(price=0.91))
    for price in (None, 0):
        bench.read(coin(price=price))
    bench.read(coin("1", "USDT", 1.0))
    event = DepegEvent.objects.get()
    assert event.status == "open"
    bench.read(coin(price=0.9, deadFrom="2026-10-11"))
    event.refresh_from_db()
    assert (event.status, event.close_reason) == ("closed", "DeFiLlama says deadFrom 2026-10-11")
    assert reasons() == ["opened", "closed"]


def test_a_coin_that_vanishes_does_not_stay_off_its_peg_for_ever(bench: Bench) -> None:
    bench.read(coin(price=0.9))
    event = DepegEvent.objects.get()
    assert event.valid_until is not None
    assert timedelta(days=7) < event.valid_until - bench.clock.at <= timedelta(days=8)


def test_a_coin_that_the_list_drops_ends_its_depeg_after_several_whole_readings_with_a_card(bench: Bench) -> None:
    others = [coin(str(number), f"C{number}", 1.0) for number in range(10, 40)]
    bench.read(coin(price=0.9), *others)
    bench.read(coin(price=0.91), *others)
    assert reasons(DepegEvent.objects.get()) == ["opened"]
    # A list that lost more than a tenth says nothing of what it lacks, and neither does a row that cannot be read.
    for _ in range(4):
        bench.read(*others[:20])
    for _ in range(5):
        bench.read({**coin(price=0.9), "pegType": "?"}, *others)
    assert DepegEvent.objects.get().status == "open"
    bench.read(*others)
    bench.read(*others)
    assert DepegEvent.objects.get().status == "open"
    restarted = Bench(bench.server)
    restarted.clock.at = bench.clock.at
    restarted.read(*others)
    event = DepegEvent.objects.get()
    assert (event.status, event.close_kind) == ("closed", "retracted")
    assert event.close_reason == "DeFiLlama no longer lists USDC, stablecoin 2"
    assert reasons(event) == ["opened", "closed"] and not TokenRisk.objects.exists()
    assert PeggedCoin.objects.get(venue="global", coin="2").standing == "not_listed"
    restarted.read(coin(price=0.9), *others)
    restarted.read(coin(price=0.91), *others)
    assert DepegEvent.objects.filter(status="open").exists()


def test_two_coins_of_one_symbol_are_two_events_and_the_small_one_does_not_touch_the_token(bench: Bench) -> None:
    large, small = coin("209", "USDS", 1.0, supply=9e8), coin("32", "USDS", 0.8, supply=8e5)
    bench.read(large, small)
    bench.read(coin("209", "USDS", 0.9999, supply=9e8), small)
    event = DepegEvent.objects.get()
    assert (event.natural_key, event.priority, event.facts["namesake_of"]) == ("depeg:global:32", "low", "209")
    assert not TokenRisk.objects.exists() and reasons() == []
    bench.read(coin("209", "USDS", 0.97, supply=9e8), small)
    assert set(DepegEvent.objects.values_list("natural_key", "priority")) == {
        ("depeg:global:32", "low"),
        ("depeg:global:209", "high"),
    }


def test_a_coin_first_seen_above_its_peg_has_none_and_one_that_rises_later_is_off_it(bench: Bench) -> None:
    bench.read(coin("2", "USDC", 1.031), coin("5", "DAI", 1.0))
    bench.read(coin("2", "USDC", 1.05), coin("5", "DAI", 1.04))
    bench.read(coin("2", "USDC", 0.9), coin("5", "DAI", 1.041))
    event = DepegEvent.objects.get()
    assert (event.symbol, reasons()) == ("DAI", ["opened"])
    assert not PeggedCoin.objects.get(symbol="USDC").fixed_peg


def test_supply_that_falls_by_a_tenth_in_a_day_is_said_once(bench: Bench) -> None:
    bench.read(coin(price=0.98, supply=100.0, day_ago=101.0))
    bench.read(coin(price=0.981, supply=99.0, day_ago=101.0))
    bench.read(coin(price=0.982, supply=89.0, day_ago=100.0))
    bench.read(coin(price=0.983, supply=88.0, day_ago=100.0))
    event = DepegEvent.objects.get()
    assert reasons() == ["opened", "updated"]
    assert event.facts["supply_change_day"] == -0.12
    assert "supply fell by 11% in a day" in event.title


def test_an_admin_who_closes_a_depeg_is_not_overruled_by_the_next_reading(bench: Bench) -> None:
    bench.read(coin(price=0.98))
    bench.read(coin(price=0.981))
    close_event(DepegEvent.objects.get().pk, bench.clock.at, by="ann", reason="known")
    bench.read(coin(price=0.979))
    assert DepegEvent.objects.get().status == "closed"
    assert reasons() == ["opened", "closed"]


def test_the_peg_of_another_currency_comes_from_the_rates_where_too_few_coins_have_a_price(bench: Bench) -> None:
    day = int((START - timedelta(hours=20)).timestamp())
    old = {"date": day - 86_400, "rates": {"USD": 1, "EUR": 0.5}}
    bench.read(coin("50", "EURC", 1.05, "peggedEUR"))
    assert not DepegEvent.objects.exists() and not PeggedCoin.objects.exists()
    assert bench.read_rates([old, {"date": day, "rates": {"USD": 1, "EUR": 0.9, "JPY": 150}}]).ok
    assert CurrencyRate.objects.get(currency="EUR").per_dollar == 0.9
    bench.read(coin("50", "EURC", 1.051, "peggedEUR"))
    event = DepegEvent.objects.get()
    assert event.facts["deviation"] == pytest.approx(1.051 * 0.9 - 1, abs=1e-6)
    assert event.facts["peg_known_from"] == f"the daily rate of {START - timedelta(hours=20):%Y-%m-%d}"


def test_rates_that_fail_leave_the_stablecoins_alone(bench: Bench) -> None:
    assert not bench.read_rates(503).ok
    assert not bench.read_rates([]).ok
    assert bench.read(coin(price=0.9)).ok


@pytest.mark.parametrize(
    "answer", [challenge_page(), {"peggedAssets": []}, {"error": "x"}, {"peggedAssets": [{"id": "2"}]}]
)
def test_an_answer_without_coins_is_drift_and_closes_nothing(bench: Bench, answer: object) -> None:
    bench.read(coin(price=0.9))
    assert not bench.read_raw(answer).ok
    assert SourceHealth.objects.get(source="defillama.stablecoins").state == "drift"
    assert DepegEvent.objects.get().status == "open"


def test_one_bad_row_is_put_aside_and_the_others_are_read(bench: Bench) -> None:
    answer = listing(coin(price=0.9), coin("7", "TUSD", "about a dollar"), coin("8", "DAI", 0.9))
    assert bench.read_raw(answer).ok
    assert QuarantinedItem.objects.get().item_key == "7"
    assert DepegEvent.objects.count() == 2


def test_a_list_that_has_become_shorter_for_good_is_whole_again_for_the_coins_it_drops_later(bench: Bench) -> None:
    others = [coin(str(number), f"C{number}", 1.0) for number in range(10, 60)]
    bench.read(coin(price=0.9), *others)
    bench.read(coin(price=0.91), *others)
    for _ in range(6):
        bench.read(coin(price=0.91), *others[:40])
    assert SourceHealth.objects.get(pk="defillama.stablecoins").state == "ok"
    for _ in range(4):
        bench.read(*others[:40])
    assert DepegEvent.objects.get().status == "closed"

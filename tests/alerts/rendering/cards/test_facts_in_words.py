"""The sentence and the facts of each kind of event, as a trading desk reads them: right values, units, no repeats."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.rendering.message import Message
from alerts.rendering.summary import Manual
from alerts.rendering.webhook_json import render_payload
from events.enums import Category
from tests.alerts.factories import NOW, unsaved_effect
from tests.alerts.rendering.cards import samples
from tests.alerts.rendering.cards.words import ENDED, coin, facts, pair, summary_of, why

FELL = "LUNA fell 35.5 % within 15 min to 0.2 USD"


def test_a_price_move_has_its_size_its_window_and_both_prices():
    event = ([coin()], samples.VOLATILITY)
    assert why(*event, category="volatility", title=FELL) == "LUNA fell 35.5 % within 15 min, from 0.31 to 0.20 USD."
    assert facts(*event, category="volatility", title=FELL) == {
        "Since the last alert": "down 20 % from 0.25 USD, 2 h ago",
        "Moved too far within": "5 min, 15 min and 1 h",
        "Measured on": "LUNA/USDT on Binance spot",
    }


def test_a_move_that_went_on_after_its_alert_has_the_widest_window_and_not_the_one_of_the_title():
    later = {**samples.VOLATILITY, "price": 0.155, "move": -0.5}
    assert why([coin()], later, category="volatility", title=FELL) == (
        "LUNA fell 50 % within 1 h, from 0.31 to 0.155 USD."
    ).replace("0.31 to", "0.310 to")


def test_a_rise_says_so():
    risen = {**samples.VOLATILITY, "direction": "up", "move": 12.34, "price": 0.000004136, "extreme": 0.00000031}
    assert why([coin()], risen, category="volatility").startswith("LUNA rose 1,234 % within 1 h, from 0.00000031")


def test_the_price_of_the_alert_itself_is_not_repeated():
    same = {**samples.VOLATILITY, "last_alert": {"price": 0.2, "log_move": -0.4, "at": NOW.isoformat()}}
    assert "Since the last alert" not in facts([coin()], same, category="volatility")


def test_low_liquidity_names_the_weaker_side_in_the_sentence_and_the_other_beside_it():
    event = ([coin()], samples.LIQUIDITY)
    assert why(*event, category="low_liquidity") == (
        "LUNA has 31,234 USD of bids within 2 % of the price on its deepest market, Binance LUNA/USDT."
    )
    assert facts(*event, category="low_liquidity") == {
        "Alert threshold": "50,000 USD on the weaker side",
        "Other side": "45,000 USD of asks",
        "Lowest since it opened": "12,000 USD",
        "Volume in 24 h": "3.1 M USD",
    }
    over = why(*event, category="low_liquidity", **ENDED)
    assert over == "LUNA had as little as 12,000 USD of depth within 2 % of the price."


def test_a_lost_depth_is_measured_by_what_is_normal():
    event = ([pair()], samples.DEPTH_DROP)
    assert why(*event, category="depth_drop") == (
        "The book of ETH/USDC on Binance spot has only 12,000 USDC within ±1 % of the mid, 12 % of normal."
    )
    assert facts(*event, category="depth_drop") == {
        "Normal depth": "100,000 USDC, the median of 24 h",
        "Depth at the last alert": "24,000 USDC",
    }
    assert "had lost depth; at its last reading it had 12,000 USDC" in why(*event, category="depth_drop", **ENDED)


def test_a_large_order_has_its_value_its_price_and_its_score_of_six():
    event = ([pair()], samples.WHALE)
    assert why(*event, category="whale") == (
        "A large buy order of 3.1 M USDC at 2,345.6 USDC stands in the book of ETH/USDC on Binance spot."
    )
    assert facts(*event, category="whale") == {
        "Score": "5 of 6",
        "Distance": "0.35 % from the mid",
        "Size": "1,320 ETH",
        "First seen": "2 Oct 07:48 UTC, 12 min ago",
        "Now": "3 large buy orders in the book",
        "Possible spoofs": "2 orders pulled within seconds, in the last 10 min",
    }


def test_orders_that_come_back_are_described_so_and_an_end_has_no_order_left():
    back = {**samples.WHALE, "side": "ask", "what": "came 3 times within ten minutes"}
    assert why([pair()], back, category="whale").endswith(
        "sell order of 3.1 M USDC at 2,345.6 USDC keeps coming back to the book of ETH/USDC on Binance spot:"
        " it came 3 times within ten minutes."
    )
    left = {key: samples.WHALE[key] for key in ("pair", "side", "quote", "possible_spoofs")}
    assert why([pair()], left, category="whale", **ENDED) == (
        "Large buy orders stood in the book of ETH/USDC on Binance spot."
    )


def test_a_hack_names_the_protocol_the_amount_and_how():
    event = ([coin("EUL")], samples.HACK)
    title = "Euler: hack, at least 197 M USD"
    assert why(*event, category="hack", title=title) == "A hack took at least 197 M USD from Euler on 1 Oct."
    assert facts(*event, category="hack", title=title) == {
        "How": "Flash loan (190 M USD); Donate function (7 M USD)",
        "Networks": "Ethereum and BSC",
        "Coins of the networks hit": "ETH",
        "Returned": "177 M USD",
        "Target": "Lending",
        "Doubtful amounts": "left out as too large to be true: 1.2 T USD",
    }


def test_a_hack_without_an_amount_says_that_it_is_unknown():
    unknown = {**samples.HACK, "amount": "amount unknown", "amount_usd": None, "day": "2024-03-13", "bridge_hack": True}
    assert why([coin("EUL")], unknown, category="bridge_hack", title="Orbit: bridge hack, amount unknown") == (
        "A hack hit the bridge of Orbit on 13 Mar 2024; the amount is not known."
    )


def test_a_depeg_has_the_coin_the_deviation_and_the_price():
    event = ([coin("USTC")], {key: value for key, value in samples.DEPEG.items() if key != "namesake_of"})
    assert why(*event, category="depeg") == "TerraClassicUSD (USTC) is 12.3 % below its peg, at 0.8770 USD."
    assert facts(*event, category="depeg") == {
        "Readings": "confirmed, 14 readings so far",
        "Worst": "15.2 % below, at 0.8480 USD",
        "Off its peg since": "2 Oct 06:00 UTC, 2 h ago",
        "Supply": "1.1 bn USD, down 12 % in a day",
    }
    assert why(*event, category="depeg", **ENDED) == (
        "TerraClassicUSD (USTC) was 15.2 % below its peg at worst, at 0.8480 USD."
    )


def test_a_depeg_on_one_exchange_has_its_pair_and_a_foreign_peg_its_worth():
    event = ([unsaved_effect("EURI", tickers=["BINANCE:EURIUSDT"])], samples.DEPEG_ON_VENUE)
    assert why(*event, category="depeg") == "EURI is 5.6 % below its peg on Binance spot, at 1.0200 USD."
    assert facts(*event, category="depeg") == {
        "Readings": "not confirmed, 1 reading so far",
        "Off its peg since": "2 Oct 08:00 UTC, now",
        "Pair": "EURI/USDT, bid 1.0199 and ask 1.0201 USDT; 1 USDT is 1.0002 USD",
        "Peg": "1 EUR, 1.08 USD by the median of 4 coins",
    }


def test_a_second_reading_is_what_confirms():
    found = facts([coin("USTC")], {**samples.DEPEG, "readings": 2}, category="depeg")
    assert found["Readings"] == "confirmed by a second reading"
    assert found["Namesake"].startswith("a much larger coin has the same symbol")


def test_a_redemption_run_has_the_supply_before_and_after():
    event = ([coin("USDX")], samples.SUPPLY_RUN)
    options = {"category": "risk_warning", "source": "defillama"}
    assert why(*event, **options) == (
        "The supply of USDX Money (USDX) fell 12 % in a day, from 1.25 bn to 1.1 bn USDX."
    )
    assert facts(*event, **options) == {"Readings": "confirmed by a second reading", "Worst": "down 15 % in a day"}


LATER = NOW + timedelta(hours=19)
REMOVED = unsaved_effect("LUNA", trading_status="delisted", action="halt")


@pytest.mark.parametrize(
    ("effects", "fields", "sentence"),
    [
        ([pair(trading_ends_at=LATER)], {}, "Binance removes ETH/USDC from spot trading."),
        ([pair()], ENDED, "Binance announced the removal of ETH/USDC from spot trading."),
        ([unsaved_effect(name) for name in ("LUNA", "ETH", "BTC")], {},
         "Binance removes BTC, ETH and LUNA from spot trading."),
        ([unsaved_effect(venue=name) for name in ("BINANCE", "BINANCE_MARGIN", "BINANCE_USDM")], {},
         "Binance removes LUNA from spot and margin trading, and USD-M futures."),
        ([coin()], {}, "Binance removes LUNA from all its markets."),
        ([REMOVED], {}, "Binance has removed LUNA from spot trading."),
        ([unsaved_effect(venue="OKX_USDM")], {"source": "okx"}, "OKX removes LUNA from linear contracts."),
        ([unsaved_effect(trading_status="trading")], {"category": "trading_suspension"},
         "Binance stops spot trading of LUNA."),
        ([unsaved_effect(trading_status="trading_suspended")], {"category": "trading_suspension"},
         "Binance has stopped spot trading of LUNA."),
        ([unsaved_effect(venue="BINANCE_USDM", trading_status="trading")], {"category": "trading_suspension"},
         "Binance stops trading of LUNA in USD-M futures."),
        ([unsaved_effect(trading_status="trading")], {"category": "wallet_suspension"},
         "Binance suspends deposits and withdrawals of LUNA."),
        ([unsaved_effect(trading_status="deposits_suspended")], {"category": "wallet_suspension"},
         "Binance has suspended deposits of LUNA."),
        ([unsaved_effect(trading_status="trading")], {"category": "hard_fork"},
         "Binance prepares for a hard fork of the network of LUNA."),
        ([unsaved_effect(trading_status="wallet_suspended")], {"category": "network_upgrade"},
         "Binance has suspended deposits and withdrawals of LUNA for an upgrade of its network."),
        ([unsaved_effect()], {"category": "token_migration"},
         "Binance replaces, renames or splits LUNA: the old pairs end."),
        ([unsaved_effect()], {"category": "risk_warning", "title": "Binance adds the Monitoring Tag to LUNA"},
         "Binance puts a monitoring tag on LUNA: a removal may follow."),
        ([unsaved_effect()], {"category": "risk_warning"}, "Binance puts a warning on LUNA: a removal may follow."),
    ],
)  # fmt: skip
def test_a_notice_in_one_sentence(effects, fields, sentence):
    assert why(effects, samples.NOTICE, **fields) == sentence
    assert facts(effects, samples.NOTICE, **fields) == {}, "everything else is in heading, pairs and dates"


@pytest.mark.parametrize(
    ("category", "facts_of", "sentence"),
    [
        ("delisting", {"phase": "postponed"}, "Binance postpones the removal of LUNA from spot trading."),
        ("delisting", {"phase": "updated"}, "Binance corrects its notice about the removal of LUNA from spot trading."),
        ("trading_suspension", {"phase": "postponed"}, "Binance postpones a stop of spot trading of LUNA."),
        ("wallet_suspension", {"phase": "postponed", "networks": ["Terra"]},
         "Binance postpones a stop of deposits and withdrawals of LUNA on the Terra network."),
        ("hard_fork", {"networks": ["Ethereum"]}, "Binance prepares for a hard fork of the Ethereum network."),
        ("network_upgrade", {"phase": "postponed", "networks": ["Terra"]},
         "Binance postpones an upgrade of the Terra network."),
    ],
)  # fmt: skip
def test_a_follow_up_says_what_it_does(category, facts_of, sentence):
    effects = [unsaved_effect(trading_status="trading")]
    assert why(effects, {**samples.NOTICE, **facts_of}, category=category) == sentence


def test_what_a_list_shows_beside_an_announcement():
    assert facts([unsaved_effect()], samples.NOTICE_WITH_ALL) == {
        "Instrument list": "LUNA/USDT has stopped, since 2 Oct 07:00 UTC; LUNA/ETH trades again, since 2 Oct 07:00 UTC;"
        " the list ends LUNA/BTC at 2 Oct 10:00 UTC, not as announced; LUNA/USDC made a dated contract",
        "Trades again": "LUNA/USDC on Binance spot since 2 Oct 07:00 UTC",
        "Tag by the list": "LUNA: Monitoring since 30 Sep 06:00 UTC, removed 2 Oct 07:00 UTC, 1 h ago",
        "Lose their tag": "ABC and DEF",
        "Latest notice": "“Binance will postpone the removal of LUNA”, the last of 2 follow-ups",
    }


def test_many_pairs_of_a_list_are_counted():
    stopped = {f"BINANCE:LUNA{n}": {"status": "BREAK", "since": samples.iso(-n), "ends_at": None} for n in (1, 2, 3)}
    found = facts([unsaved_effect()], {**samples.NOTICE, "instruments": stopped})
    assert found == {"Instrument list": "all 3 pairs have stopped, the first at 2 Oct 05:00 UTC"}


def test_a_list_that_is_first_says_that_no_announcement_came():
    effects = [pair("LUNA", "BINANCE:LUNAUSDT", trading_status="trading_suspended", action="halt")]
    assert why(effects, samples.LIST, category="trading_suspension") == (
        "The instrument list of Binance spot shows that trading in LUNA/USDT has stopped."
    )
    assert facts(effects, samples.LIST, category="trading_suspension") == {
        "Announcement": "none yet",
        "Instrument list": "seen so since 2 Oct 07:00 UTC",
        "Status": "listed as break",
    }
    ends = [pair("LUNA", "BINANCE:LUNAUSDT", trading_ends_at=LATER)]
    assert why(ends, samples.LIST) == "The instrument list of Binance spot shows that trading in LUNA/USDT will end."
    some = [pair("LUNA", "BINANCE:LUNAUSDT", trading_status="trading", action="avoid_new")]
    assert why(some, samples.LIST, category="trading_suspension").endswith("only some orders are taken in LUNA/USDT.")


def test_a_tag_by_the_product_list():
    event = ([unsaved_effect(action="watch", trading_status="trading")], samples.TAG)
    assert why(*event, category="risk_warning") == "LUNA carries the Monitoring tag on Binance: a removal may follow."
    assert facts(*event, category="risk_warning") == {"Reported by": "the exchange's product list"}


def test_a_halt_has_its_share_of_each_market_and_who_reports_it():
    effects = [unsaved_effect(trading_status="trading_suspended"), unsaved_effect("ETH", venue="BINANCE_USDM")]
    event = (effects, samples.HALT)
    assert why(*event, category="exchange_halt") == "Binance has halted spot trading and USD-M futures."
    assert facts(*event, category="exchange_halt") == {
        "Reported by": "the instrument list of Binance spot and the system status",
        "Halted on Binance spot": "15 of 40 instruments",
        "Halted on Binance USD-M futures": "9 of 30 instruments",
    }


def test_a_maintenance_is_planned_until_trading_stops():
    planned = [unsaved_effect(venue="OKX", trading_status="trading", action="avoid_new")]
    options = {"source": "okx", "category": "trading_suspension"}
    assert why(planned, samples.MAINTENANCE, **options) == "OKX has planned a maintenance that stops spot trading."
    begun = [unsaved_effect(venue="OKX", trading_status="trading_suspended", action="halt")]
    assert why(begun, samples.MAINTENANCE, **options) == "OKX is in maintenance: spot trading has stopped."
    assert facts(begun, samples.MAINTENANCE, **options) == {
        "Reported by": "the system status",
        "Service": "the trading service",
    }


def test_a_manual_block_names_who_and_why():
    options = {"source": "manual", "category": "manual", "manual": Manual("maria", "rumour of insolvency")}
    assert why([coin()], samples.MANUAL, **options) == "maria blocks LUNA: rumour of insolvency."
    assert (
        why([unsaved_effect()], {}, **{**options, "manual": Manual("maria", "")})
        == "maria blocks LUNA on Binance spot."
    )
    assert facts([coin()], samples.MANUAL, **options) == {}
    assert why([coin()], samples.MANUAL, **options, **ENDED) == "maria blocked LUNA: rumour of insolvency."


def test_an_outage_says_what_we_cannot_see_and_since_when():
    options = {"source": "operations", "category": "operations", "title": "Source binance.announcements is silent"}
    assert why([], samples.OPERATIONS, **options) == (
        "We do not see announcements of Binance (delistings, suspensions) since 2 Oct 07:00 UTC."
    )
    assert facts([], samples.OPERATIONS, **options) == {"Error": "the upstream did not answer within 10 s"}
    assert why([], {"error": "x"}, **options) == "Binance announcements is silent."
    loose = {"not seen": "Hacks: what came since 01 Oct is not seen"}
    assert why([], loose, **options) == "We do not see hacks since 01 Oct."
    assert why([], {}, **options, **ENDED) == "Binance announcements was silent."
    clock = {**options, "title": "A clock was set ahead by 2 h"}
    assert why([], {}, **clock, **ENDED) == "It is over: a clock was set ahead by 2 h."


def test_a_false_alarm_says_who_says_so_and_why():
    fields = {**ENDED, "false_alarm": True, "close_reason": "false alarm by maria: it was another coin."}
    assert why([coin()], samples.VOLATILITY, category="volatility", **fields) == (
        "False alarm, says maria: it was another coin."
    )


@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("fields", [{}, ENDED])
def test_an_event_without_facts_still_has_a_sentence(category, fields):
    for effects in ([], [coin()]):
        sentence = why(effects, {}, category=category, **fields)
        assert sentence.endswith(".") and len(sentence) > 5 and "None" not in sentence and "  " not in sentence
        assert facts(effects, {}, category=category, **fields) == {}


def test_what_is_stored_for_the_words_is_in_no_payload():
    """Facts may have many kilobytes, and are no contract. The texts that payloads always had are."""
    summary = summary_of([unsaved_effect()], samples.NOTICE_WITH_ALL, changes={"url": ["a", "b"]}, reasons=("updated",))
    event = render_payload(Message(summary, NOW, "https://ews.example"))["event"]
    assert "stored" not in event
    assert event["facts"] and event["changes"] == ({"field": "url", "before": "a", "after": "b", "state": False},)

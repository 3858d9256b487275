# ruff: noqa: E501 (a notice stands on one line)
"""Tokens, pairs, contracts, markets, phases and impacts out of titles and bodies."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exchanges.announcements.reader import read
from exchanges.announcements.types import Article, ParsedNotice
from markets.symbols import SymbolSplitter
from tests.exchanges.samples import node, priority_of, tree

RELEASED = datetime(2026, 1, 10, tzinfo=UTC)
WATCHED = frozenset({"BTC", "ETH", "AAA"})
QUOTES = frozenset({"USDT", "USDC", "BTC"})


def reading_of(title: str, body: str | None = None, exchange: str = "binance") -> ParsedNotice:
    return read(Article(exchange, "1", title, body, RELEASED), SymbolSplitter())


@pytest.mark.parametrize(
    ("title", "tokens", "tickers"),
    [
        ("Foo Will Delist AAA, BBB and CCC on 2026-02-01", ["AAA", "BBB", "CCC"], []),
        ("Foo Delists Centauri (CTI) Token", ["CTI"], []),
        ("Notice of Removal of Spot Trading Pair (BTC/RON) - 2026-01-12", ["BTC"], ["BTC/RON"]),
        ("Notice of Removal of USDC Trading Pairs on 2026/01/17", [], []),
        ("Foo to delist D and J spot trading pairs", ["D", "J"], []),
        (
            "Foo to delist FOR, MORE, PERP, DATA and OPEN spot trading pairs",
            ["FOR", "MORE", "PERP", "DATA", "OPEN"],
            [],
        ),
        (
            "Foo Alpha Will Remove AAA, U (Union), XYZ Card, 恶俗企鹅, G (2026-01-12)",
            ["AAA", "U", "XYZ CARD", "恶俗企鹅", "G"],
            [],
        ),
        ("Foo Will Delist EARN, PAY, OPEN & CARD on 2026-02-01", ["EARN", "PAY", "OPEN", "CARD"], []),
        ("Foo Will Delist All BAR Leveraged Tokens", [], []),
        (
            "Foo Futures Will Delist USDⓈ-M 1000ABCUSDT and XUSDT Perpetual Contracts (2026-01-12)",
            ["ABC", "X"],
            ["1000ABCUSDT", "XUSDT"],
        ),
        ("Foo Futures Will Delist ABCUSDT USDⓈ-M Perpetual Contract", ["ABC"], ["ABCUSDT"]),
        ("Foo Futures Will Delist COIN-M GMTUSD Perpetual Contract", ["GMT"], ["GMTUSD"]),
        ("Foo Will Delist ABC Coin-Margined Perpetual Contract", ["ABC"], ["ABC"]),
        ("Foo Delists ABCUSDT, DEFUSDT & Others for Perpetual Futures", ["ABC", "DEF"], ["ABCUSDT", "DEFUSDT"]),
        ("Delisting of ABCBSCPERP for futures trading and futures trading bots", ["ABCBSC"], ["ABCBSCPERP"]),
        ("Foo Margin Will Delist AAA/BUSD, BBB/BTC Isolated Margin Pairs", ["AAA", "BBB"], ["AAA/BUSD", "BBB/BTC"]),
        (
            "Foo Futures Will Delist and Update the Leverage & Margin Tiers of AAABUSD and BBBBUSD Perpetual Contracts",
            ["AAA", "BBB"],
            ["AAABUSD", "BBBBUSD"],
        ),
        ("Foo to Delist and Cease Redemption for XUP and XDOWN Leveraged Tokens", ["XUP", "XDOWN"], []),
        ("Termination of Trading Support for Striker(STRK)", ["STRK"], []),
        ("Foo Will Support the Bar (BAR) Token Swap and Rebranding to Baz (BAZ)", ["BAR"], []),
        ("Foo to support OLD to NEW crypto migration", ["OLD"], []),
        ("Storma (STO) Token Swap to STX Will Be Supported on Foo", ["STO"], []),
        ("Foo Supports ABC Mainnet Swap and Adds ABC/USDT Trading Pair", ["ABC"], []),
        ("Foo Will Support the ai16 (AI16) Rebranding", ["AI16"], []),
        ("Foo Will Support the Bar (BAR) and Baz (BAZ) Network Upgrades & Bar (BAR) Hard Fork", ["BAR", "BAZ"], []),
        ("OKX to support Sui network upgrade", ["SUI"], []),
        ("OKX to support Base network upgrade", [], []),
        ("Wallet Maintenance for BNB Smart Chain (BEP20) - 2026-01-12", ["BNB"], []),
        ("Wallet Maintenance for Tron (TRC20)", ["TRX"], []),
        ("Wallet Maintenance for USDC Withdrawals on Selected Networks", ["USDC"], []),
        ("Foo Will Cease Support for Deposits of Bar OLD (BAROLD) via the Ethereum Network (ERC20)", ["BAROLD"], []),
        ("Temporary Suspension of Deposits and Withdrawals on the Polygon Network", ["POL"], []),
        ("Investment Warning (ABCON)", ["ABCON"], []),
        ("FOO WILL DELIST AAA AND BBB ON 2026-02-01", ["AAA", "BBB"], []),
        ("FOO WILL DELIST AAA, FOR, HARD AND OPENX ON 2026-02-01", ["AAA", "FOR", "HARD", "OPENX"], []),
        ("FOO TO DELIST AAAUSDT FUTURES AND RELATED SERVICES", ["AAA"], ["AAAUSDT"]),
        ("NOTICE ON THE SUSPENSION OF OPENING NEW POSITIONS FOR AAA/USDT IN PERPETUAL FUTURES", ["AAA"], ["AAA/USDT"]),
        ("OKX TO DELIST AAA-USDT-SWAP PERPETUAL CONTRACT", ["AAA"], ["AAA-USDT-SWAP"]),
        ("FOO WILL DELIST OM (MANTRADAO)", ["OM"], []),
        ("Foo Futures Will Delist COIN-M BTCUSD_PERP Contract", ["BTC"], ["BTCUSD_PERP"]),
        ("Foo Futures Will Delist the AAAUSDTM Contract", ["AAA"], ["AAAUSDTM"]),
        ("Discontinuation of Foo USDC Options for AAA", ["AAA"], []),
        ("Risk Alert: Abnormal Price Fluctuation of AAA", ["AAA"], []),
        ("TRON Network Wallet Maintenance Notice", ["TRX"], []),
        ("AAA Network Maintenance: Deposits and Withdrawals to Be Suspended", ["AAA"], []),
        ("Notice of Suspension of Deposits for Solana(SOL) Network Maintenance", ["SOL"], []),
        ("Foo Supports the Osaka Upgrade on Ethereum", ["ETH"], []),
        ("Foo Supports the Ethereum Osaka Upgrade", ["ETH"], []),
        ("Foo Supports Olden (ODN) Upgrade to Newer (NWR)", ["ODN"], []),
        ("Foo to support ODN to NWR upgrade", ["ODN"], []),
        ("Foo to discontinue FooChain and swap ODN to NWR", ["ODN"], []),
        ("Foo Will Halt Deposits and Withdrawals on Avalanche C-Chain (AVAX-C) for Maintenance", ["AVAX"], []),
    ],
)
def test_a_title_names_what_is_at_risk(title: str, tokens: list[str], tickers: list[str]) -> None:
    notice = reading_of(title)
    assert notice.event, notice.rule
    assert (list(notice.tokens), list(notice.tickers)) == (tokens, tickers)


def test_a_tag_set_and_tags_removed_in_one_title_are_two_messages() -> None:
    notice = reading_of(
        "Foo Will Extend the Monitoring Tag to Include AAA, Remove the Monitoring Tag for BBB & CCC, and Remove the Seed Tag for DDD on 2026-01-12"
    )
    assert (notice.tokens, notice.untagged) == (("AAA",), ("BBB", "CCC", "DDD"))
    at_risk = {impact.token: impact.at_risk for impact in notice.impacts}
    assert at_risk == {"AAA": True, "BBB": False, "CCC": False, "DDD": False}
    assert priority_of(notice, frozenset({"BBB"}), QUOTES) == "low"
    assert priority_of(notice, frozenset({"AAA"}), QUOTES) == "high"


GROUPS = """We will remove and cease trading on the following spot trading pairs:
At 2026-01-12 03:00 (UTC): AAA/BNB, BTC/RON and ETH/ZAR
At 2026-01-13 08:00 (UTC): AAA/FDUSD, BBB//BTC & CCC/TRY
Please note that users can still trade AAA/USDT and other trading pairs. USDT/ZAR will remain listed until the end of January.
Foo will terminate Spot Trading Bots services for the aforementioned pairs at 2026-01-12 03:00 (UTC)."""


def test_groups_of_pairs_have_each_their_time() -> None:
    notice = reading_of("Notice of Removal of Spot Trading Pairs - 2026-01-12", GROUPS)
    assert notice.tickers == ("AAA/BNB", "BTC/RON", "ETH/ZAR", "AAA/FDUSD", "BBB/BTC", "CCC/TRY")
    assert notice.tokens == ("AAA", "BTC", "ETH", "BBB", "CCC")
    first, second = datetime(2026, 1, 12, 3, tzinfo=UTC), datetime(2026, 1, 13, 8, tzinfo=UTC)
    assert {(impact.token, impact.tickers, impact.at) for impact in notice.impacts} == {
        ("AAA", ("AAA/BNB",), first),
        ("BTC", ("BTC/RON",), first),
        ("ETH", ("ETH/ZAR",), first),
        ("AAA", ("AAA/FDUSD",), second),
        ("BBB", ("BBB/BTC",), second),
        ("CCC", ("CCC/TRY",), second),
    }
    assert not any(impact.entire_token for impact in notice.impacts)
    assert notice.trading_ends_at == first
    assert {date.at: date.tickers for date in notice.important_dates} == {
        first: ("AAA/BNB", "BTC/RON", "ETH/ZAR"),
        second: ("AAA/FDUSD", "BBB/BTC", "CCC/TRY"),
    }


def test_single_pairs_of_a_large_coin_are_low_priority_unless_the_pair_counts() -> None:
    notice = reading_of("Notice of Removal of Spot Trading Pairs - 2026-01-12", GROUPS)
    assert priority_of(notice, frozenset({"BTC", "ETH"}), QUOTES) == "low"
    assert priority_of(notice, frozenset({"BBB"}), QUOTES) == "high"
    contract = reading_of("Foo Futures Will Delist ETHUSDT Perpetual Contract")
    assert priority_of(contract, WATCHED, QUOTES) == "high"
    whole = reading_of("Foo Will Delist AAA on 2026-02-01")
    assert priority_of(whole, WATCHED, QUOTES) == "high"
    assert priority_of(whole, frozenset({"ZZZ"}), QUOTES) == "low"


def test_a_removal_from_alpha_concerns_no_watched_coin_of_the_same_ticker() -> None:
    notice = reading_of("Binance Alpha Will Remove BTC, AAA (2026-01-29)", None, "binance")
    assert (notice.event, notice.market, notice.tokens, notice.entire_tokens) == (True, None, ("BTC", "AAA"), ())
    assert {impact.market for impact in notice.impacts} == {"alpha"}
    assert priority_of(notice, frozenset({"BTC", "AAA"}), QUOTES) == "low"
    spot = reading_of("Binance Will Delist AAA on 2026-01-29", None, "binance")
    assert priority_of(spot, frozenset({"AAA"}), QUOTES) == "high"


def test_a_contract_that_title_and_body_write_differently_is_named_once() -> None:
    notice = reading_of(
        "Foo Will Delist AAAUSDT From Perpetual Futures",
        "Foo will delist the following perpetual futures at 2026-01-20 10:00 (UTC):\nAAA/USDT",
    )
    assert (notice.tokens, notice.tickers) == (("AAA",), ("AAAUSDT",))
    assert [impact.tickers for impact in notice.impacts] == [("AAAUSDT",)]


def test_each_pair_of_a_table_has_its_own_time() -> None:
    rows = "".join(
        f"<tr><td>{pair}</td><td>{day}, 2026, 08:00 - 10:00 UTC</td></tr>"
        for pair, day in (("AAA/USDT", "January 20"), ("BBB/USDC", "January 21"))
    )
    notice = reading_of(
        "OKX to delist AAA and BBB spot trading pairs",
        f"<p>We will delist the following pairs:</p><table>{rows}</table>",
        "okx",
    )
    assert [(impact.tickers, impact.at) for impact in notice.impacts] == [
        (("AAA/USDT",), datetime(2026, 1, 20, 8, tzinfo=UTC)),
        (("BBB/USDC",), datetime(2026, 1, 21, 8, tzinfo=UTC)),
    ]
    assert notice.entire_tokens == ("AAA", "BBB")


def test_two_markets_of_contracts_in_one_notice() -> None:
    body = """Foo Futures will close all positions and conduct an automatic settlement on the following contracts:
2026-01-12 09:00 (UTC): USDⓈ-M AAAUSDT Perpetual Contract
2026-01-13 09:00 (UTC): COIN-M BBBUSD Perpetual Contracts
Users are not allowed to open new positions as below:
2026-01-12 08:30 (UTC): USDⓈ-M AAAUSDT Perpetual Contract"""
    notice = reading_of("Foo Futures Will Delist Multiple Perpetual Contracts", body)
    assert notice.market == "multiple"
    assert {(impact.token, impact.market, impact.tickers) for impact in notice.impacts} == {
        ("AAA", "usdm", ("AAAUSDT",)),
        ("BBB", "coinm", ("BBBUSD",)),
    }


def test_in_a_swap_only_pairs_of_the_old_token_are_at_risk_also_as_quote() -> None:
    body = """At 2026-02-07 03:00 (UTC), Foo will remove all existing ODN spot trading pairs (i.e., BTC/ODN, ODN/JPY and USDT/ODN).
At 2026-02-09 08:00 (UTC), Foo will open trading for the BTC/NEW and NEW/USDT trading pairs.
At 2026-02-07 03:30 (UTC), deposits and withdrawals of ODN tokens will be suspended."""
    notice = reading_of("Foo Will Support the Olden (ODN) Token Swap and Rebranding to New (NEW)", body)
    assert notice.tokens == ("ODN",)
    assert notice.tickers == ("BTC/ODN", "ODN/JPY", "USDT/ODN")
    assert notice.trading_status == "delisting"
    assert all(impact.token == "ODN" and impact.entire_token for impact in notice.impacts)


def test_all_pairs_of_following_tokens_name_no_pair() -> None:
    body = tree(
        node(
            "p",
            "We will delist and cease trading on all spot trading pairs for the following token(s) at 2026-02-01 03:00 (UTC):",
        ),
        node("ul", node("li", "Foo Coin (FOO)"), node("li", "BAR Protocol (BARR)")),
    )
    import json

    notice = reading_of("ST: Foo Will Delist Multiple Tokens on 2026-02-01", json.dumps(body))
    assert (notice.tokens, notice.tickers, notice.entire_tokens) == (("FOO", "BARR"), (), ("FOO", "BARR"))


def test_networks_behind_via_are_no_tokens() -> None:
    body = "Foo will cease support for deposits and withdrawals of the following tokens via the networks below from 2026-01-16 08:00 (UTC).\nBar Network (D) via Ethereum NetworkdBaz (DBZ) via BNB Smart Chain and Polygon Network"
    notice = reading_of("Foo Will Cease Support for Deposits and Withdrawals of Tokens on Selected Networks", body)
    assert notice.tokens == ("D", "DBZ")
    assert "Ethereum" in notice.networks


@pytest.mark.parametrize(
    ("title", "body", "phase", "event"),
    [
        ("Foo Will Delist AAA on 2026-02-01", None, "planned", True),
        ("Foo to postpone the delisting of AAAUSDT perpetual futures", None, "postponed", True),
        ("Updated Notice of Removal of Spot Trading Pairs", None, "updated", True),
        ("Foo Will Delist AAA (Updated)", None, "updated", True),
        ("Delisting of AAA Cancelled", None, "cancelled", False),
        ("Foo Has Completed the Bar (BAR) Token Swap to Baz (BAZ)", None, "completed", False),
        ("Foo Resumes Trading for AAA/USDT", None, "resumed", False),
        (
            "Notice on AAA",
            "Foo has suspended deposits and withdrawals of Aaa (AAA) with immediate effect.",
            "immediate",
            True,
        ),
    ],
)
def test_the_phase_of_a_notice(title: str, body: str | None, phase: str, event: bool) -> None:
    notice = reading_of(title, body)
    assert (notice.phase, notice.event) == (phase, event)


def test_notices_that_end_an_event_still_say_which_tokens_they_concern() -> None:
    notice = reading_of("Foo Has Completed the Bar (BAR) Token Swap to Baz (BAZ)")
    assert (notice.category, notice.tokens, notice.important_dates) == ("token_migration", ("BAR",), ())
    assert not any(impact.at_risk for impact in notice.impacts)
    resumed = reading_of(
        "Foo Will Resume Trading for AAA/USDT and BBB/USDT",
        "Foo will resume trading for AAA/USDT and BBB/USDT at 2026-01-12 10:00 (UTC).",
    )
    assert (resumed.category, resumed.tickers) == ("trading_suspension", ("AAA/USDT", "BBB/USDT"))
    assert resumed.resumes_at == datetime(2026, 1, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "body", "status"),
    [
        ("Foo Will Delist AAA", None, "delisting"),
        ("Foo Margin Will Delist AAA", None, "trading"),
        ("Foo Futures Will Delist AAAUSDT Perpetual Contract", None, "delisting"),
        ("Foo Will Suspend AAA Trading", None, "trading_suspended"),
        ("Wallet Maintenance for Tron (TRX)", None, "wallet_suspended"),
        ("Foo Will Suspend Withdrawals of AAA", None, "withdrawals_suspended"),
        ("Foo Temporarily Suspends AAA Deposits", None, "deposits_suspended"),
        ("Foo Will Suspend Deposits and Withdrawals of AAA", None, "wallet_suspended"),
        (
            "Foo Will Suspend Withdrawals of AAA",
            "Withdrawals of AAA will be suspended at 2026-01-20 03:00 (UTC). Deposits remain open as usual.",
            "withdrawals_suspended",
        ),
        (
            "Wallet Maintenance for AAA Withdrawals on Selected Networks - 2025-10-09",
            "Foo will perform wallet maintenance for AAA withdrawals at 2025-10-10 05:30 (UTC). Withdrawals for token(s) on "
            "the aforementioned network(s) will be reopened once the network is deemed to be stable.",
            "withdrawals_suspended",
        ),
        (
            "Foo Will Support the AAA (AAA) Network Upgrade",
            "Deposits and withdrawals of AAA will be suspended from 2026-01-20 03:00 (UTC).",
            "wallet_suspended",
        ),
        (
            "Foo Will Support the AAA (AAA) Hard Fork",
            "Deposits of AAA will be suspended from 2026-01-20 03:00 (UTC), while withdrawals will not be affected.",
            "deposits_suspended",
        ),
        (
            "Foo Will Support the AAA (AAA) Network Upgrade",
            "Neither deposits and withdrawals nor the trading of AAA will be interrupted.",
            "trading",
        ),
        ("Foo Will Support the AAA (AAA) Network Upgrade", None, "wallet_suspended"),
        ("Foo Will Extend the Monitoring Tag to Include AAA", None, "trading"),
        ("Foo Has Delisted AAA", None, "delisted"),
        (
            "Foo Will Support the Bar (BAR) Contract Swap",
            "At 2026-01-20 03:00 (UTC), deposits and withdrawals of BAR will be suspended. Spot trading will not be impacted.",
            "wallet_suspended",
        ),
        ("Foo Supports ABC Mainnet Swap", "The swap is scheduled to occur on 2026/06/30.", "trading"),
    ],
)
def test_the_state_that_a_notice_leads_to(title: str, body: str | None, status: str) -> None:
    assert reading_of(title, body).trading_status == status


def test_a_halt_of_an_entire_market_is_one_impact_without_a_token() -> None:
    notice = reading_of(
        "Notice on Foo Futures COIN-M Temporary System Maintenance",
        "Trading on COIN-M Futures will be suspended from 2026-01-17 08:30 (UTC).",
    )
    assert (notice.category, notice.market, notice.tokens) == ("trading_suspension", "coinm", ())
    (impact,) = notice.impacts
    assert (impact.token, impact.market, impact.at) == ("", "coinm", datetime(2026, 1, 17, 8, 30, tzinfo=UTC))


def test_a_tick_size_table_puts_nothing_at_risk() -> None:
    body = "<p>By 2026-03-05 05:00 (UTC):</p><table><tr><td>AAA/USDT</td><td>0.1</td><td>0.01</td></tr></table><p>The trading function of AAAUSDT will be suspended from 2026-03-05 05:00 (UTC) to 2026-03-05 05:01 (UTC).</p>"
    notice = reading_of("Updates on Tick Size for Spot Trading Pairs (2026-03-05)", body)
    assert (notice.event, notice.tickers, notice.impacts) == (False, (), ())

# ruff: noqa: E501 (a notice is easier to read on one line)
"""Kinds of wording that once misled the reader, one notice of our own each: what it says, and what it must give."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from exchanges.announcements.reader import read_parts
from exchanges.announcements.types import ParsedNotice, ReviewReason
from markets.symbols import SymbolSplitter

RELEASED = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
SPLITTER = SymbolSplitter()


def parsed(title: str, body: str | None = None, exchange: str = "kraken") -> ParsedNotice:
    return read_parts(exchange, title, body, RELEASED, SPLITTER)


def said(notice: ParsedNotice) -> dict[str, Any]:
    return {
        "category": notice.category if notice.event else None,
        "tokens": set(notice.tokens),
        "tickers": {ticker.replace("/", "") for ticker in notice.tickers},
        "dates": {one.at.strftime("%m-%d %H:%M") for one in notice.important_dates},
    }


@pytest.mark.parametrize(
    "title, body, expected",
    [
        pytest.param(
            "News about ABC",
            "Dear community, ABC has been moved to our observation zone today, as its team has been silent for months.",
            {"category": "risk_warning", "tokens": {"ABC"}},
            id="a paragraph that begins with a greeting is read",
        ),
        pytest.param(
            "About our market in ABC",
            "The Kraken team has decided to delist ABC/USD on 20 May 2026 at 09:00 UTC.",
            {"category": "delisting", "tickers": {"ABCUSD"}, "dates": {"05-20 09:00"}},
            id="a sentence that begins with the name of a team is no signature",
        ),
        pytest.param(
            "ABC wallets pause on 20 May",
            "ABC deposits stop at 06:00 UTC on 20 May, withdrawals at 07:00 UTC on 20 May. All should be back by 10:00 UTC.",
            {"category": "wallet_suspension", "dates": {"05-20 06:00", "05-20 07:00"}},
            id="what should be back corrects no date",
        ),
        pytest.param(
            "ABC leaves",
            "1. May 20, 2026 09:00 AM UTC - ABC deposits stop\n2. May 21, 2026 09:00 AM UTC - ABC/USD is delisted",
            {"category": "delisting", "dates": {"05-20 09:00", "05-21 09:00"}},
            id="the number of a step is no day",
        ),
        pytest.param(
            "Farewell to ABC",
            "Step 2 - 20 May 2026, 08:00 UTC: ABC/USD closes.",
            {"dates": {"05-20 08:00"}},
            id="a step and a day are no days",
        ),
        pytest.param(
            "THORChain pause",
            "THORChain transfers are halted from 20 May 2026, 08:00 UTC. RUNE cannot be deposited or withdrawn.",
            {"category": "wallet_suspension", "tokens": {"RUNE"}},
            id="a name in one word is no lost break",
        ),
        pytest.param(
            "ABC deposits off",
            "ABC deposits off - 20.05.2026 08:00; ABC/USD off - 21.05.2026 08:00; withdrawals off - 20.06.2026 08:00.",
            {"category": "delisting", "tickers": {"ABCUSD"}, "dates": {"05-20 08:00", "05-21 08:00", "06-20 08:00"}},
            id="off before a date ends",
        ),
        pytest.param(
            "New perpetual: ABCUSDT",
            "Trading in the ABCUSDT perpetual kicks off on 20 May 2026, 10:00 UTC.",
            {"category": None},
            id="what kicks off on a day begins",
        ),
        pytest.param(
            "XYZ quarterlies: settlement",
            "The contract XYZUSDTM26 will be settled early (20 May 2026, 12:00 UTC) and not be replaced.",
            {"category": "delisting", "tokens": {"XYZ"}, "tickers": {"XYZUSDTM26"}},
            id="a denial of what comes second denies nothing of the first",
        ),
        pytest.param(
            "ABC and DEF books",
            "The following pairs, and no others, go dark on 20 May 2026 at 10:00 UTC: ABC/BTC, DEF/BTC. GHI/BTC stays.",
            {"category": "delisting", "tickers": {"ABCBTC", "DEFBTC"}},
            id="no others denies no verb",
        ),
        pytest.param(
            "ABC Protocol voting",
            "An amendment goes live on the XRP Ledger on 20 May 2026 at 11:00 UTC.",
            {"category": "network_upgrade", "tokens": {"XRP"}},
            id="goes live on is no living on",
        ),
        pytest.param(
            "Ethereum Classic upgrade with no action on your side",
            "ETC upgrades at about 10:00 UTC on 20 May 2026. Deposits and withdrawals of ETC stop at 09:30 UTC that day.",
            {"category": "network_upgrade", "tokens": {"ETC"}},
            id="no action needed calls nothing off",
        ),
        pytest.param(
            "ABC trading stop (no resumption planned)",
            "Trading in ABC/USDT stops at 2026-05-20 08:00 (UTC) and will not start again.",
            {"category": "delisting", "tickers": {"ABCUSDT"}},
            id="no resumption resumes nothing",
        ),
        pytest.param(
            "ABC 維護通知",
            "平台將於 2026年5月20日 20:30 UTC 起暫停 ABC 的充值與提現,待網絡穩定後恢復。交易不受影響。",
            {"category": "wallet_suspension", "dates": {"05-20 20:30"}},
            id="what is restored later stops first",
        ),
        pytest.param(
            "Внимание: вывод ABC",
            "По техническим причинам вывод ABC временно недоступен. О восстановлении сообщим дополнительно.",
            {"category": "wallet_suspension", "tokens": {"ABC"}},
            id="a resumption that another notice will tell is none",
        ),
        pytest.param(
            "Early settlement of ABCUSD coin-margined swaps",
            "Two inverse swaps, ABCUSD and DEFUSD, are settled early at 12:00 UTC on 20 May 2026.",
            {"category": "delisting", "tokens": {"ABC", "DEF"}},
            id="contracts that are called swaps swap nothing",
        ),
        pytest.param(
            "Ravencoin chain split: RVN wallet closed",
            "RVN deposits and withdrawals have been closed since 05:10 UTC today.",
            {"category": "hard_fork", "tokens": {"RVN"}},
            id="a split of a chain splits no token",
        ),
        pytest.param(
            "Lido DAO token migration",
            "We support the migration of LDO. Deposits and withdrawals of LDO stop on 20 May 2026 at 03:00 UTC.",
            {"category": "token_migration", "tokens": {"LDO"}},
            id="a body names what its title is about",
        ),
        pytest.param(
            "Contracts on their way out",
            "Group A, 20 May 2026, 08:00 UTC: ABCUSDT\nGroup B, 21 May 2026, 08:00 UTC: DEFUSDT",
            {"tokens": {"ABC", "DEF"}, "dates": {"05-20 08:00", "05-21 08:00"}},
            id="letters that count groups are no coins",
        ),
        pytest.param(
            "ABC conversion",
            "ABC/USD halts on 20 May 2026, 10:00 UTC. Balances of ABC turn into XYZ at 1:24,000.",
            {"dates": {"05-20 10:00"}},
            id="a ratio is no time",
        ),
        pytest.param(
            "Spot stops in ABC and XYZ for a new engine",
            "| Pair | Stop (UTC) | Expected start (UTC) |\n|---|---|---|\n| ABC/USDT | 2026-05-20 01:00 | 2026-05-20 01:20 |\n| XYZ/USDT | 2026-05-20 02:00 | 2026-05-20 02:20 |",
            {
                "category": "trading_suspension",
                "tickers": {"ABCUSDT", "XYZUSDT"},
                "dates": {"05-20 01:00", "05-20 02:00"},
            },
            id="a zone in the heading of a column leaves it a heading, and what starts again is no stop",
        ),
        pytest.param(
            "Futures reviewed: two dropped",
            "After the review (among them AAA, BBB and CCC, which pass) we drop the following: XYZUSDT and ABCUSDT. Removal: 20 May 2026 10:00 UTC.",
            {"category": "delisting", "tokens": {"ABC", "XYZ"}},
            id="what passes is named in brackets only",
        ),
        pytest.param(
            "Kraken brings back ABC and XYZ after their earlier delisting",
            "ABC/USD and XYZ/USD open on 20 May 2026 at 10:00 UTC.",
            {"category": None},
            id="a list is not cut between two names",
        ),
        pytest.param(
            "Wallets rest on two chains",
            "Deposits and withdrawals are off as follows (UTC):\nAlgorand - from 2026-05-20 22:00\nStellar - from 2026-05-20 23:00",
            {"category": "wallet_suspension", "tokens": {"ALGO", "XLM"}, "dates": {"05-20 22:00", "05-20 23:00"}},
            id="a row names a chain without the word chain",
        ),
        pytest.param(
            "The quote asset USDK retires",
            "All markets priced in USDK close on 20 May 2026 at 06:00 UTC: BTC/USDK and XIN/USDK. USDK/USDT is left untouched.",
            {"category": "delisting", "tokens": {"BTC", "XIN"}, "tickers": {"BTCUSDK", "XINUSDK"}},
            id="of a quote that stays a coin the bases lose their pair",
        ),
        pytest.param(
            "ABC, XYZ: end of the line",
            "Here is the minute at which each goes (all on 20 May 2026, UTC):\nABC/USDT 06:00\nXYZ/USDT 06:10",
            {"category": "delisting", "dates": {"05-20 06:00", "05-20 06:10"}},
            id="a time alone is on the day above its list",
        ),
        pytest.param(
            "Farewell to ABC",
            "ABC/USD closes on 20 May 2026 at 07:00 UTC.\n\nPS: XYZ/USDT opens on 22 May 2026, and the ABC summer cup runs until 30 May.",
            {"category": "delisting", "dates": {"05-20 07:00"}},
            id="a cup at the end has no date that matters",
        ),
        pytest.param(
            "ABC is suspended for a correction",
            "To let a pricing error be corrected, ABC/USDT orders are not accepted from 04:00 UTC until 04:45 UTC on 20 May 2026.",
            {"category": "trading_suspension", "dates": {"05-20 04:00"}},
            id="not accepted is no date that was given up",
        ),
        pytest.param(
            "Correction: XYZ only",
            "We erroneously wrote that ABC is affected by the delisting. XYZ/USD closes on 20 May 2026 at 08:00 UTC.",
            {"category": "delisting", "tokens": {"XYZ"}},
            id="what was announced in error does not happen",
        ),
        pytest.param(
            "Our listings desk says goodbye to two books",
            "We will disable trading for ABC and XYZ on 20 May 2026 at 16:00 UTC. You can withdraw at any time.",
            {"category": "delisting", "tokens": {"ABC", "XYZ"}, "dates": {"05-20 16:00"}},
            id="what is disabled on a day, without a reason, does not come back",
        ),
    ],
)
def test_the_notice_says_what_it_says(title: str, body: str, expected: dict[str, Any]) -> None:
    found = said(parsed(title, body))
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    "title, body",
    [
        ("Learn and earn: the next hard fork", "Watch the video about the hard fork of Ethereum and take the quiz."),
        ("Ask us anything: Solana's upgrade", "Join our AMA on 4 June at 15:00 UTC."),
        (
            "AMM pools: twelve closed",
            "Liquidity pools of ABC/USDT and ten more are closed on 2026-05-20 at 08:00 (UTC).",
        ),
        ("Bybit Alpha: ABC graduates to spot, Alpha trading ends 16 May", None),
        ("Hedera mainnet upgrade went through, HBAR transfers open", None),
        ("Asset migration complete: ABC to XYZ", "We have converted all balances of ABC into XYZ. XYZ/USD is live."),
        (
            "Announcing the quarterlies",
            "XBTU26 and ETHU26 are listed on 13 May 2026 at 08:00 UTC. They expire on 25 September 2026 and will then be settled.",
        ),
        (
            "Startup: ABC free offering",
            "ABC/USDT opens on 14 May at 08:00 UTC. Withdrawals of ABC are closed until 15 May 2026 10:00.",
        ),
        ("Kraken withdraws its plan to delist ABC/USDT", None),
        (
            "Meetup in Singapore",
            "On 7 June 2026 our head of listings speaks about when to delist, with examples from AAA, BBB and CCC.",
        ),
        ("Maker fee on 200 contracts drops to zero, delisted symbols excluded", None),
        ("ABC/USDT stays", "Contrary to what we announced, ABC/USDT will not be removed on 9 June 2026."),
    ],
)
def test_harmless_is_no_event(title: str, body: str | None) -> None:
    assert not parsed(title, body).event


def test_a_hoax_that_is_called_one_needs_nobody_to_look() -> None:
    body = "A post claims that we delist ABC and stop ABC withdrawals on 1 June. These posts are forged. ABC/USD trades normally."
    notice = parsed("No, we are not dropping ABC", body)
    assert (notice.event, notice.review) == (False, None)


def test_a_body_that_is_longer_than_what_is_read_is_looked_at_by_a_person() -> None:
    long = "<p>Nothing happens to anybody's coins, and we wish all of you a pleasant week.</p>" * 1_500
    notice = parsed("Our weekly letter", long)
    assert notice.review is not None and notice.review.reason is ReviewReason.UNEXPLAINED
    assert parsed("Our weekly letter", long[:8_000]).review is None

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
        ("ABC/USDT stays", "Contrary to what we announced, ABC/USDT will not be removed on 9 June 2026."),
    ],
)
def test_harmless_is_no_event(title: str, body: str | None) -> None:
    assert not parsed(title, body).event


def test_a_body_that_is_longer_than_what_is_read_is_looked_at_by_a_person() -> None:
    long = "<p>Nothing happens to anybody's coins, and we wish all of you a pleasant week.</p>" * 1_500
    notice = parsed("Our weekly letter", long)
    assert notice.review is not None and notice.review.reason is ReviewReason.UNEXPLAINED
    assert parsed("Our weekly letter", long[:8_000]).review is None

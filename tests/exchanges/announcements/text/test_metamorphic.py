# ruff: noqa: E501 (a notice stands on one line)
"""The same meaning gives the same answer: dates, order, voice, case, layout, unseen signs, and what stands around."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from benchmarks.announcements.labelled import CAPTURES
from benchmarks.rewordings import NEEDED, REWORDINGS, captured, differences, reading
from benchmarks.rewordings.forms import Notice
from markets.symbols import SymbolSplitter

_RELEASED = datetime(2026, 5, 7, 6, tzinfo=UTC)


def notice(title: str, body: Any) -> Notice:
    return Notice("binance", title, body, _RELEASED)


OWN = (
    notice(
        "Notice of Removal of Spot Trading Pairs - 2026-05-14",
        "<p>Fellow Binancians,</p><p>Binance will remove and cease trading on the following spot trading pairs:</p><ul><li>At 2026-05-14 03:00 (UTC): MINA/BTC, LTO/BTC and VIB/USDC</li>"
        "<li>At 2026-05-15 06:30 (UTC): WAXP/EUR</li></ul><p>Thank you for your support!</p><p>Binance Team</p><p>2026-05-07</p>",
    ),
    notice(
        "Binance Will Suspend Deposits and Withdrawals of Kava (KAVA) on 2026-05-13",
        "<p>Dear users,</p><p>Binance will suspend deposits and withdrawals of Kava (KAVA) from 2026-05-13 14:00 (UTC).</p><p>Thank you for your patience.</p><p>Binance Team</p>",
    ),
    notice(
        "Binance Futures Will Delist Multiple USDⓈ-M Perpetual Contracts (2026-05-14)",
        "<p>Binance Futures will close all positions and conduct an automatic settlement of these contracts at the times below. They will be delisted afterwards.</p>"
        "<table><tr><th>Contract</th><th>Settlement time</th></tr><tr><td>VIBUSDT</td><td>2026-05-14 09:00 (UTC)</td></tr><tr><td>CHZUSDT</td><td>2026-05-14 09:00 (UTC)</td></tr></table>",
    ),
    notice(
        "Binance Will Support the Onex (ONEX) Network Upgrade & Hard Fork - 2026-05-20",
        "<p>The network upgrade and hard fork will take place at the block height of 1,234,567, or approximately at 2026-05-20 12:00 (UTC).</p>"
        "<p>Deposits and withdrawals of tokens on the Onex (ONEX) network will be suspended from 2026-05-20 11:00 (UTC).</p><p>The trading of these tokens will not be affected.</p>",
    ),
    notice("Binance Completes the Onex (ONEX) Token Swap", "<p>Binance has completed the token swap of ONEX. Deposits and withdrawals are open.</p>"),
    notice("Trade ONEX and Share a 10,000 USDT Prize Pool", "<p>From 2026-05-10 00:00 (UTC) trade ONEX/USDT and win a share of the prize pool.</p>"),
)  # fmt: skip


def check(notices: list[Notice], one_in: int = 1) -> None:
    total = same = 0
    broken = []
    for name, changed, differs in differences(notices, SymbolSplitter(), one_in):
        total += 1
        same += not differs
        if differs:
            broken.append(f"{name}: {changed.title[:60]}: {differs}")
    assert total >= len(notices)
    assert same >= NEEDED * total, f"{same} of {total}\n" + "\n".join(broken)


def test_own_notices_mean_the_same_in_every_rewording() -> None:
    check(list(OWN))


def test_the_own_notices_are_read() -> None:
    splitter = SymbolSplitter()
    assert [reading(each, splitter)["category"] for each in OWN[:4]] == [
        "delisting", "wallet_suspension", "delisting", "hard_fork",
    ]  # fmt: skip
    assert [reading(each, splitter)["event"] for each in OWN] == [True, True, True, True, False, False]
    assert reading(OWN[2], splitter)["tickers"] == ("CHZUSDT", "VIBUSDT")


@pytest.mark.skipif(not CAPTURES.exists(), reason="the captures are not here")
@pytest.mark.long
def test_captured_articles_mean_the_same_in_every_rewording() -> None:
    """Thirty articles, a sixth of the rewordings each; all of them for all: `python -m benchmarks.rewordings`."""
    check(captured(count=30), one_in=6)


@pytest.mark.parametrize("name", REWORDINGS)
def test_every_rewording_changes_something(name: str) -> None:
    assert any(REWORDINGS[name](each) != each for each in OWN)

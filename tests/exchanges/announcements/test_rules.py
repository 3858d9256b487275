"""The table of rules: titles of many exchanges and wordings, none of them from the captures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchanges.announcements.classification.classify import classify
from exchanges.announcements.classification.rules import RULES
from exchanges.announcements.frames.concepts import Concept
from exchanges.announcements.frames.tagger import may_mention, tag
from exchanges.announcements.text.dates.zones import named_zones, with_zones
from exchanges.announcements.text.normalise import masked

EVENTS = [
    ("delisting", "Foo Will Offline Certain Futures Markets"),
    ("delisting", "Announcement of Offline Tokenized Stock Futures Contracts"),
    ("delisting", "Bar to Terminate Transaction Support for Foo (FOO)"),
    ("delisting", "Bar Removes Foo Coin (FOO)"),
    ("delisting", "Foo Futures Will Unlist BARUSDT Perpetual Contract"),
    ("delisting", "Foo Will Delist Several Pairs From Spot and Margin"),
    ("wallet_suspension", "Notice on Withdrawal Deadline for Delisted Tokens"),
    ("wallet_suspension", "Funding for FOO Will Be Disabled"),
    ("network_upgrade", "Notice on the Foo (FOO) Merge Upgrade"),
    ("network_upgrade", "Bar Supports the Osaka Upgrade on Foo"),
    ("hard_fork", "Support for Foo(FOO) Hard Fork and Suspension of Deposits"),
    ("token_migration", "Bar to support FOO to BAZ upgrade"),
    ("token_migration", "Bar Supports Foo (FOO) Upgrade to Baz (BAZ)"),
    ("token_migration", "Bar Will Support the Foo (FOO) Token Merge to Baz (BAZ)"),
    ("delisting", "Bar Will Delist FOO and Convert Remaining Balances to USDC"),
    ("delisting", "FOO no longer available to trade on Bar from March 3"),
    ("risk_warning", "FOO Has Been Tagged ST"),
    ("trading_suspension", "Notice of Temporary Service Suspension for Server Inspection"),
    ("token_migration", "Bar to discontinue FooChain and swap FOO to BAZ"),
    ("risk_warning", "Bar Tags FOO as ST"),
    ("risk_warning", "FOO Price Volatility Risk Alert"),
    ("risk_warning", "Special Treatment Notice: FOO"),
    ("trading_suspension", "Scheduled System Upgrade Notice for Spot Trading"),
    ("delisting", "Foo Announces the First Batch of Vote to Delist Results and Will Delist AAA, BBB on 2026-04-16"),
    ("delisting", "Foo Will Delist AAA, BBB and Remove Selected Earn Products"),
    ("delisting", "Foo Margin And Loan Will Delist AAA on 2026-04-17"),
    ("delisting", "Notice to API Users: Removal of AAA/BTC Spot Trading Pair"),
    ("delisting", "Adjustment of Delisting Time for AAA"),
    ("wallet_suspension", "Announcement on the Suspension of Deposit and Withdrawal Services for Foo (FOO)"),
    ("risk_warning", "Notice on Extension of Investment Warning for Foo(FOO)"),
    ("delisting", "Binance Futures Will Remove FOOUSDT Perpetual Contract"),
    ("delisting", "Binance Margin Will Remove FOO/BTC Isolated Margin Pair"),
    ("delisting", "Binance Options Will Delist DOGE Options"),
    ("delisting", "Binance Will Cease Trading on FOO Pairs"),
    ("delisting", "Bybit Leveraged Tokens to Be Discontinued"),
    ("delisting", "Bybit Will Discontinue Trading of FOO/USDT"),
    ("delisting", "Bybit to Delist FOO/USDT Spot Trading Pair"),
    ("delisting", "De-listing of Foo (FOO) Trading Pairs"),
    ("delisting", "Delisting of FOOUSDT, BARUSDT Perpetual Contracts"),
    ("delisting", "Discontinuation of Support for Foo (FOO)"),
    ("delisting", "FOO to be delisted from BingX Standard Futures"),
    ("delisting", "Foo (FOO) will cease trading on Kraken"),
    ("delisting", "Gate.io Will Delist 12 Tokens Including FOO, BAR"),
    ("delisting", "Important Notice: Termination of FOO/KRW Market"),
    ("delisting", "Kraken will be delisting Monero (XMR) in the EEA"),
    ("delisting", "KuCoin will end trading support for FOO"),
    ("delisting", "Notice of Offboarding Foo (FOO)"),
    ("delisting", "Notice on Delisting FOO Spot Trading and Withdrawal Suspension"),
    ("delisting", "Notice on the Removal of Selected Margin Trading Pairs"),
    ("delisting", "OKX to delist margin trading and perpetual futures for several cryptos"),
    ("delisting", "Postponement of FOO Delisting"),
    ("delisting", "Removal of FOOUSDT from Derivatives"),
    ("delisting", "Settlement and Delisting of BTC Quarterly Options Contracts"),
    ("delisting", "Sunset of FOO/USDC Market"),
    ("delisting", "Upbit: End of trading support for Foo (FOO)"),
    ("delisting", "Upcoming delisting of FOO, BAR"),
    ("delisting", "Updated: Delisting of FOO"),
    ("hard_fork", "Binance Will Support the Foo (FOO) Hard-Fork"),
    ("hard_fork", "Gate to support ETC hard fork"),
    ("hard_fork", "OKX to support BSC Network Hard Forks"),
    ("network_upgrade", "Binance Will Support the Upgrade of the Cosmos (ATOM) Network"),
    ("network_upgrade", "Bybit Supports the Cosmos (ATOM) Mainnet Upgrade"),
    ("network_upgrade", "KuCoin Will Support the Foo (FOO) Network Upgrade"),
    ("network_upgrade", "OKX to support Celestia network upgrade"),
    ("risk_warning", "Binance Adds the Monitoring Tag to FOO, BAR and BAZ"),
    ("risk_warning", "Binance Will Apply Monitoring Tag to FOO"),
    ("risk_warning", "Bybit: Risk Warning for FOO Holders"),
    ("risk_warning", "Gate: ST Warning for FOO"),
    ("risk_warning", "KuCoin Will Add ST Tag to FOO"),
    ("risk_warning", "OKX adds special treatment (ST) tag to FOO"),
    ("risk_warning", "Upbit: Designation of Foo (FOO) as Cautionary Asset"),
    ("token_migration", "Announcement on the Renaming of FOO to BAR"),
    ("token_migration", "Binance Will Support the Merge of Foo (FOO) and Bar (BAR)"),
    ("token_migration", "Bybit to Support Foo (FOO) Rebranding to Bar (BAR)"),
    ("token_migration", "FOO 1:1000 Token Split"),
    ("token_migration", "Foo (FOO) Mainnet Token Swap"),
    ("token_migration", "Foo (FOO) Ticker Change to BAR"),
    ("token_migration", "Gate will support the FOO to BAR token migration"),
    ("token_migration", "KuCoin Will Support the Foo (FOO) Contract Swap"),
    ("token_migration", "OKX will support FOO redenomination"),
    ("token_migration", "Upbit: FOO contract migration and ticker change"),
    ("trading_suspension", "Binance Temporarily Suspends Spot Trading"),
    ("trading_suspension", "Bitget Temporarily Suspends Spot Trading of FOO/USDT"),
    ("trading_suspension", "Coinbase will suspend trading for Foo (FOO) on August 1, 2026"),
    ("trading_suspension", "FOO/USDT Trading Paused"),
    ("trading_suspension", "Notice of Temporary Suspension of Futures Trading"),
    ("trading_suspension", "Scheduled System Upgrade: All Spot Trading Suspended"),
    ("trading_suspension", "System Maintenance Notice - Spot and Futures Trading"),
    ("trading_suspension", "Temporary Suspension of Trading for FOO"),
    ("trading_suspension", "Trading Halt: Foo (FOO)"),
    ("wallet_suspension", "BTC Withdrawals Temporarily Unavailable"),
    ("wallet_suspension", "Binance Temporarily Suspends Deposits and Withdrawals on the Polygon Network"),
    ("wallet_suspension", "Binance Will Discontinue Support for Deposits and Withdrawals of FOO via BEP2"),
    ("wallet_suspension", "Binance to Stop Supporting FOO Deposits on BEP2"),
    ("wallet_suspension", "Bybit: Scheduled Wallet Maintenance for BTC"),
    ("wallet_suspension", "Gate Will Suspend SUI Deposits and Withdrawals Due to Wallet Maintenance"),
    ("wallet_suspension", "KuCoin Has Suspended Deposits and Withdrawals of FOO"),
    ("wallet_suspension", "Maintenance of the Solana Network"),
    ("wallet_suspension", "Network Maintenance for Arbitrum One"),
    ("wallet_suspension", "Notice on FOO Withdrawal Suspension"),
    ("wallet_suspension", "OKX to temporarily suspend deposits and withdrawals of ETH"),
    ("wallet_suspension", "Suspension of Deposit and Withdrawal Services for FOO on Ethereum"),
    ("wallet_suspension", "Temporary suspension of FOO deposits and withdrawals"),
]

NO_EVENTS = [
    "Foo Margin System Upgrade Notice",
    "Foo COIN-M Futures Trading Service Upgrade Notice",
    "Foo Will Delist the Sandbox Mode",
    "Foo Bots Will Delist 5 Pairs",
    "Foo Will Remove Several Tokens From Cross Margin Collateral",
    "Foo Updates the List of Delisted Token Withdrawal Guides",
    "Foo Copy Trading Pairs Adjustment: 12 Removed",
    "ST Label Removed From FOO",
    "Foo Will Support the Bar (BAR) Airdrop Following Mainnet Upgrade",
    "Foo Will Terminate Support for the BAR Burn Mechanism",
    "Introducing the Monitoring Tag and Seed Tag",
    "Notice on Conversion of Delisted Token Balances Into Stablecoins",
    "Foo to delist several tokens from flexible loan",
    "Foo Delists Several Trading Pairs From Spot Trading Bots",
    "Foo Will Open Deposits for the New BAR Token After Swap",
    "Notice on Removal of Fiat Channels for RUB",
    "Beware of Fake Delisting Notices",
    "Zero-Fee Pairs Update: FOO/USDT Removed",
    "Introducing New Delisting Rules for Spot Tokens",
    "How to View Delisting Information for Tokens",
    "Foo Delisting Guidelines & Frequently Asked Questions",
    "Vote to Delist: First Batch",
    "Foo (FOO) Removed from Investment Warning",
    "Foo Completed the Removal of AAA",
    "Foo to list AAAUSD and BBBUSD Expiry Perps (X-Perp)",
    "Foo Margin Adds AAA/USDT and Removes Interest Discount",
    "Adjustment to Tick Size of FOOUSDT Perpetual Contract",
    "Announcement of Delivery Settlement for FOO Pre-Market Futures",
    "Binance Convert Will Delist FOO",
    "Binance Earn to End Locked Products for FOO",
    "Binance Futures Will Launch FOOUSDT Perpetual Contract",
    "Binance Has Completed the Foo (FOO) Network Upgrade & Hard Fork",
    "Binance Launchpool: Farm FOO",
    "Binance Loans Will Remove FOO as Loanable Asset",
    "Binance Margin Adds New Pairs",
    "Binance NFT Will Discontinue Support for Polygon NFTs",
    "Binance Pay Will Remove FOO",
    "Binance Removes Monitoring Tag for FOO",
    "Binance Removes Trading Fees for BTC Spot Trading Pairs",
    "Binance Resumes Deposits and Withdrawals on the Polygon Network",
    "Binance Simple Earn Will Delist FOO",
    "Binance Spot WebSocket Streams Upgrade",
    "Binance Will Adjust Collateral Ratios of Multiple Assets",
    "Binance Will End Zero-Fee Promotion on FDUSD Spot Trading Pairs",
    "Binance Will List Foo (FOO) and Delist It from Binance Alpha",
    "Binance Will Update Leverage and Margin Tiers of FOOUSDT",
    "Bitget Discontinues Affiliate Program",
    "Bybit Card: Service Termination in EEA",
    "Bybit to Remove FOO From Flexible Savings",
    "Cessation of Support for iOS 12 in Binance App",
    "Delisting of FOO Cancelled",
    "Dual Investment Will Stop Supporting FOO",
    "FOO deposits and withdrawals have resumed",
    "Foo (FOO) Will Be Listed on Binance Spot and Removed From Alpha",
    "Foo Trading Competition Ends Soon",
    "Kraken Pro Mobile App Maintenance",
    "KuCoin Has Completed the Foo (FOO) Token Swap",
    "KuCoin Wallet Will Suspend Services",
    "Notice on Removal of FOO from Collateral List of Portfolio Margin",
    "Notice on Removal of Trading Bots Services",
    "OKX API Deprecation Notice: Endpoint Removal",
    "Removal of Copy Trading Lead Portfolio Pairs",
    "Spot Grid Bot to Delist FOO/USDT",
    "Trade FOO to Share 10,000 USDT: Stop Loss Challenge",
    "Trading Server Migration Notice",
    "Upgrade of KuCoin Futures Trading Interface",
    "VIP Program Upgrade",
]


@pytest.mark.parametrize(("category", "title"), EVENTS)
def test_a_title_that_puts_something_at_risk_is_an_event_of_its_category(category: str, title: str) -> None:
    match = classify(title)
    assert match.rule is not None
    assert (match.rule.event, match.rule.category) == (True, category), match


@pytest.mark.parametrize("title", NO_EVENTS)
def test_a_title_that_puts_nothing_at_risk_is_no_event(title: str) -> None:
    match = classify(title)
    assert match.rule is None or not match.rule.event, match


@pytest.mark.parametrize("words", ["VIP", "NFT", "launch", "Margin", "Promotion", "Airdrop", "API"])
def test_a_removal_outranks_words_that_suppress(words: str) -> None:
    match = classify(f"{words} News: Foo Margin Will Delist the AAA/BTC Margin Pair")
    assert match.rule is not None and match.rule.event and match.rule.category == "delisting"


@pytest.mark.parametrize(
    "word", ["Delist", "Delists", "Delisting", "Delisted", "De-list", "de-listing", "DELISTING", "delistings"]
)
def test_every_form_of_delist_is_known(word: str) -> None:
    match = classify(f"{word} AAA")
    assert match.rule is not None and match.rule.event


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Foo Has Completed the Bar (BAR) Token Swap", "swap-completed"),
        ("Foo Has Completed the Bar (BAR) Network Upgrade & Hard Fork", "upgrade-completed"),
        ("Foo Will Resume Trading for AAA/USDT", "trading-resumed"),
        ("Foo Resumes Deposits and Withdrawals on the Polygon Network", "wallet-resumed"),
        ("Removal of AAA/BTC Spot Trading Pair Cancelled", "delisting-cancelled"),
    ],
)
def test_notices_that_end_an_event_keep_its_category(title: str, name: str) -> None:
    match = classify(title)
    assert match.name == name
    assert match.rule is not None and not match.rule.event and match.rule.category is not None


def test_a_generic_title_is_decided_by_the_body() -> None:
    title = "Important Notice to All Users"
    assert classify(title).rule is None
    assert classify(title, ["We will delist the following trading pairs."]).name == "body-removal"
    assert classify(title, ["Spot trading will be suspended at 08:00."]).name == "body-halt"
    assert classify(title, ["Deposits of AAA have been suspended."]).name == "body-wallet"


@pytest.mark.parametrize(
    "sentence",
    [
        "Foo reserves the right to cancel, suspend or terminate the campaign.",
        "AAA will be delisted from Foo Alpha when trading opens.",
        "Foo may delist a token that does not meet the standards.",
        "If the price falls, trading will be suspended.",
        "The trading function will be suspended for one minute.",
    ],
)
def test_the_small_print_of_a_body_makes_no_event(sentence: str) -> None:
    assert classify("News for Our Users", [sentence]).rule is None


def test_the_body_of_a_promotion_is_not_looked_at() -> None:
    assert classify("Trade AAA and Win Rewards", ["We will delist the following trading pairs."]).name == "promotion"


def test_a_platform_upgrade_is_an_event_only_when_its_body_stops_trading() -> None:
    title = "Foo Upgrades Options Trading Platform"
    assert classify(title, ["All trading will be paused during the upgrade."]).name == "market-maintenance"
    stays = classify(title, ["Trading is not affected.", "New features are added."])
    assert stays.rule is None or not stays.rule.event


def test_a_margin_upgrade_is_an_event_only_when_a_body_stops_trading() -> None:
    title = "Foo Margin System Upgrade Notice"
    assert classify(title).rule is None
    assert classify(title, ["Margin trading will be suspended during the upgrade."]).name == "market-maintenance"


def test_the_table_can_be_printed_and_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert [rule.rank for rule in RULES] == sorted(rule.rank for rule in RULES)
    for rule in RULES:
        assert rule.explanation.endswith(".")
        assert rule.title or rule.body
        assert not rule.event or rule.category


TITLES = [*(title for _, title in EVENTS), *NO_EVENTS]


def test_the_quick_looks_of_rules_and_concepts_miss_nothing() -> None:
    for text in map(masked, TITLES):
        for rule in (rule for rule in RULES if rule.stems):
            assert rule.may_apply(text, text) or replace(rule, stems=()).may_apply(text, text) is False, rule.name
        for mention in tag(text, "en"):
            assert may_mention(text, "en", frozenset({mention.concept})), (text, mention)
    assert not may_mention("Trading of AAA goes on", "en", frozenset({Concept.FORK}))
    assert not may_mention("", "en", frozenset(Concept))


def test_the_quick_look_for_zones_misses_none() -> None:
    texts = [
        "At 08:00 CEST",
        "At 08:00 Hong Kong time",
        "at 8 utc+8",
        "Berlin local time",
        "This time",
        "XUTC",
        "北京时间",
    ]
    assert [bool(named_zones(text)) for text in texts] == [True, True, True, True, False, False, True]
    assert [text for text in with_zones(texts) if named_zones(text)] == [text for text in texts if named_zones(text)]

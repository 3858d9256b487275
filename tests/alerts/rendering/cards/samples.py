"""Facts as each detector stores them, with every key that it can store. One sample or more for each kind."""

from __future__ import annotations

from typing import Any

from events.facts import (
    AnnouncementFacts,
    DepegFacts,
    DepthDropFacts,
    HackFacts,
    HaltFacts,
    LiquidityFacts,
    SupplyRunFacts,
    VolatilityFacts,
    VolumeFacts,
    WhaleFacts,
)
from tests.alerts.rendering.cards.words import iso

VOLATILITY: VolatilityFacts = {
    "direction": "down",
    "move": -0.354839,
    "windows": ["5 min", "15 min", "1 h"],
    "price": 0.2,
    "extreme": 0.31,
    "pair": "BINANCE:LUNAUSDT",
    "last_alert": {"price": 0.25, "log_move": -0.215, "at": iso(-2)},
}
LIQUIDITY: LiquidityFacts = {
    "depth_usd": 31_234.5,
    "market": "Binance LUNA/USDT",
    "volume_24h_usd": 3_100_000.0,
    "depth_up_usd": 45_000.0,
    "depth_down_usd": 31_234.5,
    "lowest_depth_usd": 12_000.0,
    "threshold_usd": 50_000.0,
}
DEPTH_DROP: DepthDropFacts = {
    "depth": 12_000.0,
    "median_24h": 100_000.0,
    "percent_of_median": 12.0,
    "told_depth": 24_000.0,
    "quote": "USDC",
    "pair": "BINANCE:ETHUSDC",
}
WHALE: WhaleFacts = {
    "pair": "BINANCE:ETHUSDC",
    "side": "bid",
    "quote": "USDC",
    "possible_spoofs": 2,
    "price": 2345.6,
    "size": 1320.5,
    "value": 3_097_000.0,
    "score": 5,
    "distance_percent": 0.351,
    "what": "stands",
    "since": iso(-0.2),
    "standing_now": 3,
}
VOLUME: VolumeFacts = {
    "pair": "BINANCE:ETHUSDC",
    "quote": "USDC",
    "surprise": 4.31,
    "threshold": 3.02,
    "measured_at": iso(-0.1),
    "price": 2345.6,
    "move_hour": 0.0213,
    "volume_times": 14.2,
    "share_bought": 0.7312,
    "followed": {
        "n": 412,
        "days": 61,
        "share": 0.0922,
        "size": 0.0121,
        "size_interval": [0.0102, 0.014],
        "move": -0.0009,
        "move_interval": [-0.0031, 0.0013],
    },
}
VOLUME_MARKET: VolumeFacts = {"market": "BINANCE", "surprise": 1.5, "threshold": 1.2, "measured_at": iso(-0.1)}
VOLUME_DIGEST: VolumeFacts = {
    "over_budget": [f"BINANCE:LUNAUSDT {iso(-20)}, 5.1 spreads, +3.0 %", f"BINANCE:ETHUSDC {iso(-18)}, 4.2 spreads"],
    "surprise": 5.1,
    "threshold": 3.02,
    "measured_at": iso(-9),
}
HACK: HackFacts = {
    "amount": "197 M USD",
    "technique": "Flash loan; Donate function",
    "networks": "Ethereum, BSC",
    "day": "2026-10-01",
    "classification": "Protocol Logic",
    "target": "Lending",
    "amount_usd": 197_000_000,
    "amount_complete": False,
    "returned_usd": 177_000_000,
    "doubtful_amounts": [1.2e12],
    "bridge_hack": False,
    "chains": ["Ethereum", "BSC"],
    "techniques": [
        {"technique": "Flash loan", "classification": "Protocol Logic", "amount_usd": 190_000_000},
        {"technique": "Donate function", "classification": "Protocol Logic", "amount_usd": 7_000_000},
    ],
    "own_tokens": ["EUL"],
    "network_coins_hit": ["ETH"],
    "unknown_chains": ["Nowhere"],
}
HACK_WITHOUT_AMOUNT: HackFacts = {
    "amount": "several M USD",
    "technique": "Key leaked",
    "networks": "Ethereum, BSC",
    "classification": "Infrastructure",
    "target": "Bridge",
    "amount_usd": None,
    "amount_complete": False,
    "bridge_hack": True,
    "unknown_chains": ["Nowhere"],
}
DEPEG: DepegFacts = {
    "price": 0.877,
    "peg": 1.0,
    "currency": "USD",
    "deviation": -0.123,
    "worst_deviation": -0.152,
    "worst_price": 0.848,
    "off_peg_since": iso(-2),
    "duration_minutes": 118.0,
    "confirmed": True,
    "readings": 14,
    "coin": "TerraClassicUSD",
    "defillama_id": "3",
    "peg_known_from": "1 USD",
    "supply": 1_100_000_000.0,
    "supply_change_day": -0.12,
    "namesake_of": "1",
    "track": {"since": iso(-2)},
}
DEPEG_ON_VENUE: DepegFacts = {
    "price": 1.02,
    "peg": 1.08,
    "peg_known_from": "the median of 4 coins",
    "currency": "EUR",
    "deviation": -0.055556,
    "worst_deviation": -0.055556,
    "worst_price": 1.02,
    "off_peg_since": iso(0),
    "duration_minutes": 0.0,
    "confirmed": False,
    "readings": 1,
    "pair": "EURIUSDT",
    "bid": 1.0199,
    "ask": 1.0201,
    "quote_in_dollars": 1.0002,
    "track": {},
}
SUPPLY_RUN: SupplyRunFacts = {
    "coin": "USDX Money",
    "defillama_id": "9",
    "supply": 1_100_000_000.0,
    "supply_day_ago": 1_250_000_000.0,
    "supply_change_day": -0.12,
    "worst_supply_change_day": -0.15,
    "run": {"since": iso(-1), "fallen": 2},
}
NOTICE: AnnouncementFacts = {
    "rule": "removal",
    "phase": "planned",
    "market": "spot",
    "tokens": ["LUNA"],
    "tickers": ["LUNA/USDT"],
    "networks": [],
    "lifted": [],
    "body_read": True,
}
NOTICE_WITH_ALL: AnnouncementFacts = {
    **NOTICE,
    "networks": ["Terra"],
    "lifted": ["ABC", "DEF"],
    "follow_up": "Binance will postpone the removal of LUNA",
    "follow_up_url": "https://exchange.example/notice/8",
    "follow_ups": ["7", "8"],
    "instruments": {
        "BINANCE:LUNAUSDT": {"status": "BREAK", "since": iso(-1), "ends_at": None, "announced": iso(3)},
        "BINANCE:LUNABTC": {"status": "TRADING", "since": None, "ends_at": iso(2), "announced": iso(3)},
        "BINANCE:LUNAETH": {"status": "trading again", "since": iso(-5), "ends_at": None, "resumed_at": iso(-1)},
        "BINANCE:LUNAUSDC": {"status": "BREAK", "since": None, "ends_at": None, "converted": True},
    },
    "tags": {"LUNA": {"tag": "Monitoring", "since": iso(-50), "removed_at": iso(-1)}},
    "relisted": {"BINANCE:LUNA": {"ticker": "BINANCE:LUNAUSDC", "at": iso(-1)}},
}
LIST: AnnouncementFacts = {
    "status": "BREAK",
    "told_by": "the exchange's instrument list; no announcement yet",
    "instruments": {"BINANCE:LUNAUSDT": {"status": "BREAK", "since": iso(-1), "ends_at": None}},
}
TAG: AnnouncementFacts = {"tag": "Monitoring", "told_by": "the exchange's product list"}
HALT: dict[str, Any] = {
    "signals": ["list:BINANCE", "system status"],
    "halted on BINANCE": "15 of 40 instruments",
    "halted on BINANCE_USDM": "9 of 30 instruments",
}
MAINTENANCE: HaltFacts = {"signals": ["system status"], "said": "Spot upgrade", "service": "5"}
MANUAL: dict[str, Any] = {"note": "rumour of insolvency"}
OPERATIONS: dict[str, Any] = {
    "error": "silent since 2026-10-02 07:00 UTC. the upstream did not answer within 10 s",
    "not seen": "Announcements of Binance (delistings, suspensions): what came since 02 Oct 2026 07:00 UTC is not seen",
}
EVERY: dict[str, dict[str, Any]] = {
    name: dict(value) for name, value in globals().copy().items() if name.isupper() and isinstance(value, dict)
}

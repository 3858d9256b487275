"""Messages of every kind and category, as the updaters store their events: what the golden files show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.rendering.links import links_without_effect
from alerts.rendering.message import Message, Notice, Unanswered
from alerts.rendering.past import Restriction
from alerts.rendering.summary import Deferral, Manual, summarize
from events.models import Effect, Event
from events.positions.exposure import Exposure
from events.positions.phrases import touched
from markets.watch import WatchLists
from tests.alerts.factories import NOW

BASE = "https://ews.example"
WATCHED = frozenset({"LUNA", "ETH", "BTC", "USDC", "UST", "SHIB", "CRV", "RON", "ABC"})
WATCH = WatchLists(WATCHED, WATCHED, frozenset({"USDT", "USDC", "USD", "BTC"}))
NOTICE = "https://www.binance.com/en/support/announcement/7"
CASES: dict[str, Callable[[], Message]] = {}


def at(**span: float) -> datetime:
    return NOW + timedelta(**span)


def date(what: str, *tickers: str, **span: float) -> dict[str, Any]:
    return {"at": at(**span).isoformat(), "what": what, "tickers": list(tickers)}


def effect(token: str, action: str, status: str = "trading", **fields: Any) -> Effect:
    venue = fields.pop("venue", "BINANCE")
    own = {"BINANCE": f"BINANCE:{token}USDT", "BINANCE_USDM": f"BINANCE_USDM:{token}USDT", "OKX": f"OKX:{token}-USDT"}
    return Effect(
        **{
            "token": token,
            "scope": "venue" if venue else "asset",
            "venue": venue,
            "tickers": [own.get(venue, f"BINANCE:{token}USDT")],
            "action": action,
            "trading_status": status,
            "risk_level": "critical" if action in ("exit", "halt") else "high",
            **fields,
        }
    )


def message(
    category: str,
    effects: Sequence[Effect] = (),
    reasons: Sequence[str] = ("opened",),
    *,
    changes: Any = None,
    acknowledged_by: str = "",
    unanswered: Unanswered | None = None,
    correction: str = "",
    others: Sequence[Restriction] = (),
    flaps: int = 0,
    deferred: Deferral | None = None,
    manual: Manual | None = None,
    positions: Any = None,
    minimal: bool = False,
    **fields: Any,
) -> Message:
    event = Event(
        **{
            "pk": 7,
            "source": "binance",
            "category": category,
            "priority": "low" if category == "operations" else "high",
            "status": "open",
            "title": "A notice",
            "url": NOTICE,
            "published_at": at(minutes=-2),
            "seen_at": at(minutes=-1),
            "opened_at": at(hours=-3),
            "updated_at": NOW,
            **fields,
        }
    )
    summary = summarize(event, effects, WATCH, list(reasons), changes or {}, flaps, others, deferred, manual,
                        positions=positions)  # fmt: skip
    acts = links_without_effect(BASE) if event.status == "open" else ()
    if acknowledged_by:
        acts = tuple(link for link in acts if link.act != "acknowledge")
    return Message(summary, NOW, BASE, minimal, "cex", "alert-1", acts, acknowledged_by, unanswered, correction)


def case(build: Callable[[], Message]) -> Callable[[], Message]:
    CASES[build.__name__] = build
    return build


def notice(text: Notice) -> Message:
    return Message(text, NOW, BASE, channel="cex", key="alert-2")


CLOSED: dict[str, Any] = {"status": "closed", "closed_at": NOW, "reasons": ("closed",)}
DELISTING: dict[str, Any] = {
    "title": "Binance Will Delist LUNA and UST on 2026-10-03",
    "facts": {"rule": "delisting", "phase": "announced", "market": "spot", "tokens": ["LUNA", "UST"], "tickers": [],
              "networks": [], "lifted": [], "body_read": True},
}  # fmt: skip


@case
def delisting_of_a_pair() -> Message:
    pair = effect("ETH", "exit", "delisting", scope="pairs", tickers=["BINANCE:ETHUSDC"], trading_ends_at=at(hours=17))
    return message(
        "delisting",
        [pair],
        title="Notice of Removal of Spot Trading Pairs - 2026-10-03",
        facts={**DELISTING["facts"], "tokens": [], "tickers": ["ETH/USDC"]},
        important_dates=[date("trading ends", "BINANCE:ETHUSDC", hours=17)],
    )


@case
def delisting_of_two_coins() -> Message:
    ends = at(hours=43)
    return message(
        "delisting",
        [effect(token, "reduce_only", "delisting", trading_ends_at=ends) for token in ("LUNA", "UST")],
        important_dates=[
            date("trading ends", "BINANCE:LUNAUSDT", "BINANCE:USTUSDT", hours=43),
            date("withdrawals end", days=30),
        ],
        **DELISTING,
    )


@case
def delisting_of_many_coins() -> Message:
    tokens = ["LUNA", "UST", *(f"COIN{number}" for number in range(14))]
    watch = [effect(token, "exit", "delisting", trading_ends_at=at(hours=17)) for token in tokens]
    return message("delisting", watch, title="Binance Will Delist 16 Tokens on 2026-10-03", facts=DELISTING["facts"])


@case
def delisting_of_margin_pairs_without_names() -> Message:
    tokens = ("LUNA", "UST", "CRV")
    pairs = [effect(token, "reduce_only", "delisting", venue="BINANCE_MARGIN", scope="pairs", tickers=[],
                    trading_ends_at=at(days=7)) for token in tokens]  # fmt: skip
    return message(
        "delisting",
        pairs,
        title="Binance Margin And Loan Will Delist LUNA, UST, CRV on 2026-10-09",
        facts={**DELISTING["facts"], "market": "margin", "tokens": ["LUNA", "UST", "CRV"]},
    )


@case
def delisting_of_coins_and_pairs() -> Message:
    return message(
        "delisting",
        [
            effect("LUNA", "exit", "delisting", trading_ends_at=at(hours=17)),
            effect("UST", "reduce_only", "delisting", venue="OKX", trading_ends_at=at(days=3)),
            effect("ETH", "reduce_only", "delisting", scope="pairs", trading_ends_at=at(days=3),
                   tickers=["BINANCE:ETHUSDC", "BINANCE:ETHUSDT", "BINANCE:ETHTRY"]),
            effect("XYZ", "exit", "delisting", trading_ends_at=at(hours=17)),
        ],
        important_dates=[date("trading ends", hours=17), date("trading ends", "BINANCE:ETHUSDC", days=3)],
        **DELISTING,
    )  # fmt: skip


@case
def delisting_of_a_contract() -> Message:
    contract = effect(
        "LUNA", "exit", "delisting", venue="BINANCE_USDM", scope="pairs", tickers=["BINANCE_USDM:LUNAUSDT"],
        trading_ends_at=at(hours=5),
    )  # fmt: skip
    return message(
        "delisting",
        [contract],
        title="Binance Futures Will Delist USDⓈ-M LUNAUSDT Perpetual Contract",
        facts={**DELISTING["facts"], "market": "usdm"},
        important_dates=[date("settlement", "BINANCE_USDM:LUNAUSDT", hours=5)],
    )


@case
def delisting_at_several_markets() -> Message:
    """Each market has its own end, and its own action."""
    return message(
        "delisting",
        [
            effect("LUNA", "reduce_only", "delisting", trading_ends_at=at(days=5)),
            effect("LUNA", "exit", "delisting", venue="BINANCE_USDM", trading_ends_at=at(hours=3)),
        ],
        important_dates=[date("trading ends", days=5), date("trading ends", hours=3), date("withdrawals end", days=30)],
        **DELISTING,
    )


@case
def reminder_at_the_moment() -> Message:
    gone = effect("LUNA", "halt", "delisted", trading_ends_at=at(days=-5))
    return message(
        "delisting", [gone], ("reminder",), important_dates=[date("withdrawals end", seconds=-20)], **DELISTING
    )


@case
def exchange_halt_of_everything() -> Message:
    everything = effect("*", "halt", "trading_suspended", venue="BINANCE", tickers=[])
    ours = [effect(token, "halt", "trading_suspended") for token in ("ETH", "LUNA")]
    return message(
        "exchange_halt",
        [everything, *ours],
        title="Binance has halted trading",
        url="",
        facts={"signals": ["list:BINANCE", "system_status"], "halted on BINANCE": "1,912 of 2,011 instruments"},
    )


@case
def outage_over_and_seen_again() -> Message:
    facts = {
        "not seen": "Delistings on Binance: what came since 02 Oct 2026 07:25 UTC is not seen",
        "error": "HTTP 503",
    }
    return message("operations", [], title="Source binance.announcements is silent", source="operations", url="",
                   facts=facts, close_reason="the source answers again", **CLOSED)  # fmt: skip


@case
def delisting_seen_in_the_list() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "halt", "delisted", trading_ends_at=at(minutes=-5))],
        title="LUNAUSDT: trading on Binance has ended",
        url="",
        facts={
            "status": "BREAK",
            "told_by": "the exchange's instrument list; no announcement yet",
            "instruments": {"BINANCE:LUNAUSDT": {"status": "BREAK", "since": at(minutes=-5).isoformat()}},
        },
    )


@case
def delisting_worse() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "exit", "delisting", trading_ends_at=at(hours=19))],
        ("worse",),
        changes={"LUNA on BINANCE": ["reduce_only delisting", "exit delisting"]},
        **DELISTING,
    )


@case
def delisting_postponed() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "reduce_only", "delisting", trading_ends_at=at(days=7, hours=19))],
        ("updated",),
        changes={
            "important_dates": [
                [[at(hours=19).isoformat(), "trading ends", []]],
                [[at(days=7, hours=19).isoformat(), "trading ends", []]],
            ],
            "effects": [
                ["LUNA: venue on BINANCE, ends 2026-10-03 03:00"],
                ["LUNA: venue on BINANCE, ends 2026-10-10 03:00"],
            ],
        },
        important_dates=[date("trading ends", days=7, hours=19)],
        title=DELISTING["title"],
        facts={
            **DELISTING["facts"],
            "follow_up": "Delisting of LUNA Postponed",
            "follow_up_url": NOTICE,
            "follow_ups": ["8"],
        },
    )


@case
def delisting_reminder() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "exit", "delisting", trading_ends_at=at(minutes=59))],
        ("reminder",),
        important_dates=[date("trading ends", "BINANCE:LUNAUSDT", minutes=59), date("withdrawals end", days=30)],
        acknowledged_by="ann, since 2026-10-01 07:10 UTC: closing by hand",
        **DELISTING,
    )


@case
def delisting_still_open() -> Message:
    return message(
        "delisting", [effect("LUNA", "reduce_only", "delisting", trading_ends_at=at(days=6))], ("repeat",), **DELISTING
    )


@case
def delisting_escalated() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "exit", "delisting", trading_ends_at=at(hours=19))],
        ("escalated",),
        unanswered=Unanswered("cex", at(minutes=-35)),
        **DELISTING,
    )


@case
def delisting_taken_back() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "exit", "delisting", trading_ends_at=at(hours=19))],
        close_reason="its source no longer lists it",
        **CLOSED,
        **DELISTING,
    )


@case
def delisting_over_and_another_event_holds() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "exit", "delisting"), effect("UST", "exit", "delisting")],
        close_reason="its time had passed",
        others=[Restriction(12, "LUNA", "asset", "", (), "reduce_only", "trading")],
        **CLOSED,
        **DELISTING,
    )


@case
def delisting_false_alarm() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "exit", "delisting", trading_ends_at=at(hours=19))],
        false_alarm=True,
        close_reason="false alarm by ann: LUNA was renamed, not removed",
        **CLOSED,
        **DELISTING,
    )


@case
def delisting_corrected() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "watch", "trading", risk_level="high")],
        ("updated",),
        changes={
            "LUNA on BINANCE": ["action exit, trading_status delisting", "action watch, trading_status trading"],
            "title": ["Binance Will Delist LUNA", "Binance will rename LUNA"],
        },
        correction="ann: it is a renaming",
        title="Binance will rename LUNA",
        facts=DELISTING["facts"],
    )


@case
def delisting_lowered() -> Message:
    return message(
        "delisting",
        [effect("XYZ", "reduce_only", "delisting")],
        ("updated",),
        changes={"priority": ["high", "low"]},
        priority="low",
        title="Binance Will Delist XYZ",
        facts=DELISTING["facts"],
    )


@case
def delisting_with_positions() -> Message:
    rows = [
        Exposure("OKX", "USDC", "", Decimal(1_200_000), Decimal(1_200_000), False, at(minutes=-5), ("desk",)),
        Exposure("BINANCE_USDM", "LUNA", "LUNAUSDT", Decimal("-3.5"), None, False, at(hours=-26), ("desk",)),
    ]
    return message(
        "delisting",
        [effect("LUNA", "exit", "delisting", trading_ends_at=at(hours=19))],
        positions=touched(rows, NOW, timedelta(hours=24)),
        **DELISTING,
    )


@case
def delisting_silenced_before() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "reduce_only", "delisting", trading_ends_at=at(days=6))],
        deferred=Deferral(at(hours=-4), "silenced"),
        **DELISTING,
    )


@case
def delisting_delayed_by_its_channel() -> Message:
    return message(
        "delisting",
        [effect("LUNA", "reduce_only", "delisting", trading_ends_at=at(days=6))],
        ("opened", "updated"),
        deferred=Deferral(at(minutes=-40), "delayed", delayed=True),
        changes={"title": ["Binance Will Delist LUNA", "Binance Will Delist LUNA and UST on 2026-10-03"]},
        **DELISTING,
    )


@case
def hard_fork() -> Message:
    return message(
        "hard_fork",
        [effect("ETH", "avoid_new", venue="", tickers=["BINANCE:ETHUSDT", "BINANCE:ETHBTC", "OKX:ETH-USDT"])],
        title="Binance Will Support the Ethereum (ETH) Hard Fork",
        important_dates=[date("deposits and withdrawals close", days=2), date("hard fork", days=2, hours=1)],
        facts={"phase": "announced", "networks": ["ETH"]},
        network_tokens=["SHIB", "USDC"],
    )


@case
def network_upgrade() -> Message:
    return message(
        "network_upgrade",
        [effect("BTC", "avoid_new", "wallet_suspended")],
        ("worse",),
        changes={"BTC on BINANCE": ["avoid_new trading", "avoid_new wallet_suspended"]},
        title="Binance Will Support the Bitcoin Network Upgrade",
        important_dates=[date("upgrade", hours=1)],
        facts={"phase": "announced", "networks": ["BTC"]},
    )


@case
def token_migration() -> Message:
    return message(
        "token_migration",
        [effect("LUNA", "reduce_only", trading_ends_at=at(days=3))],
        title="Binance Will Support the Terra (LUNA) Redenomination and Rebranding to Terra 2 (LUNA2)",
        important_dates=[
            date("trading ends", days=3),
            date("snapshot", days=3, hours=2),
            date("trading begins", days=5),
        ],
        facts={"phase": "announced"},
    )


@case
def trading_suspension() -> Message:
    return message(
        "trading_suspension",
        [effect("LUNA", "halt", "trading_suspended", tickers=["BINANCE:LUNAUSDT", "BINANCE:LUNABTC"])],
        title="Binance Will Suspend Spot Trading on LUNA",
        facts={"phase": "in_force", "market": "spot"},
    )


@case
def trading_suspension_over() -> Message:
    return message(
        "trading_suspension",
        [effect("LUNA", "halt", "trading_suspended", tickers=["BINANCE:LUNAUSDT", "BINANCE:LUNABTC"])],
        title="Binance Will Suspend Spot Trading on LUNA",
        close_reason="trading has resumed",
        facts={"phase": "in_force", "market": "spot"},
        **{**CLOSED, "opened_at": at(hours=-3, minutes=-10)},
    )


@case
def wallet_suspension() -> Message:
    return message(
        "wallet_suspension",
        [effect("USDC", "avoid_new", "withdrawals_suspended", venue="OKX")],
        source="okx",
        title="OKX to suspend withdrawals of USDC on the Polygon network",
        url="https://www.okx.com/help/x",
        facts={"phase": "in_force", "networks": ["Polygon"]},
    )


@case
def risk_warning_tag() -> Message:
    return message(
        "risk_warning",
        [effect("LUNA", "avoid_new", tickers=["BINANCE:LUNAUSDT", "BINANCE:LUNABTC", "BINANCE:LUNATRY"])],
        title="Binance has put the Monitoring tag on LUNA",
        url="",
        facts={"tag": "Monitoring", "told_by": "the exchange's product list"},
    )


@case
def risk_warning_redemption_run() -> Message:
    return message(
        "risk_warning",
        [effect("USDC", "avoid_new", venue="")],
        source="defillama",
        title="USDC: supply fell by 12 % in a day, a redemption run",
        url="https://defillama.com/stablecoin/usd-coin",
        published_at=None,
        facts={
            "coin": "USD Coin", "defillama_id": "2", "supply": 30_100_000_000.0, "supply_day_ago": 34_200_000_000.0,
            "supply_change_day": -0.1199, "worst_supply_change_day": -0.131, "run": {},
        },
    )  # fmt: skip


DEPEG: dict[str, Any] = {
    "source": "defillama",
    "url": "https://defillama.com/stablecoin/usd-coin",
    "published_at": None,
}
DEPEG_FACTS: dict[str, Any] = {
    "price": 0.912, "peg": 1.0, "currency": "USD", "deviation": -0.088, "worst_deviation": -0.12, "worst_price": 0.88,
    "off_peg_since": (NOW - timedelta(minutes=35)).isoformat(), "duration_minutes": 35.0, "confirmed": True,
    "readings": 4, "coin": "USD Coin", "defillama_id": "2", "supply": 42_600_000_000.0, "supply_change_day": -0.034,
    "track": {},
}  # fmt: skip


@case
def depeg() -> Message:
    return message(
        "depeg",
        [effect("USDC", "exit", venue="", tickers=["BINANCE:USDCUSDT", "OKX:USDC-USDT"])],
        title="USDC is 8.8 % below its peg, at 0.912 USD",
        facts=DEPEG_FACTS,
        **DEPEG,
    )


@case
def depeg_worse() -> Message:
    return message(
        "depeg",
        [effect("USDC", "exit", venue="")],
        ("worse",),
        changes={"USDC": ["reduce_only trading", "exit trading"], "title": ["USDC is 1.8 % below its peg, at 0.982 USD",
                 "USDC is 8.8 % below its peg, at 0.912 USD"]},
        title="USDC is 8.8 % below its peg, at 0.912 USD",
        facts=DEPEG_FACTS,
        **DEPEG,
    )  # fmt: skip


@case
def depeg_turned() -> Message:
    return message(
        "depeg",
        [effect("USDC", "reduce_only", venue="")],
        ("turned",),
        changes={"title": ["USDC is 1.8 % below its peg, at 0.982 USD", "USDC is 2.1 % above its peg, at 1.021 USD"]},
        title="USDC is 2.1 % above its peg, at 1.021 USD",
        facts={**DEPEG_FACTS, "price": 1.021, "deviation": 0.021},
        **DEPEG,
    )


@case
def depeg_over() -> Message:
    return message(
        "depeg",
        [effect("USDC", "exit", venue="")],
        title="USDC is back at its peg (worst: 12 % below)",
        close_reason="three readings inside 0.50% of the peg",
        facts={**DEPEG_FACTS, "price": 0.999, "deviation": -0.001},
        **CLOSED,
        **DEPEG,
    )


HACK: dict[str, Any] = {
    "source": "defillama",
    "title": "Curve: hack, 61.7 M USD",
    "url": "https://x.com/curve/1",
    "published_at": None,
    "facts": {
        "amount": "61.7 M USD", "technique": "Vyper reentrancy", "networks": "Ethereum", "day": "2026-10-02",
        "classification": "Protocol Logic", "target": "DeFi Protocol", "amount_usd": 61_700_000,
        "amount_complete": True, "returned_usd": None, "bridge_hack": False, "chains": ["Ethereum"], "techniques": [],
        "own_tokens": ["CRV"], "network_coins_hit": [], "unknown_chains": [],
    },
}  # fmt: skip


@case
def hack() -> Message:
    return message(
        "hack",
        [effect("CRV", "exit", venue="", tickers=["BINANCE:CRVUSDT", "BINANCE:CRVBTC"])],
        network_tokens=["ETH"],
        **HACK,
    )


@case
def hack_without_a_token() -> Message:
    return message("hack", [], network_tokens=["ETH"], **{**HACK, "facts": {**HACK["facts"], "own_tokens": []}})


@case
def bridge_hack() -> Message:
    facts = {**HACK["facts"], "amount": "624 M USD", "amount_usd": 624_000_000, "bridge_hack": True,
             "networks": "Ronin", "chains": ["Ronin"], "target": "Bridge", "technique": "Private key compromised",
             "own_tokens": [], "network_coins_hit": ["RON"]}  # fmt: skip
    return message(
        "bridge_hack",
        [effect("RON", "exit", venue="", tickers=["BINANCE:RONUSDT"])],
        **{**HACK, "title": "Ronin Bridge: bridge hack, 624 M USD", "facts": facts},
    )


VOLATILITY: dict[str, Any] = {
    "title": "LUNA fell 35.5 % within 15 min to 0.2 USD",
    "url": "",
    "published_at": None,
    "facts": {
        "direction": "down", "move": -0.3548, "windows": ["5 min", "15 min"], "price": 0.2, "extreme": 0.31,
        "pair": "BINANCE:LUNAUSDT", "last_alert": {"price": 0.2, "log_move": -0.438, "at": NOW.isoformat()},
    },
}  # fmt: skip


@case
def volatility() -> Message:
    return message("volatility", [effect("LUNA", "avoid_new", venue="")], **VOLATILITY)


@case
def volatility_turned() -> Message:
    facts = {**VOLATILITY["facts"], "direction": "up", "move": 0.45, "price": 0.29, "extreme": 0.2}
    return message(
        "volatility",
        [effect("LUNA", "avoid_new", venue="")],
        ("turned",),
        changes={"title": ["LUNA fell 35.5 % within 15 min to 0.2 USD", "LUNA rose 45.0 % within 15 min to 0.29 USD"]},
        **{**VOLATILITY, "title": "LUNA rose 45.0 % within 15 min to 0.29 USD", "facts": facts},
    )


@case
def volatility_flapping() -> Message:
    return message("volatility", [effect("LUNA", "avoid_new", venue="")], flaps=3, **VOLATILITY)


LIQUIDITY: dict[str, Any] = {
    "source": "coinmarketcap",
    "title": "Low liquidity of LUNA",
    "url": "https://coinmarketcap.com/currencies/terra-luna-v2/",
    "published_at": None,
    "facts": {
        "depth_usd": 31_000.0, "market": "Binance LUNA/USDT", "volume_24h_usd": 3_100_000.0, "depth_up_usd": 31_000.0,
        "depth_down_usd": 48_000.0, "lowest_depth_usd": 29_500.0, "threshold_usd": 50_000.0,
    },
}  # fmt: skip


@case
def low_liquidity() -> Message:
    return message("low_liquidity", [effect("LUNA", "avoid_new", venue="")], **LIQUIDITY)


@case
def low_liquidity_over() -> Message:
    return message(
        "low_liquidity",
        [effect("LUNA", "avoid_new", venue="")],
        close_reason="two readings above the threshold",
        **CLOSED,
        **LIQUIDITY,
    )


@case
def exchange_halt() -> Message:
    tokens = ("LUNA", "ETH", "BTC", "USDC", "SHIB")
    return message(
        "exchange_halt",
        [effect(token, "halt", "trading_suspended") for token in tokens],
        title="Trading on Binance has stopped",
        url="",
        facts={"signals": ["list:BINANCE"], "halted on BINANCE": "1,912 of 2,011 instruments"},
    )


@case
def exchange_maintenance() -> Message:
    return message(
        "trading_suspension",
        [effect("LUNA", "avoid_new", venue="OKX", in_force_at=at(hours=20)), effect("ETH", "avoid_new", venue="OKX")],
        source="okx",
        title="OKX maintenance: System upgrade of spot trading",
        url="https://www.okx.com/status",
        important_dates=[date("maintenance begins", hours=20), date("planned end", hours=21)],
        facts={"signals": ["system status"], "said": "System upgrade of spot trading", "service": "Spot"},
    )


@case
def exchange_halt_over() -> Message:
    tokens = ("LUNA", "ETH", "BTC", "USDC", "SHIB")
    return message(
        "exchange_halt",
        [effect(token, "halt", "trading_suspended") for token in tokens],
        title="Trading on Binance has stopped",
        close_reason="trading has resumed",
        facts={"signals": [], "halted on BINANCE": "1,912 of 2,011 instruments"},
        **CLOSED,
    )


@case
def whale() -> Message:
    return message(
        "whale",
        [effect("LUNA", "watch", scope="pairs", tickers=["BINANCE:LUNAUSDT"])],
        source="orderbooks",
        title="Whale ask on BINANCE:LUNAUSDT: 2,310,000 USDT at 0.3105",
        url="",
        published_at=None,
        facts={
            "pair": "BINANCE:LUNAUSDT", "side": "ask", "quote": "USDT", "possible_spoofs": 2, "price": 0.3105,
            "size": 7_440_000.0, "value": 2_310_000.0, "score": 5.0, "distance_percent": 0.42,
            "what": "near the mid for a minute", "since": at(minutes=-3).isoformat(), "standing_now": 3,
        },
    )  # fmt: skip


@case
def depth_drop() -> Message:
    return message(
        "depth_drop",
        [effect("LUNA", "watch", scope="pairs", tickers=["BINANCE:LUNAUSDT"])],
        source="orderbooks",
        title="Book of BINANCE:LUNAUSDT thinned out: 31,200 USDT within ±1 %, 12 % of normal",
        url="",
        published_at=None,
        facts={
            "depth": 31_200.0, "median_24h": 262_000.0, "percent_of_median": 11.9, "told_depth": 31_200.0,
            "quote": "USDT", "pair": "BINANCE:LUNAUSDT",
        },
    )  # fmt: skip


def unusual_volume(effects: list[Effect], title: str, facts: dict[str, Any], **fields: Any) -> Message:
    return message(
        "volume_anomaly", effects, source="trades", title=title, url="", published_at=None, facts=facts, **fields
    )


UNUSUAL_VOLUME: dict[str, Any] = {
    "pair": "BINANCE:LUNAUSDT", "quote": "USDT", "surprise": 4.31, "threshold": 3.02,
    "measured_at": at(minutes=-1).isoformat(), "price": 0.3105, "move_hour": 0.0213, "volume_times": 14.2,
    "share_bought": 0.7312,
}  # fmt: skip


@case
def volume_anomaly() -> Message:
    followed = {
        "n": 412, "days": 61, "share": 0.0922, "size": 0.0121, "size_interval": [0.0102, 0.014], "move": -0.0009,
        "move_interval": [-0.0031, 0.0013],
    }  # fmt: skip
    effects = [effect("LUNA", "watch", scope="pairs", tickers=["BINANCE:LUNAUSDT"])]
    return unusual_volume(effects, "Unusual volume on BINANCE:LUNAUSDT", {**UNUSUAL_VOLUME, "followed": followed})


@case
def volume_anomaly_of_few_cases() -> Message:
    effects = [effect("LUNA", "watch", scope="pairs", tickers=["BINANCE:LUNAUSDT"])]
    return unusual_volume(effects, "Unusual volume on BINANCE:LUNAUSDT", UNUSUAL_VOLUME)


@case
def volume_anomaly_of_a_market() -> Message:
    facts = {"market": "BINANCE", "surprise": 1.52, "threshold": 1.2, "measured_at": at(minutes=-1).isoformat()}
    everything = [effect("*", "watch", scope="venue")]
    return unusual_volume(everything, "Unusual volume on the whole of BINANCE", facts)


@case
def volume_anomaly_digest() -> Message:
    effects = [
        effect("LUNA", "watch", scope="pairs", tickers=["BINANCE:LUNAUSDT"]),
        effect("ETH", "watch", scope="pairs", tickers=["BINANCE:ETHUSDC"]),
    ]
    facts = {
        "over_budget": [
            f"BINANCE:LUNAUSDT {at(hours=-20).isoformat()}, 5.1 spreads, +3.0 %",
            f"BINANCE:ETHUSDC {at(hours=-18).isoformat()}, 4.2 spreads",
        ],
        "surprise": 5.1, "threshold": 3.02, "measured_at": at(hours=-9).isoformat(),
    }  # fmt: skip
    return unusual_volume(effects, "Unusual volume over the budget of 01 Oct 2026: 2 more", facts)


@case
def manual_block() -> Message:
    return message(
        "manual",
        [effect("LUNA", "halt", "trading_suspended", venue="")],
        source="manual",
        title="Rumours of an exploit",
        url="",
        published_at=None,
        facts={"note": "rumours of a hack"},
        manual=Manual("ann", "rumours of a hack"),
        acknowledged_by="ann, since 2026-10-02 07:59 UTC",
    )


def outage(source: str, unseen: str, title: str, error: str, **fields: Any) -> Message:
    since = at(minutes=-35)
    sentence = f"{unseen}: what came since {since:%d %b %Y %H:%M} UTC is not seen"
    return message(
        "operations", [], source="operations", title=title, url="", published_at=None,
        **{"facts": {"error": error, **({"not seen": sentence} if unseen else {})}, **fields},
    )  # fmt: skip


@case
def outage_of_announcements() -> Message:
    return outage(
        "binance_announcements",
        "Announcements of Binance (delistings, suspensions, forks, migrations)",
        "Source binance_announcements is silent",
        "HTTP 503 from www.binance.com, 14 times in a row",
    )


@case
def outage_of_prices() -> Message:
    return outage(
        "volatility",
        "Fast moves of prices",
        "Source volatility answers with old content",
        "its answer was made at 07:25",
    )


@case
def outage_over() -> Message:
    return outage(
        "binance_announcements",
        "",
        "Source binance_announcements is silent",
        "HTTP 503 from www.binance.com, 14 times in a row",
        close_reason="the source answers again",
        **CLOSED,
    )


@case
def outage_of_the_clock() -> Message:
    return outage("clock", "", "A clock was set ahead by 2 h", "the machine's clock was set ahead by 2 h")


@case
def drill() -> Message:
    text = (
        "The daily test of the channel cex for 2026-10-02. Nothing has happened and no action is needed. "
        "If this card is missing one day, alerts are not delivered either."
    )
    return notice(Notice("DRILL · this is not an alert", text, good=True))


@case
def channel_test() -> Message:
    return notice(
        Notice("Test alert", "This is a test of the channel cex, sent on request. Nothing has happened.", good=True)
    )


@case
def notice_of_an_act() -> Message:
    line = (
        "Acknowledged by ann: #7 Binance Will Delist LUNA and UST on 2026-10-03 (closing by hand); "
        "until unacknowledged, worse or over"
    )
    return notice(Notice(line, "", good=True, of_acts=True, acknowledged=(7,)))


@case
def notice_of_acts() -> Message:
    lines = (
        "Acknowledged by ann: #7 Binance Will Delist LUNA; until unacknowledged, worse or over",
        "Silenced by ben until 2026-10-02 12:00 UTC: SHIB volatility; alerts that get worse are still sent",
    )
    return notice(Notice("2 things were done about alerts", "", good=True, lines=lines, of_acts=True))


@case
def notice_of_a_former_life() -> Message:
    text = "resumed, at 2026-10-02 07:00 UTC, lasted 3 h; open again since 2026-10-02 07:30 UTC."
    return notice(Notice("Closed: Binance Will Delist LUNA; Trading Ends Soon", text, event_id=7, ended=True))


@case
def notice_of_a_long_act() -> Message:
    title = "Binance Will Remove LUNA, UST, ABC, SHIB, CRV and RON from Spot, Margin and Convert"
    line = f"Acknowledgement of ann expired because the event got worse: #7 {title}; repeats and escalation resume"
    return notice(Notice(line, "", good=True, of_acts=True))


@case
def review() -> Message:
    text = (
        "Binance, names LUNA and has a word of ending. Its title cannot be judged. Nobody has decided yet; until then "
        "can_trade answers watch for what is named."
    )
    title = "To be reviewed: Important Notice on LUNA Services"
    return notice(Notice(title, text, page="/admin/events/review/3/change/", runbook="review"))


@case
def short_card_of_a_delisting() -> Message:
    return replace(delisting_of_many_coins(), minimal=True)


def messages() -> Iterator[tuple[str, Message]]:
    for name, build in sorted(CASES.items()):
        yield name, build()

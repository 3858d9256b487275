"""From rows to drafts, on all captured hacks: which are one, whose loss they are, and what is only named."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from defillama.hacks.client import HackRow, parse_hacks
from defillama.hacks.detect import (
    Hack,
    HackContext,
    amount_text,
    group_rows,
    hack_draft,
    hack_from_rows,
    is_too_old,
    rows_as_json,
    rows_from_json,
)
from defillama.hacks.networks import (
    NetworkRow,
    ProtocolRow,
    normal,
    shipped_networks,
    shipped_protocols,
    shipped_targets,
    targets_of,
)
from events.drafts import EventDraft
from markets.knowledge import InstrumentRow, MarketKnowledge
from markets.networks import network_coin
from markets.watch import WatchLists
from tests.defillama.hacks.support import TODAY, ago, captured_rows, payload_of
from tests.upstreams.defillama_hacks import hack_row

WATCH = WatchLists(frozenset({"BTC", "ETH", "BNB", "AAVE", "LTC"}), frozenset(), frozenset({"USDT"}))
KNOWLEDGE = MarketKnowledge(
    {"BINANCE": {"AAVEUSDT": InstrumentRow("BINANCE", "AAVEUSDT", "AAVE", "USDT", "AAVE", "TRADING", True)}}
)
CONTEXT = HackContext(shipped_targets(), KNOWLEDGE, WATCH, "https://example.test/hacks")


def rows_of(items: list[dict[str, Any]]) -> tuple[HackRow, ...]:
    return tuple(parse_hacks(payload_of(items)).rows)


def drafts_of(items: list[dict[str, Any]]) -> dict[str, EventDraft]:
    return {key: hack_draft(hack_from_rows(rows), CONTEXT) for key, rows in group_rows(rows_of(items)).items()}


def draft_of(name: str = "Aave V3", **changes: Any) -> EventDraft:
    (draft,) = drafts_of([hack_row(name, ago(1)) | changes]).values()
    return draft


def tokens(draft: EventDraft) -> list[str]:
    return [effect.token for effect in draft.effects]


def test_538_rows_are_536_hacks_of_which_two_have_two_techniques() -> None:
    drafts = drafts_of(captured_rows())
    assert len(drafts) == 536
    two = {draft.title: draft.facts for draft in drafts.values() if len(draft.facts["techniques"]) == 2}
    assert set(two) == {"Merlin: hack, 1.23 M USD", "Mirror: hack, 92 M USD"}
    mirror = two["Mirror: hack, 92 M USD"]
    assert mirror["amount_usd"] == 92_000_000
    assert sorted(part["amount_usd"] for part in mirror["techniques"]) == [2_000_000, 90_000_000]


def test_shuffling_repeating_and_writing_identifiers_as_text_change_no_draft() -> None:
    rows = captured_rows()
    texts = [row | {"defillamaId": row["defillamaId"] and str(row["defillamaId"])} for row in rows]
    shuffled = random.Random(3).sample(texts, len(texts)) + texts[:50]
    digests = {key: draft.digest() for key, draft in drafts_of(rows).items()}
    assert {key: draft.digest() for key, draft in drafts_of(shuffled).items()} == digests


def test_of_all_captured_hacks_one_hits_bnb_and_none_hits_eth_btc_or_sol() -> None:
    hit = [
        (token, draft.facts["day"], draft.title)
        for draft in drafts_of(captured_rows()).values()
        for token in tokens(draft)
        if token in ("ETH", "BNB", "BTC", "SOL")
    ]
    assert hit == [("BNB", "2022-10-06", "Binance Bridge: bridge hack, 570 M USD")]


def test_day_by_day_eth_is_never_at_exit_and_bnb_in_the_week_after_its_own_bridge_was_hit() -> None:
    drafts = drafts_of(captured_rows()).values()
    week = timedelta(days=7)
    open_from = [(date.fromisoformat(draft.facts["day"]), set(tokens(draft))) for draft in drafts]
    first, last = min(day for day, _ in open_from), max(day for day, _ in open_from)
    days: dict[str, list[date]] = {"ETH": [], "BNB": []}
    for number in range((last - first).days + 8):
        today = first + timedelta(days=number)
        at_exit = set().union(*(hit for day, hit in open_from if day <= today < day + week))
        for token in at_exit & days.keys():
            days[token].append(today)
    assert days == {"ETH": [], "BNB": [date(2022, 10, 6) + timedelta(days=number) for number in range(7)]}


def test_the_chains_that_were_hit_themselves_are_these() -> None:
    hit = {
        draft.facts["network_coins_hit"][0]: draft.natural_key.split(":", 3)[-1]
        for draft in drafts_of(captured_rows()).values()
        if draft.facts["network_coins_hit"]
    }
    assert hit == {
        "0G": "0g labs",
        "ACA": "acala network",
        "BNB": "binance bridge",
        "BONE": "shibarium",
        "CKB": "forcebridge",
        "FLOW": "flow",
        "HBAR": "hedera",
        "HT": "heco bridge",
        "HYPE": "hyperliquid",
        "IOTX": "iotex",
        "K": "kinto bridge",
        "LRC": "loopring",
        "LTC": "litecoin",
        "LUNA": "terra 2.0",
        "MAPO": "map protocol",
        "MTRG": "meter",
        "ONE": "harmony bridge",
        "RON": "ronin bridge",
        "SAGA": "saga",
        "SHIDO": "shido",
        "TAO": "bittensor",
        "VRSC": "verus-ethereum bridge",
        "XIN": "mixin network",
        "ZETA": "zetachain",
        "ZK": "zksync",
    }


def test_a_hack_on_ethereum_names_eth_and_leaves_it_out_of_the_view() -> None:
    draft = draft_of("Some Vault", chain=["Ethereum", "BSC", "Base"])
    assert (tokens(draft), draft.network_tokens, draft.priority) == ([], ("BNB", "ETH"), "low")


@pytest.mark.parametrize(
    "row",
    [
        {"name": "Verus-Ethereum Bridge", "bridgeHack": True},
        {"name": "Some Bridge", "bridgeHack": True},
        {"name": "Foo Chain", "targetType": "Chain"},
        {"name": "MAP Protocol", "targetType": "Chain", "bridgeHack": True, "chain": ["Ethereum", "BSC"]},
        {"name": "Ethereum", "targetType": "CEX"},
        {"name": "Binance", "targetType": "CEX", "chain": ["BSC"]},
        {"name": "Binancechain Tools", "targetType": "Chain", "chain": ["BSC"]},
    ],
)
def test_a_chain_that_only_held_the_money_is_not_the_target(row: dict[str, Any]) -> None:
    assert not {"ETH", "BNB"} & set(tokens(draft_of(**row)))


@pytest.mark.parametrize(
    ("row", "coin"),
    [
        ({"name": "Litecoin", "targetType": "Chain", "chain": ["Litecoin"]}, "LTC"),
        ({"name": "Ethereum", "targetType": "Layer 1"}, "ETH"),
        ({"name": "Solana validators", "targetType": "Layer 1", "chain": ["Solana"]}, "SOL"),
        ({"name": "BSC Token Hub", "bridgeHack": True, "chain": ["BSC"]}, "BNB"),
        ({"name": "Ronin  BRIDGE\n", "bridgeHack": True}, "RON"),
    ],
)
def test_a_chain_or_its_canonical_bridge_that_was_hit_is(row: dict[str, Any], coin: str) -> None:
    draft = draft_of(**row)
    assert tokens(draft) == [coin] and coin not in draft.network_tokens


@pytest.mark.parametrize(
    ("row", "token"),
    [
        ({"name": "Aave V3"}, "AAVE"),
        ({"name": "Aave V3.1"}, "AAVE"),
        ({"name": "aave"}, "AAVE"),
        ({"name": "A new thing", "parentProtocolId": "parent#aave"}, "AAVE"),
        ({"name": "pump.fun"}, "PUMP"),
        ({"name": "WazirX: India"}, "WRX"),
    ],
)
def test_a_protocol_is_known_by_its_name_its_family_and_without_its_version(row: dict[str, Any], token: str) -> None:
    assert tokens(draft_of(**row)) == [token]


@pytest.mark.parametrize("name", ["Blur Finance", "Aavegotchi", "Aave Clone", "Curve Clone V2", "Merlin", "Truebit"])
def test_a_name_that_only_begins_like_a_protocol_is_not_that_protocol(name: str) -> None:
    assert tokens(draft_of(name)) == []


@pytest.mark.parametrize(
    ("amount", "stage"), [(999_999, "minor"), (1_000_000, None), (None, None), (0, None), (250_000_000, None)]
)
def test_under_a_million_is_minor_and_unknown_is_not(amount: int | None, stage: str | None) -> None:
    (effect,) = draft_of(amount=amount).effects
    assert (effect.scope, effect.stage) == ("asset", stage)


def test_a_small_part_beside_an_unknown_one_is_not_minor() -> None:
    rows = [hack_row("Aave", ago(1), 5_000), hack_row("Aave", ago(1), None, technique="Phishing")]
    (draft,) = drafts_of(rows).values()
    assert draft.effects[0].stage is None
    assert draft.title == "Aave: hack, at least 5,000 USD" and draft.facts["amount_complete"] is False


def test_an_event_on_a_token_carries_its_instruments_and_the_priority_of_the_watch_list() -> None:
    draft = draft_of()
    assert draft.effects[0].tickers == ("BINANCE:AAVEUSDT",) and draft.priority == "high"
    assert draft_of("Pickle").priority == "low"


def test_a_bridge_hack_is_a_category_and_the_facts_say_what_people_ask() -> None:
    draft = draft_of(
        "Aave", bridgeHack=True, chain=["Base", "Dagger"], source="https://rekt.test/aave", returnedFunds=7
    )
    assert (draft.category, draft.url, draft.network_tokens) == ("bridge_hack", "https://rekt.test/aave", ())
    assert draft.facts["unknown_chains"] == ["Dagger"] and draft.facts["returned_usd"] == 7
    assert draft.facts["chains"] == ["Base", "Dagger"] and draft.facts["technique"] == "Reentrancy"
    assert draft_of().url == "https://example.test/hacks" and draft_of().category == "hack"


def test_a_link_that_is_no_web_address_is_not_passed_on() -> None:
    assert draft_of(source="javascript:alert(1)").url == "https://example.test/hacks"


def _hack(amount: int | None) -> Hack:
    return hack_from_rows(rows_of([hack_row("Aave", ago(1), amount)]))


@pytest.mark.parametrize(
    ("before", "after", "alert"),
    [(5_000_000, 9_999_999, None), (5_000_000, 10_000_000, "worse"), (None, 5_000_000, None), (5_000_000, None, None)],
)
def test_an_estimate_that_doubles_is_worse(before: int | None, after: int | None, alert: str | None) -> None:
    assert hack_draft(_hack(after), CONTEXT, _hack(before)).alert == alert


def test_news_is_old_when_its_midnight_lies_before_the_look_back() -> None:
    now, look_back = datetime(2026, 5, 28, 12, tzinfo=TODAY.tzinfo), timedelta(days=7)
    assert not is_too_old(date(2026, 5, 22), now, look_back)
    assert is_too_old(date(2026, 5, 21), now, look_back)
    assert not is_too_old(date(2026, 5, 29), now, look_back)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "amount unknown"),
        (5_000, "5,000 USD"),
        (999_600, "1 M USD"),
        (1_727_782, "1.73 M USD"),
        (128_640_000, "129 M USD"),
        (3_500_000_000, "3.5 bn USD"),
    ],
)
def test_amounts_are_written_with_three_digits(amount: int | None, text: str) -> None:
    assert amount_text(amount) == text


def test_rows_come_back_from_the_database_as_they_were() -> None:
    rows = rows_of(captured_rows())
    assert rows_from_json(rows_as_json(rows)) == rows
    assert rows_from_json([rows_as_json(rows)[0] | {"from_a_later_release": 1}]) == rows[:1]


def test_the_shipped_table_knows_60_networks_and_nearly_every_captured_chain() -> None:
    assert len(shipped_networks()) >= 60
    chains = {chain for row in rows_of(captured_rows()) for chain in row.chains}
    unknown = {chain for chain in chains if shipped_targets().network_coin(chain) is None}
    assert unknown == {"Dagger", "Dango"}


def test_no_name_of_the_shipped_tables_means_two_things() -> None:
    for kind in (
        [row.names for row in shipped_networks()],
        [row.bridges for row in shipped_networks()],
        [row.names for row in shipped_protocols()],
    ):
        plain = [name for names in kind for name in {normal(name) for name in names}]
        assert sorted(plain) == sorted(set(plain))


def test_networks_have_the_coin_that_announcements_give_them() -> None:
    """Where both tables know a name; Terra is the old chain in DeFiLlama's list, the new one in announcements."""
    differing = {
        name: (row.coin, coin)
        for row in shipped_networks()
        for name in row.names
        if (coin := network_coin(name)) is not None and coin != row.coin
    }
    assert differing == {"Terra": ("LUNC", "LUNA"), "opBNB": ("", "BNB")}


def test_an_admins_row_goes_before_a_shipped_one_and_its_coin_may_be_none() -> None:
    targets = targets_of(
        [NetworkRow(("Dagger",), "XDAG"), NetworkRow(("Flow",), ""), *shipped_networks()],
        [ProtocolRow(("Aave",), ()), *shipped_protocols()],
    )
    assert (targets.network_coin("dagger"), targets.network_coin("Flow")) == ("XDAG", "")
    assert targets.protocol_tokens("Aave V3") == () and targets.coins_hit("Flow", ["Layer 1"], ["Flow"]) == ()

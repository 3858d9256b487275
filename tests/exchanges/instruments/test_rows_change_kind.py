"""Rows of instrument lists that change their kind: perpetuals that become dated, ends that are none, returns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.drafts import EffectDraft, EventDraft
from events.upstream.errors import SchemaDrift
from exchanges.instruments.binance import parse_exchange_info
from exchanges.instruments.lists import end_of
from exchanges.instruments.okx import parse_instruments
from exchanges.open_events import with_list_facts
from markets.knowledge import InstrumentRow
from tests.exchanges.instruments.test_instrument_detect import (
    NOW,
    announcement,
    detect,
    pair,
    payload,
    perpetual,
    with_background,
)
from tests.upstreams.binance_instruments import usdm_symbol

ENDS = NOW + timedelta(days=9)


def okx_swap(kind: str = "SWAP", ends_at: datetime | None = None, status: str = "live") -> InstrumentRow:
    return replace(pair("ABC/USDT", status, "OKX_USDM", contract_type=kind, ends_at=ends_at), symbol="ABC-USDT-SWAP")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (perpetual("ABC/USDT"), replace(perpetual("ABC/USDT"), contract_type="CURRENT_MONTH", ends_at=ENDS)),
        (perpetual("ABC/USDT"), replace(perpetual("ABC/USDT"), contract_type="NEXT_QUARTER", ends_at=ENDS)),
        (okx_swap(), okx_swap("FUTURES", ENDS)),
    ],
)
def test_a_perpetual_that_becomes_a_dated_contract_is_a_delisting_until_it_has_ended(
    before: InstrumentRow, after: InstrumentRow
) -> None:
    opened = one(detect([before], [after]))
    assert (opened.category, opened.priority, opened.state) == ("delisting", "high", "open")
    assert [date.at for date in opened.important_dates] == [ENDS]
    effect = opened.effects[0]
    assert (effect.token, effect.trading_ends_at) == ("ABC", ENDS)
    # It stays so while nothing changes, when the end moves, and when the contract is delivered.
    again = one(detect([after], [after], [opened]))
    assert again.facts == opened.facts
    later = replace(after, ends_at=ENDS + timedelta(days=2))
    assert one(detect([after], [later], [again])).effects[0].trading_ends_at == ENDS + timedelta(days=2)
    over = replace(after, status="DELIVERING" if after.venue.startswith("BINANCE") else "expired", live=False)
    ended = one(detect([after], [over], [again], now=ENDS + timedelta(minutes=1)))
    assert (ended.state, ended.effects[0].in_force_at) == ("open", ENDS)
    # A perpetual again: the conversion was taken back.
    assert one(detect([after], [before], [again])).state == "closed"


def one(drafts: list[EventDraft]) -> EventDraft:
    assert len(drafts) == 1, drafts
    return drafts[0]


def test_a_contract_that_was_dated_from_the_beginning_ends_without_an_event() -> None:
    dated = replace(perpetual("ABC/USDT", ENDS), contract_type="CURRENT_QUARTER")
    assert detect([], [dated]) == [] and detect([dated], [dated]) == []
    assert detect([dated], [replace(dated, contract_type="CURRENT_MONTH")]) == []


@pytest.mark.parametrize(
    "value",
    [None, "", " ", 0, "0", -1, 1, 4133404800000, 4133376000000, "4133376000000", 4102444800000, 32503680000000,
     253402300799000, 9223372036854775807, 1e300, float("inf"), float("nan")],
)  # fmt: skip
def test_no_end_is_known_by_what_it_means_whatever_its_number(value: Any) -> None:
    assert end_of(value, NOW) is None


@pytest.mark.parametrize("value", [1791000000000, "1791000000000", 1791000000000.0])
def test_an_end_within_years_is_an_end(value: Any) -> None:
    assert end_of(value, NOW) == datetime.fromtimestamp(1791000000, UTC)


@pytest.mark.parametrize("value", ["soon", True, [], {}])
def test_what_is_no_number_is_said(value: Any) -> None:
    with pytest.raises(ValueError, match="the end was"):
        end_of(value, NOW)


@pytest.mark.parametrize("sentinel", [0, None, 4133376000000, "4133404800000"])
def test_a_perpetual_with_any_sentinel_has_no_end(sentinel: Any) -> None:
    rows, bad = parse_exchange_info(
        payload("binance.instruments.usdm", {"symbols": [usdm_symbol("BTC/USDT", deliveryDate=sentinel)]}),
        "BINANCE_USDM",
    )
    assert (rows[0].ends_at, bad) == (None, [])


def swap_row(symbol: str = "BTC-USDT-SWAP", **fields: Any) -> dict[str, Any]:
    return {"instId": symbol, "instFamily": "BTC-USDT", "state": "live", "ctType": "linear", "expTime": "", **fields}


@pytest.mark.parametrize("kind", ["SWAP", "FUTURES", "SPOT"])
@pytest.mark.parametrize("symbol", ["", None])
def test_placeholders_of_what_is_to_come_are_put_aside_however_many_they_are(kind: str, symbol: Any) -> None:
    spot = {"baseCcy": "BTC", "quoteCcy": "USDT"}
    listed = swap_row("BTC-USDT" if kind == "SPOT" else "BTC-USDT-261225", **spot)
    coming = [swap_row(symbol, state="preopen", instFamily=f"N{n}-USDT") for n in range(30)]
    rows, bad = parse_instruments(payload("okx.instruments", {"code": "0", "data": [listed, *coming]}), kind)
    assert [row.base for row in rows] == ["BTC"]
    assert sorted(row.key for row in bad) == sorted(f"N{n}-USDT" for n in range(30))
    rows, bad = parse_instruments(payload("okx.instruments", {"code": "0", "data": coming}), kind)
    assert (list(rows), len(bad)) == ([], 30)


def test_rows_without_a_symbol_that_trade_are_a_list_that_cannot_be_read() -> None:
    with pytest.raises(SchemaDrift, match="instId"):
        parse_instruments(payload("okx.instruments", {"code": "0", "data": [swap_row("")] * 3}), "SWAP")


PAST = NOW - timedelta(days=2)
PAIRS = ("BINANCE:ABCUSDT", "BINANCE:ABCUSDC")


def left() -> EventDraft:
    """A coin that has left the venue, as its list has shown."""
    stopped = [pair("ABC/USDT", "BREAK"), pair("ABC/USDC", "BREAK")]
    notice = announcement(*PAIRS, ends_at=PAST, scope="venue")
    before = [pair("ABC/USDT"), pair("ABC/USDC")]
    drafts = detect(with_background(*before), with_background(*stopped), [notice], now=PAST + timedelta(minutes=1))
    return one(drafts)


def scopes(draft: EventDraft) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {effect.token: (effect.scope, effect.tickers) for effect in draft.effects}


def test_one_pair_that_is_listed_again_ends_the_halt_of_the_coin_and_not_that_of_the_other_pair() -> None:
    event = left()
    assert scopes(event)["ABC"][0] == "venue"
    stopped = [pair("ABC/USDT", "BREAK"), pair("ABC/USDC", "BREAK")]
    back = [pair("ABC/USDT", "BREAK"), pair("ABC/USDC")]
    event = one(detect(with_background(*stopped), with_background(*back), [event]))
    assert scopes(event) == {"ABC": ("pairs", ("BINANCE:ABCUSDT",))}
    # ParsedNotice the article again does not undo it.
    anew = with_list_facts(announcement(*PAIRS, ends_at=PAST, scope="venue"), event)
    assert scopes(anew) == scopes(event)


def test_a_new_pair_of_a_quote_that_counts_brings_the_coin_back_and_one_that_does_not_count_leaves_it() -> None:
    event = left()
    stopped = [pair("ABC/USDT", "BREAK"), pair("ABC/USDC", "BREAK")]
    fresh = detect(with_background(*stopped), with_background(*stopped, pair("ABC/RON")), [event])
    assert fresh == [] or scopes(fresh[0])["ABC"][0] == "venue"
    relisted = replace(pair("ABC/USDC"), symbol="ABC1USDC")
    event = one(detect(with_background(*stopped), with_background(*stopped, relisted), [event]))
    scope, tickers = scopes(event)["ABC"]
    assert (scope, sorted(tickers)) == ("pairs", sorted(PAIRS))
    # It stops again: the coin has nothing left there, and it gets an event of its own.
    gone = replace(relisted, status="BREAK", live=False)
    drafts = detect(with_background(*stopped, relisted), with_background(*stopped, gone), [event])
    assert [(draft.kind, draft.effects[0].scope) for draft in drafts] == [("instrument_status", "venue")]


def test_pairs_that_go_on_past_the_announced_time_are_no_return() -> None:
    notice = announcement(*PAIRS, ends_at=PAST, scope="venue")
    rows = with_background(pair("ABC/USDT"), pair("ABC/USDC"))
    assert detect(rows, rows, [notice]) == []


def test_the_effect_on_a_whole_coin_without_named_pairs_ends_with_its_return() -> None:
    event = replace(left(), effects=(EffectDraft("ABC", "venue", "BINANCE", (), in_force_at=PAST),))
    stopped = [pair("ABC/USDT", "BREAK"), pair("ABC/USDC", "BREAK")]
    back = [pair("ABC/USDT", "BREAK"), pair("ABC/USDC")]
    drafts = detect(with_background(*stopped), with_background(*back), [event])
    assert [draft.state for draft in drafts if draft.natural_key == event.natural_key] == ["closed"]


def test_without_an_announcement_too_one_pair_that_returns_ends_the_halt_of_the_coin() -> None:
    trading = [pair("ABC/USDT"), pair("ABC/USDC")]
    stopped = [pair("ABC/USDT", "BREAK"), pair("ABC/USDC", "BREAK")]
    event = one(detect(with_background(*trading), with_background(*stopped)))
    assert scopes(event)["ABC"][0] == "venue"
    back = [pair("ABC/USDT", "BREAK"), pair("ABC/USDC")]
    event = one(detect(with_background(*stopped), with_background(*back), [event]))
    assert scopes(event) == {"ABC": ("pairs", ("BINANCE:ABCUSDT",))}

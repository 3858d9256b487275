"""Names of assets over all recorded instrument lists: what is carried, and what is never touched."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from events.upstream.client import Payload
from exchanges.instruments.kraken import parse_pairs
from markets.identity import Identified, Identity, NameRow, learn, multiple_of_known
from markets.knowledge import InstrumentRow, MarketKnowledge
from markets.shipped_assets import parse_assets, shipped_assets
from tests.support.captures import capture, kraken_asset_pairs

NOW = datetime(2026, 10, 4, tzinfo=UTC)
RENAMED = datetime(2025, 1, 13, tzinfo=UTC)
LISTED = ("BINANCE", "BINANCE_USDM", "KRAKEN", "OKX", "OKX_USDM")


def _json(path: str) -> Any:
    return json.loads(gzip.decompress(capture(path).read_bytes()))


@cache
def kraken_codes() -> tuple[str, ...]:
    """Kraken's own codes of its assets: XXBT, XETH, ZUSD, ADA …"""
    pairs = json.loads(kraken_asset_pairs())["result"].values()
    return tuple(sorted({pair[side] for pair in pairs for side in ("base", "quote")}))


@cache
def captured() -> tuple[tuple[str, str, str, str], ...]:
    """(venue, symbol, base, quote) of every instrument in the captures, as its venue's reader gives it."""
    rows = []
    for venue, path in (
        ("BINANCE", "instruments/davijr__api_v3_exchangeInfo_2024-09-08.json.gz"),
        ("BINANCE_USDM", "instruments/cryptofeed__fapi_v1_exchangeInfo_2021-07-21.json.gz"),
    ):
        rows += [(venue, row["symbol"], row["baseAsset"], row["quoteAsset"]) for row in _json(path)["symbols"]]
    for venue, kind in (("OKX", "SPOT"), ("OKX_USDM", "SWAP")):
        for row in _json(f"instruments/cryptofeed__instruments_{kind}_2022-05-13.json.gz")["data"]:
            rows.append((venue, row["instId"], *row["instId"].split("-")[:2]))
    answer = Payload("kraken.instruments", "", 200, {}, kraken_asset_pairs(), NOW, 0.0, None)
    pairs, bad_rows = parse_pairs(answer)
    assert not bad_rows
    rows += [(row.venue, row.symbol, row.base, row.quote) for row in pairs]
    return tuple(rows)


def known(rows: tuple[tuple[str, str, str, str], ...], at: datetime = NOW) -> MarketKnowledge:
    """What the shipped table and the venues' lists teach, spot before contracts."""
    shipped = shipped_assets()
    identity = Identity(shipped.rows, shipped.kinds)
    for venue in LISTED:
        learnt = learn(venue, {base for place, _, base, _ in rows if place == venue}, "_" not in venue, identity, at)
        identity = Identity((*identity.rows, *learnt.rows), identity.assets | learnt.coins)
    by_venue: dict[str, dict[str, InstrumentRow]] = {}
    for venue, symbol, base, quote in rows:
        token = identity.asset(venue, base, at)
        by_venue.setdefault(venue, {})[symbol] = InstrumentRow(venue, symbol, base, quote, token, "live", True)
    return MarketKnowledge(by_venue, identity, at)


def tickers(knowledge: MarketKnowledge, token: str) -> set[str]:
    return {f"{row.venue}:{row.symbol}" for row in knowledge.live(token)}


def test_an_event_on_shib_carries_its_multiple_and_one_on_btc_every_venues_name() -> None:
    knowledge = known(captured())
    assert {"BINANCE:SHIBUSDT", "BINANCE_USDM:1000SHIBUSDT", "OKX:SHIB-USDT"} <= tickers(knowledge, "SHIB")
    bitcoin = tickers(knowledge, "BTC")
    assert {"BINANCE:BTCUSDT", "OKX:BTC-USDT", "OKX_USDM:BTC-USD-SWAP"} <= bitcoin
    assert {"KRAKEN:XXBTZUSD", "KRAKEN:XXBTZEUR", "KRAKEN:XBTUSDT"} <= bitcoin
    assert tickers(knowledge, "XBT") == tickers(knowledge, "XXBT") == bitcoin
    # Wrapped bitcoin, and what is priced in bitcoin, are other coins.
    assert not any("WBTC" in ticker or "TBTC" in ticker for ticker in bitcoin)
    assert not {"KRAKEN:XETHXXBT", "KRAKEN:XXDGXXBT"} & bitcoin
    assert {"KRAKEN:XDGUSD", "KRAKEN:XXDGXXBT"} <= tickers(knowledge, "DOGE")


def test_from_the_day_of_a_renaming_both_names_carry_each_other_and_before_it_not() -> None:
    rows = (*captured(), ("BINANCE", "SUSDT", "S", "USDT"), ("OKX", "S-USDT", "S", "USDT"))
    after, before = known(rows, RENAMED), known(rows, RENAMED - timedelta(seconds=1))
    assert tickers(after, "FTM") == tickers(after, "S")
    assert {"BINANCE:FTMUSDT", "OKX:FTM-USDT", "BINANCE:SUSDT", "OKX:S-USDT"} <= tickers(after, "S")
    assert tickers(before, "S") == {"BINANCE:SUSDT", "OKX:S-USDT"}
    assert "BINANCE:SUSDT" not in tickers(before, "FTM") and "BINANCE:FTMUSDT" in tickers(before, "FTM")


def test_luna_is_another_coin_before_and_after_31_may_2022() -> None:
    shipped = shipped_assets()
    identity = Identity(shipped.rows, shipped.kinds)
    reopened = datetime(2022, 5, 31, tzinfo=UTC)
    assert identity.asset("BINANCE", "LUNA", reopened - timedelta(seconds=1)) == "LUNC"
    assert identity.asset("BINANCE", "LUNA", reopened) == "LUNA"
    assert identity.resolve("BINANCE_USDM", "LUNA2", NOW) == Identified("LUNA")
    assert identity.resolve("BINANCE_USDM", "1000LUNC", NOW) == Identified("LUNC", Decimal(1000))


def test_a_venues_own_name_holds_on_that_venue_only() -> None:
    shipped = shipped_assets()
    identity = Identity(shipped.rows, shipped.kinds)
    assert identity.asset("GATE", "TSTBSC", NOW) == "TST"
    assert identity.asset("BINANCE_USDM", "DODOX", NOW) == "DODO"
    assert identity.resolve("OKX", "DODOX", NOW) is None
    assert identity.resolve("BINANCE", "TSTBSC", NOW) is None


def test_no_asset_carries_an_instrument_that_nobody_said_is_its_own() -> None:
    knowledge = known(captured())
    meanings = {(row.venue, row.name): row.asset for row in knowledge.identity.rows}
    for token in sorted({base for _, _, base, _ in captured()}):
        for row in knowledge.live(token):
            asset = meanings.get((row.venue, row.base)) or meanings.get(("", row.base)) or row.base
            wanted = meanings.get(("", token)) or token
            assert asset == wanted, f"{row.venue}:{row.symbol} was carried by {token}"
    # What the lists alone taught: the one multiple of a listed coin.
    learnt = set(knowledge.identity.rows) - set(shipped_assets().rows)
    assert {row.name for row in learnt} <= {"1000SHIB"}


@given(data=st.data(), letters=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=4))
def test_a_name_that_only_looks_like_a_kraken_code_means_nothing(data: st.DataObject, letters: str) -> None:
    """XXBT is bitcoin because the table says so: neither XXBTA nor XABC nor ZABC is anything."""
    shipped = shipped_assets()
    identity = Identity(shipped.rows, shipped.kinds)
    code = data.draw(st.sampled_from(kraken_codes()))
    name = data.draw(st.sampled_from([code + letters, letters + code, "X" + letters, "Z" + letters, code[1:]]))
    assume(name not in {row.name for row in shipped.rows} | set(shipped.kinds))
    assert identity.resolve("KRAKEN", name, NOW) is None


@given(data=st.data(), letters=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=4))
def test_an_asset_that_only_begins_or_ends_with_the_same_letters_is_never_touched(
    data: st.DataObject, letters: str
) -> None:
    rows = captured()
    _, _, base, quote = data.draw(st.sampled_from(rows))
    place = data.draw(st.sampled_from(LISTED))
    other = data.draw(st.sampled_from([base + letters, letters + base]))
    bases = {row[2] for row in rows}
    named = {row.name for row in shipped_assets().rows}
    assume(other not in bases | named)
    multiple = multiple_of_known(other, bases | set(shipped_assets().kinds))
    assume(multiple is None)
    added = (place, f"{other}-{quote}", other, quote)
    # The instruments of the two names are enough: each example builds its own knowledge.
    knowledge = known((*(row for row in rows if row[2] in (base, other)), added))
    assert f"{place}:{other}-{quote}" not in tickers(knowledge, base)
    assert tickers(knowledge, other) == {f"{place}:{other}-{quote}"}


@pytest.mark.parametrize(
    "name, expected",
    [
        ("1000XYZ", Identified("XYZ", Decimal(1000))),
        ("1000000XYZ", Identified("XYZ", Decimal(1_000_000))),
        ("1MXYZ", Identified("XYZ", Decimal(1_000_000))),
        ("1000OTHER", None),
        ("10XYZ", None),
        ("100XYZ", None),
        ("2000XYZ", None),
        ("1000SATS", None),
        ("XYZ1000", None),
    ],
)
def test_a_multiple_is_one_only_where_its_coin_is_known(name: str, expected: Identified | None) -> None:
    assert multiple_of_known(name, {"XYZ", "SATS", "1000SATS"}) == expected


def test_renamings_follow_each_other_and_a_circle_of_them_ends() -> None:
    day = datetime(2025, 1, 1, tzinfo=UTC)
    chain = Identity([NameRow("", "OLD", "MID", valid_from=day), NameRow("", "MID", "NEW", valid_from=day)])
    assert chain.asset("BINANCE", "OLD", day) == "NEW"
    assert chain.names("NEW") == {"OLD", "MID", "NEW"}
    circle = Identity([NameRow("", "A", "B"), NameRow("", "B", "A")])
    assert circle.asset("", "A", day) in ("A", "B")


def test_a_wrong_line_of_the_table_is_named() -> None:
    with pytest.raises(ValueError, match=r"line 2 .*'\* XBT BTC', expected VENUE NAME = ASSET"):
        parse_assets("coin BTC\n* XBT BTC\n")

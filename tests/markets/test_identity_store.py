"""Identity in the database: shipped rows, what lists teach, and what an admin sees."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from events.drafts import EffectDraft, EventDraft
from events.lifecycle import record
from events.upstream.client import Payload
from exchanges.instruments.kraken import parse_pairs
from markets.identity_store import load_identity, load_shipped_assets
from markets.instruments import load_knowledge, store_instruments
from markets.knowledge import InstrumentRow
from markets.models import Asset, AssetName
from tests.upstreams.kraken_instruments import asset_pair, asset_pairs

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 4, tzinfo=UTC)


def listed(venue: str, *symbols: str) -> None:
    """Live instruments, written as BASE/QUOTE; a contract's token is what its list's reader made of it."""
    rows = []
    for symbol in symbols:
        base, quote = symbol.split("/")
        rows.append(InstrumentRow(venue, base + quote, base, quote, base, "TRADING", True))
    store_instruments(venue, rows, NOW)


def test_a_multiple_of_a_coin_that_spot_lists_is_learnt_also_when_the_contract_came_first() -> None:
    listed("BINANCE_USDM", "1000WOJAK/USDT")
    assert Asset.objects.get(code="1000WOJAK").kind == Asset.Kind.UNKNOWN
    assert load_knowledge(at=NOW).live("WOJAK") == ()
    listed("BINANCE", "WOJAK/USDT")
    listed("BINANCE_USDM", "1000WOJAK/USDT")
    name = AssetName.objects.get(name="1000WOJAK")
    assert (name.asset.code, int(name.multiplier), name.origin) == ("WOJAK", 1000, "instrument list of BINANCE_USDM")
    assert not Asset.objects.filter(code="1000WOJAK").exists()
    assert [row.symbol for row in load_knowledge(at=NOW).live("WOJAK")] == ["WOJAKUSDT", "1000WOJAKUSDT"]


def test_an_event_on_an_asset_carries_every_live_instrument_of_it_whoever_told_it() -> None:
    listed("BINANCE", "SHIB/USDT", "SHIBX/USDT", "BTC/USDT")
    listed("BINANCE_USDM", "1000SHIB/USDT")
    answer = json.dumps(asset_pairs([asset_pair("BTC/USD"), asset_pair("TBTC/USD")])).encode()
    kraken = Payload("kraken.instruments", "", 200, {}, answer, NOW, 0.0, None)
    store_instruments("KRAKEN", parse_pairs(kraken)[0], NOW)
    draft = EventDraft("defillama", "hack", "x:1", "A hack", (EffectDraft("SHIB"), EffectDraft("BTC")))
    effects = {effect.token: effect.tickers for effect in record(draft, NOW).event.effects.all()}  # type: ignore[union-attr]
    assert effects == {
        "SHIB": ["BINANCE:SHIBUSDT", "BINANCE_USDM:1000SHIBUSDT"],
        "BTC": ["BINANCE:BTCUSDT", "KRAKEN:XXBTZUSD"],
    }


def carried(token: str, at: datetime) -> list[str]:
    """The instruments that an event on an asset names."""
    draft = EventDraft("defillama", "hack", f"{token}:{at}", "A hack", (EffectDraft(token),))
    outcome = record(draft, at)
    assert outcome.event is not None
    return outcome.event.effects.get().tickers


def test_an_event_on_either_name_of_a_renamed_coin_carries_the_other_from_its_day_on() -> None:
    listed("OKX", "FTM/USDT", "FTMX/USDT")
    listed("BINANCE", "S/USDT", "SUI/USDT")
    renamed = datetime(2025, 1, 13, tzinfo=UTC)
    before = renamed - timedelta(seconds=1)
    assert carried("FTM", before) == ["OKX:FTMUSDT"] and carried("S", before) == ["BINANCE:SUSDT"]
    assert carried("FTM", renamed) == carried("S", renamed) == ["BINANCE:SUSDT", "OKX:FTMUSDT"]


def test_the_two_lunas_are_told_apart_on_a_venue_that_swapped_their_names() -> None:
    listed("BINANCE", "LUNA/USDT", "LUNC/USDT")
    listed("KRAKEN", "LUNA/USD", "LUNA2/USD")
    assert carried("LUNC", NOW) == ["BINANCE:LUNCUSDT", "KRAKEN:LUNAUSD"]
    assert carried("LUNA", NOW) == ["BINANCE:LUNAUSDT", "KRAKEN:LUNA2USD"]


def test_an_unknown_name_is_listed_as_unknown_in_the_admin(admin_client: Client) -> None:
    listed("BINANCE_USDM", "NOBODY/USDT", "BTC/USDT")
    page = admin_client.get("/admin/markets/asset/?kind__exact=unknown").content.decode()
    assert "NOBODY" in page and "a contract on BINANCE_USDM" in page
    assert ">BTC<" not in page


def test_what_an_admin_adds_holds_from_the_next_round_on() -> None:
    listed("GATE", "ABCBSC/USDT")
    asset = Asset.objects.create(code="ABC", kind=Asset.Kind.COIN)
    AssetName.objects.create(asset=asset, venue="GATE", name="ABCBSC")
    assert [row.symbol for row in load_knowledge(at=NOW).live("ABC")] == ["ABCBSCUSDT"]


def test_the_shipped_table_is_loaded_once_and_a_correction_of_it_is_kept() -> None:
    row = AssetName.objects.get(name="FTM")
    row.valid_from = datetime(2025, 2, 1, tzinfo=UTC)
    row.save()
    load_shipped_assets()
    assert AssetName.objects.get(name="FTM").valid_from == row.valid_from
    assert load_identity().asset("OKX", "FTM", datetime(2025, 1, 20, tzinfo=UTC)) == "FTM"

"""Which coins of a snapshot are off their peg, and why the others are not."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_ews.conf import parse_config
from defillama.models import DepegEvent, PeggedCoin
from defillama.stablecoins.client import Rate, Stablecoin, parse_rates, parse_stablecoins
from defillama.stablecoins.detect import ClassifiedCoin, PegKnowledge, PegVerdict, classify_coins
from events.upstream.errors import SchemaDrift
from tests.defillama.stablecoins.support import START, Bench, coin, listing, payload
from tests.support.captures import capture
from tests.upstreams import Reply, UpstreamServer

CAPTURED = "defillama/zachary_stablecoins_20241207.json.gz"
TAKEN = datetime(2024, 12, 7, 12, 0, tzinfo=UTC)


def classified(
    rows: Sequence[Mapping[str, Any]],
    watch: str = "",
    rates: Mapping[str, Rate] | None = None,
    fixed_peg: Mapping[str, bool] | None = None,
) -> dict[str, ClassifiedCoin]:
    """Classified coins by coin id; every coin is watched where `watch` is empty."""
    coins, bad_rows = parse_stablecoins(payload(listing(*rows)))
    assert not bad_rows
    known = PegKnowledge(0.01, START, "x", frozenset(watch.split()) if watch else None, rates or {}, fixed_peg or {})
    return {found.coin.coin_id: found for found in classify_coins(coins, known)}


def captured_rows() -> list[dict[str, Any]]:
    return json.loads(gzip.decompress(capture(CAPTURED).read_bytes()))["peggedAssets"]


def test_of_206_captured_coins_these_are_off_their_peg_and_these_are_not_for_a_reason() -> None:
    found = classified(captured_rows())
    by_verdict: dict[str, set[str]] = {}
    for item in found.values():
        by_verdict.setdefault(item.verdict, set()).add(f"{item.coin.symbol} {item.coin.coin_id}")
    assert Counter(item.verdict for item in found.values()) == {
        "on_peg": 80, "no_price": 70, "off_peg": 30, "peg_unknown": 14, "no_fixed_peg": 10, "copy": 2,
    }  # fmt: skip
    assert by_verdict["off_peg"] == {
        "USDN 12", "PAI 16", "HUSD 17", "FLEXUSD 21", "SUSD 22", "TOR 29", "DOC 30", "USDX 42", "USH 57", "PUSD 62",
        "FUSD 63", "UXD 64", "KUSD 72", "USK 81", "USDR 85", "IUSD 88", "XAI 89", "IBEUR 91", "GRAI 116",
        "eUSD(v2) 125", "eUSD 138", "USDRIF 159", "DLLR 160", "XUSD 162", "USD3 178", "zunUSD 181", "USDA 192",
        "BNUSD 204", "DYAD 207", "THUSD 211",
    }  # fmt: skip
    assert by_verdict["no_fixed_peg"] == {
        "USDJ 37", "USX 44", "MONEY 74", "DJED 93", "CUSD 96", "USDY 129", "ULTRA 163", "HAI 171", "KNOX 187",
        "USDM 215",
    }  # fmt: skip
    assert by_verdict["copy"] == {"NUSD 18", "USC 196"}
    assert by_verdict["peg_unknown"] == {
        "RAI 40", "FLOAT 41", "FPI 66", "SILK 113", "GYEN 122", "CDT 137", "eGBP 140", "VCHF 157", "AUDD 165",
        "CJPY 179", "zunETH 182", "BtcUSD 183", "ISC 186", "CREAL 199",
    }  # fmt: skip
    assert found["18"].reason == "its price is that of USDC (2) in all digits"
    assert found["91"].reason == "13.10% below the median of 11 other EUR coins"
    assert found["129"].reason == "it has no fixed peg: 6.72% above the dollar itself"


def test_of_the_captured_coins_none_that_is_watched_by_default_is_off_its_peg() -> None:
    found = classified(captured_rows(), watch=" ".join(parse_config({}).stablecoins))
    watched = {f"{j.coin.symbol} {j.coin.coin_id}" for j in found.values() if j.verdict == PegVerdict.ON_PEG}
    assert watched == {
        "USDT 1", "USDC 2", "DAI 5", "FRAX 6", "TUSD 7", "USDD 14", "USDS 32", "EURC 50", "FDUSD 119", "PYUSD 120",
        "USDe 146", "USDS 209",
    }  # fmt: skip
    assert not [item for item in found.values() if item.verdict == PegVerdict.OFF_PEG]


@pytest.mark.django_db
def test_the_captured_list_gives_events_of_watched_coins_only() -> None:
    with UpstreamServer() as server:
        body = gzip.decompress(capture(CAPTURED).read_bytes())
        answer = Reply(body, headers={"content-type": "application/json"})
        default = Bench(server)
        assert default.read_raw(answer).items == 206
        assert not DepegEvent.objects.exists() and PeggedCoin.objects.filter(fixed_peg=False).count() == 10
        wider = Bench(server, STABLECOINS="USDT USTC USDP USDY IBEUR USDR NUSD RAI")
        wider.clock.at = default.clock.at
        assert wider.read_raw(answer).outcomes["opened"] == 2
        assert set(DepegEvent.objects.values_list("symbol", flat=True)) == {"IBEUR", "USDR"}


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (coin(price=0.97), "off_peg"),
        (coin(price="0.97"), "off_peg"),
        (coin(price=1.011), "off_peg"),
        (coin(price=0.99), "on_peg"),
        (coin(price=None), "no_price"),
        (coin(price=0), "no_price"),
        (coin(price=0.0), "no_price"),
        (coin(price=0.5, yieldBearing=True), "yield_bearing"),
        (coin(price=0.5, deadFrom="2022-05-13"), "retired"),
        (coin(price=0.5, delisted=True), "retired"),
        (coin(price=0.5, deprecated=True), "retired"),
        (coin(price=0.5, delisted=False, deprecated=None, yieldBearing=False), "off_peg"),
        (coin(price=1.03), "off_peg"),
        (coin(price=1.0301), "no_fixed_peg"),
        (coin(price=0.97, peg="peggedVAR"), "peg_unknown"),
        (coin(price=0.97, peg="peggedJPY"), "peg_unknown"),
        (coin(symbol="XYZ", price=0.5), "not_watched"),
        (coin(symbol="Usdc", price=0.5), "off_peg"),
    ],
)
def test_a_coin_by_itself(row: Mapping[str, Any], verdict: str) -> None:
    assert classified([row], watch="USDC")["2"].verdict == verdict


def test_a_coin_that_was_on_its_peg_before_has_one_however_far_it_rises() -> None:
    assert classified([coin(price=1.2)], fixed_peg={"2": True})["2"].verdict == "off_peg"
    assert classified([coin(price=0.5)], fixed_peg={"2": False})["2"].verdict == "no_fixed_peg"


def test_a_price_equal_to_anothers_in_all_digits_is_a_copy_and_round_ones_meet_by_chance() -> None:
    found = classified([coin("1", "A", 0.87654, supply=5), coin("2", "B", 0.87654, supply=9), coin("3", "C", 0.87655)])
    assert [found[key].verdict for key in "123"] == ["copy", "off_peg", "off_peg"]
    found = classified([coin("1", "A", 0.877, supply=5), coin("2", "B", 0.877, supply=9)])
    assert [found[key].verdict for key in "12"] == ["off_peg", "off_peg"]


def euros(*prices: float | None) -> list[dict[str, Any]]:
    return [coin(str(100 + number), f"E{number}", price, "peggedEUR") for number, price in enumerate(prices)]


def test_the_peg_of_another_currency_is_the_median_of_at_least_three_others_that_count() -> None:
    rates = {"EUR": Rate(0.8, START - timedelta(hours=12))}
    target = coin("50", "EURC", 1.06, "peggedEUR")
    found = classified([target, *euros(1.05, 1.06, 1.2)], rates=rates)["50"]
    assert found.reference is not None and found.reference.dollars == 1.06
    # Two, a dead one, one without a price, a floating one and a copy are not three.
    rows = [target, *euros(1.05, 1.07654, None, 1.07654), coin("60", "E8", 1.1, "peggedEUR", deprecated=True)]
    found = classified([*rows, coin("61", "E9", 1.3, "peggedEUR")], rates=rates, fixed_peg={"61": False})["50"]
    assert found.reference is not None and found.reference.dollars == 1 / 0.8
    assert classified(rows)["50"].verdict == "peg_unknown"
    assert classified(rows, rates={"EUR": Rate(0.8, START - timedelta(days=9))})["50"].verdict == "peg_unknown"


def test_rates_are_those_of_the_newest_day_in_units_per_dollar_whatever_their_base() -> None:
    days = [
        {"date": "1735689600", "rates": {"USD": 1, "EUR": 0.5}},
        {"date": 1735776000, "rates": {"USD": 2, "EUR": 1, "JPY": 300, "XXX": 0}},
        {"date": None, "rates": {"EUR": 7}},
    ]
    rates = parse_rates(payload(days, "defillama.rates"))
    dated = datetime(2025, 1, 2, tzinfo=UTC)
    assert rates == {"USD": Rate(1, dated), "EUR": Rate(0.5, dated), "JPY": Rate(150, dated)}
    refused: list[Any] = [[], {}, [{"date": 1}], [{"date": 1735689600, "rates": {"EUR": "x"}}]]
    for wrong in refused:
        with pytest.raises(SchemaDrift):
            parse_rates(payload(wrong, "defillama.rates"))


def test_a_list_that_was_asked_without_prices_is_drift() -> None:
    row = coin()
    del row["price"]
    with pytest.raises(SchemaDrift, match="price"):
        parse_stablecoins(payload(listing(row)))


def test_supply_is_a_help_and_never_a_condition() -> None:
    coins, bad_rows = parse_stablecoins(payload(listing(coin() | {"circulating": "?", "circulatingPrevDay": None})))
    assert not bad_rows and coins == (Stablecoin("2", "USDC", "USDC coin", "USD", 1.0),)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = ["id", "symbol", "name", "pegType", "price", "circulating", "circulatingPrevDay", "deadFrom", "yieldBearing"]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON), _JSON)
def test_whatever_a_row_or_the_answer_becomes_it_is_read_put_aside_or_drift(row: dict[str, Any], other: Any) -> None:
    rows = [coin("1", "USDT", 1.0), coin() | row]
    coins, bad_rows = parse_stablecoins(payload(listing(*rows)))
    assert len(coins) + len(bad_rows) in (1, 2)
    classify_coins(coins, PegKnowledge(0.01, START, "x"))
    for body in (other, {"peggedAssets": other}):
        for parse in (parse_stablecoins, parse_rates):
            try:
                parse(payload(body))
            except SchemaDrift:
                continue


def payload_halves() -> Iterator[bytes]:
    whole = json.dumps(listing(coin())).encode()
    yield from (whole[:cut] for cut in range(0, len(whole), 7))


@pytest.mark.parametrize("body", [*payload_halves(), b"<html></html>", b"[]", b"null", b"\xff"])
def test_a_body_that_is_cut_off_or_no_list_is_drift(body: bytes) -> None:
    with pytest.raises(SchemaDrift):
        parse_stablecoins(payload(body))

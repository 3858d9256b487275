"""What else can stand at our address, and what else can stand in a chain: the sharp edges of freqtrade's lists.

Whatever is said here to open a pair at risk does so in the real freqtrade: docs/bots/freqtrade.md warns of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from events import clock
from events.models import Heartbeat
from tests.api.support import all_is_fresh, manual_event
from tests.peers.freqtrade.bot import PairLists
from tests.peers.freqtrade.desk import PAIRS, blocks, desk_market
from tests.support.daemon_process import eventually
from tests.support.peers import python_of
from tests.upstreams import Close, CutBody, Reply, Reset, UpstreamServer, banned, challenge_page, cut_json, redirect

REFRESH = 16.0
GOOD = {"pairs": ["BTC/USDT", "ETH/USDT"], "refresh_period": 15}
WRONG = {"SOL/USDT", "XYZ/USDT"}
"""What is never on the list."""
JSON = {"content-type": "application/json"}
ANSWERS: dict[str, Any] = {
    "an empty object": {},
    "no pair": {"pairs": []},
    "null": {"pairs": None},
    "a list": ["BTC/USDT"],
    "text": Reply('"BTC/USDT"', headers=JSON),
    "a pattern that is none": {"pairs": ["*/USDT"]},
    "a number among the pairs": {"pairs": [1]},
    "a period that is none": {"pairs": ["BTC/USDT"], "refresh_period": "soon"},
    "a byte-order mark": Reply(b'\xef\xbb\xbf{"pairs": ["BTC/USDT"]}', headers=JSON),
    "no UTF-8": Reply(b'{"pairs": ["\xff\xfe"]}', headers=JSON),
    "NaN": Reply("NaN", headers=JSON),
    "only brackets": Reply("[" * 5000, headers=JSON),
    "a cut object": cut_json(GOOD),
    "a cut body": CutBody(GOOD),
    "nothing at all": Close(),
    "a reset": Reset(),
    "204": 204,
    "401 as JSON": Reply({"detail": "no"}, 401),
    "403 as JSON": Reply({"detail": "no"}, 403),
    "404 as JSON": Reply({"detail": "no"}, 404),
    "429 as JSON": banned(),
    "503": Reply("later", 503),
    "a page": challenge_page(),
    "a redirect to itself": redirect("/list"),
    "gzip that is none": Reply(b"{}", headers={**JSON, "content-encoding": "gzip"}),
    "plain text with pairs": Reply('{"pairs": ["SOL/USDT", "XYZ/USDT"]}'),
    "problem details": Reply({"pairs": ["SOL/USDT"]}, 500, {"content-type": "application/problem+json"}),
}


def remote(url: str, **changes: Any) -> dict[str, Any]:
    """Our filter as the page has it, at another address."""
    found: dict[str, Any] = json.loads(blocks("http://127.0.0.1:1", "ews_x")["allow"])["pairlists"][-1]
    return found | {"pairlist_url": url, "read_timeout": 1} | changes


def chains(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every chain in which nothing at risk may become tradable."""
    ours = remote(url)
    return {
        "static": [{"method": "StaticPairList"}, ours],
        "alone": [ours],
        "volume": [{"method": "VolumePairList", "number_assets": 4, "sort_key": "quoteVolume"}, ours],
        "shuffled": [{"method": "StaticPairList"}, {"method": "ShuffleFilter"}, ours],
        "twice": [{"method": "StaticPairList"}, ours, {"method": "PriceFilter", "low_price_ratio": 0.5}, ours],
    }


@pytest.fixture
def upstream() -> Iterator[UpstreamServer]:
    with UpstreamServer() as server:
        yield server


@pytest.mark.parametrize("name", chains(""))
def test_nothing_that_can_stand_at_our_address_opens_a_pair_that_was_not_allowed(
    name: str, lists: PairLists, upstream: UpstreamServer
) -> None:
    chain = chains(upstream.url("/list"))[name]
    for what, answer in ANSWERS.items():
        upstream.route("/list", answer)
        assert not WRONG & set(lists.start(PAIRS, pairlists=chain).pairs or ()), what
        upstream.route("/list", GOOD)
        assert set(lists.start(PAIRS, pairlists=chain).pairs or ()) == {"BTC/USDT", "ETH/USDT"}, what
        upstream.route("/list", answer)
        for seconds in (REFRESH, 0, REFRESH):
            found = lists.refresh(seconds)
            assert found.error or not WRONG & set(found.pairs or ()), (what, found)
        upstream.route("/list", GOOD)
        assert set(lists.refresh(REFRESH).pairs or ()) == {"BTC/USDT", "ETH/USDT"}, what


@pytest.fixture
def at_risk(upstream: UpstreamServer) -> Callable[..., set[str]]:
    """Runs a chain around our list: the pairs that are tradable 16 s after ETH is no more on it."""

    def run(lists: PairLists, *chain: dict[str, Any], after: float = REFRESH, **config: Any) -> set[str]:
        upstream.route("/list", GOOD)
        began = lists.start(PAIRS, pairlists=list(chain), **config)
        assert not began.error, began
        upstream.route("/list", {"pairs": ["BTC/USDT"], "refresh_period": 15})
        return set(lists.refresh(after).pairs or ())

    return run


def test_a_chain_as_it_should_be(at_risk: Callable[..., set[str]], lists: PairLists, upstream: UpstreamServer) -> None:
    ours = remote(upstream.url("/list"))
    assert at_risk(lists, {"method": "StaticPairList"}, ours) == {"BTC/USDT"}
    assert at_risk(lists, {"method": "StaticPairList"}, ours, after=14) == {"BTC/USDT", "ETH/USDT"}, "it is cached"


def test_what_stands_behind_ours_and_adds_pairs(
    at_risk: Callable[..., set[str]], lists: PairLists, upstream: UpstreamServer, tmp_path: Path
) -> None:
    first, ours = {"method": "StaticPairList"}, remote(upstream.url("/list"))
    assert at_risk(lists, first, ours, {"method": "StaticPairList"}) == set(PAIRS)
    other = tmp_path / "mine.json"
    other.write_text(json.dumps({"pairs": ["XYZ/USDT"]}))
    appending = {"method": "RemotePairList", "pairlist_url": f"file:///{other}", "processing_mode": "append"}
    assert at_risk(lists, first, ours, appending) == {"BTC/USDT", "XYZ/USDT"}
    consumer = json.loads(blocks("http://127.0.0.1:1", "ews_x")["push"])["external_message_consumer"]
    producer = {"method": "ProducerPairList", "producer_name": "ews"}
    at_risk(lists, first, ours, producer, external_message_consumer=consumer)
    lists.receive("ews", ["XYZ/USDT"])
    assert set(lists.refresh().pairs or ()) == {"BTC/USDT", "XYZ/USDT"}
    # Once more as the last one, ours takes them all away.
    at_risk(lists, first, ours, producer, appending, first, ours, external_message_consumer=consumer)
    lists.receive("ews", ["XYZ/USDT"])
    assert set(lists.refresh().pairs or ()) == {"BTC/USDT"}


ADD = {"StaticPairList", "ProducerPairList", "RemotePairList"}
TAKE_AWAY: dict[str, dict[str, Any]] = {
    "OffsetFilter": {"offset": 0},
    "PairInformationFilter": {"info_key": "quote", "info_compare_value": "USDT", "selection_mode": "whitelist"},
    "PercentChangePairList": {"number_assets": 9},
    "PriceFilter": {"min_price": 1},
    "ShuffleFilter": {},
    "SpreadFilter": {},
    "VolumePairList": {"number_assets": 9},
}
WITH_CANDLES_OR_A_DATABASE = {
    "AgeFilter", "CrossMarketPairList", "DelistFilter", "FullTradesFilter", "MarketCapPairList", "PerformanceFilter",
    "PrecisionFilter", "VolatilityFilter", "rangestabilityfilter",
}  # fmt: skip
"""Read, not run: each goes through the pairs that it is given."""


def test_every_list_of_freqtrade_is_known_and_the_others_add_nothing(
    at_risk: Callable[..., set[str]], lists: PairLists, upstream: UpstreamServer
) -> None:
    folder = next((python_of("freqtrade").parents[1] / "lib").glob("python3*/site-packages/freqtrade/plugins/pairlist"))
    names = {file.stem for file in folder.glob("*.py")} - {"__init__", "IPairList", "pairlist_helpers"}
    assert names == ADD | TAKE_AWAY.keys() | WITH_CANDLES_OR_A_DATABASE
    first, ours = {"method": "StaticPairList"}, remote(upstream.url("/list"))
    for name, options in TAKE_AWAY.items():
        assert at_risk(lists, first, ours, {"method": name, **options}) == {"BTC/USDT"}, name


def test_a_shuffle_behind_ours_brings_back_the_pair_of_a_trade_that_was_open(
    at_risk: Callable[..., set[str]], lists: PairLists, upstream: UpstreamServer
) -> None:
    """freqtrade adds the pairs of open trades to the list in place, and ShuffleFilter keeps that very list."""
    first, ours = {"method": "StaticPairList"}, remote(upstream.url("/list"))
    shuffle = {"method": "ShuffleFilter"}
    assert at_risk(lists, first, ours, shuffle) == {"BTC/USDT"}
    lists.extend(["ETH/USDT"])  # a trade is open
    assert set(lists.refresh(1).pairs or ()) == {"BTC/USDT", "ETH/USDT"}, "it was closed, and yet"
    assert at_risk(lists, first, shuffle, ours) == {"BTC/USDT"}
    lists.extend(["ETH/USDT"])
    assert set(lists.refresh(1).pairs or ()) == {"BTC/USDT"}


def test_options_of_freqtrade_that_open_a_door(
    at_risk: Callable[..., set[str]], lists: PairLists, upstream: UpstreamServer
) -> None:
    first, url = {"method": "StaticPairList"}, upstream.url("/list")
    slow = remote(url)
    del slow["refresh_period"]
    assert "ETH/USDT" in at_risk(lists, first, slow, after=1_799), "its default is 1,800 s"
    assert at_risk(lists, first, slow, after=1_801) == {"BTC/USDT"}
    # A shorter one than ours is raised to ours.
    assert at_risk(lists, first, remote(url, refresh_period=1), after=2) == {"BTC/USDT", "ETH/USDT"}
    assert at_risk(lists, first, remote(url, processing_mode="append")) == set(PAIRS)
    assert at_risk(lists, first, remote(url, number_assets=1)) == {"BTC/USDT"}
    upstream.route("/list", GOOD)
    lists.start(PAIRS, pairlists=[first, remote(url, keep_pairlist_on_failure=True)])
    upstream.route("/list", 503)
    assert set(lists.refresh(REFRESH).pairs or ()) == {"BTC/USDT", "ETH/USDT"}, "for as long as we are away"
    assert set(lists.refresh(86_400).pairs or ()) == {"BTC/USDT", "ETH/USDT"}


def test_a_bot_whose_own_clock_is_set_back_keeps_its_list_for_so_long_unless_it_is_pushed(
    at_risk: Callable[..., set[str]], lists: PairLists, upstream: UpstreamServer
) -> None:
    first, ours = {"method": "StaticPairList"}, remote(upstream.url("/list"))
    assert at_risk(lists, first, ours, after=-3600) == {"BTC/USDT", "ETH/USDT"}
    assert set(lists.refresh(3600).pairs or ()) == {"BTC/USDT", "ETH/USDT"}
    assert set(lists.refresh(REFRESH).pairs or ()) == {"BTC/USDT"}
    pushed = json.loads(blocks("http://127.0.0.1:1", "ews_x")["push"])
    pushed["pairlists"] = [{"method": "ProducerPairList", "producer_name": "ews"}, ours]
    upstream.route("/list", GOOD)
    lists.start(PAIRS, **pushed)
    lists.receive("ews", ["BTC/USDT", "ETH/USDT"])
    assert set(lists.refresh(-3600).pairs or ()) == {"BTC/USDT", "ETH/USDT"}
    lists.receive("ews", ["BTC/USDT"])
    assert set(lists.refresh().pairs or ()) == {"BTC/USDT"}


def test_a_token_in_the_url_comes_into_the_log_of_freqtrade_and_one_in_the_header_does_not(lists: PairLists) -> None:
    url = "http://127.0.0.1:1/list"
    first, token = {"method": "StaticPairList"}, "ews_SECRET12345678"
    in_url = lists.start(PAIRS, pairlists=[first, remote(f"{url}?key={token}", bearer_token="")])
    in_header = lists.start(PAIRS, pairlists=[first, remote(url, bearer_token=token)])
    assert ("ews_SECRET" in "".join(in_url.log), "ews_SECRET" in "".join(in_header.log)) == (True, False)


def test_a_daemon_that_really_stops_empties_the_list_of_a_running_bot(
    api_url: str, token_of: Callable[..., str], lists: PairLists
) -> None:
    desk_market()
    ours = blocks(api_url, token_of("pairs"))
    for name in ("allow", "block"):
        config = json.loads(ours[name])
        all_is_fresh()
        eventually(lambda config=config: set(lists.start(PAIRS, **config).pairs or ()) == set(PAIRS), 20, name)  # type: ignore[misc]
        Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(seconds=13))
        eventually(lambda: lists.refresh(REFRESH).pairs == [], 20, name)
        assert lists.start(PAIRS, **config).pairs == [], "and one that starts then, starts"
        all_is_fresh()
        eventually(lambda: set(lists.refresh(REFRESH).pairs or ()) == set(PAIRS), 20, name)


def test_a_venue_is_one_market_and_futures_have_a_list_of_their_own(
    api_url: str, token_of: Callable[..., str], lists: PairLists
) -> None:
    desk_market()
    ours = blocks(api_url, token_of("pairs"))
    for venue in ("", "?venue=", "?venue=BINANC", "?venue=BINANCE&venue=OKX", "?venues=BINANCE"):
        for name in ("allow", "block"):
            config = json.loads(ours[name].replace("?venue=BINANCE", venue))
            assert lists.start(PAIRS, **config).error == "OperationalException", (venue, name)
    markets = ("BTC/USDT:USDT", "ETH/USDT:USDT")
    for venue, expected in (("BINANCE_USDM", ["BTC/USDT:USDT"]), ("BINANCE", [])):
        config = json.loads(ours["allow"].replace("venue=BINANCE", f"venue={venue}"))
        assert lists.start(markets, **config).pairs == expected
    manual_event("BTC", action="exit")
    all_is_fresh()
    for name in ("allow", "block"):
        config = json.loads(ours[name].replace("venue=BINANCE", "venue=BINANCE_USDM"))
        assert "BTC/USDT:USDT" not in (lists.start(markets, **config).pairs or ())

"""Two thousand broken payloads through the parsers and detection: SchemaDrift or something valid, nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.drafts import EventDraft
from events.lifecycle.validation import check_draft
from events.upstream.client import Payload
from events.upstream.errors import SchemaDrift, UpstreamError
from exchanges.announcements.detect import DetectionContext
from exchanges.announcements.follow_ups import ReadArticle, drafts_from_articles
from exchanges.announcements.reader import read
from exchanges.announcements.sites.base import ListedArticle
from exchanges.announcements.sites.binance import parse_detail, parse_list, parse_page
from exchanges.announcements.types import BodyUnreadable
from exchanges.halts.system_status import parse_binance_status, parse_okx_status
from exchanges.instruments.binance import parse_exchange_info
from exchanges.instruments.kraken import parse_pairs
from exchanges.instruments.okx import parse_instruments, parse_single
from exchanges.quotes.lists import binance_rows, okx_rows
from exchanges.tags.binance import parse_products
from markets.knowledge import MarketKnowledge
from markets.symbols import SymbolSplitter
from markets.watch import WatchLists
from tests.exchanges.support import RELEASED
from tests.upstreams.binance import (
    Article,
    all_catalogs_list,
    app_data_page,
    article_detail,
    bullets,
    catalog_list,
    html_page,
    removal_notice,
    table,
)
from tests.upstreams.binance_instruments import (
    coinm_exchange_info,
    coinm_symbol,
    spot_exchange_info,
    spot_symbol,
    usdm_exchange_info,
    usdm_symbol,
)
from tests.upstreams.kraken_instruments import asset_pair, asset_pairs
from tests.upstreams.quotes import book_tickers, okx_tickers

pytestmark = pytest.mark.long

NOW = datetime(2026, 10, 1, tzinfo=UTC)
AROUND = DetectionContext(
    MarketKnowledge(), WatchLists(frozenset({"ABC"}), frozenset({"ABC"}), frozenset({"USDT"})), {}, NOW,
    timedelta(days=7),
)  # fmt: skip
ARTICLES = [
    removal_notice("2026-10-02", {"2026-10-02 03:00": ["ABC/USDT", "XYZ/BTC"], "2026-10-02 08:00": ["A/B"]}, RELEASED),
    Article(
        "Binance Will Delist ABC, XYZ on 2026-10-05", RELEASED, (bullets("ABC", "XYZ"), table(["ABC", "2026-10-05"]))
    ),
    Article("Binance Will Support the ABC Network Upgrade", RELEASED, ("Deposits stop at 2026-10-03 08:00 (UTC).",)),
]
ROW = ListedArticle(ARTICLES[0].code, ARTICLES[0].title, RELEASED, "http://127.0.0.1/x")
ODD: list[Any] = [
    None, True, 0, -1, 10**30, 1e308, "", "\0", "\ud800", "💥" * 50, [], {}, [[]], {"node": "text"},
    "2026-99-99 25:61 (UTC)",
]  # fmt: skip


def payload(body: bytes) -> Payload:
    return Payload(
        source="binance.announcements", url="http://127.0.0.1/", status=200, headers={}, body=body, received_at=NOW,
        duration=0.0, clock_skew=None,
    )  # fmt: skip


def judged(body: Payload, parse: Callable[[Payload, ListedArticle], Any]) -> None:
    article = parse(body, ROW)
    drafts, _ = drafts_from_articles([ReadArticle(article, read(article, SymbolSplitter()))], [], AROUND)
    for draft in drafts:
        assert isinstance(draft, EventDraft)
        check_draft(draft, NOW)


PARSERS: list[tuple[str, Callable[[], bytes], Callable[[Payload], Any]]] = [
    ("list", lambda: _json(catalog_list(ARTICLES)), lambda body: parse_list(body, "http://127.0.0.1/")),
    ("old list", lambda: _json(all_catalogs_list(ARTICLES)), lambda body: parse_list(body, "http://127.0.0.1/")),
    ("detail", lambda: _json(article_detail(ARTICLES[0])), lambda body: judged(body, parse_detail)),
    ("detail 2", lambda: _json(article_detail(ARTICLES[1])), lambda body: judged(body, parse_detail)),
    ("detail html", lambda: _json(article_detail(ARTICLES[2], body="html")), lambda body: judged(body, parse_detail)),
    ("page", lambda: app_data_page(ARTICLES[0]).encode(), lambda body: judged(body, parse_page)),
    ("plain page", lambda: html_page(ARTICLES[1]).encode(), lambda body: judged(body, parse_page)),
    (
        "spot",
        lambda: _json(spot_exchange_info([spot_symbol("ABC/USDT"), spot_symbol("XYZ/BTC")])),
        lambda body: parse_exchange_info(body, "BINANCE"),
    ),
    (
        "usdm",
        lambda: _json(usdm_exchange_info([usdm_symbol("ABC/USDT"), usdm_symbol("1000XYZ/USDT")])),
        lambda body: parse_exchange_info(body, "BINANCE_USDM"),
    ),
    (
        "coinm",
        lambda: _json(coinm_exchange_info([coinm_symbol("ABC")])),
        lambda body: parse_exchange_info(body, "BINANCE_COINM"),
    ),
    ("kraken", lambda: _json(asset_pairs([asset_pair("BTC/USD"), asset_pair("ABC/EUR")])), parse_pairs),
]
OKX_PAIR = {"instId": "ABC-USDT", "state": "live", "baseCcy": "ABC", "quoteCcy": "USDT", "expTime": ""}
OKX_SWAP = {"instId": "ABC-USDT-SWAP", "state": "live", "ctType": "linear", "settleCcy": "USDT", "expTime": ""}
OKX_MAINTENANCE = {
    "title": "Spot", "state": "scheduled", "begin": "1790000000000", "end": "", "serviceType": "1", "env": "1",
}  # fmt: skip
LIST_PARSERS: list[tuple[str, Callable[[], bytes], Callable[[Payload], Any]]] = [
    (
        "products",
        lambda: _json({"data": [{"s": "ABCUSDT", "b": "ABC", "tags": ["Monitoring"]}, {"b": "XYZ", "tags": None}]}),
        parse_products,
    ),
    ("binance quotes", lambda: _json(book_tickers({"ABCUSDT": 1.5, "XYZBTC": 2.0})), binance_rows),
    ("okx quotes", lambda: _json(okx_tickers({"ABC-USDT": 1.5, "XYZ-BTC": 2.0})), okx_rows),
    ("binance status", lambda: _json({"status": 0, "msg": "normal"}), parse_binance_status),
    ("okx status", lambda: _json(_okx(OKX_MAINTENANCE)), parse_okx_status),
    (
        "okx spot",
        lambda: _json(_okx(OKX_PAIR, {**OKX_PAIR, "instId": "XYZ-USDT"})),
        lambda b: parse_instruments(b, "SPOT"),
    ),
    ("okx swap", lambda: _json(_okx(OKX_SWAP)), lambda body: parse_instruments(body, "SWAP")),
    ("okx single", lambda: _json(_okx(OKX_SWAP)), lambda body: parse_single(body, "SWAP")),
]


def _okx(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(rows)}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def mutate_tree(value: Any, dice: random.Random) -> Any:
    """One random place of a JSON value dropped, repeated or replaced by something odd."""
    places: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        node = stack.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for key in keys:
            places.append((node, key))
            stack.append(node[key])
    if not places:
        return dice.choice(ODD)
    container, key = dice.choice(places)
    inner = container[key]
    if isinstance(inner, str) and inner.startswith('{"') and dice.random() < 0.8:
        container[key] = json.dumps(mutate_tree(json.loads(inner), dice))
    elif dice.random() < 0.3:
        del container[key]
    else:
        container[key] = dice.choice(ODD)
    return value


def mutate(body: bytes, dice: random.Random) -> bytes:
    kind = dice.random()
    if kind < 0.6:
        try:
            value = json.loads(body)
        except ValueError:
            kind = 0.7
        else:
            for _ in range(dice.randint(1, 3)):
                value = mutate_tree(value, dice)
            return json.dumps(value).encode()
    position = dice.randrange(len(body))
    if kind < 0.75:
        return body[:position]
    if kind < 0.9:
        return body[:position] + dice.randbytes(dice.randint(1, 8)) + body[position + dice.randint(0, 8) :]
    end = min(len(body), position + dice.randint(1, 400))
    return body[:position] + body[position:end] * 2 + body[end:]


@pytest.mark.parametrize(
    ("name", "make", "parse"), [*PARSERS, *LIST_PARSERS], ids=[name for name, _, _ in [*PARSERS, *LIST_PARSERS]]
)
def test_every_fixture_is_read_before_it_is_broken(
    name: str, make: Callable[[], bytes], parse: Callable[[Payload], Any]
) -> None:
    parse(payload(make()))


def test_two_thousand_mutated_payloads_give_schema_drift_or_something_valid() -> None:
    dice = random.Random(20261001)
    drifted = 0
    for _ in range(2000):
        name, make, parse = dice.choice(PARSERS)
        body = mutate(make(), dice)
        try:
            parse(payload(body))
        except (SchemaDrift, BodyUnreadable):
            drifted += 1
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error} for {body[:300]!r}") from error
    assert 300 < drifted < 1900, "the mutator neither leaves everything whole nor breaks everything"


@pytest.mark.parametrize(("name", "make", "parse"), LIST_PARSERS, ids=[name for name, _, _ in LIST_PARSERS])
def test_a_mutated_list_gives_an_upstream_error_or_rows(
    name: str, make: Callable[[], bytes], parse: Callable[[Payload], Any]
) -> None:
    """An OKX code other than "0" is an error of another kind than SchemaDrift."""
    dice = random.Random(name)
    failed = 0
    for _ in range(300):
        body = mutate(make(), dice)
        try:
            parse(payload(body))
        except UpstreamError:
            failed += 1
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error} for {body[:300]!r}") from error
    assert 60 < failed < 300

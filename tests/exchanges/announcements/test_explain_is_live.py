"""`explain` answers what the daemon does: for random notices and watch lists, and for the labelled captures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_ews.conf import parse_config
from events.drafts import EventDraft
from events.enums import EVERYTHING
from events.replay.engine import Replay
from events.replay.report import report_of
from events.upstream.archive_file import RecordedPayload
from exchanges.announcements.context import identified
from exchanges.announcements.detect import DetectionContext
from exchanges.announcements.explain import explain_lines, iso
from exchanges.announcements.follow_ups import ReadArticle, drafts_from_articles
from exchanges.announcements.types import Article
from markets.knowledge import MarketKnowledge
from markets.shipped_assets import shipped_identity
from markets.symbols import SymbolSplitter
from markets.watch import WatchLists, configured_watch_lists
from tests.exchanges.samples import CAPTURES

SPLITTER = SymbolSplitter()
COINS = ("BTC", "ETH", "LUNA", "LUNC", "FTM", "S", "MATIC", "XBT", "AAA", "1000SHIB", "SHIB", "GAL", "UST")
QUOTES = ("USDT", "USD", "TUSD", "BTC", "RON", "FDUSD", "BUSD")

coins = st.sampled_from(COINS)
names = st.lists(coins, max_size=4).map(frozenset)
watch_lists = st.builds(WatchLists, names, names, st.lists(st.sampled_from(QUOTES), max_size=3).map(frozenset))
# Before and after each of the days on which a name began to mean another coin.
moments = st.sampled_from(["2022-05-13", "2022-06-01", "2024-06-01", "2024-12-31", "2025-02-01", "2026-09-29"])
pairs = st.builds("{}/{}".format, coins, st.sampled_from(QUOTES))


@st.composite
def notices(draw: st.DrawFn) -> dict[str, Any]:
    coin, other, pair, second = draw(coins), draw(coins), draw(pairs), draw(pairs)
    contract = pair.replace("/", "")
    title = draw(
        st.sampled_from(
            [
                f"Foo Will Delist {coin} and {other}",
                f"Notice of Removal of Spot Trading Pair ({pair})",
                "Notice of Removal of Spot Trading Pairs",
                f"Foo Futures Will Delist {contract} Perpetual Contract",
                f"Foo Margin Will Delist {pair}",
                f"Foo Will Support the Fantom ({coin}) Network Upgrade & Hard Fork",
                f"Foo Will Extend the Monitoring Tag to Include {coin}",
                f"Foo suspends deposits and withdrawals of {coin}",
                "OKX to suspend all spot trading pairs",
                f"Binance Alpha Will Remove {coin}, {other}",
                f"Foo Will List {coin}",
                f"Foo Has Completed the {coin} Network Upgrade",
                f"Foo to postpone the delisting of {contract} perpetual futures",
            ]
        )
    )
    at = f"{draw(moments)} 03:00 (UTC)"
    body = draw(
        st.sampled_from(
            [
                None,
                f"We will remove and cease trading on the following spot trading pairs at {at}: {pair} and {second}.",
                f"We will delist {coin} and remove the {pair} pair at {at}.",
                f"Trading of {contract} perpetual contracts ends at {at}.",
            ]
        )
    )
    return {"exchange": draw(st.sampled_from(["binance", "okx"])), "title": title, "body": body,
            "released_at": f"{draw(moments)}T01:00:00Z"}  # fmt: skip


def live(notice: dict[str, Any], watch: WatchLists) -> EventDraft | None:
    """What the daemon makes of a notice that it meets when it is released: `AnnouncementUpdater`'s own steps."""
    released = datetime.fromisoformat(notice["released_at"]).astimezone(UTC)
    now = released + timedelta(seconds=30)
    identity = shipped_identity()
    around = DetectionContext(
        MarketKnowledge(identity=identity, at=now), watch.as_of(identity, now), {}, now, timedelta(days=7)
    )
    article = Article(notice["exchange"], "code", notice["title"], notice["body"], released)
    drafts, _ = drafts_from_articles([ReadArticle(article, identified(article, SPLITTER, around))], [], around)
    return drafts[0] if drafts else None


def explained(notice: dict[str, Any], watch: WatchLists) -> dict[str, Any]:
    (answer,) = explain_lines([json.dumps(notice)], watch)
    return answer


def assert_same(notice: dict[str, Any], watch: WatchLists) -> None:
    answer, draft = explained(notice, watch), live(notice, watch)
    assert answer["event"] == (draft is not None)
    if draft is None:
        assert answer["priority"] is None
        return
    assert answer["priority"] == draft.priority, (notice, watch)
    for name in ("phase", "market", "rule", "tokens", "tickers"):
        assert answer[name] == draft.facts[name], (name, notice)
    assert answer["category"] == draft.category
    assert answer["important_dates"] == list(dict.fromkeys(iso(date.at) for date in draft.important_dates))
    # What halts a whole venue acts on whatever it trades, and on what is watched there.
    assert {effect.token for effect in draft.effects} <= {*answer["tokens"], EVERYTHING, *watch.as_of(
        shipped_identity(), datetime.fromisoformat(notice["released_at"])).spot}  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(notices(), watch_lists)
def test_explain_is_the_live_path_for_any_notice_and_watch_list(notice: dict[str, Any], watch: WatchLists) -> None:
    assert_same(notice, watch)


def labelled() -> Iterator[dict[str, Any]]:
    for file in ("labelled_titles.jsonl", "labelled_articles.jsonl"):
        for line in (CAPTURES / file).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            released = row.get("released_at") or row.get("date")
            if released:
                at = datetime.fromisoformat(released.replace("Z", "+00:00"))
                at = at if at.tzinfo else at.replace(tzinfo=UTC)
                yield {"exchange": row["exchange"], "title": row["title"], "body": row.get("body"),
                       "released_at": iso(at)}  # fmt: skip


@pytest.mark.long
@pytest.mark.skipif(not CAPTURES.is_dir(), reason=f"the captured announcements are not at {CAPTURES}")
def test_explain_is_the_live_path_on_the_labelled_captures() -> None:
    watch = configured_watch_lists(parse_config({"SPOT_CURRENCIES": "BTC ETH ADA FTM", "USDM_CURRENCIES": "SOL UNI"}))
    notices = list(labelled())
    assert len(notices) > 500
    for notice in notices:
        assert_same(notice, watch)


@pytest.mark.django_db(transaction=True)
def test_explain_is_what_a_replay_records() -> None:
    """Through fetching, parsing and the database: one notice for each difference that the two rules had."""
    config = parse_config({"SPOT_CURRENCIES": "BTC LUNA", "USDM_CURRENCIES": "ETH", "BASE_CURRENCIES": "USDT USD"})
    released = datetime(2022, 5, 13, 0, 30, tzinfo=UTC)
    titles = [
        "Notice of Removal of Spot Trading Pair (BTC/TUSD)",
        "Notice of Removal of Spot Trading Pair (BTC/USDT)",
        "Binance Will Delist LUNA on 2022-05-14",
        "Binance Will Delist ETH on 2022-05-14",
        "Binance Futures Will Delist ETHUSDT Perpetual Contract",
        "Binance Futures Will Delist ETHBUSD Perpetual Contract",
    ]
    articles = [
        {"id": n, "code": f"code{n}", "title": title, "releaseDate": int(released.timestamp() * 1000)}
        for n, title in enumerate(titles)
    ]
    body = {
        "code": "000000",
        "data": {"catalogs": [{"catalogId": 161, "catalogName": "Delisting", "articles": articles}]},
    }
    payloads = [
        RecordedPayload("binance.announcements", released + timedelta(minutes=1), url, 200, json.dumps(body).encode())
        for url in (config.binance_delist_url,)
    ]
    report = report_of(Replay(config, iter(payloads)).run())
    recorded = {tuple(event["facts"]["tickers"] or event["tokens"]): event["priority"] for event in report["events"]}
    lines = [json.dumps({"exchange": "binance", "title": title, "released_at": iso(released)}) for title in titles]
    answers = list(explain_lines(lines, configured_watch_lists(config)))
    assert recorded == {tuple(answer["tickers"] or answer["tokens"]): answer["priority"] for answer in answers}
    assert [answer["priority"] for answer in answers] == ["low", "high", "high", "low", "high", "low"]
    assert answers[2]["tokens"] == ["LUNC"]

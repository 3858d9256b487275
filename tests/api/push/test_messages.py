"""What readers get: by subscription, merged, by the state of the daemon and of the database; whales."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from django.db import connection

from api.push.messages import PIECE, Framing, Message
from api.push.subscription import Subscription, requested, subscribe_frame
from events import clock
from events.database.partitions import make_partitions
from events.models import Heartbeat
from orderbooks.live.hub import HUB
from orderbooks.models import WhaleOrder
from orderbooks.records import ScoredOrder
from tests.api.push.clients import SseReader
from tests.api.push.conftest import Served, eventually
from tests.api.push.test_stream import beat
from tests.api.support import manual_event

ROW = b'{"token":"BTC","venues":[%b],"categories":["%b"]}'


@pytest.mark.parametrize(
    ("venues", "category", "takes"),
    [
        (b"", b"delisting", True),
        (b'"OKX"', b"delisting", False),
        (b'"BINANCE","OKX"', b"delisting", True),
        (b'"BINANCE_USDM"', b"delisting", False),
        (b'"BINANCE_USDM"', b"wallet_suspension", True),
    ],
)
def test_a_row_is_asked_for_where_it_holds(venues: bytes, category: bytes, takes: bool) -> None:
    asked = Subscription(assets=frozenset({"BTC"}), venues=frozenset({"BINANCE"}), exchanges=frozenset({"BINANCE"}))
    assert asked.takes(ROW % (venues, category)) is takes
    assert not Subscription(assets=frozenset({"ETH"})).takes(ROW % (venues, category))


def test_what_names_no_token_and_what_names_a_whole_venue_is_kept_from_nobody() -> None:
    asked = Subscription(assets=frozenset({"BTC"}), venues=frozenset({"OKX"}), exchanges=frozenset({"OKX"}))
    assert asked.takes_any("event", ()) and asked.takes_any("event", (("*", "OKX"), ("ETH", "")))
    assert not asked.takes_any("event", (("*", "BINANCE"), ("ETH", "OKX")))
    assert not asked.takes_any("whale", (("BTC", ""),))


@pytest.mark.parametrize("text", ["", "null", "[" * 100_000, '{"subscribe": []}', '{"subscribe": {}, "last_id": 5}'])
def test_a_frame_that_is_no_subscription_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        subscribe_frame(text)


@pytest.mark.parametrize("asked", [{"kinds": "risk"}, {"kinds": [1]}, {"assets": ["x" * 65]}, {"kinds": ["nosuch"]}])
def test_names_that_are_none_are_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        requested(asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 200_000])
def test_a_message_is_framed_in_pieces_that_read_back(size: int) -> None:
    body = b'"' + b"x" * size + b'"'
    message = Message([("a", body), ("b", b"{}")])
    plain = b"id: a\ndata: " + body + b"\n\nid: b\ndata: {}\n\n"
    assert b"".join(message.pieces(Framing.PLAIN)) == plain
    chunks = b"".join(message.pieces(Framing.CHUNKED))
    read = b""
    while chunks:
        length, _, rest = chunks.partition(b"\r\n")
        read, chunks = read + rest[: int(length, 16)], rest[int(length, 16) + 2 :]
    assert read == plain
    assert max(map(len, message.pieces(Framing.WEBSOCKET))) <= 2 * PIECE


def test_a_subscription_holds_back_what_was_not_asked_for(api_url: str, token_of: Callable[..., str]) -> None:
    token = token_of()
    with SseReader(api_url, "/api/v1/stream?kinds=risk,event&assets=doge", token) as stream:
        assert stream.status == 200, stream.rest()
        stream.until("snapshot")
        manual_event("SHIB")
        mine = manual_event("DOGE")
        got = {body["kind"]: body for body in (stream.until("event", "risk"), stream.until("event", "risk"))}
        assert got["event"]["event_id"] == mine.pk
        assert [row["token"] for row in got["risk"]["changed"]] == ["DOGE"]
    for path, status in (("?kind=risk", 422), ("?venues=nosuch", 422), ("?kinds=risk&venues=okx", 200)):
        with SseReader(api_url, "/api/v1/stream" + path, token) as stream:
            assert stream.status == status, path
    bearer = {"Authorization": f"Bearer {token}"}
    head = httpx.head(f"{api_url}/api/v1/stream", headers=bearer, trust_env=False)
    assert head.status_code == 200 and head.headers["content-type"].startswith("text/event-stream")


@pytest.mark.long
def test_changes_within_a_moment_are_one_message(api_url: str, token_of: Callable[..., str]) -> None:
    with SseReader(api_url, "/api/v1/stream?kinds=risk", token_of()) as stream:
        stream.until("snapshot")
        tokens = [f"COIN{number}" for number in range(8)]
        for token in tokens:
            manual_event(token)
        found: list[list[str]] = []
        while sum(map(len, found)) < len(tokens):
            found.append([row["token"] for row in stream.until("risk")["changed"]])
        assert len(found[0]) < len(tokens) and len(found) < len(tokens)
        assert sorted(token for one in found for token in one) == tokens


def test_a_status_that_changes_is_said_at_once_and_connections_that_break_lose_nothing(
    api_url: str, token_of: Callable[..., str]
) -> None:
    beat()
    with SseReader(api_url, "/api/v1/stream?kinds=event", token_of()) as stream:
        assert stream.until("snapshot")["status"] == "fresh"
        began = time.monotonic()
        Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(seconds=13))
        assert stream.until("heartbeat")["status"] == "unknown"
        assert time.monotonic() - began < 2
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database()"
                " AND application_name IN ('crypto_ews streams', 'crypto_ews api watch')"
            )
            assert cursor.fetchone() == (2,)
        event = manual_event("DOGE")
        body = stream.first(lambda body: body["kind"] in ("event", "resync"))
        assert (body["kind"], body["event_id"]) == ("event", event.pk)


@pytest.mark.long
def test_whales_come_from_the_collector_of_this_process_or_as_they_were_stored(
    served: Served, token_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.database_now()
    at_ms = int(now.timestamp() * 1000)
    order = ScoredOrder(
        "BINANCE", "BTCUSDT", True, 60_000.0, 50.0, 51.0, 60_010.0, 0.0002, 4.0, 6, at_ms, at_ms * 10**6
    )
    token = token_of()
    monkeypatch.setattr(HUB, "collecting", True)
    with SseReader(served.url, "/api/v1/stream?kinds=whale", token) as stream:
        stream.until("snapshot")
        eventually(lambda: HUB.has_subscriber("BINANCE", "BTCUSDT"))
        HUB.publish(order._replace(score=0))
        HUB.publish(order)
        whale = stream.until("whale")
        assert (whale["side"], whale["score"], whale["venue"]) == ("bid", 6, "BINANCE")

        HUB.collecting = False
        eventually(lambda: not HUB.has_subscriber("BINANCE", "BTCUSDT"))
        time.sleep(0.1)
        make_partitions("orderbooks_whaleorder", [now.date()])
        WhaleOrder.objects.create(
            venue="OKX", symbol="BTC-USDT", at=now, is_bid=False, price=1.0, size=2.0, level_size=2.0, mid=1.0,
            distance=0.0, sigmas=3.0, score=5, received_at=now,
        )  # fmt: skip
        whale = stream.until("whale")
        assert (whale["side"], whale["score"], whale["venue"]) == ("ask", 5, "OKX")
    eventually(lambda: served.readers == 0 and served.hub.tasks == 0)

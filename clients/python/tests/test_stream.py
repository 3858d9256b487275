"""The stream itself: watched, cut, silent, and opened again."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from fake_api import TOKEN, FakeApi, Reply, message, risk_row
from push_world import World

from ews_client import Client, EwsError, Heartbeat, Notice, Resync, RiskChange, Snapshot
from ews_client.listener import wait_seconds
from ews_client.messages import message_of
from ews_client.sse import Frames


def test_watch_goes_on_where_it_was_cut_and_gives_typed_messages(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    world.stream.first += [message("risk", seq=8, changed=[risk_row()], removed=["ATOM"])]
    with Client(world.server.url, TOKEN, fail="closed") as client:
        watched = client.watch(kinds=["risk", "event"], assets="BTC", venues=["BINANCE"])
        snapshot, beat, change = next(watched), next(watched), next(watched)
        assert isinstance(snapshot, Snapshot) and isinstance(beat, Heartbeat) and isinstance(change, RiskChange)
        assert (change.changed[0].token, change.removed, change.seq, beat.age_ms) == ("LUNA", ("ATOM",), 8, 300)
        world.stream.first = [message("event", n=77, what="event.closed"), message("resync", why="queue was full")]
        world.stream.cut()
        event, resync = next(watched), next(watched)
        assert isinstance(event, Notice) and isinstance(resync, Resync)
        assert (event.n, event.what, resync.why) == (77, "event.closed", "queue was full")
        watched.close()  # type: ignore[attr-defined]
    first, second = world.server.paths("/stream")
    assert first.query == {"kinds": "risk,event", "assets": "BTC", "venues": "BINANCE"}
    assert (first.headers.get("last-event-id"), second.headers.get("last-event-id")) == (None, "c8")


def test_an_id_that_no_header_can_hold_ends_no_stream(serve: Callable[..., FakeApi]) -> None:
    world = World(serve, message("snapshot"), {**message("event"), "id": "ż\t€"})
    with Client(world.server.url, TOKEN, fail="closed") as client:
        watched = client.watch()
        assert [next(watched).kind for _ in range(2)] == ["snapshot", "event"]
        world.stream.cut()
        assert next(watched).kind == "snapshot"
        watched.close()  # type: ignore[attr-defined]
    assert [one.headers.get("last-event-id") for one in world.server.paths("/stream")] == [None, "c7"]


def test_watch_ends_where_the_server_refuses_and_not_where_it_is_away(serve: Callable[..., FakeApi]) -> None:
    replies = iter([Reply(502, b"<html>", content_type="text/html"), Reply(body={}), Reply(401)])
    server = serve(lambda request: next(replies))
    with Client(server.url, TOKEN, fail="closed") as client, pytest.raises(EwsError, match="credentials: HTTP 401"):
        next(client.watch())
    assert len(server.requests) == 3
    with Client(server.url, TOKEN, fail="closed") as client, pytest.raises(ValueError, match="kinds named risks"):
        next(client.watch(kinds="risks"))


@pytest.mark.long
def test_a_stream_without_heartbeat_is_dead_whatever_drips_in(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ews_client.listener.SILENCE_SECONDS", 0.3)
    world = World(serve)
    with Client(world.server.url, TOKEN, fail="closed") as client:
        watched = client.watch()
        assert [type(next(watched)).__name__ for _ in range(2)] == ["Snapshot", "Heartbeat"]
        dripping = threading.Event()

        def drip() -> None:
            while not dripping.wait(0.05):
                for conn in world.stream.connections:
                    try:
                        conn.sendall(b"3\r\n:x\n\r\n")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert isinstance(next(watched), Snapshot)
        finally:
            dripping.set()
            thread.join()
    assert len(world.server.paths("/stream")) == 2


def test_waits_double_up_to_ten_seconds_are_scattered_and_never_shorter_than_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ews_client.listener.FIRST_WAIT_SECONDS", 0.25)
    assert [wait_seconds(n, jitter=1.0) for n in (1, 2, 3, 6, 7, 1000)] == [0.25, 0.5, 1.0, 8.0, 10.0, 10.0]
    assert wait_seconds(1, retry_after=30.0) == 30.0
    assert len({wait_seconds(7) for _ in range(20)}) > 10
    assert all(5.0 <= wait_seconds(9) <= 10.0 for _ in range(100))


def test_frames_are_cut_as_the_standard_says_wherever_the_bytes_are_split() -> None:
    text = b"\xef\xbb\xbfdata: a\r\ndata:b\r\n\r\n: comment\n\nid: 7\rdata: {\xe2\x82\xac}\r\r"
    text += b"event: x\nid: 8\n\ndata\n\ndata: c\n\n"
    expected = [("a\nb", None), ("{€}", "7"), ("", None), ("c", None)]
    for size in range(1, len(text)):
        frames = Frames()
        found = [one for at in range(0, len(text), size) for one in frames.feed(text[at : at + size])]
        assert [(one.data, one.id) for one in found] == expected, size
    with pytest.raises(EwsError, match="too_large"):
        list(Frames(most_bytes=100).feed(b"data: " + b"x" * 200))
    with pytest.raises(EwsError, match="too_large"):
        frames = Frames(most_bytes=100)
        for _ in range(50):
            list(frames.feed(b"data: xxx\n"))
    comments = Frames(most_bytes=100)
    assert [one for _ in range(100) for one in comments.feed(b":\n\n")] == []
    with pytest.raises(EwsError, match="malformed"):
        message_of("[]")

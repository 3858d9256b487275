"""The push door for freqtrade: who gets in, what is said, and that the last word is always "nothing"."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from api.bots.channels import Follower, _made, whitelist
from api.bots.tradable import VenuePairs
from api.models import ApiToken
from api.push.messages import Framing
from api.tokens.store import revoke
from crypto_ews.logs import LineFormatter, masked
from events import clock
from events.daemon.web_streams import Lines, StreamLine
from events.models import Heartbeat, SourceHealth
from tests.api.push.conftest import Served, eventually, served  # noqa: F401
from tests.api.support import all_is_fresh, manual_event, quiet_market

PATH = "/api/v1/message/ws"
NOTHING = ["EWS/NOTHING"]
INITIAL = (
    {"type": "subscribe", "data": ["whitelist", "analyzed_df"]},
    {"type": "whitelist"},
    {"type": "analyzed_df", "data": {"limit": 1500, "pair": None}},
)
"""What freqtrade 2026.9 says first."""


def opened(url: str, query: str, **headers: str) -> ClientConnection:
    return connect(f"{url.replace('http', 'ws')}{PATH}?{query}", additional_headers=headers, proxy=None)


def heard(line: ClientConnection, seconds: float = 5.0) -> list[str]:
    """The next list."""
    said = json.loads(line.recv(timeout=seconds))
    assert said["type"] == "whitelist" and said["data"]
    pairs: list[str] = said["data"]
    return pairs


def hear_until(line: ClientConnection, pairs: list[str], seconds: float = 5.0) -> None:
    ends = time.monotonic() + seconds
    while heard(line, max(0.01, ends - time.monotonic())) != pairs:
        pass


def last_words(line: ClientConnection) -> tuple[list[str], int, str]:
    """The last list, with code and reason of the end."""
    pairs: list[str] = []
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            pairs = heard(line)
    assert closed.value.rcvd is not None
    return pairs, closed.value.rcvd.code, closed.value.rcvd.reason


def refusal(url: str, query: str, **headers: str) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused, opened(url, query, **headers):
        pass
    answer = refused.value.response
    return answer.status_code, json.loads(answer.body)["detail"]


def a_bot_hears_the_list_at_once_each_change_of_it_and_an_answer_to_its_question(
    api_url: str, token: str, reads: str
) -> None:
    bearer = f"Bearer {reads}"
    with (
        opened(api_url, f"token={token}&venue=BINANCE") as bot,
        opened(api_url, "venue=BINANCE_USDM", Authorization=bearer) as other,
    ):
        hear_until(bot, ["BTC/USDT", "ETH/BTC"])
        for asked in INITIAL:
            bot.send(json.dumps(asked))
        assert heard(bot) == ["BTC/USDT", "ETH/BTC"]
        manual_event("ETH", action="exit")
        assert heard(bot) == ["BTC/USDT"]
        hear_until(other, ["BTC/USDT:USDT"])
        manual_event("BTC", action="exit")
        assert heard(bot) == heard(other) == NOTHING
        # Candles are not ours to give, and nothing else was said.
        with pytest.raises(TimeoutError):
            bot.recv(timeout=0.05)


def who_is_refused_reads_why(api_url: str, token: str, reads: str) -> None:
    assert refusal(api_url, f"token={token}") == (
        422, 'venue was missing, expected one market behind the token, such as "ws_token": "ews_…&venue=BINANCE"'
    )  # fmt: skip
    status, why = refusal(api_url, f"token={token}&venue=BINANCEX")
    assert status == 422 and "known are BINANCE, " in why
    assert "okx is each of" in refusal(api_url, f"token={token}&venue=okx")[1]
    assert refusal(api_url, f"token={token}&venue=BINANCE&venue=OKX")[0] == 422
    assert refusal(api_url, f"token={token}&venue=BINANCE&pairs=BTC")[0] == 422
    # Only here, only as `token`, and only a token for lists of pairs.
    for query in (f"token={reads}&venue=BINANCE", f"key={token}&venue=BINANCE", "token=ews_0&venue=BINANCE",
                  f"token={token}&token={reads}&venue=BINANCE", "venue=BINANCE"):  # fmt: skip
        assert refusal(api_url, query)[0] == 401, query
    assert refusal(api_url, f"token={token}&venue=BINANCE", Origin="https://elsewhere.example")[0] == 403


def a_token_in_this_url_is_in_no_log(api_url: str, known: str) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(LineFormatter())
    logger = logging.getLogger("uvicorn.error")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with opened(api_url, f"token={known}&venue=BINANCE") as bot:
            heard(bot)
        refusal(api_url, f"token={known}&venue=BINANCEX")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    assert PATH in written.getvalue() and known[4:20] not in written.getvalue()
    token = "ews_Qm5nZ2FhbGxlc2dhbnpnZWhlaW11bmRzb3dlaXRlcg8"
    for shown in (f"{PATH}?token={token}&venue=OKX", f"{PATH}?venue=OKX&token={token[4:]}", f"?token={token[:30]}"):
        assert token[4:30] not in masked(shown)
    assert masked("/risk?token=BTC") == "/risk?token=BTC"


def nonsense_and_floods_end_with_nothing(api_url: str, token: str) -> None:
    query = f"token={token}&venue=BINANCE"
    wrong: tuple[str | bytes, ...] = ("{", "[]", "7", '{"type": 1}', b"\0", "[" * 60_000)
    for frames in (wrong, ('{"type": "subscribe"}',) * 25):
        with opened(api_url, query) as bot:
            hear_until(bot, ["BTC/USDT", "ETH/BTC"])
            for frame in frames:
                bot.send(frame)
            pairs, code, why = last_words(bot)
            assert (pairs, code) == (NOTHING, 1008) and why.startswith("more than")
    with opened(api_url, query) as bot:
        bot.send("x" * 70_000)
        assert last_words(bot)[1] == 1009


def test_the_door(api_url: str, token_of: Callable[..., str]) -> None:
    """Together: what takes longest is to empty the database after each test."""
    quiet_market()
    token, reads = token_of("pairs"), token_of("read", name="reads")
    who_is_refused_reads_why(api_url, token, reads)
    a_token_in_this_url_is_in_no_log(api_url, token)
    nonsense_and_floods_end_with_nothing(api_url, token)
    a_bot_hears_the_list_at_once_each_change_of_it_and_an_answer_to_its_question(api_url, token, reads)


@pytest.mark.long
def test_a_token_that_ends_takes_the_list_with_it(api_url: str, token_of: Callable[..., str]) -> None:
    quiet_market()
    tokens = {name: token_of("pairs", name=name) for name in ("revoked", "expired")}
    for name, end in (
        ("revoked", lambda: revoke(ApiToken.objects.get(name="revoked"), datetime.now(UTC))),
        ("expired", lambda: ApiToken.objects.filter(name="expired").update(expires_at=datetime.now(UTC))),
    ):
        with opened(api_url, f"token={tokens[name]}&venue=BINANCE") as bot:
            hear_until(bot, ["BTC/USDT", "ETH/BTC"])
            end()
            began = time.monotonic()
            pairs, code, why = last_words(bot)
            assert (pairs, code) == (NOTHING, 1008) and "token" in why
            assert time.monotonic() - began < 2


@pytest.mark.long
def test_who_leads_no_longer_and_who_stops_says_nothing_before_it_goes(
    served: Served,  # noqa: F811
    token_of: Callable[..., str],
) -> None:
    quiet_market()
    query = f"token={token_of('pairs')}&venue=BINANCE"
    with opened(served.url, query) as bot:
        hear_until(bot, ["BTC/USDT", "ETH/BTC"])
        served.role.leading = False
        assert last_words(bot)[:2] == (NOTHING, 1013)
        served.role.leading = True
    with opened(served.url, query) as bot:
        hear_until(bot, ["BTC/USDT", "ETH/BTC"])
        served.server.stop()
        assert last_words(bot)[:2] == (NOTHING, 1012)


@pytest.mark.long
def test_a_list_ends_by_time_alone_and_comes_back(api_url: str, token_of: Callable[..., str]) -> None:
    quiet_market()
    with opened(api_url, f"token={token_of('pairs')}&venue=BINANCE") as bot:
        hear_until(bot, ["BTC/USDT", "ETH/BTC"])
        Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(seconds=11.7))
        began = time.monotonic()
        assert heard(bot) == NOTHING
        assert 0.1 < time.monotonic() - began < 1.5
        manual_event("ETH", action="exit")
        all_is_fresh()
        # Never, not even for a moment, the list from before.
        assert heard(bot) == ["BTC/USDT"]


@pytest.mark.long
def test_a_source_that_is_silent_ends_the_list(api_url: str, token_of: Callable[..., str]) -> None:
    quiet_market()
    with opened(api_url, f"token={token_of('pairs')}&venue=BINANCE") as bot:
        hear_until(bot, ["BTC/USDT", "ETH/BTC"])
        SourceHealth.objects.update(last_success_at=clock.database_now() - timedelta(hours=1))
        assert heard(bot) == NOTHING


@pytest.mark.long
def test_a_bot_that_says_nothing_is_sent_away_and_nothing_is_left_of_those_who_went(
    served: Served,  # noqa: F811
    token_of: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quiet_market()
    monkeypatch.setattr("api.bots.producer.FIRST_FRAME_SECONDS", 0.2)
    query = f"token={token_of('pairs')}&venue=BINANCE"
    with opened(served.url, query) as bot:
        heard(bot)
        (channels,) = _made.values()
        assert channels._watch is not None
        loop = channels._watch.get_loop()
        pairs, code, why = last_words(bot)
        assert (pairs, code) == (NOTHING, 1008) and "expected a subscription" in why
    for number in range(30):
        bot = opened(served.url, query).__enter__()
        if number % 2:
            heard(bot)
        bot.socket.close()
    eventually(lambda: not channels._of and channels._watch is None)
    eventually(lambda: not [task for task in asyncio.all_tasks(loop) if task.get_name().startswith(("bots:", "a fre"))])


@pytest.mark.long
def test_a_bot_that_takes_nothing_is_cut_off_and_others_hear_on(
    served: Served,  # noqa: F811
    token_of: Callable[..., str],
) -> None:
    quiet_market()
    query = f"token={token_of('pairs')}&venue=BINANCE"
    mute = socket.socket()
    mute.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    place = urlsplit(served.url)
    mute.connect((place.hostname, place.port))
    mute.sendall(
        f"GET {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    with opened(served.url, query) as bot:
        hear_until(bot, ["BTC/USDT", "ETH/BTC"])
        (channels,) = _made.values()
        channel = channels._of["BINANCE"]
        eventually(lambda: len(channel.followers) == 2)
        loop = channels._watch.get_loop() if channels._watch else None
        assert loop is not None
        for number in range(300):
            pairs = tuple(f"{number}N{one}/USDT" for one in range(2_000))
            loop.call_soon_threadsafe(channel.show, VenuePairs("BINANCE", "fresh", None, None, pairs))
        hear_until(bot, list(pairs))
        eventually(lambda: len(channel.followers) == 1)
    mute.close()


async def _slow_reader() -> tuple[int, list[Any]]:
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
    theirs.setblocking(False)
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
    line = StreamLine(transport, Lines(), 30.0, 10)
    follower = Follower(line, lambda: None)
    follower.begin()
    most = 0
    for number in range(1000):
        follower.offer(whitelist([f"{number}/USDT"] * 10_000))
        most = max(most, transport.get_write_buffer_size())
    last = whitelist(["999/USDT"] * 10_000)
    frames = b"".join(last.pieces(Framing.WEBSOCKET))
    read = b""
    ends = time.monotonic() + 5
    while not read.endswith(frames) and time.monotonic() < ends:
        # What `resume_writing` of the server's protocol does.
        line.resumed()
        await asyncio.sleep(0)
        try:
            read += theirs.recv(1_000_000)
        except BlockingIOError:
            await asyncio.sleep(0.001)
    transport.abort()
    theirs.close()
    return most, [len(read) // len(frames), read.endswith(frames)]


def test_what_waits_for_a_slow_bot_is_the_latest_list_and_no_queue() -> None:
    most, (lists, has_last) = asyncio.run(_slow_reader())
    assert most <= 65_600 and has_last and lists < 10

"""The push door for freqtrade: who gets in, what is said, and that the last word is always "nothing"."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from api.bots.channels import Follower, whitelist
from api.models import ApiToken
from api.push.messages import Framing
from api.tokens.store import revoke
from crypto_ews.logs import masked
from events import clock
from events.daemon.web_streams import Lines, StreamLine
from events.models import Heartbeat
from tests.api.push.conftest import Served, served  # noqa: F401
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


def test_a_bot_hears_the_list_at_once_each_change_of_it_and_an_answer_to_its_question(
    api_url: str, token_of: Callable[..., str]
) -> None:
    quiet_market()
    bearer = f"Bearer {token_of('read', name='desk')}"
    with (
        opened(api_url, f"token={token_of('pairs')}&venue=BINANCE") as bot,
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


def test_who_is_refused_reads_why(api_url: str, token_of: Callable[..., str]) -> None:
    quiet_market()
    token, reads = token_of("pairs"), token_of("read", name="reads")
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


def test_a_token_in_this_url_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    token = "ews_Qm5nZ2FhbGxlc2dhbnpnZWhlaW11bmRzb3dlaXRlcg8"
    for shown in (f"{PATH}?token={token}&venue=OKX", f"{PATH}?venue=OKX&token={token[4:]}", f"?token={token[:30]}"):
        assert token[4:30] not in masked(shown)
    assert masked("/risk?token=BTC") == "/risk?token=BTC"


def test_nonsense_and_floods_end_with_nothing(api_url: str, token_of: Callable[..., str]) -> None:
    quiet_market()
    query = f"token={token_of('pairs')}&venue=BINANCE"
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

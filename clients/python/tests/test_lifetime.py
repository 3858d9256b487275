"""What a client is made from, what it leaves behind, and that it tells nobody its token."""

from __future__ import annotations

import gc
import logging
import os
import pickle
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from fake_api import TOKEN, FakeApi, Reply, frame, message, risk_row
from push_world import PAIR, World, sent

from ews_client import Client, EwsError


def ours() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("ews-client")]


def test_no_thread_and_no_connection_outlives_a_client(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    # Those of earlier tests may end meanwhile.
    before = set(ours())
    for _ in range(5):
        with world.client() as client:
            client.can_trade(*PAIR)
            assert len(set(ours()) - before) == 1
        client.close()
    assert not set(ours()) - before
    dropped = world.client()
    dropped.can_trade(*PAIR)
    del dropped
    gc.collect()
    ends = time.monotonic() + 5
    while set(ours()) - before and time.monotonic() < ends:
        time.sleep(0.01)
    assert not set(ours()) - before


def test_a_watch_in_another_thread_ends_with_the_client(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    client = Client(world.server.url, TOKEN, fail="closed")
    ended: list[str] = []

    def watch() -> None:
        try:
            for _ in client.watch():
                pass
        except EwsError as fault:
            ended.append(fault.kind)

    thread = threading.Thread(target=watch)
    thread.start()
    ends = time.monotonic() + 5
    while not world.stream.connections and time.monotonic() < ends:
        time.sleep(0.01)
    client.close()
    thread.join(5)
    assert not thread.is_alive() and ended == ["closed"]


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_begins_anew_and_the_parent_goes_on(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    with world.client() as client:
        assert [client.can_trade(*PAIR).source for _ in range(2)] == ["server", "cache"]
        child = os.fork()
        if not child:
            answer = client.can_trade(*PAIR)
            os._exit(0 if answer.source == "server" and answer.may_open else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert client.can_trade(*PAIR).source == "cache"
        sent(world, client, message("risk", seq=8, changed=[risk_row("BTC")]))
        assert client.can_trade(*PAIR).source == "server"


def test_the_token_is_in_no_repr_log_error_or_pickle(
    serve: Callable[..., FakeApi], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    problem = {"title": f"Bearer {TOKEN}", "detail": f"token {TOKEN} is unknown"}
    server = serve(Reply(401, problem, content_type="application/problem+json"))
    with Client(server.url, TOKEN, fail="closed", push=True) as client:
        answer = client.can_trade(*PAIR)
        assert answer.problem == "HTTP 401: token ews_… is unknown"
        shown = [repr(client), repr(client._inner), repr(vars(client._inner)), repr(answer), caplog.text]
        with pytest.raises(EwsError) as caught:
            client.risks()
        shown += [str(caught.value), repr(caught.value), repr(pickle.loads(pickle.dumps(caught.value)))]
        assert [one for one in shown if TOKEN in one] == []
        for secret in (client, client._inner, client._inner._token):
            with pytest.raises(TypeError, match="not pickled"):
                pickle.dumps(secret)
    assert all(TOKEN not in str(request.query) and TOKEN not in request.path for request in server.requests)


WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no fail": ({"fail": None}, TypeError, 'fail was not given, expected "closed", "stale" or "open"'),
    "another fail": ({"fail": "never"}, ValueError, "fail was 'never'"),
    "stale without its bound": ({"fail": "stale"}, ValueError, "stale_for was None"),
    "a bound without stale": ({"stale_for": 5.0}, ValueError, "stale_for was 5.0"),
    "an endless bound": ({"fail": "stale", "stale_for": 1e9}, ValueError, "stale_for was"),
    "no number": ({"fail": "stale", "stale_for": float("nan")}, ValueError, "stale_for was nan"),
    "no time": ({"timeout": 0}, ValueError, "timeout was 0"),
    "a long memory": ({"cache_for": 61}, ValueError, "cache_for was 61"),
    "a memory without push": ({"cache_for": 5, "push": False}, ValueError, "push was False"),
    "TLS switched off": ({"verify": False}, TypeError, "TLS is not switched off"),
    "http elsewhere": ({"url": "http://ews.desk:8000"}, ValueError, "expected https"),
    "a password": ({"url": "https://me:secret@ews.desk"}, ValueError, "url had a user"),
    "no address": ({"url": "ews.desk:8000"}, ValueError, "expected http:// or https://"),
    "a short token": ({"token": "ews_short"}, ValueError, "token was of 9 characters"),
    "no token": ({"token": None}, ValueError, "token was a NoneType"),
    "a token with its line end": ({"token": TOKEN + "\n"}, ValueError, "token was of 48 characters"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_meant_is_refused_when_the_client_is_made(what: str) -> None:
    changes, error, text = WRONG[what]
    given: dict[str, Any] = {"url": "http://127.0.0.1:8000", "token": TOKEN, "fail": "closed", **changes}
    with pytest.raises(error, match=text.replace('"', ".")) as caught:
        Client(given.pop("url"), given.pop("token"), **given)
    assert "secret" not in str(caught.value) and TOKEN not in str(caught.value)


def test_the_addresses_that_are_taken() -> None:
    for url in ("http://localhost:8000/", "http://[::1]:8000", "https://ews.desk/api/v1/", "https://ews.desk/ews"):
        assert TOKEN not in repr(Client(url, TOKEN, fail="closed"))
    assert "http://ews.desk" in repr(Client("http://ews.desk", TOKEN, fail="closed", allow_http=True))
    assert frame(message("heartbeat")).endswith(b"\n\n")

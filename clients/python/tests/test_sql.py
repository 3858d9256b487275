"""The door without HTTP. Needs psycopg; and with EWS_TEST_DSN a database of the project, as the role ews_bot."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

pytest.importorskip("psycopg")

from ews_client.sql import SqlClient


@pytest.fixture
def frozen() -> Iterator[str]:
    """A server that lets everybody in, and then answers nothing."""
    listening = socket.create_server(("127.0.0.1", 0))
    conns: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                conn, _ = listening.accept()
            except OSError:
                return
            conns.append(conn)
            conn.recv(4096)
            conn.sendall(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I")

    threading.Thread(target=serve, daemon=True).start()
    yield f"postgresql://ews_bot:secret@127.0.0.1:{listening.getsockname()[1]}/x?sslmode=disable&gssencmode=disable"
    listening.shutdown(socket.SHUT_RDWR)
    for conn in (listening, *conns):
        conn.close()


@pytest.mark.parametrize("fail", ["closed", "open"])
def test_a_frozen_database_and_one_that_is_away_are_faults_in_time(frozen: str, fail: str) -> None:
    with SqlClient(frozen, fail=fail, timeout=0.3) as client:
        answer = client.can_trade("binance", "BTC/USDT")
        assert (answer.may_open, answer.may_close, answer.fault) == (fail == "open", True, "timeout")
        assert "secret" not in repr(client) + repr(answer)
    assert client.can_trade("binance", "BTC/USDT").fault == "closed"
    with SqlClient("postgresql://ews_bot:secret@127.0.0.1:1/x", fail=fail) as client:
        answer = client.can_trade("binance", "BTC/USDT")
        assert (answer.may_open, answer.fault) == (fail == "open", "connect")
        assert [one.fault for one in client.can_trade_many([(1, 2)])] == ["request"]  # type: ignore[list-item]
    with pytest.raises(TypeError, match="fail was not given"):
        SqlClient(frozen)
    with pytest.raises(ValueError, match="dsn could not be read") as caught:
        SqlClient("postgresql://ews_bot:secret@[", fail="closed")
    assert "secret" not in str(caught.value)


@pytest.mark.skipif("EWS_TEST_DSN" not in os.environ, reason="EWS_TEST_DSN names no database")
def test_the_database_answers_for_itself() -> None:
    with SqlClient(os.environ["EWS_TEST_DSN"], fail="closed", timeout=10) as client:
        asked = [("binance", "BTC/USDT"), ("binance", ""), ("okx", "BTC-USDT"), ("nowhere", "X/Y")]
        answers = client.can_trade_many(asked)
        found = [(one.may_open, one.status, one.covered, one.fault) for one in answers]
        assert found == [
            (True, "fresh", "watched", None),
            (False, "unknown", "unknown", "request"),
            (True, "fresh", "watched", None),
            (False, "unknown", "unknown", None),
        ]
        assert (answers[0].venue, answers[0].base, answers[0].rows[0].symbol) == ("BINANCE", "BTC", "BTCUSDT")

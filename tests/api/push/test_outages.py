"""A database that hangs while streams are open."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from django.db import connection

from tests.api.push.clients import SseReader
from tests.api.push.conftest import Served
from tests.api.push.test_readers import burst


@pytest.mark.long
def test_a_session_that_hangs_is_left_and_nothing_is_lost(served: Served, token_of: Callable[..., str]) -> None:
    with SseReader(served.url, "/api/v1/stream?kinds=source", token_of()) as stream:
        stream.until("snapshot")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'crypto_ews streams'"
            )
            pids = [row[0] for row in cursor.fetchall()]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            burst(1, 10)
            began = time.monotonic()
            assert stream.until("source", timeout=20)["what"] == "source.ok"
            assert time.monotonic() - began < 15
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

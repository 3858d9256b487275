"""What the proxy makes of our answers for `stale_leader` is what we answer when the daemon has really stopped."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.botcheck.proxy import FaultProxy
from events import clock
from events.models import Heartbeat
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.daemon_process import eventually

BOTS = tuple(
    f"/bots/{door}?venue=BINANCE"
    for door in ("freqtrade/allow", "freqtrade/block", "pairs.csv", "allow.txt", "block.txt")
)
API = (
    "/api/v1/risk",
    "/api/v1/can-trade?exchange=binance&symbol=BTC/USDT",
    "/api/v1/can-trade?exchange=binance&symbol=ETH/BTC",
    "/api/v1/instruments?venue=BINANCE",
    "/api/v1/events",
)
TIMES = {"as_of", "age_ms", "seq", "refreshed_at", "heartbeat_at", "database_now", "at"}


def without_times(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: without_times(value) for name, value in found.items() if name not in TIMES}
    return [without_times(one) for one in found] if isinstance(found, list) else found


def read(answer: httpx.Response) -> Any:
    """What a bot reads, without the moments."""
    kind = answer.headers["content-type"].partition(";")[0]
    if kind == "application/json":
        return without_times(answer.json())
    if kind == "text/csv":
        return without_times(list(csv.DictReader(io.StringIO(answer.text))))
    *names, last = answer.text.splitlines()
    return [*names, last.rpartition(" ")[0]]


@pytest.mark.long
def test_the_answers_of_a_daemon_that_stopped_are_those_of_the_proxy(
    api_url: str, token_of: Callable[..., str]
) -> None:
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    headers = {"Authorization": f"Bearer {token_of()}"}
    with FaultProxy(api_url) as proxy, httpx.Client(headers=headers, trust_env=False, timeout=10) as client:
        proxy.fault = "stale_leader"
        played = {door: read(client.get(proxy.url + door)) for door in (*BOTS, *API)}
        proxy.fault = None
        Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(seconds=60))
        eventually(lambda: client.get(api_url + BOTS[0]).json()["status"] == "unknown", 10, "the silence is noticed")
        real = {door: read(client.get(api_url + door)) for door in (*BOTS, *API)}
    # Names that were not blocked are in no answer that the proxy has seen: `*` says it.
    blocked = [found.pop(BOTS[4]) for found in (played, real)]
    assert [(lines[0], lines[-1].split()[2:]) for lines in blocked] == [("*", ["BINANCE", "unknown"])] * 2
    assert played == real

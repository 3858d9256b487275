"""DeFiLlama's hacks to test against: the updaters with an injected clock, over loopback or from recorded bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from crypto_ews.conf import Config, parse_config
from defillama.hacks.updaters import BridgeHackUpdater, HackUpdater
from events.updater import Report
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient, Payload
from tests.support.captures import capture
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer
from tests.upstreams.defillama_hacks import HackSite, Row

DAY = 86_400
TODAY = datetime(2026, 10, 1, tzinfo=UTC)


def captured_rows(name: str = "nbundi_hacks.json") -> list[Row]:
    rows: list[Row] = json.loads(capture(f"defillama/{name}").read_bytes())
    return rows


def day_of(row: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(row["date"], UTC)


def ago(days: float, now: datetime = TODAY) -> int:
    """The midnight so many days before `now`'s, as the list has it."""
    return int((now - timedelta(days=days)).timestamp())


def payload_of(answer: Any, source: str = "defillama.hacks", at: datetime = TODAY) -> Payload:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Payload(source, "http://127.0.0.1/hacks", 200, {}, body, at, 0.01, None)


@dataclass
class Clock:
    at: datetime = TODAY + timedelta(hours=12)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


class Bench:
    """Loopback DeFiLlama with the two updaters that read its hacks."""

    def __init__(self, server: UpstreamServer, rows: Sequence[Row] = (), **environment: str) -> None:
        self.site = HackSite(server, rows)
        self.clock = Clock()
        self.config: Config = loopback_config(
            server,
            **{"TIMEOUT": "3", "SPOT_CURRENCIES": "BTC ETH BNB AAVE LTC"},
            **self.site.environment(),
            **environment,
        )

    def run(self, updater: type[HackUpdater] = HackUpdater) -> Report:
        client = HttpClient(deadline_s=self.config.request_deadline_seconds, user_agent="tests", now=self.clock)
        report = updater(self.config, ArchivingFetcher(client), self.clock).run(even_if_backing_off=True)
        assert report is not None
        return report

    def run_bridges(self) -> Report:
        return self.run(BridgeHackUpdater)


class Recorded:
    """Recorded answers, one at a time, in place of the network. Fetches nothing else."""

    clock_skew: float | None = None

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.rows: Sequence[Row] = ()

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        return payload_of(list(self.rows), source, self.clock())


def recorded_run(recorded: Recorded, **environment: str) -> Report:
    report = HackUpdater(parse_config(environment), recorded, recorded.clock).run(even_if_backing_off=True)
    assert report is not None and report.ok, report
    return report

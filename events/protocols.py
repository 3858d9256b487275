"""Protocols between sources, the network and readiness checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from events.upstream.client import Payload


class Fetcher(Protocol):
    """Where payloads come from: the network, or a recorded archive."""

    clock_skew: float | None

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload: ...


@dataclass(frozen=True)
class Check:
    """The result of a readiness check. seen: in a few words, what was seen and what is expected."""

    name: str
    ok: bool
    seen: str


ReadinessCheck = Callable[[datetime], Check]

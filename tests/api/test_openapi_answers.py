"""schemathesis over the OpenAPI document: no fault of ours, and no answer that the document does not have.

Long: loading it costs more than a few of its questions are worth. test_openapi_members.py asks each operation once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok

from alerts.models import Silence
from api import runtime
from api.rest.document import document
from crypto_ews.conf import get_config
from events import clock
from events.models import Heartbeat, SourceHealth
from markets.models import Instrument
from tests.api.support import manual_event

POSITIVE_ALONE = [GenerationMode.POSITIVE]
load_all_checks()
_CHECKS = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]


def fill() -> None:
    """Real rows of everything that lists have."""
    now = clock.now()
    Heartbeat.objects.update_or_create(defaults={"beat_at": clock.database_now()})
    for token in ("DOGE", "PEPE", "1000SHIB"):
        manual_event(token, note="by phone")
    SourceHealth.objects.create(source="okx.announcements", interval_seconds=10, watched_since=now)
    Silence.objects.create(token="DOGE", until=now + timedelta(hours=1), reason="known", made_by="desk")
    seen = {"since": now, "first_seen_at": now, "last_seen_at": now, "status": "TRADING", "live": True}
    Instrument.objects.create(venue="OKX", symbol="DOGE-USDT", base="DOGE", quote="USDT", token="DOGE", **seen)


def ask_everything(url: str, tokens: dict[str, str], examples: int) -> int:
    """Each operation with valid and with wrong input, with a token that may. Returns how many answers were checked."""
    schema = schemathesis.openapi.from_dict(document())
    checked = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        described = result.ok().definition.raw
        if "streams" in described["tags"]:
            continue
        # Without anything to give, nothing that is given can be wrong.
        given_something = described.get("parameters") or "requestBody" in described
        modes = list(GenerationMode) if given_something and examples > 1 else POSITIVE_ALONE
        for mode in modes:
            checked += ask(url, result.ok(), tokens[described["x-scope"]], mode, examples)
    return checked


def ask(url: str, operation: Any, token: str, mode: GenerationMode, examples: int) -> int:
    """Ask one operation, and check every answer."""
    checked = 0

    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), derandomize=examples < 20,
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode))
    def ask_once(case: Any) -> None:
        nonlocal checked
        answer = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        case.validate_response(answer, checks=_CHECKS)
        checked += 1

    ask_once()
    return checked


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot asks less often than this test does."""
    config = replace(get_config(), api_rate_limit=1e6)
    monkeypatch.setattr(runtime, "get_config", lambda: config)


@pytest.mark.long
def test_many_of_each_operation(unlimited: None, api_url: str, token_of: Callable[..., str]) -> None:
    fill()
    tokens = {scope: token_of(scope, name=scope) for scope in ("read", "act", "pairs")}
    examples = int(os.environ.get("EWS_SCHEMATHESIS_EXAMPLES", "8"))
    assert ask_everything(api_url, tokens, examples) > 200

"""Real answers have exactly the members that the OpenAPI document has, in its types: none more, none fewer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import jsonschema

from alerts.audit import Actor
from alerts.models import Silence
from alerts.suppression import acknowledgements
from api.rest.document import document
from events import clock, lifecycle
from events.drafts import ReviewDraft
from events.reviews import open_reviews
from tests.api.support import manual_event, quiet_market


def exact(schema: Any) -> Any:
    """The schema, where each object has all of its members and no other."""
    if isinstance(schema, list):
        return [exact(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: exact(one) for name, one in schema.items()}
    if isinstance(schema.get("properties"), dict):
        made.setdefault("additionalProperties", False)
        made["required"] = sorted(schema["properties"])
    return made


BOTS = ("bots_allow", "bots_block", "bots_pairs", "bots_allow_lines", "bots_block_lines")


def validator(schema: dict[str, Any], exactly: bool = True) -> jsonschema.Draft202012Validator:
    whole = {"components": document()["components"], **schema}
    return jsonschema.Draft202012Validator(exact(whole) if exactly else whole)


def test_every_answer_is_as_the_document_has_it(api_url: str, token_of: Callable[..., str]) -> None:
    quiet_market()
    now = clock.now()
    first = manual_event(
        "DOGE", venues=["OKX"], url="https://example.org/x", note="by phone", valid_until=now + timedelta(days=1)
    )
    manual_event("BTC", category="depeg")
    acknowledgements.acknowledge(first.pk, Actor("bot", "api"), "on it", now)
    closed = manual_event("PEPE")
    lifecycle.close_event(closed.pk, clock.now(), by="test", reason="over")
    Silence.objects.create(token="DOGE", until=now + timedelta(hours=1), reason="known", made_by="desk")
    open_reviews([ReviewDraft("binance", "binance.announcement:1", "Aviso", "language", now)], now)
    headers = {"Authorization": f"Bearer {token_of('read', 'act')}"}
    book = {"as_of": now.isoformat(), "positions": [{"asset": "DOGE", "quantity": 1}, {"asset": "Q?", "quantity": "2"}]}
    paths = {"event_id": first.pk, "name": "BTC", "asset": "BTC", "account": "desk"}
    queries = {
        "can_trade": {"exchange": "binance", "symbol": "BTC/USDT"},
        **{name: {"venue": "BINANCE"} for name in BOTS},
        "past_view": {"at": clock.database_now().isoformat()},
    }
    acts: dict[str, Any] = {
        "post_positions": book,
        "can_trade_many": {"pairs": [{"symbol": "BTC/USDT"}]},
        "ticket": None,
        "acknowledge": {},
        "unacknowledge": None,
        "open_event": {"tokens": ["SHIB"], "title": "x", "action": "halt"},
        "make_silence": {"token": "SHIB", "until": (now + timedelta(days=1)).isoformat(), "reason": "x"},
        "close_event": {"reason": "over"},
        "end_silence": None,
        "forget_book": None,
    }
    operations = {
        operation["operationId"]: (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if operation["operationId"] not in ("stream", "websocket", "producer")
    }
    order = [*list(acts)[:1], *(name for name in operations if name not in acts), *list(acts)[1:]]
    assert set(order) == set(operations)
    wrong = []
    with httpx.Client(base_url=api_url, headers=headers, trust_env=False) as client:
        for name in order:
            path, method, operation = operations[name]
            url = re.sub(
                r"{(\w+)}", lambda found: str(paths.get(found[1], Silence.objects.order_by("-pk")[0].pk)), path
            )
            answer = client.request(method, url, params=queries.get(name), json=acts.get(name))
            assert answer.is_success, (name, answer.text)
            described = operation["responses"][str(answer.status_code)]
            assert "X-Age-Ms" not in described.get("headers", {}) or int(answer.headers["x-age-ms"]) < 60_000, name
            (content,) = described["content"].values()
            # allOf: each part alone has not all members.
            exactly = name not in ("can_trade", "can_trade_many")
            body: Any = answer.json() if "json" in answer.headers["content-type"] else answer.text
            if method == "get" and "items" in body:
                assert body["items"], name
            wrong += [
                (name, error.json_path, error.message[:200])
                for error in validator(content["schema"], exactly).iter_errors(body)
            ]
    assert not wrong, wrong


def test_the_examples_of_the_document_fit_their_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(document()["components"]["schemas"]["Event"])
    for path, methods in document()["paths"].items():
        for operation in methods.values():
            places = [(parameter["schema"], parameter) for parameter in operation.get("parameters", ())]
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                if kind == "application/json":
                    places.append((content["schema"], content))
            for schema, place in places:
                for example in [*schema.get("examples", ()), *([place["example"]] if "example" in place else [])]:
                    assert not list(validator(schema, exactly=False).iter_errors(example)), (path, example)

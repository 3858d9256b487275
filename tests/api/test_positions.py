"""Positions over HTTP: a whole book or nothing, what is said of it, who may read it, and what the audit has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from api.models import ApiAct
from events.models import Position
from tests.trade.test_can_trade import database_now

PATH = "/api/v1/positions"
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def actor(api_url: str, token_of: Callable[..., str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token_of('act', name='treasury')}"}
    with httpx.Client(base_url=api_url, headers=headers, trust_env=False) as client:
        yield client


def document(*rows: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"as_of": database_now().isoformat(), "positions": list(rows), **members}


def test_a_book_by_json_then_by_csv_then_none(api_url: str, actor: httpx.Client, token_of: Callable[..., str]) -> None:
    reader = {"Authorization": f"Bearer {token_of()}"}
    row = {"venue": "okx", "asset": "SECRETCOIN", "quantity": "1234567.5", "value_usd": 10}
    answer = actor.post(PATH, json=document(row))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert {"as_of", "seq", "status", "stale_sources", "book"} == body.keys()
    book = body["book"]
    assert (book["account"], book["by"], book["count"], book["replaced"], book["old"]) == (
        "desk", "treasury", 1, 0, False,
    )  # fmt: skip
    assert {"row": 1, "field": "asset", "value": "SECRETCOIN"} in book["unresolved"]

    at = database_now().isoformat()
    text = "\ufeffvenue;symbol;quantity\nOKX;BTC-USDT-SWAP;-3\n".encode()
    answer = actor.post(PATH, params={"as_of": at}, content=text, headers=CSV)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["book"]["count"], answer.json()["book"]["replaced"]) == (1, 1)

    # One row that cannot be read: the former book stays.
    answer = actor.post(PATH, params={"as_of": at}, content=text + b"OKX;X;many\n", headers=CSV)
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [
        {
            "row": 2, "line": 3, "field": "quantity", "value": "many",
            "expected": "a decimal number with a point, such as -1200000.5, below 10^20",
        }
    ]  # fmt: skip
    assert list(Position.objects.values_list("symbol", flat=True)) == ["BTC-USDT-SWAP"]

    # A token of a bot sees that there is a book and how old it is, and nothing in it.
    listed = httpx.get(api_url + PATH, headers=reader, trust_env=False)
    assert listed.json()["items"][0]["count"] == 1 and "BTC" not in listed.text
    assert httpx.get(f"{api_url}{PATH}/desk", headers=reader, trust_env=False).status_code == 403
    assert httpx.post(api_url + PATH, headers=reader, json={}, trust_env=False).status_code == 403
    (line,) = actor.get(f"{PATH}/desk").json()["book"]["positions"]
    assert (line["symbol"], line["token"], line["quantity"], line["value_usd"]) == ("BTC-USDT-SWAP", "BTC", "-3", None)

    assert actor.post(PATH, json={"as_of": at}).status_code == 422
    assert actor.post(PATH, json={"as_of": at, "empty": True}).json()["book"]["count"] == 0
    older = actor.post(PATH, json=document(row, as_of="2026-01-01T00:00:00Z"))
    assert older.status_code == 422 and "a newer book of desk is stored" in older.json()["detail"]
    assert actor.delete(f"{PATH}/desk").json()["count"] == 0
    assert actor.delete(f"{PATH}/desk").status_code == 404
    assert actor.get(f"{PATH}/desk").status_code == 404

    # The audit has every act and no position.
    acts = list(ApiAct.objects.order_by("pk").values("by", "method", "status", "what", "result", "made"))
    assert [(act["method"], act["status"]) for act in acts] == [
        ("POST", 200), ("POST", 200), ("POST", 422), ("POST", 422), ("POST", 200), ("POST", 422), ("DELETE", 200),
        ("DELETE", 404),
    ]  # fmt: skip
    written = json.dumps(acts)
    assert "1234567" not in written and "many" not in written and "SECRETCOIN" not in written and "treasury" in written


def test_a_body_in_another_type_and_an_unknown_parameter_are_refused(actor: httpx.Client) -> None:
    assert actor.post(PATH, content=b"<x/>", headers={"Content-Type": "text/xml"}).status_code == 415
    assert actor.post(PATH, params={"acount": "x"}, json=document()).status_code == 422
    assert actor.post(PATH, content=b"a" * 300_000, headers=CSV).status_code == 413


def test_a_retry_with_the_same_key_stores_once(actor: httpx.Client) -> None:
    body = document({"venue": "OKX", "asset": "BTC", "quantity": 1})
    answers = [actor.post(PATH, json=body, headers={"Idempotency-Key": "k"}).json()["book"] for _ in range(2)]
    assert answers[0]["received_at"] == answers[1]["received_at"]

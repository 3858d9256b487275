"""What a careless bot, a bad network and two people at once do to the API's lists and acts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import connection, transaction
from django.http import HttpRequest

from alerts.models import Silence
from api.models import ApiAct
from api.rest.acts import silences
from api.tokens.store import make_token
from events import clock
from events.models import Event
from tests.api.support import manual_event, problem, quiet_market
from tests.events.risk_view.support import make_event, raw_connection


@pytest.fixture
def desk(api_url: str) -> Iterator[httpx.Client]:
    """A client whose token may read and act."""
    token = make_token("desk", ["read", "act"], clock.now(), "test")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{api_url}/api/v1", headers=headers, trust_env=False, timeout=30) as client:
        yield client


def test_what_means_nothing_silences_nothing_and_two_answers_are_none(desk: httpx.Client) -> None:
    order = {"until": (clock.now() + timedelta(hours=1)).isoformat(), "reason": "quiet"}
    for blank in ({"token": "  "}, {"source": " "}, {"exchange": "\u00a0"}, {"token": " ", "exchange": " "}):
        assert "everything was false" in problem(desk.post("/silences", json={**order, **blank}), 422)
    # It would never match.
    assert "BINANCE silences all" in problem(desk.post("/silences", json={**order, "exchange": "binance_usdm"}), 422)
    assert not Silence.objects.exists()
    twice = b'{"tokens": ["DOGE"], "title": "x", "action": "halt", "action": "watch"}'
    json_type = {"Content-Type": "application/json"}
    refused = problem(desk.post("/events", content=twice, headers=json_type), 422)
    assert refused == "action was \"'halt' and 'watch'\", expected one value"
    assert not Event.objects.exists()
    # More parameters than Django reads.
    problem(desk.get("/events?" + "&".join(["token=A"] * 1100)), 422)
    problem(desk.post("/positions?" + "&".join(["a"] * 1100), content=b"[]", headers=json_type), 422)


def test_a_retry_that_comes_at_once_is_answered_as_the_first(desk: httpx.Client) -> None:
    """A close, a book and its deletion, four times at once with one key: each of the four is told that it is done."""
    event = manual_event("DOGE")
    book = {"as_of": clock.now().isoformat(), "positions": [{"asset": "DOGE", "quantity": 1}]}
    with ThreadPoolExecutor(4) as together:
        for method, path, body in (
            ("POST", f"/events/{event.pk}/close", {"reason": "over"}),
            ("POST", "/positions", book),
            ("DELETE", "/positions/desk", None),
        ):
            calls = [
                together.submit(desk.request, method, path, json=body, headers={"Idempotency-Key": "k"})
                for _ in range(4)
            ]
            answers = [call.result() for call in calls]
            assert [one.status_code for one in answers] == [200] * 4, (path, [one.text for one in answers])
            assert ApiAct.objects.filter(path=f"/api/v1{path}").count() == 1


def test_every_refusal_of_who_may_act_is_written_down_without_what_the_desk_holds(desk: httpx.Client) -> None:
    event = manual_event("DOGE")
    secret = "ews_" + "a" * 43
    problem(desk.post("/events", json={"title": secret, "tokens": ["DOGE"], "actoin": "halt"}), 422)
    problem(desk.post("/positions", json=[{"asset": "DOGE", "quantity": "1,234,567"}]), 422)
    problem(desk.post(f"/events/{event.pk}/close", content=b"{", headers={"Content-Type": "application/json"}), 422)
    problem(desk.post(f"/events/{event.pk}/ack", content=b"{", headers={"Content-Type": "text/plain"}), 415)
    problem(desk.delete("/silences/7"), 404)
    problem(desk.post(f"/events/{event.pk}/ack", headers={"Idempotency-Key": "x" * 201}), 422)
    written = list(ApiAct.objects.order_by("pk"))
    assert [(act.path.removeprefix("/api/v1"), act.status) for act in written] == [
        ("/events", 422), ("/positions", 422), (f"/events/{event.pk}/close", 422), (f"/events/{event.pk}/ack", 415),
        ("/silences/7", 404), (f"/events/{event.pk}/ack", 422),
    ]  # fmt: skip
    assert "actoin" in written[0].result and written[1].result == "unusable: quantity"
    texts = str([(act.what, act.result, act.path) for act in written])
    assert secret not in texts and "234" not in texts


def test_what_is_done_is_said_to_be_done_where_its_answer_fails(
    desk: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table is locked between an act's commit and its answer; and within the act."""
    event = manual_event("DOGE")
    order = {"token": "DOGE", "until": (clock.now() + timedelta(hours=1)).isoformat(), "reason": "quiet"}
    monkeypatch.setattr("api.rest.envelope._READ", "SET LOCAL statement_timeout = '200ms'")
    monkeypatch.setattr("api.rest.acts.audit._BOUND", "SET LOCAL statement_timeout = '200ms'")
    read, committed = silences._answer, []

    def answer(request: HttpRequest, silence_id: int) -> dict[str, Any]:
        with raw_connection() as other, other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM alerts_silence")
            committed.append(cursor.fetchone())
            cursor.execute("BEGIN; LOCK TABLE alerts_silence IN ACCESS EXCLUSIVE MODE")
            return read(request, silence_id)

    monkeypatch.setattr(silences, "_answer", answer)
    assert "it was done" in problem(desk.post("/silences", json=order), 503)
    assert committed == [(1,)]
    assert [(row.status, row.made) for row in ApiAct.objects.all()] == [(200, {"silence": Silence.objects.get().pk})]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM events_event WHERE id = %s FOR UPDATE", [event.pk])
        assert "it was done" not in problem(desk.post(f"/events/{event.pk}/close", json={"reason": "x"}), 503)
    assert Event.objects.get().status == "open"
    assert list(ApiAct.objects.order_by("pk").values_list("status", flat=True)) == [200, 503]


def test_pages_of_the_last_day_go_on_where_they_ended_however_late(
    desk: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    manual_event("DOGE")
    Event.objects.get().effects.update(action="exit")
    manual_event("DOGE", action="halt")
    everything = [one["n"] for one in desk.get("/history/DOGE").json()["items"]]
    first = desk.get("/history/DOGE", params={"limit": 1}).json()
    now = clock.database_now
    monkeypatch.setattr(clock, "database_now", lambda: now() + timedelta(days=2))
    second = desk.get("/history/DOGE", params={"cursor": first["next"]}).json()
    assert [one["n"] for one in first["items"] + second["items"]] == everything and len(everything) > 1


def test_instruments_and_events_of_a_venue_in_any_spelling(desk: httpx.Client) -> None:
    quiet_market()

    def found(**filters: str) -> list[tuple[str, str]]:
        items = desk.get("/instruments", params=filters).json()["items"]
        return sorted((one["venue"], one["symbol"]) for one in items)

    assert found(venue="okx", symbol="BTCUSDT") == found(venue="OKX", symbol="btc/usdt") == [("OKX", "BTC-USDT")]
    assert found(symbol="OKX:BTC-USDT") == [("OKX", "BTC-USDT")]
    assert found(venue="BINANCE_MARGIN", symbol="BTC/USDT") == [("BINANCE", "BTCUSDT")]
    assert found(symbol="BTC/USDT:USDT") == [("BINANCE_USDM", "BTCUSDT")]

    # Events of a margin market are those of its pairs as well.
    spot = make_event({"token": "DOGE", "venue": "BINANCE"})
    margin = make_event({"token": "DOGE", "venue": "BINANCE_MARGIN"})
    futures = make_event({"token": "DOGE", "venue": "BINANCE_USDM"})

    def events(venue: str) -> list[int]:
        return [one["id"] for one in desk.get("/events", params={"venue": venue}).json()["items"]]

    assert events("BINANCE_MARGIN") == events("binance margin") == [margin.pk, spot.pk]
    assert events("binance") == events("Binance") == [futures.pk, margin.pk, spot.pk]
    assert events("BINANCE") == events("binance-spot") == [spot.pk] and events("binance_usdm") == [futures.pk]

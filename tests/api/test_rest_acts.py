"""Acts through the API: the same doors as the admin's, audited, and once only where a key says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from alerts.models import Acknowledgement, AuditEntry, Silence
from api.models import ApiAct
from events import clock, registry
from events.models import Event, KeySuppression, TokenRisk
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from tests.api.support import manual_event, problem

Client = Callable[..., httpx.Client]


@pytest.fixture
def client_of(api_url: str, token_of: Callable[..., str]) -> Iterator[Client]:
    """Clients with tokens of their own."""
    made: list[httpx.Client] = []

    def make(*scopes: str, name: str = "bot") -> httpx.Client:
        headers = {"Authorization": f"Bearer {token_of(*scopes, name=name)}"}
        made.append(httpx.Client(base_url=f"{api_url}/api/v1", headers=headers, trust_env=False))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_the_first_who_acknowledges_stays_responsible(client_of: Client) -> None:
    alice, bob = client_of("read", "act", name="alice"), client_of("act", name="bob")
    event = manual_event("DOGE")
    path = f"/events/{event.pk}/ack"
    taken = alice.post(path, json={"note": "on it"})
    assert taken.status_code == 200 and taken.json()["event"]["acknowledged"]["by"] == "alice"
    assert alice.post(path).status_code == 200
    refused = bob.post(path, json={})
    assert "already acknowledged by alice" in problem(refused, 409)
    assert {"by": "alice", "note": "on it"}.items() <= refused.json()["acknowledged"].items()
    entry = AuditEntry.objects.get(act="acknowledged")
    assert (entry.by, entry.where, entry.address, entry.event_id) == ("alice", "api", "127.0.0.1", event.pk)
    assert [item["id"] for item in alice.get("/events", params={"acknowledged": True}).json()["items"]] == [event.pk]
    assert bob.delete(path).json()["event"]["acknowledged"] is None
    assert bob.delete(path).status_code == 200
    problem(bob.post("/events/999999/ack"), 404)
    problem(client_of("read", name="reader").post(path), 403)
    written = ApiAct.objects.order_by("pk").values_list("by", "method", "status", "result")
    assert [tuple(row) for row in written] == [
        ("alice", "POST", 200, f"acknowledged event {event.pk}"),
        ("alice", "POST", 200, f"had acknowledged event {event.pk} before"),
        ("bob", "POST", 409, f"event {event.pk} is already acknowledged by alice"),
        ("bob", "DELETE", 200, f"event {event.pk} is no longer acknowledged"),
        ("bob", "DELETE", 200, f"event {event.pk} was not acknowledged"),
        ("bob", "POST", 404, "event 999999 does not exist"),
    ]
    assert registry.audit_trails()["acts through the API"](clock.now() + timedelta(seconds=1)) == 6


def test_what_has_changed_since_it_was_read_is_not_acknowledged_unseen(client_of: Client) -> None:
    alice = client_of("act", name="alice")
    event = manual_event("DOGE")
    path = f"/events/{event.pk}/ack"
    Event.objects.filter(pk=event.pk).update(revision=3)
    assert "is at revision 3, not 2: read it again" in problem(alice.post(path, json={"revision": 2}), 409)
    assert not Acknowledgement.objects.exists()
    assert alice.post(path, json={"revision": 3}).status_code == 200
    problem(alice.post(path, json={"revision": 0}), 422)


def test_an_event_is_opened_once_for_a_key_and_closed_as_a_person_does(client_of: Client) -> None:
    act = client_of("act", name="desk")
    order = {"tokens": ["doge"], "title": "Bridge drained", "action": "halt", "note": "by phone"}
    key = {"Idempotency-Key": "7f1c"}
    # Ten at a time: nine of them are retries of one that has not ended yet.
    with ThreadPoolExecutor(4) as together:
        answers = list(together.map(lambda _: act.post("/events", json=order, headers=key), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201], [one.text for one in answers]
    event = Event.objects.get()
    assert {answer.json()["event"]["id"] for answer in answers} == {event.pk}
    assert TokenRisk.objects.get(token="DOGE").action == "halt"
    assert "a new key" in problem(act.post("/events", json={**order, "title": "other"}, headers=key), 422)
    assert act.post("/events", json=order).status_code == 201 and Event.objects.count() == 2

    closed = act.post(f"/events/{event.pk}/close", json={"reason": "refunded"})
    assert closed.json()["event"]["close_reason"] == "closed by desk: refunded"
    audit = AuditEntry.objects.filter(event=event).order_by("pk").values_list("act", "by", "where", "what")
    assert list(audit) == [
        ("blocked", "desk", "api", "Tokens = doge; Title = Bridge drained; Action = halt; Risk level = high; "
         "Trading status = trading; Category = manual; Note = by phone"),
        ("closed", "desk", "api", "Reason = refunded"),
    ]  # fmt: skip
    until = KeySuppression.objects.get().until
    assert until is not None and until > clock.now() + timedelta(days=29)
    assert "is closed already" in problem(act.post(f"/events/{event.pk}/close", json={"reason": "again"}), 409)
    assert "is closed: closed by desk" in problem(act.post(f"/events/{event.pk}/ack"), 409)
    for wrong, words in (
        ({**order, "tokens": ["BTC/USDT"]}, "BTC/USDT"),
        ({**order, "venues": ["NYSE"]}, "NYSE"),
        ({**order, "valid_until": "2020-01-01T00:00:00Z"}, "expected a time in the future"),
        ({**order, "valid_until": "2030-01-01T00:00:00"}, "expected a time with its offset"),
        ({**order, "acton": "halt"}, "acton was 'halt', expected no such field"),
        ({"tokens": ["DOGE"], "title": "x"}, "action was not given, expected a value"),
        ({**order, "title": " "}, "title"),
    ):
        assert words in problem(act.post("/events", json=wrong), 422)
    surrogate = b'{"tokens": ["DOGE"], "title": "\\ud800", "action": "halt"}'
    nul = b'{"tokens": ["DOGE"], "title": "x", "action": "halt", "note": "\\u0000"}'
    field = b'{"tokens": ["DOGE"], "title": "x", "action": "halt", "\\ud800": 1}'
    for content in (b"{", b"\xff", b"[" * 200_000, b"9" * 5000, b"null", surrogate, field, nul):
        problem(act.post("/events", content=content, headers={"Content-Type": "application/json"}), 422)
    problem(act.post("/events", content=b"tokens=DOGE", headers={"Content-Type": "text/plain"}), 415)
    problem(act.post("/events", json={**order, "note": "x" * 300_000}), 413)
    assert Event.objects.count() == 2


def test_silences_are_made_listed_and_ended(client_of: Client) -> None:
    act = client_of("read", "act", name="desk")
    until = (clock.now() + timedelta(hours=4)).isoformat()
    made = act.post("/silences", json={"token": "doge", "category": "hack", "until": until, "reason": "known"})
    assert made.status_code == 201, made.text
    silence = made.json()["silence"]
    assert (silence["token"], silence["made_by"], silence["in_force"]) == ("DOGE", "desk", True)
    assert [one["id"] for one in act.get("/silences", params={"in_force": True}).json()["items"]] == [silence["id"]]
    assert "everything was false" in problem(act.post("/silences", json={"until": until, "reason": "quiet"}), 422)
    past = {"token": "DOGE", "until": "2020-01-01T00:00:00Z", "reason": "late"}
    assert "expected a time in the future" in problem(act.post("/silences", json=past), 422)
    ended = act.delete(f"/silences/{silence['id']}")
    assert ended.json()["silence"]["in_force"] is False
    assert act.delete(f"/silences/{silence['id']}").status_code == 200
    problem(act.delete("/silences/999"), 404)
    assert Silence.objects.count() == 1
    assert list(AuditEntry.objects.filter(where="api").order_by("pk").values_list("act", "by")) == [
        ("silenced", "desk"),
        ("silence_ended", "desk"),
    ]


def test_a_pair_is_blocked_as_a_person_types_it(client_of: Client) -> None:
    rows = [InstrumentRow("BINANCE", f"ETH{quote}", "ETH", quote, "ETH", "TRADING", True) for quote in ("USDC", "USDT")]
    store_instruments("BINANCE", rows, clock.now())
    act = client_of("act", name="desk")
    order = {"tokens": ["eth/usdc"], "title": "Paused", "action": "halt"}
    assert act.post("/events", json=order).status_code == 201
    assert [row.tickers for row in Event.objects.get().effects.all()] == [["BINANCE:ETHUSDC"]]
    assert "did you mean ETH/USDT?" in problem(act.post("/events", json={**order, "tokens": ["ETH/USDX"]}), 422)
    assert "does not trade on OKX" in problem(act.post("/events", json={**order, "venues": ["OKX"]}), 422)
    assert Event.objects.count() == 1

"""Lists and single things of the API: filters, pages, refusals, right values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from alerts.models import Alert
from events import clock, lifecycle, registry
from events.drafts import ReviewDraft
from events.models import Event, Heartbeat, SourceHealth
from events.reviews import decide, open_reviews
from markets.instrument_names import store_names
from markets.models import Asset, AssetName, Instrument, WatchEffective
from tests.api.support import manual_event, problem


def ids(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_a_page_goes_on_where_it_ended_whatever_is_opened_meanwhile(reader: httpx.Client) -> None:
    opened = [manual_event(f"COIN{number}").pk for number in range(5)]
    first = reader.get("/api/v1/events", params={"limit": 2}).json()
    late = manual_event("LATE")
    Event.objects.filter(pk=opened[0]).update(opened_at=clock.now() + timedelta(hours=1))
    seen = [item["id"] for item in first["items"]]
    cursor = first["next"]
    while cursor:
        following = reader.get("/api/v1/events", params={"limit": 2, "cursor": cursor}).json()
        seen += [item["id"] for item in following["items"]]
        cursor = following["next"]
    assert seen == opened[::-1] and late.pk not in seen
    # A cursor of other filters, or of nobody's making.
    cursor = first["next"]
    other = reader.get("/api/v1/events", params={"limit": 1, "status": "open", "cursor": cursor})
    assert "of other filters" in problem(other, 422)
    assert "of another list" in problem(reader.get("/api/v1/alerts", params={"cursor": cursor}), 422)
    for wrong in (cursor[:-2] + "xx", "1", "eyJh", "%00", "::::"):
        problem(reader.get("/api/v1/events", params={"cursor": wrong}), 422)


def test_filters_of_events(reader: httpx.Client) -> None:
    Asset.objects.update_or_create(code="S", defaults={"kind": "coin"})
    s = Asset.objects.get(code="S")
    AssetName.objects.get_or_create(
        venue="", name="FTM", valid_from=clock.now() - timedelta(days=9), defaults={"asset": s}
    )
    old, new = manual_event("FTM"), manual_event("DOGE", venues=["OKX"])
    hack = manual_event("PEPE", category="hack")

    def found(**filters: object) -> list[int]:
        return ids(reader.get("/api/v1/events", params=filters))  # type: ignore[arg-type]

    assert found(token="ftm") == found(token="S") == [old.pk]
    assert found(token=["ftm", "DOGE"]) == [new.pk, old.pk]
    halted = manual_event("USDC", venues=["BINANCE"], category="wallet_suspension")
    # A wallet of Binance is all of Binance's; and what holds everywhere holds on OKX as well.
    assert found(venue="BINANCE_USDM") == [halted.pk, hack.pk, old.pk] and found(token="*") == []
    Event.objects.filter(pk=halted.pk).delete()
    assert found(venue="okx") == [hack.pk, new.pk, old.pk] and found(venue="BINANCE_USDM") == [hack.pk, old.pk]
    assert found(category="hack") == [hack.pk] and found(category=["hack", "manual"]) == [hack.pk, new.pk, old.pk]
    assert found(source="manual", status="open", priority="high") == [hack.pk, new.pk, old.pk]
    assert found(status="closed") == found(acknowledged="true") == []
    soon = (clock.now() + timedelta(minutes=1)).isoformat()
    assert found(since=soon) == [] and found(since="2026-01-01T00:00:00Z") == [hack.pk, new.pk, old.pk]


BAD_FILTERS = {
    "since=2026-11-30T14:35:00": "since was '2026-11-30T14:35:00', expected a time with its offset",
    "since=1764513300": "since was '1764513300', expected a time with its offset",
    "limit=501": "limit was '501', expected at most 500",
    "limit=x": "limit was 'x', expected a whole number",
    "status=opne": "status was 'opne', expected one of 'open' or 'closed'",
    "statuss=open": "statuss was 'open', expected one of acknowledged, category",
    "token=BTC/USDT": "token was 'BTC/USDT', expected the name of a currency",
    "venue=nyse": "venue was 'nyse', expected one of BINANCE",
    "source=%00": "expected a text without control characters",
    "acknowledged=perhaps": "acknowledged was 'perhaps', expected true or false",
}


def test_what_is_unusable_is_refused_with_thing_value_and_expected(reader: httpx.Client) -> None:
    for query, words in BAD_FILTERS.items():
        assert words in problem(reader.get(f"/api/v1/events?{query}"), 422)
    strange = ("events?token=%ff", "events?%ff=1", "events?limit=1&limit=2", "events?token=%ED%A0%80", "assets/%00",
               "assets/%F0%9F%98%80", "history/%2e%2e%2f", "events/1%00", "events/1e3", "events?token=" + "x" * 5000,
               "events?" + "&".join(f"token=C{number}" for number in range(21)), "history/DOGE?from=&to=")  # fmt: skip
    for path in strange:
        answer = reader.get(f"/api/v1/{path}", headers=[(b"If-None-Match", b"\xff"), (b"Accept", b"*/*;q=x, \xff")])
        assert answer.status_code in (404, 422), (path, answer.text)
    refused = reader.put("/api/v1/events")
    problem(refused, 405)
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert "no path of the API" in problem(reader.get("/api/v1/nothing"), 404)
    head = reader.head("/api/v1/events")
    assert (head.status_code, head.content) == (200, b"") and int(head.headers["content-length"]) > 10


def test_an_event_has_everything_that_is_known_of_it(reader: httpx.Client) -> None:
    event = manual_event("DOGE", note="by phone")
    body = reader.get(f"/api/v1/events/{event.pk}").json()
    shown = body["event"]
    assert shown["facts"] == {"note": "by phone"} and shown["tokens"] == ["DOGE"] and shown["life"] == 1
    assert [(effect["token"], effect["scope"], effect["action"]) for effect in shown["effects"]] == [
        ("DOGE", "asset", "avoid_new")
    ]
    alerts = Alert.objects.filter(event=event).order_by("-pk")
    assert [alert["id"] for alert in shown["alerts"]] == [alert.pk for alert in alerts] != []
    assert shown["page"].endswith(f"/admin/events/event/{event.pk}/change/")
    assert shown["opened_at"].endswith("Z")
    manual_event("PEPE")
    found = ids(reader.get("/api/v1/alerts", params={"event": event.pk, "state": "pending"}))
    assert found == [alert.pk for alert in alerts] and ids(reader.get("/api/v1/alerts", params={"state": "dead"})) == []
    assert "event 999999 does not exist" in problem(reader.get("/api/v1/events/999999"), 404)
    problem(reader.get("/api/v1/events/0"), 422)
    problem(reader.get("/api/v1/events/99999999999999999999"), 422)
    assert "expected a whole number" in problem(reader.get("/api/v1/events/x"), 422)


def test_sources_have_the_age_of_answer_and_content_and_every_answer_has_its_own(reader: httpx.Client) -> None:
    now = clock.database_now()
    SourceHealth.objects.create(
        source="binance.announcements", state="ok", interval_seconds=10, last_success_at=now - timedelta(seconds=7),
        content_at=now - timedelta(hours=1), content_bound_seconds=60, content_overdue=["48"], watched_since=now,
    )  # fmt: skip
    registry.note_unseen("okx.announcements", "news of OKX")
    SourceHealth.objects.create(source="okx.announcements", interval_seconds=10, watched_since=now)
    Heartbeat.objects.update_or_create(defaults={"beat_at": now})
    body = reader.get("/api/v1/sources").json()
    binance, okx = body["items"]
    assert 7 <= binance["answer_age_seconds"] < 20 and 3600 <= binance["content_age_seconds"] < 3620
    assert binance["content_overdue"] == ["48"] and not binance["stale"]
    assert (okx["stale"], okx["unseen"]) == (True, "news of OKX") and okx["answer_age_seconds"] is None
    assert (body["status"], body["stale_sources"]) == ("stale", ["okx.announcements"])
    # What is unchanged is not sent again, and its age goes on.
    first = reader.get("/api/v1/events")
    Heartbeat.objects.update(beat_at=clock.database_now())
    again = reader.get("/api/v1/events", headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"") and int(again.headers["x-age-ms"]) < 5_000
    manual_event("DOGE")
    assert reader.get("/api/v1/events", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def instrument(venue: str, symbol: str, base: str, quote: str, **values: object) -> Instrument:
    now = clock.now()
    plain = {"token": base, "status": "TRADING", "live": True, "since": now, "first_seen_at": now, "last_seen_at": now}
    row = Instrument.objects.create(venue=venue, symbol=symbol, base=base, quote=quote, **{**plain, **values})
    store_names(venue, [row])
    return row


def test_instruments_in_any_spelling_and_assets_by_any_name(reader: httpx.Client) -> None:
    spot = instrument("BINANCE", "BTCUSDT", "BTC", "USDT")
    perpetual = instrument("BINANCE_USDM", "BTCUSDT", "BTC", "USDT", settle="USDT", contract_type="PERPETUAL")
    many = instrument("BINANCE_USDM", "1000SHIBUSDT", "1000SHIB", "USDT", token="SHIB", multiplier=1000, live=False,
                      contract_type="PERPETUAL", settle="USDT")  # fmt: skip

    def found(**filters: object) -> list[int]:
        return ids(reader.get("/api/v1/instruments", params=filters))  # type: ignore[arg-type]

    assert found(symbol="BTC/USDT:USDT") == found(symbol="BTCUSDT-PERP.BINANCE") == [perpetual.pk]
    assert found(symbol="btc/usdt") == [spot.pk] and found(symbol="BTC_USDT") == [spot.pk, perpetual.pk]
    assert found(live="false") == found(token="shib") == [many.pk]
    assert found(venue="BINANCE") == [spot.pk] and found(venue="binance", limit=1) == [spot.pk]
    assert reader.get("/api/v1/instruments?token=SHIB").json()["items"][0]["multiplier"] == "1000"
    luna = Asset.objects.update_or_create(code="DOGE", defaults={"kind": "coin"})[0]
    AssetName.objects.create(asset=luna, venue="BINANCE_USDM", name="1000DOGE", multiplier=1000)
    WatchEffective.objects.get_or_create(watch_list="spot", currency="DOGE")
    row = instrument("BINANCE", "DOGEUSDT", "DOGE", "USDT")
    event = manual_event("DOGE")
    body = reader.get("/api/v1/assets/1000doge").json()
    assert (body["asset"], body["kind"]) == ("DOGE", "coin") and "1000DOGE means DOGE × 1,000" in body["note"]
    assert "spot" in body["watched"] and [one["id"] for one in body["instruments"]] == [row.pk]
    assert [one["id"] for one in body["open_events"]] == [event.pk]
    assert {"name": "1000DOGE", "multiplier": "1000"}.items() <= body["names"][0].items()
    assert "no asset is called 'NOSUCHCOIN'" in problem(reader.get("/api/v1/assets/NOSUCHCOIN"), 404)
    problem(reader.get("/api/v1/assets/BTC%2FUSDT"), 404)


def test_the_view_as_it_was_and_every_change_of_a_row(reader: httpx.Client) -> None:
    began = clock.database_now()
    event = manual_event("DOGE")
    between = clock.database_now()
    lifecycle.close_event(event.pk, clock.now(), by="test", reason="over")
    assert [row["token"] for row in past(reader, between)] == ["DOGE"] and past(reader, clock.database_now()) == []
    body = reader.get("/api/v1/history/doge", params={"from": began.isoformat()}).json()
    assert [one["row"] and one["row"]["action"] for one in body["items"] if not one["snapshot"]] == ["avoid_new", None]
    path = "/api/v1/history/DOGE"
    query: dict[str, str] = {"limit": "1", "from": began.isoformat()}
    first = reader.get(path, params=query).json()
    second = reader.get(path, params={**query, "cursor": first["next"]}).json()
    assert [one["n"] for one in first["items"] + second["items"]] == [one["n"] for one in body["items"][:2]]
    wrong = {
        "at=2020-01-01T00:00:00Z": "expected a time from",
        "at=2099-01-01T00:00:00Z": "until now",
        "": "at was not",
    }
    for text, words in wrong.items():
        assert words in problem(reader.get(f"/api/v1/history?{text}"), 422)
    assert "expected a time before `to`" in problem(reader.get(f"{path}?from=2099-01-01T00:00:00Z"), 422)


def past(reader: httpx.Client, at: datetime) -> list[dict[str, object]]:
    answer = reader.get("/api/v1/history", params={"at": at.isoformat()})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["tokens"])


def test_reviews_are_listed_with_what_was_decided(reader: httpx.Client) -> None:
    now = clock.now()
    drafts = [
        ReviewDraft("binance", f"binance.announcement:{token}", f"Aviso {token}", "language", now, tokens=(token,))
        for token in ("ABC", "XYZ")
    ]
    abc, xyz = sorted(row.pk for row in open_reviews(drafts, now))
    decide(abc, "harmless", "alice", now)
    assert ids(reader.get("/api/v1/reviews")) == [xyz, abc]
    assert ids(reader.get("/api/v1/reviews", params={"undecided": True})) == [xyz]
    assert ids(reader.get("/api/v1/reviews", params={"token": "abc"})) == [abc]
    (btc,) = open_reviews([replace(drafts[0], natural_key="k9", tokens=("BTC",))], now)
    assert ids(reader.get("/api/v1/reviews", params={"token": "xbt"})) == [btc.pk]
    btc.delete()
    answer = reader.get("/api/v1/reviews", params={"undecided": False})
    (item,) = answer.json()["items"]
    assert (item["decision"], item["reason"], item["reason_text"]) == (
        "harmless", "language", "the notice is in a language that is not read",
    )  # fmt: skip
    assert "alice" not in answer.text

"""What a webhook gets and when, and what the example's receiver makes of it: the two ends, without a network."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.channels.webhook import sign
from api.freshness import Freshness
from api.push.risk_feed import HEARTBEAT_SECONDS, SNAPSHOT_SECONDS, Asked, RiskFeed
from api.push.subscription import Subscription
from tests.support.examples import example

receiver = example("webhook/receiver")
SECRET = "whsec_" + "c2l4dGVlbiBieXRlcyBhbmQgbW9yZQ=="
KEY = receiver.key_of(SECRET)
AT = datetime(2026, 10, 2, 8, tzinfo=UTC)
EVERY = ("BINANCE", "BINANCE_USDM", "OKX", "OKX_USDM")
FRESH = Freshness("fresh", AT, 100, 7, ())
STALE = Freshness("stale", AT, 100, 7, ("okx",))


def row(token: str, action: str = "avoid_new", venue: str = "", category: str = "delisting") -> bytes:
    places = {venue: action} if venue else {}
    return json.dumps({
        "token": token, "action": action, "asset_action": None if venue else action, "venue_actions": places,
        "venues": list(places), "categories": [category],
    }).encode()  # fmt: skip


def rows(*tokens: str, action: str = "avoid_new") -> dict[str, bytes]:
    return {token: row(token, action) for token in tokens}


class Ends:
    """A feed and a receiver, with a clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.feed = RiskFeed("desk", "aaaaaaaaaaaa", 5000)
        self.state = receiver.State(monotonic=lambda: self.now)

    def made(self, held: dict[str, bytes], freshness: Freshness = FRESH, asked: Asked | None = None) -> dict[str, Any]:
        """The next message; it is not sent yet."""
        self.sent = self.feed.message(held, freshness, asked or Asked(covers=EVERY), AT, self.now)
        return json.loads(self.sent.body)

    def deliver(self, held: dict[str, bytes], freshness: Freshness = FRESH, asked: Asked | None = None) -> str:
        """Send the next message; its kind."""
        message = self.made(held, freshness, asked)
        self.state.take(message)
        self.feed.took(self.sent)
        return str(message["kind"])


def refused(state: Any, message: dict[str, Any]) -> int:
    with pytest.raises(receiver.Refused) as caught:
        state.take(message)
    return int(caught.value.status)


def test_first_everything_then_only_what_changes_and_a_sign_of_life() -> None:
    ends = Ends()
    assert ends.feed.due_at(rows("BTC"), FRESH) == float("-inf")
    assert ends.deliver(rows("BTC", "ETH")) == "snapshot"
    message = ends.made({**rows("BTC"), **rows("SOL")})
    assert (message["kind"], [one["token"] for one in message["changed"]], message["removed"]) == (
        "risk",
        ["SOL"],
        ["ETH"],
    )
    assert (message["seq"], message["as_of"], message["status"]) == (7, "2026-10-02T08:00:00Z", "fresh")
    ends.state.take(message)
    ends.feed.took(ends.sent)
    assert [ends.state.may_open(token) for token in ("BTC", "ETH", "SOL", "", "btc ")] == [
        False,
        True,
        False,
        False,
        False,
    ]
    held = {**rows("BTC"), **rows("SOL")}
    assert ends.feed.due_at(held, FRESH) == ends.now + HEARTBEAT_SECONDS
    assert ends.deliver(held) == "heartbeat"
    # The status is told at once, and again when it is good.
    assert ends.deliver(held, STALE) == "risk" and not ends.state.may_open("ETH")
    assert ends.deliver(held) == "risk" and ends.state.may_open("ETH")
    ends.now += SNAPSHOT_SECONDS
    assert ends.feed.due_at(held, FRESH) <= ends.now
    assert ends.deliver(held) == "snapshot"


def test_whoever_may_have_missed_a_message_gets_everything() -> None:
    ends = Ends()
    ends.deliver(rows("BTC"))
    ends.made(rows("BTC", "ETH"))
    ends.feed.lost(ends.now)
    # Doubled with each failure, and never so long that the receiver is silent for 30 s.
    waits = []
    for _ in range(12):
        waits.append(ends.feed.due_at(rows("BTC"), FRESH) - ends.now)
        ends.feed.lost(ends.now, retry_after=3600.0 if len(waits) == 11 else None)
    assert waits == [0.5, 1, 2, 4, 8, 16, 20, 20, 20, 20, 20, 20]
    assert ends.deliver(rows("ETH")) == "snapshot"
    assert ends.state.may_open("BTC") and not ends.state.may_open("ETH")
    # A receiver that says what it lacks gets it at once, the first time.
    ends.feed.lost(ends.now, gap=True)
    assert ends.feed.due_at(rows("ETH"), FRESH) == ends.now
    ends.feed.lost(ends.now, gap=True)
    assert ends.feed.due_at(rows("ETH"), FRESH) == ends.now + 1.0


def test_a_receiver_that_lacks_a_message_opens_nothing_until_it_has_everything() -> None:
    ends = Ends()
    ends.deliver(rows("BTC"))
    ends.made(rows("BTC", "ETH"))
    ends.feed.took(ends.sent)  # A proxy said that it had come.
    assert ends.state.may_open("ETH"), "nobody can know yet"
    assert refused(ends.state, ends.made(rows("BTC", "ETH"))) == 409
    assert not ends.state.may_open("SOL") and not ends.state.may_open("ETH")
    ends.feed.lost(ends.now, gap=True)
    assert ends.deliver(rows("BTC", "ETH")) == "snapshot"
    assert ends.state.may_open("SOL") and not ends.state.may_open("ETH")


def test_repeated_reordered_and_older_messages_change_nothing_and_are_no_sign_of_life() -> None:
    ends = Ends()
    first = ends.made({})
    ends.state.take(first)
    ends.feed.took(ends.sent)
    second = ends.made(rows("BTC"))
    ends.state.take(second)
    ends.feed.took(ends.sent)
    ends.now += 29
    for old in (first, second):
        assert refused(ends.state, old) == 200
    assert not ends.state.may_open("BTC") and ends.state.may_open("ETH")
    ends.now += 2
    assert not ends.state.may_open("ETH"), "a repeated message is no sign of life"
    # Another sender whose numbers are lower: an earlier one, or one whose clock was set back.
    assert refused(ends.state, {**first, "stream": "bbbbbbbbbbbb"}) == 409
    # After a minute nobody else can be meant: what was recorded before is too old by its timestamp.
    ends.now += 31
    assert refused(ends.state, {**second, "stream": "bbbbbbbbbbbb"}) == 409, "no snapshot"
    ends.state.take({**first, "stream": "bbbbbbbbbbbb"})
    assert ends.state.may_open("BTC")


def test_another_sender_begins_with_everything() -> None:
    ends = Ends()
    ends.deliver(rows("BTC"))
    ends.feed = RiskFeed("desk", "bbbbbbbbbbbb", 9000)
    later = {**ends.made(rows("ETH")), "kind": "heartbeat"}
    assert refused(ends.state, later) == 409 and not ends.state.may_open("SOL")
    assert ends.deliver(rows("ETH")) == "snapshot"
    assert ends.state.may_open("BTC") and not ends.state.may_open("ETH")


@pytest.mark.parametrize("silent", [30.1, -0.1, float("nan")])
def test_silence_opens_nothing(silent: float) -> None:
    ends = Ends()
    ends.deliver({})
    assert ends.state.may_open("BTC")
    ends.now += silent
    assert not ends.state.may_open("BTC")


def test_nothing_is_open_before_the_first_message() -> None:
    assert not Ends().state.may_open("BTC")


@pytest.mark.parametrize("change", [
    {"sequence": None}, {"sequence": "x"}, {"stream": None, "sequence": []}, {"status": None}, {"tokens": None},
    {"tokens": [{}]}, {"filter": None}, {"stale_sources": None}, {"kind": "news"}, {"status": "better"},
])  # fmt: skip
def test_a_message_of_another_form_opens_nothing(change: dict[str, Any]) -> None:
    ends = Ends()
    try:
        ends.state.take({**ends.made({}), **change})
    except receiver.Refused:
        pass
    assert not ends.state.may_open("BTC")


def test_what_is_wrong_on_an_exchange_is_so_on_its_venues() -> None:
    ends = Ends()
    ends.deliver({
        "BTC": row("BTC", "exit", "BINANCE"), "ETH": row("ETH", "halt", "BINANCE", "exchange_halt"),
        "SOL": row("SOL", "watch"),
        "DOT": row("DOT", "run_away"),
    })  # fmt: skip
    asked = [("BTC", "BINANCE"), ("BTC", "BINANCE_USDM"), ("BTC", "binance"), ("BTC", "OKX"), ("BTC", None)]
    assert [ends.state.may_open(*one) for one in asked] == [False, True, False, True, False]
    assert not ends.state.may_open("ETH", "BINANCE_USDM") and ends.state.may_open("ETH", "OKX")
    assert ends.state.may_open("SOL") and not ends.state.may_open("DOT"), "an action that is unknown counts as halt"
    ends.deliver({"*": row("*", "halt", "OKX")})
    assert not ends.state.may_open("BTC", "OKX") and ends.state.may_open("BTC", "BINANCE")


def test_a_filter_that_hides_what_may_not_be_opened_opens_nothing() -> None:
    ends = Ends()
    everything = {
        "BTC": row("BTC", "avoid_new"),
        "ETH": row("ETH", "exit", "OKX"),
        "SOL": row("SOL", "watch", "BINANCE"),
    }
    asked = Asked(
        Subscription(venues=frozenset({"BINANCE"}), exchanges=frozenset({"BINANCE"})), "avoid_new", ("BINANCE",),
        covers=("BINANCE",),
    )  # fmt: skip
    assert set(asked.taken(everything)) == {"BTC"}
    ends.deliver(asked.taken(everything), FRESH, asked)
    assert ends.state.may_open("SOL") and not ends.state.may_open("BTC")
    # Of OKX the channel holds back what it knows.
    assert ends.state.may_open("ETH", "BINANCE") and not ends.state.may_open("ETH", "OKX")
    assert not ends.state.may_open("ETH", "binance"), "its futures are held back too"
    unfiltered = Asked(Subscription(), "", ("BINANCE", "NOWHERE"), ("NOWHERE",), EVERY)
    ends.deliver(unfiltered.taken(everything), FRESH, unfiltered)
    assert ends.state.may_open("DOT", "OKX") and not ends.state.may_open("ETH", "OKX")
    strict = Asked(min_action="exit")
    assert set(strict.taken({**everything, "X": b'{"token":"X"}'})) == {"ETH", "X"}, "another form is kept from nobody"
    ends.deliver(strict.taken(everything), FRESH, strict)
    assert not ends.state.may_open("BTC"), "BTC is missing for the filter alone"


@pytest.mark.parametrize("venue", ["BINANCE_SPOT", "BINANCE_FUTURES", "binance spot", "BINANCE-USDM", "bnb", "Okx"])
def test_a_venue_that_is_not_known_by_its_name_is_any_venue(venue: str) -> None:
    ends = Ends()
    ends.deliver({"BTC": row("BTC", "exit", "BINANCE")})
    assert not ends.state.may_open("BTC", venue) and ends.state.may_open("ETH", venue)
    assert ends.state.may_open("BTC", "BINANCE_USDM") and ends.state.may_open("BTC", "okx")


@pytest.mark.parametrize("pair", ["BTC/USDT", "BTC-USDT", "btc_usdt", "BTC/USDT:USDT", " BTC-USD "])
def test_a_pair_is_no_token(pair: str) -> None:
    ends = Ends()
    ends.deliver(rows("BTC"))
    assert not ends.state.may_open(pair) and "pair" in ends.state.answer(pair).why


def test_what_was_long_on_its_way_is_as_old_as_it_is() -> None:
    ends = Ends()
    body = json.dumps(ends.made({})).encode()
    ends.state.take(receiver.verified(KEY, request(body), body, 1025.0))
    assert ends.state.may_open("BTC")
    ends.now += 7
    assert not ends.state.may_open("BTC"), "it was sent 32 s ago"
    # A receiver whose clock is behind cannot know it.
    body = json.dumps(ends.made({})).encode()
    ends.state.take(receiver.verified(KEY, request(body, f"aaaaaaaaaaaa-{ends.feed.sequence}"), body, 990.0))
    ends.now += 29.9
    assert ends.state.may_open("BTC")


def request(body: bytes, number: str = "aaaaaaaaaaaa-5001", at: float = 1000.0) -> dict[str, str]:
    signature = sign(KEY, number, int(at), body)
    return {"webhook-id": number, "webhook-timestamp": str(int(at)), "webhook-signature": signature}


def test_what_is_forged_late_or_cut_is_refused() -> None:
    body = json.dumps(Ends().made({})).encode()
    good = request(body)
    assert receiver.verified(KEY, good, body, 1010.0)["kind"] == "snapshot"

    def status(headers: dict[str, str], content: bytes, now: float = 1000.0) -> int:
        with pytest.raises(receiver.Refused) as caught:
            receiver.verified(KEY, headers, content, now)
        return int(caught.value.status)

    assert status(good, body[:-1]) == 401
    assert status(good, body.replace(b"fresh", b"stale")) == 401
    assert status({}, body) == 401
    assert status({**good, "webhook-id": "aaaaaaaaaaaa-5002"}, body) == 401
    assert status({**good, "webhook-timestamp": "1001"}, body) == 401
    assert status({**good, "webhook-signature": ""}, body) == 401
    assert status({**good, "webhook-signature": "v1,é"}, body) == 401
    # An hour off, either way, and a recording.
    assert [status(good, body, 1000.0 + off) for off in (3600, -3600, 31)] == [400, 400, 400]
    assert status(request(body, "aaaaaaaaaaaa-9999"), body) == 400, "the id of another message"
    assert status(request(b"[]"), b"[]") == 400 and status(request(b"{"), b"{") == 400
    with pytest.raises(ValueError, match="shorter than 16"):
        receiver.key_of("short")

"""Positions of the desk where people read them: cards, digests, the webhook, the admin; and where they must not be."""

from __future__ import annotations

import io
import itertools
import json
import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from alerts.channels.base import Answer
from alerts.delivery import context
from alerts.delivery.dispatcher import Dispatcher
from alerts.delivery.loader import load_digest, load_message
from alerts.delivery.worker import ChannelWorker, _without_positions
from alerts.models import Alert, AlertAttempt
from alerts.rendering.card_html import card_page
from alerts.rendering.message import Message
from alerts.rendering.plain_text import plain_lines
from alerts.rendering.summary import EventSummary
from alerts.rendering.teams_card import MAX_BYTES, card_size, render_card, render_message
from alerts.rendering.webhook_json import encode_payload, render_payload
from crypto_ews.conf.config import ConfigurationError, parse_config
from events.positions.book import Book, BookRow
from events.positions.exposure import Exposure
from events.positions.phrases import Touched, touched
from events.positions.store import replace_book
from tests.alerts.factories import NOW, Clock, make_config, make_effect, make_event, tell
from tests.events.admin.support import LIST, page_of, staff
from tests.upstreams.card_schema import schema_faults
from tests.upstreams.steps import Reply

pytestmark = pytest.mark.django_db
SENTENCE = "You hold 1.2 M LUNA on BINANCE (worth 1.2 M USD)"
ON_CARDS = SENTENCE.replace("BINANCE", "Binance")


SECOND = timedelta(seconds=1)
# A channel sends one card a second.
_moments = itertools.count(0, 2)


class Reader:
    """A receiver that keeps what it is given."""

    name, throttled = "reader", True

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def deliver(self, message: Message) -> Answer:
        self.messages.append(message)
        return Answer(status=202)

    def close(self) -> None:
        """Nothing is open."""


def post(*rows: tuple[str, str, str, str | None], age: timedelta = timedelta(minutes=1), now: Any = NOW) -> None:
    lines = tuple(BookRow(v, a, "", Decimal(q), None if w is None else Decimal(w)) for v, a, q, w in rows)
    replace_book(Book("desk", now - age, lines), "test", now)


def delivered(kind: str, **variables: str) -> Message:
    """The message that a receiver of this kind gets next."""
    reader = Reader()
    ChannelWorker("cex", reader, make_config(**variables), Clock(NOW + next(_moments) * SECOND), kind=kind).step()
    return reader.messages[0]


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards are made at the time of the other tests of alerts."""
    monkeypatch.setattr("events.clock.now", lambda: NOW)


def test_every_rendering_of_a_card_says_what_the_desk_holds() -> None:
    post(("BINANCE", "LUNA", "1200000", "1200000"), ("OKX", "LUNA", "5", None))
    tell(make_event())
    message = delivered("teams")
    card = render_message(message)
    assert schema_faults(card) == []
    assert f"**{ON_CARDS}**" in json.dumps(card)
    assert ON_CARDS in card_page(card)
    assert f"Positions:      {ON_CARDS}" in plain_lines(message)
    payload = json.loads(encode_payload(render_payload(message)))
    assert payload["event"]["positions"] == {
        "text": SENTENCE,
        "brief": SENTENCE,
        "rows": [
            {
                "venue": "BINANCE", "asset": "LUNA", "symbol": "", "quantity": "1200000", "value_usd": "1200000",
                "partial": False, "as_of": "2026-10-02T07:59:00+00:00", "accounts": ["desk"],
            }
        ],
        "more": 0,
    }  # fmt: skip
    assert ON_CARDS in payload["text"]


@pytest.mark.parametrize(
    ("kind", "setting", "expected"),
    [
        ("teams", None, True), ("email", None, True), ("webhook", None, False), ("apprise", None, False),
        ("console", None, False), ("", None, False), ("teams", "0", False), ("email", "teams", False),
        ("webhook", "teams,webhook", True), ("console", "console", True),
    ],
)  # fmt: skip
def test_a_receiver_is_given_positions_only_by_its_kind(kind: str, setting: str | None, expected: bool) -> None:
    post(("BINANCE", "LUNA", "1200000", "1200000"))
    tell(make_event())
    variables = {} if setting is None else {"ALERT_POSITIONS": setting}
    message = delivered(kind, **variables)
    everything = json.dumps(render_message(message)) + encode_payload(render_payload(message)).decode()
    assert ("You hold" in everything, "1200000" in everything) == (expected, expected)
    if not expected:
        assert render_payload(message)["event"]["positions"] is None


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_gives_them_to_the_channel_of_the_desk_and_not_to_a_webhook_that_follows_it(
    hooks: Any,
) -> None:
    post(("BINANCE", "LUNA", "1200000", "1200000"))
    outside = {"name": "outside", "kind": "webhook", "url": hooks.server.url("/outside"), "secret": "s" * 32}
    hooks.server.route("/outside", Reply(status=202))
    config = hooks.config("cex", ALERT_CHANNELS=json.dumps([outside]))
    event = make_event()
    for channel in ("cex", "outside"):
        Alert.objects.create(event=event, reason="opened", channel=channel, urgency=1, queued_at=NOW, due_at=NOW)
    Dispatcher(config).drain(8)
    (card,), (request,) = hooks.cards("cex"), hooks.server.requests_to("/outside")
    assert ON_CARDS in card
    assert json.loads(request.body)["event"]["positions"] is None and b"You hold" not in request.body


@pytest.mark.parametrize("kept", ["", "554 5.7.1 spam"])
def test_nor_is_what_a_mail_server_says_of_the_card(kept: str) -> None:
    """Its one line is the explanation of an attempt, and of what became of the alert."""
    refused = f"SMTP 554: {kept or 'found ' + repr(SENTENCE)}"
    stored = _without_positions(Answer(verdict="refused", explanation=refused))
    assert "You hold" not in stored.explanation and (stored.explanation == refused) == bool(kept)


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_repeats_the_card_is_not_kept(hooks: Any) -> None:
    post(("BINANCE", "LUNA", "1200000", "1200000"))
    hooks.server.route(hooks.sinks["cex"].path, Reply(status=202, body={"echo": {"text": SENTENCE}}))
    config = hooks.config("cex")
    Alert.objects.create(event=make_event(), reason="opened", channel="cex", urgency=1, queued_at=NOW, due_at=NOW)
    Dispatcher(config).drain(8)
    assert [attempt.excerpt for attempt in AlertAttempt.objects.all()] == [
        "not kept: it repeats the positions that the card names"
    ]


def test_what_is_no_kind_of_receiver_is_refused() -> None:
    for setting in ("teams mail", "1", "0 teams"):
        with pytest.raises(ConfigurationError, match="ALERT_POSITIONS"):
            parse_config({"ALERT_POSITIONS": setting})
    for setting in ("1", "0h", "-3h", "nanh", "1w"):
        with pytest.raises(ConfigurationError, match="POSITIONS_MAX_AGE"):
            parse_config({"POSITIONS_MAX_AGE": setting})
    assert parse_config({"POSITIONS_MAX_AGE": "90m"}).positions_max_age == timedelta(minutes=90)


def test_no_book_says_nothing_and_a_book_without_the_coin_says_so_to_programs() -> None:
    tell(make_event())
    message = delivered("teams")
    assert render_payload(message)["event"]["positions"] is None
    post(("BINANCE", "ETH", "1", None))
    tell(make_event())
    message = delivered("teams")
    assert render_payload(message)["event"]["positions"] == {"text": "", "brief": "", "rows": (), "more": 0}
    assert "Positions" not in "\n".join(plain_lines(message)) + json.dumps(render_message(message))


def test_an_old_book_is_shown_with_its_age_by_the_bound_of_the_desk() -> None:
    post(("BINANCE", "LUNA", "1", None), age=timedelta(hours=26))
    tell(make_event())
    assert "Positions:      You hold 1 LUNA on Binance (as of 26 h ago)" in plain_lines(delivered("teams"))
    tell(make_event())
    line = "Positions:      You hold 1 LUNA on Binance"
    assert line in plain_lines(delivered("teams", POSITIONS_MAX_AGE="2d"))


def test_positions_that_cannot_be_read_cost_no_card_and_are_in_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("12345 LUNA")

    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    context.logger.addHandler(handler)

    post(("BINANCE", "LUNA", "1200000", "1200000"))
    monkeypatch.setattr(context, "stored_positions", broken)
    tell(make_event(title="Exchange will remove LUNA"))
    assert "Exchange will remove LUNA" in "\n".join(plain_lines(delivered("teams")))
    log = lines.getvalue()
    assert "cards go out without the desk's positions, which could not be read: ValueError" in log
    context.logger.removeHandler(handler)
    assert "12345" not in log and "1200000" not in log


def digest_of(*events: Any) -> Alert:
    digest = Alert.objects.create(reason="digest", channel="cex", urgency=1, queued_at=NOW, due_at=NOW)
    for event in events:
        Alert.objects.create(
            event=event, reason="opened", channel="cex", urgency=1, queued_at=NOW, due_at=NOW, digest=digest
        )
    return digest


def test_a_digest_lists_the_worst_action_first_then_what_ends_first_then_the_largest_position() -> None:
    post(("BINANCE", "AAA", "1", "10"), ("BINANCE", "BBB", "1", "9000"), ("BINANCE", "CCC", "1", None))
    made: dict[str, Any] = {}
    for name, token, action, hours in (
        ("nothing held, later", "XXX", "reduce_only", 9), ("nothing held, sooner", "YYY", "reduce_only", 1),
        ("unknown value", "CCC", "reduce_only", 1), ("small", "AAA", "reduce_only", 1),
        ("large", "BBB", "reduce_only", 9), ("halted, nothing held", "ZZZ", "halt", 9),
        ("watched, large", "BBB", "watch", 1),
    ):  # fmt: skip
        event = make_event(tokens=(), title=name)
        make_effect(event, token, action=action, trading_ends_at=NOW + timedelta(hours=hours))
        made[name] = event
    digest = digest_of(*made.values())
    config = make_config()
    told = load_digest(digest, context.load_context([digest], config, True), NOW)
    assert [line.title for line in told.lines] == [
        "halted, nothing held", "small", "unknown value", "nothing held, sooner", "large", "nothing held, later",
        "watched, large",
    ]  # fmt: skip
    message = load_message(digest, config, NOW, False, context.load_context([digest], config, True))
    assert "You hold 1 BBB on Binance (worth 9,000 USD)" in "\n".join(plain_lines(message))
    assert "You hold 1 BBB on Binance (worth 9,000 USD)" in json.dumps(render_message(message))
    # Without positions the order is by action and deadline, and the same events are listed.
    plain = load_digest(digest, context.load_context([digest], config), NOW)
    assert sorted(line.event_id for line in plain.lines) == sorted(line.event_id for line in told.lines)
    assert plain.lines[0].title == "halted, nothing held"


def test_a_digest_of_two_hundred_fits_whatever_the_names_of_positions() -> None:
    wide = Exposure("V" * 64, "🪙" * 64, "", Decimal(1), Decimal(1), False, NOW, ("desk",))
    held = touched([wide] * 9, NOW, timedelta(days=1))
    line = load_digest(digest_of(make_event()), now=NOW).lines[0]
    lines = tuple(type(line)(**{**vars(line), "event_id": 10**9 + number, "positions": held}) for number in range(200))
    card = render_card(
        type(load_digest(digest_of()))("digest", "200 events at once", lines), NOW, "https://ews.example"
    )
    assert card_size(card) <= MAX_BYTES
    assert all(f"#{one.event_id}" in json.dumps(card) for one in lines)


def test_a_book_of_thousands_keeps_a_webhook_small() -> None:
    """A digest of 200 lines with 20,000 positions each would be half a gigabyte, and refused by every receiver."""
    rows = tuple(Exposure(f"V{n}", "LUNA", "", Decimal(n), None, False, NOW, ("desk",)) for n in range(20_000))
    held = touched(rows, NOW, timedelta(days=1))
    tell(make_event())
    message = delivered("teams")
    assert isinstance(message.content, EventSummary)
    one = replace(message, content=replace(message.content, positions=held))
    positions = render_payload(one)["event"]["positions"]
    assert (len(positions["rows"]), positions["more"]) == (100, 19_900)
    line = replace(load_digest(digest_of(make_event()), now=NOW).lines[0], positions=held)
    many = replace(message, content=replace(load_digest(digest_of()), lines=(line,) * 200))
    assert len(encode_payload(render_payload(many))) < 500_000


def test_names_of_positions_are_text_and_no_format() -> None:
    post(("[x](https://bad.example)", "LUNA", "1", None))
    event = make_event(tokens=())
    make_effect(event, "LUNA", scope="asset", venue="")
    tell(event)
    card = render_message(delivered("teams"))
    assert r"\\[X\\](HTTPS://BAD.EXAMPLE)" in json.dumps(card)
    assert 'href="HTTPS://BAD' not in card_page(card)
    assert Touched().text == ""


# -------------------------------------------------------------------------------------------------------------- admin


def test_the_list_of_events_says_and_sorts_by_exposure_for_those_who_may_see_it() -> None:
    post(("BINANCE", "AAA", "1", "10"), ("BINANCE", "BBB", "1", "9000"), ("BINANCE", "CCC", "1", None))
    for token in ("AAA", "XXX", "BBB", "CCC"):
        make_event(tokens=(token,), title=f"About {token}")
    client = staff("events.view_event", "events.view_position")
    page = client.get(LIST).content.decode()
    assert "You hold 1 BBB on BINANCE (worth 9,000 USD)" in page
    # Newest first, as ever; by the column the largest first.
    assert sorted(["CCC", "BBB", "XXX", "AAA"], key=lambda one: page.index(f"About {one}")) == [
        "CCC",
        "BBB",
        "XXX",
        "AAA",
    ]
    column = 7
    page = client.get(f"{LIST}?o={column}").content.decode()
    assert sorted(["AAA", "BBB", "CCC", "XXX"], key=lambda one: page.index(f"About {one}")) == [
        "BBB",
        "AAA",
        "CCC",
        "XXX",
    ]


def test_without_the_permission_nothing_in_the_admin_names_a_position() -> None:
    post(("BINANCE", "LUNA", "1200000", "1200000"))
    event = make_event()
    client = staff("events.view_event", "alerts.view_alert")
    for page in (LIST, f"{LIST}?o=7", page_of(event), f"/admin/alerts/alert/preview/{event.pk}/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "You hold" not in answer.content.decode() and "Exposure" not in answer.content.decode()
    assert client.get("/admin/events/position/").status_code == 403


def test_the_overview_says_what_the_desk_holds_of_what_nobody_acknowledged() -> None:
    post(("BINANCE", "LUNA", "1200000", "1200000"))
    make_event()
    client = staff("events.view_event", "events.view_position", "alerts.view_alert")
    assert SENTENCE in client.get("/admin/").content.decode()
    User.objects.all().delete()
    without = staff("events.view_event", "alerts.view_alert").get("/admin/").content.decode()
    assert "Notice" in without and "You hold" not in without


def test_the_page_of_an_event_and_the_list_of_positions_show_them_with_their_age(hooks: Any) -> None:
    client = staff("events.view_event", "events.view_position", "alerts.view_alert")
    event = make_event()
    assert "No book of positions is stored" in client.get(page_of(event)).content.decode()
    post(("BINANCE", "LUNA", "1200000.5", "1200000"), ("Cellar", "WHAT", "-1", None), age=timedelta(hours=26))
    page = client.get(page_of(event)).content.decode()
    assert "You hold 1.2 M LUNA on BINANCE (worth 1.2 M USD, as of 26 h ago)" in page
    assert "1200000.5" in page and "as of 26 h ago" in page
    listed = client.get("/admin/events/position/").content.decode()
    assert "CELLAR" in listed and "1200000.5" in listed and "as of 26 h ago" in listed
    assert "have no position" in client.get(page_of(make_event(tokens=("BTC",)))).content.decode()

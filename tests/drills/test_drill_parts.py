"""The parts of a drill that need no database: marks, times, receivers, the world."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import pytest

from alerts.receiver import CONSOLE, Receiver
from alerts.rendering.cards.build import card_of
from alerts.rendering.cards.card import HEADING_LIMIT
from alerts.rendering.cards.drill_mark import marked
from alerts.rendering.webhook_json import render_payload
from crypto_ews.conf import Config, ConfigurationError, parse_config, variables
from crypto_ews.conf.drills import CRISES, parse_listen
from drills.crises import CRISIS_BY_NAME
from drills.receiver import CHANNEL, ReceiverError, chosen, routed
from drills.schedule import LATE_BY, due_at
from drills.upstreams.server import CrisisServer
from drills.upstreams.world import World
from tests.alerts.rendering import cases

NOW = datetime(2026, 12, 1, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(cases.CASES))
def test_every_kind_of_card_begins_with_the_mark_and_keeps_its_deadline(name: str) -> None:
    message = cases.CASES[name]()
    plain, card = card_of(message), card_of(replace(message, drill="luna"))
    assert card.heading.startswith("DRILL · ") and card.heading.count("DRILL") == 1
    assert len(card.heading) <= HEADING_LIMIT
    assert all(line.heading.startswith("DRILL · ") and len(line.heading) <= HEADING_LIMIT for line in card.lines)
    assert "nothing of this has happened" in card.label
    # The action, and by when: never what is cut.
    first = plain.heading.removeprefix("DRILL · ").split(" · ")[0]
    assert first[:20] in card.heading
    payload = render_payload(replace(message, drill="luna"))
    assert payload["drill"] == "luna" and payload["subject"] == card.heading
    assert render_payload(message)["drill"] == ""


def test_a_heading_without_room_loses_the_distance_first_then_names() -> None:
    heading = "EXIT · LUNA, LUNC, USTC + 14 · Binance spot, OKX spot · by 1 Dec 01:00 UTC, in 19 h 30 min"
    assert len(heading) == HEADING_LIMIT
    assert marked(heading) == "DRILL · EXIT · LUNA, LUNC, USTC + 14 · Binance spot, OKX spot · by 1 Dec 01:00 UTC"
    full = "OPEN NOTHING NEW · LUNA, LUNC, USTC + 14 · Binance USD-M futures · by 10 Dec 01:00 UTC"
    assert marked(full) == "DRILL · OPEN NOTHING NEW · LUNA, LUNC, USTC… · Binance USD-M futures · by 10 Dec 01:00 UTC"


@pytest.mark.parametrize(
    ("drill_at", "now", "due"),
    [
        ("", NOW, None),
        ("07:30", NOW, NOW),
        ("07:30", NOW - timedelta(seconds=1), None),
        ("07:30", NOW + LATE_BY, NOW),
        ("07:30", NOW + LATE_BY + timedelta(seconds=1), None),
        ("tue 07:30", NOW, NOW),
        ("mon 07:30", NOW, None),
        ("mon 23:55", datetime(2026, 12, 1, 0, 3, tzinfo=UTC), datetime(2026, 11, 30, 23, 55, tzinfo=UTC)),
        ("tue 23:55", datetime(2026, 12, 1, 0, 3, tzinfo=UTC), None),
    ],
)
def test_a_drill_is_due_at_its_time_and_is_not_made_up_for_later(drill_at: str, now: datetime, due: object) -> None:
    assert due_at(drill_at, now) == due


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DRILL_AT", "7:30", "a time of day such as 07:30, behind a day of the week or not (mon 07:30), or nothing"),
        ("DRILL_AT", "monday 07:30", "a time of day such as 07:30, behind a day of the week"),
        ("DRILL_CRISIS", "ftx", "one of luna, usdc, delisting"),
        ("DRILL_LISTEN", "127.0.0.1:99999", "HOST:PORT such as 127.0.0.1:8010, or HOST alone"),
        ("DRILL_BASE_URL", "ews.example", "http"),
    ],
)
def test_a_wrong_variable_is_named_with_what_was_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        parse_config({name: value})
    assert f"{name}: expected" in str(wrong.value) or name in str(wrong.value)
    assert expected in str(wrong.value) and value in str(wrong.value)


def test_the_address_of_the_pages_may_be_a_host_or_a_host_and_a_port() -> None:
    assert parse_listen("0.0.0.0:8010") == ("0.0.0.0", 8010)
    assert parse_listen("[::1]:8010") == ("::1", 8010)
    assert parse_listen("localhost") == ("localhost", 0)


def test_a_drill_has_its_receiver_alone_and_no_secret_that_answers_to_the_production() -> None:
    receivers = {
        "cex": Receiver("cex", CONSOLE, ("cex",)),
        "pager": Receiver("pager", "pagerduty", ("cex",), "https://pager.example/x?routing_key=k", "of the hook"),
        "lost": Receiver("lost", "teams", ("cex",)),
    }
    receiver = chosen("pager", receivers)
    environment = {"CEX_WEBHOOK_URL": "https://teams.example/a", "DEFI_WEBHOOK_URL": "https://teams.example/b"}
    config = routed(parse_config(environment), receiver)
    assert set(config.webhook_urls.values()) == {None}
    assert [(one.name, one.target, one.secret) for one in config.further_channels] == [(CHANNEL, receiver.target, "")]
    assert routed(config, None).further_channels == ()
    with pytest.raises(ReceiverError, match="there is no receiver 'phone', expected one of: pager"):
        chosen("phone", receivers)
    with pytest.raises(ReceiverError, match="there is no receiver 'cex', expected one of: pager"):
        chosen("cex", receivers)
    with pytest.raises(ReceiverError, match="the address of lost was encrypted with another SECRET_KEY"):
        chosen("lost", receivers)


def test_no_address_of_a_real_upstream_is_left_in_the_configuration_of_a_drill() -> None:
    with CrisisServer(lambda: NOW) as server:
        config: Config = World(server, lambda: NOW).configuration(parse_config({}))
        for attribute, variable in variables():
            value = getattr(config, attribute)
            if isinstance(value, str) and value.startswith(("http", "ws")) and attribute != "public_base_url":
                assert value.startswith(server.url()), variable.name


def test_the_upstreams_of_a_drill_have_its_time() -> None:
    with CrisisServer(lambda: NOW) as server:
        world = World(server, lambda: NOW)
        CRISIS_BY_NAME["delisting"].prepare(world, NOW)
        with urlopen(server.url("/api/v3/exchangeInfo"), timeout=5) as answer:
            assert answer.headers["Date"] == "Tue, 01 Dec 2026 07:30:00 GMT"
            assert json.load(answer)["serverTime"] == NOW.timestamp() * 1000


def test_every_crisis_that_can_be_typed_is_there_and_is_told_in_order() -> None:
    assert tuple(CRISIS_BY_NAME) == CRISES
    for crisis in CRISIS_BY_NAME.values():
        times = [chapter.after for chapter in crisis.chapters]
        assert times == sorted(times) and times[0] == timedelta(0) and times[-1] < crisis.lasts
        assert crisis.chapters[0].category, "the first chapter has a card to wait for"

"""What a hummingbot is told, and what its guard makes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from api.bots.mqtt_message import message_of, nothing_known, state_of, topic_of, word_of
from crypto_ews.conf.bots import BotMarkets
from tests.support.examples import example

BTC, ETH = ("binance", "BTC-USDT"), ("binance", "ETH-USDT")
BOT = BotMarkets("bot1", (BTC, ETH))


def row(n: int = 1, **values: Any) -> dict[str, Any]:
    """A row of can_trade_many: everything is allowed, but for `values`."""
    usual = {"may_open": True, "action": "none", "status": "fresh", "covered": "watched", "seq": 7}
    usual |= {"base_action": values.get("action", "none"), "quote_action": "none", "instrument_action": "none"}
    return {"n": n, **usual, "as_of": datetime(2026, 11, 30, tzinfo=UTC), **values}


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([row()], "open"),
        ([row(action="watch")], "open"),
        ([row(), row(may_open=False, action="exit")], "exit"),
        ([row(may_open=False, action="reduce_only"), row(may_open=False, action="halt")], "halt"),
        ([row(may_open=False, action="exit", status="unknown")], "exit"),
        ([row(may_open=False, status="stale")], "stale"),
        ([row(may_open=False, status="stale"), row(may_open=False, status="unknown")], "unknown"),
        ([row(may_open=False, action="exit", base_action="none", quote_action="exit")], "quote_exit"),
        ([row(may_open=False, action="exit", base_action="avoid_new", quote_action="exit")], "both_exit"),
        ([row(may_open=False, action="exit", base_action="exit", quote_action="exit")], "exit"),
        ([row(may_open=False, action="exit", quote_action="avoid_new")], "exit"),
        ([row(may_open=False, action="halt", base_action="none", quote_action="halt")], "halt"),
        (
            [row(), row(may_open=False, action="avoid_new", base_action="watch", quote_action="avoid_new")],
            "quote_avoid_new",
        ),
        ([row(may_open=False, covered="listed")], "unwatched"),
        ([row(may_open=False, covered="unknown")], "unknown"),
        ([row(may_open=None)], "unwatched"),
        ([], "unknown"),
    ],
)
def test_one_word_says_whether_a_market_may_be_opened(rows: list[dict[str, Any]], word: str) -> None:
    assert word_of(rows) == word


def test_a_message_has_integers_and_texts_alone_and_every_market_of_its_bot() -> None:
    state = state_of([BTC, ETH], [row(1), row(2, may_open=False, action="exit")], "abc", 5.0)
    body = json.loads(message_of(BOT, state, 1_796_000_000_123, 90))
    assert body == {
        "timestamp": 1_796_000_000_123,
        "sequence": 1_796_000_000_123,
        "type": "eevent",
        "data": {
            "version": 1, "source": "abc", "status": "fresh", "as_of": 1_795_996_800, "seq": 7, "valid_for": 90,
            "binance:BTC-USDT": "open", "binance:ETH-USDT": "exit",
        },
    }  # fmt: skip
    assert {type(value) for value in body["data"].values()} == {int, str}
    unknown = json.loads(message_of(BOT, nothing_known(state), 1, 90))["data"]
    assert (unknown["status"], unknown["binance:BTC-USDT"], unknown["source"]) == ("unknown", "unknown", "abc")


def test_what_counts_on_with_time_alone_is_no_news() -> None:
    state = state_of([BTC], [row()], "abc", 5.0)
    assert state.same_as(state_of([BTC], [row(as_of=datetime(2026, 12, 1, tzinfo=UTC), seq=8)], "abc", 6.0))
    assert not state.same_as(nothing_known(state))
    assert not state.same_as(state_of([BTC], [row(may_open=False)], "abc", 6.0))


def test_a_topic_is_the_one_that_hummingbot_hears() -> None:
    assert topic_of("hbot", "bot1") == "hbot/bot1/external/event/token_risk"
    # commlib-py makes slashes of dots in whatever it subscribes to.
    assert topic_of("desk.hbot", "bot.1") == "desk/hbot/bot/1/external/event/token_risk"


@pytest.fixture(scope="module")
def guard() -> ModuleType:
    """The example's module, which needs no hummingbot."""
    return example("hummingbot/token_risk")


class Bot:
    """The table of a script, and a clock that the test sets."""

    def __init__(self, guard: ModuleType) -> None:
        self.now = 1000.0
        self.ahead = 4000.0
        self.sent = 0
        self.table = guard.RiskTable(lambda: self.now)

    def hear(self, seconds: float = 4.0, *, sequence: int | None = None, **changes: Any) -> None:
        """`seconds` later a message comes that was just sent. changes: of `data`; eth, btc: the words."""
        for short in ("btc", "eth"):
            if short in changes:
                changes[f"binance:{short.upper()}-USDT"] = changes.pop(short)
        self.now += seconds
        self.sent = max(self.sent + 1, round((self.now + self.ahead) * 1000))
        data = {"version": 1, "source": "a", "status": "fresh", "as_of": 1, "seq": 1, "valid_for": 90}
        words = {"binance:BTC-USDT": "open", "binance:ETH-USDT": "exit"}
        self.table.receive(self.sent if sequence is None else sequence, {**data, **words, **changes})

    def opens(self) -> list[str]:
        pairs = ("BTC-USDT", "ETH-USDT", "XYZ-USDT")
        return [pair for pair in pairs if self.table.may_open("binance_paper_trade", pair)]

    def why(self) -> str:
        return str(self.table.why_not("binance", "BTC-USDT"))


@pytest.fixture
def bot(guard: ModuleType) -> Bot:
    return Bot(guard)


def test_nothing_is_opened_before_the_second_message(bot: Bot) -> None:
    assert bot.opens() == []
    bot.hear()
    # A message that a broker has retained for years comes alone.
    assert bot.opens() == [] and "one message" in bot.why()
    bot.hear(30)
    assert bot.opens() == ["BTC-USDT"]
    assert bot.table.word("binance", "ETH-USDT") == "exit"
    assert "MQTT_BOTS" in bot.table.why_not("binance", "XYZ-USDT")


def test_ninety_seconds_of_silence_forbid_opening_and_never_closing(bot: Bot) -> None:
    bot.hear()
    bot.hear(4, eth="halt")
    bot.now += 89.9
    assert bot.opens() == ["BTC-USDT"] and not bot.table.may_close("binance", "ETH-USDT")
    bot.now += 0.1
    assert bot.opens() == [] and bot.table.may_close("binance", "ETH-USDT")
    bot.hear(1)
    assert bot.opens() == []
    bot.hear(4)
    assert bot.opens() == ["BTC-USDT"]


def test_a_message_may_shorten_its_time_and_not_lengthen_it(bot: Bot) -> None:
    bot.hear(valid_for=10)
    bot.hear(valid_for=10)
    bot.now += 10
    assert bot.opens() == []
    bot.hear(valid_for=10_000)
    bot.hear(valid_for=10_000)
    bot.now += 90
    assert bot.opens() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2}, {"version": "1"}, {"version": None}, {"status": "new"}, {"status": None}, {"valid_for": 90.0},
        {"valid_for": 0}, {"valid_for": True}, {"source": None}, {"binance:BTC-USDT": 1}, {"binance:BTC-USDT": None},
        {"binance:BTC-USDT": ["open"]}, {"news": "open"},
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_read_forbids_until_the_next_one(bot: Bot, changes: dict[str, Any]) -> None:
    bot.hear()
    bot.hear()
    bot.hear(**changes)
    assert bot.opens() == [] and "cannot be used" in bot.why()
    bot.hear()
    assert bot.opens() == ["BTC-USDT"]


@pytest.mark.parametrize("data", [None, [], "x", {}])
@pytest.mark.parametrize("sequence", [None, -1, 0, 1.5, True, "7", 7])
def test_no_form_of_a_message_raises(bot: Bot, sequence: Any, data: Any) -> None:
    bot.hear()
    bot.hear()
    bot.table.receive(sequence, data)
    assert bot.opens() == []


@pytest.mark.parametrize("word", ["stale", "unknown", "unwatched", "reduce_only", "avoid_new", "OPEN", "", "yes"])
def test_only_the_word_open_opens(bot: Bot, word: str) -> None:
    bot.hear(btc=word)
    bot.hear(btc=word)
    assert bot.opens() == []
    bot.hear(status="unknown")
    assert bot.opens() == []


def test_a_sequence_that_goes_back_forbids_until_it_goes_on_or_the_last_message_is_too_old(bot: Bot) -> None:
    bot.hear()
    bot.hear()
    bot.hear(1, sequence=4_000_000)
    assert bot.opens() == [] and "went back" in bot.why()
    bot.hear(1)
    assert bot.opens() == ["BTC-USDT"]
    # Another sender whose clock is an hour behind takes over.
    bot.ahead, bot.sent = bot.ahead - 3600, 0
    for _ in range(2):
        bot.hear(44)
        assert bot.opens() == []
    bot.hear(2)
    assert bot.opens() == []
    bot.hear(4)
    assert bot.opens() == ["BTC-USDT"]


def test_a_message_that_comes_twice_counts_once(bot: Bot) -> None:
    bot.hear()
    bot.hear(0, sequence=bot.sent)
    assert bot.opens() == []
    bot.hear()
    bot.hear(0, sequence=bot.sent)
    assert bot.opens() == ["BTC-USDT"]


def test_a_sender_whose_clock_is_an_hour_ahead_changes_nothing(bot: Bot) -> None:
    bot.hear()
    bot.hear()
    bot.ahead += 3600
    bot.hear(30)
    assert bot.opens() == ["BTC-USDT"]
    bot.now += 89
    assert bot.opens() == ["BTC-USDT"]


def test_messages_that_were_held_up_are_as_old_as_they_are(bot: Bot) -> None:
    bot.hear()
    bot.hear(30)

    def comes(late: float) -> None:
        bot.table.receive(round((bot.now + bot.ahead - late) * 1000), {**_data(), "binance:BTC-USDT": "open"})

    # Three minutes pass, and then what was sent meanwhile comes at once, and more that is held up as long.
    bot.now += 190
    for late in (160, 130, 100, 95):
        comes(late)
        assert bot.opens() == [] and " s late" in bot.why()
    for _ in range(25):
        bot.now += 30
        comes(95)
        assert bot.opens() == [] and " s late" in bot.why()
    # What is sixty seconds late may be used for thirty.
    bot.now += 30
    comes(60)
    bot.now += 15
    comes(60)
    assert bot.opens() == ["BTC-USDT"]
    bot.now += 31
    assert bot.opens() == []
    # The pipe is free again.
    bot.hear()
    bot.hear()
    assert bot.opens() == ["BTC-USDT"]


def test_clocks_that_part_by_a_tenth_of_a_second_an_hour_forbid_nothing(bot: Bot) -> None:
    for _ in range(5000):
        bot.hear(30)
        bot.ahead -= 0.001
    assert bot.opens() == ["BTC-USDT"]


def test_two_systems_that_speak_to_one_bot_forbid_everything(bot: Bot) -> None:
    bot.hear()
    bot.hear(source="b")
    assert bot.opens() == [] and "two systems" in bot.why()
    for _ in range(4):
        bot.hear(29, source="b")
    assert bot.opens() == ["BTC-USDT"]
    # A publisher that never saw its database says so, and names none.
    bot.hear(1, source="", status="unknown", btc="unknown")
    assert bot.opens() == []
    bot.hear(1, source="b")
    assert bot.opens() == ["BTC-USDT"]


def test_the_other_system_may_have_the_clock_that_is_behind(bot: Bot) -> None:
    bot.hear()
    bot.hear()
    bot.hear(1, sequence=4_000_000, source="b", btc="exit")
    bot.hear(1)
    assert bot.opens() == [] and "two systems" in bot.why()


def test_old_messages_that_come_at_once_are_no_beginning(bot: Bot) -> None:
    """A queue, or a frozen connection, that is emptied when the script starts: they are an hour old."""
    start = bot.now + bot.ahead - 3600
    for sent in (0, 0.1, 30, 60, 60.2):
        bot.now += 0.05
        bot.table.receive(round((start + sent) * 1000), {**_data(), "binance:BTC-USDT": "open"})
        assert bot.opens() == [] and "one message" in bot.why()
    bot.now += 40
    bot.hear(0)
    assert bot.opens() == [], "the ones before it were late"
    bot.hear(30)
    assert bot.opens() == ["BTC-USDT"]


def test_the_side_that_closes_is_the_one_that_gets_rid_of_what_is_at_risk(bot: Bot) -> None:
    def side() -> str:
        return str(bot.table.closing_side("binance_paper_trade", "BTC-USDT"))

    assert side() == "sell"
    for word, expected in (("exit", "sell"), ("both_exit", ""), ("open", "sell"), ("quote_exit", "buy")):
        bot.hear(btc=word)
        assert side() == expected
    assert bot.opens() == [] and bot.table.action("binance", "BTC-USDT") == "exit"
    # Whatever is not known: the sale that was an opening is none that closes, and neither is the purchase.
    bot.hear(btc="unknown", status="unknown")
    assert side() == ""
    bot.now += 91
    assert side() == ""
    bot.hear(version=9)
    assert side() == ""
    bot.hear()
    assert side() == "sell"


def _data() -> dict[str, Any]:
    return {"version": 1, "source": "a", "status": "fresh", "as_of": 1, "seq": 1, "valid_for": 90}

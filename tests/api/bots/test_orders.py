"""Answers that overlap, lists that change meanwhile, readings that are forgotten: what is late makes nobody braver."""

from __future__ import annotations

import asyncio
from typing import Any

from api.bots.effects import OpenEffects
from api.bots.venue_pairs import Listed, VenueState, Verdict

YES, NO = Verdict(True, True, "none", "fresh"), Verdict(False, True, "exit", "fresh")


def listed(symbol: str, asset: str) -> Listed:
    return Listed(symbol, (asset, "USDT", ""), frozenset({f"OKX:{symbol}"}), True, None, {"ccxt": symbol})


def state(*symbols: str) -> VenueState:
    made = VenueState("OKX")
    made.lists({symbol: listed(symbol, symbol) for symbol in symbols}, 0)
    return made


def test_of_two_questions_at_a_time_the_stricter_answer_holds() -> None:
    for first, second in ((1, 2), (2, 1)):
        one = state("A")
        one.answered(["A"], [NO], first, 3)
        one.answered(["A"], [YES], second, 4)
        assert one.verdicts["A"] == NO
        # Asked after the denial had come.
        one.answered(["A"], [YES], 5, 6)
        assert one.verdicts["A"] == YES


def test_an_answer_about_another_coin_of_that_name_does_not_count() -> None:
    one = state("A", "B")
    one.lists({"A": listed("A", "NEW"), "B": listed("B", "B"), "C": listed("C", "C")}, 2)
    one.answered(["A", "B", "C"], [YES, YES, YES], 1, 3)
    assert [one.verdicts[symbol].may_open for symbol in "ABC"] == [False, True, False]
    # One that goes away and returns meanwhile as well.
    one.lists({"A": listed("A", "NEW")}, 4)
    one.lists({"A": listed("A", "NEW"), "B": listed("B", "B")}, 5)
    one.answered(["A", "B"], [YES, YES], 3, 6)
    assert [one.verdicts[symbol].may_open for symbol in "AB"] == [True, False]


class _Line:
    """Answers as a database with one effect does; the effects are forgotten while it is asked."""

    def __init__(self, effects: OpenEffects) -> None:
        self._effects, self.forgets = effects, False

    async def rows(self, statement: str, *_values: Any) -> list[dict[str, Any]]:
        if self.forgets:
            self.forgets = False
            self._effects.forget()
        if "concat" in statement:
            return [{"effects": "1 1 7", "events": "1 1 7", "silent": []}]
        if "version" in statement:
            return [{"id": 1, "version": 7}]
        return [
            {"id": 1, "token": "A", "scope": "asset", "venue": "", "action": "exit", "tickers": [], "namesake": False}
        ]


def test_a_reading_that_is_forgotten_meanwhile_is_none() -> None:
    async def scenario() -> None:
        effects = OpenEffects()
        line: Any = _Line(effects)
        await effects.read(line)
        line.forgets = True
        await effects.read(line)
        assert not effects.known
        assert [effect.token for effect in (await effects.read(line)).came] == ["A"] and effects.known

    asyncio.run(scenario())

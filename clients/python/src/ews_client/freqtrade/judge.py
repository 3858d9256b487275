"""What a bot may do with a pair now: asked when it must be new, remembered for one round of the bot where it may be."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from ews_client.answers import Answer, no_answer, rank
from ews_client.client import Client
from ews_client.faults import REFUSALS, EwsError
from ews_client.freqtrade.settings import Settings

logger = logging.getLogger("ews_client.freqtrade")

ROUND_SECONDS: Final = 10.0
"""How long an answer of the round's one question is used: for closing and cancelling, never to open."""

REST: Final = 5.0
"""After an outage nothing is asked for five times as long as it took (0.5 to 10 s): a sixth of the time at most."""

REPEAT_SECONDS: Final = 60.0
"""The same refusal of the same pair is logged once in so many seconds."""


class Judge:
    """Asks for one bot; no method raises but `reach`. May be used by many threads; a copy or a pickle of it is None."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self._clock = clock
        self._client: Client | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._round: dict[str, tuple[float, Answer]] = {}
        self._logged: dict[str, tuple[str, float]] = {}

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        # Connections, threads and the token stay where they are; a strategy that was copied makes its own.
        return type(None), ()

    @property
    def client(self) -> Client:
        """Made when it is first needed. Raises ValueError, TypeError where address, token or mode make no sense, and
        EwsError `closed`."""
        with self._lock:
            if self._closed:
                raise EwsError("closed", "the bot has ended")
            if self._client is None:
                chosen = self.settings
                self._client = Client(chosen.url, chosen.token, rest=REST, **chosen.options)
            return self._client

    def close(self) -> None:
        """Ends the connections and their thread. Whoever asks afterwards is told no."""
        with self._lock:
            self._closed = True
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def reach(self, pair: str) -> Answer:
        """Asks once, to see that somebody answers. Raises EwsError where token, address or certificate are refused."""
        return self.client.can_trade(self.settings.venue, pair, raise_for=REFUSALS)

    def ask(self, pair: object) -> Answer:
        """The answer for a pair, asked now; whatever fails is "no"."""
        name = pair if isinstance(pair, str) else ""
        try:
            return self.client.can_trade(self.settings.venue, name)
        except EwsError as fault:
            return no_answer(self.settings.venue, name, fault.kind, fault.detail)
        except Exception as error:
            logger.exception("EWS: the question about %r failed", pair)
            return no_answer(self.settings.venue, name, "internal", f"{type(error).__name__} in the guard")

    def begin_round(self, pairs: Iterable[str]) -> dict[str, Answer]:
        """One question for all pairs; its answers are used for `ROUND_SECONDS`."""
        asked = list(dict.fromkeys(pair for pair in pairs if isinstance(pair, str)))
        found: dict[str, Answer] = {}
        try:
            answers = self.client.can_trade_many([(self.settings.venue, pair) for pair in asked])
            found = dict(zip(asked, answers, strict=True))
        except Exception:
            logger.exception("EWS: the question about %d pairs failed", len(asked))
        now = self._clock()
        self._round = {pair: (now, answer) for pair, answer in found.items()}
        return found

    def of_round(self, pair: object) -> Answer:
        """The round's answer, or one that is asked now where there is none."""
        known = self._round.get(pair) if isinstance(pair, str) else None
        return known[1] if known is not None and self._clock() - known[0] <= ROUND_SECONDS else self.ask(pair)

    def may_open(self, pair: object, what: str) -> bool:
        """Whether a position in the pair may be opened or enlarged now; a refusal is logged."""
        answer = self.ask(pair)
        if not answer.may_open:
            self.say(f"{what} of {pair}", why_not(answer))
        return answer.may_open is True

    def say(self, about: str, why: str) -> None:
        """Logs a refusal: at once where it is new, and then once in `REPEAT_SECONDS`."""
        now = self._clock()
        last = self._logged.get(about)
        if last is None or last[0] != why or now - last[1] >= REPEAT_SECONDS:
            if len(self._logged) > 1000:
                self._logged.clear()
            self._logged[about] = (why, now)
            logger.warning("EWS: %s is refused: %s", about, why)


def is_word(answer: Answer) -> bool:
    """Whether the server said it, about now or nearly: what may be acted upon, beyond not opening.

    `stale` is one: a source is silent, and what is known still stands. `unknown` and doubted answers are none.
    """
    return answer.source in ("server", "cache") and answer.fault is None and answer.status in ("fresh", "stale")


def is_denied(answer: Answer) -> bool:
    """The server said that the pair may not be opened, and not only that it cannot tell."""
    if not is_word(answer) or answer.may_open:
        return False
    return answer.status == "fresh" or rank(answer.action) >= rank("avoid_new")


def must_exit(answer: Answer) -> bool:
    """The server said that positions in the pair shall be closed, and that they can be.

    For the sake of the coin or of the pair: where only the quote or settlement asset is at risk (USDT loses its peg), a
    sale would buy just that, in all pairs at once.
    """
    own = max(rank(one) for row in answer.rows or (answer,) for one in (row.base_action, row.instrument_action))
    return is_word(answer) and answer.may_close and own >= rank("exit")


def why_not(answer: Answer) -> str:
    """In a line, without what changes from question to question."""
    if answer.fault is not None:
        return f"no answer ({answer.fault})"
    first: Any = next((one.get("title") for one in answer.reasons if one.get("title")), "")
    parts = [answer.action if answer.action != "none" else "", "" if answer.status == "fresh" else answer.status]
    parts += ["" if answer.covered == "watched" else f"{answer.covered}, not watched", str(first)]
    text = "; ".join(part for part in parts if part) or "no"
    return "".join(letter if letter.isprintable() else " " for letter in text)[:160]

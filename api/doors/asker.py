"""Questions to the database's `can_trade`, many callers' in one query: those that arrive in one turn of the event loop,
and those that wait while its connections are busy.

Its connections are its own and each is asked by one task, so that a connection whose server hangs can be given up at
once: nothing waits for it to agree.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg

from api import metrics
from api.connection import UNAVAILABLE, close, connect
from events.clock import monotonic

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 1.0
"""How long a caller waits for one answer; a batch gets two milliseconds more for each pair."""
_PAIR_SECONDS = 0.002
BATCH = 250
"""Pairs in one query at most: some 15 ms of the database's time."""

_ASK = """
SELECT n, may_open, may_close, action, covered, status, as_of, age_ms, seq, reasons::text AS reasons, stale_sources,
       row_to_json(answer)::text AS row
  FROM can_trade_many($1::text[], $2::text[]) AS answer
"""

# After these the connection is as good as before. None is left open by a transaction, because there is none.
_OF_THE_QUESTION = (asyncpg.DataError, asyncpg.CharacterNotInRepertoireError)


class Answer(NamedTuple):
    """The strictest row's columns (reasons as JSON text), and all rows as JSON text, the strictest first."""

    may_open: bool
    may_close: bool
    action: str
    covered: str
    status: str
    as_of: Any
    age_ms: int | None
    seq: int
    reasons: str
    stale_sources: list[str]
    rows: tuple[bytes, ...]


Pair = tuple[str, str]


class _Question(NamedTuple):
    pairs: Sequence[Pair]
    answers: asyncio.Future[list[Answer]]


class Asker:
    """Some connections that answer one queue of questions. Started by the first question; `stop` ends it."""

    def __init__(self, name: str, connections: int, together: bool = True) -> None:
        """together: whether questions share a query. Long ones have an asker of their own, and hold up no short one."""
        self._name, self._connections, self._together = name, connections, together
        self._queue: deque[_Question] = deque()
        self._again: deque[list[_Question]] = deque()
        self._waiting: asyncio.Event = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def ask(self, pairs: Sequence[Pair]) -> list[Answer] | None:
        """The answers in the order of the pairs; None where the database did not answer in time."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._work(), name=self._name) for _ in range(self._connections)]
        question = _Question(pairs, asyncio.get_running_loop().create_future())
        self._queue.append(question)
        self._waiting.set()
        try:
            async with asyncio.timeout(ANSWER_SECONDS + _PAIR_SECONDS * (len(pairs) - 1)):
                answers = await question.answers
        except TimeoutError:
            metrics.asked(len(pairs), "unknown")
            return None
        metrics.asked(len(pairs), "answered" if answers else "unknown")
        return answers or None

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _work(self) -> None:
        connection: asyncpg.Connection[Any] | None = None
        try:
            while True:
                while not (self._queue or self._again):
                    self._waiting.clear()
                    await self._waiting.wait()
                questions = self._take()
                if not questions:
                    continue
                try:
                    if connection is None or connection.is_closed():
                        connection = None
                        async with asyncio.timeout(ANSWER_SECONDS):
                            connection = await connect(self._name)
                    await self._answer(connection, questions)
                except Exception as error:
                    if not isinstance(error, UNAVAILABLE):
                        # A fault of ours: these are answered with "unknown", and the next ones are asked.
                        logger.exception("a question to can_trade failed")
                    if connection is not None and isinstance(error, asyncpg.PostgresError) and len(questions) > 1:
                        # One of them may be at fault: by halves it is alone after a few queries, and hurts no other.
                        half = len(questions) // 2
                        self._again += (questions[:half], questions[half:])
                    else:
                        for question in questions:
                            _set(question, [])
                    if connection is not None and not isinstance(error, _OF_THE_QUESTION):
                        connection.terminate()
                        connection = None
        finally:
            await close(connection)

    def _take(self) -> list[_Question]:
        """The next questions, those left out whose callers have gone."""
        while self._again:
            questions = [question for question in self._again.popleft() if not question.answers.done()]
            if questions:
                return questions
        taken: list[_Question] = []
        count = 0
        while self._queue and (not taken or (self._together and count + len(self._queue[0].pairs) <= BATCH)):
            question = self._queue.popleft()
            if not question.answers.done():
                taken.append(question)
                count += len(question.pairs)
        return taken

    async def _answer(self, connection: asyncpg.Connection[Any], questions: list[_Question]) -> None:
        pairs = [pair for question in questions for pair in question.pairs]
        found: list[Answer] = []
        for begin in range(0, len(pairs), BATCH):
            part = pairs[begin : begin + BATCH]
            began = monotonic()
            async with asyncio.timeout(ANSWER_SECONDS):
                rows = await connection.fetch(_ASK, [pair[0] for pair in part], [pair[1] for pair in part])
            if monotonic() - began > 2 * ANSWER_SECONDS:
                raise TimeoutError("this process was stopped meanwhile, and the answer has aged")
            found += _answers(rows, len(part))
        at = 0
        for question in questions:
            _set(question, found[at : at + len(question.pairs)])
            at += len(question.pairs)


def _set(question: _Question, answers: list[Answer]) -> None:
    if not question.answers.done():
        question.answers.set_result(answers)


def _answers(rows: Sequence[asyncpg.Record], count: int) -> list[Answer]:
    """Answers in the order of the questions; there is a row for each, always."""
    by_question: list[list[asyncpg.Record]] = [[] for _ in range(count)]
    for row in rows:
        by_question[row["n"] - 1].append(row)
    return [_answer(found) for found in by_question]


def _answer(found: Sequence[asyncpg.Record]) -> Answer:
    first = found[0]
    return Answer(
        may_open=first["may_open"],
        may_close=first["may_close"],
        action=first["action"],
        covered=first["covered"],
        status=first["status"],
        as_of=first["as_of"],
        age_ms=first["age_ms"],
        seq=first["seq"],
        reasons=first["reasons"],
        stale_sources=first["stale_sources"],
        rows=tuple(_without_number(row["row"]) for row in found),
    )


def _without_number(row: str) -> bytes:
    """A row of `can_trade_many` without its first column `n`: a row of `can_trade`."""
    return b"{" + row[row.index(",") + 1 :].encode()

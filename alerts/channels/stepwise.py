"""Delivery of one message by several requests, for services that take one incident at a time.

A step that was accepted is not repeated when the message is tried again, whatever was sent in between: a digest of more
events than the service takes in a minute would begin anew for ever. It is known by what it does to which incident: the
lines of a digest have another order when an event got worse meanwhile. The keys of incidents make a repetition
harmless, as after a restart. A message that is under way is no failure: it goes on at once, or when the service takes
more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from alerts.channels.base import Answer
from alerts.channels.window import Window, used_up
from alerts.rendering.incidents import Step, paging_steps
from alerts.rendering.message import Message

_AT_ONCE_SECONDS = 5.0
"""Of one attempt before its last request: the lease of its alert ends seven seconds after a request's deadline."""
_REMEMBERED = 100
"""Messages under way in one channel; more wait for nothing but their own retries."""

Send = Callable[[Step, Message], Answer]


class Stepwise:
    """window: what the service takes in a minute; None where it names its limit only when it is reached."""

    def __init__(self, send: Send, window: Window | None = None) -> None:
        self._send, self._window = send, window
        self._done: dict[str, set[tuple[str, str]]] = {}

    def deliver(self, message: Message) -> Answer:
        steps = paging_steps(message)
        key = f"{message.key}/{message.minimal}"
        known = self._done.get(key, set())
        left = [step for step in steps if (step.does, step.key) not in known]
        done = 0
        started = time.monotonic()
        answer = Answer(verdict="accepted", explanation="nothing in it opens or ends an incident")
        for step in left:
            spent = time.monotonic() - started
            if done and spent > _AT_ONCE_SECONDS:
                so_far = len(steps) - len(left) + done
                answer = Answer(verdict="partial", explanation=f"{so_far} of {len(steps)} steps are done")
                break
            if self._window and (wait := self._window.take(message.now + timedelta(seconds=spent))):
                answer = used_up(wait, "its limit is used up")
                break
            answer = self._send(step, message)
            if not _accepted(answer):
                # A limit that is met on the way asks for a wait, not for longer and longer ones.
                answer = replace(answer, verdict="partial") if answer.status == 429 and done else answer
                break
            done += 1
            self._remember(key, step)
        if done == len(left):
            self._done.pop(key, None)
        return replace(answer, duration_seconds=time.monotonic() - started)

    def _remember(self, key: str, step: Step) -> None:
        self._done.setdefault(key, set()).add((step.does, step.key))
        while len(self._done) > _REMEMBERED:
            del self._done[next(iter(self._done))]


def _accepted(answer: Answer) -> bool:
    return answer.verdict == "accepted" or (answer.verdict == "" and not answer.error and answer.status in (200, 202))

"""Delivery of one message by several requests, for services that take one incident at a time.

A step that was accepted is not repeated when the message is tried again: a digest of more events than the service takes
in a minute would begin anew for ever. The keys of incidents make a repetition harmless, as after a restart.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from alerts.channels.base import Answer
from alerts.rendering.incidents import Step, paging_steps
from alerts.rendering.message import Message

_AT_ONCE_SECONDS = 5.0
"""Of one attempt before its last request: the lease of its alert ends seven seconds after a request's deadline."""
_GO_ON = Answer(429, headers={"retry-after": "1"}, explanation="more of the digest is to be sent")

Send = Callable[[Step, Message], Answer]


class Stepwise:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._key, self._done = "", 0

    def deliver(self, message: Message) -> Answer:
        steps = paging_steps(message)
        key = f"{message.key}/{message.minimal}/{len(steps)}"
        if key != self._key or self._done >= len(steps):
            self._key, self._done = key, 0
        started = time.monotonic()
        answer = Answer(verdict="accepted", explanation="nothing in it opens or ends an incident")
        for step in steps[self._done :]:
            if time.monotonic() - started > _AT_ONCE_SECONDS:
                return replace(_GO_ON, duration_seconds=time.monotonic() - started)
            answer = self._send(step, message)
            if not _accepted(answer):
                return answer
            self._done += 1
        return replace(answer, duration_seconds=time.monotonic() - started)


def _accepted(answer: Answer) -> bool:
    return answer.verdict == "accepted" or (answer.verdict == "" and not answer.error and answer.status in (200, 202))

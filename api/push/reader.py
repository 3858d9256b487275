"""One reader of the streams: its bounded queue, and what becomes of it when the reader is slow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from api.push import metrics
from api.push.messages import Framing, Message
from api.push.subscription import Subscription
from events.daemon.web_streams import StreamLine

MOST_EVENTS = 2_000
MOST_BYTES = 16_000_000
"""Of one queue. Readers share what they wait for."""


class Budget:
    """Bytes that wait in all queues together; what several readers wait for counts once."""

    def __init__(self, most: int = 128_000_000) -> None:
        self.most, self.used = most, 0

    def take(self, message: Message) -> bool:
        """Whether there is room for one more holder of this message."""
        if not message.holders and self.used + message.size > self.most:
            return False
        if not message.holders:
            self.used += message.size
        message.holders += 1
        return True

    def release(self, message: Message) -> None:
        message.holders -= 1
        if not message.holders:
            self.used -= message.size


class Reader:
    """Messages go out at once while the reader takes them, else they wait. A full queue is emptied, and becomes one
    `resync`: the reader keeps its connection and learns that its picture is no longer complete.

    on_drained: called with the reader, and why, when it has caught up after its queue was dropped. on_end: called once,
    when the connection is lost, the server stops, or `end` is called.
    """

    def __init__(
        self,
        line: StreamLine,
        framing: Framing,
        subscription: Subscription,
        budget: Budget,
        on_drained: Callable[[Reader, str], None],
        on_end: Callable[[], None],
    ) -> None:
        self.subscription = subscription
        self.behind = ""
        """Why the reader's picture is not complete; "" while it is."""
        self.ended = ""
        """Why the stream ends; "" while it goes on."""
        self._line, self._framing, self._budget = line, framing, budget
        self._on_drained, self._on_end = on_drained, on_end
        self._queue: deque[Message] = deque()
        self._events = self._bytes = 0
        self._rest: deque[bytes] = deque()
        self._paused = True

    def begin(self) -> None:
        """Count as a stream from now on. Messages wait until `release`."""
        self._line.begin(self._drained, self._lost)

    def _lost(self) -> None:
        if self._line.stalled:
            metrics.aborted.inc()
        self.end("the connection is closed")

    def offer(self, message: Message) -> None:
        """A message for this reader, in order."""
        if self.behind:
            return
        if not (self._paused or self._rest or self._queue or self._line.full):
            self._write(message)
            return
        full = self._events + len(message.events) > MOST_EVENTS or self._bytes + message.size > MOST_BYTES
        if full or not self._budget.take(message):
            self.drop("the reader was too slow")
            return
        self._queue.append(message)
        self._events += len(message.events)
        self._bytes += message.size

    def send_now(self, message: Message) -> None:
        """Before whatever waits. Only while messages are held: a replay."""
        self._write(message)

    @property
    def busy(self) -> bool:
        """Whether it has not taken yet what was sent."""
        return bool(self._rest) or self._line.full

    def pause(self) -> None:
        """Let messages wait from now on."""
        self._paused = True

    def release(self) -> None:
        """Send what waits, and go on."""
        self._paused = False
        self._drained()

    def resume(self) -> None:
        """Let a reader that waits for nothing learn that its queue was dropped."""
        if not self._paused and not self.busy:
            self._drained()

    def drop(self, why: str) -> None:
        """Empty the queue: the reader gets a `resync` when there is room."""
        while self._queue:
            self._budget.release(self._queue.popleft())
        self._events = self._bytes = 0
        self.behind = why

    def end(self, why: str) -> None:
        """No more messages."""
        if self.ended:
            return
        self.ended = why
        self.drop(why)
        self._line.end()
        self._on_end()

    def cut_if_busy(self) -> None:
        """An end that would have to wait for the reader is none: cut the connection off."""
        if self.busy:
            self._line.abort()

    def _write(self, message: Message) -> None:
        pieces = message.pieces(self._framing)
        for number, piece in enumerate(pieces):
            if self._rest or self._line.full:
                self._rest.extend(pieces[number:])
                return
            self._line.write(piece)

    def _drained(self) -> None:
        """The reader has taken everything."""
        while not self._line.full and not self.ended:
            if self._rest:
                self._line.write(self._rest.popleft())
            elif self._paused:
                return
            elif self._queue:
                message = self._queue.popleft()
                self._budget.release(message)
                self._events -= len(message.events)
                self._bytes -= message.size
                self._write(message)
            elif self.behind:
                why, self.behind = self.behind, ""
                self._on_drained(self, why)
            else:
                return


def offer_all(group: Iterable[Reader], message: Message, *kinds: str) -> None:
    """Give a message to many, and count it by its kinds."""
    readers = list(group)
    for reader in readers:
        reader.offer(message)
    for kind in kinds:
        metrics.messages.labels(kind).inc(len(readers))

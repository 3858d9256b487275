"""The daemon's service that sends `risk` messages to signed webhooks: a thread reads the view, and one sends to each.

A receiver that hangs holds back nobody else: not the alerts, which the dispatcher sends, and not another receiver.
Nothing waits in a queue: whoever is back gets a snapshot of what holds then.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from alerts.channels import transport_for
from alerts.channels.webhook import WebhookTransport
from alerts.receiver import Receiver
from alerts.receivers import all_receivers, configured_receivers
from api.connection import UNAVAILABLE, close, connect
from api.names import Names
from api.picture import Picture, look
from api.push import metrics
from api.push.risk_feed import Asked, Made, RiskFeed
from api.push.subscription import Subscription
from events import clock

if TYPE_CHECKING:
    from threading import Event as StopFlag

    import asyncpg

    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
RECEIVERS_SECONDS = 5.0
_NAMES_SECONDS = 30.0
_PATIENCE_SECONDS = 3.0
_RECONNECT_SECONDS = 0.5
_BETWEEN_LOOKS = 0.005
_STOP_SECONDS = 6.5

_GAP = 409
"""What a receiver answers that lacks a message, or has restarted: it wants a snapshot."""


def run(config: Config, stop: StopFlag) -> None:
    """The daemon's service: send until `stop` is set, then finish the current requests."""
    board = _Board()
    fleet = _Fleet(config, board)
    try:
        # The configured receivers are known even if the database is unavailable.
        fleet.follow(configured_receivers(config))
        while not stop.is_set():
            try:
                close_old_connections()
                fleet.follow(all_receivers(config))
            except (DatabaseError, InterfaceError) as error:
                connections.close_all()
                logger.debug("receivers cannot be read: %s", str(error).strip())
            stop.wait(RECEIVERS_SECONDS)
    finally:
        fleet.stop()
        connections.close_all()


class _Board:
    """The picture that all senders send from, and the names of venues. Its condition wakes them."""

    def __init__(self) -> None:
        self.picture = Picture()
        self.names = Names()
        self.changed = threading.Condition()

    def show(self, picture: Picture) -> None:
        with self.changed:
            self.picture = picture
            self.changed.notify_all()

    def asked(self, receiver: Receiver) -> Asked:
        """The rows that a receiver gets. A venue that nobody knows holds nothing back, and the message says so."""
        chosen = receiver.risk
        if chosen is None or not self.names.loaded:
            return Asked()
        places = {venue: self.names.places(venue) for venue in chosen.venues}
        found = [place for place in places.values() if place is not None]
        unknown = tuple(venue for venue, place in places.items() if place is None)
        subscription = Subscription()
        covers = self.names.venues()
        if found and not unknown:
            venues = frozenset().union(*(place.venues for place in found))
            exchanges = frozenset().union(*(place.exchanges for place in found))
            subscription = replace(subscription, venues=venues, exchanges=exchanges)
            covers = sorted(venues)
        return Asked(subscription, chosen.min_action, chosen.venues, unknown, tuple(covers))


class _Fleet:
    """The senders of all receivers, and the thread that looks at the view while there is one. Used by one thread."""

    def __init__(self, config: Config, board: _Board) -> None:
        self._config, self._board = config, board
        self._receivers: dict[str, Receiver] = {}
        self._senders: dict[str, _Sender] = {}
        self._threads: list[threading.Thread] = []
        self._halt = threading.Event()
        self._watch: threading.Thread | None = None

    def follow(self, receivers: dict[str, Receiver]) -> None:
        """Start a sender per new receiver, end those of deleted ones, and restart those of changed ones."""
        asking = {name: one for name, one in receivers.items() if one.risk is not None}
        for name, known in list(self._receivers.items()):
            if asking.get(name) != known:
                del self._receivers[name]
                self._senders.pop(name).end()
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        for name, receiver in asking.items():
            if name not in self._receivers:
                self._receivers[name] = receiver
                self._senders[name] = sender = _Sender(receiver, self._config, self._board)
                self._threads.append(_thread(sender.run, f"risk webhook {name}"))
        if asking and self._watch is None:
            self._watch = _thread(lambda: asyncio.run(_keep_looking(self._board, self._halt)), "risk webhooks")

    def stop(self) -> None:
        for sender in self._senders.values():
            sender.end()
        self._halt.set()
        ends = clock.monotonic() + _STOP_SECONDS
        for thread in [*self._threads, *([self._watch] if self._watch else [])]:
            thread.join(max(ends - clock.monotonic(), 0.05))


def _thread(work: Any, name: str) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


class _Sender:
    """Sends to one receiver, one message at a time."""

    def __init__(self, receiver: Receiver, config: Config, board: _Board) -> None:
        self._receiver, self._config, self._board = receiver, config, board
        self._stop = threading.Event()
        self._began = clock.monotonic()
        # Above whatever an earlier sender counted to: none sends a thousand messages a second.
        self._feed = RiskFeed(receiver.channel, secrets.token_hex(6), int(clock.now().timestamp() * 1000))

    def end(self) -> None:
        """Finish the current request and send nothing more."""
        self._stop.set()
        with self._board.changed:
            self._board.changed.notify_all()

    def run(self) -> None:
        transport = transport_for(self._receiver, self._config)
        if not isinstance(transport, WebhookTransport):
            # Its alerts say why: the address cannot be decrypted.
            logger.warning("channel %s gets no risk messages: enter its address again", self._receiver.channel)
            return
        try:
            while not self._stop.is_set():
                try:
                    self._step(transport)
                except Exception:
                    # A fault of ours must not end the messages silently.
                    logger.exception("channel %s: unexpected fault", self._receiver.channel)
                    self._feed.lost(clock.monotonic())
                    self._stop.wait(1.0)
        finally:
            transport.close()
            metrics.risk_webhook(self._receiver.channel, True)

    def _step(self, transport: WebhookTransport) -> None:
        picture = self._board.picture
        asked = self._board.asked(self._receiver)
        rows, freshness = asked.taken(picture.rows), picture.freshness()
        wait = self._feed.due_at(rows, freshness) - clock.monotonic()
        if picture.seen is None and clock.monotonic() - self._began < _PATIENCE_SECONDS:
            # The first look has its time; then what is not known is sent as `unknown`.
            wait = LOOK_SECONDS
        if wait > 0:
            with self._board.changed:
                if self._board.picture is picture and not self._stop.is_set():
                    self._board.changed.wait(min(wait, LOOK_SECONDS))
            return
        made = self._feed.message(rows, freshness, asked, clock.now(), clock.monotonic())
        self._deliver(transport, made)

    def _deliver(self, transport: WebhookTransport, made: Made) -> None:
        answer = transport.post(made.id, made.body)
        before = self._feed.failures
        page = answer.body.lstrip().startswith("<")
        # A page is a proxy's: the receiver has seen nothing.
        if answer.error is None and answer.status is not None and 200 <= answer.status < 300 and not page:
            self._feed.took(made)
            metrics.risk_messages.labels(made.kind).inc()
            metrics.risk_webhook(self._receiver.channel, True)
            if before:
                logger.warning("channel %s takes risk messages again", self._receiver.channel)
            return
        retry_after = answer.headers.get("Retry-After") or answer.headers.get("retry-after") or ""
        seconds = float(retry_after) if retry_after.isdecimal() else None
        self._feed.lost(clock.monotonic(), gap=answer.status == _GAP, retry_after=seconds)
        metrics.risk_faults.inc()
        # A gap is no failure, unless the snapshot is refused as well.
        if answer.status != _GAP or before:
            metrics.risk_webhook(self._receiver.channel, False)
        if before == 0 and answer.status != _GAP:
            why = answer.error or f"it answered {answer.status}{' with a page' if page else ''}"
            logger.warning("channel %s does not take risk messages: %s", self._receiver.channel, why)


async def _keep_looking(board: _Board, halt: StopFlag) -> None:
    """Show what the view holds at each notification, and once in half a second, until `halt` is set."""
    said = False
    while not halt.is_set():
        connection: asyncpg.Connection[Any] | None = None
        try:
            async with asyncio.timeout(2 * _PATIENCE_SECONDS):
                connection = await connect("crypto_ews risk webhooks")
                wake = asyncio.Event()
                await connection.add_listener("token_risk", partial(_set, wake))
            said = False
            await _watch(connection, board, wake, halt)
        except UNAVAILABLE as error:
            if not said:
                logger.warning("risk messages say `unknown`: the database cannot be read: %s", type(error).__name__)
                said = True
        except Exception:
            # The picture grows old and says so, and the next look may succeed.
            logger.exception("the look at the token view failed")
        finally:
            if connection is not None:
                connection.terminate()
        await asyncio.sleep(_RECONNECT_SECONDS)


def _set(wake: asyncio.Event, *_notice: object) -> None:
    wake.set()


async def _watch(connection: asyncpg.Connection[Any], board: _Board, wake: asyncio.Event, halt: StopFlag) -> None:
    again, names_at = True, float("-inf")
    while not halt.is_set():
        wake.clear()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            if clock.monotonic() - names_at > _NAMES_SECONDS:
                await board.names.read(connection)
                names_at = clock.monotonic()
            board.show(await look(connection, board.picture, again))
        again = False
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), LOOK_SECONDS)
        # Whoever may connect may notify, as often as it likes.
        await asyncio.sleep(_BETWEEN_LOOKS)
    await close(connection)

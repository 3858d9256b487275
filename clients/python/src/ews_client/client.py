"""The client for code that does not await: `AsyncClient`, run by one thread of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import threading
import weakref
from collections.abc import AsyncGenerator, Coroutine, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar

from ews_client.aio import AsyncClient
from ews_client.answers import Answer, AssetRisk, Event, Page, Risks, StoredBook, no_answer
from ews_client.faults import EwsError, fault_kinds
from ews_client.messages import Message
from ews_client.questions import questions

T = TypeVar("T")

_GRACE_SECONDS = 2.0


class _LoopThread:
    """A thread that runs an event loop until it is stopped. A daemon: a bot that just ends is not kept from it."""

    def __init__(self, inner: AsyncClient) -> None:
        """inner: is closed when the thread ends, so that a client that was dropped leaves no connection either."""
        self._inner = inner
        self.loop = asyncio.new_event_loop()
        self.pid = os.getpid()
        self._thread = threading.Thread(target=self._run, name="ews-client", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            for task in (tasks := asyncio.all_tasks(self.loop)):
                task.cancel()
            self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self.loop.run_until_complete(asyncio.wait({self.loop.create_task(self._inner.close())}, timeout=1.0))
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    def result(self, future: concurrent.futures.Future[T], timeout: float | None) -> T:
        """As `future.result`, but what came too late for the loop is cancelled: nobody waits for it for ever."""
        if timeout is not None:
            return future.result(timeout)
        while not future.done() and self._thread.is_alive():
            concurrent.futures.wait([future], 1.0)
        if not future.done():
            raise concurrent.futures.CancelledError
        return future.result()

    def stop(self) -> None:
        """Ends the thread, and all that it still does."""
        if self.pid != os.getpid() or self.loop.is_closed():
            return
        self.loop.call_soon_threadsafe(self.loop.stop)
        if threading.current_thread() is not self._thread:
            self._thread.join(_GRACE_SECONDS)


class Client:
    """As `AsyncClient`, which says what the arguments mean; every method may be called by any thread.

    It has one thread, `ews-client`, which ends with `close()`, or with the `with` block. In a child of `os.fork` the
    client begins anew at the first question: without memory, with a thread and connections of its own.
    """

    def __init__(self, url: str, token: str, **options: Any) -> None:
        """Options are those of `AsyncClient`; `fail` must be among them."""
        self._arguments = (url, token, options)
        self._timeout = float(options.get("timeout", 2.0))
        self._inner = AsyncClient(url, token, **options)
        self._thread: _LoopThread | None = None
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._closed = False
        # What a forked child may not even let be collected: the parent uses the same descriptors.
        self._parents: list[Any] = []

    def __repr__(self) -> str:
        return repr(self._inner).replace("AsyncClient", type(self).__name__, 1)

    def __reduce__(self) -> str:
        raise TypeError("a client is not pickled: make one where it is needed")

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self) -> _LoopThread:
        if self._pid != os.getpid():
            # A lock that another thread of the parent held at the fork would never be free again.
            self._lock = threading.Lock()
            self._parents += [self._inner, self._thread]
            url, token, options = self._arguments
            self._inner, self._thread, self._pid = AsyncClient(url, token, **options), None, os.getpid()
        with self._lock:
            if self._closed:
                raise EwsError("closed", "the client was closed")
            if self._thread is None:
                self._thread = _LoopThread(self._inner)
                # For a client that is dropped without close(); nothing here holds the client itself.
                weakref.finalize(self, self._thread.stop)
            return self._thread

    def _wait(self, work: Coroutine[Any, Any, T], timeout: float | None) -> T:
        """The result of work in the thread. Raises what it raises, EwsError `closed` or `timeout`."""
        try:
            thread = self._running()
            future = asyncio.run_coroutine_threadsafe(work, thread.loop)
        except (EwsError, RuntimeError) as error:
            work.close()
            raise error if isinstance(error, EwsError) else EwsError("closed", "the client was closed") from None
        try:
            return thread.result(future, timeout)
        except concurrent.futures.CancelledError:
            raise EwsError("closed", "the client was closed") from None
        except (concurrent.futures.TimeoutError, TimeoutError):
            future.cancel()
            raise EwsError("timeout", f"no answer within {timeout:g} s") from None
        except BaseException:
            future.cancel()
            raise

    def _each(self, source: AsyncGenerator[T, None]) -> Iterator[T]:
        """The items of an asynchronous generator, which ends with the iteration."""

        async def following() -> tuple[T, ...]:
            try:
                return (await source.__anext__(),)
            except StopAsyncIteration:
                return ()

        try:
            while found := self._wait(following(), None):
                yield found[0]
        finally:
            if not self._closed:
                try:
                    self._wait(source.aclose(), _GRACE_SECONDS)
                except EwsError:
                    pass  # closed meanwhile by another thread, which ends the generator as well

    def close(self) -> None:
        """Ends stream, connections and thread. May be called twice."""
        if self._pid != os.getpid():
            self._closed = True
            return
        with self._lock:
            thread, self._thread = self._thread, None
            self._closed = True
        if thread is None:
            return
        future = asyncio.run_coroutine_threadsafe(self._inner.close(), thread.loop)
        try:
            future.result(_GRACE_SECONDS)
        except (concurrent.futures.TimeoutError, TimeoutError):
            future.cancel()
        finally:
            thread.stop()

    # --------------------------------------------------------------------------------------------------------- answers

    def can_trade(self, exchange: str, symbol: str, *, raise_for: str | Iterable[str] = ()) -> Answer:
        """May this pair be opened, or closed, there? Never raises but for what `raise_for` names. See `AsyncClient`."""
        return self.can_trade_many([(exchange, symbol)], raise_for=raise_for)[0]

    def can_trade_many(self, pairs: Iterable[tuple[str, str]], *, raise_for: str | Iterable[str] = ()) -> list[Answer]:
        """The answers in the order of the questions. Never raises but for what `raise_for` names. See `AsyncClient`."""
        raised = fault_kinds(raise_for)
        asked = questions(pairs)
        requests = 1 + len(asked) // 1000
        try:
            work = self._inner_now().can_trade_many(asked, raise_for=raised)
            return self._wait(work, self._timeout * requests + _GRACE_SECONDS)
        except EwsError as fault:
            if fault.kind in raised:
                raise
            return [no_answer(*pair, fault.kind, fault.detail) for pair in asked]

    def _inner_now(self) -> AsyncClient:
        self._running()
        return self._inner

    def risk(self, asset: str) -> AssetRisk:
        """What is wrong with one asset. Raises EwsError."""
        return self._wait(self._inner_now().risk(asset), self._timeout + _GRACE_SECONDS)

    def risks(self, *, venue: str | None = None, min_action: str | None = None, tokens: Iterable[str] = ()) -> Risks:
        """The risk view; an empty list means "no risk" only if the answer is `fresh`. Raises EwsError."""
        work = self._inner_now().risks(venue=venue, min_action=min_action, tokens=tokens)
        return self._wait(work, self._timeout + _GRACE_SECONDS)

    def page(self, path: str, *, cursor: str | None = None, limit: int | None = None, **filters: Any) -> Page:
        """One page of a list. Raises EwsError."""
        work = self._inner_now().page(path, cursor=cursor, limit=limit, **filters)
        return self._wait(work, self._timeout + _GRACE_SECONDS)

    def items(self, path: str, *, limit: int | None = None, **filters: Any) -> Iterator[Mapping[str, Any]]:
        """The items of a list over all its pages. Raises EwsError."""
        return self._each(self._inner_now().items(path, limit=limit, **filters))

    def events(self, *, limit: int | None = None, **filters: Any) -> Iterator[Event]:
        """All events that fit the filters, page by page. Raises EwsError."""
        return self._each(self._inner_now().events(limit=limit, **filters))

    def positions(
        self,
        positions: Sequence[Mapping[str, Any]],
        *,
        account: str = "desk",
        as_of: datetime | None = None,
        empty: bool = False,
    ) -> StoredBook:
        """Replaces the book of an account; needs the scope `act`. Raises EwsError. See `AsyncClient`."""
        work = self._inner_now().positions(positions, account=account, as_of=as_of, empty=empty)
        return self._wait(work, self._timeout + _GRACE_SECONDS)

    def watch(
        self, *, kinds: Iterable[str] = (), assets: Iterable[str] = (), venues: Iterable[str] = ()
    ) -> Iterator[Message]:
        """Typed messages as they come, for as long as it is iterated. Raises EwsError where the server refuses."""
        return self._each(self._inner_now().watch(kinds=kinds, assets=assets, venues=venues))

    def wait_for_push(self, timeout: float) -> bool:
        """Waits until push has its first snapshot, at most so many seconds."""
        return self._wait(self._inner_now().wait_for_push(timeout), timeout + _GRACE_SECONDS)

"""Asks the database's `can_trade` directly: the same typed answers, the same `fail` modes. Needs the extra `sql`."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from ews_client.answers import Answer, no_answer
from ews_client.bodies import answer_of
from ews_client.decision import Policy, without_answer
from ews_client.faults import EwsError, fault_kinds
from ews_client.picture import Memory, Picture
from ews_client.questions import questions

logger = logging.getLogger("ews_client")

_ASK: Final = "SELECT * FROM can_trade_many(%s::text[], %s::text[])"


class SqlClient:
    """One connection as the role `ews_bot` (`manage.py dburl --bot`). May be used by several threads, one at a time.

    `timeout` bounds each statement, in seconds, and connecting (2 s at least, as libpq has it). A DSN holds a password:
    it stands in no repr and no error. There is no push and no memory but the last answers that `fail="stale"` and
    `fail="open"` go by.
    """

    def __init__(
        self,
        dsn: str,
        *,
        fail: str | None = None,
        stale_for: float | None = None,
        timeout: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = Policy.chosen(fail, stale_for, 0.0)
        if not 0 < timeout <= 60:
            raise ValueError(f"timeout was {timeout!r}, expected seconds between 0 and 60")
        try:
            psycopg.conninfo.conninfo_to_dict(dsn)
        except psycopg.ProgrammingError:
            raise ValueError("dsn could not be read, expected postgresql://ews_bot:…@host/database") from None
        self._dsn, self._timeout, self._clock = dsn, timeout, clock
        self._connection: psycopg.Connection[dict[str, Any]] | None = None
        self._lock = threading.Lock()
        self._memory, self._picture = Memory(), Picture()
        self._closed = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(dsn=…, fail={self._policy.fail!r})"

    def __enter__(self) -> SqlClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._drop()

    def can_trade(self, exchange: str, symbol: str, *, raise_for: str | Iterable[str] = ()) -> Answer:
        """May this pair be opened, or closed, there? Never raises but for what `raise_for` names."""
        return self.can_trade_many([(exchange, symbol)], raise_for=raise_for)[0]

    def can_trade_many(self, pairs: Iterable[tuple[str, str]], *, raise_for: str | Iterable[str] = ()) -> list[Answer]:
        """The answers in the order of the questions. Never raises but for what `raise_for` names."""
        raised = fault_kinds(raise_for)
        asked = questions(pairs)
        try:
            if not self._lock.acquire(timeout=self._timeout):
                raise EwsError("timeout", f"another thread has been asking for {self._timeout:g} s")
            try:
                return self._answers(asked)
            finally:
                self._lock.release()
        except EwsError as error:
            fault = error
        except Exception as error:
            logger.exception("an error of the client itself")
            fault = EwsError("internal", f"{type(error).__name__} in the client")
        if fault.kind in raised:
            raise fault
        now = self._clock()
        return [
            without_answer(self._policy, self._picture, self._memory, *pair, fault, now)
            if all(pair)
            else no_answer(*pair, "request", "exchange or symbol was no text")
            for pair in asked
        ]

    def _answers(self, asked: Sequence[tuple[str, str]]) -> list[Answer]:
        if self._closed:
            raise EwsError("closed", "the client was closed")
        begun = self._clock()
        usable = [number for number, pair in enumerate(asked) if all(pair)]
        found: dict[int, list[dict[str, Any]]] = {number: [] for number in usable}
        if usable:
            for row in self._rows([asked[number] for number in usable]):
                found[usable[row.pop("n") - 1]].append(row)
        answers = []
        for number, pair in enumerate(asked):
            if number not in found:
                answers.append(no_answer(*pair, "request", "exchange or symbol was no text"))
                continue
            answer = answer_of(*pair, _body(pair, found[number]))
            self._memory.put(answer, begun, changed=False)
            answers.append(answer)
        return answers

    def _rows(self, pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """Raises EwsError. A connection that broke is made anew, once."""
        arguments = ([exchange for exchange, _ in pairs], [symbol for _, symbol in pairs])
        fresh = self._connection is None
        late: list[bool] = []
        while True:
            try:
                if self._connection is None:
                    self._connection = self._connected()
                with _deadline(self._connection, self._timeout) as late:
                    return self._connection.execute(_ASK, arguments).fetchall()
            except psycopg.errors.QueryCanceled:
                raise EwsError("timeout", f"no answer within {self._timeout:g} s") from None
            except psycopg.errors.ConnectionTimeout:
                raise EwsError("timeout", "no connection in time") from None
            except psycopg.OperationalError as error:
                self._drop()
                if late:
                    raise EwsError("timeout", f"no answer within {self._timeout:g} s") from None
                if fresh:
                    raise EwsError("connect", type(error).__name__) from None
                fresh = True
            except psycopg.errors.InsufficientPrivilege:
                raise EwsError("credentials", "this role may not call can_trade") from None
            except psycopg.Error as error:
                self._drop()
                raise EwsError("server", type(error).__name__) from None

    def _connected(self) -> psycopg.Connection[dict[str, Any]]:
        milliseconds = int(self._timeout * 1000)
        return psycopg.connect(
            self._dsn,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=max(2, round(self._timeout)),
            options=f"-c statement_timeout={milliseconds}",
            tcp_user_timeout=milliseconds,
            application_name="ews-client",
        )

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


@contextlib.contextmanager
def _deadline(connection: psycopg.Connection[Any], seconds: float) -> Iterator[list[bool]]:
    """Cuts the connection after so many seconds: a server that is frozen enforces no timeout of its own.

    The list that it gives has an element once it was cut.
    """
    late: list[bool] = []
    handle = socket.socket(fileno=os.dup(connection.fileno()))

    def cut() -> None:
        late.append(True)
        with contextlib.suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def _body(pair: tuple[str, str], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The rows of one question as the API would write them. Raises EwsError where there is none."""
    if not rows:
        raise EwsError("malformed", "can_trade gave no row, expected at least one")
    plain = [
        {
            name: value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in rows
    ]
    return {**plain[0], "exchange": pair[0], "symbol": pair[1], "rows": plain}

"""The asynchronous client. `Client` is the same one, run by a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import logging
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from types import TracebackType
from typing import Any, Final, TypeVar
from urllib.parse import quote

from ews_client.answers import ACTIONS, FRESH_MS, Answer, AssetRisk, Event, Page, Risks, StoredBook, no_answer
from ews_client.bodies import answer_of, asset_risk_of, event_of, page_of, risks_of, stored_book_of
from ews_client.decision import Policy, from_cache, without_answer
from ews_client.faults import DOUBTED, OUTAGES, REFUSALS, EwsError, fault_kinds
from ews_client.fields import Reader
from ews_client.heard import Heard
from ews_client.listener import messages
from ews_client.messages import Message, subscription
from ews_client.questions import questions
from ews_client.timeline import OLDEST_SECONDS
from ews_client.transport import Reply, Token, Transport, base_url

logger = logging.getLogger("ews_client")

T = TypeVar("T")
R = TypeVar("R", Risks, AssetRisk)

VERSION: Final = "0.1.0"
ANSWER_BYTES: Final = 2 * 1024 * 1024
LIST_BYTES: Final = 32 * 1024 * 1024
SHORTEST_REST: Final = 0.5
LONGEST_REST: Final = 10.0
"""Seconds after an outage in which a client with `rest` asks nothing."""
PAIRS_AT_ONCE: Final = 1000
"""What `POST /can-trade` takes."""


class AsyncClient:
    """Asks one early-warning system. See README.md for what each `fail` mode answers, fault by fault.

    - `url`: where the web pages are, `http://127.0.0.1:8000`. https is required but for this machine (`allow_http`).
    - `token`: `ews_…`, made by `manage.py apitoken`. It stands in no log, error, repr or address.
    - `fail`: `"closed"`, `"stale"` (with `stale_for`, seconds) or `"open"`; it must be chosen.
    - `timeout`: seconds for one answer, all in all: name, connection, and the last byte.
    - `cache_for`: how many seconds an answer may be served again without asking (0: never). Served is only a complete
      and fresh answer of the server to the very same question, while push is provably complete (a snapshot was seen,
      no `resync` is pending, the last heartbeat is under 12 s old and `fresh`). And only if, since the question was
      asked, push has not named one of its tokens, its instrument or `*`, has sent no event and no source, has skipped
      no number and not changed its status; and if its trading has not ended. What push does not carry (a venue's list
      of instruments, the watch lists) is noticed when `cache_for` is over.
    - `push`: hold the stream of messages; by default where `cache_for` or the `fail` mode make use of it.
    - `rest`: after an outage no question is sent for `rest` times as long as it took, at least 0.5 s and at most 10 s:
      what would be asked then is answered as if it had failed the same way. For bots that ask pair by pair in a loop
      that must go on. 0: every question is sent.
    - `verify`: a TLS context in place of the usual one. `trust_env`: use the proxies and certificates that environment
      variables name (HTTPS_PROXY, SSL_CERT_FILE). Off: a proxy in somebody's shell shall not see the token.

    Raises TypeError or ValueError for what cannot be meant. Belongs to the event loop that first uses it.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        fail: str | None = None,
        stale_for: float | None = None,
        timeout: float = 2.0,
        cache_for: float = 0.0,
        push: bool | None = None,
        rest: float = 0.0,
        verify: ssl.SSLContext | None = None,
        trust_env: bool = False,
        allow_http: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = Policy.chosen(fail, stale_for, cache_for)
        if not 0 < timeout <= 60:
            raise ValueError(f"timeout was {timeout!r}, expected seconds between 0 and 60")
        if not 0 <= rest <= 100:
            raise ValueError(f"rest was {rest!r}, expected a number between 0 and 100")
        if push is False and cache_for:
            raise ValueError("push was False with cache_for: only push can say that a remembered answer still holds")
        if verify is not None and not isinstance(verify, ssl.SSLContext):
            raise TypeError(f"verify was {type(verify).__name__}, expected an ssl.SSLContext: TLS is not switched off")
        self._url, self._token = base_url(url, allow_http), Token(token)
        self._push = push if push is not None else bool(cache_for) or fail != "closed"
        self._timeout, self._verify, self._trust_env = timeout, verify, trust_env
        self._transport: Transport | None = None
        self._clock = clock
        self._listener: asyncio.Task[None] | None = None
        self._heard = Heard(clock)
        self._quiet_until = float("-inf")
        self._rest, self._rests_until, self._failed_by = rest, float("-inf"), EwsError("internal", "nothing failed")
        self._closed = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r}, token=ews_…, fail={self._policy.fail!r})"

    def __reduce__(self) -> str:
        raise TypeError("a client is not pickled: make one where it is needed")

    async def __aenter__(self) -> AsyncClient:
        self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _start(self) -> Transport:
        if self._closed:
            raise EwsError("closed", "the client was closed")
        if self._transport is None:
            self._transport = Transport(
                self._url,
                self._token,
                timeout=self._timeout,
                verify=self._verify,
                trust_env=self._trust_env,
                user_agent=f"ews-client/{VERSION}",
            )
        if self._push and self._listener is None:
            self._listener = asyncio.get_running_loop().create_task(self._heard.listen(self._transport))
        return self._transport

    async def close(self) -> None:
        """Ends the stream and all connections. Whoever asks afterwards gets `fault` `closed`."""
        self._closed = True
        listener, self._listener = self._listener, None
        # Before Python 3.12 asyncio.wait_for loses a cancellation that comes together with its result.
        while listener is not None and not listener.done():
            listener.cancel()
            await asyncio.wait({listener}, timeout=0.05)
        if self._transport is not None:
            await self._transport.close()
            self._transport = None

    # --------------------------------------------------------------------------------------------------------- trading

    async def can_trade(self, exchange: str, symbol: str, *, raise_for: str | Iterable[str] = ()) -> Answer:
        """May this pair be opened, or closed, there? In the spelling of any bot or exchange.

        Never raises but for the kinds of fault that `raise_for` names ("all", or words of `FAULTS`): EwsError.
        """
        (answer,) = await self.can_trade_many([(exchange, symbol)], raise_for=raise_for)
        return answer

    async def can_trade_many(
        self, pairs: Iterable[tuple[str, str]], *, raise_for: str | Iterable[str] = ()
    ) -> list[Answer]:
        """The answers in the order of the questions, a thousand to a request. As `can_trade` otherwise."""
        raised = fault_kinds(raise_for)
        asked = questions(pairs)
        try:
            return await self._many(asked, raised)
        except EwsError:
            raise
        except Exception as error:
            # Whatever it is: an exception in a bot's hook may be taken for a yes.
            logger.exception("an error of the client itself")
            fault = EwsError("internal", f"{type(error).__name__} in the client")
            if fault.kind in raised:
                raise fault from error
            return [no_answer(*pair, fault.kind, fault.detail) for pair in asked]

    async def _many(self, asked: list[tuple[str, str]], raised: frozenset[str]) -> list[Answer]:
        answers: dict[int, Answer] = {}
        for number, pair in enumerate(asked):
            if not all(pair):
                fault = EwsError("request", "exchange or symbol was no text, expected such as binance and BTC/USDT")
                answers |= dict(zip([number], self._failed([pair], fault, raised), strict=True))
                continue
            known = from_cache(self._policy, self._heard.picture, self._heard.memory.get(*pair), self._clock())
            if known is not None:
                answers[number] = known
        waiting = [number for number in range(len(asked)) if number not in answers]
        for begin in range(0, len(waiting), PAIRS_AT_ONCE):
            numbers = waiting[begin : begin + PAIRS_AT_ONCE]
            batch = [asked[number] for number in numbers]
            try:
                got = await self._asked(batch)
                if DOUBTED in raised and (doubted := next((one for one in got if one.fault), None)):
                    raise EwsError(DOUBTED, str(doubted.problem))
            except EwsError as fault:
                got = self._failed(batch, fault, raised)
            answers |= dict(zip(numbers, got, strict=True))
        return [answers[number] for number in range(len(asked))]

    def _failed(self, pairs: Sequence[tuple[str, str]], fault: EwsError, raised: frozenset[str]) -> list[Answer]:
        if fault.kind in raised:
            raise fault
        heard, now = self._heard, self._clock()
        return [without_answer(self._policy, heard.picture, heard.memory, *pair, fault, now) for pair in pairs]

    async def _asked(self, pairs: list[tuple[str, str]]) -> list[Answer]:
        """What the server answers. Raises EwsError."""
        transport = self._start()
        begun, changes, seq = self._clock(), self._heard.memory.changes, self._heard.timeline.seq
        if begun < self._quiet_until:
            raise EwsError("limited", f"the server asked for quiet for another {self._quiet_until - begun:.1f} s")
        if begun < self._rests_until:
            left = self._rests_until - begun
            raise EwsError(self._failed_by.kind, f"{self._failed_by.detail}; asked again in {left:.1f} s")
        try:
            if len(pairs) == 1:
                params = {"exchange": pairs[0][0], "symbol": pairs[0][1]}
                reply = await transport.ask("GET", "/can-trade", params=params, most_bytes=ANSWER_BYTES)
                bodies: Sequence[Any] = [reply.body]
            else:
                named = [{"exchange": exchange, "symbol": symbol} for exchange, symbol in pairs]
                content = json.dumps({"pairs": named}).encode()
                reply = await transport.ask("POST", "/can-trade", content=content, most_bytes=LIST_BYTES)
                bodies = Reader("the body of can-trade", reply.body).objects("answers")
        except EwsError as fault:
            now = self._clock()
            if fault.retry_after is not None:
                self._quiet_until = now + fault.retry_after
            if self._rest and fault.kind in OUTAGES:
                self._failed_by = fault
                self._rests_until = now + min(max(self._rest * (now - begun), SHORTEST_REST), LONGEST_REST)
            raise
        if len(bodies) != len(pairs):
            raise EwsError("malformed", f"{len(bodies)} answers came to {len(pairs)} questions")
        try:
            answers = [answer_of(*pair, body, reply.body) for pair, body in zip(pairs, bodies, strict=True)]
        except EwsError:
            transport.distrust()
            raise
        doubt = self._heard.doubt(answers[0], seq)
        if reply.copied_seconds > OLDEST_SECONDS:
            doubt = f"a cache on the way has had this answer for {reply.copied_seconds} s"
        if doubt is not None:
            transport.distrust()
        waited_ms = int((self._clock() - begun) * 1000)
        doubts = [doubt or _too_old(answer, waited_ms) for answer in answers]
        pushed = self._heard.picture.seq
        overtaken = self._heard.memory.changes != changes
        for answer, one in zip(answers, doubts, strict=True):
            behind = pushed is not None and (answer.seq is None or answer.seq < pushed)
            self._heard.memory.put(answer, begun, changed=overtaken or behind or one is not None)
        return [_doubted(answer, one) if one else answer for answer, one in zip(answers, doubts, strict=True)]

    # ----------------------------------------------------------------------------------------------------------- lists

    async def risk(self, asset: str) -> AssetRisk:
        """What is wrong with one asset, by any of its names. Raises EwsError."""
        seq = self._heard.timeline.seq
        reply = await self._get(f"/risk/{quote(asset, safe='')}", {}, LIST_BYTES)
        found = asset_risk_of(reply.body, reply.age_ms)
        if found.asset.strip() != asset.strip():
            self._start().distrust()
            raise EwsError("malformed", "an answer was about another asset than the one that was asked for")
        return self._judged(found, seq)

    async def risks(
        self, *, venue: str | None = None, min_action: str | None = None, tokens: Iterable[str] = ()
    ) -> Risks:
        """The risk view. An empty list means "no risk" only if the answer is `fresh`. Raises EwsError.

        A row holds where its coin is concerned everywhere, or on the venue; `min_action` is a word of `ACTIONS`.
        """
        if min_action is not None and min_action not in ACTIONS:
            raise ValueError(f"min_action was {min_action!r}, expected one of {', '.join(ACTIONS)}")
        params: dict[str, Any] = {"token": list(tokens), "venue": venue, "min_action": min_action}
        seq = self._heard.timeline.seq
        reply = await self._get("/risk", params, LIST_BYTES)
        return self._judged(risks_of(reply.body, reply.age_ms), seq)

    async def page(self, path: str, *, cursor: str | None = None, limit: int | None = None, **filters: Any) -> Page:
        """One page of a list: `events`, `alerts`, `instruments`; `sources` is all on one. Raises EwsError."""
        params = {**filters, "limit": limit, "cursor": cursor}
        reply = await self._get(f"/{path.strip('/')}", params, LIST_BYTES)
        return page_of(reply.body, reply.age_ms)

    async def items(
        self, path: str, *, limit: int | None = None, **filters: Any
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        """The items of a list over all its pages. Raises EwsError, also where the pages go in a circle."""
        cursor, seen = None, set[str]()
        while True:
            page = await self.page(path, cursor=cursor, limit=limit, **filters)
            for item in page.items:
                yield item
            if page.next is None:
                return
            if page.next in seen:
                raise EwsError("malformed", f"the pages of {path} go in a circle")
            seen.add(page.next)
            cursor = page.next

    async def events(self, *, limit: int | None = None, **filters: Any) -> AsyncGenerator[Event, None]:
        """All events that fit the filters of `GET /events`, page by page. Raises EwsError."""
        async for item in self.items("events", limit=limit, **filters):
            yield event_of(item)

    async def positions(
        self,
        positions: Sequence[Mapping[str, Any]],
        *,
        account: str = "desk",
        as_of: datetime | None = None,
        empty: bool = False,
    ) -> StoredBook:
        """Replaces the book of an account; needs the scope `act`. Raises EwsError.

        Each position: {"venue", "asset", "symbol", "quantity", "value_usd"}, numbers as Decimal or text. `as_of` is
        when they were so (now, by this machine's clock); `empty` says that a book without rows is meant. The answer
        says which assets were not understood.
        """
        at = (as_of or datetime.now(timezone.utc)).isoformat()
        book = {"account": account, "as_of": at, "empty": empty, "positions": [dict(one) for one in positions]}
        content = json.dumps(book, default=str).encode()
        reply = await self._start().ask("POST", "/positions", content=content, most_bytes=LIST_BYTES)
        return stored_book_of(reply.body)

    async def _get(self, path: str, params: Mapping[str, Any], most_bytes: int) -> Reply:
        given = {name: value for name, value in params.items() if value not in (None, [], ())}
        reply = await self._start().ask("GET", path, params=given, most_bytes=most_bytes)
        # The age was counted when it was sent; a cache on the way says for how long it has kept it.
        age_ms = None if reply.age_ms is None else reply.age_ms + reply.copied_seconds * 1000
        return dataclasses.replace(reply, age_ms=age_ms)

    def _judged(self, found: R, asked_at_seq: int | None) -> R:
        """A list or a row under the same doubts as an answer of can-trade: `unknown` then, so that empty is no "no"."""
        if self._heard.doubt(found, asked_at_seq) is None:
            return found
        self._start().distrust()
        return dataclasses.replace(found, status="unknown")

    # ---------------------------------------------------------------------------------------------------------- stream

    async def watch(
        self, *, kinds: Iterable[str] = (), assets: Iterable[str] = (), venues: Iterable[str] = ()
    ) -> AsyncGenerator[Message, None]:
        """Typed messages as they come, over ever new connections; at least once each. Nothing given: everything.

        A stream that ends, or is silent for 12 s, is opened again where it ended. Raises EwsError where the server
        refuses: a wrong token or address stays wrong.
        """
        params = subscription(kinds, assets, venues)
        source = messages(self._start(), params, resume=True)
        try:
            async for message in source:
                if isinstance(message, EwsError):
                    if self._closed:
                        raise EwsError("closed", "the client was closed")
                    if message.kind in REFUSALS:
                        raise message
                    continue
                yield message
        finally:
            await source.aclose()

    async def wait_for_push(self, timeout: float) -> bool:
        """Waits until push has its first snapshot; False: it has none within so many seconds, or is not in use."""
        self._start()
        if self._listener is None:
            return False
        with contextlib.suppress(asyncio.TimeoutError, TimeoutError):
            await asyncio.wait_for(self._heard.first_snapshot.wait(), timeout)
        return self._heard.first_snapshot.is_set()


def _too_old(answer: Answer, waited_ms: int) -> str | None:
    """Why an answer that calls itself fresh is too old: it may have been written when the question was asked."""
    if answer.status != "fresh" or answer.age_ms is None or answer.age_ms + waited_ms <= FRESH_MS:
        return None
    return f"as_of was {answer.age_ms} ms old, and the answer took {waited_ms} ms; expected {FRESH_MS} ms at most"


def _doubted(answer: Answer, doubt: str) -> Answer:
    """An answer that forbids opening for a doubt of ours; what it says of closing stays."""
    if answer.status == "unknown":
        return answer
    return dataclasses.replace(answer, may_open=False, status="unknown", fault=DOUBTED, problem=doubt)

"""One client's connection through the fault proxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from api.botcheck.faults import reply_of
from api.botcheck.rewritten import STOPPED_FOR, date_header, report_of, shifted, stopped
from api.botcheck.wire import Head, body_pieces, chunk, frame, made, read_frames, read_head

_REWRITES = ("stale_leader", "clock_skew")
# What a WebSocket is closed with; without a code it is cut.
_CLOSE = {"401": 1008, "403": 1008, "429": 1008, "404": 1011, "500_json": 1011}
_CUT_AFTER_SECONDS = 2.0
"""A stream that says nothing is cut within so long, in the middle of a message that begins then."""


class Setting:
    """What is played now, shared by all connections of a proxy. Changed in the loop only."""

    def __init__(self, skew: timedelta, drip_seconds: float) -> None:
        self.fault: str | None = None
        self.skew, self.drip_seconds = skew, drip_seconds
        self.changed = asyncio.Event()
        """Set once, when this fault is followed by another."""

    def change(self, fault: str | None, skew: timedelta) -> None:
        self.fault, self.skew = fault, skew
        self.changed.set()
        self.changed = asyncio.Event()

    async def thawed(self) -> None:
        """Return when nothing is frozen."""
        while self.fault == "dead":
            await self.changed.wait()


class _Cut(EOFError):
    """The connection ends here, by a fault."""


class Relay:
    """Passes requests and answers, and plays the fault that holds at each moment."""

    def __init__(
        self,
        setting: Setting,
        target: tuple[str, int],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        asked: list[str],
    ) -> None:
        self._setting, self._target = setting, target
        self._reader, self._writer, self._asked = reader, writer, asked
        self._up: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._reported: bytes | None = None
        """The last message of the stream that had a status."""
        self._plays = setting.fault

    def abort(self) -> None:
        """Cut both connections."""
        self._writer.transport.abort()
        self._drop_upstream()

    async def run(self) -> None:
        """Until a side goes or a fault cuts the connection."""
        while True:
            head = await read_head(self._reader)
            body = b"".join([raw async for raw, _ in body_pieces(self._reader, head, None)])
            method = head.first.split()[0].decode("latin-1")
            self._asked.append(f"{method} {head.target}")
            await self._setting.thawed()
            reply = reply_of(self._setting.fault, head.target) if self._setting.fault else None
            if reply is not None:
                await self._write(reply.encoded(method))
                continue
            if head.get(b"upgrade").lower() == b"websocket":
                await self._websocket(head)
                return
            if not await self._answer(method, head, body):
                await self._end()
                return

    async def _answer(self, method: str, head: Head, body: bytes) -> bool:
        """Ask the system and pass its answer. Returns whether the connection stays."""
        asked = head
        if self._setting.fault in _REWRITES:
            # What is rewritten must come whole and as text.
            asked = head.without(b"if-none-match", b"accept-encoding")
        answer = await self._ask(asked, body)
        reader = self._upstream[0]
        reply = reply_of(self._setting.fault, head.target) if self._setting.fault else None
        if reply is not None:
            self._drop_upstream()
            await self._write(reply.encoded(method))
            return True
        is_stream = answer.get(b"content-type").startswith(b"text/event-stream")
        if self._setting.fault in _REWRITES and not is_stream:
            pieces = [content async for _, content in body_pieces(reader, answer, method)]
            await self._write(self._rewritten(head.target, answer, b"".join(pieces), method))
            return self._stays(answer)
        if is_stream:
            await self._stream(answer, method, head.target)
        else:
            await self._deliver(answer, method)
        return self._stays(answer)

    async def _ask(self, head: Head, body: bytes) -> Head:
        """The head of the answer. A connection that the system closed between two requests is made anew, once."""
        was_open = self._up is not None
        try:
            reader, writer = await self._connect()
            writer.write(head.raw + body)
            await writer.drain()
            answer = await read_head(reader)
            while answer.status == 100:
                answer = await read_head(reader)
            return answer
        except (OSError, EOFError, asyncio.IncompleteReadError):
            self._drop_upstream()
            if not was_open:
                raise
            return await self._ask(head, body)

    async def _stream(self, answer: Head, method: str, path: str) -> None:
        pieces = body_pieces(self._upstream[0], answer, method)

        def framed(event: bytes) -> bytes:
            return chunk(event) if answer.is_chunked else event

        await self._put(answer.raw)
        while (piece := await self._next(pieces, answer.is_chunked, path, framed)) is not None:
            raw, content = piece
            self._note(content)
            if self._setting.fault in _REWRITES and content:
                raw = framed(self._event(path, content))
            await self._put(raw)

    async def _deliver(self, answer: Head, method: str) -> None:
        head, pieces = answer.raw, body_pieces(self._upstream[0], answer, method)
        if self._setting.fault == "truncated":
            raw = b"".join([piece async for piece, _ in pieces])
            await self._write(head + raw[: len(raw) // 2] if raw else head[: len(head) // 2])
            raise _Cut
        await self._put(head)
        async for raw, _ in pieces:
            await self._put(raw)

    async def _next(
        self, pieces: AsyncIterator[tuple[bytes, bytes]], chunked: bool, path: str, framed: Callable[[bytes], bytes]
    ) -> tuple[bytes, bytes] | None:
        """The next message of a stream, None at its end. A fault that cuts streams cuts this one at once."""
        waits = asyncio.ensure_future(anext(pieces, None))
        try:
            await self._until_done(
                waits,
                lambda: self._cut_stream(chunked),
                lambda report: framed(b"data: " + self._changed(path, report) + b"\n\n"),
            )
            return waits.result()
        finally:
            await _forget(waits)

    async def _cut_stream(self, chunked: bool) -> None:
        fault = self._setting.fault or ""
        if fault == "truncated":
            begun = b'data: {"kind": "risk", "id": "'
            await self._write(b"200\r\n" + begun if chunked else begun)
        elif fault in ("401", "403"):
            # So our own streams end when a token is revoked.
            await self._write(b"0\r\n\r\n" if chunked else b"")
            await self._end()
        raise _Cut

    async def _websocket(self, head: Head) -> None:
        answer = await self._ask(head, b"")
        reader, writer = self._upstream
        if answer.status != 101:
            body = b"".join([raw async for raw, _ in body_pieces(reader, answer, "GET")])
            await self._put(answer.raw + body)
            await self._end()
            return
        if self._setting.fault == "truncated":
            await self._write(answer.raw[: len(answer.raw) // 2])
            raise _Cut
        if self._setting.fault == "clock_skew":
            answer = self._skewed(answer)
        await self._put(answer.raw)
        upward = asyncio.create_task(self._upward(writer), name="a WebSocket's other direction")
        try:
            while True:
                waits = asyncio.ensure_future(read_frames(reader))
                try:
                    await self._until_done(
                        waits, self._cut_websocket, lambda report: frame(1, self._changed(head.target, report))
                    )
                    found = waits.result()
                finally:
                    await _forget(waits)
                raw = found.raw
                self._note(b"data: " + found.content if found.content else b"")
                if self._setting.fault in _REWRITES and found.content is not None:
                    raw = frame(1, self._body(head.target, found.content))
                await self._put(raw)
        finally:
            await _forget(upward)

    async def _upward(self, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await self._reader.read(65_536):
                await self._setting.thawed()
                writer.write(data)
                await writer.drain()
        # The client has gone: the system sees it, and its end ends the other direction.
        writer.transport.abort()

    async def _cut_websocket(self) -> None:
        fault = self._setting.fault or ""
        if fault == "truncated":
            await self._write(b"\x81\x7e\x02\x00" + b'{"kind": "risk", "id": "')
        elif fault in _CLOSE:
            await self._write(frame(8, _CLOSE[fault].to_bytes(2, "big") + b"closed by the fault " + fault.encode()))
            await self._end()
        raise _Cut

    async def _until_done(
        self, waits: asyncio.Future[Any], cut: Callable[[], Awaitable[None]], report: Callable[[bytes], bytes]
    ) -> None:
        """Wait for a message. A fault that cuts does so meanwhile, `truncated` after it or after a while; one that
        changes what is said is reported at once, and so is its end, as our streams do."""
        while not waits.done():
            if self._plays != self._setting.fault:
                before, self._plays = self._plays, self._setting.fault
                rewrites = before in _REWRITES or self._plays in _REWRITES
                if rewrites and self._plays in (None, *_REWRITES) and self._reported is not None:
                    await self._put(report(self._reported))
            changed = asyncio.ensure_future(self._setting.changed.wait())
            fault = self._setting.fault
            cuts = fault is not None and reply_of(fault, "/") is not None
            patience = 0.0 if cuts else _CUT_AFTER_SECONDS if fault == "truncated" else None
            try:
                done, _ = await asyncio.wait((waits, changed), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            finally:
                changed.cancel()
            if not done or cuts:
                await cut()
        await self._setting.thawed()

    async def _put(self, data: bytes) -> None:
        """Write bytes of an answer, as the fault of this moment has it."""
        await self._setting.thawed()
        fault = self._setting.fault
        if fault == "truncated":
            await self._write(data[: len(data) // 2])
            raise _Cut
        if fault is not None and reply_of(fault, "/") is not None:
            raise _Cut
        if fault != "slow_drip":
            await self._write(data)
            return
        for position in range(len(data)):
            await self._write(data[position : position + 1])
            with suppress(TimeoutError):
                await asyncio.wait_for(self._setting.changed.wait(), self._setting.drip_seconds)
            if self._setting.fault != "slow_drip":
                await self._put(data[position + 1 :])
                return

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def _end(self) -> None:
        """End the client's connection in order: what was written arrives."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    def _stays(self, answer: Head) -> bool:
        ends_itself = answer.is_chunked or answer.get(b"content-length") or answer.status in (204, 304)
        if ends_itself and answer.get(b"connection").lower() != b"close":
            return True
        self._drop_upstream()
        return False

    def _rewritten(self, path: str, answer: Head, body: bytes, method: str) -> bytes:
        # The answer to HEAD has no body, and keeps its length.
        has_body = method != "HEAD" and answer.status not in (204, 304)
        changed = self._body(path, body) if has_body and answer.status == 200 else body
        headers = [
            (name, value)
            for name, value in answer.headers
            if name != b"etag" and not (has_body and name in (b"content-length", b"transfer-encoding"))
        ]
        if self._setting.fault == "stale_leader":
            later = round(STOPPED_FOR.total_seconds() * 1000)
            headers = [
                (name, str(int(value) + later).encode() if name == b"x-age-ms" else value) for name, value in headers
            ]
        if has_body:
            headers.append((b"content-length", str(len(changed)).encode()))
        head = made(answer.first, tuple(headers))
        return (self._skewed(head) if self._setting.fault == "clock_skew" else head).raw + changed

    def _skewed(self, head: Head) -> Head:
        return head.replaced(b"date", date_header(head.get(b"date"), self._setting.skew))

    def _body(self, path: str, body: bytes) -> bytes:
        return stopped(path, body) if self._setting.fault == "stale_leader" else shifted(body, self._setting.skew)

    def _changed(self, path: str, content: bytes) -> bytes:
        return self._body(path, content) if self._setting.fault in _REWRITES else content

    def _note(self, event: bytes) -> None:
        for line in event.split(b"\n"):
            if line.startswith(b"data: "):
                self._reported = report_of(line[6:]) or self._reported

    def _event(self, path: str, content: bytes) -> bytes:
        lines = content.split(b"\n")
        return b"\n".join(
            b"data: " + self._body(path, line[6:]) if line.startswith(b"data: ") else line for line in lines
        )

    @property
    def _upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        assert self._up is not None
        return self._up

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._up is None:
            self._up = await asyncio.open_connection(*self._target, limit=2**24)
        return self._up

    def _drop_upstream(self) -> None:
        if self._up is not None:
            self._up[1].transport.abort()
            self._up = None


async def _forget(task: asyncio.Future[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, OSError, EOFError, asyncio.IncompleteReadError, ValueError):
        await task

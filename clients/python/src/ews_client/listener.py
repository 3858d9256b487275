"""The stream of messages: opened, read, watched for silence, and opened again."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Mapping

import httpx

from ews_client.faults import EwsError
from ews_client.messages import Heartbeat, Message, Snapshot, message_of
from ews_client.picture import SILENCE_SECONDS
from ews_client.sse import Frames
from ews_client.transport import Transport, fault_of

logger = logging.getLogger("ews_client")

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.25, 10.0


def wait_seconds(failures: int, retry_after: float | None = None, jitter: float | None = None) -> float:
    """How long to wait before the stream is opened again, after so many failures in a row.

    Doubled with each, at most 10 s, and between half of it and all: a thousand bots shall not come back at once. Never
    shorter than what the server asked for.
    """
    share = random.uniform(0.5, 1.0) if jitter is None else jitter
    wait = min(FIRST_WAIT_SECONDS * 2.0 ** min(max(failures - 1, 0), 10), LONGEST_WAIT_SECONDS) * share
    return max(wait, retry_after or 0.0)


async def connection(
    transport: Transport, params: Mapping[str, str], last_id: str | None
) -> AsyncGenerator[tuple[Message, str | None], None]:
    """The messages of one connection, each with the cursor that it leaves behind. Ends by raising EwsError.

    The stream is dead where no heartbeat (or snapshot) came for 12 s, whatever else drips in.
    """
    response = await transport.stream(params, last_id)
    chunks = response.aiter_raw()
    frames = Frames()
    beat_at = time.monotonic()
    try:
        while True:
            left = beat_at + SILENCE_SECONDS - time.monotonic()
            try:
                if left <= 0:
                    raise asyncio.TimeoutError
                chunk = await asyncio.wait_for(chunks.__anext__(), timeout=left)
            except (asyncio.TimeoutError, TimeoutError):
                raise EwsError("timeout", f"the stream had no heartbeat for {SILENCE_SECONDS:g} s") from None
            except StopAsyncIteration:
                raise EwsError("broken", "the stream ended") from None
            except httpx.HTTPError as error:
                raise fault_of(error, transport.token) from None
            for frame in frames.feed(chunk):
                if not frame.data:
                    continue
                message = message_of(frame.data)
                if isinstance(message, Heartbeat | Snapshot):
                    beat_at = time.monotonic()
                yield message, _cursor(frame.id or message.id)
    finally:
        await response.aclose()


def _cursor(text: str) -> str | None:
    """An id that can stand in a header; where one cannot, it goes on from the one before: twice, not never."""
    return text if text and len(text) <= 1000 and text.isascii() and text.isprintable() else None


async def messages(
    transport: Transport, params: Mapping[str, str], *, resume: bool
) -> AsyncGenerator[Message | EwsError, None]:
    """The messages of ever new connections, and between them the fault that ended each. Never ends by itself.

    With `resume` the server is asked to go on where the last connection ended; it sends a snapshot where it cannot.
    """
    failures, last_id = 0, None
    while True:
        begun = time.monotonic()
        try:
            async for message, cursor in connection(transport, params, last_id if resume else None):
                last_id = cursor or last_id
                yield message
        except EwsError as fault:
            # A server that sends a snapshot and hangs up shall not be asked for four of them a second.
            failures = 1 if time.monotonic() - begun > SILENCE_SECONDS else failures + 1
            if fault.kind == "malformed":
                # What cannot be read now cannot be read again either.
                last_id = None
            logger.info("the stream of %s ended: %s", transport.host, fault)
            yield fault
            await asyncio.sleep(wait_seconds(failures, fault.retry_after))

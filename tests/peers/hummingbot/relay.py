"""A relay on loopback in front of an MQTT broker, that plays each fault to whoever is connected.

It knows enough of MQTT 3.1.1 to find the packets: a byte with the type, the length of the rest, the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

TOPIC_END = b"/external/event/token_risk"
HTML = b"<!DOCTYPE html>\n<html><body><h1>Sign in to the network</h1></body></html>\n"
_CONNECT, _CONNACK, _PUBLISH = 1, 2, 3
_REFUSED = {"401": 5, "429": 3}
"""CONNACK's codes: not authorised; server unavailable."""
_PAYLOADS = {"500_json": b'{"error":"internal server error"}', "html_200": HTML, "empty": b""}
_DRIP_SECONDS = 0.2


class Relay:
    """fault: None, or which one is played now. outward: whether events go from the client to the broker here (ours), or
    from the broker to the client (a bot's)."""

    def __init__(self, broker_port: int, outward: bool) -> None:
        self._broker_port, self._outward = broker_port, outward
        self.fault: str | None = None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def play(self, fault: str | None) -> None:
        """Refusals end what is connected, as a broker does whose users were changed."""
        self.fault = fault
        if fault in _REFUSED:
            for writer in self._writers:
                writer.close()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        ways: list[asyncio.Task[None]] = []
        try:
            code = _REFUSED.get(self.fault or "")
            if code is not None:
                await _packet(reader)
                writer.write(bytes([_CONNACK << 4, 2, 0, code]))
                await writer.drain()
                return
            broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self._broker_port)
            try:
                ways = [
                    asyncio.create_task(self._carry(reader, broker_writer, self._outward)),
                    asyncio.create_task(self._carry(broker_reader, writer, not self._outward)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                broker_writer.close()
        except (OSError, EOFError):
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, events: bool) -> None:
        try:
            while True:
                packet = await _packet(reader)
                while self.fault == "dead":
                    await asyncio.sleep(0.02)
                if self.fault == "slow_drip":
                    await self._drip(writer, packet)
                    continue
                fault = self.fault if events and packet[0] >> 4 == _PUBLISH and TOPIC_END in packet else None
                if fault == "truncated":
                    writer.write(packet[: len(packet) // 2])
                    await writer.drain()
                    return
                changed = _changed(packet, fault)
                if changed:
                    writer.write(changed)
                    await writer.drain()
        except (OSError, EOFError):
            return

    async def _drip(self, writer: asyncio.StreamWriter, packet: bytes) -> None:
        for place in range(len(packet)):
            if self.fault != "slow_drip":
                writer.write(packet[place:])
                break
            writer.write(packet[place : place + 1])
            await writer.drain()
            await asyncio.sleep(_DRIP_SECONDS)


async def _packet(reader: asyncio.StreamReader) -> bytes:
    """The next whole packet. Raises EOFError (IncompleteReadError) at the end."""
    head = await reader.readexactly(1)
    length, shift = 0, 0
    while True:
        byte = await reader.readexactly(1)
        head += byte
        length |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            return head + await reader.readexactly(length)


def _changed(packet: bytes, fault: str | None) -> bytes:
    """A PUBLISH at QoS 0 as the fault leaves it; nothing where it is dropped."""
    if fault == "403":
        return b""
    if fault == "404":
        return packet.replace(TOPIC_END, TOPIC_END[:-4] + b"RISK")
    if fault == "truncated_text":
        return _with_payload(packet, lambda payload: payload[: len(payload) // 2])
    if fault in _PAYLOADS:
        return _with_payload(packet, lambda _: _PAYLOADS[fault])
    return packet


def _with_payload(packet: bytes, change: Callable[[bytes], bytes]) -> bytes:
    rest = 1
    while packet[rest] >= 128:
        rest += 1
    body = packet[rest + 1 :]
    topic = 2 + int.from_bytes(body[:2], "big")
    body = body[:topic] + change(body[topic:])
    length, encoded = len(body), b""
    while True:
        length, digit = divmod(length, 128)
        encoded += bytes([digit | (128 if length else 0)])
        if not length:
            return packet[:1] + encoded + body

"""An exchange on loopback that takes every order and writes down what came: REST and WebSocket of three exchanges."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

from aiohttp import WSMsgType, web

ORDER = {"symbol": "X", "orderId": 1, "status": "NEW", "side": "BUY", "type": "LIMIT", "price": "1", "origQty": "1"}


class Played:
    """Runs in a thread of its own. `came`: "METHOD /path" or "ws word" of all but what only reads, in its order."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.bodies: list[str] = []
        self.port = 0
        self._ready = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()
        self._ready.wait(10)

    def take(self) -> list[str]:
        """What came since the last time."""
        came, self.came = self.came, []
        return came

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(self._serve())
        self._ready.set()
        loop.run_forever()

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request)
        text = await request.text()
        if request.method != "GET":
            self.came.append(f"{request.method} {request.path}")
            self.bodies.append(text)
        return web.json_response(_reply(request.method, request.path))

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT or not message.data.startswith("{"):
                continue
            said = json.loads(message.data)
            self.came.append(f"ws {said.get('method') or said.get('op')}")
            self.bodies.append(message.data)
            await socket.send_json(_told(said))
        return socket


def _reply(method: str, path: str) -> Any:
    if path.startswith("/api/v5/"):
        row = {"ordId": "1", "algoId": "1", "sCode": "0", "sMsg": "", "instId": "BTC-USDT"}
        return {"code": "0", "msg": "", "data": [row]}
    if path.startswith("/0/private/"):
        if path.endswith("GetWebSocketsToken"):
            return {"error": [], "result": {"token": "t", "expires": 900}}
        batch = {"orders": [{"txid": "O1", "descr": {"order": "buy"}}]} if path.endswith("Batch") else {}
        return {
            "error": [],
            "result": {"txid": ["O1"], "descr": {"order": "buy 1 X @ limit 1"}, "amend_id": "A", **batch},
        }
    if path.endswith("cancelReplace"):
        return {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS", "newOrderResponse": ORDER}
    if path.endswith("batchOrders"):
        return [ORDER]
    return dict(ORDER)


def _told(said: dict[str, Any]) -> dict[str, Any]:
    if said.get("op") == "login":
        return {"event": "login", "code": "0", "msg": ""}
    if "op" in said:
        return {"id": said.get("id"), "op": said["op"], "code": "0", "msg": "",
                "data": [{"ordId": "1", "sCode": "0", "sMsg": "", "clOrdId": "c"}]}  # fmt: skip
    if "req_id" in said:
        return {"method": said["method"], "req_id": said["req_id"], "success": True, "result": {"order_id": "O1"}}
    return {"id": said.get("id"), "status": 200, "result": dict(ORDER)}

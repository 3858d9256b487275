"""The chat and paging services on loopback: their documented answers, and what each would refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.upstreams.server import UpstreamServer
from tests.upstreams.steps import Reply
from tests.upstreams.wire import Request

MARK = "s3cr3tAddressPart"
TOKEN = f"123456:{MARK}AAAA"
ROUTING = "R0utingKeyOf32Characters00000000"
RETURN_SECRET = "s3cr3tOfWhatComesBack"


@dataclass(frozen=True)
class Service:
    """path: where it listens; query: of the receiver's address. accepted: its answer to a good request. faults: what
    it would refuse of a request. limited: its answer when the limit is used up, and the seconds that it names."""

    kind: str
    path: str
    query: str
    secret: str
    accepted: Reply
    limited: Reply
    wait: float
    faults: Callable[[Any], list[str]]
    statuses: Mapping[int, str]
    also: str = ""

    def address(self, server: UpstreamServer) -> str:
        return server.url(f"{self.path}{self.query}")

    def listen(self, server: UpstreamServer, *answers: Any) -> Any:
        """Later routes go before earlier ones, so that the script is the newest."""
        if self.also:
            server.route(self.also, *(answers or (self.accepted,)))
        return server.route(self.path, *(answers or (self.accepted,)))

    def got(self, server: UpstreamServer) -> list[Any]:
        return [json.loads(request.body) for request in server.requests]


def units(text: str) -> int:
    """As all of them count at most: JavaScript and Java count what lies beyond U+FFFF as two."""
    return len(text.encode("utf-16-le")) // 2


def _telegram(sent: Any) -> list[str]:
    text = re.sub(r"</?b>", "", sent["text"])
    faults = ["too long"] if units(text) > 4096 else []
    faults += ["entities"] if "<" in text or re.search(r"&(?!(?:lt|gt|amp|quot);)", text) else []
    keys = [key for row in sent.get("reply_markup", {}).get("inline_keyboard", []) for key in row]
    faults += [
        "button" for key in keys if ("url" in key) == ("callback_data" in key) or len(key.get("callback_data", "")) > 64
    ]
    return faults + (["mode"] if sent["parse_mode"] != "HTML" or not sent["chat_id"] else [])


def _discord(sent: Any) -> list[str]:
    embeds = sent["embeds"]
    whole = sum(units(embed["title"]) + units(embed["description"]) for embed in embeds)
    faults = ["embeds"] if len(embeds) > 10 or whole > 6000 else []
    faults += ["embed" for embed in embeds if units(embed["title"]) > 256 or units(embed["description"]) > 4096]
    return faults + (["mentions"] if sent["allowed_mentions"]["parse"] else [])


def _slack(sent: Any) -> list[str]:
    blocks = sent["blocks"]
    faults = ["blocks"] if not 0 < len(blocks) <= 50 else []
    for block in blocks:
        most = {"header": 150, "section": 3000}.get(block["type"])
        if most and not 0 < units(block["text"]["text"]) <= most:
            faults.append(block["type"])
        for key in block.get("elements", []):
            faults += ["button"] if len(key["text"]["text"]) > 75 or len(key["url"]) > 3000 else []
    return faults + ([] if sent["text"] else ["no_text"])


def _pagerduty(sent: Any) -> list[str]:
    faults = [] if len(sent["routing_key"]) == 32 and len(sent["dedup_key"]) <= 255 else ["keys"]
    if sent["event_action"] == "trigger":
        payload = sent["payload"]
        faults += [] if 0 < units(payload["summary"]) <= 1024 and payload["source"] else ["summary"]
        faults += [] if payload["severity"] in ("critical", "error", "warning", "info") else ["severity"]
        faults += ["size"] if len(json.dumps(sent)) > 512 * 1024 else []
    return faults


def _opsgenie(sent: Any) -> list[str]:
    if "message" not in sent:
        return [] if sent["source"] else ["source"]
    faults = [] if units(sent["message"]) <= 130 and len(sent["alias"]) <= 512 else ["message"]
    faults += ["description"] if units(sent.get("description", "")) > 15_000 else []
    return faults + ([] if sent["priority"] in ("P1", "P2", "P3", "P4", "P5") else ["priority"])


_SENT = {200: "sent", 202: "sent", 413: "shrink", 400: "shrink"}

SERVICES = {
    service.kind: service
    for service in (
        Service("telegram", f"/bot{TOKEN}/sendMessage", "?chat_id=-100200", RETURN_SECRET,
                Reply({"ok": True, "result": {"message_id": 1, "text": "error: Webhook message delivery failed"}}),
                Reply({"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 7",
                       "parameters": {"retry_after": 7}}, 429), 7, _telegram, _SENT),
        Service("discord", f"/api/webhooks/99/{MARK}", "", "",
                Reply({"id": "1", "type": 0, "content": "Webhook message delivery failed", "errors": ["x"]}),
                Reply({"message": "You are being rate limited.", "retry_after": 1.337, "global": False}, 429),
                1.337, _discord, {**_SENT, 204: "sent"}),
        Service("slack", f"/services/T0/B0/{MARK}", "", "", Reply("ok"),
                Reply("rate_limited", 429, {"Retry-After": "30"}), 30, _slack, _SENT),
        Service("pagerduty", "/v2/enqueue", f"?routing_key={ROUTING}", RETURN_SECRET,
                Reply({"status": "success", "message": "Event processed", "dedup_key": "x"}, 202),
                Reply({"status": "throttle exceeded"}, 429, {"Retry-After": "12"}), 12, _pagerduty, _SENT),
        Service("opsgenie", "/v2/alerts", f"?key={MARK}-0123456789", RETURN_SECRET,
                Reply({"result": "Request will be processed", "took": 0.3, "requestId": "x"}, 202),
                Reply({"message": "You are making too many requests!"}, 429, {"Retry-After": "3"}), 3, _opsgenie,
                {**_SENT, 402: "suspend", 422: "shrink"}, "/v2/alerts/*"),
    )
}  # fmt: skip


def headers_of(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}

"""What services report to us, checked and read: who took, gave back or resolved which event, and when.

telegram   `secret_token` of setWebhook in X-Telegram-Bot-Api-Secret-Token; a press of a card's button
pagerduty  V3 webhook: HMAC-SHA256 of the body in X-PagerDuty-Signature, one for each secret in use
opsgenie   outgoing webhook: the secret as bearer token in Authorization, a header that the integration lets one add

Nothing here has a database. Secrets are compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from alerts.receiver import Receiver
from alerts.rendering.incidents import event_of_key
from alerts.rendering.phrases import clean
from alerts.rendering.telegram_html import event_of_press
from crypto_ews.conf.services import parts_of

Did = Literal["acknowledged", "released", "resolved"]
NAMES = {"telegram": "Telegram", "pagerduty": "PagerDuty", "opsgenie": "Opsgenie"}


@dataclass(frozen=True)
class Report:
    """One act. number: the service's own id of the report, the same at each try to deliver it. at: None where the
    service names no time. seen: what happened to the event later was not known to whoever acted. press: of a button in
    Telegram, which waits for an answer. chats: the names of the chat where it was pressed. revision: of the event on
    the card that was pressed; 0: not known."""

    did: Did
    event_id: int
    by: str
    number: str
    at: datetime | None
    seen: datetime
    press: str = ""
    chats: tuple[str, ...] = ()
    revision: int = 0


class Unreadable(Exception):
    """The body is not what the service documents."""


def is_signed(receiver: Receiver, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the report comes from who knows the receiver's secret."""
    if not receiver.secret or receiver.kind not in NAMES:
        return False
    secret = receiver.secret.encode()
    match receiver.kind:
        case "telegram":
            return _same(headers.get("X-Telegram-Bot-Api-Secret-Token", ""), secret)
        case "opsgenie":
            scheme, _, token = headers.get("Authorization", "").partition(" ")
            return _same(token, secret) and scheme.lower() == "bearer"
    expected = b"v1=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
    given = headers.get("X-PagerDuty-Signature", "").split(",")[:10]
    # All are compared: how long it takes says nothing about which one fits.
    fits = [_same(signature.strip(), expected) for signature in given]
    return True in fits


def _same(given: str, expected: bytes) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected)


def posts_to(receiver: Receiver, bot: Receiver, chats: tuple[str, ...]) -> bool:
    """Whether a receiver posts as the same Telegram bot into one of these chats. A bot has one webhook for all."""
    url, query = parts_of(receiver.target)
    # Names of chats have no case.
    known = {chat.lower() for chat in chats}
    return receiver.kind == bot.kind and url == parts_of(bot.target)[0] and query.get("chat_id", "").lower() in known


def read_report(receiver: Receiver, body: bytes) -> Report | None:
    """The act that is reported; None for anything else that the service sends. Raises Unreadable."""
    try:
        found = json.loads(body)
        if not isinstance(found, dict):
            raise Unreadable("expected a JSON object")
        return _READERS[receiver.kind](found)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError) as fault:
        raise Unreadable(f"expected the service's documented body ({type(fault).__name__})") from None


def _telegram(found: dict[str, Any]) -> Report | None:
    press: dict[str, Any] = found.get("callback_query") or {}
    pressed = event_of_press(str(press.get("data", "")))
    if pressed is None or not press.get("message"):
        return None
    event_id, seen, revision = pressed
    chat = press["message"]["chat"]
    chats = (str(chat["id"]), *([f"@{chat['username']}"] if chat.get("username") else []))
    who = press["from"]
    full = " ".join(filter(None, (who.get("first_name"), who.get("last_name"))))
    by = f"{full} (@{who['username']})" if who.get("username") else f"{full} ({int(who['id'])})"
    number = str(int(found["update_id"]))
    return Report("acknowledged", event_id, _name(by), number, None, seen, str(press["id"]), chats, revision)


_PAGERDUTY: dict[str, Did] = {
    "incident.acknowledged": "acknowledged",
    "incident.unacknowledged": "released",
    "incident.resolved": "resolved",
}


def _pagerduty(found: dict[str, Any]) -> Report | None:
    event = found["event"]
    did = _PAGERDUTY.get(event["event_type"])
    if did is None:
        return None
    event_id = event_of_key(event["data"].get("incident_key") or "")
    agent = event.get("agent") or {}
    if event_id is None or not str(agent.get("type")).startswith("user"):
        # What an integration did is our own act, come back; what a timeout did is nobody's.
        return None
    at = datetime.fromisoformat(event["occurred_at"])
    if at.tzinfo is None:
        raise Unreadable("expected the time of the act with its zone")
    return Report(did, event_id, _name(agent.get("summary") or ""), str(event["id"]), at, at)


_OPSGENIE: dict[str, Did] = {"Acknowledge": "acknowledged", "UnAcknowledge": "released", "Close": "resolved"}
_NOBODY = frozenset({"api", "system", "integration", "policy"})
"""Sources of acts in Opsgenie that are no person: our own acts, come back, and what a policy closes by itself."""


def _opsgenie(found: dict[str, Any]) -> Report | None:
    did = _OPSGENIE.get(found["action"])
    if did is None:
        return None
    alert = found["alert"]
    event_id = event_of_key(alert.get("alias") or "")
    if event_id is None or str((found.get("source") or {}).get("type")).lower() in _NOBODY:
        return None
    stamp = float(alert["updatedAt"])
    number = f"{alert['alertId']} {found['action']} {int(stamp)}"
    while stamp > 1e11:
        # Milliseconds, or nanoseconds, as the integration has it.
        stamp /= 1000
    at = datetime.fromtimestamp(stamp, UTC)
    return Report(did, event_id, _name(alert.get("username") or ""), number, at, at)


def _name(text: str) -> str:
    return clean(str(text), 80) or "somebody"


_READERS: dict[str, Callable[[dict[str, Any]], Report | None]] = {
    "telegram": _telegram,
    "pagerduty": _pagerduty,
    "opsgenie": _opsgenie,
}

"""The retry policy: what becomes of an alert after a delivery attempt, as one pure function."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from alerts.channels.base import Answer

LADDER_SECONDS = (5, 15, 45, 120, 300, 900, 1800, 3600)
"""Seconds to wait after the first, second … failed attempt; the last one repeats."""

GIVE_UP_AFTER = timedelta(hours=24)

UNFINISHED = "unfinished"
"""The reason of a retry after a part was accepted."""
_UNNAMED_WAIT = timedelta(seconds=LADDER_SECONDS[0])

JITTER = 0.1
"""Largest fraction added to a wait, so that cards that failed together are not retried together."""

RETRYABLE_STATUSES = frozenset({408, 429})
TOO_LARGE_STATUSES = frozenset({400, 413})
SUSPENDING_STATUSES = frozenset({401, 403, 404, 410})


class Kind(StrEnum):
    SENT = "sent"
    RETRY = "retry"
    SHRINK = "shrink"
    DEAD = "dead"
    SUSPEND = "suspend"


@dataclass(frozen=True)
class Decision:
    """reason: a stable name of the rule that decided. retry_at: when to try again (retry only).

    pause_until: the receiver asked for no request to the channel before this.
    """

    kind: Kind
    reason: str
    retry_at: datetime | None = None
    pause_until: datetime | None = None


def decide(answer: Answer, *, attempts: int, since: datetime, now: datetime, shrunk: bool, jitter: float) -> Decision:
    """Decide about an attempt.

    attempts: made so far, this one included (1 or more). since: when the 24 hours of retries began.
    shrunk: the card was already the minimal one. jitter: a random fraction, 0 to 1.
    """
    match answer.verdict:
        case "accepted":
            return Decision(Kind.SENT, "accepted")
        case "refused":
            return Decision(Kind.DEAD, "refused_when_minimal") if shrunk else Decision(Kind.SHRINK, "refused")
        case "unusable":
            return Decision(Kind.SUSPEND, "receiver_unusable")
        case "partial":
            # Part of it has arrived: what is left is no failure, for which waits would grow up to an hour.
            rest = _asked_wait(answer, now) if answer.status == 429 else timedelta(0)
            rest = min(_UNNAMED_WAIT if rest is None else rest, timedelta(seconds=LADDER_SECONDS[-1]))
            return Decision(Kind.RETRY, UNFINISHED, now + rest, now + rest if rest else None)
    if answer.error == "configuration":
        return Decision(Kind.SUSPEND, "webhook_unusable")
    status, wait = answer.status, _asked_wait(answer, now)
    if answer.error is not None and status in (None, 200):
        # A 200 decides nothing until its body has been read; other codes decide without one.
        return _retry(answer.error, wait, attempts, since, now, jitter)
    if status is None:
        return Decision(Kind.SENT, "accepted")
    if status == 200:
        failed, named = _failure_in(answer.body)
        if failed and named is None:
            return _retry("failure_in_200", wait, attempts, since, now, jitter)
        # The flow answered, but the service that it called refused the card: the status it names is the real answer.
        status = named or status
    if status in (200, 202):
        return Decision(Kind.SENT, "accepted")
    if status in TOO_LARGE_STATUSES:
        return Decision(Kind.DEAD, "refused_when_minimal") if shrunk else Decision(Kind.SHRINK, "refused")
    if status in SUSPENDING_STATUSES:
        return Decision(Kind.SUSPEND, "webhook_refused")
    if 300 <= status < 400:
        return Decision(Kind.SUSPEND, "webhook_redirects")
    if 400 <= status < 500 and status not in RETRYABLE_STATUSES:
        return Decision(Kind.DEAD, "rejected")
    reason = {408: "timeout", 429: "throttled"}.get(status) or (
        "server_error" if status >= 500 else "unexpected_status"
    )
    return _retry(reason, wait, attempts, since, now, jitter)


def _retry(
    reason: str, wait: timedelta | None, attempts: int, since: datetime, now: datetime, jitter: float
) -> Decision:
    end = since + GIVE_UP_AFTER
    if now >= end:
        return Decision(Kind.DEAD, f"{reason}_for_24_hours")
    step = LADDER_SECONDS[min(attempts, len(LADDER_SECONDS)) - 1]
    ladder = timedelta(seconds=step * (1 + JITTER * jitter))
    # The last attempt is made when the 24 hours end, however long the receiver asked to wait.
    retry_at = min(now + max(ladder, wait or ladder), end)
    # One answer must not pause a channel for longer than the slowest step of the ladder.
    pause = now + min(wait, timedelta(seconds=LADDER_SECONDS[-1])) if wait else None
    return Decision(Kind.RETRY, reason, retry_at, pause)


def _asked_wait(answer: Answer, now: datetime) -> timedelta | None:
    """How long the receiver asked to wait: `Retry-After` (RFC 9110, seconds or a date) in the header or in the body."""
    header = next((value for name, value in answer.headers.items() if name.lower() == "retry-after"), "")
    header = header.strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", header):
        return timedelta(seconds=float(header))
    if header:
        try:
            at = parsedate_to_datetime(header)
        except ValueError:
            at = None
        if at is not None:
            return max(at.replace(tzinfo=at.tzinfo or UTC) - now, timedelta(0))
    named = re.search(r"retry[-_ ]?after\W{0,6}(\d{1,9}(?:\.\d+)?)", answer.body, re.IGNORECASE)
    return timedelta(seconds=float(named[1])) if named else None


# What Microsoft's connectors and flows write into a 200 when Teams refused the card. Other words for a failure do not
# count: "if you think this is an error" is politeness, and a receiver may echo the text of the event.
_FAILURE_SENTENCE = re.compile(
    r"\b(?:webhook|connector)\s+(?:message\s+)?delivery\s+failed\b"
    r"|\b(?:message\s+)?delivery\s+failed\s+with\s+error\b"
    r"|\bmicrosoft\s+teams\s+endpoint\s+returned\s+http\s+error\b"
    r"|\A\W*(?:message\s+)?delivery\s+failed\b",
    re.IGNORECASE,
)
_NAMED_STATUS = re.compile(
    r"\b(?:http|status|statuscode|code|error)\W{1,4}(?:\w+\W{1,4}){0,2}?([45]\d\d)\b", re.IGNORECASE
)
_ERROR_KEYS = frozenset({"error", "errors"})
_STATUS_KEYS = frozenset({"status", "statuscode", "status_code", "code"})
_NOTHING_WRONG = frozenset({"", "0", "none", "null", "false", "ok", "no", "no error", "no errors", "success"})
_JSON = json.JSONDecoder()


def _failure_in(body: str) -> tuple[bool, int | None]:
    """Whether the body of a 200 reports a failure, and the HTTP status that it names.

    A failure is the connector's sentence, or a JSON object with an error: `{"error": …}`, `{"statusCode": 429}`.
    """
    fields = _top_level(body)
    if fields is None:
        sentence = _FAILURE_SENTENCE.search(body)
        if sentence is None:
            return False, None
        named = _NAMED_STATUS.search(body, sentence.start())
        return True, int(named[1]) if named else None
    wrong = [value for key, value in fields.items() if key in _ERROR_KEYS and _reports_error(value)]
    # A flow may pass the connector's sentence on as the message of an object.
    wrong += [value for value in fields.values() if isinstance(value, str) and _FAILURE_SENTENCE.search(value)]
    status = _status_of(fields)
    if not wrong and status is None:
        return False, None
    for value in wrong:
        if status is None and isinstance(value, dict):
            status = _status_of({str(key).lower(): inner for key, inner in value.items()})
        if status is None and (named := _NAMED_STATUS.search(value if isinstance(value, str) else json.dumps(value))):
            status = int(named[1])
    return True, status


def _top_level(body: str) -> dict[str, Any] | None:
    """The fields of a JSON object, keys in lower case; None if the body is not an object.

    A long answer is stored in part: a value that is cut off counts as its text.
    """
    text = body.lstrip("\ufeff \t\r\n")
    if not text.startswith("{"):
        return None
    fields: dict[str, Any] = {}
    place = 1
    while key := _KEY.match(text, place):
        try:
            value, place = _JSON.raw_decode(text, key.end())
        except (ValueError, RecursionError):
            fields.setdefault(key[1].lower(), text[key.end() :])
            break
        fields[key[1].lower()] = value
    return fields if fields or text[1:].lstrip().startswith("}") else None


_KEY = re.compile(r"[\s,]*\"([^\"\\]{0,100})\"\s*:\s*")


def _reports_error(value: Any) -> bool:
    return value.strip().lower() not in _NOTHING_WRONG if isinstance(value, str) else bool(value)


def _status_of(fields: Mapping[str, Any]) -> int | None:
    """The 4xx or 5xx that an error object names as its status."""
    for key, value in fields.items():
        if key in _STATUS_KEYS and re.fullmatch(r"[45]\d\d", str(value)):
            return int(value)
    return None

"""What the parsers of several exchanges' answers share: rows that could not be read, times, OKX's envelope.

OKX's REST API, version 5, puts every answer into `{"code": "0", "msg": "", "data": […]}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from events.upstream.client import Payload, json_body
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift

# Timeouts, too many requests, a busy system: worth another try. https://www.okx.com/docs-v5/en/#error-code
_TRANSIENT_CODES = frozenset({"50001", "50004", "50011", "50013", "50026", "50040", "50061"})

# What identifies something in a row: a symbol, an asset, a status.
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


@dataclass(frozen=True)
class BadRow:
    """A row of a list that could not be read. It goes to quarantine; the other rows of the list are used.

    key: what identifies the row as far as it could be read. title: for people, or "". excerpt: the row, cut.
    """

    key: str
    title: str
    error: str
    excerpt: str


def milliseconds(value: Any) -> datetime | None:
    """Epoch milliseconds as aware UTC; None stays None. Raises ValueError that names the value."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"was {value!r:.80}, expected epoch milliseconds")
    try:
        moment = datetime.fromtimestamp(float(value) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"was {value!r:.80}, expected epoch milliseconds") from None
    if not 2000 < moment.year < 2200:
        raise ValueError(f"was {value!r:.80}, expected epoch milliseconds of this century")
    return moment


def refuse_nul(texts: str) -> None:
    """Raises ValueError where the texts of a row, one after the other, have a NUL or a lone surrogate.

    PostgreSQL does not store them. A pattern in `Name` would do the same, and costs four times as much as the rest of a
    row.
    """
    if "\0" in texts:
        raise ValueError(f"a name had a NUL: {texts!r:.80}")
    if not texts.isascii():
        texts.encode()


def okx_data(payload: Payload) -> list[Any]:
    """The rows of an answer.

    Raises RetryableError or PermanentError where `code` is not "0", SchemaDrift where there is no envelope.
    """
    return data_of(json_body(payload), payload)


def data_of(answer: Any, payload: Payload) -> list[Any]:
    """The rows of an answer that is already decoded. Raises as `okx_data`."""
    if not isinstance(answer, dict) or "code" not in answer:
        raise SchemaDrift(payload.source, "code", "an object with code and data", answer)
    code = str(answer["code"])
    if code != "0":
        message = f"OKX answered code {code}: {str(answer.get('msg') or 'no message')[:160]}"
        error = RetryableError if code in _TRANSIENT_CODES else PermanentError
        raise error(payload.source, payload.url, message)
    data = answer.get("data")
    if not isinstance(data, list):
        raise SchemaDrift(payload.source, "data", "a list", data)
    return data

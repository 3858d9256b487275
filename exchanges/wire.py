"""What the parsers of several exchanges' answers share: the row that could not be read, and the envelope of OKX.

OKX's REST API, version 5, puts every answer into `{"code": "0", "msg": "", "data": […]}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from events.upstream.client import Payload, json_body
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift

# Timeouts, too many requests, a busy system: worth another try. https://www.okx.com/docs-v5/en/#error-code
_PASSING = frozenset({"50001", "50004", "50011", "50013", "50026", "50040", "50061"})


@dataclass(frozen=True)
class BadRow:
    """A row of a list that could not be read. It goes to quarantine; the other rows of the list are used.

    key: what identifies the row as far as it could be read. title: for people, or "". excerpt: the row, cut.
    """

    key: str
    title: str
    error: str
    excerpt: str


def okx_data(payload: Payload) -> list[Any]:
    """The rows of an answer.

    Raises RetryableError or PermanentError where `code` is not "0", SchemaDrift where there is no envelope.
    """
    return data_of(json_body(payload), payload)


def data_of(answer: Any, payload: Payload) -> list[Any]:
    """The rows of an answer that is decoded already; errors as `okx_data`."""
    if not isinstance(answer, dict) or "code" not in answer:
        raise SchemaDrift(payload.source, "code", "an object with code and data", answer)
    code = str(answer["code"])
    if code != "0":
        message = f"OKX answered code {code}: {str(answer.get('msg') or 'no message')[:160]}"
        error = RetryableError if code in _PASSING else PermanentError
        raise error(payload.source, payload.url, message)
    data = answer.get("data")
    if not isinstance(data, list):
        raise SchemaDrift(payload.source, "data", "a list", data)
    return data

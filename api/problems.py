"""Refusals as problem details (RFC 9457), or as plain text for callers that read no JSON. Pure.

Source: https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

from crypto_ews.logs import masked

JSON, TEXT = b"application/problem+json", b"text/plain; charset=utf-8"


@dataclass(eq=False)
class Problem(Exception):
    """Why a request is refused. status: of HTTP. members: further members, e.g. `retry_after` in seconds.

    Not frozen: context managers set the traceback of an exception that passes through them.
    """

    status: int
    detail: str
    members: dict[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def body(self) -> dict[str, Any]:
        title = HTTPStatus(self.status).phrase
        # What holds for the data is a member of its own: `status` is HTTP's here.
        members = {name: masked(value) if isinstance(value, str) else value for name, value in self.members.items()}
        return {"type": "about:blank", "title": title, "status": self.status, "detail": masked(self.detail),
                "data_status": "unknown", **members}  # fmt: skip

    def encoded(self, accept: str = "") -> tuple[bytes, bytes]:
        """Content type and body, in a type that the caller reads. accept: its header."""
        reads_json = "json" in accept or "*/*" in accept or not accept
        if reads_json:
            return JSON, msgspec.json.encode(self.body())
        return TEXT, f"{self.status} {HTTPStatus(self.status).phrase}: {masked(self.detail)}\n".encode()

"""What can go wrong between a bot and the early-warning system, as words that code can match."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

REFUSALS: Final = frozenset({"credentials", "request", "redirect", "tls"})
"""Faults of the set-up. Somebody answered, and what was answered will be the same tomorrow: a wrong token, a wrong
address, a wrong certificate. They are no outage, so no `fail` mode makes anything of them but "no"."""

OUTAGES: Final = frozenset({"connect", "timeout", "broken", "malformed", "too_large", "limited", "server"})
"""Faults that pass: nobody answered, or nothing that is an answer."""

LOCAL: Final = frozenset({"closed", "internal"})
"""Faults on this side: the client was closed, or has an error of its own. Treated as refusals."""

DOUBTED: Final = "doubted"
"""An answer that may be another database's, an old copy, or too old. It stays an answer, and it is "no"."""

FAULTS: Final = REFUSALS | OUTAGES | LOCAL | {DOUBTED}


class EwsError(Exception):
    """No usable answer.

    `kind` is one of `FAULTS`; `detail` says what happened, and never holds the token; `http_status` is the answer's
    status where there was one; `retry_after` is in seconds, where the server gave it (at most 60 are waited).
    """

    def __init__(
        self, kind: str, detail: str, *, http_status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.http_status = http_status
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[type[EwsError], tuple[str, str]]:
        return type(self), (self.kind, self.detail)


def fault_kinds(kinds: str | Iterable[str]) -> frozenset[str]:
    """The kinds that `raise_for=` names: words of `FAULTS`, or "all". Raises ValueError for any other word."""
    if kinds == "all":
        return FAULTS
    chosen = frozenset((kinds,) if isinstance(kinds, str) else kinds)
    if unknown := sorted(chosen - FAULTS):
        raise ValueError(f"raise_for named {', '.join(unknown)}, expected words of {', '.join(sorted(FAULTS))}, or all")
    return chosen

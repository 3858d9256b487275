"""Lists of instruments that come each minute and change a few times a day: an unchanged one is not parsed again."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from events.upstream.client import Payload
from exchanges.announcements.sites.binance import milliseconds

# When Binance made the answer: all that differs from one minute to the next, and nothing that a parser reads.
_MADE_AT = re.compile(rb'"serverTime"\s*:\s*(\d+)')


def list_version(payload: Payload) -> bytes:
    """A value that is the same for two answers that list the same."""
    return hashlib.sha256(_MADE_AT.sub(b"", payload.body, count=1)).digest()


def server_time(payload: Payload) -> datetime | None:
    """When Binance made the answer; None where it does not say so."""
    found = _MADE_AT.search(payload.body)
    try:
        return milliseconds(int(found[1])) if found else None
    except ValueError:
        return None

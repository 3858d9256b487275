"""The text of a token: making, recognising and hashing it. Pure but for the random bits."""

from __future__ import annotations

import hashlib
import re
import secrets

PREFIX = "ews_"
_TEXT = re.compile(r"ews_[A-Za-z0-9_-]{43}")
SHOWN = 10
"""How many characters of a token people see: the prefix and 36 of its 256 bits."""


def new_token() -> str:
    """A token with 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether a text has the form of a token."""
    return _TEXT.fullmatch(text) is not None


def digest_of(token: str) -> str:
    """The SHA-256 of a token, in hexadecimal digits, as stored. A random token needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()

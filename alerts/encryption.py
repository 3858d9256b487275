"""Encrypts the secrets that admins enter, so that a database dump discloses none.

Scheme: Fernet (AES-128-CBC with HMAC-SHA256, of the `cryptography` package). The key is derived from SECRET_KEY by
HKDF-SHA256 (RFC 5869). SECRET_KEY_FALLBACKS decrypt as well, so that the key can be rotated.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


class DecryptionError(ValueError):
    """The text was encrypted with another SECRET_KEY, or is damaged."""


def _keys() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_key(key) for key in keys])


def _key(secret_key: str | bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"crypto_ews alerts receivers")
    return Fernet(urlsafe_b64encode(derived.derive(force_bytes(secret_key))))


def encrypt(text: str) -> str:
    """A Fernet token, in ASCII."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text of a token from `encrypt`. Raises DecryptionError."""
    try:
        return _keys().decrypt(token.encode()).decode()
    except InvalidToken:
        raise DecryptionError("it was encrypted with another SECRET_KEY; enter it again") from None

"""Secrets that admins type are kept encrypted, with a key made from Django's: a database dump gives none away."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


class DecryptionError(ValueError):
    """It was sealed with another SECRET_KEY, or is damaged."""


def _keys() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_key(key) for key in keys])


def _key(secret_key: str | bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"crypto_ews alerts receivers")
    return Fernet(urlsafe_b64encode(derived.derive(force_bytes(secret_key))))


def encrypt(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def decrypt(sealed: str) -> str:
    """Raises DecryptionError."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise DecryptionError("it was sealed with another SECRET_KEY; enter it again") from None

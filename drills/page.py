"""The pages of a drill: what the links of its cards lead to. Its own process serves them, from its own database.

The production's pages know nothing of a drill. The process has a secret key of its own, so that a link of a drill does
nothing on them, and the other way round.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.asgi import get_asgi_application

from events.daemon.webserver import Role, WebServer


@contextmanager
def settings_of_drill() -> Iterator[None]:
    """This process's own secret key and pages until the end."""
    with _changed(SECRET_KEY=secrets.token_urlsafe(48), SECRET_KEY_FALLBACKS=[], ROOT_URLCONF="drills.urls"):
        yield


@contextmanager
def served(host: str, port: int, base_url: str) -> Iterator[str]:
    """Serve them on HOST:PORT; gives the base URL of the links. base_url: "" for that of the server itself.

    Raises OSError where the address cannot be had.
    """
    role = Role()
    role.leading = True
    server = WebServer(host, port, role, get_asgi_application(), lambda: (200, {"drill": True}))
    url = (base_url or server.url).rstrip("/")
    parts = urlsplit(url)
    name = str(parts.hostname)
    hosts = [f"[{name}]" if ":" in name else name, f"[{host}]" if ":" in host else host]
    secure = parts.scheme == "https"
    with _changed(
        ALLOWED_HOSTS=hosts,
        CSRF_TRUSTED_ORIGINS=[f"{parts.scheme}://{parts.netloc}"],
        CSRF_COOKIE_SECURE=secure,
        SESSION_COOKIE_SECURE=secure,
    ):
        server.start()
        try:
            yield url
        finally:
            server.stop()


@contextmanager
def _changed(**values: Any) -> Iterator[None]:
    before = {name: getattr(settings, name) for name in values}
    for name, value in values.items():
        setattr(settings, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)

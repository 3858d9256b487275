"""The API as the daemon serves it: uvicorn on loopback, the gateway, Django behind it, the test database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from api.models import Scope
from api.tokens.store import make_token
from tests.support.web_server import serving


@pytest.fixture
def api_url(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The base URL of a leading daemon's web server, without a slash at its end."""
    from crypto_ews.asgi import application

    with serving(application, monkeypatch) as url:
        yield url


@pytest.fixture
def token_of(transactional_db: None) -> Callable[..., str]:
    """Makes a token with the scopes that are named."""

    def make(*scopes: str, name: str = "bot") -> str:
        return make_token(name, scopes or (Scope.READ,), datetime.now(UTC), "test")

    return make


@pytest.fixture
def reader(api_url: str, token_of: Callable[..., str]) -> Iterator[httpx.Client]:
    """A client with a token that may read."""
    headers = {"Authorization": f"Bearer {token_of()}"}
    with httpx.Client(base_url=api_url, headers=headers, trust_env=False) as client:
        yield client

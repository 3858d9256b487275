"""The OpenAPI document: complete, committed, and changed only with a word in the changelog; scopes everywhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from api.gateway import DOORS
from api.models import ApiToken, Scope
from api.rest.document import document, operations, text
from tests.api.support import problem

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "docs" / "openapi.json"


def described() -> list[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of the document."""
    return [
        (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_document_is_this_one() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(), (
        "run: .venv/bin/python manage.py openapi > docs/openapi.json"
    )


def test_a_change_of_the_document_has_a_line_in_the_changelog() -> None:
    digest = hashlib.sha256(COMMITTED.read_bytes()).hexdigest()[:12]
    unreleased = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1]
    assert f"`{digest}`" in unreleased, (
        f"docs/openapi.json has changed: describe the change under Unreleased, and put the digest `{digest}` there"
    )


def test_every_operation_has_a_scope_and_every_door_is_described() -> None:
    # One that declares none lets nobody in, and its scope is None here.
    scopes = {(path, method): operation.scope for path, method, operation in operations()}
    doors = {(at.pattern, method.lower()): needed for at in DOORS for method, (needed, _) in at.methods.items()}
    doors |= {(at.pattern, "get"): at.websocket[0] for at in DOORS if at.websocket}
    assert all(scope in Scope.values for scope in scopes.values()), scopes
    shown = {(path, method): operation["x-scope"] for path, method, operation in described()}
    assert shown == scopes | doors
    names = [operation["operationId"] for _, _, operation in described()]
    assert len(names) == len(set(names))


def test_what_writes_needs_the_scope_act(api_url: str, token_of: Callable[..., str]) -> None:
    """Wrong scope 403, expired 401, in the caller's content type, for every operation of the document."""
    trade, expired = token_of("trade", name="trade"), token_of("read", "act", name="expired")
    ApiToken.objects.filter(name="expired").update(expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    reading = {"can_trade_many", "ticket"}
    # What the desk holds is no bot's to read.
    private = {"one_book"}
    with httpx.Client(base_url=api_url, trust_env=False) as client:
        for number, (path, method, operation) in enumerate(described()):
            writes = method != "get" and operation["operationId"] not in reading
            assert (operation["x-scope"] == "act") == (writes or operation["operationId"] in private)
            if operation["operationId"] in ("websocket", "producer"):
                continue
            url = re.sub(r"{\w+}", "1", path)
            refused = client.request(method, url, headers={"Authorization": f"Bearer {trade}"})
            if operation["x-scope"] == "pairs":
                assert (refused.status_code, refused.headers["content-type"]) == (403, "text/plain; charset=utf-8")
                continue
            assert f"lacks the scope '{operation['x-scope']}'" in problem(refused, 403)
            if number % 3:
                # Who comes with wrong tokens too often gets 429.
                continue
            headers = {"Authorization": f"Bearer {expired}", "Accept": "text/plain"}
            refused = client.request(method, url, headers=headers)
            assert refused.status_code == 401 and refused.headers["content-type"].startswith("text/plain")
            assert "expired" in refused.text and refused.headers["www-authenticate"] == "Bearer"
        problem(client.get("/api/v1/events"), 401)

"""The OpenAPI document: ninja's operations, the hot doors, and every refusal that each of them can answer with.

In a browser: ninja's copy of Swagger UI, which asks nobody outside. The strict policy of our pages holds for it, since
the script that starts it is a file of its own.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.rest.access import Needs
from api.rest.application import JSON, accepted_types, rest
from api.rest.hot_paths import PATHS, SCHEMAS
from events.daemon.page_access import login_off_loopback

PREFIX = "/api/v1"
_REFUSALS = {
    400: "A token stands in the URL.",
    401: "No token, or one that is unknown, revoked or expired.",
    403: "The token lacks the scope.",
    404: "There is no such thing.",
    408: "The body took too long.",
    409: "It is so already, or has ended.",
    413: "The body is too large.",
    415: "The body has another content type.",
    422: "What was given is unusable: `detail` has thing, value and what was expected.",
    429: "Too many requests for this token; the header Retry-After says when.",
    500: "A fault of ours; the log has it.",
    503: "The database cannot be read, or too many requests wait. This is no answer: treat it as unknown.",
}
_EVERYWHERE = (400, 401, 403, 422, 429, 500, 503)
_WITHOUT_TAG = ("can_trade", "risk_of_asset", "stream", "websocket")
_WITHOUT_AGE = ("stream", "websocket", "producer", "ticket")
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A request with the same key and body acts once for a token and path; a retry gets 200.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}
_PROBLEM = {
    "description": "A refusal (RFC 9457). It never means that there is no risk.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "data_status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "description": "Of HTTP."},
        "detail": {"type": "string"},
        "data_status": {"type": "string", "enum": ["unknown"], "description": "What is known of the data: nothing."},
        "errors": {
            "type": "array",
            "description": "Each unusable field with its value (null: not given) and what was expected.",
            "items": {"type": "object", "additionalProperties": True},
        },
    },
    "additionalProperties": True,
}


@cache
def document() -> dict[str, Any]:
    """The whole document. Made once; nobody changes it."""
    made = json.loads(json.dumps(rest.get_openapi_schema(path_prefix=f"{PREFIX}/"), default=str))
    for path, method, operation in operations():
        made["paths"][path][method]["x-scope"] = operation.scope
        made["paths"][path][method]["operationId"] = operation.name
    made["paths"] |= json.loads(json.dumps(PATHS))
    made["paths"] = dict(sorted(made["paths"].items()))
    for path, methods in made["paths"].items():
        for method, described in methods.items():
            _complete(path, method, described)
    made["components"]["responses"] = {f"Problem{status}": _problem(status) for status in _REFUSALS}
    schemas = json.loads(json.dumps({**made["components"]["schemas"], **SCHEMAS, "Problem": _PROBLEM}))
    used = _used({"paths": made["paths"], "responses": made["components"]["responses"]}, schemas)
    made["components"]["schemas"] = {name: schemas[name] for name in sorted(used)}
    made["components"]["securitySchemes"] = {"token": Needs.openapi_security_schema}
    made["components"]["headers"] = {
        "X-Age-Ms": {
            "description": "Milliseconds since `as_of` at the moment of sending; without it nobody knows.",
            "schema": {"type": "integer"},
        }
    }
    return dict(made)


@cache
def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


@require_safe
@login_off_loopback
def docs_page(request: HttpRequest) -> HttpResponse:
    """`/api/docs`, for whom the other pages are for."""
    return render(request, "api/docs.html")


@require_safe
@login_off_loopback
def openapi_page(request: HttpRequest) -> HttpResponse:
    """`/api/openapi.json`: what `docs/openapi.json` of this release has."""
    response = HttpResponse(text(), content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


class Operation:
    """An operation of ninja. scope: None where it declares none, and so lets nobody in."""

    def __init__(self, operation: Any) -> None:
        auth = operation.auth_callbacks
        self.scope: str | None = auth[0].scope if len(auth) == 1 and isinstance(auth[0], Needs) else None
        self.name: str = operation.view_func.__name__
        self.types = accepted_types(operation)


def operations() -> list[tuple[str, str, Operation]]:
    """(path, method in lower case, operation) of everything that ninja serves."""
    return [
        (PREFIX + path, method.lower(), Operation(operation))
        for bound in rest._get_bound_routers()
        for path, view in bound.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


def _complete(path: str, method: str, described: dict[str, Any]) -> None:
    """Add what holds for every operation: its security, the age of its answer, its refusals."""
    described["security"] = [{"token": []}]
    for parameter in described.get("parameters", ()):
        parameter.setdefault("required", False)
        _without_null(parameter)
    if described["x-scope"] == "act" and method == "post":
        described["parameters"] = [*described.get("parameters", ()), _IDEMPOTENCY_KEY]
    responses = {str(status): response for status, response in described["responses"].items()}
    for response in responses.values() if described["operationId"] not in _WITHOUT_AGE else ():
        response["headers"] = {"X-Age-Ms": {"$ref": "#/components/headers/X-Age-Ms"}}
    statuses = set(_EVERYWHERE)
    if method == "get" and described["operationId"] not in _WITHOUT_TAG and described["x-scope"] != "pairs":
        responses["304"] = {
            "description": "As the caller's If-None-Match has it.",
            "headers": {"X-Age-Ms": {"$ref": "#/components/headers/X-Age-Ms"}},
        }
    if "{" in path:
        statuses.add(404)
    if "requestBody" in described:
        statuses |= {408, 413, 415}
        described["requestBody"].setdefault("content", {JSON: {}})
    if described["x-scope"] == "act" and method != "get":
        statuses.add(409)
    responses |= {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}
    described["responses"] = dict(sorted(responses.items()))


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    types = {"application/problem+json": {"schema": schema}, "text/plain": {"schema": {"type": "string"}}}
    return {"description": _REFUSALS[status], "content": types}


def _without_null(parameter: dict[str, Any]) -> None:
    """What is left out is null; the word "null" in a query is not."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        parameter["schema"] = {**schema, **kinds[0]}


def _used(part: Any, schemas: dict[str, Any]) -> set[str]:
    """The names of the schemas that a part of the document refers to, directly or through others."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        match waiting.pop():
            case {"$ref": str(reference)} if reference.startswith("#/components/schemas/"):
                name = reference.rpartition("/")[2]
                if name not in found:
                    found.add(name)
                    waiting.append(schemas[name])
            case dict(members):
                waiting += members.values()
            case list(items):
                waiting += items
    return found

"""The endpoints that go through Django: lists, single events, acts. The gateway has authenticated the caller."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError, ValidationErrorContext
from ninja.operation import Operation

from api.problems import Problem
from api.rest import access, alerts, assets, events, history, reviews, sources
from api.rest.acts import event_acts, positions, silences
from api.rest.acts.audit import note_refusal, was_done
from api.rest.envelope import Renderer, add_headers, snapshot
from api.rest.inputs import Parser, of_pydantic, unusable

logger = logging.getLogger(__name__)

DESCRIPTION = """\
Early warnings for crypto trading. Every body has `as_of`, `seq`, `status` and `stale_sources`, and every answer the
header `X-Age-Ms`: only `fresh` is an answer to rely on; `stale` and `unknown` forbid opening, never closing. An error
is a problem of RFC 9457 and never means "no risk". Times are ISO 8601 in UTC, decimals are strings, unknown parameters
are refused.
"""


class Rest(NinjaAPI):
    """ninja, but its errors keep the values that were given: a caller is told what was wrong."""

    def validation_error_from_error_contexts(self, error_contexts: list[ValidationErrorContext]) -> ValidationError:
        found = []
        for context in error_contexts:
            model = context.model
            for error in context.pydantic_validation_error.errors(include_url=False):
                location = (
                    model.__ninja_param_source__,
                    *model.__ninja_flatten_map_reverse__.get(error["loc"], error["loc"]),
                )
                found.append({**error, "loc": location})
        return ValidationError(found)


rest = Rest(
    title="Crypto early warning",
    version="1",
    description=DESCRIPTION,
    auth=access.nobody,
    renderer=Renderer(),
    parser=Parser(),
    docs_url=None,
    openapi_url=None,
)
# Imported so that they register their operations.
MODULES = (events, event_acts, alerts, silences, reviews, sources, assets, history, positions)
rest.add_router("", access.router)
JSON = "application/json"


def problem_of(error: Exception) -> Problem:
    """The refusal that a caller reads for an exception. What is a fault of ours is logged, with its traceback."""
    match error:
        case Problem():
            return error
        case ValidationError():
            return of_pydantic(error.errors)
        case AuthenticationError():
            return access.no_caller()
        case HttpError(__cause__=Problem() as refused):
            return refused
        case HttpError():
            # ninja: a body that is no JSON.
            return Problem(422, f"the body was unusable, expected JSON: {error}")
        case Http404():
            return Problem(404, str(error) or "there is no such thing")
        case SuspiciousOperation():
            return Problem(422, f"the request was unusable: {error}")
        case OperationalError() | InterfaceError():
            logger.warning("a request of the API failed: %s", error)
            return Problem(503, "the database cannot be read, or took too long", headers=((b"retry-after", b"2"),))
        case _:
            logger.error("a request of the API failed", exc_info=error)
            return Problem(500, f"internal error: {type(error).__name__}; the log of the server has more")


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A refusal, in a content type that the caller reads."""
    content_type, body = problem.encoded(request.headers.get("Accept", ""))
    response = HttpResponse(body, status=problem.status, content_type=content_type.decode())
    for name, value in problem.headers:
        response[name.decode()] = value.decode()
    return response


def _refuse(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)
    problem = problem_of(error)
    if was_done(request):
        if problem.status >= 500:
            late = f"it was done, and only the answer could not be read: {problem.detail}"
            problem = replace(problem, detail=late)
    else:
        note_refusal(request, problem)
    return problem_response(request, problem)


def accepted_types(operation: Operation) -> list[str]:
    """The content types of an operation's body; none: it has no body."""
    extra = (operation.openapi_extra or {}).get("requestBody", {}).get("content", {})
    has_body = any(model.__ninja_param_source__ == "body" for model in operation.models)
    return list(extra) or ([JSON] if has_body else [])


def parameters_of(operation: Operation) -> set[str]:
    """The names of the parameters in an operation's query."""
    models = [model for model in operation.models if model.__ninja_param_source__ == "query"]
    return {str(name) for model in models for name in model.__ninja_flatten_map__}


def _repeatable(operation: Operation, name: str) -> bool:
    return any(name in getattr(model, "__ninja_collection_fields__", ()) for model in operation.models)


def _check(request: HttpRequest, operation: Operation) -> None:
    """Raises Problem for a parameter that nothing would read, and for a body in another type than is read."""
    known = parameters_of(operation)
    if unknown := sorted(set(request.GET) - known):
        listed = f"one of {', '.join(sorted(known))}" if known else "no parameter"
        raise unusable([(unknown[0], request.GET[unknown[0]], listed)])
    for name, values in request.GET.lists():
        if len(values) > 1 and not _repeatable(operation, name):
            raise unusable([(name, " and ".join(map(repr, values)), "one value")])
    types = accepted_types(operation)
    if request.body and types and request.content_type not in types:
        raise Problem(415, f"Content-Type was {(request.content_type or '')[:80]!r}, expected {' or '.join(types)}")


def _guarded(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Around every operation: what it reads is one snapshot, and what nobody would read is refused."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]

    @wraps(run)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        try:
            access.admit(request, operation.auth_callbacks)
            _check(request, operation)
            if request.method == "GET":
                with snapshot():
                    response = run(request, **arguments)
            else:
                response = run(request, **arguments)
        except (Problem, SuspiciousOperation, OperationalError, InterfaceError) as error:
            return _refuse(request, error)
        add_headers(request, response)
        return response

    return guarded


rest.add_decorator(_guarded, mode="view")
for kind in (Exception, ValidationError, AuthenticationError, HttpError, Http404):
    rest.add_exception_handler(kind, _refuse)

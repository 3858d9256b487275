"""Where operations register, and who may call them: one that declares no scope lets nobody in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.http import HttpRequest
from ninja import Router

from alerts.audit import Actor, address_in
from api.models import Scope
from api.problems import Problem
from api.tokens.directory import Caller

# One for all modules: ninja would answer 405 to the second method of a path that two routers have.
router = Router()


def caller_of(request: HttpRequest) -> Caller | None:
    """Whom the gateway let in; None under a server without the gateway, which lets nobody in."""
    return cast("Caller | None", getattr(request, "scope", {}).get("ews_caller"))


def actor_of(request: HttpRequest) -> Actor:
    """The caller as the audit logs name it: the token, and where the request came from."""
    caller = caller_of(request)
    assert caller is not None, "the operation has no scope"
    return Actor(caller.name, "api", address=address_in(request))


class Needs:
    """Authentication of an operation, for ninja's `auth`: the caller must have this scope."""

    openapi_security_schema: dict[str, Any] = {
        "type": "http",
        "scheme": "bearer",
        "description": "A token from `manage.py apitoken NAME --scope read`, or made in the admin.",
    }

    def __init__(self, scope: str) -> None:
        """Raises ValueError for a scope that does not exist."""
        self.scope = Scope(scope).value

    def __call__(self, request: HttpRequest) -> Caller:
        caller = caller_of(request)
        if caller is None:
            raise no_caller()
        if not caller.may(self.scope):
            raise Problem(403, f"the token {caller.name!r} lacks the scope {self.scope!r}")
        return caller


def admit(request: HttpRequest, checks: Sequence[Callable[[HttpRequest], object]]) -> None:
    """Run an operation's authentication, before anything else is read of the request. Raises Problem (401, 403)."""
    for check in checks or (nobody,):
        check(request)


def nobody(request: HttpRequest) -> Caller:
    """Authentication of an operation that declares no scope. Raises Problem (403), always."""
    raise Problem(403, "this operation declares no scope, so that nobody may call it")


def no_caller() -> Problem:
    return Problem(
        401,
        "no token was given, expected the header `Authorization: Bearer ews_…`",
        headers=((b"www-authenticate", b"Bearer"),),
    )


READ, ACT = Needs(Scope.READ), Needs(Scope.ACT)

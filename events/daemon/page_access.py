"""Access to the pages that need no account on the local machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from crypto_ews.conf import get_config
from events.daemon.webserver import EXPOSURE, is_loopback

View = Callable[..., Any]


# A request with one of these headers came through a proxy.
_OF_PROXIES = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")


def asks_for_login(request: HttpRequest, user: Any) -> bool:
    """Whether this visitor has to log in first: not where only this machine reaches the pages.

    A proxy in front of us while PUBLIC_BASE_URL has its default is detected by the headers of its requests.
    """
    public_host = urlsplit(get_config().public_base_url).hostname
    asked_host = urlsplit(f"//{request.get_host()}").hostname
    local = is_loopback(asked_host) and is_loopback(request.META.get("REMOTE_ADDR"))
    forwarded = any(name in request.headers for name in _OF_PROXIES)
    private = EXPOSURE.is_private(public_host) and local and not forwarded
    return not private and not (user.is_active and user.is_staff)


def login_off_loopback(view: View) -> View:
    """Decorator of a view: for logged-in staff, and on the local machine for everybody.

    A page redirects to the login, which returns to it; a request of a script is answered with 401.
    """
    if iscoroutinefunction(view):

        @wraps(view)
        async def asynchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if asks_for_login(request, await request.auser()):
                return _refusal(request)
            return await cast("Awaitable[HttpResponseBase]", view(request, *args, **kwargs))

        return asynchronous

    @wraps(view)
    def synchronous(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if asks_for_login(request, request.user):
            return _refusal(request)
        return cast("HttpResponseBase", view(request, *args, **kwargs))

    return synchronous


def _refusal(request: HttpRequest) -> HttpResponseBase:
    if "text/html" in request.headers.get("Accept", ""):
        return redirect_to_login(request.get_full_path())
    return JsonResponse({"error": "log in first"}, status=401)

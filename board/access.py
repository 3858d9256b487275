"""Who sees the board: staff who are logged in. It shows what the desk watches, holds and does."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse

View = Callable[..., HttpResponse]


def for_staff(view: View) -> View:
    """Decorator of a view. A page leads to the login and back; a request of a script is answered with 401."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        if user.is_active and user.is_staff:
            response = view(request, *args, **kwargs)
            # Of one person, and of this moment.
            response.setdefault("Cache-Control", "no-store, private")
            return response
        if "text/html" in request.headers.get("Accept", ""):
            return redirect_to_login(request.get_full_path())
        return JsonResponse({"error": "log in first"}, status=401)

    return checked

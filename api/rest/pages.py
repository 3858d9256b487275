"""Pages of lists by keyset: the next page begins after the last item, whatever is inserted meanwhile.

The key is the primary key, which never changes: a page by a time would lose rows whose time changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from api.problems import Problem
from api.rest.inputs import Filters

Row = TypeVar("Row", bound=Model)
_SALT = "api.rest.pages"


def page(
    request: HttpRequest, rows: QuerySet[Row], filters: Filters, newest_first: bool = True
) -> tuple[Sequence[Row], str | None]:
    """The rows of a page, and the cursor of the next one; None: this is the last.

    Raises Problem (422) for a cursor of another list or of other filters.
    """
    of = digest_of(request.path, filters.chosen())
    if filters.cursor is not None:
        after = read_cursor(filters.cursor, of)
        rows = rows.filter(pk__lt=after) if newest_first else rows.filter(pk__gt=after)
    found = list(rows.order_by("-pk" if newest_first else "pk")[: filters.limit + 1])
    shown = found[: filters.limit]
    return shown, cursor(of, shown[-1].pk) if len(found) > len(shown) else None


def cursor(of: str, after: Any) -> str:
    """Signed: a key that a caller made up could be any."""
    return Signer(salt=_SALT).sign_object([of, after])


def digest_of(path: str, chosen: dict[str, Any]) -> str:
    """What a cursor belongs to: a list and its filters."""
    written = json.dumps([path, chosen], sort_keys=True, default=str)
    return hashlib.blake2b(written.encode(), digest_size=8).hexdigest()


def read_cursor(text: str, of: str) -> Any:
    """The key of a cursor. Raises Problem (422)."""
    expected = "`next` of a page of this list, with the same filters"
    try:
        belongs_to, after = Signer(salt=_SALT).unsign_object(text)
    except (BadSignature, ValueError, TypeError):
        raise Problem(422, f"cursor was {text[:80]!r}, expected {expected}") from None
    if belongs_to != of:
        raise Problem(422, f"cursor was one of another list or of other filters, expected {expected}")
    return after

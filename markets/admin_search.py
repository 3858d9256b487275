"""Search of tokens by any name that they have or had: a search for FTM finds S, and the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest

from markets.identity_store import known_identity

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin as _Admin
else:
    _Admin = object


def searched_tokens(text: str) -> frozenset[str]:
    """The tokens that rows of any time may carry for a typed name."""
    return known_identity().ever(text.strip()) if text.strip() else frozenset()


class TokenSearchMixin(_Admin):
    """For an admin of rows with a `token`."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, repeats = super().get_search_results(request, queryset, search_term)
        names = searched_tokens(search_term)
        return (found | queryset.filter(token__in=names) if names else found), repeats

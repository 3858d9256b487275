"""Small answers that the board asks for beside its stream: whose name is this, and what of it do we hold."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from alerts.rendering.places import positions_text
from board.access import for_staff
from crypto_ews.conf import get_config
from events import clock
from events.positions.phrases import touched
from events.positions.store import exposures_of_open, stored_positions
from markets.identity_store import known_identity
from markets.names import WrongName, typed_name

_LONGEST = 64


@for_staff
@require_GET
def names(request: HttpRequest) -> HttpResponse:
    """The tokens that `?q=` may name: XBT is BTC, FTM finds S. None where it is no name."""
    typed, now = request.GET.get("q", "").strip()[:_LONGEST], clock.now()
    identity = known_identity()
    try:
        asset = typed_name(typed, identity, now).asset
    except WrongName:
        return JsonResponse({"tokens": []})
    found = {asset, *identity.former_names(asset, now), *identity.names_everywhere(asset, now)}
    return JsonResponse({"tokens": sorted(found)})


@for_staff
@require_GET
def held(request: HttpRequest) -> HttpResponse:
    """Event → what of the desk's positions it touches, for those who may see them; null: no positions are stored."""
    if not request.user.has_perm("events.view_position"):
        return JsonResponse({"error": "you may not see positions"}, status=403)
    now = clock.now()
    positions = stored_positions(now)
    if positions is None:
        return JsonResponse({"held": None})
    fresh_for = get_config().positions_max_age
    texts = {
        str(event_id): positions_text(touched(exposures, now, fresh_for))
        for event_id, exposures in exposures_of_open(positions).items()
    }
    return JsonResponse({"held": texts})

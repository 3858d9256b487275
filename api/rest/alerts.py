"""`GET /alerts`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query

from alerts.models import Alert
from api.rest.access import READ, router
from api.rest.bodies import AlertPage
from api.rest.envelope import enveloped
from api.rest.event_rows import alert_bodies
from api.rest.inputs import Filters, Key, Moment, Name
from api.rest.pages import page
from events.enums import AlertReason


class AlertFilters(Filters):
    state: Alert.State | None = Field(
        None, description="held: deferred; muted: suppressed; dead: given up. See docs/alerts.md."
    )
    reason: AlertReason | None = None
    channel: Name | None = None
    event: Key | None = None
    since: Moment | None = Field(None, description="Queued at or after this.")


@router.get("/alerts", auth=READ, response=AlertPage, tags=["alerts"])
def list_alerts(request: HttpRequest, filters: Query[AlertFilters]) -> dict[str, Any]:
    """Alerts, the newest first, with what each stage decided and every attempt to send them."""
    envelope = enveloped(request)
    given = {
        "state": filters.state,
        "reason": filters.reason,
        "channel": filters.channel,
        "event_id": filters.event,
        "queued_at__gte": filters.since,
    }
    rows = Alert.objects.filter(**{name: value for name, value in given.items() if value is not None})
    shown, following = page(request, rows.prefetch_related("tries"), filters)
    return {**envelope, "items": alert_bodies(shown), "next": following}

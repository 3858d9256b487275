"""Can this screen be trusted: each source with the age of its answer and of its content."""

from __future__ import annotations

from typing import Any

from events import registry
from events.models import SourceHealth

_FIELDS = (
    "source", "state", "interval_seconds", "last_success_at", "content_at", "content_bound_seconds", "content_overdue",
    "consecutive_failures", "last_error", "last_error_at",
)  # fmt: skip


def sources() -> list[dict[str, Any]]:
    """Every source, those that do not answer first. unseen: what nobody sees while it cannot be read."""
    rows = [
        {**row, "unseen": registry.unseen(row["source"])}
        for row in SourceHealth.objects.order_by("source").values(*_FIELDS)
    ]
    return sorted(rows, key=lambda row: (row["state"] == SourceHealth.State.OK, row["source"]))

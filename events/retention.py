"""How long it is kept who was told what, and who did what."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry

from events import registry
from events.database.delete import delete_in_batches


def prune(now: datetime, keep_days: float) -> dict[str, int]:
    """Drop what is older than `keep_days` days from every registered trail; rows dropped, by trail."""
    before = now - timedelta(days=keep_days)
    return {name: drop(before) for name, drop in registry.audit_trails().items()}


def prune_admin_log(before: datetime) -> int:
    """Django's own record of every change in the admin, with its user."""
    return delete_in_batches(LogEntry.objects.filter(action_time__lt=before).order_by("action_time"))

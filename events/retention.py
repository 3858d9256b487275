"""Deletes old audit rows: who was notified of what, and who did what."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry

from events import registry
from events.database.delete import delete_in_batches


def prune(now: datetime, keep_days: float) -> dict[str, int]:
    """Delete rows older than `keep_days` days from every registered audit trail; returns the counts by trail."""
    before = now - timedelta(days=keep_days)
    return {name: drop(before) for name, drop in registry.audit_trails().items()}


def prune_admin_log(before: datetime) -> int:
    """Delete Django's log of changes in the admin, with their users; returns how many rows."""
    return delete_in_batches(LogEntry.objects.filter(action_time__lt=before).order_by("action_time"))

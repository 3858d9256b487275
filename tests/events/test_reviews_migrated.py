"""Migrating back and forth with reviews in the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from events import clock
from events.models import Review
from events.reviews import open_reviews
from tests.events.risk_view.support import query
from tests.events.test_reviews import draft
from tests.upgrades.databases import fresh_database


@pytest.mark.long
def test_reviews_that_were_there_before_the_migration_count(django_db_setup: None, django_db_blocker: Any) -> None:
    with fresh_database("ews_reviews_migrated", django_db_blocker):
        call_command("migrate", verbosity=0, interactive=False)
        now = clock.now()
        open_reviews([draft(now)], now)
        state = query("SELECT reviews_until, reviewed_names FROM risk_view_state")
        assert state[0][1] == ["XYZ", "XYZUSDT"]
        call_command("migrate", "events", "0016", verbosity=0, interactive=False)
        call_command("migrate", verbosity=0, interactive=False)
        assert query("SELECT reviews_until, reviewed_names FROM risk_view_state") == state
        call_command("migrate", "events", "0015", verbosity=0, interactive=False)
        call_command("migrate", verbosity=0, interactive=False)
        assert not Review.objects.exists()
        assert query("SELECT reviews_until, reviewed_names FROM risk_view_state") == [(None, [])]

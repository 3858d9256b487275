"""The first migration of the risk view is taken back and made again."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.events.risk_view.support import make_event, query, view_events
from tests.upgrades.databases import fresh_database


@pytest.mark.long
def test_the_first_migration_of_the_view_can_be_taken_back_and_made_again(
    django_db_setup: None, django_db_blocker: Any
) -> None:
    # A database of its own: what depends on a table that is dropped here goes with it, and other tests need it.
    with fresh_database("ews_taken_back", django_db_blocker):
        call_command("migrate", verbosity=0, interactive=False)
        take_the_view_back_and_make_it_again()


def take_the_view_back_and_make_it_again() -> None:
    make_event({"token": "ABC"})
    loader = MigrationLoader(connection)
    later = loader.get_migration("events", "0004_can_trade")
    migration = loader.get_migration("events", "0002_risk_view")
    before = loader.project_state(("events", "0001_initial"))
    between = loader.project_state([("events", "0003_clock_state"), ("markets", "0002_can_trade")])
    latest = loader.get_migration("events", "0013_view_history")
    with connection.schema_editor() as editor:
        latest.unapply(between.clone(), editor)
    with connection.schema_editor() as editor:
        later.unapply(between.clone(), editor)
    with connection.schema_editor() as editor:
        migration.unapply(before.clone(), editor)
    try:
        assert query("SELECT to_regclass('token_risk_view'), to_regtype('risk_action')") == [(None, None)]
    finally:
        with connection.schema_editor() as editor:
            migration.apply(before.clone(), editor)
        with connection.schema_editor() as editor:
            later.apply(between.clone(), editor)
        # Its enum came without the words that a later migration adds.
        with connection.schema_editor(atomic=False) as editor:
            loader.get_migration("events", "0008_wallet_states").apply(between.clone(), editor)
        with connection.schema_editor() as editor:
            latest.apply(between.clone(), editor)
    assert sorted(view_events()) == ["ABC"]

"""A backup carries the ledger: what an anchor proved before, it proves of the restored database too."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from events.database.backup import restore
from events.database.bot_role import LEDGER_OWNER
from events.ledger.history import view_at
from events.ledger.seals import seal_all
from events.ledger.verification import head, verify
from tests.events.ledger.test_history import now_of_database
from tests.events.ledger.test_owner import PLAIN, as_role, owners
from tests.events.risk_view.support import make_event, query
from tests.support.daemon_process import eventually
from tests.upgrades.databases import fresh_database

pytestmark = pytest.mark.long
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
LIMIT = 12
CALLED_BY_ALL = (
    "SELECT oid::regprocedure::text FROM pg_proc WHERE proname ~ '^(ledger|view_changed)_'"
    " AND pronamespace = current_schema()::regnamespace AND has_function_privilege('ews_bot', oid, 'EXECUTE')"
)


def seal_everything() -> None:
    eventually(lambda: seal_all() >= 0 and verify({}).unsealed == 0, 30, "all is sealed")


@pytest.mark.parametrize("plain", [False, True], ids=["of a superuser", "of a plain role"])
def test_anchors_history_and_owner_survive_a_backup(
    plain: bool, django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> None:
    file = tmp_path / "ews.dump"

    def fill() -> tuple[tuple[int, bytes], datetime, list[dict[str, Any]]]:
        call_command("migrate", verbosity=0, interactive=False)
        event = make_event({"token": "KEPT"})
        then = now_of_database()
        was = view_at(then)
        query("UPDATE events_event SET status = 'closed', closed_at = now() WHERE id = %s", event.pk)
        seal_everything()
        anchor = head()
        assert anchor is not None and verify(dict([anchor])).ok
        make_event({"token": "LATER"})
        call_command("backup", str(file), verbosity=0)
        return anchor, then, was

    with fresh_database("ews_carried", django_db_blocker) as name:
        if plain:
            with as_role(PLAIN, name, "CREATEROLE"):
                anchor, then, was = fill()
        else:
            anchor, then, was = fill()
    # The role that made the dump is not there any more.
    with fresh_database("ews_arrived", django_db_blocker):
        restore(file, NOW, LIMIT)
        assert owners() == {LEDGER_OWNER}
        assert query(CALLED_BY_ALL) == []
        assert view_at(then) == was and [row["token"] for row in was] == ["KEPT"]
        assert [row["token"] for row in view_at(now_of_database())] == ["LATER"]
        assert query("SELECT kind FROM ledger ORDER BY n DESC LIMIT 1") == [("restored",)]
        make_event({"token": "AFTER"})
        seal_everything()
        report = verify(dict([anchor]))
        assert report.findings == [] and report.proven_to == anchor[0] and report.seals > anchor[0]
        # Restored again over itself: as before, and one era on.
        ((era,),) = query("SELECT era FROM ledger_state")
        restore(file, NOW, LIMIT, replace=True)
        assert query("SELECT era FROM ledger_state") == [(era,)]
        seal_everything()
        assert verify(dict([anchor])).ok

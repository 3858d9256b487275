"""The dump of the next release can be made with the code of today, and is read and migrated again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from events.ledger.verification import verify
from tests.events.risk_view.support import query
from tests.upgrades.databases import fresh_database, load

pytestmark = pytest.mark.long


def test_todays_schema_is_filled_dumped_and_read_again(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> None:
    # A process of its own, as settings are read once: whatever is too strict for the dump's own is found here.
    dump = tmp_path / "release_9_9.sql"
    made = subprocess.run(
        [sys.executable, "-m", "tests.upgrades.make_dump", str(dump)],
        capture_output=True, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-2000:]
    with fresh_database("ews_dumped", django_db_blocker) as name:
        load(name, dump)
        call_command("migrate", verbosity=0, interactive=False)
        assert query("SELECT count(*) FROM axes_accessattempt") == [(1,)]
        assert query("SELECT count(*) > 0 FROM ledger") == [(True,)] and verify({}).ok

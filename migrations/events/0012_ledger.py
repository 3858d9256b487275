"""The ledger and the history of the view (DESIGN_DESK.md section 15): tables, and the functions that write to them.

The chain begins with what is open. A later migration that alters `SourceHealth.state` or `Heartbeat.daemon` drops the
triggers `ledger_source_state` and `ledger_leader_changed` first and makes them again; those on events and effects go and
come with the view (`migrations.operations.WithoutRiskView`).
"""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent
CREATE = (FOLDER / "ledger_v1.sql").read_text(encoding="utf-8")
DROP = (FOLDER / "ledger_v1_drop.sql").read_text(encoding="utf-8")
# A table for which deferred triggers of earlier migrations are still to fire gets no trigger.
FIRE_PENDING_TRIGGERS = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;"


class Migration(migrations.Migration):
    dependencies = [("events", "0010_fewer_indexes")]

    operations = [
        migrations.RunSQL(
            [(FIRE_PENDING_TRIGGERS, None), (CREATE, None)], [(FIRE_PENDING_TRIGGERS, None), (DROP, None)]
        ),
    ]

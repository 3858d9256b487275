"""Alerts, acknowledgements and silences go to the ledger. A migration that alters a column that a trigger's condition
reads drops that trigger first and makes it again.
"""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent
CREATE = (FOLDER / "ledger_v1.sql").read_text(encoding="utf-8")
DROP = (FOLDER / "ledger_v1_drop.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("alerts", "0006_channels_are_no_sources"), ("events", "0012_ledger")]

    operations = [migrations.RunSQL([(CREATE, None)], [(DROP, None)])]

"""One audit: Django's log of changes in the admin becomes entries of it, those of old and those to come."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent
CREATE = (FOLDER / "one_audit_v1.sql").read_text(encoding="utf-8")
DROP = (FOLDER / "one_audit_v1_drop.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("alerts", "0011_one_audit"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunSQL([(CREATE, None)], [(DROP, None)])]

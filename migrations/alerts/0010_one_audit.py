"""One audit: Django's log of changes in the admin becomes entries of it, those of old and those to come."""

from pathlib import Path

from django.db import migrations, models

FOLDER = Path(__file__).parent
CREATE = (FOLDER / "one_audit_v1.sql").read_text(encoding="utf-8")
DROP = (FOLDER / "one_audit_v1_drop.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("alerts", "0009_risk_messages"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="log_id",
            field=models.BigIntegerField(
                blank=True,
                editable=False,
                help_text="The row of Django's log that it was made from.",
                null=True,
                unique=True,
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="act",
            field=models.CharField(
                choices=[
                    ("acknowledged", "acknowledged an event"),
                    ("released", "unacknowledged an event"),
                    ("silenced", "made a silence"),
                    ("silence_changed", "changed a silence"),
                    ("silence_ended", "ended a silence"),
                    ("resent", "sent an alert again"),
                    ("receiver_added", "added a receiver"),
                    ("receiver_changed", "changed a receiver"),
                    ("receiver_removed", "removed a receiver"),
                    ("tested", "sent a test"),
                    ("token_made", "made an API token"),
                    ("token_revoked", "revoked an API token"),
                    ("blocked", "blocked tokens"),
                    ("corrected", "corrected an event"),
                    ("closed", "closed an event"),
                    ("false_alarm", "called an event a false alarm"),
                    ("reopened", "reopened an event"),
                    ("unpinned", "unpinned fields of an event"),
                    ("added", "added a row"),
                    ("changed", "changed a row"),
                    ("deleted", "deleted a row"),
                ],
                max_length=32,
            ),
        ),
        migrations.RunSQL([(CREATE, None)], [(DROP, None)]),
    ]

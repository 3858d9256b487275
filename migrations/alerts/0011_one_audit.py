# The columns of one audit; 0012_one_audit_rows fills them.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0010_chat_and_paging"),
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
    ]

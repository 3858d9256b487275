from django.db import migrations, models

# The leader's lock (events/database/locks.py makes those that come later): a daemon need not be allowed to create anything.
LOCK = """
CREATE OR REPLACE VIEW ews_lock_leader AS SELECT false AS held WHERE false;
COMMENT ON VIEW ews_lock_leader IS 'Locked by whoever holds the lock of this name (events/locks.py).';
REVOKE ALL ON ews_lock_leader FROM PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0004_can_trade")]

    operations = [
        migrations.RunSQL([(LOCK, None)], [("DROP VIEW IF EXISTS ews_lock_leader", None)]),
        migrations.CreateModel(
            name="BotLogin",
            fields=[
                ("only_row", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("verifier", models.TextField()),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("only_row", True)), name="bot_login_only_row")
                ],
            },
        ),
    ]

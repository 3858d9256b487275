"""The end of a silence is said in its channels, once; of those that are over already it is not said any more."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0003_people")]

    operations = [
        migrations.AddField(
            model_name="silence",
            name="end_posted",
            field=models.BooleanField(
                default=False, editable=False, help_text="Its channels were told that it is over."
            ),
        ),
        migrations.RunSQL(
            [("UPDATE alerts_silence SET end_posted = true WHERE until <= clock_timestamp()", None)],
            migrations.RunSQL.noop,
        ),
    ]

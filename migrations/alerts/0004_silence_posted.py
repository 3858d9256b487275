"""The end of a silence is said in its channels, once. Those in force are said to be over too, those over already not."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0003_people")]

    operations = [
        migrations.AddField(
            model_name="silence",
            name="posted",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Its channels were told of it, and are to be told when it is over.",
            ),
        ),
        migrations.RunSQL(
            [("UPDATE alerts_silence SET posted = true WHERE until > clock_timestamp()", None)],
            migrations.RunSQL.noop,
        ),
    ]

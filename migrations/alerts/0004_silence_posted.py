"""The end of a silence is said in its channels, once, and with it what ended meanwhile.

It holds for the silences in force; those that are over already stay untold, and so does what they hid.
"""

from __future__ import annotations

from django.db import migrations, models

HELD = """
UPDATE alerts_alert AS alert SET state = 'held', done_at = NULL, done_reason = ''
  FROM alerts_silence AS silence
 WHERE silence.id = alert.silence_id AND silence.until > clock_timestamp()
   AND alert.state = 'silenced' AND alert.reason = 'closed';
"""
SILENCED = """
UPDATE alerts_alert SET state = 'silenced', done_at = queued_at, done_reason = 'silenced'
 WHERE state = 'held' AND muted_by = 'silence';
"""


class Migration(migrations.Migration):
    dependencies = [("alerts", "0003_people")]

    operations = [
        migrations.AddField(
            model_name="silence",
            name="posted",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Posted in its channels; its end is to be posted too.",
            ),
        ),
        migrations.RunSQL(
            [("UPDATE alerts_silence SET posted = true WHERE until > clock_timestamp()", None)],
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL([(HELD, None)], [(SILENCED, None)]),
    ]

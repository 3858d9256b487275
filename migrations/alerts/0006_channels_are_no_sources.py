"""A suspended channel was a row of source health as well, `alerts.<channel>`; `ChannelState` has all of it.

The rows go, and what was open about them as about silent sources closes. The other channels were told by notices.
"""

from django.db import migrations

_CLOSE = """
UPDATE events_event
SET status = 'closed', closed_at = clock_timestamp(), updated_at = clock_timestamp(), step_due_at = NULL,
    close_reason = 'a channel is no source: its own page says how it is'
WHERE status = 'open' AND natural_key LIKE 'operations:%:alerts.%'
"""
_DROP = "DELETE FROM events_sourcehealth WHERE source LIKE 'alerts.%'"


class Migration(migrations.Migration):
    dependencies = [("alerts", "0005_life"), ("events", "0006_content_age")]

    operations = [
        migrations.RunSQL(_CLOSE, migrations.RunSQL.noop),
        migrations.RunSQL(_DROP, migrations.RunSQL.noop),
    ]

"""`can_trade_many` opens four relations less, five for a single pair: a sixth of the first call of a connection.

The columns that it reads instead are kept by triggers: here those of the heartbeat, in markets 0003 the instruments'.
Names, columns and values of the answer are the same.
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations, models

from migrations.operations import RunSQLPastReaders

ADD = """
ALTER TABLE events_heartbeat ADD COLUMN trade_listed boolean, ADD COLUMN database_off_seconds double precision;
CREATE TRIGGER set_trade_settings BEFORE INSERT OR UPDATE OF trade_listed, database_off_seconds ON events_heartbeat
    FOR EACH ROW EXECUTE FUNCTION set_trade_settings();
ALTER TABLE events_heartbeat ENABLE ALWAYS TRIGGER set_trade_settings;
"""
DROP = """
DROP TRIGGER set_trade_settings ON events_heartbeat;
DROP FUNCTION set_trade_settings();
ALTER TABLE events_heartbeat DROP COLUMN trade_listed, DROP COLUMN database_off_seconds;
"""


def _sql(name: str) -> str:
    return (Path(str(import_module("migrations.events").__file__)).parent / name).read_text(encoding="utf-8")


def _former() -> str:
    """The frozen text of `can_trade_many` in version 1, in the place of the present one."""
    text = _sql("can_trade_v1.sql")
    begin = text.index("CREATE FUNCTION can_trade_many")
    end = text.index("$$;", begin) + len("$$;")
    return text[begin:end].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1) + _sql("can_trade_path.sql")


class Migration(migrations.Migration):
    dependencies = [("events", "0010_fewer_indexes"), ("markets", "0004_instrument_flags_filled")]

    operations = [
        # Triggers come first: whoever writes clock state and events has locked in that order.
        migrations.RunSQL([(_sql("trade_settings.sql"), None)], [(_sql("trade_settings_drop.sql"), None)]),
        RunSQLPastReaders(
            ADD,
            DROP,
            state_operations=[
                migrations.AddField(
                    model_name="heartbeat",
                    name="trade_listed",
                    field=models.BooleanField(editable=False, help_text="Of the trade setting.", null=True),
                ),
                migrations.AddField(
                    model_name="heartbeat",
                    name="database_off_seconds",
                    field=models.FloatField(editable=False, help_text="Of the clock state.", null=True),
                ),
            ],
        ),
        migrations.RunSQL("SELECT copy_trade_settings()", migrations.RunSQL.noop),
        migrations.RunSQL(
            [(_sql("can_trade_v1b.sql") + _sql("can_trade_path.sql"), None)],
            [(_former(), None)],
        ),
    ]

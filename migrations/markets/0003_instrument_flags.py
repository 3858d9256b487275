"""`pegged` and `watched` of each instrument, kept by triggers (instrument_flags.sql). They are filled by 0004.

Here only the table's description changes: bots wait for nothing that takes time.
"""

from importlib import import_module
from pathlib import Path

from django.db import migrations, models

from migrations.operations import RunSQLPastReaders

ADD = "ALTER TABLE markets_instrument ADD COLUMN pegged boolean, ADD COLUMN watched boolean"
DROP = "ALTER TABLE markets_instrument DROP COLUMN pegged, DROP COLUMN watched"


def _sql(name: str) -> str:
    return (Path(str(import_module("migrations.markets").__file__)).parent / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("markets", "0002_can_trade")]

    operations = [
        RunSQLPastReaders(
            ADD,
            DROP,
            state_operations=[
                migrations.AddField(
                    model_name="instrument",
                    name="pegged",
                    field=models.BooleanField(
                        editable=False,
                        help_text="One of its assets has a peg, or may have; set by a trigger.",
                        null=True,
                    ),
                ),
                migrations.AddField(
                    model_name="instrument",
                    name="watched",
                    field=models.BooleanField(
                        editable=False, help_text="On the watch lists; set by a trigger.", null=True
                    ),
                ),
            ],
        ),
        migrations.RunSQL([(_sql("instrument_flags.sql"), None)], [(_sql("instrument_flags_drop.sql"), None)]),
    ]

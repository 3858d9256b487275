"""`can_trade` (DESIGN_DESK.md section 12), the tables that it reads, and version 2 of the views.

Between this and the first round of the daemon instruments have no names and lists are empty: a bot reads `unknown`.
"""

from importlib import import_module
from pathlib import Path

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

from migrations.operations import WithoutRiskView

# The column is new and false everywhere: only effects of open events are written, however many are closed.
OPEN_EFFECTS = """
UPDATE events_effect SET open = true WHERE event_id IN (SELECT id FROM events_event WHERE status = 'open')
"""


def _sql(name: str) -> str:
    return (Path(str(import_module("migrations.events").__file__)).parent / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("events", "0003_clock_state"), ("markets", "0002_can_trade")]

    operations = [
        migrations.CreateModel(
            name="TradeSetting",
            fields=[
                ("only_row", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("trade_listed", models.BooleanField(default=False, help_text="EWS_TRADE_LISTED")),
            ],
            options={
                "db_table": "trade_setting",
            },
        ),
        migrations.CreateModel(
            name="VenueSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("venue", models.CharField(help_text="As in tickers.", max_length=32)),
                ("source", models.CharField(max_length=64)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("announcements", "Announcements"),
                            ("instruments", "Instruments"),
                            ("status", "Status"),
                            ("pegs", "pegs: of pairs with a stablecoin"),
                            ("hacks", "Hacks"),
                        ],
                        max_length=16,
                    ),
                ),
            ],
            options={
                "db_table": "venue_source",
            },
        ),
        migrations.AddConstraint(
            model_name="tradesetting",
            constraint=models.CheckConstraint(condition=models.Q(("only_row", True)), name="trade_setting_only_row"),
        ),
        migrations.AddConstraint(
            model_name="venuesource",
            constraint=models.UniqueConstraint(fields=("venue", "source", "role"), name="venue_source_once"),
        ),
        WithoutRiskView(
            [
                migrations.AddField(
                    model_name="effect",
                    name="open",
                    field=models.BooleanField(
                        db_default=False,
                        default=True,
                        editable=False,
                        help_text="The event is open; set by a trigger.",
                    ),
                ),
                migrations.RunSQL([(OPEN_EFFECTS, None)], migrations.RunSQL.noop),
                migrations.AlterField(
                    model_name="effect",
                    name="token",
                    field=models.CharField(
                        db_index=True,
                        help_text="Asset, upper case; `*`: everything that the venue trades.",
                        max_length=64,
                    ),
                ),
                migrations.AddIndex(
                    model_name="effect",
                    index=models.Index(
                        django.db.models.functions.text.Upper("token"),
                        condition=models.Q(("open", True)),
                        name="effect_open_token",
                    ),
                ),
                migrations.AddIndex(
                    model_name="effect",
                    index=django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("open", True)),
                        fastupdate=False,
                        fields=["tickers"],
                        name="effect_open_tickers",
                    ),
                ),
            ],
            was=1,
            becomes=2,
        ),
        migrations.RunSQL([(_sql("can_trade_v1.sql"), None)], [(_sql("can_trade_v1_drop.sql"), None)]),
    ]

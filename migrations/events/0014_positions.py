"""Positions of the desk: a book for each account, and its rows. No role of a bot is given them."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0013_view_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="PositionBook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=64, unique=True)),
                (
                    "as_of",
                    models.DateTimeField(help_text="When the positions were so, by the clock of whoever posted them."),
                ),
                ("received_at", models.DateTimeField()),
                ("by", models.CharField(help_text="The token or person that posted it.", max_length=150)),
                ("version", models.UUIDField(default=uuid.uuid4, help_text="Another one with each post.")),
            ],
            options={
                "verbose_name": "book of positions",
                "verbose_name_plural": "books of positions",
                "ordering": ("account",),
            },
        ),
        migrations.CreateModel(
            name="Position",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.PositiveIntegerField(help_text="In the book, from 1.")),
                (
                    "venue",
                    models.CharField(
                        blank=True,
                        help_text="As in tickers where it is known, else as written; empty: on no exchange.",
                        max_length=64,
                    ),
                ),
                ("asset", models.CharField(blank=True, help_text="As written.", max_length=64)),
                (
                    "token",
                    models.CharField(
                        help_text="The asset; of a contract its base. As written if unknown.", max_length=64
                    ),
                ),
                (
                    "symbol",
                    models.CharField(
                        blank=True, help_text="Of a pair or contract; empty for a balance.", max_length=64
                    ),
                ),
                (
                    "tickers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        default=list,
                        help_text="What the symbol may mean.",
                        size=None,
                    ),
                ),
                (
                    "money",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        default=list,
                        help_text="Assets that a contract is quoted and settled in.",
                        size=None,
                    ),
                ),
                ("contract", models.BooleanField(default=False)),
                ("listed", models.BooleanField(default=True, help_text="An instrument list has the symbol.")),
                (
                    "quantity",
                    models.DecimalField(
                        decimal_places=18, help_text="Signed; of the asset or of contracts.", max_digits=38
                    ),
                ),
                (
                    "value_usd",
                    models.DecimalField(
                        blank=True,
                        decimal_places=18,
                        help_text="As posted; nothing here has prices.",
                        max_digits=38,
                        null=True,
                    ),
                ),
                (
                    "unresolved",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        default=list,
                        help_text="What nobody knows of it: venue, asset, symbol.",
                        size=None,
                    ),
                ),
                (
                    "book",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="positions", to="events.positionbook"
                    ),
                ),
            ],
            options={
                "ordering": ("book", "row"),
                "constraints": [models.UniqueConstraint(fields=("book", "row"), name="position_row_once")],
            },
        ),
    ]

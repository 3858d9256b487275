"""Reviews: notices that a person has to judge."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0015_can_trade_old_statistics"),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(help_text="As in events.", max_length=32)),
                (
                    "natural_key",
                    models.CharField(
                        help_text="Identifies the notice when it is read again; an event of it has the same.",
                        max_length=400,
                    ),
                ),
                ("title", models.TextField()),
                ("text", models.TextField(blank=True, help_text="What was read of its body; empty: the title alone.")),
                ("url", models.TextField(blank=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unexplained", "no rule explains the notice"),
                            ("body", "the body speaks of a risk under a harmless title"),
                            ("language", "the notice is in a language that is not read"),
                            ("parties", "the notice does not say which of its tokens leaves"),
                            ("second_opinion", "the second opinion disagrees"),
                        ],
                        max_length=32,
                    ),
                ),
                ("ending", models.BooleanField(default=False, help_text="It has a word of ending.")),
                (
                    "first",
                    models.BooleanField(
                        default=False,
                        help_text="Shown first: it has a word of ending and names a watched pair or coin.",
                    ),
                ),
                (
                    "tokens",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        default=list,
                        help_text="Assets that it names.",
                        size=None,
                    ),
                ),
                (
                    "tickers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        default=list,
                        help_text="Pairs as VENUE:SYMBOL.",
                        size=None,
                    ),
                ),
                (
                    "venues",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        default=list,
                        help_text="As in tickers: tokens may be concerned on every market of their exchanges.",
                        size=None,
                    ),
                ),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of title and text: a decision holds for these.", max_length=64),
                ),
                (
                    "released_at",
                    models.DateTimeField(help_text="When it was published; not known: when it was first seen."),
                ),
                ("opened_at", models.DateTimeField()),
                ("notified_at", models.DateTimeField(blank=True, help_text="When its card was queued.", null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.CharField(
                        blank=True, help_text="A person, until the audit forgets names; empty: nobody.", max_length=150
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("event", "an event"),
                            ("harmless", "harmless"),
                            ("explained", "explained: the notice was edited, or is read now"),
                        ],
                        default="",
                        max_length=32,
                    ),
                ),
                (
                    "label",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="The decision as a labelled line: category, tokens, tickers.",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reviews",
                        to="events.event",
                    ),
                ),
                (
                    "payload",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="events.payloadbody",
                    ),
                ),
            ],
            options={
                "ordering": ("-first", "-opened_at", "-id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("natural_key",),
                        name="review_undecided_natural_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decision", "")),
                            models.Q(("decided_at__isnull", False), models.Q(("decision", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="review_decided_has_time",
                    ),
                ],
            },
        ),
    ]

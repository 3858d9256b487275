"""An article that a person has to judge is neither an event nor none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchanges", "0003_instrument_status"),
    ]

    operations = [
        migrations.AlterField(
            model_name="seenarticle",
            name="state",
            field=models.CharField(
                choices=[
                    ("listed", "listed, not read yet"),
                    ("event", "is an event"),
                    ("follow_up", "changes another event"),
                    ("ignored", "is no event"),
                    ("review", "a person has to judge it"),
                    ("quarantined", "could not be read"),
                    ("old", "older than the look-back at first start"),
                ],
                default="listed",
                max_length=16,
            ),
        ),
    ]

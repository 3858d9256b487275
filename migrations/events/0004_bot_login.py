from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0002_risk_view")]

    operations = [
        migrations.CreateModel(
            name="BotLogin",
            fields=[
                ("only_row", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("verifier", models.TextField()),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("only_row", True)), name="bot_login_only_row")
                ],
            },
        ),
    ]

"""Version 3 of the view: each change of it is kept in `view_changed`, and each change of an event in the ledger."""

from django.db import migrations

from migrations.operations import WithoutRiskView


class Migration(migrations.Migration):
    dependencies = [("events", "0012_ledger")]

    operations = [WithoutRiskView(was=2, becomes=3)]
